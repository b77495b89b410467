"""Quotes in text tables: one that is never closed, or closed far below, would swallow rows without a word."""

import csv
import io
import itertools
import re
from collections import Counter

from mabdesk.errors import ReadingError

_LOOKED_AT = 200
_NUMBER = re.compile(r"\s*[+-]?\d[\d.,:/\- ]*")


def measure(name: str, text: bytes, separator: str) -> tuple[int, int]:
    """Return the number of rows of a table (UTF-8) and the cells of its longest one.

    Raises:
        ReadingError: a cell is so long that it can only be the rest of the file behind a quote.
    """
    rows = widest = 0
    try:
        for cells in csv.reader(_lines(text), delimiter=separator):
            rows, widest = rows + 1, max(widest, len(cells))
    except csv.Error as error:
        raise unclosed(name, rows + 1) from error
    return rows, widest


def unclosed(name: str, row: int) -> ReadingError:
    """Return the refusal of a row (from 1) in which a quote opens that swallows rows."""
    return ReadingError(
        f'{name}, row {row}: a quote (") opens there and swallows the rows below it.',
        "Delete the quote, or close it at the end of its cell, and read the file again.",
    )


def check_quotes(name: str, text: bytes, separator: str) -> None:
    """Look through the cells with line breaks of a table (UTF-8): remarks may have some, swallowed rows look else.

    Raises:
        ReadingError: a cell holds whole rows, or its quote is closed by one that was meant to open another cell.
    """
    # Of lines, not of rows: a quote that swallows some makes no difference.
    widths = Counter(line.count(separator) + 1 for line in itertools.islice(_lines(text), _LOOKED_AT))
    width = widths.most_common(1)[0][0]
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    row = 0
    while True:
        row, begun = row + 1, reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > begun + 1:
                raise unclosed(name, row) from error
            continue
        if reader.line_num > begun + 1 and any(_holds_row(cell, separator, width) for cell in cells):
            raise unclosed(name, row)


def _holds_row(cell: str, separator: str, width: int) -> bool:
    """Tell whether a line within a cell is a row of the table: as many cells, half of them numbers."""
    for line in cell.splitlines()[1:]:
        parts = line.split(separator)
        if len(parts) >= max(width, 2) and 2 * sum(_NUMBER.fullmatch(part) is not None for part in parts) >= width:
            return True
    return False


def _lines(text: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
