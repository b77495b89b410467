"""A header's text taken apart: "Glucose (mM)", "VCD_1e6/mL", "% Viability", "Time [h]" -> name and unit."""

import re
from dataclasses import dataclass

from mabdesk.data.units import LONGEST, is_unit
from mabdesk.data.variables import recognize, slug
from mabdesk.data.words import words

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_POWER = re.compile(r"[x\u00d7*]?\s*(?:10\s*[\^eE]?\s*[5-9⁵⁶⁷⁸⁹]|1?[eE]\+?0?[5-9])")
# A unit row may hold how times are written: that is no unit.
_FORMAT = re.compile(r"[\[\]hmsdyjt]+([:.\-/ ]+[\[\]hmsdyjt]+)+|text|date|id", re.IGNORECASE)
_BREAK = re.compile(r"\s+in\s+|[\s,;/_|:]+")


@dataclass(frozen=True)
class Heading:
    """A column's header: the whole text, the name in it, its unit as given; `odd_unit` when that is on no list."""

    column: int
    text: str
    name: str
    unit: str = ""
    odd_unit: bool = False


def heading(column: int, text: str, unit_below: str = "") -> Heading:
    """Take a header apart; a unit row's cell counts where the header itself has no unit."""
    whole = " ".join(text.split())
    name, unit, odd = _parts(whole)
    below = unit_below.strip("()[]{} ")
    if not unit and below and not _FORMAT.fullmatch(unit_below.strip("() ")):
        unit, odd = below[:LONGEST], not is_unit(below)
    return Heading(column, whole, name, unit, odd)


def _parts(text: str) -> tuple[str, str, bool]:
    odd = ""
    power = ""
    for group in reversed(list(_BRACKETS.finditer(text))):
        content = group[1].strip()
        rest = " ".join((text[: group.start()] + " " + text[group.end() :]).split())
        if is_unit(content):
            return " ".join(_BRACKETS.sub(" ", rest).split()) or text, content, False
        if _POWER.fullmatch(content):
            power, text = content.replace(" ", ""), rest
        elif not _is_remark(content):
            odd = odd or content
    plain = " ".join(_BRACKETS.sub(" ", text).split()) or text
    name, unit = _trailing_unit(plain, power)
    if unit:
        return name, unit, False
    return plain, (odd or power)[:LONGEST], bool(odd or power)


def _is_remark(content: str) -> bool:
    parts, remarks = slug(content).split("_"), words("bracket")
    return not content or (all(word in remarks or len(word) > 8 for word in parts) or "".join(parts) in remarks)


def _trailing_unit(text: str, power: str) -> tuple[str, str]:
    """Find a unit behind a blank, comma, slash or underscore: the longest that makes sense with the name before it."""
    if text.startswith("%") and text[1:].strip():
        return text[1:].strip(), "%"
    for gap in _BREAK.finditer(text):
        name, unit = text[: gap.start()].strip(), power + text[gap.end() :].strip()
        if name and unit and is_unit(unit) and _goes_together(name, unit):
            return name, unit
    return text, ""


def _goes_together(name: str, unit: str) -> bool:
    telling = re.search(r"[/%°^]", unit) is not None
    return telling or recognize(name, unit) is not None or (is_time_name(name) and is_time_unit(unit))


def is_time_unit(unit: str) -> bool:
    """Tell whether a unit is one of time."""
    return slug(unit) in {"h", "hr", "hrs", "hour", "hours", "d", "day", "days", "min", "mins", "minutes", "s", "sec"}


def is_time_name(name: str) -> bool:
    """Tell whether a name without its unit is one of a time column."""
    return slug(name).replace("_", "") in {**words("elapsed"), **words("hours"), **words("days")}
