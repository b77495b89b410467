"""Text tables (.csv, .tsv, .txt): encoding, separator, cells. Every cell stays the text that it is."""

import csv
import io
import itertools
from collections import Counter

from mabdesk.data.reading.cells import Grid, text_column
from mabdesk.errors import Problem, ReadingError

_SEPARATORS = ("\t", ";", ",", "|")
_LOOKED_AT = 200


def read_text(name: str, data: bytes) -> tuple[Grid, list[Problem]]:
    """Read a text table.

    Raises:
        ReadingError: no separator is found, or the text is no table.
    """
    text, problems = _decode(name, data)
    separator = _separator(name, text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise ReadingError(f"{name} is not a readable text table ({error}).", "Export it again as .csv.") from error
    if rows and len(rows[0]) <= 2 and "".join(rows[0]).lower().startswith("sep="):
        rows[0] = []
    columns = tuple(text_column(values) for values in itertools.zip_longest(*rows, fillvalue=""))
    return Grid(name, "", columns, from_text=True, decimal_comma_possible=separator != ","), problems


def _decode(name: str, data: bytes) -> tuple[str, list[Problem]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise ReadingError(
                f"{name} is cut off in the middle of a character.", "Copy or export it again."
            ) from error
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        note = "is not UTF-8; read as Western European text (Windows-1252)"
        return data.decode("cp1252", errors="replace"), [Problem(name, note, "note")]


def _separator(name: str, text: str) -> str:
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[-1]
    scores = {separator: _agreement(lines, separator) for separator in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda separator: scores[separator])
    if scores[best] == (0.0, 0):
        raise ReadingError(
            f"{name} is not a table: no comma, semicolon or tab separates columns.",
            "Export the table as .csv or .xlsx.",
        )
    return best


def _agreement(lines: list[str], separator: str) -> tuple[float, int]:
    """Say how many lines have the same number (two or more) of columns, and which number."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
    except csv.Error:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (round(count / sum(widths.values()), 1), width) if width > 1 else (0.0, 0)
