"""Local clocks and their changes: time stamps onto a clock that is never put forward or back.

A zone's fixed clock is UTC plus its standard offset (of winter): whatever a table or a batch's start says in that zone
comes onto the same clock, and differences are hours that really passed.
"""

import datetime as dt
import difflib
import functools
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.values.cells import date_text
from mabdesk.errors import ReadingError

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY = 86_400.0
_HOUR = 3600.0


@dataclass(frozen=True)
class _Turn:
    """A change of a zone's clock: when (seconds since 1970 UTC), and the offsets before and after it."""

    at: float
    before: float
    after: float

    @property
    def span(self) -> tuple[float, float]:
        """Return the local clock times that happen twice, or never."""
        first, second = self.at + self.before, self.at + self.after
        return min(first, second), max(first, second)


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of this IANA name.

    Raises:
        ReadingError: there is none; the hint lists the names that are near.
    """
    known = _names()
    if name in known:
        return zoneinfo.ZoneInfo(name)
    plain = name.strip().casefold().replace(" ", "_")
    same = [known_name for known_name in known if plain and plain in known_name.casefold().split("/")]
    close = difflib.get_close_matches(plain, [one.casefold() for one in known], n=5, cutoff=0.6)
    near = list(dict.fromkeys([*same, *(one for one in known if one.casefold() in close)]))[:5]
    hint = f"Near to it: {', '.join(near)}." if near else "Name it like Europe/Berlin or America/New_York."
    raise ReadingError(f"{name!r} is no time zone that is known.", hint)


def standard_offset(zone: zoneinfo.ZoneInfo) -> float:
    """Return the seconds that the zone's clock is ahead of UTC in winter."""
    return min(_offset(zone, dt.datetime(2020, month, 1, tzinfo=dt.UTC)) for month in (1, 7))


def fixed_clock(
    local: Floats, zone: zoneinfo.ZoneInfo, groups: Sequence[object] | None = None
) -> tuple[Floats, list[tuple[int, str]]]:
    """Bring stamps (n,) as a zone's clock showed them onto its fixed clock; NaN stays.

    An hour that happened twice is told apart by the order of rows: within a group (a batch) the clock goes back there
    once. What cannot be told, and what no clock showed, is (index, sentence) and NaN.
    """
    fixed, faults = np.full(len(local), np.nan), []
    there = np.flatnonzero(np.isfinite(local))
    if not len(there):
        return fixed, []
    turns = _turns(zone, float(local[there].min()) - 2 * _DAY, float(local[there].max()) + 2 * _DAY)
    first = _offset(zone, _moment(float(local[there].min()) - 2 * _DAY))
    bounds = np.array([turn.span[1] for turn in turns])
    offsets = np.array([first, *(turn.after for turn in turns)])
    fixed[there] = local[there] - offsets[np.searchsorted(bounds, local[there], side="right")]
    for turn in turns:
        low, high = turn.span
        inside = np.flatnonzero((local >= low) & (local < high))
        if not len(inside):
            continue
        if turn.after > turn.before:
            text = f"does not exist in {zone.key}: clocks went from {_clock(low)} to {_clock(high)}"
            faults += [(index, f"{date_text(float(local[index]))} {text}") for index in inside.tolist()]
            fixed[inside] = np.nan
        else:
            faults += _tell_apart(local, fixed, turn, inside, groups, zone)
    return fixed + standard_offset(zone), faults


def odd_steps(local: Floats, groups: Sequence[object] | None = None) -> tuple[list[int], list[int]]:
    """Return where rows jump back, and where they skip, exactly the hour by which clocks are changed on that day.

    Looks at the Sundays on which clocks are changed in Europe and in the United States, in rows at most an hour apart.
    """
    there = np.flatnonzero(np.isfinite(local))
    if len(there) < 3:
        return [], []
    codes = np.zeros(len(there), dtype=np.intp) if groups is None else _codes([groups[i] for i in there.tolist()])
    steps, same = np.diff(local[there]), np.diff(codes) == 0
    if not same.any():
        return [], []
    usual = float(np.median(steps[same]))
    if not 0 < usual <= _HOUR:
        return [], []
    back = there[1:][same & (np.abs(steps - usual + _HOUR) < 60)]
    skips = there[1:][same & (np.abs(steps - usual - _HOUR) < 60)]
    return (
        [i for i in back.tolist() if _is_change_day(float(local[i]), (10, 11))],
        [i for i in skips.tolist() if _is_change_day(float(local[i]), (3,))],
    )


def _tell_apart(
    local: Floats,
    fixed: Floats,
    turn: _Turn,
    inside: NDArray[np.intp],
    groups: Sequence[object] | None,
    zone: zoneinfo.ZoneInfo,
) -> list[tuple[int, str]]:
    """Give the rows of a repeated hour their offsets, in place; return those whose turn cannot be told."""
    faults: list[tuple[int, str]] = []
    owners = [groups[index] if groups is not None else 0 for index in inside.tolist()]
    for owner in dict.fromkeys(owners):
        rows = inside[[index for index, other in enumerate(owners) if other == owner]]
        back = np.flatnonzero(np.diff(local[rows]) < 0) + 1
        if len(back) == 1:
            fixed[rows[: back[0]]] = local[rows[: back[0]]] - turn.before
            fixed[rows[back[0] :]] = local[rows[back[0] :]] - turn.after
            continue
        early, late = _signed(turn.before), _signed(turn.after)
        text = f"happened twice in {zone.key} and the order of rows does not tell which is meant"
        text += f"; write it with {early} or {late} behind it"
        faults += [(index, f"{date_text(float(local[index]))} {text}") for index in rows.tolist()]
        fixed[rows] = np.nan
    return faults


def _turns(zone: zoneinfo.ZoneInfo, start: float, end: float) -> list[_Turn]:
    found = []
    days = np.arange(start, end + _DAY, _DAY).tolist()
    offsets = [_offset(zone, _moment(day)) for day in days]
    for low, high, before, after in zip(days, days[1:], offsets, offsets[1:], strict=False):
        if before != after:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, _moment(middle)) == before else (low, middle)
            found.append(_Turn(round(high / 60) * 60.0, before, after))
    return found


def _offset(zone: zoneinfo.ZoneInfo, moment: dt.datetime) -> float:
    offset = moment.astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _moment(seconds: float) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=seconds)


def _clock(seconds: float) -> str:
    return date_text(seconds)[11:16]


def _signed(offset: float) -> str:
    hours, minutes = divmod(abs(round(offset)) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _codes(groups: Sequence[object]) -> NDArray[np.intp]:
    index: dict[object, int] = {}
    return np.array([index.setdefault(group, len(index)) for group in groups], dtype=np.intp)


def _is_change_day(seconds: float, months: tuple[int, ...]) -> bool:
    """Tell whether a local stamp lies in the night of a change in Europe or the United States."""
    moment = _moment(seconds)
    if moment.month not in months or moment.weekday() != 6 or moment.hour > 4:
        return False
    nth, last = (moment.day - 1) // 7 + 1, moment.day > 24
    return {3: nth == 2 or last, 10: last, 11: nth == 1}[moment.month]


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))
