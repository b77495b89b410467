"""Rows of a comma-separated text with more numbers than the header has names: decimal commas that cut numbers apart."""

import re

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import TEXT, Column
from mabdesk.errors import Problem

_BEFORE_COMMA = re.compile(r"[+-]?\d+")
_BEHIND_COMMA = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")


def surplus_numbers(block: Block) -> list[Problem]:
    """Refuse the first row in which a number without a header stands behind what may be its first half ("1" "250")."""
    grid = block.grid
    if not grid.from_text or grid.decimal_comma_possible or grid.places is not None or not block.headings:
        return []
    last = max(found.column for found in block.headings)
    first = min((row for column in block.unheaded if column > last for row in _halves(block, column)), default=None)
    if first is None:
        return []
    cells = [column.shown(first) for column in grid.columns]
    while not cells[-1]:
        cells.pop()
    text = (
        f"has {len(cells)} cells and the header {last + 1} names: in a comma-separated file the decimal (or thousands) "
        f"commas of unquoted numbers cut them apart ({','.join(cells)[:60]}); export it with semicolons or decimal "
        "points, or give the further column a header"
    )
    return [Problem(grid.where(first), text)]


def _halves(block: Block, column: int) -> list[int]:
    """Return the first row in which this column and the one before it may be one number, cut apart at its comma.

    A number among remarks, with a text behind it, was pushed there by such a number.
    """
    before, behind = block.grid.columns[column - 1], block.grid.columns[column]
    there = block.rows[(behind.kind[block.rows] == TEXT) & (before.kind[block.rows] == TEXT)]
    remarks = any(found.column == column - 1 and meanings.names(found, "remark") for found in block.headings)
    return next(([row] for row in there.tolist() if _is_one_number(before, behind, row, remarks)), [])


def _is_one_number(before: Column, behind: Column, row: int, remarks: bool) -> bool:
    second = remarks or _BEHIND_COMMA.fullmatch(behind.text[row]) is not None
    return second and _BEFORE_COMMA.fullmatch(before.text[row]) is not None
