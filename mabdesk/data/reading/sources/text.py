"""Text tables (.csv, .tsv, .txt): encoding, separator, cells. Every cell stays the text that it is."""

import csv
import importlib
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.dtypes import StringDType
from numpy.typing import NDArray

from mabdesk.data.reading.sources.encoding import as_utf8
from mabdesk.data.reading.sources.quotes import check_quotes, measure, unclosed
from mabdesk.data.reading.values.cells import Grid, compact_column
from mabdesk.errors import Problem, ReadingError
from mabdesk.progress import SILENT, Progress

MOST_CELLS = 40_000_000
_SEPARATORS = ("\t", ";", ",", "|")
_LOOKED_AT, _LOOKED_AT_BYTES = 200, 1024 * 1024
_ROWS_AT_ONCE = 50_000
_EXPORT_AGAIN = "Export it again as .csv."


def read_text(name: str, data: bytes, progress: Progress = SILENT) -> tuple[Grid, list[Problem]]:
    """Read a text table. Memory: about 20 bytes a cell beside the file itself.

    Raises:
        ReadingError: no separator is found, the text is no table, or a quote is never closed.
    """
    text, problems = as_utf8(name, data)
    head = text[:_LOOKED_AT_BYTES].decode(errors="replace")
    separator = _separator(name, head)
    width = max(map(len, itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=separator), _LOOKED_AT)))
    columns = _columns(name, text, separator, width, progress)
    _drop_separator_line(columns)
    grid = Grid(
        name,
        "",
        tuple(compact_column(column) for column in columns),
        from_text=True,
        decimal_comma_possible=separator != ",",
    )
    return grid, problems


def _columns(name: str, text: bytes, separator: str, width: int, progress: Progress) -> list[NDArray[Any]]:
    """Read all cells; a row that is longer than the first ones makes the table wider and is read anew."""
    pandas = importlib.import_module("pandas")  # a workbook is read without it
    try:
        return _cells(name, text, separator, width, progress)
    except pandas.errors.ParserError as error:
        rows, widest = measure(name, text, separator)
        if "inside string" in str(error):
            raise unclosed(name, rows) from error
        if widest <= width:
            raise ReadingError(f"{name} is not a readable text table ({error}).", _EXPORT_AGAIN) from error
    return _cells(name, text, separator, widest, progress)


def _cells(name: str, text: bytes, separator: str, width: int, progress: Progress) -> list[NDArray[Any]]:
    lines = text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")
    most = lines + (not text.endswith((b"\n", b"\r")))
    if most * width > MOST_CELLS:
        raise ReadingError(
            f"{name} has {most:,} rows and {width:,} columns; at most {MOST_CELLS:,} cells are read.",
            "Split it, or leave out rows and columns that hold no batch records.",
        )
    columns = [np.empty(most, dtype=StringDType()) for _ in range(width)]
    rows = 0
    for chunk in _chunks(text, separator, width):
        for index, column in enumerate(columns):
            cells = chunk[index].to_numpy(dtype=object).astype(StringDType())
            column[rows : rows + len(cells)] = np.strings.strip(cells)
        rows += len(chunk)
        progress.update(rows / most, f"{rows:,} rows")
    if rows < most:
        check_quotes(name, text, separator)
    return [column[:rows] for column in columns]


def _chunks(text: bytes, separator: str, width: int) -> Iterator[Any]:
    """Read some rows at a time; all columns get a name, so that no row's first cells are taken for its index."""
    found: Iterator[Any] = importlib.import_module("pandas").read_csv(
        io.BytesIO(text),
        sep=separator,
        names=range(width),
        header=None,
        index_col=False,
        dtype=object,
        na_filter=False,
        keep_default_na=False,
        skip_blank_lines=False,
        engine="c",
        chunksize=_ROWS_AT_ONCE,
    )
    return found


def _drop_separator_line(columns: list[NDArray[Any]]) -> None:
    first = [str(column[0]) for column in columns]
    if first[0].lower().startswith("sep=") and not any(first[2:]):
        for column in columns[:2]:
            column[0] = ""


def _separator(name: str, text: str) -> str:
    lines = [line for line in re.split(r"\r\n|\n|\r", text, maxsplit=_LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip(" \r\n")) == 5:
        return _told(name, lines[0][4])
    scores = {separator: _agreement(lines, separator) for separator in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda separator: scores[separator])
    if scores[best] == (0.0, 0):
        raise ReadingError(
            f"{name} is not a table: no comma, semicolon or tab separates columns.",
            "Export the table as .csv or .xlsx.",
        )
    return best


def _told(name: str, separator: str) -> str:
    """Return the separator that the file's first line tells, where it can separate anything."""
    if separator.isalnum() or separator in "\"'.+-" or not separator.isascii():
        raise ReadingError(f"{name} says in its first line that {separator!r} separates columns.", _EXPORT_AGAIN)
    return separator


def _agreement(lines: list[str], separator: str) -> tuple[float, int]:
    """Say how many lines have the same number (two or more) of columns, and which number."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
    except csv.Error:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (round(count / sum(widths.values()), 1), width) if width > 1 else (0.0, 0)
