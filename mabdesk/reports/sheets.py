"""How a sheet of a report looks: titles, tables, notes, print set-up; the same on every sheet."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.cell import Cell, MergedCell
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
_WIDEST = 44
_LINE_LENGTH = {False: 95.0, True: 140.0}  # characters on a portrait and on a landscape page
_LOOKED_AT = 400  # rows that widths and heights are set from; later rows look alike
_POINTS = 15.0  # height of one line
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
    """Set column widths and row heights from the contents, and the print set-up: fit to width, page numbers."""
    widths = _widths(sheet)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    _spread_sentences(sheet, widths, _LINE_LENGTH[landscape])
    bottom: Any = sheet.oddFooter  # typed as if it could be absent
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = 9  # A4; "fit to width" keeps it whole on Letter too
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    bottom.left.text, bottom.right.text = footer.replace("&", "&&"), "Page &P of &N"
    sheet.sheet_view.showGridLines = False


def _widths(sheet: Worksheet) -> dict[int, float]:
    """Return the width of every column: of its values, or of the longest word of its headers, which wrap."""
    widths: dict[int, float] = {}
    for cells in sheet.iter_rows(max_row=min(sheet.max_row, _LOOKED_AT)):
        for cell in cells:
            if cell.value is None or cell.column is None or _is_sentence(cell):
                continue
            widths[cell.column] = max(widths.get(cell.column, 9), min(_length(cell) + 2, _WIDEST))
    return widths


def _length(cell: Cell | MergedCell) -> int:
    if isinstance(cell.value, float):
        return len(f"{cell.value:.3f}")
    words = str(cell.value).split() if cell.alignment.wrap_text and cell.font.b else [str(cell.value)]
    return max(map(len, words), default=0)


def _is_sentence(cell: Cell | MergedCell) -> bool:
    """Whether the text may run over the columns to its right: titles, headings, notes, warnings."""
    return cell.column == 1 and (cell.font.i or cell.font.size > _HEADER.size)


def _spread_sentences(sheet: Worksheet, widths: dict[int, float], wanted: float) -> None:
    """Let sentences run over as many columns as the page is wide, wrapped; make rows high enough for wrapped text."""
    last, total = 1, widths.get(1, 9.0)
    while total < wanted:
        last += 1
        total += widths.get(last, 9.0)
    for cells in sheet.iter_rows(max_row=min(sheet.max_row, _LOOKED_AT)):
        lines = 1
        for cell in cells:
            if cell.value is None or cell.column is None:
                continue
            if _is_sentence(cell) and last > 1:
                sheet.merge_cells(start_row=cell.row, end_row=cell.row, start_column=1, end_column=last)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                lines = max(lines, math.ceil(len(str(cell.value)) * cell.font.size / _HEADER.size / total))
            elif cell.alignment.wrap_text and isinstance(cell.value, str):
                lines = max(lines, len(textwrap.wrap(cell.value, max(int(widths[cell.column]) - 2, 1))))
        if lines > 1:
            sheet.row_dimensions[cells[0].row or 1].height = _POINTS * lines


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
