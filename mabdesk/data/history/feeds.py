"""What was fed, day by day, as pumps and samples recorded it; and whether a record of feeds adds up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mabdesk.data.batch import Batch, Floats

FEED, GLUCOSE_FEED = "feed_volume", "glucose_feed_volume"
# How a feed is written down beside a sample: all so far, what came since the sample before, what came right after it.
TOTAL, SINCE, AFTER = "total", "since_last_sample", "after_sample"
_LEAST_RISE, _LEAST_SHARE = 0.5, 0.25  # g/L, and of the value: more than the noise of an assay
_LONGEST_TAIL_H = 24.0
_BOLUS_H = 1.0
_CLEARLY = 0.7


class Vessel(NamedTuple):
    """Culture volume in L at some hours."""

    hours: Floats
    liters: Floats

    def at(self, hours: Floats) -> Floats:
        """Return liters at any hours."""
        return np.asarray(np.interp(hours, self.hours, self.liters))


class Fed(NamedTuple):
    """Liters fed up to some hours of one batch, along lines between them."""

    hours: Floats
    liters: Floats


class DailyFeeds(NamedTuple):
    """Shares of the culture volume fed (days,) of either feed, and the part of each day that the record covers."""

    feed: Floats | None
    glucose_feed: Floats | None
    covered: Floats


def reading_of(batches: Sequence[Batch], name: str) -> str | None:
    """Tell how a feed is written down: TOTAL, SINCE or AFTER; None: it is not recorded.

    Culture volume decides where it is measured, else the course: totals never fall and end far above where they began.
    """
    if not any(len(batch.offline.measured(name)[0]) for batch in batches):
        return None
    totals = [vote for batch in batches if (vote := _is_total(batch, name)) is not None]
    if totals and sum(totals) * 2 >= len(totals):
        return TOTAL
    after = [vote for batch in batches if (vote := _is_after(batch, name)) is not None]
    return AFTER if after and sum(after) * 2 > len(after) else SINCE


def fed(batch: Batch, name: str, reading: str, start_h: float) -> Fed | None:
    """Return the liters of one feed so far, None where this batch has no record of it.

    Args:
        batch: the batch.
        name: the variable.
        reading: TOTAL, SINCE or AFTER.
        start_h: the hour from which feeding was planned, NaN: unknown; what came in an interval came after it.
    """
    hours, values = batch.offline.measured(name)
    if not len(hours):
        return None
    added = np.maximum(values, 0.0)
    so_far = np.maximum.accumulate(added) if reading == TOTAL else np.cumsum(added)
    if reading == AFTER:
        begins, ends = hours, np.minimum(hours + _BOLUS_H, np.append(hours[1:], np.inf))
    else:
        before = np.concatenate([[min(0.0, hours[0])], hours[:-1]])
        begins, ends = np.where((start_h > before) & (start_h < hours), start_h, before), hours
    knots = np.stack([begins, ends], axis=1).ravel()
    liters = np.stack([np.concatenate([[0.0], so_far[:-1]]), so_far], axis=1).ravel()
    kept = np.concatenate([knots[1:] > knots[:-1], [True]])
    return Fed(knots[kept], liters[kept])


def vessel(batch: Batch, feeds: Sequence[Fed]) -> Vessel | None:
    """Return the culture volume: as sampled, else by weight, else as filled and fed; None where nothing tells."""
    hours, liters = batch.offline.measured("volume")
    if (liters > 0).any():
        return Vessel(hours[liters > 0], liters[liters > 0])
    hours, kilograms = batch.online.measured("weight")
    if (kilograms > 0).any():
        some = np.flatnonzero(kilograms > 0)
        some = some[:: max(1, len(some) // 500)]
        return Vessel(hours[some], kilograms[some])
    filled = batch.setpoints.get("working_volume", np.nan)
    if not np.isfinite(filled) or filled <= 0:
        return None
    grid = np.unique(np.concatenate([[0.0], *(one.hours for one in feeds)]))
    more = sum((np.interp(grid, one.hours, one.liters) for one in feeds), np.zeros(len(grid)))
    return Vessel(grid, filled + more)


def daily_feeds(
    feeds: tuple[Fed | None, Fed | None], culture: Vessel | None, until_h: float, days: int
) -> DailyFeeds | None:
    """Return what a batch's feeds were as shares of its volume, day by day, as far as recorded; None: unknown."""
    known = [one for one in feeds if one is not None]
    if not known or culture is None:
        return None
    edges = 24.0 * np.arange(days + 1.0)
    middle = np.maximum(culture.at(edges[:-1] + 12.0), 1e-9)
    last = max(float(one.hours[-1]) for one in known)
    end = until_h if until_h - last <= _LONGEST_TAIL_H else last
    feed, glucose = (None if one is None else np.diff(_so_far(one, edges, end)) / middle for one in feeds)
    return DailyFeeds(feed, glucose, np.clip(end / 24.0 - np.arange(days), 0.0, 1.0))


def relative_volume(batch: Batch, culture: Vessel | None) -> Floats | None:
    """Return (n,) the volume at each sample relative to that at inoculation; None where nothing tells."""
    if culture is None:
        return None
    hours, liters = batch.offline.measured("volume")
    if len(hours):
        first = liters[liters > 0][:1]
        column = batch.offline.column("volume")
        return np.where(np.isfinite(column), column, np.nan) / first[0] if len(first) else None
    start = float(culture.at(np.zeros(1))[0])
    return culture.at(batch.offline.hours) / start if start > 0 else None


def was_fed_glucose(batches: Sequence[Batch]) -> bool:
    """Tell whether glucose rises between samples by more than noise and lone slips do: somebody fed it."""
    rises = intervals = 0
    for batch in batches:
        _, values = batch.offline.measured("glucose")
        rose = np.diff(values) > np.maximum(_LEAST_RISE, _LEAST_SHARE * values[:-1])
        rises, intervals = rises + int(rose.sum()), intervals + len(rose)
    return rises >= max(2.0, 0.03 * intervals)


def _so_far(one: Fed, hours: Floats, end: float) -> Floats:
    """Return liters fed up to hours; the last rate goes on to the end of the batch."""
    span = one.hours[-1] - one.hours[-2] if len(one.hours) > 1 else 0.0
    rate = (one.liters[-1] - one.liters[-2]) / span if span > 0 else 0.0
    more = rate * np.clip(np.minimum(hours, end) - one.hours[-1], 0.0, None)
    return np.asarray(np.interp(hours, one.hours, one.liters) + more)


def _is_total(batch: Batch, name: str) -> bool | None:
    values = batch.offline.measured(name)[1]
    positive = values[values > 0]
    if len(positive) < 2:
        return None
    when, liters = batch.offline.measured("volume")
    if len(when) > 1 and (grown := liters[-1] - liters[0]) > 0.02 * liters[0]:
        return bool(abs(positive[-1] - grown) < abs(values.sum() - grown))
    falls = np.diff(values) < -0.01 * positive.max()
    return bool(not falls.any() and positive[-1] / positive[0] > 1.0 + 0.3 * (len(positive) - 1))


def _is_after(batch: Batch, name: str) -> bool | None:
    """Tell whether the volume has grown by what is written down only at the next sample."""
    added, liters = batch.offline.column(name), batch.offline.column("volume")
    both = np.isfinite(added) & np.isfinite(liters)
    added, grown = added[both], np.diff(liters[both])
    if len(added) < 4 or not (added > 0).any():
        return None
    since, after = np.abs(grown[:-1] - added[1:-1]).sum(), np.abs(grown[1:] - added[1:-1]).sum()
    return bool(after < _CLEARLY * since)
