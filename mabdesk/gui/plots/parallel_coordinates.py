"""Parallel coordinates: one vertical axis a score, one line a scenario, with error bars; up is better on every axis."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLocale, QPointF, Qt
from PySide6.QtWidgets import QWidget

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.panel_plot import STYLES, SYMBOLS
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.sheet import Sheet

EMPTY = "Lines over the scores are drawn here once there is a result."
HINT = "Up is better on every axis. Point at a dot to read it."
_NEAR = 15.0  # pixels
_DODGE = 0.036  # between the error bars of two lines, in distances of axes
_LEAST, _MOST = -0.08, 1.14  # of what is seen above and below the axes, which run from 0 to 1
_SIDE = 0.45  # room beside the outer axes, in distances of axes
_STEPS = (1.0, 2.0, 5.0, 10.0)
_LIFTED = (math.nan, math.nan)  # the pen, between two strokes
_TICKS, _PLAIN = 4, (1e-3, 1e6)  # numbers on an axis; what is written without exponents


@dataclass(frozen=True)
class Axis:
    """One score: what it is called, its unit, and whether large values are good."""

    name: str
    unit: str = ""
    large_is_good: bool = False

    @property
    def label(self) -> str:
        """The name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit not in {"", "-"} else self.name


@dataclass(frozen=True)
class Line:
    """One scenario: a value an axis, NaN where there is none; `lows` and `highs` end its error bars (or are empty)."""

    name: str
    values: tuple[float, ...]
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()

    def bar(self, place: int) -> tuple[float, float]:
        """Return the ends of the error bar on one axis, NaN where there is none."""
        there = place < len(self.lows) and place < len(self.highs)
        return (self.lows[place], self.highs[place]) if there else (math.nan, math.nan)


class ParallelPlot(SinglePlot):
    """Lines over axes side by side. Every axis has its own scale, whose numbers stand beside it."""

    def __init__(self, name: str, waiting: str = EMPTY, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.axes: tuple[Axis, ...] = ()
        self.lines: tuple[Line, ...] = ()
        self.waiting = waiting
        self._scales: tuple[_Scale, ...] = ()
        self.view.hideAxis("left")
        self.view.hideAxis("bottom")
        self.view.setMouseEnabled(False, False)
        self.readout.setText(HINT)

    def show_lines(self, axes: Sequence[Axis], lines: Sequence[Line], waiting: str = "") -> None:
        """Show these lines over these axes; without any, `waiting` (or what the plot waits for) stands in its place."""
        self.axes, self.lines = tuple(axes), tuple(lines)
        there = bool(self.axes) and any(math.isfinite(value) for line in self.lines for value in line.values)
        self.place.wait_for("" if there else waiting or self.waiting)
        self._scales = tuple(_Scale(axis, self.lines, place) for place, axis in enumerate(self.axes))
        self.setAccessibleDescription(". ".join(self._said(line) for line in self.lines) or self.waiting)
        self._draw()

    def table(self, title: str) -> Sheet:
        """Return every value with its error bar, one a row."""
        rows = [
            (line.name, axis.name, axis.unit, line.values[n], *line.bar(n))
            for line in self.lines
            for n, axis in enumerate(self.axes)
        ]
        return Sheet(title, ("Line", "Score", "Unit", "Value", "Low", "High"), tuple(rows))

    def heights(self, line: Line) -> Floats:
        """Return the heights of a line on all axes: 0 the worst of all that is drawn, 1 the best."""
        return np.array([scale.height(line.values[n]) for n, scale in enumerate(self._scales)])

    # -- inside --------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.legend.show_groups(tuple(line.name for line in self.lines), self.theme)
        plot = self.view.getPlotItem()
        plot.clear()
        self._add_axes()
        for number, line in enumerate(self.lines):
            if line.name not in self.legend.hidden:
                self._add_line(number, line)
        plot.vb.setRange(xRange=(-_SIDE, len(self.axes) - 1 + _SIDE), yRange=(_LEAST, _MOST), padding=0)

    def _add_axes(self) -> None:
        """Draw all axes with their ticks as one curve, and the words beside them."""
        strokes: list[tuple[float, float]] = []
        for place, scale in enumerate(self._scales):
            self._write(scale.axis.label, place, 1.03, (0.5, 1.0), self.theme.text)
            strokes += [(place, 0), (place, 1), _LIFTED]
            for value in scale.ticks():
                height = scale.height(value)
                self._write(scale.text(value), place - 0.02, height, (1.0, 0.5), self.theme.muted)
                strokes += [(place - 0.012, height), (place, height), _LIFTED]
        x, y = np.array(strokes).reshape(-1, 2).T
        self.view.addItem(pg.PlotCurveItem(x, y, pen=pg.mkPen(self.theme.muted, width=1), connect="finite"))

    def _write(self, text: str, x: float, y: float, anchor: tuple[float, float], color: str) -> None:
        label = pg.TextItem(html=f'<span style="color: {color}">{html.escape(text)}</span>', anchor=anchor)
        label.setPos(x, y)
        self.view.addItem(label, ignoreBounds=True)

    def _add_line(self, number: int, line: Line) -> None:
        color = pg.mkColor(self.theme.series[number % len(self.theme.series)])
        x, y = self._places(number), self.heights(line)
        pen = pg.mkPen(color, width=2, style=STYLES[number % len(STYLES)])
        self.view.addItem(pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True))
        self._add_bars(x, line, color)
        there = np.isfinite(y)
        symbol = SYMBOLS[number % len(SYMBOLS)]
        self.view.addItem(pg.ScatterPlotItem(x[there], y[there], symbol=symbol, size=8, pen=None, brush=color))

    def _add_bars(self, x: Floats, line: Line, color: object) -> None:
        ends = [sorted(map(scale.height, line.bar(n))) for n, scale in enumerate(self._scales)]
        bars = [(x[n], low, high) for n, (low, high) in enumerate(ends) if math.isfinite(low) and math.isfinite(high)]
        if bars:
            xs = np.array([(at, at, math.nan) for at, _, _ in bars]).ravel()
            ys = np.array([(low, high, math.nan) for _, low, high in bars]).ravel()
            pen = pg.mkPen(color, width=1)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self.view.addItem(pg.PlotCurveItem(xs, ys, pen=pen, connect="finite"))

    def _places(self, number: int) -> Floats:
        """Keep the error bars of the lines beside one another."""
        places: Floats = np.arange(float(len(self.axes))) + _DODGE * (number - (len(self.lines) - 1) / 2)
        return places

    def nearest(self, place: QPointF) -> tuple[int, int] | None:
        """Return line and axis of the dot that is pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        best, found = _NEAR**2, None
        for number, line in enumerate(self.lines):
            if line.name in self.legend.hidden:
                continue
            far = ((self._places(number) - at.x()) / (width or 1)) ** 2
            far = far + ((self.heights(line) - at.y()) / (height or 1)) ** 2
            if np.isfinite(far).any() and np.nanmin(far) < best:
                best, found = float(np.nanmin(far)), (number, int(np.nanargmin(far)))
        return found

    def _moved(self, place: QPointF) -> None:
        found = self.nearest(place)
        self.readout.setText(HINT if found is None else self._said(self.lines[found[0]], (found[1],)))

    def _said(self, line: Line, places: Sequence[int] | None = None) -> str:
        parts = []
        for n in range(len(self.axes)) if places is None else places:
            axis, (low, high) = self.axes[n], line.bar(n)
            unit = f" {axis.unit}" if axis.unit not in {"", "-"} else ""
            span = f" ({figures(low)} to {figures(high)})" if math.isfinite(low) and math.isfinite(high) else ""
            parts.append(f"{axis.name} {figures(line.values[n])}{unit}{span}")
        return f"{line.name}: {', '.join(parts)}"


class _Scale:
    """Where a value stands on its axis: 0 the worst end, 1 the best."""

    def __init__(self, axis: Axis, lines: Sequence[Line], place: int) -> None:
        self.axis = axis
        known = [v for line in lines for v in (line.values[place], *line.bar(place)) if math.isfinite(v)]
        self.low, self.high = (min(known), max(known)) if known else (0.0, 1.0)
        if self.high - self.low <= 1e-9 * max(abs(self.high), 1e-300):  # all alike: in the middle of their axis
            room = abs(self.high) / 10 or 1.0
            self.low, self.high = self.low - room, self.high + room

    def height(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return share if self.axis.large_is_good else 1 - share

    @property
    def step(self) -> float:
        """The distance of two ticks."""
        rough = (self.high - self.low) / _TICKS
        size: float = 10 ** math.floor(math.log10(rough))
        return next(factor * size for factor in _STEPS if factor * size >= rough * (1 - 1e-9))

    def text(self, value: float) -> str:
        """Write a tick with as many decimals as tell it from the next one."""
        if not _PLAIN[0] <= max(abs(self.low), abs(self.high)) < _PLAIN[1]:
            return figures(value)
        decimals = max(-math.floor(math.log10(self.step) + 1e-9), 0)
        return str(QLocale().toString(float(value), "f", decimals))

    def ticks(self) -> list[float]:
        """Return a few round numbers between the ends."""
        step = self.step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]
