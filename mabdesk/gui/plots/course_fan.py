"""Courses and bands of plans, of which one follows a hand that moves a slider: its lines move, nothing is made anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from mabdesk.gui.plots.panel_plot import BAND, STYLES, PanelPlot, curve, points_of
from mabdesk.gui.plots.series import Band, Figure, Panel
from mabdesk.gui.plots.trajectories import TrajectoryGrid

_WIDE, _LEAST_WIDTH = 2.5, 480  # of the moving line; of four columns, in dots


class FanPanel(PanelPlot):
    """A panel whose group `live` can move."""

    live = ""

    def __init__(self) -> None:
        super().__init__()
        self._line: Any = None
        self._edges: tuple[Any, Any] | None = None

    def draw(self, *args: Any) -> None:
        """Draw everything anew."""
        self._line, self._edges = None, None
        super().draw(*args)

    def move(self, panel: Panel) -> None:
        """Show a panel that differs from the one drawn in the live group alone."""
        self.panel = panel
        self.points = points_of((*panel.courses, *panel.predicted))
        mine = [course for course in panel.predicted if course.group == self.live]
        if self._line is not None and mine:
            self._line.setData(mine[0].hours / 24, mine[0].values, connect="finite")
        bands = [band for band in panel.bands if band.group == self.live]
        if self._edges is not None and bands:
            for item, values in zip(self._edges, (bands[0].low, bands[0].high), strict=True):
                item.setData(bands[0].hours / 24, values, connect="finite")

    def _add_band(self, band: Band, color: str) -> None:
        if band.group != self.live:
            super()._add_band(band, color)
            return
        fill = pg.mkColor(color)
        fill.setAlpha(BAND)
        low, high = curve(band.hours / 24, band.low, None), curve(band.hours / 24, band.high, None)
        for item in (low, high, pg.FillBetweenItem(low, high, brush=fill)):
            self.addItem(item)
        self._edges = (low, high)

    def _add_predicted(self, highlighted: str) -> None:
        whole = self.panel
        mine = [course for course in whole.predicted if course.group == self.live]
        self.panel = replace(whole, predicted=tuple(c for c in whole.predicted if c.group != self.live))
        super()._add_predicted(highlighted)
        self.panel = whole
        if mine and self.live not in self.hidden:
            number = self.groups.index(self.live) if self.live in self.groups else 0
            pen = pg.mkPen(self.color(number), width=_WIDE, style=STYLES[number % len(STYLES)])
            self._line = curve(mine[0].hours / 24, mine[0].values, pen)
            self.addItem(self._line)


class WideGrid(TrajectoryGrid):
    """Trajectories in up to four columns: all that a process model predicts in two rows."""

    most_columns = 4

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.view.setMinimumWidth(_LEAST_WIDTH)


class CourseFan(WideGrid):
    """Plans and their bands; `live` is the name of the one that moves."""

    panel_kind = FanPanel

    def __init__(self, name: str, live: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.live = live
        self._same: tuple[object, ...] = ()

    def show_plans(self, figure: Figure) -> None:
        """Show plans; where only the live one differs from what is drawn, only it is moved."""
        same = _but(figure, self.live)
        if self.plots and _equal(same, self._same):
            self.figure = figure
            self._point_nowhere()
            for plot, panel in zip(self.plots, figure.panels, strict=True):
                if isinstance(plot, FanPanel):
                    plot.move(panel)
        else:
            self.show_figure(figure)
        self._same = same

    def _make_plots(self, count: int) -> None:
        super()._make_plots(count)
        for plot in self.plots:
            if isinstance(plot, FanPanel):
                plot.live = self.live


def _but(figure: Figure, live: str) -> tuple[object, ...]:
    """Return all that is drawn but for the live group: names, and values as they are."""
    found: list[object] = [figure.groups, figure.simulated, figure.empty_text]
    for panel in figure.panels:
        found.append(panel.axis)
        found += [(c.batch, c.group) for c in (*panel.courses, *panel.predicted)]
        found += [c.values for c in (*panel.courses, *panel.predicted) if c.group != live]
        found += [(band.label, band.group) for band in panel.bands]
        found += [band.low for band in panel.bands if band.group != live]
    return tuple(found)


def _equal(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    return len(first) == len(second) and all(_alike(a, b) for a, b in zip(first, second, strict=True))


def _alike(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.shape == b.shape
            and np.allclose(a, b, 1e-5, equal_nan=True)
        )
    return bool(a == b)
