"""Where every row of every batch was read from, in arrays: so that a value can be traced to its cell later."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import frozen
from mabdesk.data.imported import Origin
from mabdesk.data.places import letters
from mabdesk.data.reading.batches.roles import Dated


def origins_of(tables: Sequence[Dated]) -> tuple[Origin, ...]:
    """List the rows that hold a value, by table."""
    return tuple(origin for item in tables if (origin := _origin(item)) is not None)


def _origin(item: Dated) -> Origin | None:
    named = [(s.plan.variable.name, letters(s.plan.heading.column)) for s in item.series if s.plan.variable]
    if not named:
        return None
    filled = np.isfinite(np.column_stack([series.values for series in item.series])).any(axis=1)
    places = np.flatnonzero(filled & (item.hours >= 0))
    codes = item.table.codes
    order = places[np.lexsort((item.hours[places], codes[places]))]
    starts = np.searchsorted(codes[order], np.arange(len(item.table.ids) + 1)).astype(np.int64)
    grid = item.table.block.grid
    if grid.places is not None:
        return _rearranged(item, order, starts)
    rows = (item.table.rows[order] + 1).astype(np.int64)
    return Origin(grid.file, grid.sheet, dict(named), item.table.ids, starts, frozen(item.hours[order]), rows)


def _rearranged(item: Dated, order: NDArray[np.intp], starts: NDArray[np.int64]) -> Origin:
    """Name the cells of a table that was turned or rearranged, each by its own place."""
    grid = item.table.block.grid
    assert grid.places is not None  # noqa: S101 - the caller looks
    rows = item.table.rows[order]
    places = {
        series.plan.variable.name: grid.places[rows, series.plan.heading.column].astype(np.int64)
        for series in item.series
        if series.plan.variable
    }
    hours = frozen(item.hours[order])
    return Origin(grid.file, grid.sheet, {}, item.table.ids, starts, hours, np.zeros(len(rows), dtype=np.int64), places)
