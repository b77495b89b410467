"""How many points are drawn: all of them where one looks closely, the extremes of short spans where one sees all."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

from mabdesk.data.batch import Floats
from mabdesk.gui.plots.series import Course, joined, kept, paused, strung

_SPANS = 260  # a panel is some 450 dots wide: two points a span are more than it can show
_FEW = 600  # points of a course that are drawn as they are
_WIDE = 0.55  # share of all days that counts as seeing all
_MARGIN = 0.5  # of the view, kept ready on both sides


def thinned(course: Course) -> Course:
    """Return a course of the least and the greatest value of every short span, gaps kept; short ones as they are."""
    n = len(course.hours)
    if n <= _FEW:
        return course
    size = -(-n // _SPANS)
    padded = np.full(size * -(-n // size), np.nan)
    padded[:n] = course.values
    blocks = padded.reshape(-1, size)
    there = np.isfinite(blocks)
    low = np.argmin(np.where(there, blocks, np.inf), axis=1)
    high = np.argmax(np.where(there, blocks, -np.inf), axis=1)
    starts = np.arange(len(blocks)) * size
    chosen = np.stack([starts + np.minimum(low, high), starts + np.maximum(low, high)], axis=1)
    empty = np.flatnonzero(~there.all(axis=1))  # a gap inside a span: keep all of its points, so that it stays a gap
    extra = (empty[:, None] * size + np.arange(size)).ravel()
    rows = np.unique(np.concatenate([chosen.ravel(), extra]))
    rows = rows[rows < n]
    return Course(course.batch, course.hours[rows], course.values[rows], None, course.group)


class DetailCurve(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """A curve that holds only the points of the visible days, and still tells how far all of them reach."""

    reach: tuple[tuple[float, float], tuple[float, float]] | None = None

    def dataBounds(self, ax: int, frac: float = 1.0, orthoRange: Any = None) -> Any:  # noqa: N802, N803 - pyqtgraph's
        """Return least and greatest day, or value: what "show all" shows."""
        return super().dataBounds(ax, frac, orthoRange) if self.reach is None else self.reach[ax]


@dataclass
class Detail:
    """One curve of many dense courses; `follow` gives it the points that the visible days need."""

    item: Any
    courses: tuple[Course, ...]

    def __post_init__(self) -> None:
        self.coarse = strung(thinned(paused(kept(course))) for course in self.courses)
        self.fine: tuple[Floats, Floats] | None = None
        self.ready = (-np.inf, np.inf)  # days that the item's points cover
        self.is_coarse = True
        ends = [course.hours[[0, -1]] / 24 for course in self.courses if len(course.hours)]
        self.span = float(np.ptp(np.concatenate(ends))) if ends else 0.0
        days, values = self.coarse
        there = np.isfinite(values)
        if isinstance(self.item, DetailCurve) and there.any():
            self.item.reach = (_reach(days[there]), _reach(values[there]))

    def follow(self, first: float, last: float) -> None:
        """Show the days from `first` to `last`."""
        if last - first >= _WIDE * self.span:
            if not self.is_coarse:
                self.is_coarse, self.ready = True, (-np.inf, np.inf)
                self.item.setData(*self.coarse, connect="finite")
        elif self.is_coarse or first < self.ready[0] or last > self.ready[1]:
            margin = _MARGIN * (last - first)
            self.is_coarse, self.ready = False, (first - margin, last + margin)
            self.fine = self.fine or joined(self.courses, True)
            x, y = self.fine
            inside = np.isnan(x) | ((x >= self.ready[0]) & (x <= self.ready[1]))
            self.item.setData(x[inside], y[inside], connect="finite")


def _reach(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())
