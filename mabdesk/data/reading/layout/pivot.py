"""Values that stand one below another, each with its batch, time and name, into one row a sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.mapping import Layout
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.layout.rearranged import NOWHERE, NewColumn, Places, rearrange
from mabdesk.data.reading.layout.titles import Title
from mabdesk.data.reading.values.cells import DATE, DURATION, NUMBER, Grid

Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Entries:
    """n values: `keys` are columns of (n) cells that tell the sample, `codes` (n,) index into `names`, `values` (n, 2).

    `names` are (header, row, column) of the variables.
    """

    keys: tuple[NewColumn, ...]
    names: tuple[tuple[str, int, int], ...]
    codes: Codes
    values: Places


def pivot(grid: Grid, entries: Entries) -> Grid:
    """Give the grid of one row a sample. Two values of one name and sample stand in two rows: none is lost."""
    group = _groups(grid, entries)
    _, first, row = np.unique(group, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))  # samples in the order of their first appearance
    row = order[row.reshape(-1)]
    first = np.sort(first)
    columns = [
        NewColumn(
            key.header,
            key.at,
            key.places[first],
            None if key.instead is None else [key.instead[place] for place in first.tolist()],
        )
        for key in entries.keys
    ]
    for code, (header, at_row, at_column) in enumerate(entries.names):
        places = np.full((len(first), 2), NOWHERE, dtype=np.int32)
        own = entries.codes == code
        places[row[own]] = entries.values[own]
        columns.append(NewColumn(header, (at_row, at_column), places))
    return rearrange(grid, columns)


def varies(grid: Grid, keys: Sequence[NewColumn], other: NewColumn) -> bool:
    """Tell whether a column differs between values of one sample."""
    combined = _combined([factorized(grid, key) for key in keys])
    extended = _combined([combined, factorized(grid, other)])
    return bool(len(np.unique(extended)) > len(np.unique(combined)))


def factorized(grid: Grid, column: NewColumn) -> Codes:
    """Return (n,) codes that are equal where the cells hold the same."""
    if column.instead is not None:
        return _of_values(list(column.instead))
    values: list[object] = []
    for row, index in column.places.tolist():
        if row == NOWHERE:
            values.append(None)
            continue
        own = grid.columns[index]
        kind = own.kind[row]
        values.append(float(own.number[row]) if kind in {NUMBER, DATE, DURATION} else own.text.get(row, ""))
    return _of_values(values)


def _of_values(values: Sequence[object]) -> Codes:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.intp)


def _combined(codes: Sequence[Codes]) -> Codes:
    combined = codes[0]
    for more in codes[1:]:
        pairs = combined * (int(more.max(initial=0)) + 1) + more
        combined = np.unique(pairs, return_inverse=True)[1].reshape(-1)
    return combined


def _groups(grid: Grid, entries: Entries) -> Codes:
    """Return (n,) the sample of each value; a name that comes again in a sample begins another row."""
    sample = _combined([factorized(grid, key) for key in entries.keys])
    named = _combined([sample, entries.codes])
    order = np.argsort(named, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(named[order]) > 0]))
    repeat = np.zeros(len(named), dtype=np.intp)
    repeat[order] = np.arange(len(named)) - np.repeat(starts, np.diff(np.append(starts, len(named))))
    return _combined([sample, repeat])


def pivoted(
    grid: Grid, keys: int, first: list[Heading], layout: Layout, title: Title, known_by: Sequence[str]
) -> Block:
    """Return the table of a pivoted grid: `first` are the headings of its labels and its time."""
    rest = [heading(index, grid.columns[index].text[0]) for index in range(keys + 1, len(grid.columns))]
    return Block(
        grid, 0, (*first, *rest), np.arange(1, grid.rows), (), layout,
        title.batch, "title" if title.batch else "column", title.facts, tuple(known_by), title.text, title.said,
    )  # fmt: skip
