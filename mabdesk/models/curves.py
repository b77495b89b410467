"""A typical course over culture age, smoothed from training samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

_STEP_H = 2.0
_BANDWIDTH = 0.35  # of the usual distance between samples: narrow enough to follow growth, wide enough to bridge days


@dataclass(frozen=True, eq=False)
class Curve:
    """Values (k,) at hours (k,); flat beyond both ends. Empty where nothing was measured."""

    hours: Floats
    values: Floats

    def at(self, hours: Floats) -> Floats:
        """Return the typical value at each age, NaN for an empty curve."""
        if not len(self.hours):
            return np.full(np.shape(hours), np.nan)
        return np.asarray(np.interp(hours, self.hours, self.values))


EMPTY = Curve(np.zeros(0), np.zeros(0))


def fit_curve(hours: Floats, values: Floats, batch_ids: NDArray[np.str_]) -> Curve:
    """Smooth samples (n,) of several batches: local lines with Gaussian weights, on a grid of 2 h."""
    there = np.isfinite(values) & np.isfinite(hours)
    hours, values = hours[there], values[there]
    if not len(hours):
        return EMPTY
    width = _BANDWIDTH * _usual_distance(hours, batch_ids[there])
    grid = np.arange(hours.min(), hours.max() + _STEP_H, _STEP_H)
    return Curve(grid, np.array([_local_line(hours - age, values, width) for age in grid]))


def _usual_distance(hours: Floats, batch_ids: NDArray[np.str_]) -> float:
    """Return the median hours between neighboring samples of one batch (a day, where no batch has two)."""
    apart = [np.diff(np.unique(hours[batch_ids == name])) for name in np.unique(batch_ids)]
    joined = np.concatenate(apart)
    return float(np.median(joined)) if len(joined) else 24.0


def _local_line(away: Floats, values: Floats, width: float) -> float:
    nearest = np.abs(away).min()
    weights = np.exp(-0.5 * ((np.abs(away) - nearest) / width) ** 2) + 1e-12
    total = weights.sum()
    center, level = (weights @ away) / total, (weights @ values) / total
    variance = (weights @ (away - center) ** 2) / total
    slope = (weights @ ((away - center) * (values - level))) / total / (variance + (0.1 * width) ** 2)
    return float(level - slope * center)
