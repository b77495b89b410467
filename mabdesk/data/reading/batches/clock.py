"""The time of each row of a table: chosen among its time columns, as hours since inoculation or as time stamps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from mabdesk.data.batch import Change, Floats
from mabdesk.data.reading.batches.day_times import Joined, first_back, join_times_of_day, told_aside, within_a_day
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, clock_form, hours_in
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
_OF_DAY = {"uhrzeit", "clocktime", "timeofday"}
_HOURS_OF_DAY, _SECOND = 24.0, 1 / 3600
_EARLY = 3600.0  # seconds: elapsed times that all begin later than this may be times of day
_UNIT_OF_OPTION = {"hours": "h", "days": "d", "minutes": "min"}


@dataclass(frozen=True, eq=False)
class Clock:
    """`values` (n,) of the table's rows: hours since inoculation ("hours") or seconds since 1970 ("stamps").

    `offset` is how many seconds the stamps' clock is ahead of UTC, None where nothing says it. `beside` is the column
    of times of day that was joined to the dates of `heading`.
    """

    kind: Literal["hours", "stamps", "none"]
    values: Floats
    heading: Heading | None
    factor: float = 1.0
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    offset: float | None = None
    beside: Heading | None = None


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
    joined = join_times_of_day(block, _read_columns(block, headings, options), groups)
    candidates = sorted((_judge(found, times, options) for found, times in joined.read), key=lambda item: item.rank)
    if not candidates:
        return Clock("none", np.full(len(block.rows), np.nan), None)
    best = candidates[0]
    if best.kind == "stamps":
        best = _on_fixed_clock(best, block, zone, groups)
    problems = _problems(block, best) + _of_day_problems(block, best, joined, groups)
    others = [item.heading.text for item in candidates[1:] if item.times.kind != "none"]
    others += [] if _counts_days(best) else [found.text for found, _ in joined.aside]
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
    with np.errstate(over="ignore"):  # hours that are no number are refused with their rows
        values = best.times.values * best.factor
    changes = () if change is None else (change,)
    beside = joined.beside[0] if joined.beside is not None and joined.day is best.heading else None
    return Clock(best.kind, values, best.heading, best.factor, tuple(problems), changes, best.times.offset, beside)


def _read_columns(block: Block, headings: Sequence[Heading], options: ReadingOptions) -> list[tuple[Heading, Times]]:
    order = {"day_first": "day", "month_first": "month"}.get(options.dates, "auto")
    numbers = [found.column for found in block.headings if not meanings.names(found, "batch")]
    marks = marks_of(block.grid, options.decimal, numbers, block.rows)
    columns = block.grid.columns
    read = [(found, read_times(columns[found.column], block.rows, order, marks)) for found in headings]
    return [(found, _with_serials(found, times)) for found, times in read]


def _of_day_problems(block: Block, best: _Candidate, joined: Joined, groups: Sequence[object] | None) -> list[Problem]:
    """Return what is to be said of times of day: joined ones that are none, unclear ones, those that go back."""
    owners = groups if groups is not None else [""] * len(block.rows)
    if joined.unclear is not None and joined.day is best.heading:
        return [joined.unclear]
    if joined.aside and _counts_days(best):
        return [told_aside(block, best.heading, joined.aside, owners)]
    if joined.beside is not None and joined.day is best.heading:
        found, times = joined.beside
        return [Problem(block.where(found, row), sentence) for row, sentence in times.faults[:MOST_FAULTS]]
    if best.kind == "hours" and best.times.kind == "duration" and not best.times.spans:
        return _clock_problems(block, best, owners)
    return []


def _counts_days(best: _Candidate) -> bool:
    return best.kind == "hours" and best.factor == _HOURS_OF_DAY


def _clock_problems(block: Block, best: _Candidate, owners: Sequence[object]) -> list[Problem]:
    """Refuse elapsed times that go back within a batch, as a clock does at midnight; warn where none begins at 0."""
    values, name = best.times.values, best.heading.text
    if not within_a_day(values) or not np.isfinite(values).any():
        return []
    back = first_back(values, owners)
    if back is not None:
        text = (
            f"the times of {name!r} go back here, as times of day do after midnight; write the date beside them, or "
            "hours since inoculation under Time (h)"
        )
        return [Problem(block.where(best.heading, int(block.rows[back])), text)]
    if best.heading.unit or np.nanmin(values) < _EARLY:
        return []
    text = f"the times of {name!r} are read as hours since inoculation; if they are times of day, write the date too"
    return [Problem(block.where(best.heading), text, "warning")]


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


def _judge(found: Heading, times: Times, options: ReadingOptions) -> _Candidate:
    if times.kind == "none":
        return _Candidate(9, "none", found, times)
    if times.kind == "date":
        return _Candidate(1, "stamps", found, times)
    if times.kind == "duration":
        text = _duration_fault(found, times)
        return (
            _Candidate(3, "none", found, times, fault=text) if text else _Candidate(0, "hours", found, times, _SECOND)
        )
    if not np.isfinite(times.values).any():
        return _Candidate(4, "none", found, times)
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
    factor = hours_in(unit) if unit else None
    if factor is None:
        text = f"the column {found.text!r} does not say what it counts; write Time (h), or choose {_TIME_UNITS}"
        if found.unit:
            text = f"the column {found.text!r} counts in {found.unit!r}, which is no unit of time; write Time (h)"
        return _Candidate(3, "none", found, times, fault=text)
    return _Candidate(0 if factor <= 1 else 2, "hours", found, times, factor)


def _duration_fault(found: Heading, times: Times) -> str:
    """Return why a column of clock times or durations is no elapsed time, "" where it is."""
    of_day = within_a_day(times.values) and (meanings.key(found.name) in _OF_DAY or meanings.names(found, "date"))
    if times.of_day or of_day:
        return f"the column {found.text!r} holds times of day without a date; add the date in the cells or beside them"
    if times.spans:
        return ""
    form = clock_form(found)
    if form and not form.startswith("h"):
        return f"the times of {found.text!r} are written as {form}, which is not read; write hours under Time (h)"
    unit = found.unit or ("d" if meanings.names(found, "days") else "")
    factor = hours_in(unit) if unit else None
    if factor in {None, 1.0} or not (times.as_text or within_a_day(times.values)):
        return ""
    minutes = int(np.nanmax(times.values) // 60) if np.isfinite(times.values).any() else 0
    shown = f"{minutes // 60}:{minutes % 60:02d}"
    return (
        f"the header {found.text!r} counts in {unit} and its cells are written like {shown}; write numbers, or hours "
        "and minutes under Time (h)"
    )


def _is_short_unit(unit: str) -> bool:
    factor = hours_in(unit) if unit else None
    return factor is not None and factor < 1


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
