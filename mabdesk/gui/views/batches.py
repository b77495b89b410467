"""Batches as a table: what each is, how long, how full, and how it ended."""

from collections.abc import Sequence

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Floats, Split, Variable
from mabdesk.data.imported import Reading
from mabdesk.gui.plots.series import SIMULATED
from mabdesk.gui.sheet import Sheet

_GAP_STEPS = 3  # a pause of more usual steps is a gap
_MOST_VALUES = 12  # of a tag that colors can tell apart
_NOT_TAGS = frozenset({"origin", "start"})
USES = ("train", "validation", "test", "locked")


def batches_sheet(dataset: Dataset, split: Split | None) -> Sheet:
    """List the batches: id, use, tags, days, samples, gaps, final titer and quality, setpoints."""
    tags = tag_names(dataset)
    setpoints = [variable for variable in dataset.variables if variable.role == "setpoint"]
    ends = [variable for variable in dataset.variables if variable.role in {"target", "quality"}]
    headers = (
        "Batch", "Use", *(tag.replace("_", " ").capitalize() for tag in tags), "Days", "Sensor rows", "Samples", "Gaps",
        "Longest gap (h)", *(f"Final {name_of(v).lower()} ({v.unit})" for v in ends),
        *(f"Set {name_of(v).lower()} ({v.unit})" for v in setpoints),
    )  # fmt: skip
    rows = tuple(_row(batch, split, tags, ends, setpoints) for batch in dataset.batches)
    return Sheet("Batches", headers, rows, (SIMULATED,) if dataset.simulated else ())


def _row(
    batch: Batch, split: Split | None, tags: Sequence[str], ends: Sequence[Variable], setpoints: Sequence[Variable]
) -> tuple[object, ...]:
    count, longest = gaps_of(batch.online.hours)
    return (
        batch.id,
        use_of(batch.id, split),
        *(batch.tags.get(tag, "") for tag in tags),
        batch.duration / 24,
        len(batch.online.hours),
        len(batch.offline.hours),
        count,
        longest if count else None,
        *(final(batch, variable.name) for variable in ends),
        *(batch.setpoints.get(variable.name) for variable in setpoints),
    )


def gaps_of(hours: Floats) -> tuple[int, float]:
    """Return how many pauses of the sensors are longer than three usual steps, and the longest in hours."""
    if len(hours) < 3:
        return 0, 0.0
    steps = np.diff(hours)
    long = steps[steps > _GAP_STEPS * np.median(steps)]
    return len(long), float(long.max(initial=0.0))


def final(batch: Batch, name: str) -> float | None:
    """Return the last measured value of a sampled variable, None where there is none."""
    _, values = batch.offline.measured(name)
    return float(values[-1]) if len(values) else None


def use_of(batch: str, split: Split | None) -> str:
    """Say what a batch serves for."""
    if split is None:
        return ""
    return next((use for use in USES if batch in getattr(split, use)), "new")


def tag_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the tags that people gave to batches."""
    return tuple(dict.fromkeys(tag for batch in dataset.batches for tag in batch.tags if tag not in _NOT_TAGS))


def name_of(variable: Variable) -> str:
    """Return what people call a variable."""
    return variable.label or variable.name.replace("_", " ").capitalize()


def groupings(dataset: Dataset, split: Split | None) -> tuple[tuple[str, str], ...]:
    """Return by what batches can be colored, as (name, label)."""
    tags = [
        (tag, tag.replace("_", " ").capitalize())
        for tag in tag_names(dataset)
        if 1 < len({batch.tags.get(tag, "") for batch in dataset.batches}) <= _MOST_VALUES
    ]
    outcome = [("outcome", "Final titer")] if dataset.names("target") else []
    return (*tags, *outcome, *([("use", "Use")] if split is not None else []), ("", "Nothing"))


def groups_of(dataset: Dataset, by: str, split: Split | None) -> dict[str, str]:
    """Return the group of every batch."""
    if by == "use":
        return {batch.id: use_of(batch.id, split) for batch in dataset.batches}
    if by == "outcome":
        return _terciles(dataset)
    return {batch.id: (batch.tags.get(by, "") or "not said") if by else "" for batch in dataset.batches}


def _terciles(dataset: Dataset) -> dict[str, str]:
    target = dataset.names("target")[0]
    ends = {batch.id: final(batch, target) for batch in dataset.batches}
    known = [value for value in ends.values() if value is not None]
    if not known:
        return dict.fromkeys(ends, "no titer")
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    words = {name: "low" if value is not None and value <= low else "middle" for name, value in ends.items()}
    words |= {name: "high" for name, value in ends.items() if value is not None and value > high}
    return words | {name: "no titer" for name, value in ends.items() if value is None}


def noticed_sheet(reading: Reading) -> Sheet:
    """List what was noticed at import, the gravest first."""
    order = ("error", "warning", "note")
    graded = sorted(reading.problems, key=lambda problem: order.index(problem.severity))
    rows = tuple((problem.severity, problem.where, problem.message) for problem in graded)
    return Sheet("Noticed at import", ("Grade", "Where", "What"), rows)


def columns_sheet(reading: Reading) -> Sheet:
    """List what each column of the files became, and why."""
    headers = ("File", "Sheet", "Cell", "Header", "Use", "Variable", "Unit given", "Unit", "Factor", "Reason")
    rows = tuple(
        (c.file, c.sheet, c.cell, c.header, c.use, c.variable, c.unit_given, c.unit, c.factor, c.reason)
        for c in reading.columns
    )
    return Sheet("Columns", headers, rows)
