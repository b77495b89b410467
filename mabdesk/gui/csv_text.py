"""A sheet as CSV, in the fixed form of files."""

import csv
import io

from mabdesk.gui.numbers import exact
from mabdesk.gui.sheet import Sheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(sheet: Sheet) -> bytes:
    """Write a sheet as CSV: UTF-8 with its mark, points, and no text that a spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_harmless(header) for header in sheet.headers])
    writer.writerows([[_harmless(value) for value in row] for row in sheet.rows])
    writer.writerows([[_harmless(note)] for note in sheet.notes])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _harmless(value: object) -> str:
    text = exact(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
