"""Columns of times of day beside columns of dates or days: joined, left aside with a word, or asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, hours_in
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import date_text
from mabdesk.data.reading.values.times import Times
from mabdesk.errors import Problem

_DAY, _HOUR = 86_400.0, 3600.0
_SAME = 900.0
Read = tuple[Heading, Times]


@dataclass(frozen=True, eq=False)
class Joined:
    """Time columns after times of day were added to days.

    `beside` is the column of times of day that was joined to the dates of `day`; `aside` are those that are no time of
    their own; `unclear` is the refusal that counts when `day` or one of `aside` would be the time of the table.
    """

    read: Sequence[Read]
    day: Heading | None = None
    beside: Read | None = None
    aside: tuple[Read, ...] = ()
    unclear: Problem | None = None


def join_times_of_day(block: Block, read: Sequence[Read], groups: Sequence[object] | None) -> Joined:
    """Add a column of times of day to a column of days; beside a "Day" column, times of day are left aside."""
    clocks = tuple((found, times) for found, times in read if _is_clock(found, times))
    dates = [(found, times) for found, times in read if times.kind == "date"]
    if not clocks or (not dates and not any(_counts_days(found, times) for found, times in read)):
        return Joined(read)
    rest = [(found, times) for found, times in read if all(found is not clock for clock, _ in clocks)]
    if not dates:
        return Joined(rest, aside=clocks)
    day = next((item for item in dates if _at_midnight(item[1].values)), None)
    if day is None:
        return _beside_stamps(block, read, rest, dates[0], clocks, groups)
    joined = replace(day[1], values=day[1].values + clocks[0][1].values)
    own = [(found, joined if found is day[0] else times) for found, times in rest]
    return Joined(own, day[0], clocks[0], clocks[1:])


def told_aside(block: Block, best: Heading, aside: Sequence[Read], groups: Sequence[object]) -> Problem:
    """Warn of times of day that are not used beside days; refuse where they differ within a batch."""
    found, times = aside[0]
    where = block.where(found)
    if any(spread > _HOUR for spread in _spreads(times.values, groups)):
        text = (
            f"{best.text!r} counts days and {found.text!r} holds times of day: nothing says how both make hours "
            f"since inoculation; write Time (h), or the date beside the time, or take {found.text!r} out"
        )
        return Problem(where, text)
    text = f"the times of day in {found.text!r} are not used, the days in {best.text!r} count"
    return Problem(where, f"{text}; write Time (h), or the date beside the time, where they shall", "warning")


def within_a_day(values: Floats) -> bool:
    """Tell whether all seconds are less than those of a day."""
    there = values[np.isfinite(values)]
    return bool((there < _DAY).all())


def first_back(values: Floats, groups: Sequence[object]) -> int | None:
    """Return the first row whose time is before that of an earlier row of its batch."""
    last: dict[object, float] = {}
    for place, (value, group) in enumerate(zip(values.tolist(), groups, strict=True)):
        if np.isfinite(value):
            if value < last.get(group, value):
                return place
            last[group] = value
    return None


def _spreads(values: Floats, groups: Sequence[object]) -> list[float]:
    """Return by group how far its values are apart."""
    ends: dict[object, tuple[float, float]] = {}
    for value, group in zip(values.tolist(), groups, strict=True):
        if np.isfinite(value):
            low, high = ends.get(group, (value, value))
            ends[group] = (min(low, value), max(high, value))
    return [high - low for low, high in ends.values()]


def _is_clock(found: Heading, times: Times) -> bool:
    own = times.kind == "duration" and not times.spans and not meanings.names(found, "days", "date")
    return own and within_a_day(times.values)


def _counts_days(found: Heading, times: Times) -> bool:
    return times.kind == "number" and (
        meanings.names(found, "days") or "d" in {found.unit, times.unit} or hours_in(found.unit) == 24.0
    )


def _at_midnight(values: Floats) -> bool:
    there = values[np.isfinite(values)]
    return bool((there % _DAY == 0).all())


def _beside_stamps(
    block: Block,
    read: Sequence[Read],
    rest: Sequence[Read],
    stamped: Read,
    clocks: tuple[Read, ...],
    groups: Sequence[object] | None,
) -> Joined:
    """Settle times of day beside dates that have them too: the same ones, elapsed time, or a contradiction."""
    (day, at), (clock, since) = stamped, clocks[0]
    apart = at.values - since.values
    there = np.isfinite(apart)
    off = np.abs((apart[there] + _DAY / 2) % _DAY - _DAY / 2)
    if (off <= _SAME).all():
        return Joined(rest, aside=clocks)
    if all(spread <= _HOUR for spread in _spreads(apart, groups if groups is not None else [""] * len(apart))):
        return Joined(read)
    timed = there & (at.values % _DAY != 0)
    row = int(block.rows[int(np.flatnonzero(timed)[0])]) if timed.any() else None
    shown = f" ({date_text(float(at.values[timed][0]))})" if timed.any() else ""
    text = (
        f"{day.text!r} holds times of day itself{shown} and {clock.text!r} holds others; write the whole time in "
        "one of them, or the date alone in the first"
    )
    return Joined(rest, day, aside=clocks, unclear=Problem(block.where(day, row), text))
