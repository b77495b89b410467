"""Horizontal bars by name, the largest on top: whiskers, a thinner span, and a hatched part that tells nothing."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QWidget

from mabdesk.gui.plots.explained_plot import ExplainedPlot, short, span_of

Look = Literal["plain", "hollow", "up", "down", "total"]  # hollow: an outline, and pale within
_ROW, _LEAST, _UNKNOWN = 19, 4, 10  # dots of a row; rows that are drawn at least; and where no height is known yet
_HALF, _BELOW, _CAP = 0.34, 0.24, 0.12  # of a row: half a bar; where the thinner span lies; half the end of a whisker
_HATCHED, _PALE = 150, 45  # alpha of 255
_NAME = 36  # letters: the longest of the known variables, and that it is as shuffled
_ROOM = 0.03
_LEAST_HEIGHT = 210  # dots, of a waterfall: its names stand one above the other
_NAN = math.nan


@dataclass(frozen=True)
class Bar:
    """A bar from `start` to `end`, and what is read of it.

    low, high: of the whiskers; span_low, span_high: of the thinner mark; hatched: from 0 to there. NaN: none.
    """

    name: str
    start: float
    end: float
    said: str
    look: Look = "plain"
    low: float = _NAN
    high: float = _NAN
    span_low: float = _NAN
    span_high: float = _NAN
    hatched: float = _NAN


class BarPlot(ExplainedPlot):
    """Bars from the top down; with `all_rows` every one is drawn, else as many as there is room for."""

    all_rows = False

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.waiting = waiting
        self.bars: tuple[Bar, ...] = ()
        self.hint = ""
        self._drawn = 0
        self.view.setMouseEnabled(False, False)
        self.view.getPlotItem().vb.invertY(True)
        self.view.showGrid(x=True, y=False, alpha=0.12)
        self.view.getPlotItem().vb.sigResized.connect(self._resized)

    def show_bars(self, bars: Sequence[Bar], x: str, hint: str = "", waiting: str = "") -> None:
        """Show these bars over an axis called `x`; `hint` tells the marks; `waiting` stands there without any."""
        self.bars, self.hint = tuple(bars), hint
        self.key = hint
        self.view.setLabel("bottom", html.escape(x))
        there = any(math.isfinite(bar.end) for bar in self.bars)
        self.place.wait_for("" if there else waiting or self.waiting)
        self.setAccessibleDescription(" ".join(bar.said for bar in self.bars) or waiting or self.waiting)
        self._draw()

    def rows(self) -> int:
        """Return how many bars there is room for."""
        height = self.view.getPlotItem().vb.height()
        room = max(int(height // _ROW), _LEAST) if height > 2 * _ROW else _UNKNOWN
        return len(self.bars) if self.all_rows else min(len(self.bars), room)

    # -- inside --------------------------------------------------------------------------------------------------

    def _resized(self, *_: object) -> None:
        if self.rows() != self._drawn:
            self._draw()

    def _draw(self) -> None:
        plot = self.view.getPlotItem()
        plot.clear()
        self._drawn = self.rows()
        drawn = self.bars[: self._drawn]
        self.view.getAxis("left").setTicks([[(row, short(bar.name, _NAME)) for row, bar in enumerate(drawn)]])
        self.say(self._hint())
        if not drawn:
            return
        plot.addItem(pg.InfiniteLine(0, angle=90, pen=pg.mkPen(self.theme.muted, width=1)))
        plot.addItem(self._rectangles(drawn))
        self._add_hatched(drawn)
        self._add_spans([(bar.span_low, bar.span_high) for bar in drawn], _BELOW, 1, Qt.PenStyle.DotLine, False)
        self._add_spans([(bar.low, bar.high) for bar in drawn], 0.0, 1.5, Qt.PenStyle.SolidLine, True)
        self._fit(drawn)

    def _hint(self) -> str:
        fewer = len(self.bars) - self._drawn
        return f"{self.hint} {fewer} more in the table." if fewer > 0 else self.hint

    def _color(self, look: Look) -> QColor:
        series = self.theme.series
        named = {"down": series[1], "total": self.theme.text}
        return QColor(named.get(look, series[0]))

    def _fill(self, look: Look) -> QColor:
        color = self._color(look)
        if look == "hollow":
            color.setAlpha(_PALE)
        return color

    def _edge(self, look: Look) -> Any:
        return pg.mkPen(self._color(look), width=1.5) if look == "hollow" else pg.mkPen(None)

    def _rectangles(self, drawn: Sequence[Bar]) -> Any:
        return pg.BarGraphItem(
            x0=np.nan_to_num([bar.start for bar in drawn]), x1=np.nan_to_num([bar.end for bar in drawn]),
            y=np.arange(len(drawn)), height=2 * _HALF,
            pens=[self._edge(bar.look) for bar in drawn], brushes=[pg.mkBrush(self._fill(bar.look)) for bar in drawn],
        )  # fmt: skip

    def _add_hatched(self, drawn: Sequence[Bar]) -> None:
        rows = [row for row, bar in enumerate(drawn) if math.isfinite(bar.hatched)]
        if not rows:
            return
        ends = [drawn[row].hatched for row in rows]
        color = QColor(self.theme.text)
        color.setAlpha(_HATCHED)
        hatched = QBrush(color, Qt.BrushStyle.BDiagPattern)
        self.view.addItem(
            pg.BarGraphItem(
                x0=np.zeros(len(rows)), x1=ends, y=rows, height=2 * _HALF, pen=pg.mkPen(None), brush=hatched
            )
        )
        self._add_lines([(end, end, row - 0.45, row + 0.45) for end, row in zip(ends, rows, strict=True)], 1)

    def _add_spans(
        self, spans: Sequence[tuple[float, float]], below: float, width: float, style: Qt.PenStyle, caps: bool
    ) -> None:
        lines = []
        for row, (low, high) in enumerate(spans):
            if math.isfinite(low) and math.isfinite(high):
                lines.append((low, high, row + below, row + below))
                cap = _CAP if caps else _CAP / 2
                lines += [(end, end, row + below - cap, row + below + cap) for end in (low, high)]
        self._add_lines(lines, width, style)

    def _add_lines(
        self,
        lines: Sequence[tuple[float, float, float, float]],
        width: float,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        """Draw lines (x, x, y, y) as one curve."""
        if lines:
            ends = np.array(lines)
            pen = pg.mkPen(self.theme.text, width=width, style=style)
            curve = pg.PlotCurveItem(ends[:, :2].ravel(), ends[:, 2:].ravel(), pen=pen, connect="pairs")
            self.view.addItem(curve)

    def _fit(self, drawn: Sequence[Bar]) -> None:
        ends = [x for b in drawn for x in (b.start, b.end, b.low, b.high, b.span_low, b.span_high, b.hatched)]
        found = span_of(ends)
        if found is not None:
            low, high = found
            room = _ROOM * (high - low) or 1.0
            left = low if low == 0 else low - room
            self.view.getPlotItem().vb.setRange(xRange=(left, high + room), yRange=(-0.6, len(drawn) - 0.4), padding=0)

    def _moved(self, place: QPointF) -> None:
        box = self.view.getPlotItem().vb
        row = round(box.mapSceneToView(place).y()) if box.sceneBoundingRect().contains(place) else -1
        self.say(self.bars[row].said if 0 <= row < self._drawn else self._hint())


class Waterfall(BarPlot):
    """Bars that each begin where the one above ended."""

    all_rows = True

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.view.setMinimumHeight(_LEAST_HEIGHT)

    def _draw(self) -> None:
        super()._draw()
        lines = [(bar.end, bar.end, row, row + 1) for row, bar in enumerate(self.bars[:-1]) if math.isfinite(bar.end)]
        self._add_lines(lines, 1, Qt.PenStyle.DotLine)
        found = span_of([x for bar in self.bars for x in (bar.start, bar.end) if bar.look != "total"])
        if found is not None and len(self.bars) > 2:  # what is added, not the way from 0 to the typical value
            low, high = found
            room = 0.12 * (high - low) or 1.0
            self.view.getPlotItem().vb.setXRange(low - room, high + room, padding=0)
