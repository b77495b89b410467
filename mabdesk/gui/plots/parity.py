"""Predicted over measured values with the line where both are equal."""

import html
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.panel_plot import MUTED, SYMBOLS
from mabdesk.gui.plots.single_plot import SinglePlot

Pairs = dict[str, tuple[Floats, Floats, NDArray[np.str_]]]
EMPTY = "Predicted over measured values are drawn here once there is a result."
HINT = "Point at a dot to read it; click it to keep its batch. On the line, predicted equals measured."
_NEAR, _ICON = 15, 12  # pixels


class ParityPlot(SinglePlot):
    """Dots by group over the line of equality. A click on a dot tells its batch."""

    batch_clicked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, EMPTY, parent)
        self.pairs: Pairs = {}
        self.groups: tuple[str, ...] = ()
        self.unit, self.highlighted = "", ""
        self.view.getPlotItem().vb.setMouseMode(pg.ViewBox.RectMode)
        self.view.scene().sigMouseClicked.connect(self._clicked)
        self.readout.setText(HINT)

    def show_pairs(self, pairs: Pairs, target: str, unit: str, groups: tuple[str, ...]) -> None:
        """Show measured, predicted and batch by group; `groups` gives the order of colors (the first is Measured)."""
        self.pairs, self.groups, self.unit = pairs, groups, "" if unit == "-" else unit
        within = f" ({self.unit})" if self.unit else ""
        for side, word in (("bottom", "Measured"), ("left", "Predicted")):
            self.view.setLabel(side, html.escape(f"{word} {target}{within}"))
        self.place.wait_for("" if pairs else EMPTY)
        self._draw()
        self.view.enableAutoRange()

    def highlight(self, batch: str) -> None:
        """Draw the dots of a batch above the others."""
        if batch != self.highlighted:
            self.highlighted = batch
            self._draw()

    def _draw(self) -> None:
        self.legend.show_groups(self.groups, self.theme)
        for group, box in self.legend.boxes.items():
            box.setVisible(group in self.pairs)
            box.setIcon(self._icon(group))
        plot = self.view.getPlotItem()
        plot.clear()
        plot.addItem(self._line())
        for group, (measured, predicted, batches) in self.pairs.items():
            if group not in self.legend.hidden:
                self._add(group, measured, predicted, batches == self.highlighted)

    def _add(self, group: str, measured: Floats, predicted: Floats, mine: NDArray[np.bool_]) -> None:
        number = self.groups.index(group)
        color = pg.mkColor(self.theme.series[number % len(self.theme.series)])
        behind = pg.mkColor(color)
        behind.setAlpha(MUTED if mine.any() else 200)
        for rows, brush, size in ((~mine, behind, 6), (mine, color, 9)):
            self.view.addItem(
                pg.ScatterPlotItem(
                    measured[rows], predicted[rows], symbol=SYMBOLS[number % len(SYMBOLS)], size=size, pen=None,
                    brush=brush,
                )
            )  # fmt: skip

    def _icon(self, group: str) -> QIcon:
        number = self.groups.index(group)
        picture = QPixmap(_ICON, _ICON)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(_ICON / 2, _ICON / 2)
        color = pg.mkBrush(self.theme.series[number % len(self.theme.series)])
        drawSymbol(painter, SYMBOLS[number % len(SYMBOLS)], _ICON - 2, pg.mkPen(None), color)
        painter.end()
        return QIcon(picture)

    def _line(self) -> Any:
        pen = pg.mkPen(self.theme.muted, width=1, style=Qt.PenStyle.DashLine)
        return pg.InfiniteLine(angle=45, pen=pen)

    def nearest(self, place: QPointF) -> tuple[str, int] | None:
        """Return group and row of the dot that is pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        best: tuple[float, str, int] | None = None
        for group, (measured, predicted, _) in self.pairs.items():
            if group in self.legend.hidden or not len(measured):
                continue
            far = ((measured - at.x()) / (width or 1)) ** 2 + ((predicted - at.y()) / (height or 1)) ** 2
            row = int(np.argmin(far))
            if best is None or far[row] < best[0]:
                best = (float(far[row]), group, row)
        return best[1:] if best is not None and best[0] < _NEAR**2 else None

    def _moved(self, place: QPointF) -> None:
        found = self.nearest(place)
        if found is None:
            self.readout.setText(HINT)
            return
        group, row = found
        measured, predicted, batches = self.pairs[group]
        values = f"measured {figures(float(measured[row]))}, predicted {figures(float(predicted[row]))} {self.unit}"
        self.readout.setText(f"{batches[row]}, {group}: {values}".rstrip())

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.view.enableAutoRange()
        elif event.button() == Qt.MouseButton.LeftButton:
            found = self.nearest(event.scenePos())
            self.batch_clicked.emit(str(self.pairs[found[0]][2][found[1]]) if found else "")
