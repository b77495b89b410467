"""Errors of the models in parts of the samples: by phase, culture day, cell line or scale (Figure 3, tables)."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.results import Evaluation, PartScore
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.plots.violins import Heap
from mabdesk.gui.sheet import Sheet

PARTED_BY = {"phase": "Phase", "day": "Culture day", "cell_line": "Cell line", "scale": "Scale"}
PHASES = ("inoculation", "growth", "stationary", "decline")
UNKNOWN = "unknown"
MOST = 32  # violins that can be told apart side by side
BIAS = "Bias: mean of predicted less measured."
NO_PARTS = "This result knows no errors by part. Compare again to have them."
_TAGS = {"cell_line": ("cell_line", "line"), "scale": ("scale", "scale_l")}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def heaps(found: Evaluation, target: str, models: Sequence[int], by: str, dataset: Dataset | None) -> tuple[Heap, ...]:
    """Return the errors (predicted less measured) of these models in every part, as many models as can be told apart.

    Args:
        found: the evaluation.
        target: whose errors.
        models: places in `found.models`.
        by: "phase", "day", "cell_line" or "scale".
        dataset: knows lines and scales; None leaves them unknown.
    """
    parts = part_of_samples(found, by, dataset)
    if parts is None:
        return ()
    ids = found.samples.batch_ids
    names = in_order(set(parts.tolist()))
    drawn = []
    for m in models[: max(MOST // max(len(names), 1), 1)]:
        errors = errors_of(found, target, m)
        there = np.isfinite(errors)
        for name in names:
            rows = there & (parts == name)
            drawn.append(Heap(found.labels[m], name, errors[rows], len(np.unique(ids[rows]))))
    return tuple(drawn)


def part_of_samples(found: Evaluation, by: str, dataset: Dataset | None) -> NDArray[np.str_] | None:
    """Return the name (n,) of every sample's part; None where nothing is known of it."""
    samples = found.samples
    if by == "day":
        return np.array([f"{day:.0f}" for day in np.round(samples.hours / 24)], dtype=np.str_)
    if by == "phase":
        known = samples.phase
        return None if known is None else np.where(known == "", UNKNOWN, known)
    if dataset is None:
        return None
    groups = groups_of(dataset, by)
    if not any(name in groups for name in np.unique(samples.batch_ids).tolist()):
        return None
    return np.array([groups.get(name, UNKNOWN) for name in samples.batch_ids.tolist()], dtype=np.str_)


def groups_of(dataset: Dataset, by: str) -> dict[str, str]:
    """Return the cell line or scale of every batch that tells it."""
    told = {batch.id: [batch.tags[tag] for tag in _TAGS[by] if batch.tags.get(tag)] for batch in dataset.batches}
    return {name: str(values[0]) for name, values in told.items() if values}


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort parts as people would: phases as they follow one another, numbers by size, the unknown ones last."""
    return tuple(sorted(names, key=_rank))


def parts_sheet(found: Evaluation, target: str, models: Sequence[int]) -> Sheet:
    """Return one row a part and model: RMSE, MAE and bias; no rows where an old result has none."""
    chosen = [found.models[m] for m in models]
    labels = dict(zip(found.models, found.labels, strict=True))
    unit = unit_of(found, target)
    headers = ("By", "Part", "Model", f"RMSE{unit}", f"MAE{unit}", f"Bias{unit}", "Samples", "Batches")
    scores = [score for score in found.parts if score.target == target and score.model in chosen]
    scores.sort(key=lambda score: (_place(score.by), _rank(score.part), chosen.index(score.model)))
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
    by, part = PARTED_BY.get(score.by, score.by), score.part or UNKNOWN
    return (by, part, label, score.rmse, score.mae, score.bias, score.n, score.batches)


def _place(by: str) -> int:
    return list(PARTED_BY).index(by) if by in PARTED_BY else len(PARTED_BY)


def _rank(name: str) -> tuple[int, float, str]:
    if name in PHASES:
        return (0, PHASES.index(name), name)
    if name in {"", UNKNOWN}:
        return (3, 0, name)
    number = _NUMBER.search(name)
    return (1, float(number.group()), name) if number else (2, 0, name)
