"""How wide the columns and how high the rows of a report's sheet are, so that it can be read on paper."""

import math
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

HEADER_COLOR = "E7E5E4"
BODY_SIZE = 11
_WIDEST, _WIDEST_WORD, _NARROWEST = 44, 66, 9.0  # characters; 64 are a SHA-256
_LEAST_TEXT = 16.0  # to which a column of text is narrowed where the page is full
_LOOKED_AT = 400  # rows that widths and heights are set from; later rows look alike
_POINTS = 15.0  # height of one line


class _Placed(NamedTuple):
    """One filled cell; `runs_on` where its text may use the empty columns to its right."""

    cell: Cell | MergedCell
    column: int
    runs_on: bool


def spread(sheet: Worksheet, page: float) -> None:
    """Set column widths and row heights for a page of that many characters.

    The table with most columns decides on widths; sentences, values beside names, and the last texts of narrower
    tables run on over the columns to their right. Texts wrap rather than shrink the page.
    """
    rows = list(_placed(sheet))
    widths = _widths(rows, page)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    last, total = 1, widths.get(1, _NARROWEST)
    while total + widths.get(last + 1, _NARROWEST) <= page or last < max(widths, default=1):
        last += 1
        total += widths.get(last, _NARROWEST)
    for row in rows:
        lines = max((_lines(sheet, placed, widths, last) for placed in row), default=1)
        if lines > 1:
            sheet.row_dimensions[row[0].cell.row or 1].height = _POINTS * lines


def _placed(sheet: Worksheet) -> Iterator[list[_Placed]]:
    """Yield the filled cells of every row, with which of them run on."""
    seen = list(sheet.iter_rows(max_row=min(sheet.max_row, _LOOKED_AT)))
    most = max(map(_header_columns, seen), default=0)
    columns = 0
    for cells in seen:
        filled = [(cell, cell.column) for cell in cells if cell.value is not None and cell.column is not None]
        columns = _header_columns(cells) or (columns if filled else 0)
        ends = columns if 1 < columns < most and not _filtered(sheet, cells[0].row) else 0
        yield [_Placed(cell, column, _runs_on(cell, column, ends)) for cell, column in filled]


def _header_columns(cells: tuple[Cell | MergedCell, ...]) -> int:
    return sum(str(cell.fill.fgColor.rgb).endswith(HEADER_COLOR) for cell in cells if isinstance(cell, Cell))


def _filtered(sheet: Worksheet, row: int | None) -> bool:
    """Whether the row stands in a table with a filter, whose cells must not be merged."""
    if not sheet.auto_filter.ref or row is None:
        return False
    first, last = (int("".join(filter(str.isdigit, end))) for end in sheet.auto_filter.ref.split(":"))
    return first <= row <= last


def _runs_on(cell: Cell | MergedCell, column: int, ends: int) -> bool:
    if not isinstance(cell.value, str):
        return False
    sentence = column == 1 and (cell.font.i or cell.font.size > BODY_SIZE)
    beside_a_name = column == 2 and cell.alignment.horizontal == "left" and not cell.alignment.indent
    return sentence or beside_a_name or (column == ends and not cell.font.b)


def _widths(rows: list[list[_Placed]], page: float) -> dict[int, float]:
    """Return the width of every column, narrowed where it holds texts and the page is full."""
    wanted: dict[int, float] = {}
    least: dict[int, float] = {}
    for placed in (placed for row in rows for placed in row if not placed.runs_on):
        want, need = _wanted(placed.cell)
        wanted[placed.column] = max(wanted.get(placed.column, _NARROWEST), want)
        least[placed.column] = max(least.get(placed.column, _NARROWEST), need)
    while sum(wanted.values()) > page:
        widest = max(wanted, key=lambda column: wanted[column] - least[column])
        if wanted[widest] - least[widest] < 1:
            break
        wanted[widest] -= 1
    return wanted


def _wanted(cell: Cell | MergedCell) -> tuple[float, float]:
    """Return how wide a cell wants its column, and what it needs at least."""
    if isinstance(cell.value, float):
        shown = f"{cell.value:.6g}" if cell.number_format == "General" else f"{cell.value:.3f}"
        return len(shown) + 2, len(shown) + 2
    text = str(cell.value)
    word = max(map(len, text.split()), default=0)
    if not isinstance(cell.value, str):
        return len(text) + 2, len(text) + 2
    whole = max(word, math.ceil(len(text) / 2)) if cell.font.b and cell.alignment.wrap_text else len(text)
    return max(min(whole, _WIDEST), min(word, _WIDEST_WORD)) + 3, min(word + 3, _LEAST_TEXT)


def _lines(sheet: Worksheet, placed: _Placed, widths: dict[int, float], last: int) -> int:
    """Return how many lines a cell takes; merge it with the columns that its text runs over."""
    cell, column, runs_on = placed
    if not isinstance(cell.value, str):
        return 1
    own = widths.get(column, _NARROWEST)
    if runs_on and last > column and len(cell.value) + 2 > own:
        sheet.merge_cells(start_row=cell.row, end_row=cell.row, start_column=column, end_column=last)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left", indent=cell.alignment.indent)
        own = sum(widths.get(number, _NARROWEST) for number in range(column, last + 1))
    if not cell.alignment.wrap_text:
        return 1
    room = (own - 2) * BODY_SIZE / max(cell.font.size, BODY_SIZE) / (1.08 if cell.font.b else 1.0)
    return sum(len(textwrap.wrap(line, max(int(room), 1))) or 1 for line in cell.value.splitlines()) or 1
