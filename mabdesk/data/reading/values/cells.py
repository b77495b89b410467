"""What a sheet or a text file is once it is read: columns of cells with their kinds, and the names of cells."""

import datetime as dt
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.places import letters
from mabdesk.data.reading.values.texts import Texts

EMPTY, NUMBER, DATE, DURATION, TEXT, ERROR = range(6)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - workbooks know no time zones
_KIND_OF = {int: NUMBER, float: NUMBER, str: TEXT, bool: TEXT, dt.datetime: DATE, dt.date: DATE}
_KIND_OF |= {dt.time: DURATION, dt.timedelta: DURATION, type(None): EMPTY}


@dataclass(frozen=True, eq=False)
class Column:
    """The n cells of one column from row 0 on.

    kind    (n,) what each cell is
    number  (n,) numbers as they are, dates in seconds since 1970, durations in seconds; NaN for all else
    text    row -> text of the text cells (stripped) and of the error cells
    percent rows of number cells that the workbook shows as percent: 0.985 is seen as 98.5 %
    """

    kind: NDArray[np.uint8]
    number: Floats
    text: Mapping[int, str] = field(default_factory=dict)
    percent: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.kind)

    def shown(self, row: int) -> str:
        """Write one cell as a reader would."""
        kind = int(self.kind[row])
        if kind == EMPTY:
            return ""
        if kind == NUMBER:
            return whole(float(self.number[row]))
        if kind == DATE:
            return date_text(float(self.number[row]))
        return f"{self.number[row] / 3600:g} h" if kind == DURATION else self.text[row]

    def texts_at(self, rows: NDArray[np.intp]) -> list[str]:
        """Return the texts of many rows that are all text or error cells."""
        return self.text.at(rows) if isinstance(self.text, Texts) else [self.text[row] for row in rows.tolist()]

    def shown_at(self, rows: NDArray[np.intp]) -> list[str]:
        """Write many cells as a reader would, "" for an empty one."""
        shown = [""] * len(rows)
        places = np.flatnonzero(self.kind[rows] != EMPTY)
        filled = rows[places]
        texts = (self.kind[filled] == TEXT).all()
        found = self.texts_at(filled) if texts else [self.shown(row) for row in filled.tolist()]
        for place, text in zip(places.tolist(), found, strict=True):
            shown[place] = text
        return shown

    def padded(self, rows: int) -> "Column":
        """Return the column with empty cells below, to be `rows` long."""
        more = rows - len(self)
        if more <= 0:
            return self
        kind = np.concatenate([self.kind, np.zeros(more, dtype=np.uint8)])
        return Column(kind, np.concatenate([self.number, np.full(more, np.nan)]), self.text, self.percent)

    def with_errors(self, errors: Mapping[int, str]) -> "Column":
        """Return the column with these rows marked as cells that hold no usable value."""
        longer = self.padded(max(errors) + 1)
        rows = np.fromiter(errors, dtype=np.intp)
        kind, number = longer.kind.copy(), longer.number.copy()
        kind[rows], number[rows] = ERROR, np.nan
        return Column(kind, number, {**longer.text, **errors}, longer.percent)


@dataclass(frozen=True, eq=False)
class Grid:
    """A sheet, or a text file (then `sheet` is ""). `decimal_comma_possible` is false where commas separate columns.

    `merged` are rectangles (top, left, bottom, right; ends included) of merged cells. Of a grid that was turned or
    rearranged, `places` (rows, columns, 2) has row and column of each cell in the file, -1 where there is none.
    """

    file: str
    sheet: str
    columns: tuple[Column, ...]
    from_text: bool = False
    decimal_comma_possible: bool = True
    merged: tuple[tuple[int, int, int, int], ...] = ()
    places: NDArray[np.int32] | None = None

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return max((len(column) for column in self.columns), default=0)

    def where(self, row: int | None = None, column: int | None = None) -> str:
        """Name the file, the sheet and a cell, a row or a column of it (both counted from 0)."""
        parts = [self.file, f"sheet {self.sheet}" if self.sheet else ""]
        row, column = self.place(row, column)
        if row is not None and column is not None:
            parts.append(f"cell {cell_name(row, column)}")
        elif row is not None:
            parts.append(f"row {row + 1}")
        elif column is not None:
            parts.append(f"column {letters(column)}")
        return ", ".join(filter(None, parts))

    def place(self, row: int | None, column: int | None) -> tuple[int | None, int | None]:
        """Return where a cell, a row or a column of this grid stands in the file; None for what has no place there."""
        if self.places is None:
            return row, column
        found = self.places[0 if row is None else row, 0 if column is None else column]
        own_row, own_column = (int(found[0]), int(found[1])) if found[0] >= 0 else (None, None)
        return (None if row is None else own_row), (None if column is None else own_column)

    def with_errors(self, errors: Mapping[tuple[int, int], str]) -> "Grid":
        """Return the grid with these cells (row, column) marked as errors."""
        if not errors:
            return self
        width = max(len(self.columns), max(column for _, column in errors) + 1)
        blank = Column(np.zeros(0, dtype=np.uint8), np.zeros(0))
        columns = [*self.columns, *[blank] * (width - len(self.columns))]
        for index in {column for _, column in errors}:
            columns[index] = columns[index].with_errors({row: t for (row, c), t in errors.items() if c == index})
        rows = max(len(column) for column in columns)
        return replace(self, columns=tuple(column.padded(rows) for column in columns))

    def with_percent(self, rows: Mapping[int, Collection[int]]) -> "Grid":
        """Return the grid with these cells (column -> rows), where they are numbers, marked as shown in percent."""
        columns = list(self.columns)
        for index in set(rows) & set(range(len(columns))):
            numbers = columns[index].kind == NUMBER
            shown = frozenset(row for row in rows[index] if row < len(numbers) and numbers[row])
            columns[index] = replace(columns[index], percent=shown)
        return replace(self, columns=tuple(columns)) if rows else self


def column_of(values: Sequence[Any]) -> Column:
    """Sort the values of one column, as calamine gives them, by what they are."""
    kind = np.array([_KIND_OF.get(sort, TEXT) for sort in map(type, values)], dtype=np.uint8)
    number = np.array([value if type(value) is float else np.nan for value in values], dtype=np.float64)
    for sort in {int, dt.datetime, dt.date, dt.time, dt.timedelta} & set(map(type, values)):
        rows = [row for row, value in enumerate(values) if type(value) is sort]
        number[rows] = _numbers(sort, [values[row] for row in rows])
    kind[(kind == NUMBER) & ~np.isfinite(number)] = EMPTY
    text = {}
    seen: dict[str, str] = {}  # one object for equal texts, which keeps what crosses between processes small
    for row in np.flatnonzero(kind == TEXT).tolist():
        stripped = str(values[row]).strip()
        if not stripped.isascii():
            stripped = unicodedata.normalize("NFC", stripped)  # one id, whether accents are letters of their own or not
        if stripped:
            text[row] = seen.setdefault(stripped, stripped)
        else:
            kind[row] = EMPTY
    return Column(kind, number, text)


def compact_column(cells: NDArray[Any]) -> Column:
    """Take the cells (n,) of a text file: an array of numpy's StringDType, stripped, "" where a cell is empty."""
    kind = np.where(cells != "", TEXT, EMPTY).astype(np.uint8)
    return Column(kind, np.broadcast_to(np.nan, len(cells)), Texts(cells))


def cell_name(row: int, column: int) -> str:
    """Name a cell as a workbook does; both count from 0."""
    return f"{letters(column)}{row + 1}"


def whole(number: float) -> str:
    """Write a number; whole ones without a point, so that the batch id 1.0 is "1"."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def date_text(seconds: float) -> str:
    """Write seconds since 1970 as date and time."""
    try:
        moment = _EPOCH + dt.timedelta(seconds=round(seconds))
    except OverflowError:
        return f"{seconds:g} s"
    return moment.isoformat(sep=" ", timespec="seconds")


def _numbers(sort: type, values: list[Any]) -> Floats:
    if sort is dt.time:
        return np.array([v.hour * 3600.0 + v.minute * 60 + v.second + v.microsecond / 1e6 for v in values])
    if sort is int:
        return np.array(values, dtype=np.float64)
    # To the millisecond: a workbook keeps days as fractions, and 09:15 must not become 09:14:59.999999.
    if sort is dt.timedelta:
        return np.array([round(value.total_seconds(), 3) for value in values])
    epoch = _EPOCH if sort is dt.datetime else _EPOCH.date()
    return np.asarray(np.round([(value - epoch).total_seconds() for value in values], 3))
