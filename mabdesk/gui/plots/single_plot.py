"""What plots with one pair of axes share: legend, readout, export, and the sentence while there is nothing to show."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.plots.export import ExportButton, Frame, picture_of
from mabdesk.gui.plots.legend import Legend
from mabdesk.gui.plots.waiting import Waiting

_LEAST_SIZE = (200, 140)


class SinglePlot(QWidget):
    """The base: `_draw` paints with the theme's colors, `_moved` reads what is pointed at (a place in the scene)."""

    export_requested = Signal(str)  # png, svg, csv, xlsx

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.theme: Theme = LIGHT
        self.view = pg.PlotWidget()
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMinimumSize(*_LEAST_SIZE)
        self.view.getPlotItem().setContentsMargins(0, 8, 8, 0)  # the outermost numbers need room
        for side in ("left", "bottom"):
            self.view.getAxis(side).enableAutoSIPrefix(False)
        self.view.scene().sigMouseMoved.connect(self._moved)
        self.legend = Legend(self)
        self.legend.changed.connect(self._draw)
        self.place = Waiting(self.view, waiting)
        self.readout = QLabel()
        self.readout.setProperty("kind", "muted")
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setAccessibleName("Value pointed at")
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = ExportButton()
        self.button.asked.connect(self.export_requested)
        self.bottom = QHBoxLayout()
        self.bottom.addWidget(self.readout, 1)
        self.bottom.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        self.legend_area = self.legend.in_area()
        column.addWidget(self.legend_area)
        column.addWidget(self.place, 1)
        column.addLayout(self.bottom)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        self.view.setBackground(theme.surface)
        for side in ("left", "bottom"):
            self.view.getAxis(side).setPen(theme.muted)
            self.view.getAxis(side).setTextPen(theme.text)
        self._draw()

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, "png" or "svg", with these words below it."""
        return picture_of(self.view, kind, Frame(self.theme, self.legend.entries(), words))

    def _draw(self) -> None:
        raise AssertionError("a plot draws itself")

    def _moved(self, place: QPointF) -> None:
        """Read what is pointed at."""
