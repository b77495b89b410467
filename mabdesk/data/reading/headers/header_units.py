"""The unit of a header that has several brackets: a power of ten before it, a second unit beside it."""

import re
from collections.abc import Sequence

from mabdesk.data.units import SAME, conversion, is_unit
from mabdesk.data.variables import recognize

# Of a density of cells: "x10^6", "1e6", "10E6"; a factor of anything else is asked.
POWER = re.compile(
    r"[x\u00d7*]?\s*(?:10\s*[\^eE]\s*-?[1-9]|10\s*[5-9⁵⁶⁷⁸⁹]|1[eE][+-]?0?[1-9]|[eE]\+?0?[5-9])|[x\u00d7*]\s*10{1,9}"
)
_AT_END = re.compile(
    r"(?P<name>.*?\w)[\s,_]+"
    r"(?P<power>[x\u00d7*]?\s*(?:10\s*[\^eE]\s*-?[1-9]|10\s*[⁵⁶⁷⁸⁹]|1[eE][+-]?0?[1-9])|[x\u00d7*]\s?10{1,9})"
)


def scaled(name: str, unit: str) -> tuple[str, str]:
    """Take a power of ten off the end of a name where what is left is a known name, and the whole is none."""
    found = _AT_END.fullmatch(name)
    if found is None or recognize(found["name"], unit) is None:
        return name, ""
    return found["name"], found["power"].replace(" ", "")


def unit_of(name: str, units: Sequence[str], power: str) -> tuple[str, str]:
    """Return the one unit that brackets give (the last bracket first), and what is to be asked about it.

    A unit that is none of the named variable counts only where there is no other: "(d)" may be a remark.
    """
    own = [unit for unit in units if recognize(name, unit) is not None] or units[:1]
    others = [unit for unit in own[1:] if contradicting(own[0], unit)]
    if others:
        both = f"{others[-1]} and {own[0]}"
        return f"{others[-1]} or {own[0]}", f"says two units, {both}; keep the one that the values are in"
    if not power:
        return own[0], ""
    if is_unit(f"{power}{own[0]}"):
        return f"{power}{own[0]}", ""
    text = (
        f"says {power} beside the unit {own[0]}, which can mean that the values were multiplied or are to be; "
        "write the values in a unit of their own and take the factor out of the header"
    )
    return f"{power} {own[0]}", text


def contradicting(one: str, other: str) -> bool:
    """Tell whether two known units are not the same; a unit of nothing ("-") contradicts none."""
    if not is_unit(one) or not is_unit(other) or {one, other} & {"", "-", "1"}:
        return False
    return conversion(one, other) != SAME
