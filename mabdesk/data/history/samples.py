"""What was sampled of batches, in one table for all: states and quality attributes at irregular hours."""

from collections.abc import Sequence

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Floats
from mabdesk.data.history.plans import INITIAL, STATES, Samples

AFTER_HARVEST_H = 12.0
FIRST_H = 6.0  # a sample this early says how the batch began
# What one count of cells says where another is missing.
_CELLS = ("total_cell_density", "dead_cell_density")


def sampled(batch: Batch, name: str) -> Floats:
    """Return (n,) values at the hours of the batch's samples, NaN where not measured.

    Viability and VCD are computed from total or dead cells where they are not given themselves.
    """
    own = _finite(batch, name)
    if name == "viability":
        return np.where(np.isfinite(own), own, _viability(batch))
    if name == "vcd":
        return np.where(np.isfinite(own), own, _viable(batch))
    return own


def names_of(dataset: Dataset, volumes: Sequence[Floats | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the measured STATES and the quality attributes; a column without any value is none.

    `volumes` are the relative culture volumes of the batches at their samples, None where unknown.
    """
    states = {name for name in STATES for batch in dataset.batches if np.isfinite(sampled(batch, name)).any()}
    states -= {"volume"}
    states |= {"volume" for volume in volumes if volume is not None and np.isfinite(volume).any()}
    qualities = [
        name
        for name in dict.fromkeys(dataset.names("quality"))
        if any(np.isfinite(batch.offline.column(name)).any() for batch in dataset.batches)
    ]
    return tuple(name for name in STATES if name in states), tuple(qualities)


def read_samples(
    batches: Sequence[Batch], names: Sequence[str], ends: Floats, volumes: Sequence[Floats | None]
) -> Samples:
    """Put the samples of n batches into one table, padded with NaN to the longest.

    Args:
        batches: n batches.
        names: the columns.
        ends: (n,) hours of harvest; samples up to 12 h later are kept.
        volumes: for each batch the culture volume at its samples, relative to that at inoculation; None: unknown.
    """
    rows = [_of(batch, names, end, volume) for batch, end, volume in zip(batches, ends, volumes, strict=True)]
    longest = max([1, *(len(hours) for hours, _ in rows)])
    hours = np.full((len(rows), longest), np.nan)
    values = np.full((len(rows), longest, len(names)), np.nan)
    for i, (mine, table) in enumerate(rows):
        hours[i, : len(mine)], values[i, : len(mine)] = mine, table
    return Samples(tuple(names), hours, values)


def initial_of(batch: Batch) -> Floats:
    """Return (5,) INITIAL as first measured within 6 h of inoculation, NaN where nothing was."""
    early = np.abs(batch.offline.hours) <= FIRST_H
    found = np.full(len(INITIAL), np.nan)
    for i, name in enumerate(INITIAL):
        values = sampled(batch, name)[early]
        there = np.flatnonzero(np.isfinite(values))
        if len(there):
            found[i] = values[there[0]]
    return found


def _of(batch: Batch, names: Sequence[str], end: float, volume: Floats | None) -> tuple[Floats, Floats]:
    hours = batch.offline.hours
    columns = [
        (np.full(len(hours), np.nan) if volume is None else volume) if name == "volume" else sampled(batch, name)
        for name in names
    ]
    table = np.stack(columns, axis=1) if columns else np.zeros((len(hours), 0))
    kept = (hours >= 0) & (hours <= end + AFTER_HARVEST_H) & np.isfinite(table).any(axis=1)
    return hours[kept], table[kept]


def _finite(batch: Batch, name: str) -> Floats:
    column = batch.offline.column(name)
    return np.where(np.isfinite(column), column, np.nan)


def _viability(batch: Batch) -> Floats:
    """Return viability in % from cell counts."""
    cells, (total, dead) = _finite(batch, "vcd"), (_finite(batch, name) for name in _CELLS)
    total = np.where(np.isfinite(total), total, cells + dead)
    alive = np.where(np.isfinite(cells), cells, total - dead)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, 100.0 * alive / total, np.nan)
    return np.clip(share, 0.0, 100.0)


def _viable(batch: Batch) -> Floats:
    """Return VCD from other cell counts and viability."""
    share = _finite(batch, "viability") / 100.0
    total, dead = (_finite(batch, name) for name in _CELLS)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = np.where(share < 0.999, dead * share / (1.0 - share), np.nan)
    counted = np.where(np.isfinite(total - dead), total - dead, total * share)
    return np.asarray(np.where(np.isfinite(counted), np.maximum(counted, 0.0), rest))
