"""Tables of an evaluation: scores of the models, errors by batch, and which models to draw first."""

import math
from collections.abc import Sequence

from mabdesk.analysis.results import BatchScore, Evaluation, Score, finished_early
from mabdesk.data.batch import Dataset
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.series import SIMULATED
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.errors_by_part import unit_of
from mabdesk.models.settings import KINDS, USES_MEASURED_TITER

CANDIDATE = "cnn_lstm"  # whom the verdict is about
_NOTHING = 1e-12
_SMALL_IS_GOOD = {"rmse": "RMSE", "mae": "MAE", "final_day_rmse": "final-day RMSE"}
_LARGE_IS_GOOD = {"r2": "R\u00b2", "dts_centered": "DTS*"}
SCORE_NOTES = (
    "RMSE, MAE: typical errors over all real samples of test batches; smaller is better.",
    "DTS is the paper's formula: near 1 for any rising line, it cannot tell models apart.",
    "DTS*: how well a batch's departure from the usual course is followed; 1 perfect, 0 not at all.",
)
GAIN_NOTE = "Gain on best simple: its RMSE less this model's, whole batches drawn anew in pairs; above 0 is better."
CLAIM_NOTE = "Random windows claim: the RMSE that a random split of windows shows. It leaks; believe the RMSE."


def scores_sheet(found: Evaluation, target: str) -> Sheet:
    """Return one row a model; the second column says in words in what it is the best."""
    unit, scores = unit_of(found, target), scores_of(found, target)
    best = best_in(scores)
    columns: dict[str, list[object]] = {
        "Model": [score.label for score in scores],
        "Best in": [best[score.model] for score in scores],
        f"RMSE{unit}": [score.rmse for score in scores],
        **_gains(found, target, scores),
        f"MAE{unit}": [score.mae for score in scores],
        "R\u00b2": [score.r2 for score in scores],
        "DTS": [score.dts for score in scores],
        "DTS*": [_tidy(score.dts_centered) for score in scores],
        f"Final-day RMSE{unit}": [score.final_day_rmse for score in scores],
        **_claims(found, target, scores),
        "Samples": [score.n for score in scores],
        "Batches": [score.batches for score in scores],
    }
    notes = (*SCORE_NOTES, *([GAIN_NOTE] if found.differences else []), *([CLAIM_NOTE] if found.claims else []))
    return Sheet(f"Scores, {target}", tuple(columns), tuple(zip(*columns.values(), strict=True)), notes)


def _gains(found: Evaluation, target: str, scores: Sequence[Score]) -> dict[str, list[object]]:
    """Return the columns of what a model gains on the best simple one; none where an old result does not know it."""
    gains = {gain.model: gain for gain in found.differences if gain.target == target}
    if not gains:
        return {}
    mine = [gains.get(score.model) for score in scores]
    known = [gain if gain is not None and math.isfinite(gain.low) else None for gain in mine]
    spans = [f"{figures(gain.low)} to {figures(gain.high)}" if gain else None for gain in known]
    return {
        f"Gain on best simple{unit_of(found, target)}": [gain.gain if gain else None for gain in mine],
        "95 % interval": list(spans),
    }


def _claims(found: Evaluation, target: str, scores: Sequence[Score]) -> dict[str, list[object]]:
    claims = {claim.model: claim.rmse for claim in found.claims if claim.target == target}
    return {f"Random windows claim{unit_of(found, target)}": [claims.get(s.model) for s in scores]} if claims else {}


def scores_of(found: Evaluation, target: str) -> tuple[Score, ...]:
    """Return the scores of all models on one target, in the evaluation's order."""
    return tuple(score for score in found.scores if score.target == target)


def best_in(scores: Sequence[Score]) -> dict[str, str]:
    """Say for every model in which scores none is better ("RMSE, MAE"); DTS is left out: it tells nothing."""
    best: dict[str, list[str]] = {score.model: [] for score in scores}
    for name, label in (_SMALL_IS_GOOD | _LARGE_IS_GOOD).items():
        sign = 1 if name in _SMALL_IS_GOOD else -1
        known = {score.model: sign * getattr(score, name) for score in scores if math.isfinite(getattr(score, name))}
        for model, value in known.items():
            if len(known) > 1 and value == min(known.values()):
                best[model].append(label)
    everything = len(_SMALL_IS_GOOD | _LARGE_IS_GOOD)
    return {m: "all but DTS" if len(labels) == everything else ", ".join(labels) for m, labels in best.items()}


def drawn_first(found: Evaluation, target: str) -> tuple[str, ...]:
    """Return the kinds to draw at first: the best simple model, the CNN-LSTM and the best network, or the trained one.

    More lines than these are for the user to ask for.
    """
    scores = [score for score in scores_of(found, target) if math.isfinite(score.rmse)]
    simple = [score for score in scores if KINDS[score.model].simple and not is_unfair(found, score.model)]
    best = {min(simple, key=lambda score: score.rmse).model} if simple else set()
    ranked = sorted((s for s in scores if not KINDS[s.model].simple), key=lambda score: score.rmse)
    networks = {score.model for n, score in enumerate(ranked) if n == 0 or score.model == CANDIDATE}
    trained = set(found.models[:1]) if found.folds == 1 else set()
    wanted = best | (networks or trained)
    return tuple(model for model in found.models if model in wanted)


def is_unfair(found: Evaluation, model: str) -> bool:
    """Tell whether a model sees more than the others: measured titers, where a soft sensor must do without."""
    return model in USES_MEASURED_TITER and found.preset == "soft_sensor"


def batches_sheet(found: Evaluation, target: str, models: Sequence[str]) -> Sheet:
    """Return one row a test batch: fold, samples, and RMSE and final error of these models."""
    unit = unit_of(found, target)
    labels = dict(zip(found.models, found.labels, strict=True))
    chosen = [model for model in found.models if model in models]
    headers = ["Batch", "Fold", "Samples"]
    for model in chosen:
        headers += [f"RMSE{unit}, {labels[model]}", f"Final error{unit}, {labels[model]}"]
    rows = tuple(_batch_row(scores, chosen) for scores in by_batch(found, target).values())
    notes = ("Final error: predicted less measured at the last sample.",)
    return Sheet(f"Errors by batch, {target}", tuple(headers), rows, notes)


def by_batch(found: Evaluation, target: str) -> dict[str, dict[str, BatchScore]]:
    """Return the scores on one target by batch and model."""
    table: dict[str, dict[str, BatchScore]] = {}
    for score in found.batches:
        if score.target == target:
            table.setdefault(score.batch, {})[score.model] = score
    return table


def told_apart(found: Evaluation, target: str, model: str, count: int = 2) -> tuple[str, ...]:
    """Return batches from the best to the worst predicted one, evenly chosen: what a first look should see."""
    errors = {batch: scores[model].rmse for batch, scores in by_batch(found, target).items() if model in scores}
    ranked = sorted(errors, key=lambda batch: (errors[batch], batch))
    if len(ranked) <= count:
        return tuple(sorted(ranked))
    places = {round(i * (len(ranked) - 1) / (count - 1)) for i in range(count)}
    return tuple(ranked[place] for place in sorted(places))


def summary(found: Evaluation, target: str) -> str:
    """Say how it was measured: preset, folds, batches, samples."""
    scores = scores_of(found, target)
    batches, samples = (scores[0].batches, scores[0].n) if scores else (0, 0)
    how = f"{found.folds} folds of whole batches" if found.folds > 1 else "One set of test batches"
    if found.folds_by != "batch" and found.folds > 1:
        how = f"{found.folds} folds, each leaving one {found.folds_by.replace('_', ' ')} out"
    preset = found.preset.replace("_", " ").capitalize()
    of = "batch" if batches == 1 else "batches"
    return f"{preset}. {how}: {samples} real samples of {batches} {of} that the models had not seen."


def is_quick(notes: Sequence[str]) -> bool:
    """Tell whether a quick run gave this; its first note says so."""
    return any(note.startswith("Quick run") for note in notes)


def flags(notes: Sequence[str], dataset: Dataset | None) -> list[str]:
    """Return the warnings that stay in sight, on the page and on what leaves it: simulated data, a quick run."""
    said = [SIMULATED] if dataset is not None and dataset.simulated else []
    said += ["QUICK RUN: a first look, not for decisions"] if is_quick(notes) else []
    early = finished_early(notes)
    return [*said, *([early.upper()[:14] + early[14:].rstrip(".")] if early else [])]


def _tidy(value: float) -> float:
    """Take what rounding left over of a zero for zero."""
    return 0.0 if abs(value) < _NOTHING else value


def _batch_row(scores: dict[str, BatchScore], models: Sequence[str]) -> tuple[object, ...]:
    first = next(iter(scores.values()))
    cells: list[object] = [first.batch, first.fold + 1, first.n]
    for model in models:
        score = scores.get(model)
        cells += [score.rmse, score.final_error] if score else [None, None]
    return tuple(cells)
