"""Errors of the models in parts of the samples: by phase, culture day, cell line or scale (Figure 3, tables)."""

from collections.abc import Collection, Sequence

import numpy as np

from mabdesk.analysis.parts import PARTED_BY, groups_of, part_names, parts_in_order
from mabdesk.analysis.results import Coverage, Evaluation, PartScore
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.plots.violins import Heap
from mabdesk.gui.sheet import Sheet

UNKNOWN = "unknown"
MOST = 32  # violins that can be told apart side by side
BIAS = "Bias: mean of predicted less measured."
NO_PARTS = "This result knows no errors by part. Compare again to have them."


def heaps(found: Evaluation, target: str, models: Sequence[int], by: str, dataset: Dataset | None) -> tuple[Heap, ...]:
    """Return the errors (predicted less measured) of these models in every part, as many models as can be told apart.

    Args:
        found: the evaluation.
        target: whose errors.
        models: places in `found.models`.
        by: "phase", "day", "cell_line" or "scale".
        dataset: knows lines and scales; None leaves them unknown.
    """
    parts = part_names(found.samples, groups_of(dataset) if dataset is not None else {}, by)
    known = parts_in_order(by, parts.tolist())
    if not known:
        return ()
    parts = np.where(parts == "", UNKNOWN, parts)
    ids, names = found.samples.batch_ids, with_unknown(known, parts.tolist())
    drawn = []
    for m in models[: max(MOST // max(len(names), 1), 1)]:
        errors = errors_of(found, target, m)
        there = np.isfinite(errors)
        for name in names:
            rows = there & (parts == name)
            drawn.append(Heap(found.labels[m], name, errors[rows], len(np.unique(ids[rows]))))
    return tuple(drawn)


def with_unknown(known: Sequence[str], names: Collection[str]) -> list[str]:
    """Return the known parts in their order, and what is unknown last, where there is any."""
    return [*known, *([UNKNOWN] if UNKNOWN in names else [])]


def order_of(rows: Sequence[PartScore | Coverage]) -> dict[tuple[str, str], int]:
    """Return the place of every part among these rows, by (by, part); what is of all samples comes first."""
    parts = [(by, part) for by in PARTED_BY for part in parts_in_order(by, [row.part for row in rows if row.by == by])]
    others = dict.fromkeys((row.by, row.part) for row in rows if row.by not in PARTED_BY)
    return {pair: place for place, pair in enumerate((*others, *parts))}


def parts_sheet(found: Evaluation, target: str, models: Sequence[int]) -> Sheet:
    """Return one row a part and model: RMSE, MAE and bias; no rows where an old result has none."""
    chosen = [found.models[m] for m in models]
    labels = dict(zip(found.models, found.labels, strict=True))
    unit = unit_of(found, target)
    headers = ("By", "Part", "Model", f"RMSE{unit}", f"MAE{unit}", f"Bias{unit}", "Samples", "Batches")
    scores = [score for score in found.parts if score.target == target and score.model in chosen]
    order = order_of(scores)
    scores.sort(key=lambda score: (order[score.by, score.part], chosen.index(score.model)))
    rule = (f"Phases: {found.phase_rule}",) if found.phase_rule else ()
    rows = tuple(_row(score, labels[score.model]) for score in scores)
    return Sheet(f"Errors by part, {target}", headers, rows, (*rule, BIAS))


def unit_of(found: Evaluation, target: str) -> str:
    """Return a target's unit in brackets, "" where it has none."""
    unit = found.units[found.targets.index(target)]
    return f" ({unit})" if unit and unit != "-" else ""


def errors_of(found: Evaluation, target: str, model: int) -> Floats:
    """Return predicted less measured (n,) of one model; NaN where nothing was measured."""
    t = found.targets.index(target)
    return np.asarray(found.samples.predicted[model, :, t] - found.samples.measured[:, t])


def _row(score: PartScore, label: str) -> tuple[object, ...]:
    by = PARTED_BY.get(score.by, score.by)
    return (by, score.part, label, score.rmse, score.mae, score.bias, score.n, score.batches)
