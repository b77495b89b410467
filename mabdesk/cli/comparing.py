"""What a comparison says to people, and what `--json` prints of it beside the scores."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mabdesk.analysis.results import Coverage, Evaluation, Score
from mabdesk.cli.tables import table
from mabdesk.wording import significant

_DTS = "DTS is the paper's formula and near 1 for any model; DTS* is 0 without skill and 1 for a perfect model."


def evaluation(found: Evaluation) -> str:
    """Say how models did side by side, the verdict, and what stands behind it."""
    parts = []
    for target, unit in zip(found.targets, found.units, strict=True):
        rows = [_scores(score) for score in found.scores if score.target == target]
        headers = (target, f"RMSE {unit}", "MAE", "R2", "DTS", "DTS*", "Final-day RMSE", "Samples", "Batches")
        parts.append(table(headers, rows))
    left_out = [f"Each fold left one out: {', '.join(found.fold_names)}."] if found.fold_names else []
    said = "\n".join([_DTS, *left_out, found.verdict])
    behind = [*_differences(found), *_phases(found), *_claims(found), *_bands(found)]
    return "\n\n".join([*parts, said, *behind, *(["\n".join(found.notes)] if found.notes else [])])


def answer(found: Evaluation) -> dict[str, Any]:
    """Return what `--json` prints beside scores and verdict."""
    keys = (
        "folds_by",
        "fold_names",
        "parts",
        "differences",
        "claims",
        "level",
        "coverage",
        "phase_rule",
        "searched_on",
    )
    return {key: getattr(found, key) for key in keys}


def _differences(found: Evaluation) -> Iterator[str]:
    """Give a table of every model against the best simple one."""
    labels = _labels(found)
    rows = [
        (labels[one.model], labels[one.rival], f"{one.gain:+.3f}", _interval(one.low, one.high))
        for one in found.differences
        if one.target == found.targets[0]
    ]
    if rows:
        unit = found.units[0]
        yield table(("Better by (RMSE)", "than the best simple", unit or "by", "95 % interval"), rows)


def _phases(found: Evaluation) -> Iterator[str]:
    """Give a table of RMSE by phase, and the rule."""
    mine = [part for part in found.parts if part.by == "phase" and part.target == found.targets[0]]
    names = list(dict.fromkeys(part.part for part in mine))
    if not names:
        return
    errors = {(part.model, part.part): part.rmse for part in mine}
    counts = {part.part: part.n for part in mine}
    rows = [(label, *(errors.get((model, name)) for name in names)) for model, label in _labels(found).items()]
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
        headers = (
            "A random split of windows",
            "would have claimed RMSE",
            "whole batches give",
            "R2 claimed",
            "R2 true",
        )
        yield table(headers, rows)


def _bands(found: Evaluation) -> Iterator[str]:
    """Say in a line for each model what share of samples its bands held."""
    units, labels = dict(zip(found.targets, found.units, strict=True)), _labels(found)
    whole = {(row.model, row.target, row.band): row for row in found.coverage if row.by == "all"}
    lines = []
    for model, label in labels.items():
        for target in found.targets:
            rows = [whole[key] for band in ("calibrated", "dropout") if (key := (model, target, band)) in whole]
            if rows:
                lines.append(f"{label}, {target}: " + "; ".join(_held(row, units[target]) for row in rows) + ".")
    if lines:
        yield "\n".join(["Bands, on samples of batches that took no part:", *lines])


def _held(row: Coverage, unit: str) -> str:
    name = f"the {100 * row.level:g} % band" if row.band == "calibrated" else "dropout alone, as in the paper,"
    width = f"mean width {significant(row.width)} {unit}".rstrip()
    return f"{name} held {100 * row.covered:.1f} % of {row.n} ({width})"


def _labels(found: Evaluation) -> dict[str, str]:
    return dict(zip(found.models, found.labels, strict=True))


def _interval(low: float, high: float) -> str | None:
    return f"{low:+.3f} to {high:+.3f}" if np.isfinite(low) else None


def _scores(score: Score) -> tuple[Any, ...]:
    figures = (score.rmse, score.mae, score.r2, score.dts, score.dts_centered, score.final_day_rmse)
    return (score.label, *map(three_decimals, figures), score.n, score.batches)


def three_decimals(value: float) -> str | None:
    """Write a figure with three decimals, never as -0.000; None where there is none."""
    text = f"{value:.3f}"
    return None if np.isnan(value) else text.removeprefix("-") if float(text) == 0 else text
