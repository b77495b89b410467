"""What a result says of itself in the summary: its verdict, and the figures that belong beside it."""

import math
from collections.abc import Sequence

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution
from mabdesk.analysis.process.planned import NOT_PROVEN, Forecast, ProcessAttribution, ProcessTraining, Scenarios
from mabdesk.analysis.results import Evaluation
from mabdesk.analysis.searched import Search
from mabdesk.analysis.transferred import WORDS, Transfer
from mabdesk.models.settings import label_of
from mabdesk.project.results import Result
from mabdesk.reports.evaluation_sheets import folds_in_words, percent, shown_model
from mabdesk.reports.plan import evaluation_of

_LEADING = 3  # variables that the summary names
_MOST_PLANS = 10  # that it gives the titer of


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
        return _about_planned(value) or result.kind
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
        return _of_planned(value)
    figures = () if result.step == "compare" else (_figures(evaluation),)
    return (*figures, evaluation.verdict, *_beside(evaluation), *evaluation.notes)


def _about_planned(value: object) -> str:
    if isinstance(value, ProcessTraining):
        prior = value.model.prior or "no prior"
        return f"process model of {value.evaluation.batches} batches, from {prior}"
    if isinstance(value, Scenarios):
        return f"what becomes of {len(value.names)} plans"
    if isinstance(value, Forecast):
        return f"forecast of {len(value.batch_ids)} running batches"
    return f"what moves {value.output} at harvest" if isinstance(value, ProcessAttribution) else ""


def _of_planned(value: object) -> tuple[str, ...]:
    """Say what a process model, or what was asked of it, found."""
    if isinstance(value, ProcessTraining):
        e, first = value.evaluation, value.evaluation.outputs[0]
        figures = tuple(
            f"{s.label}: RMSE of {s.output} at harvest {s.rmse:.3f} {e.units[0]}, on {s.n} batches left out in folds."
            for s in e.scores
            if (s.model, s.output, s.on) == ("process", first, "folds")
        )
        return (*figures, e.verdict, *value.notes)
    if isinstance(value, ProcessAttribution):
        return (value.verdict, NOT_PROVEN, *value.notes)
    if isinstance(value, Scenarios | Forecast):
        names = value.names if isinstance(value, Scenarios) else value.batch_ids
        said = value.said
        ends = zip(names, said.final[:, 0], said.final_low[:, 0], said.final_high[:, 0], strict=True)
        unit = value.variable_units[said.names.index(said.outputs[0])]
        lines = [f"{name}: {said.outputs[0]} at harvest {_ranged(end, unit)}." for name, *end in ends]
        return (*lines[:_MOST_PLANS], *value.notes)
    return ()


def _ranged(ends: Sequence[float], unit: str) -> str:
    value, low, high = ends
    band = f" ({low:.3g} to {high:.3g})" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{value:.3g} {unit}{band}"


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
