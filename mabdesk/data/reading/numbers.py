"""Cells into numbers. What is no number is named with its kind and never becomes an empty cell by itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.cells import DATE, DURATION, ERROR, NUMBER, TEXT, Column
from mabdesk.data.words import words

FindingKind = Literal["censored", "not measured", "not finite", "error", "text", "date", "ambiguous"]
_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_PLAIN = re.compile(r"[0-9eE+\-.\n]*")
_CENSORED = re.compile(
    r"(<=?|>=?|≤|≥|&lt;|&gt;)\s*[+-]?\d*[.,]?\d+\s*%?|[<>]\s*(lod|loq|lloq|uloq|lod\.?|max|min)", re.IGNORECASE
)


@dataclass(frozen=True)
class Finding:
    """One cell that is no plain number: its row in the grid, what it is, and its text."""

    row: int
    kind: FindingKind
    text: str


@dataclass(frozen=True, eq=False)
class Numbers:
    """The values (n,) of the asked rows (NaN where not measured), the findings, and numbers that were kept as text."""

    values: Floats
    findings: tuple[Finding, ...] = ()
    from_text: int = 0
    example: str = ""
    decimal_comma: bool = False


@dataclass
class _Noted:
    findings: list[Finding] = field(default_factory=list)


def read_numbers(column: Column, rows: NDArray[np.intp], comma_possible: bool, decimal: str = "auto") -> Numbers:
    """Turn the cells of some rows into numbers.

    A decimal comma is believed only when the whole column proves it (or `decimal` says "comma"): all its texts can be
    read that way, none has a point, and not all look like thousands ("1,250").
    """
    kind, values = column.kind[rows], column.number[rows].copy()
    values[kind != NUMBER] = np.nan
    if np.isin(kind, (DATE, DURATION, ERROR, TEXT)).any():
        return _read_mixed(column, rows, kind, values, comma_possible, decimal)
    return Numbers(values)


def _read_mixed(
    column: Column, rows: NDArray[np.intp], kind: NDArray[np.uint8], values: Floats, comma_possible: bool, decimal: str
) -> Numbers:
    findings = [Finding(row, "date", column.shown(row)) for row in rows[np.isin(kind, (DATE, DURATION))].tolist()]
    findings += [Finding(row, "error", column.text[row]) for row in rows[kind == ERROR].tolist()]
    places = np.flatnonzero(kind == TEXT)
    texts = [column.text[row] for row in rows[places].tolist()]
    if _PLAIN.fullmatch("\n".join(texts)):
        read = _all_plain(texts)
        if read is not None:
            values[places] = read
            return Numbers(values, tuple(findings), len(texts), texts[0] if texts else "")
    comma = _comma(texts, comma_possible, decimal)
    count, example = 0, ""
    for place, text in zip(places.tolist(), texts, strict=True):
        number, found = _read_text(text, comma)
        if found is None:
            values[place], count, example = number, count + 1, example or text
        else:
            findings.append(Finding(int(rows[place]), found, text))
    return Numbers(values, tuple(findings), count, example, comma == "comma")


def _all_plain(texts: list[str]) -> Floats | None:
    try:
        read = np.array(texts, dtype=np.str_).astype(np.float64)
    except ValueError:
        return None
    return read if np.isfinite(read).all() else None


def _comma(texts: Iterable[str], possible: bool, decimal: str) -> Literal["point", "comma", "ambiguous"]:
    if decimal != "auto":
        return "comma" if decimal == "comma" else "point"
    numbers = [text for text in texts if _POINT.fullmatch(text) or "," in text]
    commas = [text for text in numbers if "," in text]
    if not commas:
        return "point"
    if not possible or not all(_COMMA.fullmatch(text) for text in numbers) or any("." in text for text in numbers):
        return "ambiguous"
    return "ambiguous" if all(_GROUPED.fullmatch(text) for text in commas) else "comma"


def _read_text(text: str, comma: str) -> tuple[float, FindingKind | None]:
    if comma == "comma" and _COMMA.fullmatch(text):
        return float(text.replace(",", ".")), None
    if comma != "comma" and _POINT.fullmatch(text):
        number = float(text)
        return (number, None) if np.isfinite(number) else (np.nan, "not finite")
    return np.nan, _kind(text, comma)


def _kind(text: str, comma: str) -> FindingKind:
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
    return re.fullmatch(r"[+-]?[\d.,' ]+([eE][+-]?\d+)?", text) is not None


def looks_like_numbers(column: Column, rows: NDArray[np.intp]) -> bool:
    """Tell whether at least half of what a column holds in these rows is numbers."""
    kind = column.kind[rows]
    texts = [column.text[row] for row in rows[kind == TEXT].tolist()]
    numeric = sum(_looks_numeric(text) for text in texts) + int((kind == NUMBER).sum())
    silent = sum(_kind(text, "point") in {"not measured", "censored"} for text in texts)
    return numeric > 0 and 2 * numeric >= len(texts) - silent + int((kind == NUMBER).sum())
