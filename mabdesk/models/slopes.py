"""Slopes of what a model on window summaries says, by what the window shows: the chain rule, written out.

A prediction is offset(last) + scale(driver at the window's end) x rate(standardized summaries of the window). Where a
value is unknown, clipped, or below the driver's floor, the prediction does not follow it: its slope is 0.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import TrainingError
from mabdesk.models.linear import Design
from mabdesk.models.model import Gradients
from mabdesk.models.physical import TITER, Target, scales
from mabdesk.models.summaries import CLIP, Scaling, known, summarize

_ROWS = 512  # at once: bounds the memory of a table of similarities to a few thousand support rows
_ROUNDING = 1e-7  # of the mean: windows are float32, and a smaller spread is that of equal values


class Part(Protocol):
    """What was learned of a rate, on the summaries of a design."""

    @property
    def design(self) -> Design:
        """Return what stands before it."""

    def rates(self, table: Floats, target: int) -> tuple[Floats, Floats]:
        """Return the rates (n,) of one target for standardized summaries (n, k), and their slopes (n, k)."""


def gradients(parts: Mapping[str, Part], windows: Windows, target: int) -> Gradients:
    """Return the slopes of one target's prediction, part by part; all parts share one design.

    Raises:
        TrainingError: they are not finite.
    """
    x = np.zeros((len(parts), *windows.x.shape))
    for start in range(0, len(windows), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(windows)))
        for p, slopes in enumerate(_of_parts(parts, windows.take(rows), target)):
            x[p, rows] = slopes
    design = next(iter(parts.values())).design
    last = np.repeat(offset_slopes(design.target, windows, target)[None], len(parts), axis=0)
    return finite(Gradients(tuple(parts), x, last), windows, target)


def finite(found: Gradients, windows: Windows, target: int) -> Gradients:
    """Return the gradients as they are.

    Raises:
        TrainingError: some are not finite.
    """
    broken = ~(np.isfinite(found.x).all(axis=(0, 2, 3)) & np.isfinite(found.last).all(axis=(0, 2)))
    if broken.any():
        first = int(np.argmax(broken))
        raise TrainingError(
            f"The gradients of {windows.targets[target].replace('_', ' ')} are not finite: {int(broken.sum())} of "
            f"{len(windows)} windows have none, the first is of batch {windows.batch_ids[first]} at "
            f"{windows.hours[first]:.0f} h.",
            "Train the model again, with a lower learning rate if it is a network, and look for extreme values.",
        )
    return found


def in_units(target: Target, windows: Windows, j: int, rates: Floats, slopes: Floats) -> Floats:
    """Turn the slopes of rates into those of target j's prediction: the scale follows what drives it, too.

    Args:
        target: how the rate becomes a prediction.
        windows: of n rows.
        j: position of the target.
        rates: (n,) what the model says.
        slopes: (n, steps, channels) by what the windows show; overwritten.
    """
    scale = scales(target, windows)[:, j]
    slopes *= scale[:, None, None]
    if target.drivers[j]:
        driver = windows.final(target.drivers[j])
        followed = np.isfinite(driver) & (driver > max(target.floor[j], 1e-6))
        by_driver = np.where(followed, scale, 0.0) / np.where(followed, driver, 1.0)
        slopes[:, -1, windows.channels.index(target.drivers[j])] += rates * by_driver
    return slopes


def offset_slopes(target: Target, windows: Windows, j: int) -> Floats:
    """Return (n, targets): 1 where the prediction of target j starts from its last value, else 0."""
    slopes = np.zeros(windows.last.shape)
    if target.forecast and windows.targets[j] == TITER:
        slopes[:, j] = np.isfinite(windows.last[:, j])
    return slopes


def _of_parts(parts: Mapping[str, Part], windows: Windows, target: int) -> list[Floats]:
    """Return (n, steps, channels) for each part."""
    design, summaries = next(iter(parts.values())).design, summarize(windows)
    table, follows, found = design.scaling.apply(summaries), _followed(design.scaling, summaries), []
    for part in parts.values():
        rates, slopes = part.rates(table, target)
        by_summary = np.zeros(summaries.shape)
        by_summary[:, design.scaling.kept] = np.where(follows, slopes, 0.0) / design.scaling.deviation
        found.append(in_units(design.target, windows, target, rates, _through(windows, summaries, by_summary)))
    return found


def _followed(scaling: Scaling, summaries: Floats) -> NDArray[np.bool_]:
    """Tell (n, k) where the standardized summaries follow the summaries: neither unknown nor clipped."""
    away = summaries[:, scaling.kept] - scaling.mean
    return np.asarray(np.abs(away) < CLIP * scaling.deviation, dtype=np.bool_)  # not so where unknown


def _through(windows: Windows, summaries: Floats, slopes: Floats) -> Floats:
    """Turn slopes by the summaries (n, 4 channels) into slopes by what the windows show (n, steps, channels).

    A channel that does not vary in a window has no slope by its spread: that has a corner there.
    """
    x = known(windows.x)
    there = np.isfinite(x)
    count = np.maximum(there.sum(axis=1), 1)
    _, mean, _, spread = np.split(summaries, 4, axis=1)
    last, by_mean, change, by_spread = np.split(slopes, 4, axis=1)
    varies = spread > _ROUNDING * np.abs(mean)
    bend = np.where(varies, by_spread, 0.0) / (count * np.where(varies, spread, 1.0))
    level = by_mean / count - bend * np.where(varies, mean, 0.0)
    found: Floats = np.where(there, x, np.float32(0.0)) * bend[:, None, :]
    found += level[:, None, :]
    found *= there
    found[:, -1] += last + change
    found[:, 0] -= change
    return found
