"""The time of each row of a table: chosen among its time columns, as hours since inoculation or as time stamps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from mabdesk.data.batch import Change, Floats
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import date_text
from mabdesk.data.reading.values.numbers import marks_of
from mabdesk.data.reading.values.times import Times, looks_like_serials, read_times, stamps_of_numbers
from mabdesk.data.reading.values.zones import fixed_clock, odd_steps, standard_offset, zone_of
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.units import SAME, conversion
from mabdesk.errors import Problem

MOST_FAULTS = 20
_TIME_UNITS = "--time-unit hours, --time-unit days or --time-unit minutes"
_UNIT_OF_OPTION = {"hours": "h", "days": "d", "minutes": "min"}


@dataclass(frozen=True, eq=False)
class Clock:
    """`values` (n,) of the table's rows: hours since inoculation ("hours") or seconds since 1970 ("stamps").

    `offset` is how many seconds the stamps' clock is ahead of UTC, None where nothing says it.
    """

    kind: Literal["hours", "stamps", "none"]
    values: Floats
    heading: Heading | None
    factor: float = 1.0
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    offset: float | None = None


@dataclass(frozen=True, eq=False)
class _Candidate:
    rank: int
    kind: Literal["hours", "stamps", "none"]
    heading: Heading
    times: Times
    factor: float = 1.0
    fault: str = ""


def read_clock(
    block: Block, headings: Sequence[Heading], options: ReadingOptions, groups: Sequence[object] | None = None
) -> Clock:
    """Read the time columns and choose: hours, then time stamps, then days; a date and a time of day are joined.

    `groups` (n,) tell the batches of the rows apart, which tells the two passes of an hour that happens twice apart.

    Raises:
        ReadingError: there is no such time zone.
    """
    zone = zone_of(options.time_zone) if options.time_zone else None
    order = {"day_first": "day", "month_first": "month"}.get(options.dates, "auto")
    marks = marks_of(block.grid, options.decimal)
    columns = block.grid.columns
    read = [(found, read_times(columns[found.column], block.rows, order, marks)) for found in headings]
    read = _join_date_and_time([(found, _with_serials(found, times)) for found, times in read])
    candidates = sorted((_judge(found, times, options) for found, times in read), key=lambda item: item.rank)
    if not candidates:
        return Clock("none", np.full(len(block.rows), np.nan), None)
    best = candidates[0]
    if best.kind == "stamps":
        best = _on_fixed_clock(best, block, zone, groups)
    problems = _problems(block, best)
    others = [item.heading.text for item in candidates[1:] if item.times.kind != "none"]
    if others:
        text = f"time is taken from {best.heading.text!r}; not used: {', '.join(others)}"
        problems.append(Problem(block.where(best.heading), text, "note"))
    if best.times.note:
        problems.append(Problem(block.where(best.heading), best.times.note, "note"))
    change = _serials_told(block, best)
    if change is not None:
        text = f"{best.heading.text!r} holds numbers without a date format: {change.before} is read as {change.after}"
        problems.append(Problem(block.where(best.heading), f"{text}; check that this is right", "warning"))
    if best.kind == "stamps" and zone is None and best.times.offset is None:
        problems += _jumps(block, best, groups)
    values, changes = best.times.values * best.factor, () if change is None else (change,)
    return Clock(best.kind, values, best.heading, best.factor, tuple(problems), changes, best.times.offset)


def _with_serials(found: Heading, times: Times) -> Times:
    """Turn numbers that are days of a workbook, or dates such as 20240212, into dates."""
    if times.kind != "number" or found.unit or times.unit or meanings.names(found, "hours", "days"):
        return times
    stamps = stamps_of_numbers(times.values, meanings.names(found, "date", "start", "end"))
    return times if stamps is None else replace(times, kind="date", values=stamps, from_numbers=times.values)


def _serials_told(block: Block, best: _Candidate) -> Change | None:
    numbers = best.times.from_numbers
    if numbers is None or best.kind != "stamps":
        return None
    there = np.flatnonzero(np.isfinite(numbers) & np.isfinite(best.times.values))
    if not len(there):
        return None
    first = int(there[0])
    after, where = date_text(float(best.times.values[first])), block.where(best.heading, int(block.rows[first]))
    before = f"{numbers[first]:.12g}"
    return Change("number read as a date", "", cell=where, before=before, after=after, count=len(there))


def _on_fixed_clock(
    best: _Candidate, block: Block, zone: ZoneInfo | None, groups: Sequence[object] | None
) -> _Candidate:
    """Bring stamps onto a clock that is never changed; without a zone they stay as they are."""
    if zone is None:
        return best
    standard = standard_offset(zone)
    if best.times.offset is not None:
        moved = best.times.values - best.times.offset + standard
        return replace(best, times=replace(best.times, values=moved, offset=standard))
    values, faults = fixed_clock(best.times.values, zone, groups)
    told = tuple((int(block.rows[index]), sentence) for index, sentence in faults)
    times = replace(best.times, values=values, faults=best.times.faults + told, offset=standard)
    return replace(best, times=times)


def _jumps(block: Block, best: _Candidate, groups: Sequence[object] | None) -> list[Problem]:
    problems = []
    back, skips = odd_steps(best.times.values, groups)
    for found, verb in ((back, "go back by an hour"), (skips, "skip an hour")):
        if found:
            at = date_text(float(best.times.values[found[0]]))
            text = (
                f"the times {verb} before {at}, a night in which clocks are changed: the hours after it are one off "
                "unless --time-zone names the zone, such as --time-zone Europe/Berlin"
            )
            problems.append(Problem(block.where(best.heading, int(block.rows[found[0]])), text, "warning"))
    return problems


def _join_date_and_time(read: list[tuple[Heading, Times]]) -> list[tuple[Heading, Times]]:
    """Add a column of times of day to a column of days; beside a "Day" column, times of day are left aside."""
    dates = [(found, times) for found, times in read if times.kind == "date" and _at_midnight(times.values)]
    clocks = [(found, times) for found, times in read if times.kind == "duration" and _within_a_day(times.values)]
    if not clocks or (not dates and not any(meanings.names(found, "days") for found, _ in read)):
        return read
    rest = [(found, times) for found, times in read if all(found is not clock for clock, _ in clocks)]
    if not dates:
        return rest
    (day, at), (_, since) = dates[0], clocks[0]
    joined = replace(at, values=at.values + since.values, faults=at.faults + since.faults)
    return [(found, joined if found is day else times) for found, times in rest]


def _at_midnight(values: Floats) -> bool:
    there = values[np.isfinite(values)]
    return bool((there % 86400 == 0).all())


def _within_a_day(values: Floats) -> bool:
    there = values[np.isfinite(values)]
    return bool((there < 86400).all())


def _judge(found: Heading, times: Times, options: ReadingOptions) -> _Candidate:
    if times.kind == "none":
        return _Candidate(9, "none", found, times)
    if times.kind == "date":
        return _Candidate(1, "stamps", found, times)
    if times.of_day:
        text = f"the column {found.text!r} holds times of day without a date; add the date in the cells or beside them"
        return _Candidate(3, "none", found, times, fault=text)
    if times.kind == "duration":
        return _Candidate(0, "hours", found, times, 1 / 3600)
    if meanings.names(found, "date") or (looks_like_serials(times.values) and not _is_short_unit(found.unit)):
        example = times.values[np.isfinite(times.values)][:1]
        text = (
            f"the column {found.text!r} holds numbers such as {example[0]:.10g} where dates are expected; "
            "give its cells a date format, or write the dates as 2026-03-31 08:00"
        )
        return _Candidate(4, "none", found, times, fault=text)
    by_name = "h" if meanings.names(found, "hours") else "d" if meanings.names(found, "days") else ""
    unit = found.unit or by_name or times.unit or _UNIT_OF_OPTION.get(options.time_unit, "")
    if times.unit and conversion(times.unit, unit) != SAME:
        text = f"the header {found.text!r} counts in {unit} and its cells in {times.unit}; write one of them"
        return _Candidate(3, "none", found, times, fault=text)
    way = conversion(unit, "h")
    if way is None:
        text = f"the column {found.text!r} does not say what it counts; write Time (h), or choose {_TIME_UNITS}"
        return _Candidate(3, "none", found, times, fault=text)
    return _Candidate(0 if way.factor <= 1 else 2, "hours", found, times, way.factor)


def _is_short_unit(unit: str) -> bool:
    way = conversion(unit, "h") if unit else None
    return way is not None and way.factor < 1


def _problems(block: Block, best: _Candidate) -> list[Problem]:
    if best.fault:
        return [Problem(block.where(best.heading), best.fault)]
    problems = [Problem(block.where(best.heading, row), sentence) for row, sentence in best.times.faults[:MOST_FAULTS]]
    more = len(best.times.faults) - MOST_FAULTS
    if more > 0:
        problems.append(Problem(block.where(best.heading), f"{more} more cells of this column are no times"))
    return problems


def at_offset(clock: Clock, offset: float) -> Clock:
    """Bring stamps that know their offset to UTC onto the clock of another one (seconds); all else stays."""
    if clock.offset is None or clock.kind != "stamps":
        return clock
    return replace(clock, values=clock.values - clock.offset + offset, offset=offset)
