"""A column of signs ("<", ">") beside a column of results: both together are one censored value."""

from dataclasses import replace

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import EMPTY, TEXT, Column
from mabdesk.data.variables import recognize

_SIGNS = frozenset(("<", ">", "<=", ">=", "\N{LESS-THAN OR EQUAL TO}", "\N{GREATER-THAN OR EQUAL TO}"))
_EQUAL = frozenset(("=", "=="))


def with_signs(block: Block) -> Block:
    """Write the sign before the result that it belongs to, as one cell would have both."""
    for found in block.headings:
        column = block.grid.columns[found.column]
        rows = block.rows[column.kind[block.rows] == TEXT]
        filled = int((column.kind[block.rows] != EMPTY).sum())
        # The first text tells for nearly every column: a million others need not be looked at.
        if not len(rows) or len(rows) < filled or column.text[int(rows[0])] not in _SIGNS | _EQUAL:
            continue
        texts = dict(zip(rows.tolist(), column.texts_at(rows), strict=True))
        if not set(texts.values()) <= _SIGNS | _EQUAL:
            continue
        target = _target(block, found)
        if target is None:
            continue
        signs = {row: text for row, text in texts.items() if text in _SIGNS}
        columns = list(block.grid.columns)
        columns[target.column] = _signed(columns[target.column], signs)
        headings = tuple(replace(h, name=_JOINED) if h is found else h for h in block.headings)
        known_by = block.known_by or tuple(h.text for h in block.headings)
        block = replace(block, grid=replace(block.grid, columns=tuple(columns)), headings=headings, known_by=known_by)
    return block


_JOINED = "sign of the value beside it"


def is_joined(found: Heading) -> bool:
    """Tell whether a column's signs were written before the values that they belong to."""
    return found.name == _JOINED


def _target(block: Block, found: Heading) -> Heading | None:
    """Return the column that the signs belong to: named in the header, else right of it, else left of it."""
    others = [h for h in block.headings if h is not found]
    results = [h for h in others if meanings.names(h, "value") or recognize(h.name, "" if h.odd_unit else h.unit)]
    named = [h for h in results if h.name.casefold() in found.text.casefold()]
    right = [h for h in results if h.column > found.column]
    return next(iter([*named, *right, *reversed(results)]), None)


def _signed(column: Column, signs: dict[int, str]) -> Column:
    kind, number, text = column.kind.copy(), column.number.copy(), dict(column.text)
    for row, sign in signs.items():
        if column.kind[row] != EMPTY:
            text[row] = f"{sign}{column.shown(row)}"
            kind[row], number[row] = TEXT, np.nan
    return Column(kind, number, text, column.percent)
