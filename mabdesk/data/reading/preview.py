"""Finds the table in a sheet: title rows above, the header row, a unit row below it, the rows of data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.reading.cells import DATE, DURATION, EMPTY, NUMBER, TEXT, Grid
from mabdesk.data.reading.headings import Heading, heading
from mabdesk.data.reading.meanings import is_meaningful
from mabdesk.data.units import is_unit

_LOOKED_AT = 40


@dataclass(frozen=True, eq=False)
class Block:
    """A table found in a grid: its headings and the indices of its rows of data (blank rows left out)."""

    grid: Grid
    header_row: int
    headings: tuple[Heading, ...]
    rows: NDArray[np.intp]
    unheaded: tuple[int, ...] = ()

    def where(self, found: Heading, row: int | None = None) -> str:
        """Name a cell of a column, or its header cell."""
        return self.grid.where(self.header_row if row is None else row, found.column)


def find_block(grid: Grid) -> Block | None:
    """Find the table of a sheet; None when no row reads like the header of one."""
    scores = [_score(grid, row) for row in range(min(grid.rows, _LOOKED_AT))]
    best = max(scores, default=0)
    if best < 2:
        return None
    header = scores.index(best)
    units = _unit_row(grid, header)
    first = header + (2 if units else 1)
    headings = []
    for index, column in enumerate(grid.columns):
        if column.kind[header] == TEXT:
            headings.append(heading(index, column.text[header], units.get(index, "")))
    kinds = np.array([column.kind[first:] for column in grid.columns])
    rows = first + np.flatnonzero((kinds != EMPTY).any(axis=0))
    headed = {found.column for found in headings}
    unheaded = [i for i in range(len(grid.columns)) if i not in headed and bool((kinds[i] != EMPTY).any())]
    return Block(grid, header, tuple(headings), rows, tuple(unheaded))


def _score(grid: Grid, row: int) -> int:
    """Count the cells of a row that name something; a row with numbers in it is no header."""
    texts = []
    for column in grid.columns:
        kind = column.kind[row]
        if kind in {NUMBER, DATE, DURATION} or (kind == TEXT and grid.from_text and _is_number(column.text[row])):
            return 0
        if kind == TEXT:
            texts.append(column.text[row])
    return sum(is_meaningful(heading(0, text)) for text in texts) if len(texts) >= 2 else 0


def _unit_row(grid: Grid, header: int) -> dict[int, str]:
    """Return column -> text of the row below the header when it holds units and nothing else."""
    row = header + 1
    if row >= grid.rows:
        return {}
    cells = {index: column.shown(row) for index, column in enumerate(grid.columns) if column.kind[row] != EMPTY}
    if any(grid.columns[index].kind[row] != TEXT or _is_number(text) for index, text in cells.items()):
        return {}
    units = [text for text in cells.values() if is_unit(text.strip("()[]{} "))]
    return cells if units and 2 * len(units) >= len(cells) else {}


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or (text[:1] in "+-.,<>" and text[1:2].isdigit())
