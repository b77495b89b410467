"""What people and machines write around a number in a cell: blanks between thousands, a unit, a sign of a limit."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mabdesk.data.units import SAME, conversion, is_unit

Limit = Literal["", "lower", "upper"]
LONGEST_NUMBER = 200  # a longer text is never a number: looking for one in it would take very long
_BLANKS = " '\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_ORDINARY = re.compile(r"[0-9eE+\-.,]*")
# Every group has three digits and all marks are alike; "12 34" is no number.
_GROUPED = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?P<mark>[{_BLANKS}])\d{{3}}(?:(?P=mark)\d{{3}})*(?:[.,]\d+)?")
_SIGN = re.compile(r"(?P<sign><=?|>=?|≤|≥|&lt;|&gt;)\s*(?P<rest>.+)")
_MINUS = re.compile(r"[\N{MINUS SIGN}\N{EN DASH}\N{NON-BREAKING HYPHEN}\N{HYPHEN}](?=[\d.,])")
_WITH_UNIT = re.compile(rf"(?P<number>[+-]?[\d.,][\d.,{_BLANKS}]*?(?:[eE][+-]?\d{{1,3}})?)\s*(?P<unit>[^\d\s.,+\-].*)")


@dataclass(frozen=True)
class Plain:
    """A cell's text without what stands around its number.

    `grouped` tells that blanks between thousands were taken out, `united` that a unit was, `misfit` that the unit is
    not the column's, `limit` that the text tells only that the value lies below (a "lower" limit) or above its number.
    """

    text: str
    grouped: bool = False
    united: bool = False
    misfit: bool = False
    limit: Limit = ""


def plain_texts(texts: Iterable[str], unit: str) -> dict[str, Plain]:
    """Return for the texts that hold more than digits and marks what is left of them; `unit` is the column's."""
    distinct = dict.fromkeys(texts)
    if _ORDINARY.fullmatch("".join(distinct)):
        return {}
    return {text: plain_text(text, unit) for text in distinct if not _ORDINARY.fullmatch(text)}


def plain_text(text: str, unit: str = "") -> Plain:
    """Take one text apart."""
    if len(text) > LONGEST_NUMBER:
        return Plain(text)
    rest = text.removeprefix("'").strip()  # an apostrophe in front is a workbook's mark of a text
    limit: Limit = ""
    sign = _SIGN.fullmatch(rest)
    if sign:
        rest, limit = sign["rest"], "lower" if sign["sign"] in {"<", "<=", "≤", "&lt;"} else "upper"
    rest = _MINUS.sub("-", rest, count=1)
    united = misfit = False
    found = _WITH_UNIT.fullmatch(rest)
    if found and unit and _is_same(found["unit"], unit):
        rest, united = found["number"].strip(), True
    elif found and _is_known(found["unit"]):
        misfit = True
    grouped = _GROUPED.fullmatch(rest)
    if grouped:
        rest = rest.replace(grouped["mark"], "")
    return Plain(rest, grouped is not None, united, misfit, limit)


@functools.lru_cache(maxsize=1024)
def _is_same(given: str, wanted: str) -> bool:
    return conversion(given, wanted) == SAME


@functools.lru_cache(maxsize=1024)
def _is_known(unit: str) -> bool:
    return is_unit(unit)
