"""What online sensors say of temperature, dissolved oxygen and pH: two-hourly means, and what can be read from them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Floats
from mabdesk.data.history.plans import BIN_H, BINS, CLIMATE

# What a culture can live in; values outside are a probe's fault. A dissolved oxygen of exactly 0 is a failed probe.
LIMITS: Mapping[str, tuple[float, float]] = {
    "temperature": (25.0, 42.0),
    "dissolved_oxygen": (0.05, 250.0),
    "ph": (6.0, 8.0),
}
LONGEST_BRIDGE_H = 6.0
LEAST_SHIFT_C = 0.7
_LEAST_SIDE = 12  # bins on each side of a temperature shift: a day
_SPIKE_SDS = 6.0
_NEIGHBORS = 7


class Shift(NamedTuple):
    """A sustained drop of temperature; `day` is NaN where there is none and `after` equals `before` then."""

    before: float
    after: float
    day: float


def two_hourly(batch: Batch, name: str, days: int) -> Floats:
    """Return (days * 12,) means of one sensor, NaN where it says nothing that can be: gaps, failed probes, spikes."""
    hours, values = batch.online.measured(name)
    low, high = LIMITS[name]
    fine = (values >= low) & (values <= high) & (hours >= 0) & (hours < 24.0 * days)
    hours, values = hours[fine], values[fine]
    calm = _without_spikes(values)
    bins = (hours[calm] / BIN_H).astype(np.intp)
    count = np.bincount(bins, minlength=days * BINS)
    total = np.bincount(bins, weights=values[calm], minlength=days * BINS)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def bridged(means: Floats) -> Floats:
    """Return the means with lines across gaps of up to 6 h; longer ones stay NaN."""
    known = np.flatnonzero(np.isfinite(means))
    if len(known) < 2:
        return means
    line = np.interp(np.arange(len(means)), known, means[known])
    after = np.searchsorted(known, np.arange(len(means)))
    inside = (after > 0) & (after < len(known))
    right = known[np.minimum(after, len(known) - 1)]
    gap = right - known[np.maximum(after - 1, 0)] - 1
    return np.where(np.isfinite(means), means, np.where(inside & (gap * BIN_H <= LONGEST_BRIDGE_H), line, np.nan))


def sensors_of(batch: Batch, days: int) -> Floats:
    """Return (days * 12, 3) two-hourly means of CLIMATE, NaN where a sensor says nothing."""
    return np.stack([two_hourly(batch, name, days) for name in CLIMATE], axis=1)


def recorded_climate(means: Floats, planned: Floats) -> Floats:
    """Return (days, 12, 3) what sensors recorded, and the plan (days, 12, 3) where they say nothing.

    `means` are those of `sensors_of`, for at least as many days.
    """
    read = np.stack([bridged(column) for column in means[: len(planned) * BINS].T], axis=1).reshape(planned.shape)
    return np.where(np.isfinite(read), read, planned)


def shift_of(means: Floats) -> Shift:
    """Find a sustained drop of at least 0.7 °C in (n,) two-hourly means of temperature: two levels that fit best."""
    there = np.flatnonzero(np.isfinite(means))
    values = means[there]
    if not len(values):
        return Shift(np.nan, np.nan, np.nan)
    usual = float(np.median(values))
    if len(values) < 2 * _LEAST_SIDE:
        return Shift(usual, usual, np.nan)
    cuts = np.arange(_LEAST_SIDE, len(values) - _LEAST_SIDE + 1)
    total, count = np.cumsum(values), len(values)
    left = total[cuts - 1]
    explained = left**2 / cuts + (total[-1] - left) ** 2 / (count - cuts)
    cut = int(cuts[np.argmax(explained)])
    before, after = float(np.median(values[:cut])), float(np.median(values[cut:]))
    if before - after < LEAST_SHIFT_C:
        return Shift(usual, usual, np.nan)
    return Shift(before, after, float((there[cut - 1] + there[cut] + 1) / 2 * BIN_H / 24.0))


def _without_spikes(values: Floats) -> NDArray[np.bool_]:
    """Tell which values are no lone spikes: near the median of their neighbors."""
    if len(values) < _NEIGHBORS:
        return np.ones(len(values), dtype=np.bool_)
    half = _NEIGHBORS // 2
    around = np.median(sliding_window_view(np.pad(values, half, mode="edge"), _NEIGHBORS), axis=1)
    off = np.abs(values - around)
    usual = 1.4826 * float(np.median(off))
    return np.asarray(off <= max(_SPIKE_SDS * usual, 1e-6 + 0.01 * abs(float(np.median(values)))))
