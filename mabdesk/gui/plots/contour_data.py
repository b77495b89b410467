"""A value over two setpoints as plain arrays: what the contour map and the surface show, and how it is read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.sheet import Sheet

KEY = "Dots: batches that were run, colored by what was measured on the same scale. Hatched: outside experience."
_LINES = 6
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_NOTHING = np.zeros(0)
_ROOM = 0.03  # of the map: what a number on a contour line needs at least


@dataclass(frozen=True, eq=False)
class Dots:
    """Batches that were run: x, y (n,) their setpoints, values (n,) measured at harvest (NaN: not), ids."""

    x: Floats = field(default_factory=lambda: _NOTHING)
    y: Floats = field(default_factory=lambda: _NOTHING)
    values: Floats = field(default_factory=lambda: _NOTHING)
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Map:
    """Values (ny, nx) over x (nx,) and y (ny,), equally far apart; outside (ny, nx) of experience; dots; words.

    words: of the x axis, of the y axis, and of the value, with their units.
    """

    x: Floats
    y: Floats
    values: Floats
    outside: NDArray[np.bool_]
    dots: Dots
    words: tuple[str, str, str]
    half: Floats | None = None  # (ny, nx) half the width of the band

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the color scale: of values and of dots."""
        there = np.concatenate([self.values.ravel(), self.dots.values])
        there = there[np.isfinite(there)]
        if not len(there):
            return 0.0, 1.0
        low, high = float(there.min()), float(there.max())
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    @property
    def levels(self) -> tuple[float, ...]:
        """Round values at which contour lines run."""
        there = self.values[np.isfinite(self.values)]
        return nice_levels(float(there.min()), float(there.max())) if len(there) else ()


def nice_levels(low: float, high: float, count: int = _LINES) -> tuple[float, ...]:
    """Return round values between low and high, some `count` of them."""
    if not high > low:
        return ()
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough * 0.999)
    first = math.ceil(low / step)
    return tuple(n * step for n in range(first, math.floor(high / step) + 1) if low < n * step < high)


def sheet_of(shown: Map | None, title: str) -> Sheet:
    """Return the batches, then one row a place of the grid."""
    if shown is None:
        return Sheet(title, (), ())
    m = shown
    rows: list[tuple[object, ...]] = []
    for row, column in np.ndindex(m.values.shape):
        band = float(m.half[row, column]) if m.half is not None else None
        said = "outside" if m.outside[row, column] else "inside"
        rows.append(("", float(m.x[column]), float(m.y[row]), float(m.values[row, column]), band, said))
    dots = zip(m.dots.ids, m.dots.x.tolist(), m.dots.y.tolist(), m.dots.values.tolist(), strict=True)
    runs = [(name, x, y, value, None, "measured") for name, x, y, value in dots]
    return Sheet(title, ("Batch", *m.words, "Half of the band", "Experience"), (*runs, *rows), (KEY,))


def read_place(shown: Map, x: float, y: float) -> str:
    """Say the value at a place, its band, and whether that lies inside experience."""
    column = int(np.argmin(np.abs(shown.x - x)))
    row = int(np.argmin(np.abs(shown.y - y)))
    half = float(shown.half[row, column]) if shown.half is not None else math.nan
    band = f" \u00b1 {figures(half)}" if math.isfinite(half) else ""
    said = "outside experience" if shown.outside[row, column] else "inside experience"
    return (
        f"{shown.words[0]} {figures(float(shown.x[column]))}, {shown.words[1]} {figures(float(shown.y[row]))}: "
        f"{shown.words[2]} {figures(float(shown.values[row, column]))}{band}, {said}."
    )


def read_dot(shown: Map, row: int) -> str:
    """Say one batch: its setpoints and what was measured."""
    dots = shown.dots
    return (
        f"{dots.ids[row]}: {shown.words[0]} {figures(float(dots.x[row]))}, {shown.words[1]} "
        f"{figures(float(dots.y[row]))}, measured {shown.words[2]} {figures(float(dots.values[row]))}."
    )


def label_place(shown: Map, level: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Return a place on a contour line for its number, far from the edges and from numbers that are there."""
    v = shown.values
    crossing = (v[:, :-1] - level) * (v[:, 1:] - level) <= 0
    rows, columns = np.nonzero(crossing)
    if not len(rows):
        return None
    left, right = v[rows, columns], v[rows, columns + 1]
    share = np.where(right != left, (level - left) / np.where(right != left, right - left, 1.0), 0.5)
    across, up = (columns + share) / (v.shape[1] - 1), rows / (v.shape[0] - 1)
    room = np.minimum.reduce([across, 1 - across, up, 1 - up])
    width, height = float(np.ptp(shown.x)) or 1.0, float(np.ptp(shown.y)) or 1.0
    for x, y in taken:
        apart = np.hypot(across - (x - shown.x[0]) / width, up - (y - shown.y[0]) / height)
        room = np.minimum(room, apart / 2)
    best = int(np.argmax(room))
    if room[best] < _ROOM:
        return None
    return float(shown.x[0] + across[best] * width), float(shown.y[0] + up[best] * height)


def stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where stretches of True begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def decimals_of(levels: Sequence[float]) -> int:
    """Return how many decimals tell round levels apart."""
    if len(levels) < 2:
        return 2
    return next((n for n in range(6) if all(abs(round(value, n) - value) < 1e-9 for value in levels)), 3)
