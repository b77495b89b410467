"""What came of reading files; apart from the readers, so that the window and the project file need none of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change, Dataset, Floats, Role
from mabdesk.data.places import letters
from mabdesk.errors import Problem

_SAME_HOUR = 1e-6


@dataclass(frozen=True)
class ColumnReading:
    """What one column became. Canonical value = value in the file * factor + offset; `cell` is the header's."""

    file: str
    sheet: str
    cell: str
    header: str
    use: str
    variable: str = ""
    role: Role | None = None
    unit_given: str = ""
    unit: str = ""
    factor: float = 1.0
    offset: float = 0.0
    reason: str = ""
    confidence: float = 1.0

    @property
    def source(self) -> str:
        """Name the header's place."""
        return ", ".join(filter(None, (self.file, f"sheet {self.sheet}" if self.sheet else "", f"cell {self.cell}")))


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the rows of one table came from, batch after batch.

    Batch i has the rows from `starts[i]` to `starts[i + 1]` of `hours` (n,), sorted within it, and of `rows` (n,), that
    count from 1 as the sheet does; `columns` are the letters by variable. Where a table was turned or rearranged to be
    read, `places` has by variable (n, 2) rows and columns, from 0, of the cells.
    """

    file: str
    sheet: str
    columns: Mapping[str, str]
    batches: tuple[str, ...]
    starts: NDArray[np.int64]
    hours: Floats
    rows: NDArray[np.int64]
    places: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def cells(self, batch: str, variable: str, hour: float) -> list[str]:
        """Name the cells of a value; none where the table has no such row or column."""
        if batch not in self.batches or (variable not in self.columns and variable not in self.places):
            return []
        place = self.batches.index(batch)
        own = slice(int(self.starts[place]), int(self.starts[place + 1]))
        same = np.abs(self.hours[own] - hour) < _SAME_HOUR
        where = f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
        if variable in self.places:
            there = self.places[variable][own][same].tolist()
            return [f"{where}, cell {letters(column)}{row + 1}" for row, column in there if row >= 0]
        rows = self.rows[own][same].tolist()
        return [f"{where}, cell {self.columns[variable]}{row}" for row in rows]


@dataclass(frozen=True, eq=False)
class Reading:
    """The dataset, the changes that reading made to values, warnings and notes, and what each column became."""

    dataset: Dataset
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    columns: tuple[ColumnReading, ...]
    origins: tuple[Origin, ...] = ()
    mapping: str = ""  # TOML: what every column of every table became

    def given_at(self, cell: str, variable: str, value: float) -> str:
        """Write a value of a variable as its cell has it, with the unit there; "" where both are in one unit.

        `cell` is the one place that the value was read from.
        """
        for column in self.columns:
            own = column.variable == variable and cell.startswith(f"{column.source.rpartition(', cell ')[0]}, cell ")
            if own and (column.factor, column.offset) != (1.0, 0.0):
                return f"{(value - column.offset) / column.factor:.6g} {column.unit_given}".strip()
        return ""

    def cell_of(self, batch: str, variable: str, hour: float) -> str:
        """Name the cell that a value was read from, all of them where it was read from several, "" where none is known.

        An hour that is no row of the table (a gap that was filled) has no cell.
        """
        return " and ".join(cell for origin in self.origins for cell in origin.cells(batch, variable, hour))
