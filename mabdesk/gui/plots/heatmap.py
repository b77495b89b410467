"""Figure 5 of the paper: a value by variable and culture day as colors, contour lines on top, events as lines."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QWidget

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures, nearly_whole
from mabdesk.gui.plots.explained_plot import (
    ExplainedPlot,
    color_bar,
    diverging,
    limits_of,
    name_bar,
    paint_bar,
    short,
    sizes,
)
from mabdesk.gui.plots.marks import Marks
from mabdesk.gui.plots.series import Mark

HINT = "Point at a field to read it."
KEY = "Contour lines join equal contributions. Dashed: events."
_ROW, _LEAST, _UNKNOWN = 17, 4, 10  # dots of a row; rows that are drawn at least; and where no height is known yet
_LEVELS = (0.2, 0.45, 0.7)  # of the largest value: where contour lines run
_LINE_ALPHA = 170


class HeatMap(ExplainedPlot):
    """Rows of variables, the most important on top, over days."""

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.waiting, self.key = waiting, KEY
        self.names: tuple[str, ...] = ()
        self.days: Floats = np.zeros(0)
        self.values: Floats = np.zeros((0, 0))
        self.unit, self.signed, self.marks = "", True, tuple[Mark, ...]()
        self._drawn = 0
        self._marked: Marks | None = None
        plot = self.view.getPlotItem()
        self.view.setLabel("bottom", "Culture day")
        self.view.setMouseEnabled(False, False)
        self.bar = color_bar(plot)
        plot.vb.sigResized.connect(self._resized)

    def show_map(
        self,
        names: Sequence[str],
        days: Floats,
        values: Floats,
        unit: str,
        signed: bool,
        marks: Sequence[Mark] = (),
        waiting: str = "",
    ) -> None:
        """Show values (names, days), NaN where there is none; `days` (d,) are equally far apart.

        `signed` tells whether values have a sign, which the colors then tell; `marks` are events of those shown.
        """
        self.names, self.days, self.values = tuple(names), days, values
        self.unit, self.signed, self.marks = unit, signed, tuple(marks)
        there = bool(np.isfinite(values).any())
        self.place.wait_for("" if there else waiting or self.waiting)
        what = "Mean" if signed else "Mean size"
        name_bar(self.bar, f"{what} ({unit})" if unit else what)
        self.setAccessibleDescription(self._described() if there else waiting or self.waiting)
        self._draw()

    def rows(self) -> int:
        """Return how many rows there is room for."""
        height = self.view.getPlotItem().vb.height()
        room = max(int(height // _ROW), _LEAST) if height > 2 * _ROW else _UNKNOWN
        return min(len(self.names), room)

    # -- inside --------------------------------------------------------------------------------------------------

    def _step(self) -> float:
        return float(np.median(np.diff(self.days))) if len(self.days) > 1 else 1.0

    def _resized(self, *_: object) -> None:
        if self.rows() != self._drawn:
            self._draw()
        elif self._marked is not None:
            self._marked.arrange(self.view.getPlotItem().vb)

    def _draw(self) -> None:
        plot = self.view.getPlotItem()
        plot.clear()
        self._marked = None
        self._drawn = self.rows()
        limits = limits_of(self.values, self.signed)
        colors = diverging(self.theme) if self.signed else sizes(self.theme)
        paint_bar(self.bar, colors, limits, self.theme)
        self.view.getAxis("left").setTicks([[(-n, short(name)) for n, name in enumerate(self.names[: self._drawn])]])
        self.say(self._hint())
        if not self._drawn or not len(self.days):
            return
        shown, step = self.values[: self._drawn][::-1], self._step()  # the last row is the lowest, at y = 1 - rows
        first, low = float(self.days[0]) - step / 2, 0.5 - len(shown)
        image = pg.ImageItem(shown, axisOrder="row-major", levels=limits, lut=colors.getLookupTable(nPts=256))
        image.setRect(QRectF(first, low, step * len(self.days), len(shown)))
        plot.addItem(image)
        self._add_contours(shown, limits, QTransform(step, 0, 0, 1, first, low))
        plot.vb.setRange(xRange=(first, first + step * len(self.days)), yRange=(low, 0.5), padding=0)
        self._add_marks()

    def _add_contours(self, shown: Floats, limits: tuple[float, float], place: QTransform) -> None:
        if min(shown.shape) < 2:
            return
        color = pg.mkColor(self.theme.text)
        color.setAlpha(_LINE_ALPHA)
        filled = np.nan_to_num(shown)
        most = limits[1]
        for level in [sign * part * most for part in _LEVELS for sign in ((1, -1) if self.signed else (1,))]:
            if filled.min() < level < filled.max():
                style = Qt.PenStyle.DashLine if level < 0 else Qt.PenStyle.SolidLine
                curve = pg.IsocurveItem(filled, level, pg.mkPen(color, width=1, style=style), axisOrder="row-major")
                curve.setTransform(place)
                self.view.addItem(curve)

    def _add_marks(self) -> None:
        self._marked = Marks(self.theme)
        for mark in self.marks:
            self.view.addItem(self._marked.line(mark.hour / 24, mark.text, Qt.PenStyle.DashLine, top=True))
        self._marked.arrange(self.view.getPlotItem().vb)

    def _hint(self) -> str:
        fewer = len(self.names) - self._drawn
        return f"{HINT} {KEY} {fewer} more in the table." if fewer > 0 else f"{HINT} {KEY}"

    def _said(self, row: int, column: int) -> str:
        value = float(self.values[row, column])
        known = f"{figures(value)} {self.unit}".rstrip() if math.isfinite(value) else "no window"
        return f"{self.names[row]}, day {nearly_whole(float(self.days[column]))}: {known}"

    def _described(self) -> str:
        row, column = np.unravel_index(int(np.nanargmax(np.abs(self.values))), self.values.shape)
        return f"{len(self.names)} variables over {len(self.days)} days. Largest: {self._said(int(row), int(column))}."

    def field_at(self, place: QPointF) -> tuple[int, int] | None:
        """Return row and column of the field that is pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        if not self._drawn or not len(self.days) or not box.sceneBoundingRect().contains(place):
            return None
        at: Any = box.mapSceneToView(place)
        row, column = round(-at.y()), int((at.x() - self.days[0]) / self._step() + 0.5)
        return (row, column) if 0 <= row < self._drawn and 0 <= column < len(self.days) else None

    def _moved(self, place: QPointF) -> None:
        found = self.field_at(place)
        self.say(self._said(*found) if found is not None else self._hint())
