"""One table as a workbook: what the window exports of a plot or a list."""

import math
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from mabdesk.reports.batch_sheets import headers, text_cell
from mabdesk.reports.saving import packed

_LONGEST_NAME = 31
_MOST_ROWS = 1_048_000


def write_table(
    title: str, titles: Sequence[str], rows: Sequence[Sequence[object]], notes: Sequence[str] = ()
) -> bytes:
    """Return the bytes of a workbook with one sheet of `rows` under `titles`, and notes on a second one.

    Numbers stay numbers, nothing (None, NaN) is an empty cell, and text that looks like a formula stays text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_name(title))
    head = headers(sheet, titles)
    sheet.freeze_panes = "A2"
    sheet.append(head)
    for row in rows[:_MOST_ROWS]:
        sheet.append([_cell(sheet, value) for value in row])
    said = list(notes)
    if len(rows) > _MOST_ROWS:
        said.append(f"Excel holds no more: {len(rows) - _MOST_ROWS} rows are left out. Export as CSV to have them all.")
    if said:
        about = book.create_sheet("Notes")
        for note in said:
            about.append([text_cell(about, note)])
    return packed(book)


def _cell(sheet: Any, value: object) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, bool | int | float) else text_cell(sheet, str(value))


def _name(title: str) -> str:
    kept = "".join(letter if letter not in "[]:*?/\\'" else " " for letter in title).strip()
    return kept[:_LONGEST_NAME] or "Table"
