"""Batches that still run: what was recorded so far, and the plan for what is left, as a trained model needs them."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Floats
from mabdesk.data.history.feeding import UNKNOWN_GLUCOSE, FeedRecord, feeding_of, feeds_of
from mabdesk.data.history.levers import Levers, planned_by
from mabdesk.data.history.plans import BINS, CLIMATE, History
from mabdesk.data.history.recorded import recorded_plans, tag_table
from mabdesk.data.history.samples import names_of, read_samples, sampled
from mabdesk.data.history.sensors import sensors_of
from mabdesk.data.history.setpoints import MOST_DAYS, SHIFT, filled, listed, median_of, own_record
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.errors import DataError

_LATEST_DAYS = 2


class _SoFar(NamedTuple):
    """What n running batches recorded until `until_h` (n,)."""

    sensors: list[Floats]
    feeds: FeedRecord
    volumes: list[Floats | None]
    until_h: Floats


def running_batch(dataset: Dataset, levers: Levers, options: HistoryOptions) -> History:
    """Read one batch or several that still run.

    As recorded up to the last hour with a value, as planned after it up to the planned harvest. Setpoints that a batch
    does not name are what its sensors and pumps did last, else what was usual. `options` are those of the training.

    Raises:
        DataError: no batch, or one without any sample of viable cells or titer.
    """
    batches = dataset.batches
    _refuse_unsampled(batches)
    given = np.array([[batch.setpoints.get(name, np.nan) for name in levers.names] for batch in batches])
    given = np.where(np.isfinite(given), given, np.nan).reshape(len(batches), len(levers.names))
    so_far = _so_far(batches, levers, given, options)
    own = [_own(batch, so_far, i) for i, batch in enumerate(batches)]
    usual = dict(zip(levers.names, levers.usual, strict=True))
    settings, notes = filled(levers.names, given, own, batches, usual)
    days = so_far.feeds.covered.shape[1]
    planned = planned_by(levers, settings, tag_table(batches, levers.tag_names), days)
    planned = replace(planned, harvest_h=(harvests := _harvests(levers, settings, so_far.until_h)))
    names, quality = names_of(dataset, so_far.volumes)
    known = _glucose_known(levers, so_far.feeds)
    return History(
        dataset.ids,
        levers.names,
        settings,
        planned,
        recorded_plans(batches, planned, so_far.sensors, so_far.feeds, harvests),
        read_samples(batches, names + quality, harvests, so_far.volumes),
        quality,
        levers.tag_names,
        dataset.simulated,
        (*notes, *_told(batches, levers, so_far, harvests), *([] if known else [UNKNOWN_GLUCOSE])),
        known,
    )


def _refuse_unsampled(batches: Sequence[Batch]) -> None:
    if not batches:
        raise DataError("There is no running batch.", "Give a file with one batch or several.")
    for batch in batches:
        if not any(np.isfinite(sampled(batch, name)).any() for name in ("vcd", "titer")):
            raise DataError(
                f"Batch {batch.id} has no sample of viable cell density or titer yet: there is nothing to go on from.",
                "Give it at least one, or predict from the setpoints alone (what-if).",
            )


def _so_far(batches: Sequence[Batch], levers: Levers, given: Floats, options: HistoryOptions) -> _SoFar:
    column = dict(zip(levers.names, given.T, strict=True))
    unknown = np.full(len(batches), np.nan)
    mass, volume = (column.get(name, unknown) for name in ("glucose_feed_rate", "feed_volume_rate"))
    feeding = feeding_of(batches, mass, volume, options)
    usual = dict(zip(levers.names, levers.usual, strict=True))
    if {"glucose_feed_rate", "feed_volume_rate"} <= set(usual) and usual["feed_volume_rate"] > 0:
        share: float | None = usual["glucose_feed_rate"] / usual["feed_volume_rate"]
    else:
        share = levers.feed_glucose
    if share is not None and not any(np.isfinite(b.offline.column("glucose_feed_volume")).any() for b in batches):
        composition = np.where(np.isfinite(feeding.composition), feeding.composition, share)
        feeding = feeding._replace(composition=composition)
    until = np.array([min(max(batch.duration, 1.0), 24.0 * MOST_DAYS) for batch in batches])
    harvest = 24.0 * column.get("harvest_day", unknown)
    planned = np.where(np.isfinite(harvest), harvest, 24.0 * levers.days)
    days = min(MOST_DAYS, math.ceil(float(max(planned.max(), until.max())) / 24.0 - 1e-6))
    feeds, volumes = feeds_of(batches, feeding, 24.0 * column.get("feed_start_day", unknown), until, days)
    return _SoFar([sensors_of(batch, MOST_DAYS) for batch in batches], feeds, volumes, until)


def _own(batch: Batch, so_far: _SoFar, row: int) -> dict[str, float]:
    """Return what a batch's own record says of setpoints that it does not name: its latest values."""
    found = own_record(batch, so_far.sensors[row])
    found.pop("harvest_day", None)
    if SHIFT[1] not in found:  # it may still come
        found.pop(SHIFT[0], None)
    for name in ("ph", "dissolved_oxygen"):
        column = so_far.sensors[row][:, CLIMATE.index(name)]
        there = np.flatnonzero(np.isfinite(column))
        if len(there):
            found[name] = round(median_of(column[max(0, there[-1] - BINS) : there[-1] + 1]), 2)
    feeds = so_far.feeds
    full = np.flatnonzero(feeds.covered[row] > 0.99)[-_LATEST_DAYS:]
    for name, table in (("glucose_feed_rate", feeds.glucose), ("feed_volume_rate", feeds.volume)):
        latest = float(np.mean(table[row, full])) if len(full) else np.nan
        if np.isfinite(latest) and latest > 0:
            found[name] = round(latest, 4)
    return found


def _harvests(levers: Levers, settings: Floats, until_h: Floats) -> Floats:
    usual = dict(levers.others).get("harvest_day", float(levers.days))
    day = settings[:, levers.names.index("harvest_day")] if "harvest_day" in levers.names else usual
    return np.minimum(np.maximum(24.0 * day, until_h), 24.0 * MOST_DAYS)


def _glucose_known(levers: Levers, feeds: FeedRecord) -> bool:
    planned = "glucose_feed_rate" in levers.names or bool(levers.glucose_feed) or levers.feed_glucose is not None
    unread = (feeds.covered > 0).any(axis=1) & ~np.isfinite(feeds.glucose).any(axis=1)
    fed = planned or not (levers.volume_feed or "feed_volume_rate" in levers.names)
    return fed and (planned or not unread.any())


def _told(batches: Sequence[Batch], levers: Levers, so_far: _SoFar, harvests: Floats) -> list[str]:
    """Say what is unusual of batches that still run."""
    notes = []
    cells = [np.isfinite(sampled(b, "vcd")) | np.isfinite(sampled(b, "titer")) for b in batches]
    single = [i for i, there in enumerate(cells) if there.sum() == 1]
    if single:
        notes.append(f"{listed(batches, single)}: one sample only, so the forecast is little more than the plan.")
    late = np.flatnonzero(so_far.until_h >= harvests).tolist()
    if late:
        notes.append(
            f"{listed(batches, late)}: recorded to the planned harvest or past it; nothing is left to forecast."
        )
    for name, known in zip(levers.tag_names, levers.tag_values, strict=True):
        table = tag_table(batches, (name,))[:, 0]
        new = [i for i, value in enumerate(table) if value not in known]
        if new:
            values = ", ".join(sorted({str(table[i]) or "none" for i in new}))
            notes.append(
                f"{name.replace('_', ' ').capitalize()} of {listed(batches, new)} ({values}) is new to the model."
            )
    return notes
