"""Tables with batches across: one column a batch, for one variable or for several groups of them."""

from collections.abc import Sequence

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.block import Block, Region, filled_rows
from mabdesk.data.reading.layout.pivot import Entries, pivot, pivoted
from mabdesk.data.reading.layout.rearranged import NewColumn, place_array
from mabdesk.data.reading.layout.titles import Title, about, title_above
from mabdesk.data.reading.values.cells import DURATION, EMPTY, TEXT, Grid
from mabdesk.data.units import is_unit

_LOOKED_AT = 40
_LEAST = 3


def batches_across(grid: Grid, region: Region) -> Block | None:
    """Return a table with one column a batch, for one variable or several, as one row a sample."""
    for row in range(region.top, min(region.bottom, region.top + _LOOKED_AT)):
        found = _batch_columns(grid, region, row)
        if found is not None:
            return found
    return None


def _batch_columns(grid: Grid, region: Region, row: int) -> Block | None:
    cells = {
        i: grid.columns[i].shown(row) for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY
    }
    if len(cells) < _LEAST or grid.columns[min(cells)].kind[row] != TEXT:
        return None
    first = heading(min(cells), cells.pop(min(cells)))
    if not meanings.is_time(first):
        return None
    cells = {index: text for index, text in cells.items() if not meanings.is_summary(text)}
    if len(cells) < _LEAST - 1 or not all(_may_be_batch(text) for text in cells.values()):
        return None
    title = title_above(grid, region, row)
    variables = _groups_of_variables(grid, region, row, list(cells))
    whole = title.variable or about(grid.sheet)
    if whole is not None and not whole.unit and title.unit:
        whole = heading(0, f"{whole.text} [{title.unit}]")
    if not variables and whole is not None:
        variables = dict.fromkeys(cells, whole)
    if set(variables) != set(cells):
        return None
    rows = filled_rows(grid, Region(row + 1, region.bottom, region.left, region.right))
    kept = [(r, c) for r in rows.tolist() for c in cells if grid.columns[c].kind[r] != EMPTY]
    if not kept or not _numeric(grid, kept):
        return None
    names: dict[str, int] = {}
    codes = [names.setdefault(variables[column].text, len(names)) for _, column in kept]
    heads = [(text, row, next(c for c in cells if variables[c].text == text)) for text in names]
    batch = NewColumn("Batch", (row, min(cells)), place_array([(row, c) for _, c in kept]), [cells[c] for _, c in kept])
    time = NewColumn(first.text, (row, first.column), place_array([(r, first.column) for r, _ in kept]))
    made = pivot(grid, Entries((batch, time), tuple(heads), np.array(codes, dtype=np.intp), place_array(kept)))
    keys = [Heading(0, "Batch", "Batch"), Heading(1, first.text, first.name, first.unit, first.odd_unit)]
    return pivoted(made, 1, keys, "batches across", Title(text=title.text), [first.text, *names])


def _may_be_batch(text: str) -> bool:
    found = heading(0, text)
    return not found.unit and not meanings.is_meaningful(found) and not is_unit(text.strip("()[] "))


def _groups_of_variables(grid: Grid, region: Region, row: int, columns: Sequence[int]) -> dict[int, Heading]:
    """Return by column the variable that a merged or left-most cell above names."""
    if row == region.top:
        return {}
    found: dict[int, Heading] = {}
    current: Heading | None = None
    for index in columns:
        text = grid.columns[index].text.get(row - 1, "")
        current = about(text) if text else current
        if current is not None:
            found[index] = current
    return found if len({one.text for one in found.values()}) > 1 or len(found) == len(columns) else {}


def _numeric(grid: Grid, cells: Sequence[tuple[int, int]]) -> bool:
    kinds = [int(grid.columns[column].kind[row]) for row, column in cells]
    texts = sum(
        kind == TEXT and not grid.columns[column].text[row][:1].isdigit()
        for kind, (row, column) in zip(kinds, cells, strict=True)
    )
    return 2 * texts < len(cells) and DURATION not in kinds
