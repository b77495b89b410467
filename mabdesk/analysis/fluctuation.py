"""Gives the mean of many windows the fluctuation that each of them has, and the mean has lost.

The noise of sensors averages out over batches, so a window of means is calmer than any real one. A model that looks at
the spread inside a window would take that calm for something: on a simulated campaign pH and an inert sensor got three
times the contributions that they have against single batches, all of one sign.
"""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

_LEAST_STEPS, _TINY = 5, 1e-6


def fluctuating(mean: Floats, values: NDArray[np.floating]) -> Floats:
    """Return the mean window (steps, channels) with the usual spread over its steps.

    What is added is the departure of the most usual of the windows (batches, steps, channels) from the mean, scaled so
    that the standard deviation over steps is the usual one. First and last step, the mean over steps and its trend stay
    as they were. Channels that are not known at every step stay.
    """
    found, steps = mean.copy(), len(mean)
    whole = np.isfinite(values).all(axis=1)
    if steps < _LEAST_STEPS or len(values) < 2:
        return found
    order = _most_usual_first(mean, values)
    for channel in np.flatnonzero(np.isfinite(mean).all(axis=0)):
        mine = order[whole[order, channel]]
        usual = values[mine, :, channel].astype(np.float64)
        if len(usual) > 1:
            found[:, channel] += _departure(mean[:, channel], usual)
    return found


def _departure(mean: Floats, usual: Floats) -> Floats:
    """Return (steps,) what is added to one channel; 0 where its windows are as calm as their mean."""
    spread, calm = usual.std(axis=1).mean(), mean.std()
    missing = spread**2 - calm**2
    if missing <= (_TINY * max(abs(float(mean.mean())), spread, _TINY)) ** 2:
        return np.zeros_like(mean)
    for window in usual:
        shape = _inside(window - mean, mean)
        size = float(np.sqrt(np.mean(np.square(shape))))
        if size > _TINY * spread:
            return np.asarray(shape * (np.sqrt(missing) / size))
    return np.zeros_like(mean)


def _inside(away: Floats, mean: Floats) -> Floats:
    """Return a departure that is 0 at both ends and changes neither the mean over steps nor what follows the trend."""
    inner = away[1:-1].copy()
    level = np.ones_like(inner)
    trend = (mean - mean.mean())[1:-1]
    trend = trend - trend.mean()
    for direction in (level, trend):
        power = float(direction @ direction)
        if power > 0:
            inner = inner - (inner @ direction) / power * direction
    return np.concatenate([[0.0], inner, [0.0]])


def _most_usual_first(mean: Floats, values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Order windows by how near their levels are to the mean's, all channels alike."""
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=1, dtype=np.float64)
    count = there.sum(axis=1)
    levels = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    known = np.isfinite(levels).all(axis=0) & np.isfinite(mean).all(axis=0)
    if not known.any():
        return np.arange(len(values))
    away = levels[:, known] - mean[:, known].mean(axis=0)
    spread = np.sqrt(np.mean(np.square(away), axis=0))
    away = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
    return np.asarray(np.argsort(np.square(away).sum(axis=1), kind="stable"))
