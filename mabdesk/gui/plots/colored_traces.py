"""Courses of a few variables one above the other, colored by contribution; the usual course thin beside."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
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
    shades,
    short,
    span_of,
)  # fmt: skip

HINT = "Color: contribution. Thin: usual. Dotted: window."  # where there is no room for the key
KEY = "Color: contribution of the window that ends next. Thin: usual course. Dotted: the window's end."
_SHADES = 15
_FILLED = 0.76  # of a lane: the rest is air
_TALL = 34  # dots of a lane that has room for the ends of its scale
_NARROW, _LETTERS = 380, 12  # dots of a plot that has room for short names alone
_THIN = 150  # alpha of 255


@dataclass(frozen=True, eq=False)
class Trace:
    """Values of one variable, the usual ones, and the contributions at days (n,); NaN where none."""

    name: str
    unit: str
    days: Floats
    values: Floats
    usual: Floats
    contributions: Floats


class ColoredTraces(ExplainedPlot):
    """Every trace has a lane of its own with its own scale, from the top down."""

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.waiting, self.key = waiting, KEY
        self.traces: tuple[Trace, ...] = ()
        self.unit, self.day = "", math.nan
        plot = self.view.getPlotItem()
        self.view.setLabel("bottom", "Culture day")
        self.view.setMouseEnabled(False, False)
        self.bar = color_bar(plot)
        plot.vb.sigResized.connect(self._scale)

    def show_traces(self, traces: Sequence[Trace], unit: str, day: float = math.nan, waiting: str = "") -> None:
        """Show these traces; `unit` is that of the contributions, `day` the one that is explained beside."""
        self.traces, self.unit, self.day = tuple(traces), unit, day
        there = any(np.isfinite(trace.values).any() for trace in self.traces)
        self.place.wait_for("" if there else waiting or self.waiting)
        name_bar(self.bar, f"Contribution ({unit})" if unit else "Contribution")
        self.setAccessibleDescription(", ".join(trace.name for trace in self.traces) or waiting or self.waiting)
        self._draw()

    # -- inside --------------------------------------------------------------------------------------------------

    def _hint(self) -> None:
        self.say(HINT if self.traces else "")
        self.readout.setToolTip(KEY if self.traces else "")

    def _span(self, trace: Trace) -> tuple[float, float]:
        found = span_of([*trace.values.tolist(), *trace.usual.tolist()])
        low, high = found if found is not None else (0.0, 1.0)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _heights(self, number: int, values: Floats) -> Floats:
        """Return where values of a trace stand on the axis: the first lane is the highest."""
        low, high = self._span(self.traces[number])
        placed: Floats = len(self.traces) - 1 - number + (values - low) / (high - low) * _FILLED
        return placed

    def _draw(self) -> None:
        plot = self.view.getPlotItem()
        plot.clear()
        limits = limits_of(np.concatenate([[0.0], *(trace.contributions for trace in self.traces)]), signed=True)
        colors = diverging(self.theme, self.theme.muted)
        paint_bar(self.bar, colors, limits, self.theme)
        self._hint()
        self._scale()
        if not self.traces:
            return
        pens = [pg.mkPen(color, width=3) for color in colors.mapToQColor(np.linspace(0, 1, _SHADES))]
        for number, trace in enumerate(self.traces):
            self._add(number, trace, shades(trace.contributions, limits, _SHADES), pens)
        if math.isfinite(self.day):
            pen = pg.mkPen(self.theme.text, width=1, style=Qt.PenStyle.DotLine)
            plot.addItem(pg.InfiniteLine(self.day, pen=pen))
        found = span_of([day for trace in self.traces for day in trace.days.tolist()])
        if found is not None:
            plot.vb.setRange(xRange=found, yRange=(-0.1, len(self.traces) - 0.1), padding=0.01)

    def _add(self, number: int, trace: Trace, shade: Any, pens: Sequence[Any]) -> None:
        thin = pg.mkColor(self.theme.text)
        thin.setAlpha(_THIN)
        usual, values = self._heights(number, trace.usual), self._heights(number, trace.values)
        self.view.addItem(pg.PlotCurveItem(trace.days, usual, pen=pg.mkPen(thin, width=1), connect="finite"))
        for number_of_shade in np.unique(shade[1:]):
            ends = np.flatnonzero(shade[1:] == number_of_shade) + 1  # a piece has the color of the step that it ends in
            x = np.stack([trace.days[ends - 1], trace.days[ends]], axis=1).ravel()
            y = np.stack([values[ends - 1], values[ends]], axis=1).ravel()
            good = np.repeat(np.isfinite(y.reshape(-1, 2)).all(axis=1), 2)
            self.view.addItem(pg.PlotCurveItem(x[good], y[good], pen=pens[number_of_shade], connect="pairs"))

    def _scale(self, *_: object) -> None:
        """Write the name of every lane, and the ends of its scale where there is room."""
        height = self.view.getPlotItem().vb.height() / max(len(self.traces), 1)
        named, ends = [], []
        for number, trace in enumerate(self.traces):
            floor, (low, high) = len(self.traces) - 1 - number, self._span(trace)
            unit = f" ({trace.unit})" if trace.unit not in {"", "-"} else ""
            narrow = self.view.width() < _NARROW
            name = short(trace.name, _LETTERS) if narrow else short(f"{trace.name}{unit}")
            named.append((floor + _FILLED / 2, name))
            ends += [(floor, figures(low)), (floor + _FILLED, figures(high))]
        self.view.getAxis("left").setTicks([[*named, *(ends if height >= _TALL else [])]])

    def nearest(self, place: QPointF) -> tuple[int, int] | None:
        """Return trace and step of the lane and day that are pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        if not self.traces or not box.sceneBoundingRect().contains(place):
            return None
        at = box.mapSceneToView(place)
        number = min(max(len(self.traces) - 1 - math.floor(at.y() + (1 - _FILLED) / 2), 0), len(self.traces) - 1)
        days = self.traces[number].days
        return (number, int(np.argmin(np.abs(days - at.x())))) if len(days) else None

    def _moved(self, place: QPointF) -> None:
        found = self.nearest(place)
        if found is None:
            self._hint()
            return
        trace, step = self.traces[found[0]], found[1]
        unit = "" if trace.unit == "-" else trace.unit
        value, usual = (figures(float(row[step])) for row in (trace.values, trace.usual))
        told = f"{figures(float(trace.contributions[step]))} {self.unit}".rstrip()
        day = nearly_whole(float(trace.days[step]))
        self.say(f"{trace.name}, day {day}: {value} {unit}, usually {usual}; contributes {told}")
