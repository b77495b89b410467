"""What a comparison says to people, and what `--json` prints of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mabdesk.analysis.results import Coverage, Evaluation, Score
from mabdesk.cli.tables import table, three_decimals
from mabdesk.models.settings import KINDS, label_of
from mabdesk.wording import significant

DTS_CENTERED = "DTS* is 0 without skill and 1 for a perfect model."
_BANDS = {"calibrated": "calibrated", "dropout": "dropout alone, as in the paper"}
_DTS = f"DTS is the paper's formula and near 1 for any model; {DTS_CENTERED}"


def evaluation(found: Evaluation) -> str:
    """Say how models did side by side, the verdict, and what stands behind it."""
    parts = []
    for target, unit in zip(found.targets, found.units, strict=True):
        rows = [_scores(score) for score in found.scores if score.target == target]
        headers = (target, f"RMSE {unit}", "MAE", "R2", "DTS", "DTS*", "Final-day RMSE", "Samples", "Batches")
        parts.append(table(headers, rows))
    left_out = [f"Each fold left one out: {', '.join(found.fold_names)}."] if found.fold_names else []
    said = "\n".join([_DTS, *_unfair(found), *left_out, found.verdict])
    behind = [*_differences(found), *_phases(found), *_claims(found), *_bands(found)]
    return "\n\n".join([*parts, said, *behind, *(["\n".join(found.notes)] if found.notes else [])])


def answer(found: Evaluation, result: str) -> dict[str, Any]:
    """Return models side by side for `--json`; the keys are a contract."""
    first = found.targets[0]
    keys = ("model", "label", "rmse", "mae", "r2", "dts", "dts_centered", "final_day_rmse", "n", "batches")
    behind = ("folds_by", "fold_names", "parts", "differences", "claims", "level", "coverage", "phase_rule")
    return {
        "task": found.preset,
        "folds": found.folds,
        "target": first,
        "unit": found.units[0],
        "models": [{key: getattr(s, key) for key in keys} for s in found.scores if s.target == first],
        "other_targets": [s for s in found.scores if s.target != first],
        "verdict": found.verdict,
        **{key: getattr(found, key) for key in (*behind, "searched_on")},
        "notes": found.notes,
        "result": result,
    }


def _unfair(found: Evaluation) -> list[str]:
    """Say why models with titer among their inputs may lead and yet be no rivals of a soft sensor."""
    seen = any(label_of(s.model, found.preset) != KINDS[s.model].label for s in found.scores)
    said = "Models that use measured titer see more than a soft sensor may: the verdict sets no other against them."
    return [said] if seen else []


def _differences(found: Evaluation) -> Iterator[str]:
    """Give a table of every model against the best simple one."""
    labels = _labels(found)
    rows = [
        (labels[one.model], f"{one.gain:+.3f}", _interval(one.low, one.high), labels[one.rival])
        for one in found.differences
        if one.target == found.targets[0]
    ]
    if rows:
        gained = f"RMSE lower by, {found.units[0]}".removesuffix(", ")
        yield table(("Against the best simple", gained, "95 % interval", "than"), rows)


def _phases(found: Evaluation) -> Iterator[str]:
    """Give a table of RMSE by phase, and the rule."""
    mine = [part for part in found.parts if part.by == "phase" and part.target == found.targets[0]]
    names = list(dict.fromkeys(part.part for part in mine))
    if not names:
        return
    errors = {(part.model, part.part): part.rmse for part in mine}
    counts = {part.part: part.n for part in mine}
    rows = [
        (label, *(three_decimals(errors.get((model, name), np.nan)) for name in names))
        for model, label in _labels(found).items()
    ]
    headers = (f"RMSE by phase, {found.units[0]}".removesuffix(", "), *(f"{name} (n {counts[name]})" for name in names))
    yield "\n".join([table(headers, rows), found.phase_rule])


def _claims(found: Evaluation) -> Iterator[str]:
    """Give a table of what a random split of windows would have claimed, beside the truth."""
    labels = _labels(found)
    rows = []
    for one in found.claims:
        if one.target == found.targets[0]:
            true = found.score(one.model)
            rows.append((labels[one.model], *map(three_decimals, (one.rmse, true.rmse, one.r2, true.r2))))
    if rows:
        claimed = f"RMSE claimed, {found.units[0]}".removesuffix(", ")
        yield table(
            ("By a random split of windows", claimed, "on whole batches", "R2 claimed", "on whole batches"), rows
        )


def _bands(found: Evaluation) -> Iterator[str]:
    """Give a table of the share of samples that each band held, for each target."""
    labels = _labels(found)
    for target, unit in zip(found.targets, found.units, strict=True):
        whole = {(row.model, row.band): row for row in found.coverage if row.by == "all" and row.target == target}
        rows = [
            (label, *_held(whole[model, band]))
            for model, label in labels.items()
            for band in _BANDS
            if (model, band) in whole
        ]
        if rows:
            width = f"Mean width, {unit}".removesuffix(", ")
            name = f"Bands of {100 * found.level:g} %, {target}"
            yield table((name, "Band", "Samples inside", "of", "Batches", width), rows)


def _held(row: Coverage) -> tuple[Any, ...]:
    return (_BANDS[row.band], f"{100 * row.covered:.1f} %", row.n, row.batches, significant(row.width))


def _labels(found: Evaluation) -> dict[str, str]:
    return dict(zip(found.models, found.labels, strict=True))


def _interval(low: float, high: float) -> str | None:
    return f"{low:+.3f} to {high:+.3f}" if np.isfinite(low) else None


def _scores(score: Score) -> tuple[Any, ...]:
    figures = (score.rmse, score.mae, score.r2, score.dts, score.dts_centered, score.final_day_rmse)
    return (score.label, *map(three_decimals, figures), score.n, score.batches)
