"""Integrated gradients (Sundararajan et al. 2017) along the straight path from a baseline window to the window.

The integral is taken by the midpoint rule. Steps are tripled until the sums are complete: the midpoints of a third as
many steps are then among the new ones, so that no gradient is computed twice or thrown away.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Contributions
from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import DataError, TrainingError
from mabdesk.models.model import Gradients, WindowModel
from mabdesk.progress import Progress

ByTrees = Callable[[WindowModel, Windows, Windows, int], tuple[Floats, Floats]]
"""`by_trees(model, windows, baseline, target)` gives contributions (n, steps, channels) and (n, targets)."""

FIRST_STEPS, MOST_STEPS = 16, 432
_ROWS = 1024  # of one gradient call
_POINTS = 16  # of the path in one call: every number of steps is a multiple, so that all calls have one shape
_SEES_NOTHING = (
    "This model sees no variable, but the culture hour and the last measured titer alone: there is nothing to explain.",
    "Train a model that sees the measured variables (ridge, Gaussian process, CNN-LSTM ...) and explain that one.",
)
_NOTHING = 1e-12  # of a prediction: a smaller departure is rounding


def contribute(
    model: WindowModel,
    windows: Windows,
    baseline: Windows,
    target: int,
    tolerance: float,
    progress: Progress,
    by_trees: ByTrees | None = None,
    first_steps: int = FIRST_STEPS,
) -> Contributions:
    """Share predicted - typical of one target out over steps and channels of the windows (n).

    What a window does not know contributes 0; what the baseline alone does not know, neither. Steps are added until
    the error is no more than `tolerance`, or 432 of them were taken: the error that is left is told.

    Args:
        model: trained.
        windows: that are explained, one at least.
        baseline: (n) what each is compared with, row by row.
        target: its position.
        tolerance: of the mean |sum - (predicted - typical)|, as a share of the mean |predicted - typical|.
        progress: who listens.
        by_trees: what explains a model without gradients.
        first_steps: interpolation steps to begin with, a multiple of 16.

    Raises:
        DataError: the model sees no variable, so that there is nothing to explain.
        TrainingError: a prediction or a gradient is not finite.
    """
    start = aligned(windows, baseline)
    ends = _Ends(_predicted(model, windows, target), _predicted(model, start, target))
    if model.gradients(windows.take(np.arange(min(len(windows), 1))), target) is not None:
        return _integrated(_Path(model, windows, start, target), ends, tolerance, progress, first_steps)
    if by_trees is None:
        raise DataError(*_SEES_NOTHING)
    progress.update(0.0, "following the trees")
    return _of_trees(ends, windows, *by_trees(model, windows, start, target))


def aligned(windows: Windows, baseline: Windows) -> Windows:
    """Return the baseline (n) with what the window does not know as unknown, and its values where it alone knows."""

    def one(mine: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        return np.where(np.isfinite(mine), np.where(np.isfinite(other), other, mine), np.nan)

    x = np.asarray(one(windows.x, baseline.x), dtype=windows.x.dtype)
    return replace(baseline, x=x, last=np.asarray(one(windows.last, baseline.last)))


@dataclass(frozen=True, eq=False)
class _Ends:
    """Predictions (n,) at both ends of the paths."""

    predicted: Floats
    typical: Floats

    def contributions(
        self, by_step: Floats, last: Floats, part_sums: Floats, parts: tuple[str, ...], steps: int
    ) -> Contributions:
        departure = self.predicted - self.typical
        missing = np.abs(by_step.sum(axis=(1, 2)) + last.sum(axis=1) - departure).mean()
        size = np.abs(departure).mean()
        nothing = _NOTHING * max(float(np.abs(self.predicted).mean()), 1.0)
        error = float(missing / size) if size > nothing else (0.0 if missing <= nothing else float("inf"))
        return Contributions(by_step, last, part_sums, parts, self.predicted, self.typical, steps, error)


class _Path:
    """Gradients along the paths, summed up as they come; memory for one call is taken once."""

    def __init__(self, model: WindowModel, windows: Windows, start: Windows, target: int) -> None:
        self.model, self.windows, self.target = model, windows, target
        self.start = start
        self.bare = replace(windows, x=windows.x[:, :0])  # all but what is interpolated anyway
        # In doubles: the difference of two close values must not lose its figures before it meets the gradient.
        self.x_away = _known(windows.x.astype(np.float64) - start.x)
        self.last_away = _known(windows.last - start.last)
        self.by_step = np.zeros(windows.x.shape)
        self.last = np.zeros(windows.last.shape)
        self.part_sums = np.zeros((0, len(windows), windows.x.shape[2] + windows.last.shape[1]))
        self.parts: tuple[str, ...] = ()
        self.width = max(min(_ROWS // _POINTS, len(windows)), 1)
        self.room = np.empty((_POINTS, self.width, *windows.x.shape[1:]), dtype=windows.x.dtype)
        self.last_room = np.empty((_POINTS, self.width, windows.last.shape[1]))

    def add(self, points: Floats, progress: Progress) -> None:
        """Add the contributions at these points of all paths (k,), in (0, 1)."""
        blocks = [slice(first, first + self.width) for first in range(0, len(self.windows), self.width)]
        pieces = [points[first : first + _POINTS] for first in range(0, len(points), _POINTS)]
        for number, block in enumerate(blocks):
            rows = np.arange(len(self.windows))[block]
            asked = self.bare.take(np.tile(rows, _POINTS))
            for place, piece in enumerate(pieces):
                progress.update((number + place / len(pieces)) / len(blocks), self._words(rows))
                self._add(block, self._between(block, piece, asked), len(piece))

    def _words(self, rows: NDArray[np.intp]) -> str:
        return f"integrating gradients, window {rows[0] + 1} of {len(self.windows)}"

    def _between(self, block: slice, points: Floats, asked: Windows) -> Windows:
        """Return windows (points x block) on the way from baseline to window; what is unknown stays so."""
        count, width = len(points), len(self.start.x[block])
        x, last = (_first(room, (count, width, *room.shape[2:])) for room in (self.room, self.last_room))
        np.multiply(points.astype(x.dtype)[:, None, None, None], self.x_away[block].astype(x.dtype), out=x)
        x += self.start.x[block]
        np.multiply(points[:, None, None], self.last_away[block], out=last)
        last += self.start.last[block]
        whole = asked if count == _POINTS else asked.take(np.arange(count * width))
        return replace(whole, x=x.reshape(-1, *x.shape[2:]), last=last.reshape(-1, last.shape[2]))

    def _add(self, block: slice, between: Windows, count: int) -> None:
        slopes = self.model.gradients(between, self.target)
        if slopes is None:
            raise RuntimeError("A model that has gradients gave none.")
        if not self.parts:
            self._begin(slopes)
        kinds = len(self.parts)
        # Points come first in a row: adding whole blocks of memory is what numpy does fastest.
        by_x = slopes.x.reshape(kinds, count, -1, *between.x.shape[1:]).sum(axis=1)
        by_last = slopes.last.reshape(kinds, count, -1, between.last.shape[1]).sum(axis=1)
        if not (np.isfinite(by_x).all() and np.isfinite(by_last).all()):
            raise _not_finite("gradients", self.windows.take(np.arange(len(self.windows))[block]))
        channels = between.x.shape[2]
        self.by_step[block] += by_x.mean(axis=0) * self.x_away[block]
        self.last[block] += by_last.mean(axis=0) * self.last_away[block]
        self.part_sums[:, block, :channels] += np.einsum("pwsc,wsc->pwc", by_x, self.x_away[block])
        self.part_sums[:, block, channels:] += by_last * self.last_away[block]

    def _begin(self, slopes: Gradients) -> None:
        self.parts = tuple(slopes.parts)
        self.part_sums = np.zeros((len(self.parts), *self.part_sums.shape[1:]))


def _of_trees(ends: _Ends, windows: Windows, by_step: Floats, last: Floats) -> Contributions:
    if not (np.isfinite(by_step).all() and np.isfinite(last).all()):
        raise _not_finite("contributions", windows)
    sums = np.concatenate([by_step.sum(axis=1), last], axis=1)
    return ends.contributions(np.asarray(by_step), np.asarray(last), sums[None], ("trees",), 0)


def _integrated(path: _Path, ends: _Ends, tolerance: float, progress: Progress, first_steps: int) -> Contributions:
    """Add midpoints until the sums are complete."""
    steps, points, bar = first_steps, _midpoints(first_steps), 0.0
    while True:
        # Whether these are the last ones shows only when they are done: each pass gets half of what is left of the bar.
        path.add(points, progress.part(bar, (1 + bar) / 2, f"{steps} steps"))
        found = ends.contributions(path.by_step / steps, path.last / steps, path.part_sums / steps, path.parts, steps)
        if found.error <= tolerance or 3 * steps > MOST_STEPS:
            progress.update(1.0, "gradients integrated")
            return found
        steps, bar = 3 * steps, (1 + bar) / 2
        points = np.delete(_midpoints(steps), np.arange(1, steps, 3))


def _midpoints(steps: int) -> Floats:
    return np.asarray((np.arange(steps) + 0.5) / steps)


def _first(room: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the beginning of an array's memory as an array of this shape."""
    return room.reshape(-1)[: math.prod(shape)].reshape(shape)


def _known(away: Floats) -> Floats:
    """Return differences with 0 where either side is unknown."""
    return np.where(np.isfinite(away), away, 0.0)


def _predicted(model: WindowModel, windows: Windows, target: int) -> Floats:
    """Return (n,) predictions of one target."""
    said = np.asarray(model.predict(windows).mean[:, target], dtype=np.float64)
    wrong = ~np.isfinite(said)
    if wrong.any():
        raise _not_finite("predictions", windows.take(wrong))
    return said


def _not_finite(what: str, windows: Windows) -> TrainingError:
    where = f"batch {windows.batch_ids[0]}, {windows.hours[0]:g} h" if len(windows) else "some windows"
    return TrainingError(
        f"The model's {what} are not finite (first seen near {where}): they cannot be explained.",
        "Train the model again, with a lower learning rate or on cleaned data, and explain that one.",
    )
