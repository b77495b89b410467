"""Temporal saliency rescaling (Ismail et al. 2020): plain gradients mix up when something mattered and what."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Contributions, Grouping
from mabdesk.data.batch import Floats, Windows
from mabdesk.progress import Progress

Contribute = Callable[[Windows, Windows], Contributions]

MOST_PARTS = 24  # of a window that are left out one after the other: a longer window's steps are taken together
_ROWS = 256  # windows in one call


def rescale(
    contribute: Contribute,
    windows: Windows,
    baseline: Windows,
    grouping: Grouping,
    contributions: Contributions,
    progress: Progress,
) -> Contributions:
    """Weigh contributions by what leaving out their step, and their variable, changes in all contributions.

    A step is left out by setting all channels there to the baseline, a variable by setting its channels there at all
    steps; the weight is the product of both sums of |change|. Positive and negative contributions of a window are then
    each stretched to their former total, so that a window's sum, and completeness, are as before. Last measured targets
    and the sums of the model's parts stay as they are. Unlike the paper, the result keeps its sign and unit.

    Args:
        contribute: gives contributions of windows (m), compared with baselines (m); called 24 + variables times.
        windows: (n) that are explained.
        baseline: (n) what each is compared with.
        grouping: of the channels.
        contributions: of the windows.
        progress: who listens.
    """
    parts = np.array_split(np.arange(windows.x.shape[1]), min(windows.x.shape[1], MOST_PARTS))
    blocks = [np.arange(start, min(start + _ROWS, len(windows))) for start in range(0, len(windows), _ROWS)]
    found = contributions.by_step.copy()
    for number, rows in enumerate(blocks):
        part = progress.part(number / len(blocks), (number + 1) / len(blocks), "rescaling over time")
        own = contributions.by_step[rows]
        weights = _weights(contribute, windows.take(rows), baseline.take(rows), grouping, own, parts, part)
        found[rows] = _stretched(own * weights, own)
    return replace(contributions, by_step=found)


def _weights(
    contribute: Contribute,
    windows: Windows,
    baseline: Windows,
    grouping: Grouping,
    own: Floats,
    parts: list[NDArray[np.intp]],
    progress: Progress,
) -> Floats:
    """Return (n, steps, channels) products of the two changes, each as a share of the largest."""
    steps, width = windows.x.shape[1:]
    variables = range(len(grouping.variables))
    by_time, by_channel = np.zeros((len(windows), steps)), np.zeros((len(windows), width))
    total = len(parts) + len(variables)

    def change(at: NDArray[np.intp], channels: NDArray[np.intp], done: int) -> Floats:
        progress.update(done / total, f"{done} of {total} left out")
        x = windows.x.copy()
        place = np.ix_(np.arange(len(x)), at, channels)
        known = np.isfinite(x[place]) & np.isfinite(baseline.x[place])
        x[place] = np.where(known, baseline.x[place], x[place])
        without = contribute(replace(windows, x=x), baseline).by_step
        return np.asarray(np.abs(without - own).sum(axis=(1, 2)))

    for number, at in enumerate(parts):
        by_time[:, at] = change(at, np.arange(width), number)[:, None]
    for variable in variables:
        mine = np.array([place for place in grouping.channels_of(variable) if place < width], dtype=np.intp)
        if len(mine):
            by_channel[:, mine] = change(np.arange(steps), mine, len(parts) + variable)[:, None]
    return _leveled(by_time)[:, :, None] * _leveled(by_channel)[:, None, :]


def _leveled(changes: Floats) -> Floats:
    """Return changes (n, k) as shares of each row's largest; 1 where nothing changes anything."""
    largest = changes.max(axis=1, keepdims=True, initial=0.0)
    return np.where(largest > 0, changes / np.where(largest > 0, largest, 1.0), 1.0)


def _stretched(weighed: Floats, own: Floats) -> Floats:
    """Return the weighed contributions, positive and negative ones stretched to what they were in each window."""
    found = np.zeros_like(own)
    for sign in (1.0, -1.0):
        mine, before = (np.maximum(sign * one, 0.0) for one in (weighed, own))
        total, wanted = (one.sum(axis=(1, 2), keepdims=True) for one in (mine, before))
        stretched = mine * (wanted / np.where(total > 0, total, 1.0))
        found += sign * np.where(total > 0, stretched, before)
    return found
