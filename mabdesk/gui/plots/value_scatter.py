"""What a variable contributed over its value, a dot a window, colored by culture day."""

import html
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures, nearly_whole
from mabdesk.gui.plots.explained_plot import ExplainedPlot, color_bar, name_bar, paint_bar, shades, sizes
from mabdesk.gui.plots.panel_plot import MUTED

HINT = "A dot a window, colored by culture day. Point at a dot to read it; click it to keep its batch."
_SHADES, _DOT, _MINE, _NEAR = 32, 6, 10, 15  # dots of the screen


class ValueScatter(ExplainedPlot):
    """Dots over a value. A click on a dot tells its batch."""

    batch_clicked = Signal(str)

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.waiting, self.key = waiting, "Color: culture day."
        self.values: Floats = np.zeros(0)
        self.told: Floats = np.zeros(0)
        self.days: Floats = np.zeros(0)
        self.batches: NDArray[np.str_] = np.zeros(0, dtype=np.str_)
        self.words, self.highlighted = ("", ""), ""
        plot = self.view.getPlotItem()
        plot.vb.setMouseMode(pg.ViewBox.RectMode)
        self.bar = color_bar(plot)
        name_bar(self.bar, "Culture day")
        self.view.scene().sigMouseClicked.connect(self._clicked)

    def show_points(
        self, x: Floats, y: Floats, days: Floats, batches: NDArray[np.str_], words: tuple[str, str], waiting: str = ""
    ) -> None:
        """Show dots (n,) of these days and batches; `words` name both axes with their units."""
        there = np.isfinite(x) & np.isfinite(y)
        self.values, self.told, self.days, self.batches = x[there], y[there], days[there], batches[there]
        self.words = words
        for side, word in zip(("bottom", "left"), words, strict=True):
            self.view.setLabel(side, html.escape(word))
        self.place.wait_for("" if len(self.values) else waiting or self.waiting)
        said = (
            f"{len(self.values)} windows: {words[1]} over {words[0]}." if len(self.values) else waiting or self.waiting
        )
        self.setAccessibleDescription(said)
        self._draw()
        self.view.enableAutoRange()

    def highlight(self, batch: str) -> None:
        """Draw the dots of a batch above the others."""
        if batch != self.highlighted:
            self.highlighted = batch
            self._draw()

    # -- inside --------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        plot = self.view.getPlotItem()
        plot.clear()
        self.say(HINT if len(self.values) else "")
        limits = (float(self.days.min()), float(self.days.max())) if len(self.days) else (0.0, 1.0)
        limits = limits if limits[1] > limits[0] else (limits[0] - 0.5, limits[1] + 0.5)
        colors = sizes(self.theme)
        paint_bar(self.bar, colors, limits, self.theme)
        pen = pg.mkPen(self.theme.muted, width=1, style=Qt.PenStyle.DashLine)
        plot.addItem(pg.InfiniteLine(0, angle=0, pen=pen))
        mine = self.batches == self.highlighted
        for rows, size, alpha in ((~mine, _DOT, MUTED if mine.any() else 255), (mine, _MINE, 255)):
            if rows.any():
                self._add(rows, size, alpha, colors, limits)

    def _add(self, rows: NDArray[np.bool_], size: int, alpha: int, colors: Any, limits: tuple[float, float]) -> None:
        brushes = []
        for color in colors.mapToQColor(np.linspace(0, 1, _SHADES)):
            color.setAlpha(alpha)
            brushes.append(pg.mkBrush(color))
        edge = pg.mkColor(self.theme.muted)  # the ends of the color map are near the ground of one theme each
        edge.setAlpha(alpha)
        shade = shades(self.days[rows], limits, _SHADES)
        self.view.addItem(
            pg.ScatterPlotItem(
                self.values[rows], self.told[rows], size=size, pen=pg.mkPen(edge, width=1),
                brush=[brushes[number] for number in shade],
            )
        )  # fmt: skip

    def nearest(self, place: QPointF) -> int | None:
        """Return the dot that is pointed at (a place in the scene)."""
        if not len(self.values):
            return None
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        far = ((self.values - at.x()) / (width or 1)) ** 2 + ((self.told - at.y()) / (height or 1)) ** 2
        row = int(np.argmin(far))
        return row if far[row] < _NEAR**2 else None

    def _moved(self, place: QPointF) -> None:
        row = self.nearest(place)
        if row is None:
            self.say(HINT if len(self.values) else "")
            return
        x, y = (figures(float(values[row])) for values in (self.values, self.told))
        day = nearly_whole(float(self.days[row]))
        self.say(f"{self.batches[row]}, day {day}: {self.words[0]} {x}, {self.words[1].lower()} {y}")

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.view.enableAutoRange()
        elif event.button() == Qt.MouseButton.LeftButton:
            row = self.nearest(event.scenePos())
            self.batch_clicked.emit(str(self.batches[row]) if row is not None else "")
