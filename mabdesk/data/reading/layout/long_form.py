"""Long form: one value a row, with the name of what was measured in a column beside it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading, named
from mabdesk.data.reading.layout.block import Block, is_number
from mabdesk.data.reading.layout.pivot import Entries, pivot, varies
from mabdesk.data.reading.layout.rearranged import NewColumn, Places
from mabdesk.data.reading.values.cells import EMPTY, NUMBER, TEXT, Grid
from mabdesk.data.variables import recognize
from mabdesk.data.words import words

_LEAST_SHARE = 0.5
_NO_UNIT = "no unit"


def unfolded(block: Block, forced: bool = False) -> list[Block]:
    """Return a table in long form as one row a sample; nothing when the table is in no long form.

    A variable that comes in several units has a table for each further unit.
    """
    parameter = next((h for h in block.headings if meanings.names(h, "parameter") and _names(block, h, forced)), None)
    value = next((h for h in block.headings if meanings.names(h, "value")), None)
    if parameter is None or value is None or parameter is value:
        return []
    unit = next((h for h in block.headings if meanings.names(h, "unit") and h is not value), None)
    rows = block.rows[block.grid.columns[parameter.column].kind[block.rows] == TEXT]
    rows = rows[block.grid.columns[value.column].kind[rows] != EMPTY]
    taken = [found for found in (parameter, value, unit) if found is not None]
    found = []
    for part in _by_unit(block, rows, parameter, unit):
        keys = _keys(block, part, taken)
        if not keys:
            return []
        names, codes = _variables(block, part, parameter, unit)
        grid = pivot(block.grid, Entries(tuple(keys), tuple(names), codes, _places(part, value.column)))
        found.append(_unfolded(block, grid, keys))
    return found


def _unfolded(block: Block, grid: Grid, keys: Sequence[NewColumn]) -> Block:
    headings = [heading(index, column.text[0]) for index, column in enumerate(grid.columns)]
    by_text = {found.text: found for found in block.headings}
    headings[: len(keys)] = [replace(by_text[key.header], column=index) for index, key in enumerate(keys)]
    return Block(
        grid, 0, tuple(headings), np.arange(1, grid.rows), (), "long", block.batch, block.batch_from, block.facts,
        tuple(found.text for found in block.headings), block.title, block.said,
    )  # fmt: skip


def _by_unit(block: Block, rows: NDArray[np.intp], parameter: Heading, unit: Heading | None) -> list[NDArray[np.intp]]:
    """Split rows so that no variable has two units in one part."""
    if unit is None:
        return [rows] if len(rows) else []
    names, units = (block.grid.columns[found.column] for found in (parameter, unit))
    seen: dict[str, dict[str, int]] = {}
    part = []
    for row in rows.tolist():
        own = seen.setdefault(names.text[row], {})
        part.append(own.setdefault(units.shown(row), len(own)))
    which = np.array(part, dtype=np.intp)
    return [rows[which == number] for number in range(int(which.max(initial=-1)) + 1)]


def _names(block: Block, found: Heading, forced: bool) -> bool:
    """Tell whether a column's texts are names of variables, in half of the different ones at least."""
    column = block.grid.columns[found.column]
    texts = dict.fromkeys(column.text[row] for row in block.rows.tolist() if column.kind[row] == TEXT)
    if not texts:
        return False
    known = sum(_known(text) for text in texts)
    return forced or known >= _LEAST_SHARE * len(texts)


def _known(text: str) -> bool:
    found = heading(0, text)
    return recognize(found.name, "" if found.odd_unit else found.unit) is not None


def _keys(block: Block, rows: NDArray[np.intp], taken: Sequence[Heading]) -> list[NewColumn]:
    """Return the columns that tell samples apart, and those that are the same for all values of a sample."""
    columns = {
        found.text: NewColumn(found.text, (block.header_row, found.column), _places(rows, found.column))
        for found in block.headings
        if all(found is not other for other in taken)
    }
    telling = [
        h for h in block.headings if h.text in columns and (meanings.is_time(h) or meanings.names(h, "batch", "vessel"))
    ]
    keys = [columns[found.text] for found in telling]
    if not keys:
        return []
    others = [column for text, column in columns.items() if all(column is not key for key in keys)]
    return [*keys, *(other for other in others if not varies(block.grid, keys, other))]


def _variables(
    block: Block, rows: NDArray[np.intp], parameter: Heading, unit: Heading | None
) -> tuple[list[tuple[str, int, int]], NDArray[np.intp]]:
    """Name every variable with its unit; one that comes in two units gets a column for each."""
    texts, grid = block.grid.columns[parameter.column], block.grid
    with_units = _with_units(block, parameter, unit)
    measured = _without_unit(block, rows, parameter, unit)
    seen: dict[tuple[str, str], int] = {}
    names: list[tuple[str, int, int]] = []
    codes = []
    for row in rows.tolist():
        text = texts.text[row]
        given = grid.columns[unit.column].shown(row) if unit is not None else ""
        code = seen.setdefault((text, given), len(names))
        if code == len(names):
            # A unit that is missing beside others, or on no list, is asked and not taken for mabdesk's own.
            lacking = not _unit(given) and text in with_units and text in measured
            names.append((named(text, _NO_UNIT if lacking else given), row, parameter.column))
        codes.append(code)
    return names, np.array(codes, dtype=np.intp)


def _with_units(block: Block, parameter: Heading, unit: Heading | None) -> set[str]:
    """Return the names that have a unit in any row."""
    if unit is None:
        return set()
    names, units = (block.grid.columns[found.column] for found in (parameter, unit))
    return {names.text[row] for row in block.rows.tolist() if row in names.text and _unit(units.shown(row))}


def _without_unit(block: Block, rows: NDArray[np.intp], parameter: Heading, unit: Heading | None) -> set[str]:
    """Return the names that have a number without a unit in any row; "n.d." needs none."""
    value = next((found for found in block.headings if meanings.names(found, "value")), None)
    if unit is None or value is None:
        return set()
    names, units, values = (block.grid.columns[found.column] for found in (parameter, unit, value))
    found = set()
    for row in rows.tolist():
        number = values.kind[row] == NUMBER or (values.kind[row] == TEXT and is_number(values.text[row]))
        if number and not _unit(units.shown(row)):
            found.add(names.text[row])
    return found


def _unit(text: str) -> str:
    """Return a cell's unit, "" where it says that there is none."""
    bare = text.strip("()[]{} ")
    return "" if "_".join(bare.casefold().split()) in words("missing") else bare


def _places(rows: NDArray[np.intp], column: int) -> Places:
    return np.column_stack([rows, np.full(len(rows), column)]).astype(np.int32)
