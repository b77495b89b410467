"""A header's text taken apart: "Glucose (mM)", "VCD_1e6/mL", "% Viability", "Time [h]" -> name and unit."""

import re
from dataclasses import dataclass, replace

from mabdesk.data.reading.headers.header_units import POWER, contradicting, scaled, unit_of
from mabdesk.data.units import LONGEST, conversion, is_unit
from mabdesk.data.variables import recognize, slug
from mabdesk.data.words import words

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
# A unit row may hold how times are written: that is no unit.
_FORMAT = re.compile(r"[\[\]hmsdyjt]+([:.\-/ ]+[\[\]hmsdyjt]+)+|text|date|id", re.IGNORECASE)
# How times are written, as a header may say it: "hh:mm:ss", "[h]:mm", "dd:hh:mm".
_CLOCK_FORM = re.compile(r"[\[\]dhms]+(:[\[\]dhms]+)+", re.IGNORECASE)
_WEEKS = {"week", "weeks", "wk", "wks", "woche", "wochen", "semaine", "semaines"}
_BREAK = re.compile(r"\s+in\s+|[\s,;/_|:]+")


@dataclass(frozen=True)
class Heading:
    """A column's header: the whole text, the name in it, its unit as given; `odd_unit` when that is on no list.

    `asked` is a sentence on what is not clear about the unit; `chosen` tells that the user gave it. `form` is how the
    column's times are written, where the row of units says it ("hh:mm").
    """

    column: int
    text: str
    name: str
    unit: str = ""
    odd_unit: bool = False
    asked: str = ""
    chosen: bool = False
    form: str = ""


def heading(column: int, text: str, unit_below: str = "") -> Heading:
    """Take a header apart; a unit row's cell counts where the header itself has no unit, and must not contradict it."""
    whole = " ".join(text.split())
    found = Heading(column, whole, *_parts(whole))
    below = unit_below.strip("()[]{} ")
    if not below or _FORMAT.fullmatch(unit_below.strip("() ")):
        return replace(found, form=below.casefold()) if below else found
    if not found.unit:
        found = replace(found, unit=below[:LONGEST], odd_unit=not is_unit(below))
        days = is_time_unit(below) and slug(found.name).replace("_", "") in words("days")
        return _contradicted(found, "d", below) if days else found
    if found.odd_unit and POWER.fullmatch(found.unit) and is_unit(f"{found.unit}{below}"):
        return replace(found, unit=f"{found.unit}{below}", odd_unit=False)
    return _contradicted(found, found.unit, below) if not found.odd_unit else found


def _contradicted(found: Heading, unit: str, below: str) -> Heading:
    if not contradicting(unit, below):
        return found
    text = f"{found.text!r} is in {unit} by the header and in {below} by the row of units; keep the right one"
    return replace(found, unit=f"{unit} or {below}", odd_unit=True, asked=text)


def named(text: str, unit: str) -> str:
    """Put a name and the unit beside it together, as a header says them; what is no unit is kept, to be refused."""
    bare = unit.strip("()[]{} ")
    own = heading(0, text)
    if not bare or (not is_unit(bare) and "_".join(bare.casefold().split()) in words("missing")):
        return text
    if own.unit and not own.odd_unit:
        return f"{text} [{bare}]" if is_unit(bare) and contradicting(own.unit, bare) else text
    return f"{text} [{bare if is_unit(bare) or not _is_remark(bare) else f'={bare}'}]"


def _parts(text: str) -> tuple[str, str, bool, str]:
    """Return name, unit, whether that is odd, and what is not clear about it."""
    odd, power, rest = "", "", text
    units: list[str] = []
    for group in reversed(list(_BRACKETS.finditer(text))):
        content = group[1].strip()
        if content.isdigit():  # "Viability (1)": the number of a channel or a method
            pass
        elif is_unit(content):
            units.append(content)
        elif POWER.fullmatch(content):
            power = content.replace(" ", "")
        elif not _is_remark(content):
            odd = odd or content
            continue
        rest = " ".join((rest[: group.start()] + " " + rest[group.end() :]).split(" "))
    plain = " ".join(_BRACKETS.sub(" ", rest).split()) or text
    if units:
        name, factor = (plain, power) if power else scaled(plain, units[0])
        unit, asked = unit_of(name, units, factor)
        return name, unit, bool(asked), f"{text!r} {asked}" if asked else ""
    name, unit = _trailing_unit(plain, power)
    if unit:
        return name, unit, False, ""
    return plain, (odd or power)[:LONGEST], bool(odd or power), ""


def _is_remark(content: str) -> bool:
    if content.startswith("="):  # what `named` marks as a unit, however it reads
        return False
    if not content or _CLOCK_FORM.fullmatch(content):
        return True
    parts, remarks = slug(content).split("_"), words("bracket")
    return all(word in remarks or len(word) > 8 for word in parts) or "".join(parts) in remarks


def _trailing_unit(text: str, power: str) -> tuple[str, str]:
    """Find a unit behind a blank, comma, slash or underscore: the longest that makes sense with the name before it."""
    if text.startswith("%") and text[1:].strip():
        return text[1:].strip(), "%"
    for gap in _BREAK.finditer(text):
        name, unit = text[: gap.start()].strip(), power + text[gap.end() :].strip()
        # The 1 of "DO_1" is a channel and no unit of a fraction.
        if name and unit and not unit.isdigit() and is_unit(unit) and _goes_together(name, unit):
            return name, unit
    return text, ""


def _goes_together(name: str, unit: str) -> bool:
    telling = re.search(r"[/%°^]", unit) is not None
    return telling or recognize(name, unit) is not None or (is_time_name(name) and is_time_unit(unit))


def is_time_unit(unit: str) -> bool:
    """Tell whether a unit is one of time."""
    return hours_in(unit) is not None


def hours_in(unit: str) -> float | None:
    """Return how many hours a unit of time has; None for what is none."""
    if slug(unit) in _WEEKS:
        return 168.0
    way = conversion(unit, "h") or conversion(slug(unit), "h")
    return way.factor if way is not None else None


def clock_form(found: Heading) -> str:
    """Return how the times of a column are written, where its header or the row of units says it: "hh:mm:ss"."""
    parts = [found.form, *(part.strip("(){} ") for part in found.text.split())]
    return next((part.casefold().lstrip("[") for part in parts if _CLOCK_FORM.fullmatch(part)), "")


def is_time_name(name: str) -> bool:
    """Tell whether a name without its unit is one of a time column."""
    return slug(name).replace("_", "") in {**words("elapsed"), **words("hours"), **words("days")}
