"""How a sheet of a report looks: titles, tables, notes, print set-up; the same on every sheet."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.reports.layout import BODY_SIZE, HEADER_COLOR, spread

_ACCENT = "0F766E"
_TITLE = Font(name="Calibri", size=16, bold=True, color=_ACCENT)
_HEADING = Font(name="Calibri", size=12, bold=True, color=_ACCENT)
_HEADER = Font(name="Calibri", size=BODY_SIZE, bold=True)
_NOTE = Font(name="Calibri", size=10, italic=True, color="57534E")
_WARNING = Font(name="Calibri", size=12, bold=True, color="B91C1C")
_HEADER_FILL = PatternFill("solid", fgColor=HEADER_COLOR)
_LINE = Border(bottom=Side(style="thin", color="A8A29E"))
_LINK = Font(name="Calibri", size=BODY_SIZE, color=_ACCENT, underline="single")
_TEXT_CELL = Alignment(wrap_text=True, vertical="top", horizontal="left", indent=1)
_NUMBER_CELL = Alignment(vertical="top")
_NUMBER_HEADER = Alignment(wrap_text=True, vertical="top", horizontal="right")
_RUNNING_ON = Alignment(wrap_text=True, vertical="top", horizontal="left")
_DEEPEST_FROZEN = 8  # a header further down would freeze the whole window
_SIGNING_HEIGHT = 28
_LINE_LENGTH = {False: 95.0, True: 140.0}  # characters on a portrait and on a landscape page
_ROUNDING = 1e-9  # what is nearer to zero is shown to 12 digits
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
        cell.alignment = _RUNNING_ON
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
    header, rows = row or sheet.max_row + 1, [tuple(values) for values in rows]
    texts = {column for values in rows for column, value in enumerate(values, start=1) if _is_text(value)}
    for column, text in enumerate(headers, start=1):
        cell = _write(sheet, header, column, text)
        cell.font, cell.fill, cell.border = _HEADER, _HEADER_FILL, _LINE
        cell.alignment = _TEXT_CELL if column in texts or not rows else _NUMBER_HEADER
    for number, values in enumerate(rows, start=header + 1):
        for column, value in enumerate(values, start=1):
            cell = _write(sheet, number, column, value)
            cell.alignment = _TEXT_CELL if column in texts else _NUMBER_CELL
            if isinstance(value, float):
                cell.number_format = number_format
    last = header + len(rows)
    if filters and rows:
        sheet.auto_filter.ref = f"A{header}:{get_column_letter(len(headers))}{last}"
        sheet.print_title_rows = f"{header}:{header}"
        sheet.freeze_panes = f"A{header + 1}" if header <= _DEEPEST_FROZEN else None
    return header + 1, last


def links(sheet: Worksheet, rows: range) -> None:
    """Turn the first cells of these rows, which hold sheet names, into links to those sheets."""
    for row in rows:
        cell = sheet.cell(row, 1)
        quoted = str(cell.value).replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!A1")
        cell.font = _LINK


def signatures(sheet: Worksheet, roles: Sequence[str], headers: Sequence[str]) -> None:
    """Write lines to sign on: the role in the first column, every other header two columns wide."""
    first = sheet.max_row + 1
    for row, texts in enumerate([headers, *([role] + [""] * (len(headers) - 1) for role in roles)], start=first):
        for number, text in enumerate(texts):
            start, end = max(2 * number, 1), 2 * number + 1
            cell = _write(sheet, row, start, text)
            cell.alignment, cell.font = _TEXT_CELL, _HEADER
            for column in range(start, end + 1):
                sheet.cell(row, column).border = _LINE
                if row == first:
                    sheet.cell(row, column).fill = _HEADER_FILL
            if end > start:
                sheet.merge_cells(start_row=row, end_row=row, start_column=start, end_column=end)
        if row > first:
            sheet.row_dimensions[row].height = _SIGNING_HEIGHT


def finish(sheet: Worksheet, footer: str, landscape: bool = False) -> None:
    """Set column widths and row heights from the contents, and the print set-up: fit to width, page numbers."""
    spread(sheet, _LINE_LENGTH[landscape])
    bottom: Any = sheet.oddFooter  # typed as if it could be absent
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = 9  # A4; "fit to width" keeps it whole on Letter too
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    bottom.left.text, bottom.right.text = footer.replace("&", "&&"), "Page &P of &N"
    sheet.sheet_view.showGridLines = False


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        # Text that looks like a formula stays text, and characters that a workbook cannot hold are shown as such.
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
    elif isinstance(value, float):
        cell.value = _tidy(value)
    else:
        cell.value = value
    if not isinstance(cell, Cell):
        raise TypeError("a report has no merged cells")
    return cell


def _tidy(value: float) -> float | None:
    """Return an empty cell for what is no number, and 0.0 for what rounding leaves of a zero."""
    if not math.isfinite(value):
        return None
    return round(value, 12) + 0.0 if abs(value) < _ROUNDING else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
