"""The list of every change that importing or cleaning made, as a workbook or as CSV."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence

from mabdesk.data.batch import Change
from mabdesk.data.places import Place, split_places
from mabdesk.reports.table import write_table

HEADERS = ("File", "Sheet", "Cell", "Variable", "Batch", "Culture hour", "Before", "After", "Rule", "Values")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")  # no formula, although it may begin as one


def change_rows(changes: Iterable[Change], files: Sequence[str]) -> list[tuple[object, ...]]:
    """Return one row of HEADERS a change; `files` are the names of the files that were read."""
    return [_row(change, files) for change in changes]


def change_workbook(changes: Iterable[Change], files: Sequence[str], notes: Sequence[str] = ()) -> bytes:
    """Return the bytes of a workbook with every change and, on a second sheet, the notes."""
    return write_table("Changes", HEADERS, change_rows(changes, files), notes)


def change_csv(changes: Iterable[Change], files: Sequence[str], notes: Sequence[str] = ()) -> bytes:
    """Return every change as CSV (UTF-8 with its mark), the notes below.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADERS)
    for row in change_rows(changes, files):
        writer.writerow([_harmless(value) for value in row])
    writer.writerows([[_harmless(note)] for note in notes])
    return stream.getvalue().encode("utf-8-sig")


def _row(change: Change, files: Sequence[str]) -> tuple[object, ...]:
    places = split_places(change.cell, files)
    hour = None if math.isnan(change.hour) else round(change.hour, 6)
    where = (_joined(place.file for place in places), _joined(place.sheet for place in places), _cells(places))
    if not places:
        where = ("", "", change.cell)
    return (
        *where, change.variable, change.batch, hour, change.before, change.after, change.rule, change.count,
    )  # fmt: skip


def _cells(places: Sequence[Place]) -> str:
    """Name the cells; with sheet or file where these differ."""
    several = len({(place.file, place.sheet) for place in places}) > 1
    return " and ".join(
        f"{place.sheet or place.file}, {place.cell}" if several and place.cell else place.cell for place in places
    )


def _joined(names: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(filter(None, names)))


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
