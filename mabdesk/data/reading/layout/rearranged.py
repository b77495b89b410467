"""Grids made from others: every cell knows its place in the file, so that values can be traced."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.reading.values.cells import EMPTY, ERROR, NUMBER, TEXT, Column, Grid

Places = NDArray[np.int32]
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class NewColumn:
    """A column of a rearranged grid: its header's text and place, and the places (n, 2) of its cells, -1 for none.

    `instead` holds, for cells whose own contents do not count, what they hold: numbers, or texts.
    """

    header: str
    at: tuple[int, int]
    places: Places
    instead: Sequence[float] | Sequence[str] | None = None


def rearrange(grid: Grid, columns: Sequence[NewColumn]) -> Grid:
    """Build a grid: row 0 is the header, then the cells."""
    height = 1 + max((len(column.places) for column in columns), default=0)
    places = np.full((height, len(columns), 2), NOWHERE, dtype=np.int32)
    for index, column in enumerate(columns):
        places[0, index] = column.at
        places[1 : 1 + len(column.places), index] = column.places
    made = tuple(_column(grid, column, height) for column in columns)
    return Grid(grid.file, grid.sheet, made, grid.from_text, grid.decimal_comma_possible, (), places)


def transpose(grid: Grid) -> Grid:
    """Turn a grid: its rows become columns."""
    rows, width = grid.rows, len(grid.columns)
    row, column = np.meshgrid(np.arange(rows), np.arange(width), indexing="ij")
    places = np.stack([row, column], axis=2).astype(np.int32).transpose(1, 0, 2)
    kind = np.array([column.kind for column in grid.columns], dtype=np.uint8).reshape(width, rows)
    number = np.array([column.number for column in grid.columns]).reshape(width, rows)
    texts: list[dict[int, str]] = [{} for _ in range(rows)]
    percent: list[set[int]] = [set() for _ in range(rows)]
    for index, one in enumerate(grid.columns):
        for at, text in one.text.items():
            texts[at][index] = text
        for at in one.percent:
            percent[at].add(index)
    made = tuple(
        Column(kind[:, at].copy(), number[:, at].copy(), texts[at], frozenset(percent[at])) for at in range(rows)
    )
    merged = tuple((left, top, right, bottom) for top, left, bottom, right in grid.merged)
    return Grid(grid.file, grid.sheet, made, grid.from_text, grid.decimal_comma_possible, merged, places)


def _column(grid: Grid, new: NewColumn, height: int) -> Column:
    kind, number = np.zeros(height, dtype=np.uint8), np.full(height, np.nan)
    text: dict[int, str] = {0: new.header}
    percent: set[int] = set()
    kind[0] = TEXT
    if new.instead is not None:
        _put(new.instead, kind, number, text)
    else:
        for source in np.unique(new.places[:, 1]).tolist():
            if source == NOWHERE:
                continue
            there = np.flatnonzero(new.places[:, 1] == source)
            rows = new.places[there, 0]
            own = grid.columns[source]
            kind[1 + there], number[1 + there] = own.kind[rows], own.number[rows]
            telling = np.flatnonzero(np.isin(own.kind[rows], (TEXT, ERROR)))
            text |= {int(1 + there[i]): own.text[int(rows[i])] for i in telling.tolist()}
            if own.percent:
                percent |= {
                    int(1 + i) for i, row in zip(there.tolist(), rows.tolist(), strict=True) if row in own.percent
                }
    return Column(kind, number, text, frozenset(percent))


def _put(
    values: Sequence[float] | Sequence[str], kind: NDArray[np.uint8], number: NDArray[np.float64], text: dict[int, str]
) -> None:
    for row, value in enumerate(values, start=1):
        if isinstance(value, str):
            kind[row] = TEXT if value else EMPTY
            if value:
                text[row] = value
        elif isinstance(value, float | int):
            kind[row], number[row] = NUMBER, value


def place_array(places: Sequence[tuple[int, int]]) -> Places:
    """Return (row, column) pairs as an array (n, 2)."""
    return np.array(places, dtype=np.int32).reshape(len(places), 2)
