"""What the batches in training had of every setpoint: from a history, or while one is being read."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.feeding import FeedRecord
from mabdesk.data.history.levers import Levers
from mabdesk.data.history.plans import BIN_H, CLIMATE, KNOWN_LEVERS, History, Plans
from mabdesk.data.history.setpoints import SETPOINT, Settings, label_of
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.variables import known

_SAME = 1e-9


def levers_of(history: History, ids: Collection[str]) -> Levers:
    """Return the setpoints as the batches named in `ids` (those in training) had them."""
    mine = history.take(np.array([name in set(ids) for name in history.ids], dtype=np.bool_))
    values, plans = mine.settings, mine.planned
    days = max(1, math.ceil(float(plans.harvest_h.max()) / 24.0 - 1e-6)) if len(mine) else plans.days
    by_rate = {name for name in ("glucose_feed_rate", "feed_volume_rate") if name in mine.levers}
    glucose, volume = (_mean(table, days) for table in (plans.glucose_feed, plans.volume_feed))
    share = sum(glucose) / sum(volume) if sum(volume) > 0 else 0.0
    return Levers(
        mine.levers,
        tuple(np.median(values, axis=0).tolist()),
        tuple(values.min(axis=0).tolist()),
        tuple(values.max(axis=0).tolist()),
        tuple((np.ptp(values, axis=0) > _SAME).tolist()),
        *said_of(mine.levers),
        mine.tags,
        tuple(_by_frequency(plans.tags[:, i]) for i in range(len(mine.tags))),
        days,
        _others(mine),
        () if by_rate else glucose,
        () if "feed_volume_rate" in by_rate else volume,
        share if by_rate == {"feed_volume_rate"} and share > 0 else None,
    )


def levers_for(
    settings: Settings,
    chosen: tuple[str, ...],
    feeds: FeedRecord,
    options: HistoryOptions,
    rows: NDArray[np.bool_],
    days: int,
) -> Levers:
    """Return the levers that plans are laid out by; what no setpoint says is as the training batches usually were."""
    columns = [settings.names.index(name) for name in chosen]
    mine = settings.values[rows] if rows.any() else settings.values
    median = np.median(mine, axis=0)
    by_mass, by_volume = ("glucose_feed_rate" in settings.names), ("feed_volume_rate" in settings.names)
    return Levers(
        chosen,
        tuple(median[columns].tolist()),
        tuple(mine.min(axis=0)[columns].tolist()),
        tuple(mine.max(axis=0)[columns].tolist()),
        tuple((np.ptp(mine, axis=0) > _SAME)[columns].tolist()),
        *said_of(chosen),
        days=days,
        others=tuple((n, settings.usual[n]) for n in KNOWN_LEVERS if n in settings.usual and n not in chosen),
        glucose_feed=() if by_mass or by_volume else feeds.usual(feeds.glucose, rows),
        volume_feed=() if by_volume else feeds.usual(feeds.volume, rows),
        feed_glucose=options.feed_glucose if by_volume and not by_mass else None,
    )


def said_of(
    names: Sequence[str],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[float, ...], tuple[float, ...]]:
    """Return labels, units and limits of setpoints, as the catalog has them; others have no limits."""
    rows = [known(name, SETPOINT) for name in names]
    return (
        tuple(label_of(name) for name in names),
        tuple(row.unit if row else "" for row in rows),
        tuple(row.low if row else -math.inf for row in rows),
        tuple(row.high if row else math.inf for row in rows),
    )


def _others(history: History) -> tuple[tuple[str, float], ...]:
    """Return what the plans hold of KNOWN_LEVERS that the site does not set."""
    plans = history.planned
    if not len(plans):
        return ()
    found = {name: float(np.median(plans.climate[:, 0, 0, i])) for i, name in enumerate(CLIMATE)}
    found |= _shift(plans)
    found["seeding_density"] = float(np.median(plans.initial[:, 0]))
    found["harvest_day"] = float(np.median(plans.harvest_h)) / 24.0
    return tuple((name, found[name]) for name in KNOWN_LEVERS if name in found and name not in history.levers)


def _shift(plans: Plans) -> dict[str, float]:
    """Return the temperature shift that plans hold, as `lay_out` laid it out; nothing where none shifts."""
    temperature = plans.climate[:, :, :, CLIMATE.index("temperature")].reshape(len(plans), -1)
    moved = temperature[:, -1] - temperature[:, 0]
    shifting = np.flatnonzero(np.abs(moved) > _SAME)
    if not len(shifting):
        return {}
    share = (temperature[shifting] - temperature[shifting, :1]) / moved[shifting, None]
    first = np.argmax(share > _SAME, axis=1)
    days = (first + 1.0 - share[np.arange(len(first)), first]) * BIN_H / 24.0
    return {
        "temperature_after_shift": float(np.median(temperature[shifting, -1])),
        "temperature_shift_day": float(np.median(days)),
    }


def _mean(table: Floats, days: int) -> tuple[float, ...]:
    kept = table[:, :days]
    return tuple(kept.mean(axis=0).tolist()) if len(kept) and kept.any() else ()


def _by_frequency(values: NDArray[np.str_]) -> tuple[str, ...]:
    names, counts = np.unique(values, return_counts=True)
    return tuple(names[np.argsort(-counts, kind="stable")].tolist())
