"""Cells into numbers. What is no number is named with its kind and never becomes an empty cell by itself."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.values.cells import DATE, DURATION, ERROR, NUMBER, TEXT, Column, Grid
from mabdesk.data.reading.values.number_texts import LONGEST_NUMBER, Plain, plain_text, plain_texts
from mabdesk.data.words import words

Mark = Literal["comma", "point"]
FindingKind = Literal["censored", "not measured", "not finite", "error", "text", "date", "ambiguous", "unit"]
NEVER_GUESSED = "is not clear: a decimal or a thousands mark? Choose --decimal comma or --decimal point"
_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
# A leading zero is no thousand: "0,250" with a decimal point is a contradiction, not 250.
_THOUSANDS = {
    "comma": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?"),
    "point": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"),
}
_GROUPED_BY_POINT = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_SURE_POINT = re.compile(r"[+-]?(0\.\d+|\d+\.(\d{1,2}|\d{4,})|\d+\.\d+[eE][+-]?\d+)")
_SURE_COMMA = re.compile(r"[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,})|\d+,\d+[eE][+-]?\d+)")
_LOOKED_AT = 5000
_NOTHING = Plain("")
_PLAIN = re.compile(r"[0-9eE+\-.\n]*")
_PLAIN_COMMA = re.compile(r"[0-9+\-,\n]*")
_NO_DECIMAL_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_DIGITS_AND_MARKS = re.compile(r"[0-9eE+\-.,\n]*")
_CENSORED = re.compile(
    r"(<=?|>=?|≤|≥|&lt;|&gt;)\s*[+-]?\d*[.,]?\d+\s*%?|[<>]\s*(lod|loq|lloq|uloq|mdl|max|min|nwg|bg|ng)\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """One cell that is no plain number: its row in the grid, what it is, and its text.

    Of a censored value, `limit` is the number beside its sign (NaN where there is none or it is not clear) and `lower`
    tells that the value lies below it.
    """

    row: int
    kind: FindingKind
    text: str
    limit: float = np.nan
    lower: bool = False
    unclear: bool = False  # the limit could be read in two ways


@dataclass(frozen=True, eq=False)
class Numbers:
    """The values (n,) of the asked rows (NaN where not measured), the findings, and numbers that were kept as text.

    `grouped` are the rows in the grid whose text had thousands marks, `united` those whose text named the unit.
    `example` is such a text and `example_value` its number.
    """

    values: Floats
    findings: tuple[Finding, ...] = ()
    from_text: int = 0
    example: str = ""
    decimal_comma: bool = False
    grouped: tuple[int, ...] = ()
    united: tuple[int, ...] = ()
    example_value: float = np.nan


@dataclass(frozen=True)
class Marks:
    """What is known of decimal marks: what the user chose, what the separator allows, what the whole file shows."""

    decimal: str = "auto"
    comma_possible: bool = True
    file_has_point: bool = False
    file_has_comma: bool = False
    unit: str = ""  # the column's, that cells may name too: "98%" is 98


def marks_of(
    grid: Grid, decimal: str, columns: Iterable[int] | None = None, rows: NDArray[np.intp] | None = None
) -> Marks:
    """Look through the texts of a table for numbers that can only have a decimal point, or only a decimal comma.

    `columns` are those that hold values or times: a batch "1.1" shows nothing. Without them all of a text file count,
    and none of a workbook. `rows` are the table's.
    """
    if decimal != "auto" or (grid.from_text and not grid.decimal_comma_possible):
        return Marks(decimal, grid.decimal_comma_possible)
    if columns is None and not grid.from_text:
        return Marks(decimal, file_has_point=True)
    cells: dict[str, None] = {}
    for index in range(len(grid.columns)) if columns is None else columns:
        cells |= dict.fromkeys(_first_texts(grid.columns[index], rows))
    sample = [plain_text(text).text if " " in text or "'" in text else text for text in cells]
    point, comma = (any(map(shape.fullmatch, sample)) for shape in (_SURE_POINT, _SURE_COMMA))
    return Marks(decimal, True, point, comma)


def _first_texts(column: Column, rows: NDArray[np.intp] | None) -> list[str]:
    """Return some thousand texts of a column."""
    if rows is None:
        return list(itertools.islice(column.text.values(), _LOOKED_AT))
    return column.texts_at(rows[column.kind[rows] == TEXT][:_LOOKED_AT])


def read_numbers(column: Column, rows: NDArray[np.intp], marks: Marks) -> Numbers:
    """Turn the cells of some rows into numbers.

    A decimal comma is believed only when the whole column proves it (or the user says so): all its texts can be read
    that way, none has a point, and not all look like thousands ("1,250"). A column of points that all look like
    thousands ("1.250") is believed only where the file shows decimal points elsewhere. Thousands marks are removed
    where the user chose the decimal mark, or a text of the column has both marks ("1.234,5").
    """
    kind, values = column.kind[rows], column.number[rows].copy()
    values[kind != NUMBER] = np.nan
    if np.isin(kind, (DATE, DURATION, ERROR, TEXT)).any():
        return _read_mixed(column, rows, kind, values, marks)
    return Numbers(values)


def _read_mixed(
    column: Column, rows: NDArray[np.intp], kind: NDArray[np.uint8], values: Floats, marks: Marks
) -> Numbers:
    findings = [Finding(row, "date", column.shown(row)) for row in rows[np.isin(kind, (DATE, DURATION))].tolist()]
    findings += [Finding(row, "error", column.text[row]) for row in rows[kind == ERROR].tolist()]
    places = np.flatnonzero(kind == TEXT)
    texts = column.texts_at(rows[places])
    odd = plain_texts(texts, marks.unit)
    bare = [odd[text].text if text in odd else text for text in texts] if odd else texts
    comma = _comma(bare, marks)
    read = None if odd or not texts else _at_once(texts, comma)
    if read is not None:
        values[places] = read
        first = float(read[0])
        return Numbers(values, tuple(findings), len(texts), texts[0], comma == "comma", example_value=first)
    count, example, example_value = 0, "", np.nan
    grouped, united = [], []
    for place, row, text, short in zip(places.tolist(), rows[places].tolist(), texts, bare, strict=True):
        around = odd.get(text, _NOTHING)
        number, found = _read_text(short, comma)
        if found is not None or around.limit:
            findings.append(_finding(row, text, around, comma))
            continue
        values[place] = number
        if around.united:
            united.append(row)
        if around.grouped or _has_thousands(short, comma):
            grouped.append(row)
            if comma != "comma" or "," not in short:
                continue
        count += 1
        if not example:
            example, example_value = text, number
    decimal_comma = comma == "comma" and count > 0
    return Numbers(values, tuple(findings), count, example, decimal_comma, tuple(grouped), tuple(united), example_value)


def _finding(row: int, text: str, around: Plain, comma: Literal["point", "comma", "ambiguous"]) -> Finding:
    """Say what a text is that gives no value by itself."""
    number, fault = _read_text(around.text if around.text else text, comma)
    if fault == "not finite":
        return Finding(row, "not finite", text)
    if around.limit and (fault is None or _looks_numeric(around.text)):
        return Finding(row, "censored", text, number, around.limit == "lower", fault is not None)
    kind = _kind(text if around.misfit or around.limit else around.text or text, comma)
    return Finding(row, "unit" if around.misfit and kind == "text" else kind, text)


def _at_once(texts: list[str], comma: str) -> Floats | None:
    """Read a whole column of plain numbers, a million of them in a moment; None where one has to look at each text."""
    joined = "\n".join(texts)
    if comma == "point" and _PLAIN.fullmatch(joined):
        return _all_plain(texts)
    if comma == "comma" and _PLAIN_COMMA.fullmatch(joined) and not _NO_DECIMAL_COMMA.search(joined):
        return _all_plain([text.replace(",", ".") for text in texts])
    return None


def _all_plain(texts: list[str]) -> Floats | None:
    try:
        read = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return read if np.isfinite(read).all() else None


def _comma(texts: list[str], marks: Marks) -> Literal["point", "comma", "ambiguous"]:
    if marks.decimal != "auto":
        return "comma" if marks.decimal == "comma" else "point"
    if not any("," in text for text in texts):
        return _point(texts, marks)
    proved = _proved_by_both(texts)
    if proved:
        return proved
    numbers = [text for text in texts if ("," in text and _looks_numeric(text)) or _POINT.fullmatch(text)]
    commas = [text for text in numbers if "," in text]
    if not marks.comma_possible or not all(_COMMA.fullmatch(text) for text in numbers):
        return "ambiguous"
    return "ambiguous" if all(_GROUPED.fullmatch(text) for text in commas) else "comma"


def _proved_by_both(texts: list[str]) -> Mark | None:
    """Return the decimal mark where a text with both marks ("1.234,5") shows it and all others agree."""
    numbers = [text for text in texts if _looks_numeric(text)]
    mixed = [text for text in numbers if "," in text and "." in text]
    plain: Mapping[Mark, re.Pattern[str]] = {"comma": _COMMA, "point": _POINT}
    for mark, shape in plain.items():
        thousands = _THOUSANDS[mark]
        if mixed and all(shape.fullmatch(text) or thousands.fullmatch(text) for text in numbers):
            return mark
    return None


def _has_thousands(text: str, comma: str) -> bool:
    """Tell whether a text has thousands marks, given the decimal mark."""
    return comma in _THOUSANDS and _THOUSANDS[comma].fullmatch(text) is not None


def _point(texts: list[str], marks: Marks) -> Literal["point", "ambiguous"]:
    """Tell whether "1.250" is 1.25 for sure; in a file with decimal commas it would be 1250."""
    if not marks.comma_possible or (marks.file_has_point and not marks.file_has_comma):
        return "point"
    points = [text for text in texts if "." in text and (_POINT.fullmatch(text) or _GROUPED_BY_POINT.fullmatch(text))]
    return "ambiguous" if points and all(_GROUPED_BY_POINT.fullmatch(text) for text in points) else "point"


def _read_text(text: str, comma: str) -> tuple[float, FindingKind | None]:
    if comma == "comma" and _COMMA.fullmatch(text):
        return float(text.replace(",", ".")), None
    if _has_thousands(text, comma):
        return float(text.replace(".", "").replace(",", ".") if comma == "comma" else text.replace(",", "")), None
    unclear = comma == "ambiguous" and _GROUPED_BY_POINT.fullmatch(text)
    if comma != "comma" and not unclear and _POINT.fullmatch(text):
        number = float(text)
        return (number, None) if np.isfinite(number) else (np.nan, "not finite")
    return np.nan, _kind(text, comma)


def _kind(text: str, comma: str) -> FindingKind:
    if len(text) > LONGEST_NUMBER:
        return "error" if text.startswith("#") else "text"
    plain = "_".join(text.casefold().split())
    if _CENSORED.fullmatch(text):
        return "censored"
    if plain in words("infinite"):
        return "not finite"
    if plain in words("missing"):
        return "not measured"
    if text.startswith("#"):
        return "error"
    return "ambiguous" if comma == "ambiguous" and _looks_numeric(text) else "text"


def _looks_numeric(text: str) -> bool:
    return re.fullmatch(r"[+-]?[\d.,' \u00a0\u202f\u2009]+([eE][+-]?\d+)?", text) is not None


def _all_digits(texts: list[str]) -> bool:
    """Tell at once what most columns are: numbers, whatever mark their decimals have."""
    if not texts or not _DIGITS_AND_MARKS.fullmatch("\n".join(texts)):
        return False
    return _all_plain([text.replace(",", ".") for text in texts]) is not None


def looks_like_numbers(column: Column, rows: NDArray[np.intp]) -> bool:
    """Tell whether at least half of what a column holds in these rows is numbers."""
    kind = column.kind[rows]
    texts = column.texts_at(rows[kind == TEXT])
    if _all_digits(texts):
        return True
    counts = Counter(texts).items()
    numeric = sum(n for text, n in counts if _looks_numeric(text)) + int((kind == NUMBER).sum())
    silent = sum(n for text, n in counts if _kind(text, "point") in {"not measured", "censored"})
    return numeric > 0 and 2 * numeric >= len(texts) - silent + int((kind == NUMBER).sum())
