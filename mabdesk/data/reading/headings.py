"""A header's text taken apart: "Glucose (mM)", "VCD_1e6/mL", "% Viability", "Time [h]" -> name and unit."""

import re
from dataclasses import dataclass

from mabdesk.data.units import LONGEST, is_unit
from mabdesk.data.variables import recognize, slug

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_POWER = re.compile(r"[x×*]?\s*(?:10\s*[\^eE]?\s*[5-9⁵⁶⁷⁸⁹]|1?[eE]\+?0?[5-9])")
_BREAK = re.compile(r"\s+in\s+|[\s,;/_|:]+")
# What people put into brackets beside units.
_REMARKS = frozenset(
    "nova novaflex flex flex2 vicell vicellblu blu xr cedex cedexbio biohplc hplc uplc octet blga proa proteina sec cex "
    "icief ysi bga bgas offline online inline atline raw calc calculated corr corrected avg mean average pv act actual "
    "measured lab external internal sample daily total viable cumulative sum setpoint sp optional target probe sensor "
    "poc osmo osmometer ief gravimetric initial final gas inoculation harvest".split()
)


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
    if not unit and unit_below:
        below = unit_below.strip("()[]{} ")
        unit, odd = below[:LONGEST], not is_unit(below)
    return Heading(column, whole, name, unit, odd)


def _parts(text: str) -> tuple[str, str, bool]:
    odd = ""
    power = ""
    for group in reversed(list(_BRACKETS.finditer(text))):
        content = group[1].strip()
        rest = " ".join((text[: group.start()] + " " + text[group.end() :]).split())
        if is_unit(content):
            return rest or text, content, False
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
    words = slug(content).split("_")
    return not content or all(word in _REMARKS or len(word) > 8 for word in words) or "".join(words) in _REMARKS


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
    return slug(name).replace("_", "") in ELAPSED | DAYS | HOURS


ELAPSED = frozenset(
    "time culturetime elapsedtime elapsed age cultureage eft processtime runtime batchtime batchage fermentationtime "
    "timeelapsed relativetime timesinceinoculation elapsedfermentationtime timepostinoculation cultivationtime t "
    "elapsedculturetime inoculationtime sampletime samplingtime eventtime processage kulturzeit zeit".split()
)
HOURS = frozenset(
    "hours hour hrs hr h timeh timeinhours culturehours elapsedhours processhours runhours ageh stunden".split()
)
DAYS = frozenset(
    "day days d cultureday processday workingday wd dayofculture dayspostinoculation ageindays agedays runday dpi "
    "dayno daynumber timed timeday timedays sampleday samplingday tag tage eventday".split()
)
