"""Which measured values are faults of an instrument. All rules see one variable of one batch, in order of time."""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

HALF_WIDTH_H = 2.0
"""How far the rolling median looks to either side; hindsight needs this many hours of the future."""

OK, IMPLAUSIBLE, FROZEN, OUTLIER = range(4)
Codes = NDArray[np.int8]

_NEIGHBORS = 8
_LEAST_NEIGHBORS = 2
_CONFIRMING = 2
_LEAST_FROZEN_H = 3.0
_RESOLUTION_STEPS = 2.5


def residuals(hours: Floats, values: Floats) -> Floats:
    """Return (n,) values minus the rolling median of their neighbors on both sides; NaN where too few are near."""
    around = np.concatenate([_neighbors(hours, values, -1), _neighbors(hours, values, 1)], axis=1)
    return np.asarray(values - _row_medians(around), dtype=np.float64)


def fences(sample: Floats, factor: float, floor: float = 0.0) -> tuple[float, float]:
    """Return the interquartile fences of a sample, at least `floor` from zero; unlimited for fewer than 8 values."""
    there = sample[np.isfinite(sample)]
    if len(there) < _NEIGHBORS:
        return -np.inf, np.inf
    low, high = np.percentile(there, [25, 75])
    reach = factor * (high - low)
    return float(min(low - reach, -floor)), float(max(high + reach, floor))


def raw_fences(sample: Floats, factor: float) -> tuple[float, float]:
    """Return the paper's plain fences on the values themselves; unlimited for fewer than 8 values."""
    there = sample[np.isfinite(sample)]
    if len(there) < _NEIGHBORS:
        return -np.inf, np.inf
    low, high = np.percentile(there, [25, 75])
    return float(low - factor * (high - low)), float(high + factor * (high - low))


def resolution(sample: Floats) -> float:
    """Return the least step between different values: what a rounding instrument can tell apart."""
    steps = np.diff(np.unique(sample[np.isfinite(sample)]))
    steps = steps[steps > 1e-9 * max(float(np.ptp(sample)), 1e-30)] if len(steps) else steps
    return float(steps.min()) if len(steps) else 0.0


def noise_floor(sample: Floats) -> float:
    """Return the narrowest fence that rounding allows."""
    return _RESOLUTION_STEPS * resolution(sample)


def longest_flat(hours: Floats, values: Floats) -> float:
    """Return the longest time in hours for which the value did not change at all."""
    return float(_flat_for(hours, values).max(initial=0.0))


def frozen_after(longest: Floats) -> float:
    """Return for how long a value may stay exactly the same, given the longest flat times of training batches."""
    return max(_LEAST_FROZEN_H, 4.0 * float(np.median(longest))) if len(longest) else np.inf


def frozen_values(hours: Floats, values: Floats, allowed_h: float) -> NDArray[np.bool_]:
    """Mark values that have not changed for longer than allowed; the first ones stay, as nothing shows it yet."""
    return np.asarray(_flat_for(hours, values) > allowed_h)


def spikes(hours: Floats, values: Floats, low: float, high: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark values that leave the fences around the rolling median: with hindsight, and as known at their own hour.

    With hindsight a value must stick out from the values before it and, the same way, from those after it: steps and
    ramps stick out from one side only. Without hindsight a value that sticks out is marked until two before it agree.
    """
    before = values - _row_medians(_neighbors(hours, values, -1))
    now = _unconfirmed(before > high) | _unconfirmed(before < low)
    after = values - _row_medians(_neighbors(hours, values, 1))
    both = ((before > high) & (after > high)) | ((before < low) & (after < low))
    return np.asarray(np.where(np.isfinite(after), both, now)), now


def _unconfirmed(outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop the marks whose two predecessors are marked as well: a new level, no spike."""
    padded = np.concatenate([np.zeros(_CONFIRMING, dtype=np.bool_), outside])
    return np.asarray(outside & ~(padded[:-2] & padded[1:-1]))


def _neighbors(hours: Floats, values: Floats, side: int) -> Floats:
    """Return (n, 8) the nearest measured values on one side, NaN beyond the half-width and the batch's ends."""
    rows = np.arange(len(hours))[:, None] + side * np.arange(1, _NEIGHBORS + 1)
    inside = (rows >= 0) & (rows < len(hours))
    rows = np.where(inside, rows, 0)
    near = inside & (np.abs(hours[rows] - hours[:, None]) <= HALF_WIDTH_H + 1e-9)
    return np.asarray(np.where(near, values[rows], np.nan))


def _row_medians(table: Floats) -> Floats:
    """Return (n,) medians of rows without their NaN; NaN for fewer than 2 values. Sorting puts NaN last."""
    if not len(table):
        return np.zeros(0)
    ordered = np.sort(table, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    row = np.arange(len(table))
    middle = (
        ordered[row, np.maximum(count - 1, 0) // 2] + ordered[row, np.minimum(count // 2, table.shape[1] - 1)]
    ) / 2
    return np.asarray(np.where(count >= _LEAST_NEIGHBORS, middle, np.nan))


def _flat_for(hours: Floats, values: Floats) -> Floats:
    """Return (n,) for how many hours the value has been exactly the same."""
    if not len(hours):
        return np.zeros(0)
    changed = np.concatenate([[True], np.diff(values) != 0])
    since = np.maximum.accumulate(np.where(changed, np.arange(len(hours)), 0))
    return np.asarray(hours - hours[since])
