"""Trajectories of many batches in panels above one days axis: hover, highlight, zoom, hide, export."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.export import ExportButton, Frame, picture_of
from mabdesk.gui.plots.legend import Legend
from mabdesk.gui.plots.panel_plot import PanelPlot
from mabdesk.gui.plots.series import SIMULATED, STATUS_WORDS, Course, Figure, Panel, note_of, sheet_of
from mabdesk.gui.plots.waiting import Waiting
from mabdesk.gui.sheet import Sheet

HINT = "Point at a curve to read it. Drag to zoom, double-click to see all, click a batch to keep it."
_NEAR = 30  # pixels: what is farther is not pointed at
_LEAST_HEIGHT = 100  # of one panel; below it the page scrolls


class TrajectoryGrid(QWidget):
    """Shows a Figure. A click on a batch is told by `batch_clicked` ("" for empty ground)."""

    batch_clicked = Signal(str)
    export_requested = Signal(str)  # png, svg, csv, xlsx
    panel_kind = PanelPlot
    most_columns = 2

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.figure = Figure(())
        self.plots: list[PanelPlot] = []
        self.highlighted = ""
        self._pointed: tuple[PanelPlot, Course, int] | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view = pg.GraphicsLayoutWidget()
        self.view.ci.setSpacing(0)
        self.view.ci.setContentsMargins(0, 0, 0, 0)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMinimumSize(240, 160)
        self.view.scene().sigMouseMoved.connect(self._moved)
        self.view.scene().sigMouseClicked.connect(self._clicked)
        self.legend = Legend(self)
        self.legend.changed.connect(self._draw)
        self.place = Waiting(self.view)
        self.readout = QLabel(HINT)
        self.readout.setProperty("kind", "muted")
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setAccessibleName("Value pointed at")
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note = QLabel()
        self.note.setProperty("kind", "muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note.setAccessibleName("What shaded spans and marks mean")
        self.simulated = QLabel(SIMULATED)
        self.simulated.setProperty("kind", "warning")
        self.simulated.setAccessibleName("Simulated data")
        self.simulated.hide()
        self.button = ExportButton()
        self.button.asked.connect(self.export_requested)
        self._lay_out()

    def show_figure(self, figure: Figure) -> None:
        """Draw another figure; the zoom stays where the panels are the same."""
        same = [panel.axis for panel in figure.panels] == [plot.panel.axis for plot in self.plots]
        self.figure = figure
        self._point_nowhere()
        if not same:
            self._make_plots(len(figure.panels))
        for plot, panel in zip(self.plots, figure.panels, strict=True):
            plot.show_panel(panel, figure.groups)
        self.legend.show_groups(_groups(figure), self.theme)
        self.note.setText(note_of(figure))
        self.simulated.setVisible(figure.simulated and bool(figure.panels))
        self.setAccessibleDescription(described(figure))
        self._draw()
        if not same:
            self.reset()

    def highlight(self, batch: str) -> None:
        """Draw a batch above the others; "" draws none so."""
        if batch != self.highlighted:
            self.highlighted = batch
            self._draw()

    def reset(self) -> None:
        """Show all days and values."""
        for plot in self.plots:
            plot.enableAutoRange()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        self.view.setBackground(theme.surface)
        self.legend.show_groups(_groups(self.figure), theme)
        self._draw()

    def table(self, title: str) -> Sheet:
        """Return the data that are shown (hidden groups too)."""
        return sheet_of(self.figure, title)

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, "png" or "svg", with these words below it."""
        self._point_nowhere()
        return picture_of(self.view, kind, Frame(self.theme, self.legend.entries(), words, self.note.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left and right read along a batch, up and down change the batch, Home shows all."""
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if event.key() in steps and self.plots:
            self._walk(*steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self.reset()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID)
        bottom.addWidget(self.readout, 1)
        bottom.addWidget(self.simulated)
        bottom.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.legend.in_area(), 2)
        top.addWidget(self.note, 1)
        column.addLayout(top)
        column.addWidget(self.place, 1)
        column.addLayout(bottom)

    def _make_plots(self, count: int) -> None:
        self.view.clear()
        self.plots = [self.panel_kind() for _ in range(count)]
        columns = max(min(self.most_columns, count), 1)
        self.view.setMinimumHeight(_LEAST_HEIGHT * max(-(-count // columns), 1) + 30)
        for number, plot in enumerate(self.plots):
            self.view.addItem(plot, row=number // columns, col=number % columns)
            plot.getAxis("left").setWidth(44)
            lowest = number + columns >= count
            plot.setLabel("bottom", "Culture day" if lowest else None)
            plot.getAxis("bottom").setStyle(showValues=lowest)
            if number:
                plot.setXLink(self.plots[0])

    def _point_nowhere(self) -> None:
        if self._pointed is not None:
            self._pointed[0].point_nowhere()
            self._pointed = None

    def _draw(self) -> None:
        if self._pointed is not None and self._pointed[1].group in self.legend.hidden:
            self._point_nowhere()
        for number, plot in enumerate(self.plots):
            marks = self.figure.marks if number == 0 else tuple(_silent(mark) for mark in self.figure.marks)
            phases = self.figure.phases if number == 0 else ()
            plot.draw(self.theme, self.legend.hidden, self.highlighted, marks, phases)
        self.place.wait_for("" if self.plots else self.figure.empty_text)
        if not self.plots:
            self.readout.setText("")
        elif self._pointed is None:
            self.readout.setText(HINT)

    def _moved(self, place: QPointF) -> None:
        for plot in self.plots:
            if plot.vb.sceneBoundingRect().contains(place):
                self._point(plot, self._near(plot, place))
                return

    def _near(self, plot: PanelPlot, place: QPointF) -> tuple[Course, int] | None:
        at = plot.vb.mapSceneToView(place)
        found = plot.nearest(at.x(), at.y())
        if found is None:
            return None
        course, row = found
        seen = plot.vb.mapViewToScene(QPointF(course.hours[row] / 24, course.values[row]))
        near = abs(seen.x() - place.x()) < _NEAR and abs(seen.y() - place.y()) < _NEAR
        return found if near else None

    def _point(self, plot: PanelPlot, found: tuple[Course, int] | None) -> None:
        if self._pointed is not None and self._pointed[0] is not plot:
            self._pointed[0].point_nowhere()
        if found is None:
            plot.point_nowhere()
            self._pointed = None
            self.readout.setText(HINT)
            return
        self._pointed = (plot, *found)
        plot.point_at(*found)
        self.readout.setText(read(plot.panel, *found))

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.reset()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for plot in self.plots:
            if plot.vb.sceneBoundingRect().contains(event.scenePos()):
                found = self._near(plot, event.scenePos())
                self._point(plot, found)  # the arrow keys go on from here
                self.batch_clicked.emit(found[0].batch if found else "")
                return

    def _walk(self, batches: int, points: int) -> None:
        plot = self._pointed[0] if self._pointed else self.plots[0]
        hidden = self.legend.hidden
        courses = [c for c in plot.panel.courses if c.group not in hidden and np.isfinite(c.values).any()]
        if not courses:
            return
        names = [course.batch for course in courses]
        wanted = self._pointed[1].batch if self._pointed else self.highlighted
        number = names.index(wanted) if wanted in names else 0
        chosen = courses[(number + batches) % len(courses)] if self._pointed else courses[number]
        there = np.flatnonzero(np.isfinite(chosen.values))
        hour = self._pointed[1].hours[self._pointed[2]] if self._pointed else chosen.hours[there[0]]
        nearest = int(np.argmin(np.abs(chosen.hours[there] - hour)))
        place = there[min(max(nearest + points, 0), len(there) - 1)]
        self._point(plot, (chosen, int(place)))


def read(panel: Panel, course: Course, place: int) -> str:
    """Say one point: batch, culture day, value with its unit, its status, its group."""
    status = int(course.status[place]) if course.status is not None else 1
    parts = [
        f"{course.batch}" + (f" ({course.group})" if course.group else ""),
        f"day {figures(course.hours[place] / 24)}",
        f"{panel.label} {figures(float(course.values[place]))} {'' if panel.unit == '-' else panel.unit}".rstrip(),
    ]
    return ", ".join([*parts, STATUS_WORDS[status]] if status != 1 else parts)


def described(figure: Figure) -> str:
    """Say in words what a figure shows, for those who cannot see it."""
    if not figure.panels:
        return figure.empty_text
    batches = {course.batch for panel in figure.panels for course in panel.courses}
    names = ", ".join(panel.axis for panel in figure.panels)
    return f"{names} over culture days, of {len(batches)} batches. Arrow keys read the values."


def _groups(figure: Figure) -> tuple[str, ...]:
    models = dict.fromkeys(course.group for panel in figure.panels for course in panel.predicted)
    return tuple(dict.fromkeys((*figure.groups, *models)))


def _silent(mark: Any) -> Any:
    return type(mark)(mark.hour, "")
