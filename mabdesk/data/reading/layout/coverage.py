"""What stands in a sheet beside its tables: numbers that no table holds are told, never dropped in silence."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.places import letters
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.layout.block import Block, is_number
from mabdesk.data.reading.values.cells import DATE, DURATION, NUMBER, TEXT, Grid, cell_name
from mabdesk.errors import Problem, Severity

_SHOWN = 3


def outside(grid: Grid, blocks: Sequence[Block]) -> list[Problem]:
    """Name numbers beside and below the tables of a sheet that are part of none of them."""
    if not blocks or not grid.rows:
        return []
    held = np.zeros((grid.rows, len(grid.columns)), dtype=bool)
    for block in blocks:
        _mark(held, block)
    for block in blocks:
        for _, _, row, column in block.said:
            held[row, column] = True
    top = min(_header_row(block) for block in blocks)
    numbers = [_numbers(grid, index, held) for index in range(len(grid.columns))]
    beside = {index: rows[rows > top] for index, rows in enumerate(numbers)}
    above = {index: rows[rows < top] for index, rows in enumerate(numbers)}
    said = [
        _problem(grid, beside, "outside the tables that were found", "warning"),
        _problem(grid, above, "above the tables that were found", "note"),
    ]
    return [problem for problem in said if problem is not None]


def _numbers(grid: Grid, index: int, held: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the rows of a column that hold a number which is part of no table."""
    column = grid.columns[index]
    free = ~held[: len(column), index]
    if not grid.from_text:
        return np.flatnonzero(np.isin(column.kind, (NUMBER, DATE, DURATION)) & free)
    there = np.flatnonzero((column.kind == TEXT) & free)
    return np.array([row for row in there.tolist() if is_number(column.text[row])], dtype=np.intp)


def _problem(grid: Grid, left: Mapping[int, NDArray[np.intp]], where: str, severity: Severity) -> Problem | None:
    left = {index: rows for index, rows in left.items() if len(rows)}
    if not left:
        return None
    count, first = sum(map(len, left.values())), min((int(rows[0]), index) for index, rows in left.items())
    names = [letters(index) for index in sorted(left)]
    columns = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    cells = "1 cell with a number stands" if count == 1 else f"{count:,} cells with numbers stand"
    text = f"{cells} {where} (column{'s' if len(names) > 1 else ''} {columns}); not read"
    return Problem(grid.where(*first), text, severity)


def _header_row(block: Block) -> int:
    row, _ = block.grid.place(block.header_row, block.headings[0].column)
    return row if row is not None else 0


def _mark(held: NDArray[np.bool_], block: Block) -> None:
    """Mark the cells of a table: its columns (those without a header are told elsewhere), headers, and labels."""
    columns = [found.column for found in block.headings] + list(block.unheaded)
    places = block.grid.places
    if places is None:
        held[np.ix_(block.rows, np.array(columns, dtype=np.intp))] = True
        top = block.top if block.top >= 0 else block.header_row
        held[top : block.header_row + 1, columns] = True
        return
    rows = np.concatenate([[block.header_row], block.rows])
    own = places[np.ix_(rows, np.array(columns, dtype=np.intp))].reshape(-1, 2)
    own = own[own[:, 0] >= 0]
    held[own[:, 0], own[:, 1]] = True
    if block.layout in {"long", "batches across"}:  # batch and time stand in every row, and are read once a sample
        value = {int(index) for index in np.unique(places[block.rows, columns[-1], 1]) if index >= 0}
        keys = [column for column in np.unique(own[:, 1]).tolist() if column not in value]
        held[own[:, 0].min() : own[:, 0].max() + 1, keys] = True


def merged_values(blocks: Sequence[Block]) -> list[Problem]:
    """Say that a value in cells merged over several rows counts for the first of them."""
    found = []
    for block in blocks:
        columns = {h.column for h in block.headings if not meanings.names(h, "batch")}
        for top, left, bottom, right in block.grid.merged:
            inside = bottom > top > block.header_row and left in columns and right == left
            if inside and len(block.rows) and bottom <= block.rows[-1]:
                cells = f"cells {cell_name(top, left)} to {cell_name(bottom, right)}"
                text = f"{cells} are merged: their value counts for row {top + 1} alone"
                found.append(Problem(block.grid.where(top, left), text, "note"))
    return found


def repeated_headers(blocks: Sequence[Block]) -> list[Problem]:
    """Say where the header of a table stands again below it."""
    found = []
    first: dict[tuple[str, str, str], Block] = {}
    for block in blocks:
        before = first.setdefault((block.grid.file, block.grid.sheet, block.fingerprint), block)
        if before is not block and before.grid is block.grid and before.header_row < block.header_row:
            text = f"the header of row {before.header_row + 1} stands here again: read as another table of its kind"
            found.append(Problem(block.grid.where(block.header_row), text, "note"))
    return found
