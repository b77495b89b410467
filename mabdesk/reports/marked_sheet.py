"""The first sheet of a marked copy: legend, where the copy comes from, and every change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.reports import sheets
from mabdesk.reports.change_list import HEADERS, change_rows
from mabdesk.reports.marking import CHANGE_COLORS, COLUMN_COLORS, Marking
from mabdesk.reports.workbooks import SIMULATED

MOST_LISTED = 100_000
_TITLE = "mabdesk"
_SAID = (
    "No value, formula or number format of the copied sheets was changed: only colors and comments were added.",
    "Charts, pictures and macros of the original are not carried over by this copy.",
    "Excel calculates the formulas when it opens the copy; the original stays the record.",
)
_WIDTHS = (24, 16, 12, 18, 16, 12, 18, 18, 44, 9)


@dataclass
class Done:
    """What marking could do: cells filled, places not found, changes of other files, cells without comment by sheet."""

    filled: int = 0
    lost: int = 0
    others: int = 0
    uncommented: dict[str, int] = field(default_factory=dict)


def add_sheet(book: Workbook, marking: Marking, done: Done) -> None:
    """Put the sheet "mabdesk" (another name where that is taken) before the others and show it first."""
    sheet: Worksheet = book.create_sheet(_free(book), 0)
    book.active = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet  # several selected sheets would be edited together
    for view in book.views:
        view.firstSheet = 0
    sheets.title(sheet, f"Marked copy of {marking.file}", "What mabdesk read in another way than it stands there.")
    if marking.simulated:
        sheets.warning(sheet, SIMULATED)
    for sentence in (*_SAID, *_limits(marking, done)):
        sheets.note(sheet, sentence)
    origin = (("Source", marking.file), ("SHA-256", marking.sha256), ("Result", marking.result))
    sheets.pairs(sheet, [*origin, ("Marked cells", done.filled)], sheet.max_row + 2)
    _legend(sheet, "Colors of changed cells", CHANGE_COLORS)
    _legend(sheet, "Colors of headers: what the column became", COLUMN_COLORS)
    row = sheets.heading(sheet, f"Every change ({len(marking.changes):,})")
    listed = marking.changes[:MOST_LISTED]
    sheets.table(sheet, HEADERS, change_rows(listed, marking.files), row=row, filters=True, number_format="0.###")
    for letter, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width


def _limits(marking: Marking, done: Done) -> list[str]:
    """Say what this copy does not show."""
    said = [
        f"Sheet {name}: {count:,} marked cells have no comment, as there would be too many; they are colored."
        for name, count in done.uncommented.items()
    ]
    if len(marking.changes) > MOST_LISTED:
        said.append(
            f"The list stops at {MOST_LISTED:,} of {len(marking.changes):,} changes: "
            "`mabdesk changes` writes all of them as CSV."
        )
    if done.others:
        said.append(f"{done.others:,} changes concern other files of this result and are not listed here.")
    if done.lost:
        said.append(f"{done.lost:,} places that the changes name are no cells of this copy.")
    return said


def _legend(sheet: Worksheet, text: str, colors: Mapping[str, tuple[str, str]]) -> None:
    row = sheets.heading(sheet, text)
    row = sheets.pairs(sheet, [(name, meaning) for name, (_, meaning) in colors.items()], row)
    for number, (color, _) in enumerate(colors.values(), start=row - len(colors)):
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor=color.lstrip("#"))


def _free(book: Workbook) -> str:
    taken = {name.casefold() for name in book.sheetnames}
    names = (_TITLE, *(f"{_TITLE} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
