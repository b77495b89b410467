"""The windows that predictions are compared with: what the training batches showed, on average."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.fluctuation import fluctuating
from mabdesk.data.batch import Floats, Windows

MEAN_TRAJECTORY, TRAINING_MEAN = "mean_trajectory", "training_mean"
_SAME_HOUR = 1e-6
_FEW = 3


class Typical(NamedTuple):
    """The windows that have something to be compared with, the baseline of each, and what it is in words."""

    windows: Windows
    baseline: Windows
    sentence: str
    notes: tuple[str, ...]


def typical_windows(windows: Windows, known: Windows, baseline: str) -> Typical:
    """Return a baseline for every window: means of the windows of training batches, of what each of them knows.

    Inside a window they fluctuate as single batches do (see `fluctuation`).

    With "mean_trajectory", of those that end at the same hour; windows at hours that no training batch reaches are left
    out. With "training_mean", of all. Hours, and hours of targets and last samples, are the window's own.

    Args:
        windows: (n) that are explained, one at least.
        known: of the batches that the model learned from.
        baseline: "mean_trajectory" or "training_mean".
    """
    batches = len(np.unique(known.batch_ids))
    if baseline == TRAINING_MEAN:
        x, last = fluctuating(_mean(known.x), known.x), _mean(known.last)
        sentence = f"The mean of all {len(known)} windows of {batches} training batches, whatever their hour."
        return Typical(windows, _filled(windows, np.zeros(len(windows), np.intp), x[None], last[None]), sentence, ())
    hours, place = np.unique(_rounded(windows.hours), return_inverse=True)
    at = [np.flatnonzero(_rounded(known.hours) == hour) for hour in hours]
    reached = np.array([len(rows) > 0 for rows in at], dtype=np.bool_)[place]
    x = np.stack([fluctuating(_mean(known.x[rows]), known.x[rows]) for rows in at])
    last = np.stack([_mean(known.last[rows]) for rows in at])
    chosen = windows.take(reached)
    sentence = (
        f"The usual course, the mean of {batches} training batches at the same culture hour, fluctuating as they do."
    )
    return Typical(chosen, _filled(chosen, place[reached], x, last), sentence, _notes(windows, reached, hours, at))


def _filled(windows: Windows, place: NDArray[np.intp], x: Floats, last: Floats) -> Windows:
    """Return the windows with the values of these rows of means."""
    return replace(windows, x=np.asarray(x[place], dtype=windows.x.dtype), last=last[place])


def _mean(values: NDArray[np.floating]) -> Floats:
    """Return the mean over the first axis of what is known; NaN where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0, dtype=np.float64)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _rounded(hours: Floats) -> Floats:
    return np.asarray(np.round(hours / _SAME_HOUR) * _SAME_HOUR)


def _notes(windows: Windows, reached: NDArray[np.bool_], hours: Floats, at: list[NDArray[np.intp]]) -> tuple[str, ...]:
    notes = []
    if not reached.all():
        ids = ", ".join(sorted(set(windows.batch_ids[~reached].tolist()))[:5])
        notes.append(
            f"{int((~reached).sum())} windows are left out ({ids}): no training batch has one that ends at that hour."
        )
    thin = [hour for hour, rows in zip(hours, at, strict=True) if 0 < len(rows) < _FEW]
    if thin:
        few = ", ".join(f"{hour:g} h" for hour in thin[:5])
        notes.append(f"Fewer than {_FEW} training batches tell the usual course at {few}: believe it less there.")
    return tuple(notes)
