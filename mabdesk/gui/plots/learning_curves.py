"""Error over the number of batches that a model learns from: one line a method, with the range of repeated draws."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.panel_plot import STYLES, SYMBOLS
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.sheet import Sheet

WAITING = "Learning curves are drawn here once a study has ended."
HINT = (
    "Bars: least and largest of the draws. Ringed: the best model from local batches alone. Point at a dot to read it."
)
_NEAR, _DOT, _RING = 15.0, 8, 16  # dots of the screen
_DODGE = 0.008  # of the axis' span, between the error bars of two lines
_ROOM = 0.06


@dataclass(frozen=True)
class Curve:
    """One method: errors at numbers of batches, least and largest of the draws, and which dots are ringed."""

    name: str
    sizes: tuple[int, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    ringed: tuple[int, ...] = ()  # sizes at which it is the best local model


class LearningCurves(SinglePlot):
    """Lines over the number of batches; the axis is numbered at the sizes that were studied."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, WAITING, parent)
        self.curves: tuple[Curve, ...] = ()
        self.error = ""
        self.view.setMouseEnabled(False, False)
        self.view.showGrid(x=False, y=True, alpha=0.12)

    def show_curves(self, curves: Sequence[Curve], x: str, y: str, waiting: str = "") -> None:
        """Show these curves over `x`; `y` names the error with its unit; `waiting` stands there without any."""
        self.curves, self.error = tuple(curves), y
        self.view.setLabel("bottom", html.escape(x))
        self.view.setLabel("left", html.escape(y))
        there = any(math.isfinite(value) for curve in self.curves for value in curve.values)
        self.place.wait_for("" if there else waiting or WAITING)
        self.setAccessibleDescription(". ".join(map(self._line_said, self.curves)) or WAITING)
        self._draw()

    def table(self, title: str) -> Sheet:
        """Return every dot with its range, one a row."""
        rows = [
            (curve.name, size, curve.values[n], curve.lows[n], curve.highs[n], size in curve.ringed)
            for curve in self.curves
            for n, size in enumerate(curve.sizes)
        ]
        headers = ("Method", "Local batches", self.error, "Least of the draws", "Largest of the draws", "Best local")
        return Sheet(title, headers, tuple(rows))

    # -- inside --------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.legend.show_groups(tuple(curve.name for curve in self.curves), self.theme)
        plot = self.view.getPlotItem()
        plot.clear()
        sizes = sorted({size for curve in self.curves for size in curve.sizes})
        self.view.getAxis("bottom").setTicks([[(size, str(size)) for size in sizes]])
        for number, curve in enumerate(self.curves):
            if curve.name not in self.legend.hidden:
                self._add(number, curve)
        self.readout.setText(HINT if self.curves else "")
        self._fit(sizes)

    def _fit(self, sizes: list[int]) -> None:
        known = [
            v for c in self.curves for v in (*c.values, *c.lows, *c.highs)
            if math.isfinite(v) and c.name not in self.legend.hidden
        ]  # fmt: skip
        if known and sizes:
            span = self._span()
            room = _ROOM * (max(known) - min(known)) or abs(max(known)) / 10 or 1.0
            self.view.getPlotItem().vb.setRange(
                xRange=(sizes[0] - _ROOM * span, sizes[-1] + _ROOM * span),
                yRange=(min(known) - room, max(known) + room),
                padding=0,
            )

    def _span(self) -> float:
        sizes = [size for curve in self.curves for size in curve.sizes]
        return float(max(sizes) - min(sizes)) or 1.0

    def _places(self, number: int) -> Floats:
        """Keep the error bars of the lines beside one another."""
        shift = _DODGE * self._span() * (number - (len(self.curves) - 1) / 2)
        places: Floats = np.array(self.curves[number].sizes, dtype=float) + shift
        return places

    def _add(self, number: int, curve: Curve) -> None:
        color = pg.mkColor(self.theme.series[number % len(self.theme.series)])
        x, y = self._places(number), np.array(curve.values, dtype=float)
        pen = pg.mkPen(color, width=2, style=STYLES[number % len(STYLES)])
        self.view.addItem(pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True))
        ends = np.array([curve.lows, curve.highs, [math.nan] * len(x)], dtype=float)
        bars = pg.mkPen(color, width=1)
        bars.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.view.addItem(pg.PlotCurveItem(np.repeat(x, 3), ends.T.ravel(), pen=bars, connect="finite"))
        there = np.isfinite(y)
        symbol = SYMBOLS[number % len(SYMBOLS)]
        self.view.addItem(pg.ScatterPlotItem(x[there], y[there], symbol=symbol, size=_DOT, pen=None, brush=color))
        ringed = there & np.isin(curve.sizes, curve.ringed)
        ring = pg.mkPen(self.theme.text, width=1.5)
        self.view.addItem(pg.ScatterPlotItem(x[ringed], y[ringed], size=_RING, pen=ring, brush=None))

    def nearest(self, place: QPointF) -> tuple[int, int] | None:
        """Return curve and place in it of the dot that is pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        best, found = _NEAR**2, None
        for number, curve in enumerate(self.curves):
            if curve.name in self.legend.hidden or not curve.sizes:
                continue
            far = ((self._places(number) - at.x()) / (width or 1)) ** 2
            far = far + ((np.array(curve.values) - at.y()) / (height or 1)) ** 2
            if np.isfinite(far).any() and np.nanmin(far) < best:
                best, found = float(np.nanmin(far)), (number, int(np.nanargmin(far)))
        return found

    def _moved(self, place: QPointF) -> None:
        found = self.nearest(place)
        if found is None:
            self.readout.setText(HINT if self.curves else "")
            return
        curve = self.curves[found[0]]
        best = ", the best from local batches alone" if curve.sizes[found[1]] in curve.ringed else ""
        self.readout.setText(f"{curve.name}, {self._dot_said(curve, found[1])}{best}")

    def _line_said(self, curve: Curve) -> str:
        return f"{curve.name}: " + ", ".join(self._dot_said(curve, n) for n in range(len(curve.sizes)))

    def _dot_said(self, curve: Curve, n: int) -> str:
        span = f" ({figures(curve.lows[n])} to {figures(curve.highs[n])})"
        count = f"{curve.sizes[n]} local {'batch' if curve.sizes[n] == 1 else 'batches'}"
        return f"{count}: {self.error} {figures(curve.values[n])}{span if math.isfinite(curve.lows[n]) else ''}"
