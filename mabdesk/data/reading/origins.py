"""Where every row of every batch was read from, in arrays: so that a value can be traced to its cell later."""

from collections.abc import Sequence

import numpy as np

from mabdesk.data.batch import frozen
from mabdesk.data.imported import Origin
from mabdesk.data.reading.cells import letters
from mabdesk.data.reading.roles import Dated


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
    rows = (item.table.rows[order] + 1).astype(np.int64)
    return Origin(grid.file, grid.sheet, dict(named), item.table.ids, starts, frozen(item.hours[order]), rows)
