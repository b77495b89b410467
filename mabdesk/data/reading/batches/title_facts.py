"""Setpoints and the inoculation that stand above a table of one batch, as pairs of a name and a value."""

import datetime as dt
import re
from collections.abc import Sequence

from mabdesk.data.batch import Role, Variable
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import heading
from mabdesk.data.reading.journal import Journal
from mabdesk.data.units import SAME, conversion
from mabdesk.data.variables import recognize
from mabdesk.errors import Problem

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - records carry local time
_NUMBER = re.compile(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(\S.*)?")
_STAMP = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?")
_SETPOINT: tuple[Role, ...] = ("setpoint",)
Fact = tuple[Variable, float, str, str]


def title_setpoints(table: Table, journal: Journal) -> list[Fact]:
    """Return (variable, value, cell, text) of the setpoints above a table; what cannot be read is told."""
    found = []
    for name, text, row, column in table.block.said:
        own = heading(0, name)
        known = recognize(own.name, "" if own.odd_unit else own.unit, _SETPOINT)
        cell = table.block.grid.where(row, column)
        number = _NUMBER.fullmatch(text)
        if known is None or meanings.names(own, "start"):
            continue
        unit = own.unit or ((number[2] or "").strip() if number else "")
        way = SAME if unit in {"", "-"} else conversion(unit, known.unit, known.molar_mass)
        if number is None or way is None:
            journal.say("warning", cell, f"{name}: {text!r} is not read as a setpoint")
            continue
        value = float(number[1].replace(",", ".")) * way.factor + way.offset
        found.append((known.variable(), value, cell, text))
    return found


def title_starts(tables: Sequence[Table], journal: Journal) -> dict[str, tuple[float, str]]:
    """Return by batch the inoculation that stands above its table, in seconds since 1970, and its cell."""
    found: dict[str, tuple[float, str]] = {}
    for table in tables:
        if len(table.ids) != 1:
            continue
        for name, text, row, column in table.block.said:
            if not meanings.names(heading(0, name), "start"):
                continue
            cell = table.block.grid.where(row, column)
            seconds = _seconds(text)
            if seconds is None:
                said = f"{name}: {text!r} is not read; write the date as 2026-03-31 08:00, or give it a date format"
                problem = Problem(cell, said, "warning")
                if problem not in journal.problems:
                    journal.problems.append(problem)
            else:
                found.setdefault(table.ids[0], (seconds, cell))
    return found


def _seconds(text: str) -> float | None:
    stamp = _STAMP.fullmatch(text.strip())
    if stamp is None:
        return None
    try:
        moment = dt.datetime(*(int(part or 0) for part in stamp.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds()
