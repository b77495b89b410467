"""The time of each row of a table: chosen among its time columns, as hours since inoculation or as time stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.data.reading import meanings
from mabdesk.data.reading.headings import Heading
from mabdesk.data.reading.numbers import marks_of
from mabdesk.data.reading.preview import Block
from mabdesk.data.reading.times import Times, looks_like_serials, read_times
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.units import conversion
from mabdesk.errors import Problem

MOST_FAULTS = 20
_TIME_UNITS = "--time-unit hours, --time-unit days or --time-unit minutes"
_UNIT_OF_OPTION = {"hours": "h", "days": "d", "minutes": "min"}


@dataclass(frozen=True, eq=False)
class Clock:
    """`values` (n,) of the table's rows: hours since inoculation ("hours") or seconds since 1970 ("stamps")."""

    kind: Literal["hours", "stamps", "none"]
    values: Floats
    heading: Heading | None
    factor: float = 1.0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class _Candidate:
    rank: int
    kind: Literal["hours", "stamps", "none"]
    heading: Heading
    times: Times
    factor: float = 1.0
    fault: str = ""


def read_clock(block: Block, headings: Sequence[Heading], options: ReadingOptions) -> Clock:
    """Read the time columns and choose: hours, then time stamps, then days; a date and a time of day are joined."""
    order = {"day_first": "day", "month_first": "month"}.get(options.dates, "auto")
    marks = marks_of(block.grid, options.decimal)
    columns = block.grid.columns
    read = [(found, read_times(columns[found.column], block.rows, order, marks)) for found in headings]
    read = _join_date_and_time(read)
    candidates = sorted((_judge(found, times, options) for found, times in read), key=lambda item: item.rank)
    if not candidates:
        return Clock("none", np.full(len(block.rows), np.nan), None)
    best = candidates[0]
    problems = _problems(block, best)
    others = [item.heading.text for item in candidates[1:] if item.times.kind != "none"]
    if others:
        text = f"time is taken from {best.heading.text!r}; not used: {', '.join(others)}"
        problems.append(Problem(block.where(best.heading), text, "note"))
    if best.times.note:
        problems.append(Problem(block.where(best.heading), best.times.note, "note"))
    return Clock(best.kind, best.times.values * best.factor, best.heading, best.factor, tuple(problems))


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
    joined = Times("date", at.values + since.values, at.faults + since.faults, at.note)
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
    if times.kind == "duration":
        return _Candidate(0, "hours", found, times, 1 / 3600)
    if meanings.names(found, "date") or looks_like_serials(times.values):
        example = times.values[np.isfinite(times.values)][:1]
        text = (
            f"the column {found.text!r} holds numbers such as {example[0]:.10g} where dates are expected; "
            "give its cells a date format, or write the dates as 2026-03-31 08:00"
        )
        return _Candidate(4, "none", found, times, fault=text)
    by_name = "h" if meanings.names(found, "hours") else "d" if meanings.names(found, "days") else ""
    unit = found.unit or by_name or _UNIT_OF_OPTION.get(options.time_unit, "")
    way = conversion(unit, "h")
    if way is None:
        text = f"the column {found.text!r} does not say what it counts; write Time (h), or choose {_TIME_UNITS}"
        return _Candidate(3, "none", found, times, fault=text)
    return _Candidate(0 if way.factor <= 1 else 2, "hours", found, times, way.factor)


def _problems(block: Block, best: _Candidate) -> list[Problem]:
    if best.fault:
        return [Problem(block.where(best.heading), best.fault)]
    problems = [Problem(block.where(best.heading, row), sentence) for row, sentence in best.times.faults[:MOST_FAULTS]]
    more = len(best.times.faults) - MOST_FAULTS
    if more > 0:
        problems.append(Problem(block.where(best.heading), f"{more} more cells of this column are no times"))
    return problems
