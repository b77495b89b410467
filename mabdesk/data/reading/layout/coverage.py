"""What stands in a sheet beside its tables: numbers that no table holds are told, never dropped in silence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.places import letters
from mabdesk.data.reading.layout.block import Block, is_number
from mabdesk.data.reading.values.cells import DATE, DURATION, NUMBER, TEXT, Grid
from mabdesk.errors import Problem

_SHOWN = 3


def outside(grid: Grid, blocks: Sequence[Block]) -> list[Problem]:
    """Name numbers beside and below the tables of a sheet that are part of none of them."""
    if not blocks or not grid.rows:
        return []
    held = np.zeros((grid.rows, len(grid.columns)), dtype=bool)
    for block in blocks:
        _mark(held, block)
    top = min(_header_row(block) for block in blocks)
    left: dict[int, NDArray[np.intp]] = {}
    for index, column in enumerate(grid.columns):
        number = np.isin(column.kind, (NUMBER, DATE, DURATION)) & ~held[: len(column), index]
        number[: top + 1] = False
        rows = np.flatnonzero(number)
        if grid.from_text:
            there = np.flatnonzero((column.kind == TEXT) & ~held[: len(column), index])
            rows = np.array([row for row in there.tolist() if row > top and is_number(column.text[row])], dtype=np.intp)
        if len(rows):
            left[index] = rows
    if not left:
        return []
    count, first = sum(map(len, left.values())), min((int(rows[0]), index) for index, rows in left.items())
    names = [letters(index) for index in sorted(left)]
    columns = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    cells = "1 cell with a number stands" if count == 1 else f"{count:,} cells with numbers stand"
    text = f"{cells} outside the tables that were found (column{'s' if len(names) > 1 else ''} {columns}); not read"
    return [Problem(grid.where(*first), text, "warning")]


def _header_row(block: Block) -> int:
    row, _ = block.grid.place(block.header_row, block.headings[0].column)
    return row if row is not None else 0


def _mark(held: NDArray[np.bool_], block: Block) -> None:
    """Mark the cells of a table: its columns (those without a header are told elsewhere), headers, and labels."""
    columns = [found.column for found in block.headings] + list(block.unheaded)
    places = block.grid.places
    if places is None:
        held[np.ix_(block.rows, np.array(columns, dtype=np.intp))] = True
        held[: block.header_row + 1, columns] = True
        return
    rows = np.concatenate([[block.header_row], block.rows])
    own = places[np.ix_(rows, np.array(columns, dtype=np.intp))].reshape(-1, 2)
    own = own[own[:, 0] >= 0]
    held[own[:, 0], own[:, 1]] = True
