"""A column of units beside a column of values: the unit that a header does not say, and must not contradict."""

from dataclasses import replace

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.header_units import contradicting
from mabdesk.data.reading.headers.headings import Heading, is_time_unit
from mabdesk.data.reading.layout.block import Block, is_number
from mabdesk.data.reading.values.cells import EMPTY, NUMBER, TEXT
from mabdesk.data.units import LONGEST, is_unit
from mabdesk.data.variables import recognize
from mabdesk.data.words import words
from mabdesk.errors import Problem


def with_unit_columns(block: Block) -> tuple[Block, list[Problem]]:
    """Give the column of values left of a column of units its unit; whatever is not clear is asked."""
    headings = list(block.headings)
    problems: list[Problem] = []
    for place, found in enumerate(block.headings):
        if not meanings.names(found, "unit"):
            continue
        target = next((i for i in range(place - 1, -1, -1) if _has_values(headings[i])), None)
        if target is None or headings[target].chosen:
            continue
        units, blank = _units(block, found, headings[target])
        if not units or _is_of_another_thing(headings[target], units):
            continue
        fault = _fault(headings[target], units, found, block, blank)
        if fault:
            problems.append(fault)
        elif not headings[target].unit:
            headings[target] = replace(headings[target], unit=next(iter(units))[:LONGEST])
    return replace(block, headings=tuple(headings), known_by=block.known_by or _known_by(block)), problems


def _known_by(block: Block) -> tuple[str, ...]:
    return tuple(found.text for found in block.headings)


def _has_values(found: Heading) -> bool:
    if meanings.names(found, "unit", "batch"):
        return False
    return recognize(found.name) is not None or bool(found.unit) or meanings.is_time(found)


def _is_of_another_thing(target: Heading, units: dict[str, int]) -> bool:
    """Tell whether the texts are no units of the target: "Unit" may name vessels, and follow a column of times."""
    if meanings.is_time(target):
        return not all(map(is_time_unit, units))
    return bool(target.unit) and not any(map(is_unit, units))


def _units(block: Block, found: Heading, target: Heading) -> tuple[dict[str, int], int | None]:
    """Return the units in the rows in which the target holds something, with their first rows; the first blank one.

    A unit is blank where a number stands beside it; beside "n.d." none is needed.
    """
    column, values = block.grid.columns[found.column], block.grid.columns[target.column]
    units: dict[str, int] = {}
    blank = None
    rows = block.rows[values.kind[block.rows] != EMPTY]
    for row, text in zip(rows.tolist(), column.shown_at(rows), strict=True):
        bare = text.strip("()[]{} ")
        if bare and not _says_nothing(bare):
            units.setdefault(bare, row)
        elif blank is None and not bare:
            kind = values.kind[row]
            blank = row if kind == NUMBER or (kind == TEXT and is_number(values.text[row])) else None
    return units, blank


def _says_nothing(text: str) -> bool:
    return not is_unit(text) and "_".join(text.casefold().split()) in words("missing")


def _fault(target: Heading, units: dict[str, int], found: Heading, block: Block, blank: int | None) -> Problem | None:
    """Say what is not clear about the units of a column, None where all is."""
    first, name = next(iter(units)), target.text
    own = target.unit or ("d" if meanings.names(target, "days") else "")
    odd = next((unit for unit in units if not is_unit(unit)), None)
    say = f'; or say the unit: --unit "{target.name}={first}"'
    if odd is not None:
        text = f"{name!r}: the unit {odd!r} is not known; write it as a header would, for example g/L or mM"
        return Problem(block.where(found, units[odd]), text)
    if any(contradicting(first, unit) for unit in units):
        text = (
            f"gives {name!r} in several units ({' and '.join(units)}); write each unit's values into their own column"
        )
        return Problem(block.where(found), text)
    if own and not target.odd_unit and contradicting(own, first):
        text = f"{name!r} is in {own} by its header and in {first} by the column {found.text!r}; keep the right one"
        return Problem(block.where(found, units[first]), text + say)
    if blank is not None and not own:
        text = f"is empty beside a value of {name!r}, whose other values are in {first}; write the unit"
        return Problem(block.where(found, blank), text + say)
    return None
