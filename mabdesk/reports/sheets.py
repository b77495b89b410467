"""How a sheet of a report looks: titles, tables, notes, print set-up; the same on every sheet."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

_ACCENT = "0F766E"
_TITLE = Font(name="Calibri", size=16, bold=True, color=_ACCENT)
_HEADING = Font(name="Calibri", size=12, bold=True, color=_ACCENT)
_HEADER = Font(name="Calibri", size=11, bold=True)
_NOTE = Font(name="Calibri", size=10, italic=True, color="57534E")
_WARNING = Font(name="Calibri", size=12, bold=True, color="B91C1C")
_HEADER_FILL = PatternFill("solid", fgColor="E7E5E4")
_LINE = Border(bottom=Side(style="thin", color="A8A29E"))
_WIDEST = 60
_LONGEST_TEXT = 32_767  # Excel's limit for one cell


def title(sheet: Worksheet, text: str, sentence: str = "") -> None:
    """Write the sheet's title into A1 and one sentence on what it shows into A2."""
    _write(sheet, 1, 1, text).font = _TITLE
    if sentence:
        _write(sheet, 2, 1, sentence).font = _NOTE
    sheet.row_dimensions[1].height = 24


def heading(sheet: Worksheet, text: str, row: int | None = None) -> int:
    """Write a heading below what is there (or into `row`) and return the next free row."""
    row = row or sheet.max_row + 2
    _write(sheet, row, 1, text).font = _HEADING
    return row + 1


def warning(sheet: Worksheet, text: str, row: int | None = None) -> int:
    """Write a sentence that must not be overlooked and return the next free row."""
    row = row or sheet.max_row + 1
    _write(sheet, row, 1, text).font = _WARNING
    return row + 1


def note(sheet: Worksheet, text: str, row: int | None = None) -> int:
    """Write a small sentence and return the next free row."""
    row = row or sheet.max_row + 1
    _write(sheet, row, 1, text).font = _NOTE
    return row + 1


def pairs(sheet: Worksheet, rows: Iterable[tuple[str, Any]], row: int | None = None) -> int:
    """Write names and values in two columns and return the next free row."""
    row = row or sheet.max_row + 1
    for name, value in rows:
        _write(sheet, row, 1, name).font = _HEADER
        cell = _write(sheet, row, 2, value)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        row += 1
    return row


def table(
    sheet: Worksheet,
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    row: int | None = None,
    number_format: str = "0.000",
    filters: bool = False,
) -> tuple[int, int]:
    """Write a table and return its first and last data row (last < first when it is empty).

    Numbers stay numbers, shown in `number_format` (whole numbers as such); NaN is an empty cell.
    """
    header = row or sheet.max_row + 1
    for column, text in enumerate(headers, start=1):
        cell = _write(sheet, header, column, text)
        cell.font, cell.fill, cell.border = _HEADER, _HEADER_FILL, _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    last = header
    for last, values in enumerate(rows, start=header + 1):
        for column, value in enumerate(values, start=1):
            cell = _write(sheet, last, column, value)
            if isinstance(value, float):
                cell.number_format = number_format
    if filters and last > header:
        sheet.auto_filter.ref = f"A{header}:{get_column_letter(len(headers))}{last}"
        sheet.freeze_panes = f"A{header + 1}"
        sheet.print_title_rows = f"{header}:{header}"
    return header + 1, last


def finish(sheet: Worksheet, footer: str, landscape: bool = False) -> None:
    """Set column widths from the contents, and the print set-up: fit to width, footer with page numbers."""
    widths: dict[int, int] = {}
    for cells in sheet.iter_rows(min_row=3, max_row=min(sheet.max_row, 400)):
        for cell in cells:
            if cell.value is not None and not (cell.column == 1 and cell.font.i):
                shown = f"{cell.value:.3f}" if isinstance(cell.value, float) else str(cell.value)
                widths[cell.column or 1] = max(widths.get(cell.column or 1, 9), min(len(shown) + 2, _WIDEST))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = 9  # A4; "fit to width" keeps it whole on Letter too
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if sheet.oddFooter.left is not None and sheet.oddFooter.right is not None:
        sheet.oddFooter.left.text = footer.replace("&", "&&")
        sheet.oddFooter.right.text = "Page &P of &N"
    sheet.sheet_view.showGridLines = False


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        # Text that looks like a formula stays text, and characters that a workbook cannot hold are shown as such.
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
    elif isinstance(value, float) and not math.isfinite(value):
        cell.value = None
    else:
        cell.value = value
    if not isinstance(cell, Cell):
        raise TypeError("a report has no merged cells")
    return cell
