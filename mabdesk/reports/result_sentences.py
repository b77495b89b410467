"""What a result says of itself in the summary: its verdict, and the figures that belong beside it."""

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution
from mabdesk.analysis.results import Evaluation
from mabdesk.analysis.searched import Search
from mabdesk.analysis.transferred import WORDS, Transfer
from mabdesk.models.settings import label_of
from mabdesk.project.results import Result
from mabdesk.reports.evaluation_sheets import folds_in_words, percent, shown_model
from mabdesk.reports.plan import evaluation_of

_LEADING = 3  # variables that the summary names


def about(result: Result) -> str:
    """Say in a few words what a result is."""
    value = result.value
    if isinstance(value, Transfer):
        return f"{_words(value.preset)}, transfer to {WORDS.get(value.by, value.by)} {value.group}"
    if isinstance(value, Attribution):
        return f"{_words(value.preset)}, what moved the {value.target} of {value.label}"
    if isinstance(value, Search):
        return f"{_words(value.preset)}, {len(value.trials)} trials of {label_of(value.kind, value.preset)}"
    evaluation = evaluation_of(result)
    if evaluation is None:
        return result.kind
    how = {"train": "one model on the test batches", "final-test": "one model on the locked batches"}
    return f"{_words(evaluation.preset)}, {how.get(result.step, folds_in_words(evaluation).split(';')[0])}"


def sentences(result: Result) -> tuple[str, ...]:
    """Return the verdict first, then what else is to be known."""
    value, evaluation = result.value, evaluation_of(result)
    if isinstance(value, Transfer):
        return (value.verdict, *value.advice, *value.notes)
    if isinstance(value, Attribution):
        return (value.verdict, *_leading(value), NOT_CAUSE, *value.notes)
    if isinstance(value, Search):
        nested = (f"Searched anew inside each outer fold: {value.nested.verdict}",) if value.nested else ()
        return (value.verdict, *nested, *value.notes)
    if evaluation is None:
        return ()
    figures = () if result.step == "compare" else (_figures(evaluation),)
    return (*figures, evaluation.verdict, *_beside(evaluation), *evaluation.notes)


def _leading(found: Attribution) -> tuple[str, ...]:
    """Name the variables with the largest shares, where the attribution is to be believed."""
    if not found.reliable or not found.ranking:
        return ()
    first = ", ".join(f"{one.variable} {100 * one.relative:.0f} %" for one in found.ranking[:_LEADING])
    return (f"Largest shares of the contributions to {found.target}: {first}.",)


def _figures(evaluation: Evaluation) -> str:
    best, unit = evaluation.score(evaluation.models[0]), evaluation.units[0]
    return (
        f"{best.label}: RMSE {best.rmse:.3f} {unit}, final-day RMSE {best.final_day_rmse:.3f} {unit}, "
        f"on {best.n} samples of {best.batches} batches."
    )


def _beside(evaluation: Evaluation) -> tuple[str, ...]:
    """Say what the shown model's band covered, and what a split that leaks would have claimed of it."""
    model = shown_model(evaluation)
    kind, label, target, unit = (
        evaluation.models[model], evaluation.labels[model], evaluation.targets[0], evaluation.units[0],
    )  # fmt: skip
    said = [
        f"{percent(c.level)} band of {label}: {100 * c.covered:.1f} % of {c.n} samples, from {c.batches} batches."
        for c in evaluation.coverage
        if (c.model, c.target, c.band, c.by) == (kind, target, "calibrated", "all")
    ]
    said += [
        f"A random split of windows, which leaks, would have claimed RMSE {claim.rmse:.3f} {unit} of {label}; "
        f"whole batches give {evaluation.score(kind).rmse:.3f} {unit}."
        for claim in evaluation.claims
        if (claim.model, claim.target) == (kind, target)
    ]
    return tuple(said)


def _words(preset: str) -> str:
    return preset.replace("_", " ")
