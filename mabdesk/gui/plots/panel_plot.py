"""One panel: the curves of one variable, drawn by pyqtgraph; a few items however many batches there are."""

import html
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from mabdesk.data.batch import Floats
from mabdesk.data.gaps import INTERPOLATED, NEIGHBORS, REMOVED
from mabdesk.gui.look import Theme
from mabdesk.gui.plots.detail import Detail, DetailCurve
from mabdesk.gui.plots.marks import Marks
from mabdesk.gui.plots.series import Band, Course, Mark, Panel, Phase, joined

SYMBOLS = ("o", "t", "d", "star", "p", "h", "t1", "+")
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
MUTED, BAND = 70, 51  # alpha of 255: courses behind the highlighted one; 20 %
_DOT = 5
_BESIDE = 0.08  # days between the error bars of two groups


@dataclass(frozen=True, eq=False)
class Points:
    """All points of a panel, for finding the nearest: days, values, which course, which place in it."""

    days: Floats
    values: Floats
    course: NDArray[np.intp]
    place: NDArray[np.intp]


class PanelPlot(pg.PlotItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """Draws a Panel. `colors` are the series colors by group."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = Panel("", "", ())
        self.points = points_of(())
        self.groups: tuple[str, ...] = ()
        self.hidden: frozenset[str] = frozenset()
        self.highlighted = ""
        self.theme: Theme | None = None
        self.details: list[Detail] = []
        self.marks: Marks | None = None
        self.vb.sigXRangeChanged.connect(self._follow)
        self.vb.sigResized.connect(self._follow)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.vb.setMouseMode(pg.ViewBox.RectMode)
        self.showGrid(x=False, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            self.getAxis(side).setStyle(maxTickLevel=1)  # the finest ticks cost half of every frame
        self.marker = pg.ScatterPlotItem(size=11, pen=pg.mkPen("#000000", width=2), brush=None)

    def show_panel(self, panel: Panel, groups: tuple[str, ...]) -> None:
        """Draw another panel."""
        self.panel, self.groups = panel, groups
        self.points = points_of((*panel.courses, *panel.predicted))
        self.setTitle(html.escape(panel.axis), size="9pt", justify="left")

    def draw(
        self,
        theme: Theme,
        hidden: Collection[str],
        highlighted: str,
        marks: tuple[Mark, ...],
        phases: tuple[Phase, ...],
    ) -> None:
        """Draw everything with these colors; hidden groups are left out."""
        self.theme, self.hidden, self.highlighted = theme, frozenset(hidden), highlighted
        self.clear()
        self.details = []
        self._color_axes()
        self.marks = Marks(theme)
        for phase in phases:
            self.addItem(self.marks.line(phase.start / 24, phase.text, Qt.PenStyle.DotLine, False))
        for mark in marks:
            self.addItem(self.marks.line(mark.hour / 24, mark.text, Qt.PenStyle.DashLine, True))
        for band in self.panel.bands:
            if band.group not in self.hidden:
                self._add_band(band, self._color_of(band.group) if band.group else theme.accent)
        self._add_bars()
        shown = [course for course in self.panel.courses if course.group not in self.hidden]
        dimmed = bool(highlighted) and any(course.batch == highlighted for course in shown)
        for number, group in enumerate(self.groups):
            self._add_group(tuple(c for c in shown if c.group == group), number, dimmed)
        self._add_status(shown, dimmed)
        for course in shown:
            if course.batch == highlighted:
                self._add_highlighted(course)
        self._add_predicted(highlighted)
        if not np.isfinite(self.points.values).any():
            self._say("No values.")
        self._follow()
        self.marker.setPen(pg.mkPen(theme.text, width=2))
        self.addItem(self.marker, ignoreBounds=True)

    def nearest(self, day: float, value: float) -> tuple[Course, int] | None:
        """Return the course and the place in it that is nearest to a point of the panel, in pixels."""
        points = self.points
        if not len(points.days):
            return None
        width, height = self.vb.viewPixelSize()
        far = ((points.days - day) / (width or 1)) ** 2 + ((points.values - value) / (height or 1)) ** 2
        courses = (*self.panel.courses, *self.panel.predicted)
        visible = np.array([course.group not in self.hidden for course in courses], dtype=np.bool_)
        far = np.where(np.isfinite(far) & visible[points.course], far, np.inf)
        best = int(np.argmin(far))
        return (courses[points.course[best]], int(points.place[best])) if np.isfinite(far[best]) else None

    def point_at(self, course: Course, place: int) -> None:
        """Mark one point."""
        self.marker.setData([course.hours[place] / 24], [course.values[place]])

    def point_nowhere(self) -> None:
        """Mark no point."""
        self.marker.setData([], [])

    def _follow(self, *_: Any) -> None:
        first, last = self.vb.viewRange()[0]
        for detail in self.details:
            detail.follow(first, last)
        if self.marks is not None:
            self.marks.arrange(self.vb)

    def _color_axes(self) -> None:
        theme = self.theme
        assert theme is not None  # noqa: S101 - draw sets it
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(theme.muted)
            axis.setTextPen(theme.text)
            axis.enableAutoSIPrefix(False)
        self.setTitle(html.escape(self.panel.axis), color=theme.text, size="9pt", justify="left")

    def color(self, number: int) -> str:
        """Return the color of a group."""
        assert self.theme is not None  # noqa: S101
        return self.theme.series[number % len(self.theme.series)]

    def _add_group(self, courses: tuple[Course, ...], number: int, dimmed: bool) -> None:
        if not courses:
            return
        color = pg.mkColor(self.color(number))
        if dimmed:
            color.setAlpha(MUTED)
        style = STYLES[number % len(STYLES)]
        if self.panel.dense:
            detail = Detail(DetailCurve(pen=pg.mkPen(color, width=1, style=style), antialias=False), courses)
            detail.item.setData(*detail.coarse, connect="finite")
            self.details.append(detail)
            self.addItem(detail.item)
            return
        x, y = joined(courses, False)
        self.addItem(curve(x, y, pg.mkPen(color, width=1, style=style)))
        size = _DOT + 2 if self.panel.predicted else _DOT  # what was measured must show beside what was predicted
        self.addItem(dots(x, y, SYMBOLS[number % len(SYMBOLS)], color, size))

    def _add_status(self, courses: list[Course], dimmed: bool) -> None:
        assert self.theme is not None  # noqa: S101
        if dimmed:
            courses = [course for course in courses if course.batch == self.highlighted]
        for codes, symbol, size in (((REMOVED,), "o", 8), ((INTERPOLATED, NEIGHBORS), "s", 4)):
            x, y = [np.zeros(0)], [np.zeros(0)]
            for course in courses:
                if course.status is not None:
                    chosen = np.isin(course.status, codes) & np.isfinite(course.values)
                    x.append(course.hours[chosen] / 24)
                    y.append(course.values[chosen])
            brush = None if REMOVED in codes else pg.mkBrush(self.theme.muted)
            pen = pg.mkPen(self.theme.danger if REMOVED in codes else self.theme.muted)
            found = pg.ScatterPlotItem(
                np.concatenate(x), np.concatenate(y), symbol=symbol, size=size, pen=pen, brush=brush
            )
            if len(found.data):
                self.addItem(found)

    def _add_highlighted(self, course: Course) -> None:
        assert self.theme is not None  # noqa: S101
        x, y = joined((course,), self.panel.dense)
        number = self.groups.index(course.group) if course.group in self.groups else 0
        color = pg.mkColor(self.color(number))
        self.addItem(curve(x, y, pg.mkPen(color, width=2.5)))
        if not self.panel.dense:
            self.addItem(dots(x, y, SYMBOLS[number % len(SYMBOLS)], color, _DOT + 2))

    def _add_predicted(self, highlighted: str) -> None:
        models = tuple(dict.fromkeys(course.group for course in self.panel.predicted))
        for model in models:
            if model in self.hidden:
                continue
            courses = tuple(c for c in self.panel.predicted if c.group == model)
            chosen = tuple(c for c in courses if c.batch == highlighted) or courses
            number = self.groups.index(model) if model in self.groups else len(self.groups)
            x, y = joined(chosen, True)
            pen = pg.mkPen(self.color(number), width=2, style=STYLES[number % len(STYLES)])
            self.addItem(curve(x, y, pen))

    def _add_band(self, band: Band, color: str) -> None:
        fill = pg.mkColor(color)
        fill.setAlpha(BAND)
        low, high = curve(band.hours / 24, band.low, None), curve(band.hours / 24, band.high, None)
        self.addItem(low)
        self.addItem(high)
        self.addItem(pg.FillBetweenItem(low, high, brush=fill))
        if not band.group:  # the line of a group is its middle
            self.addItem(curve(band.hours / 24, band.middle, pg.mkPen(color, width=2)))

    def _add_bars(self) -> None:
        drawn = [bars for bars in self.panel.bars if bars.group not in self.hidden]
        for number, bars in enumerate(drawn):
            days = np.repeat(bars.hours / 24 + _BESIDE * (number - (len(drawn) - 1) / 2), 3)
            ends = np.stack([bars.low, bars.high, np.full(len(bars.low), np.nan)], axis=1).ravel()
            self.addItem(curve(days, ends, pg.mkPen(self._color_of(bars.group), width=1.5)))

    def _color_of(self, group: str) -> str:
        return self.color(self.groups.index(group) if group in self.groups else len(self.groups))

    def _say(self, text: str) -> None:
        assert self.theme is not None  # noqa: S101
        label = pg.TextItem(text, color=self.theme.muted, anchor=(0.5, 0.5))
        label.setPos(0.5, 0.5)
        self.addItem(label)


def points_of(courses: tuple[Course, ...]) -> Points:
    """Put all points of all courses into four arrays."""
    empty = [np.zeros(0)]
    there = [np.flatnonzero(np.isfinite(course.values)) for course in courses]
    days = [course.hours[chosen] / 24 for course, chosen in zip(courses, there, strict=True)]
    values = [course.values[chosen] for course, chosen in zip(courses, there, strict=True)]
    which = [np.full(len(chosen), number) for number, chosen in enumerate(there)]
    return Points(
        np.concatenate(empty + days),
        np.concatenate(empty + values),
        np.concatenate(empty + which).astype(np.intp),
        np.concatenate(empty + there).astype(np.intp),
    )


def curve(x: Floats, y: Floats, pen: Any) -> Any:
    """Make a line that ends at every NaN."""
    return pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=False, skipFiniteCheck=False)


def dots(x: Floats, y: Floats, symbol: str, color: Any, size: int = _DOT) -> Any:
    """Make filled dots."""
    there = np.isfinite(y)
    return pg.ScatterPlotItem(x[there], y[there], symbol=symbol, size=size, pen=None, brush=color)
