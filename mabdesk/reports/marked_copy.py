"""A copy of the user's workbook with the cells marked that mabdesk read in another way than they stand there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl.cell import MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.batch import Change
from mabdesk.data.imported import ColumnReading
from mabdesk.data.places import split_places
from mabdesk.progress import SILENT, Progress
from mabdesk.reports.marked_sheet import Done, add_sheet
from mabdesk.reports.marking import CHANGE_COLORS, COLUMN_COLORS, Marking, change_kind, column_kind
from mabdesk.reports.saving import packed
from mabdesk.reports.source_book import MOST_COLUMNS, MOST_ROWS, is_workbook, open_source

MOST_COMMENTS = 5_000
_MOST_NOTES = 6
_LONGEST_VALUE, _LONGEST_COMMENT = 200, 2_000
_LINE_HEIGHT, _COMMENT_WIDTH = 18, 320
_GRAVITY = tuple(CHANGE_COLORS)
_AUTHOR = "mabdesk"


@dataclass
class _Mark:
    """What one cell gets: the color, and the paragraphs of its comment."""

    color: str
    gravity: int
    notes: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, note: str, color: str, gravity: int) -> None:
        if gravity < self.gravity:
            self.color, self.gravity = color, gravity
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(note)
        else:
            self.more += 1


_Marks = dict[str, dict[str, _Mark]]  # by sheet and cell


def marked_copy(marking: Marking, data: bytes, progress: Progress = SILENT) -> bytes:
    """Return the bytes of an .xlsx copy of a source file, its cells marked, and a first sheet that tells what was done.

    Values, formulas and number formats stay as they are; a text table becomes a sheet of texts.

    Args:
        marking: what to mark, of which file.
        data: the raw bytes of the file.
        progress: who listens.

    Raises:
        ReadingError: the file cannot be copied.
    """
    progress.update(0.0, f"opening {marking.file}")
    book = open_source(marking.file, data)
    progress.update(0.4, "marking cells")
    own, others = _of_file(marking)
    marks = _column_marks(marking)
    _add_change_marks(marks, own, marking)
    done = Done(others=others)
    for index, sheet in enumerate(book.worksheets):
        progress.update(0.45 + 0.15 * index / len(book.worksheets), f"sheet {sheet.title}")
        name = sheet.title if is_workbook(data) else ""
        _mark_sheet(sheet, marks.pop(name, {}), done)
    done.lost += sum(map(len, marks.values()))  # on sheets that the copy has not
    progress.update(0.6, "listing the changes")
    add_sheet(book, replace(marking, changes=tuple(own)), done)
    progress.update(0.75, "writing the copy")
    written = packed(book)
    progress.update(1.0, "written")
    return written


def _of_file(marking: Marking) -> tuple[list[Change], int]:
    """Return the changes that concern this file (or no file), and how many concern other ones alone."""
    own = []
    for change in marking.changes:
        files = {place.file for place in split_places(change.cell, marking.files)}
        if not files or marking.file in files:
            own.append(change)
    return own, len(marking.changes) - len(own)


def _column_marks(marking: Marking) -> _Marks:
    marks: _Marks = {}
    for column in marking.columns:
        if column.file == marking.file and column.cell:
            color = COLUMN_COLORS[column_kind(column)][0]
            mark = marks.setdefault(column.sheet, {}).setdefault(column.cell, _Mark(color, len(_GRAVITY)))
            mark.add(_column_note(column), color, len(_GRAVITY))
    return marks


def _add_change_marks(marks: _Marks, changes: Iterable[Change], marking: Marking) -> None:
    for change in changes:
        kind = change_kind(change.rule)
        color, gravity = CHANGE_COLORS[kind][0], _GRAVITY.index(kind)
        note = _change_note(change)
        for place in split_places(change.cell, marking.files):
            if place.file == marking.file and place.cell:
                mark = marks.setdefault(place.sheet, {}).setdefault(place.cell, _Mark(color, gravity))
                mark.add(note, color, gravity)


def _mark_sheet(sheet: Worksheet, marks: dict[str, _Mark], done: Done) -> None:
    fills: dict[str, PatternFill] = {}
    comments = 0
    for where, mark in marks.items():
        cells = _cells(sheet, where)
        fill = fills.setdefault(mark.color, PatternFill("solid", fgColor=mark.color.lstrip("#")))
        for cell in cells:
            cell.fill = fill
        done.filled += len(cells)
        if not cells:
            done.lost += 1
        elif comments < MOST_COMMENTS:
            _comment(cells[0], mark)
            comments += 1
        else:
            done.uncommented[sheet.title] = done.uncommented.get(sheet.title, 0) + 1


def _cells(sheet: Worksheet, where: str) -> list[Any]:
    """Return the cells of a place: one cell (of merged ones the first), or those of a row that hold something."""
    kind, _, name = where.rpartition(" ")
    if kind == "row":
        row = int(name)
        there = [sheet.cell(row, column) for column in range(1, sheet.max_column + 1)] if row <= sheet.max_row else []
        return [cell for cell in there if cell.value is not None]
    if kind:
        return []
    row, column = coordinate_to_tuple(where)
    if row > MOST_ROWS or column > MOST_COLUMNS:
        return []
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        merged = next((area for area in sheet.merged_cells.ranges if where in area), None)
        return [sheet.cell(merged.min_row, merged.min_col)] if merged else []
    return [cell]


def _comment(cell: Any, mark: _Mark) -> None:
    """Write the comment, below the one that the user's cell may have."""
    before = [cell.comment.text] if cell.comment else []
    more = [f"... and {mark.more} more changes, listed on the first sheet"] if mark.more else []
    own = _tidy("\n\n".join([*mark.notes, *more]), _LONGEST_COMMENT)
    text = "\n\n".join([*before, own])
    author = cell.comment.author if cell.comment else _AUTHOR
    height = _LINE_HEIGHT * (2 + text.count("\n") + sum(len(line) // 45 for line in text.splitlines()))
    cell.comment = Comment(text, author or _AUTHOR, height=min(height, 400), width=_COMMENT_WIDTH)


def _column_note(column: ColumnReading) -> str:
    if column.use == "variable":
        unit = f" ({column.unit})" if column.unit else ""
        parts = [f"became {column.variable}{unit}, {column.role or 'no role'}"]
    elif column_kind(column) == "left":
        parts = ["left out"]
    else:
        parts = [f"became {COLUMN_COLORS[column_kind(column)][1]}" + (f" {column.variable}" if column.variable else "")]
    if column.factor != 1.0:
        parts.append(f"values x {column.factor:.6g}")
    if column.offset != 0.0:
        parts.append(f"values {column.offset:+.6g}")
    parts += [column.reason] if column.reason else []
    parts += [f"confidence {column.confidence:.0%}"]
    return _tidy(f"mabdesk: {'; '.join(parts)}", 2 * _LONGEST_VALUE)


def _change_note(change: Change) -> str:
    hour = "" if math.isnan(change.hour) else f"{change.hour:.6g} h (day {change.hour / 24:.3g})"
    place = ", ".join(filter(None, (f"batch {change.batch}" if change.batch else "", hour)))
    count = f"stands for {change.count} values" if change.count > 1 else ""
    lines = [
        f"mabdesk: {change.rule}",
        change.variable,
        place,
        f"before: {change.before or '(empty)'}",
        f"after: {change.after or '(empty)'}",
        count,
    ]
    return "\n".join(_tidy(line, _LONGEST_VALUE) for line in lines if line)


def _tidy(text: str, longest: int) -> str:
    clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return clean if len(clean) <= longest else f"{clean[: longest - 3]}..."
