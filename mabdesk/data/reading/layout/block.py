"""A table found in a sheet, with its headings and the rows of its data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.mapping import BatchFrom, Layout, fingerprint
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.values.cells import DATE, DURATION, EMPTY, NUMBER, TEXT, Grid


@dataclass(frozen=True, eq=False)
class Block:
    """A table found in a grid: its headings and the indices of its rows of data (blank rows left out).

    `grid` is the sheet itself or, for a layout that is no rows of samples, a rearranged one whose cells know their
    places. `batch` is the id of the one batch that the whole table tells of, `batch_from` where that was found; `facts`
    are tags in its title ("cell line" -> "A"), `said` other pairs of a name and a value there. `known_by` are the
    headers that the fingerprint is made of.
    """

    grid: Grid
    header_row: int
    headings: tuple[Heading, ...]
    rows: NDArray[np.intp]
    unheaded: tuple[int, ...] = ()
    layout: Layout = "rows"
    batch: str = ""
    batch_from: BatchFrom = "column"
    facts: Mapping[str, str] = field(default_factory=dict)
    known_by: tuple[str, ...] = ()
    title: str = ""
    said: tuple[tuple[str, str, int, int], ...] = ()  # name, value, row and column of pairs above the table
    top: int = -1  # the first row of a header of several rows
    told: str = ""  # the fingerprint under which the user chose this layout

    @property
    def fingerprint(self) -> str:
        """What the table is known by."""
        return self.told or fingerprint(self.layout, self.known_by or [found.text for found in self.headings])

    def where(self, found: Heading, row: int | None = None) -> str:
        """Name a cell of a column, or its header cell."""
        return self.grid.where(self.header_row if row is None else row, found.column)

    def filled(self, found: Heading) -> bool:
        """Tell whether a column holds anything."""
        return bool((self.grid.columns[found.column].kind[self.rows] != EMPTY).any())


@dataclass(frozen=True)
class Region:
    """A rectangle of a grid that is looked through for one table: rows [top, bottom), columns [left, right)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Header:
    """The row of names, the first row of data, the headings, and by column the group's text above it."""

    row: int
    first: int
    headings: tuple[Heading, ...]
    groups: Mapping[int, str]
    top: int


def is_number(text: str) -> bool:
    """Tell whether a text starts like a number."""
    return text[:1].isdigit() or (text[:1] in "+-.,<>" and text[1:2].isdigit())


def texts_of(grid: Grid, row: int, columns: Sequence[int]) -> dict[int, str] | None:
    """Return column -> text of the text cells of a row; None when it holds a number, a date or a duration."""
    texts = {}
    for index in columns:
        column = grid.columns[index]
        kind = int(column.kind[row])
        if kind in {NUMBER, DATE, DURATION}:
            return None
        if kind == TEXT:
            text = column.text[row]
            if grid.from_text and is_number(text):
                return None
            texts[index] = text
    return texts


def filled_rows(grid: Grid, region: Region) -> NDArray[np.intp]:
    """Return the rows of a region in which any cell holds something."""
    found = np.zeros(region.bottom - region.top, dtype=bool)
    for index in range(region.left, region.right):
        found |= grid.columns[index].kind[region.top : region.bottom] != EMPTY
    return region.top + np.flatnonzero(found)


def rows_of(block: Block) -> tuple[int, int]:
    """Return the first and the last row of the file that a table with its header stands in."""
    places = block.grid.places
    if places is None:
        top = block.top if block.top >= 0 else block.header_row
        return top, int(block.rows[-1]) if len(block.rows) else block.header_row
    columns = [found.column for found in block.headings]
    rows = places[np.concatenate([[block.header_row], block.rows])][:, columns, 0]
    there = rows[rows >= 0]
    return int(there.min()), int(there.max())
