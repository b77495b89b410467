"""What a site's records tell of its feeds: how they are written down, what they hold, what was fed day by day."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Dataset, Floats
from mabdesk.data.history.feeds import (
    AFTER,
    FEED,
    GLUCOSE_FEED,
    SINCE,
    TOTAL,
    daily_feeds,
    fed,
    reading_of,
    relative_volume,
    vessel,
    was_fed_glucose,
)
from mabdesk.data.history.settings import HistoryOptions

MOST_SHARE = 1.0  # culture volumes that can be fed in a day
UNKNOWN_GLUCOSE = (
    "How much glucose the feed holds is not known: glucose is not predicted. "
    "Say it in the settings (glucose in the feed)."
)


class Feeding(NamedTuple):
    """How the records of both feeds are read, and their g/L of glucose, by batch (n,) for the first; NaN: unknown."""

    reading: str
    glucose_reading: str
    composition: Floats
    glucose_composition: float


class FeedRecord(NamedTuple):
    """What was fed to n batches, (n, days) each: g glucose a liter and day, volume a volume and day; NaN: unknown.

    `covered` is the part of each day that is recorded, 0 where there is no record of feeds. `refused` are the batches
    whose record cannot be: more than a culture volume fed in a day.
    """

    glucose: Floats
    volume: Floats
    covered: Floats
    refused: tuple[str, ...] = ()

    def usual(self, table: Floats, rows: NDArray[np.bool_]) -> tuple[float, ...]:
        """Return (days,) means over those batches that were wholly recorded on a day; empty where none was."""
        there = np.isfinite(table) & (self.covered > 0.99) & rows[:, None]
        if not there.any():
            return ()
        means = np.where(there, table, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        return tuple(means.tolist())

    def over(self, glucose: Floats, volume: Floats) -> tuple[Floats, Floats]:
        """Return glucose and volume as recorded, and as planned (n, days) for what no record covers."""
        return self._over(self.glucose, glucose), self._over(self.volume, volume)

    def _over(self, own: Floats, planned: Floats) -> Floats:
        known = np.isfinite(own)
        return np.where(known, np.where(known, own, 0.0) + (1.0 - self.covered) * planned, planned)


def feeding_of(batches: Sequence[Batch], mass: Floats, volume: Floats, options: HistoryOptions) -> Feeding:
    """Decide how feed records are read, from these batches.

    Args:
        batches: those whose records may decide (in training).
        mass: (n,) glucose feed rate in g/L/day of all batches, NaN where not known.
        volume: (n,) feed volume rate in 1/day.
        options: what the user says of it.
    """
    asked = options.feed_record
    readings = [reading_of(batches, name) or TOTAL if asked == "auto" else asked for name in (FEED, GLUCOSE_FEED)]
    with np.errstate(invalid="ignore", divide="ignore"):
        composition = np.where((volume > 0) & (mass >= 0), mass / volume, np.nan)
    if reading_of(batches, GLUCOSE_FEED) is not None:
        composition = np.full(len(mass), np.nan)  # the setpoint is what both feeds give together
    if options.feed_glucose is not None:
        composition = np.full(len(mass), options.feed_glucose)
    other = options.glucose_feed_glucose
    return Feeding(readings[0], readings[1], composition, np.nan if other is None else other)


def feeds_of(
    batches: Sequence[Batch], feeding: Feeding, starts_h: Floats, ends_h: Floats, days: int
) -> tuple[FeedRecord, list[Floats | None]]:
    """Return what was fed to n batches, and their relative volumes at their samples (None: unknown).

    Args:
        batches: n batches.
        feeding: how their records are read.
        starts_h: (n,) hours at which feeding was planned to start, NaN: unknown.
        ends_h: (n,) hours at which records end.
        days: how many days are wanted.
    """
    shape = (len(batches), days)
    record = FeedRecord(np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape))
    volumes, refused = [], []
    for i, batch in enumerate(batches):
        pair = (fed(batch, FEED, feeding.reading, starts_h[i]), fed(batch, GLUCOSE_FEED, feeding.glucose_reading, 0.0))
        culture = vessel(batch, [one for one in pair if one is not None])
        volumes.append(relative_volume(batch, culture))
        daily = daily_feeds(pair, culture, float(ends_h[i]), days)
        if daily is None:
            continue
        if any(share is not None and share.max() > MOST_SHARE for share in (daily.feed, daily.glucose_feed)):
            refused.append(batch.id)
            continue
        parts = ((daily.feed, feeding.composition[i]), (daily.glucose_feed, feeding.glucose_composition))
        shares = [(share, glucose) for share, glucose in parts if share is not None]
        record.volume[i] = sum((share for share, _ in shares), np.zeros(days))
        record.glucose[i] = sum((share * glucose for share, glucose in shares if share.any()), np.zeros(days))
        record.covered[i] = daily.covered
    return record._replace(refused=tuple(refused)), volumes


def told_of_feeds(
    dataset: Dataset,
    ids: Collection[str],
    setpoints: Collection[str],
    record: FeedRecord,
    feeding: Feeding,
    options: HistoryOptions,
) -> tuple[bool, list[str]]:
    """Tell whether the glucose that was fed is known, and say how feeds are read and what is not known of them."""
    batches = dataset.only(ids).batches
    rows = np.array([name in ids for name in dataset.ids], dtype=np.bool_)
    notes = _read_as(batches, feeding, options)
    if record.refused:
        notes.append(
            f"More than the culture volume would have been fed in a day to {', '.join(record.refused)}: "
            "what was planned stands in for it. Check the units of feed and volume."
        )
    recorded = any(reading_of(batches, name) is not None for name in (FEED, GLUCOSE_FEED))
    if recorded and not (record.covered[rows] > 0).any():
        notes.append("Feeds are recorded in liters, but no culture volume: what was planned stands in for them.")
    if "glucose_feed_rate" in setpoints:
        if recorded and not np.isfinite(record.glucose[rows]).any():
            notes.append("How much glucose the feed holds is not known: the planned glucose feed stands in for it.")
        return True, notes
    if np.isfinite(record.glucose[rows]).any():
        return True, notes
    if recorded or "feed_volume_rate" in setpoints:
        known = options.feed_glucose is not None and "feed_volume_rate" in setpoints
        return known, notes if known else [*notes, UNKNOWN_GLUCOSE]
    return not was_fed_glucose(batches), [*notes, _no_feeds(batches)]


def _read_as(batches: Sequence[Batch], feeding: Feeding, options: HistoryOptions) -> list[str]:
    if options.feed_record != "auto":
        return []
    pairs = (("Feed added", FEED, feeding.reading), ("Glucose feed added", GLUCOSE_FEED, feeding.glucose_reading))
    words = {TOTAL: "the total so far", SINCE: "what came since the sample before", AFTER: "what came after the sample"}
    return [
        f"{label} is read as {words[reading]}."
        for label, name, reading in pairs
        if reading_of(batches, name) is not None
    ]


def _no_feeds(batches: Sequence[Batch]) -> str:
    named = any(event.kind == "feed" for batch in batches for event in batch.events)
    also = " Feeds that stand only in the texts of events are not read." if named else ""
    rose = was_fed_glucose(batches)
    then = " Glucose rises between samples, so it was fed: glucose is not predicted." if rose else ""
    return f"No feeds are recorded: the model takes it that nothing was fed.{then}{also}"
