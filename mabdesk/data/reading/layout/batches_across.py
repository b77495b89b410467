"""Tables with batches across: one column a batch, for one variable or for several groups of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading, named
from mabdesk.data.reading.layout.block import Block, Region, filled_rows, is_number
from mabdesk.data.reading.layout.headers import unit_row
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
    head = _head(grid, region, row)
    if head is None:
        return None
    units = unit_row(grid, row + 1, range(region.left, region.right))
    top = row + (2 if units else 1)
    title = title_above(grid, region, row)
    rows = filled_rows(grid, Region(top, _end(grid, region, top, head.time.column), region.left, region.right)).tolist()
    kept = [(r, c) for r in rows for c in head.batches if grid.columns[c].kind[r] != EMPTY]
    if not kept or not _numeric(grid, kept):
        return None
    unit = next((text.strip("()[]{} ") for index, text in units.items() if index in head.batches), title.unit)
    name_of = _naming(grid, region, row, head, title, unit)
    if name_of is None:
        return None
    kept = [(r, c) for r, c in kept if name_of(r, c)]
    names: dict[str, int] = {}
    codes = [names.setdefault(name_of(r, c), len(names)) for r, c in kept]
    first = {name_of(r, c): (row if head.parameter is None else r, c if head.parameter is None else head.parameter)
             for r, c in reversed(kept)}  # fmt: skip
    heads = [(text, *first[text]) for text in names]
    ids = [head.batches[c] for _, c in kept]
    batch = NewColumn("Batch", (row, min(head.batches)), place_array([(row, c) for _, c in kept]), ids)
    time = NewColumn(head.time.text, (row, head.time.column), place_array([(r, head.time.column) for r, _ in kept]))
    made = pivot(grid, Entries((batch, time), tuple(heads), np.array(codes, dtype=np.intp), place_array(kept)))
    keys = [Heading(0, "Batch", "Batch"), replace(head.time, column=1)]
    return pivoted(made, 1, keys, "batches across", Title(text=title.text), [head.time.text, *names])


@dataclass(frozen=True)
class _Head:
    """The row of batch ids: by column the id, the time's heading, columns of names and of units where there are any."""

    batches: Mapping[int, str]
    time: Heading
    parameter: int | None = None
    unit: int | None = None


def _head(grid: Grid, region: Region, row: int) -> _Head | None:
    columns = [i for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY]
    if len(columns) < _LEAST or grid.columns[columns[0]].kind[row] != TEXT:
        return None
    found = {i: heading(i, grid.columns[i].shown(row)) for i in columns}
    time = next((i for i in columns[:_LEAST] if meanings.is_time(found[i])), None)
    if time is None:
        return None
    parameter = next((i for i in columns[:_LEAST] if meanings.names(found[i], "parameter")), None)
    unit = next((i for i in columns[: _LEAST + 1] if meanings.names(found[i], "unit")), None)
    others = [i for i in columns if i not in {time, parameter, unit}]
    batches = {i: found[i].text for i in others if not meanings.is_summary(found[i].text)}
    if len(batches) < _LEAST - 1 or not all(_may_be_batch(text) for text in batches.values()):
        return None
    return _Head(batches, found[time], parameter, unit)


def _naming(
    grid: Grid, region: Region, row: int, head: _Head, title: Title, unit: str
) -> Callable[[int, int], str] | None:
    """Return what names the variable of a value (row, column); None where nothing does."""
    parameter = head.parameter
    if parameter is not None:
        return lambda r, _: _name_in(grid, r, parameter, head.unit)
    variables = _groups_of_variables(grid, region, row, list(head.batches))
    whole = title.variable or about(grid.sheet)
    if not variables and whole is not None:
        variables = dict.fromkeys(head.batches, whole)
    if set(variables) != set(head.batches):
        return None
    texts = {c: h.text if h.unit or not unit else f"{h.text} [{unit}]" for c, h in variables.items()}
    return lambda _, c: texts[c]


def _name_in(grid: Grid, row: int, parameter: int, unit: int | None) -> str:
    text = grid.columns[parameter].text.get(row, "")
    given = grid.columns[unit].shown(row) if unit is not None else ""
    return named(text, given) if text else ""


def _end(grid: Grid, region: Region, top: int, time: int) -> int:
    """Return the row behind the last one of a table: a text where a time is needed, or a blank row before one."""
    column = grid.columns[time]
    for row in range(top, region.bottom):
        if column.kind[row] == TEXT and not any(letter.isdigit() for letter in column.text[row]):
            end = row
            while end > top and _title_or_blank(grid, region, end - 1):
                end -= 1
            return end
    return region.bottom


def _title_or_blank(grid: Grid, region: Region, row: int) -> bool:
    held = [i for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY]
    return not held or (len(held) == 1 and grid.columns[held[0]].kind[row] == TEXT)


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
        kind == TEXT and not is_number(grid.columns[column].text[row])
        for kind, (row, column) in zip(kinds, cells, strict=True)
    )
    return 2 * texts < len(cells) and DURATION not in kinds
