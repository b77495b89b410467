"""A user's file opened as a workbook that can be marked and written again without one value altered."""

import io
import re
import warnings
from pathlib import PurePath
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.places import column_index
from mabdesk.data.reading.sources.content import kind_of
from mabdesk.data.reading.sources.scan import LONGEST_TEXT, scan_workbook
from mabdesk.data.reading.sources.text import read_text
from mabdesk.data.reading.values.cells import EMPTY
from mabdesk.errors import ReadingError

MOST_CELLS = 3_000_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME = 31
_INSTEAD = "Export the list of changes instead: `mabdesk changes`."


class _ExactReader(ExcelReader):
    """Reads dates as the numbers that the file holds: as moments they would come back rounded to milliseconds."""

    def read_worksheets(self) -> None:
        """Read the sheets of a workbook that knows no format of dates."""
        book: Any = self.wb
        book._date_formats, book._timedelta_formats = set(), set()  # noqa: SLF001 - openpyxl has no switch for it
        super().read_worksheets()


def is_workbook(data: bytes) -> bool:
    """Say whether a file's places name sheets, as those of a text table do not."""
    return data.startswith(b"PK")


def open_source(name: str, data: bytes) -> Workbook:
    """Open the raw bytes of a workbook (.xlsx, .xlsm), or of a text table as a workbook of texts, to be written again.

    Formulas, formats and rich texts stay. Charts, pictures and macros are left out.

    Raises:
        ReadingError: the file is damaged, hostile, too large, or of a kind that cannot be copied.
    """
    if is_workbook(data):
        return _workbook(name, data)
    if kind_of(name, data) == "text":
        return _text_book(name, data)
    raise ReadingError(f"{name} is of a kind that no marked copy can be made of.", _INSTEAD)


def _workbook(name: str, data: bytes) -> Workbook:
    cells = 0
    for found in scan_workbook(name, data).values():
        width = len({column_index(letters.decode()) for letters in found.columns})
        cells += width * max(found.rows[1] - found.rows[0] + 1, 0)
    _check_size(name, cells)
    reader = _ExactReader(io.BytesIO(data), keep_vba=False, rich_text=True)
    try:
        with warnings.catch_warnings(action="ignore"):  # of what is left out, which the copy says itself
            reader.read()
    except Exception as error:  # openpyxl raises whatever comes: KeyError, TypeError, ValueError ...
        raise ReadingError(
            f"{name} cannot be copied: a part of it is written in an unusual way ({type(error).__name__}).",
            f"Open it in Excel, save it as .xlsx and import that. {_INSTEAD}",
        ) from error
    book: Workbook = reader.wb
    for chart in list(book.chartsheets):
        book.remove(chart)
    for sheet in book.worksheets:
        _keep_plain(sheet)
    return book


def _keep_plain(sheet: Any) -> None:
    """Leave out drawings, and have the cells written as they are."""
    sheet._charts, sheet._images = [], []  # noqa: SLF001 - openpyxl has no other way to remove them
    for cell in sheet._cells.values():  # noqa: SLF001 - all other ways make the cells that are not there
        _keep_exact(cell)


def _keep_exact(cell: Any) -> None:
    """Have a number written with all its digits: openpyxl writes 16, and some need 17."""
    value = cell.value
    if cell.data_type == "n" and isinstance(value, int | float) and float(f"{value:.16g}") != value:
        cell.value = repr(value)
        cell.data_type = "n"


def _text_book(name: str, data: bytes) -> Workbook:
    grid, _ = read_text(name, data)
    _check_size(name, grid.rows * len(grid.columns))
    if grid.rows > MOST_ROWS or len(grid.columns) > MOST_COLUMNS:
        raise ReadingError(
            f"{name} has {grid.rows:,} rows and {len(grid.columns):,} columns, more than a workbook holds.", _INSTEAD
        )
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _NOT_IN_NAMES.sub(" ", PurePath(name).stem).strip()[:_LONGEST_NAME] or "Table"
    for index, column in enumerate(grid.columns, start=1):
        for row in (column.kind != EMPTY).nonzero()[0].tolist():
            _put_text(sheet, row + 1, index, column.shown(row))
    return book


def _put_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell: Any = sheet.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:LONGEST_TEXT]
    cell.data_type = "s"  # after the value: openpyxl would make a formula of "=1"
    if text[:1] in "=+-@":
        cell.quotePrefix = True


def _check_size(name: str, cells: int) -> None:
    if cells > MOST_CELLS:
        raise ReadingError(
            f"{name} has about {cells:,} cells; a marked copy is made of files with at most {MOST_CELLS:,}.", _INSTEAD
        )
