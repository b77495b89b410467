"""Figure 6 of the paper: a value over two setpoints as colors with labeled contour lines, and the batches as dots."""

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from mabdesk.gui.plots.contour_data import KEY, Map, decimals_of, label_place, read_dot, read_place, sheet_of, stretches
from mabdesk.gui.plots.explained_plot import color_bar, name_bar, paint_bar
from mabdesk.gui.plots.export import Frame, picture_of
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.sheet import Sheet

HINT = "Point at a place or a dot to read it; click a dot to keep its batch."
_NEAR, _DOT, _MINE = 12, 10, 14  # dots of the screen
_HATCH, _LINE = 150, 200  # alpha of 255


class ContourMap(SinglePlot):
    """Shows a Map. A click on a dot tells its batch."""

    batch_clicked = Signal(str)

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.waiting = waiting
        self.map: Map | None = None
        self.highlighted = ""
        self.legend_area.hide()
        self.view.setMouseEnabled(False, False)
        self.bar = color_bar(self.view.getPlotItem())
        self.view.scene().sigMouseClicked.connect(self._clicked)

    def show_map(self, shown: Map | None, waiting: str = "") -> None:
        """Show a map; None: what it waits for."""
        self.map = shown
        self.place.wait_for("" if shown is not None else waiting or self.waiting)
        if shown is not None:
            for side, word in zip(("bottom", "left"), shown.words, strict=False):
                self.view.setLabel(side, html.escape(word))
            name_bar(self.bar, html.escape(shown.words[2]))
        self.setAccessibleDescription(self._described() if shown is not None else waiting or self.waiting)
        self._draw()

    def highlight(self, batch: str) -> None:
        """Draw the dot of a batch larger than the others."""
        if batch != self.highlighted:
            self.highlighted = batch
            self._draw()

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, with what its marks mean."""
        return picture_of(self.view, kind, Frame(self.theme, (), words, KEY))

    def table(self, title: str) -> Sheet:
        """Return the batches, and the grid."""
        return sheet_of(self.map, title)

    # -- inside --------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        plot = self.view.getPlotItem()
        plot.clear()
        self.readout.setText(HINT if self.map is not None else "")
        if self.map is None:
            return
        m, colors = self.map, pg.colormap.get("viridis")
        paint_bar(self.bar, colors, m.limits, self.theme)
        x_step, y_step = float(m.x[1] - m.x[0]), float(m.y[1] - m.y[0])
        image = pg.ImageItem(m.values, axisOrder="row-major", levels=m.limits, lut=colors.getLookupTable(nPts=256))
        whole = QRectF(m.x[0] - x_step / 2, m.y[0] - y_step / 2, x_step * len(m.x), y_step * len(m.y))
        image.setRect(whole)
        plot.addItem(image)
        plot.vb.setRange(xRange=(float(m.x[0]), float(m.x[-1])), yRange=(float(m.y[0]), float(m.y[-1])), padding=0.0)
        self._add_lines(QTransform(x_step, 0, 0, y_step, whole.left(), whole.top()))
        self._add_hatching(whole, x_step, y_step)
        self._add_dots(colors)

    def _add_lines(self, place: QTransform) -> None:
        assert self.map is not None  # noqa: S101 - `_draw` has it
        color = QColor("#000000")
        color.setAlpha(_LINE)
        decimals = decimals_of(self.map.levels)
        taken: list[tuple[float, float]] = []
        for level in self.map.levels:
            curve = pg.IsocurveItem(self.map.values, level, pg.mkPen(color, width=1.2), axisOrder="row-major")
            curve.setTransform(place)
            self.view.addItem(curve)
            at = label_place(self.map, level, taken)
            if at is not None:
                taken.append(at)
                text = pg.TextItem(f"{level:.{decimals}f}", color="#000000", anchor=(0.5, 0.5), fill="#FFFFFFC8")
                text.setPos(*at)
                self.view.addItem(text, ignoreBounds=True)

    def _add_hatching(self, whole: QRectF, x_step: float, y_step: float) -> None:
        assert self.map is not None  # noqa: S101
        if not self.map.outside.any():
            return
        path = QPainterPath()
        for row, flags in enumerate(self.map.outside):
            for start, end in stretches(flags):
                left, top = whole.left() + start * x_step, whole.top() + row * y_step
                path.addRect(QRectF(left, top, (end - start) * x_step, y_step))
        item = QGraphicsPathItem(path.simplified())
        hatch = QColor("#FFFFFF")
        hatch.setAlpha(_HATCH)
        brush = QBrush(hatch, Qt.BrushStyle.BDiagPattern)
        item.setBrush(brush)
        edge = pg.mkPen("#FFFFFF", width=1.5, style=Qt.PenStyle.DashLine)
        item.setPen(edge)
        self.hatching = _Hatching(item, brush, self.view.getPlotItem().vb)
        self.view.addItem(item, ignoreBounds=True)
        self.hatching.follow()

    def _add_dots(self, colors: Any) -> None:
        assert self.map is not None  # noqa: S101
        dots, (low, high) = self.map.dots, self.map.limits
        there = np.isfinite(dots.values)
        share = np.clip((np.nan_to_num(dots.values) - low) / (high - low), 0, 1)
        painted = colors.mapToQColor(share) if len(share) else []
        brushes = [
            pg.mkBrush(color) if known else pg.mkBrush(None) for color, known in zip(painted, there, strict=True)
        ]
        mine = [name == self.highlighted for name in dots.ids]
        pens = [pg.mkPen("#FFFFFF", width=3.5 if one else 2) for one in mine]
        sizes = [_MINE if one else _DOT for one in mine]
        if len(dots.x):
            ring = pg.ScatterPlotItem(dots.x, dots.y, size=[s + 3 for s in sizes], pen=pg.mkPen("#000000"), brush=None)
            self.view.addItem(ring, ignoreBounds=True)
            self.view.addItem(
                pg.ScatterPlotItem(dots.x, dots.y, size=sizes, pen=pens, brush=brushes), ignoreBounds=True
            )

    def nearest(self, place: QPointF) -> int | None:
        """Return the dot that is pointed at (a place in the scene)."""
        if self.map is None or not len(self.map.dots.x):
            return None
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        dots = self.map.dots
        far = ((dots.x - at.x()) / (width or 1)) ** 2 + ((dots.y - at.y()) / (height or 1)) ** 2
        row = int(np.argmin(far))
        return row if far[row] < _NEAR**2 else None

    def _moved(self, place: QPointF) -> None:
        box = self.view.getPlotItem().vb
        if self.map is None or not box.sceneBoundingRect().contains(place):
            self.readout.setText(HINT if self.map is not None else "")
            return
        dot = self.nearest(place)
        at = box.mapSceneToView(place)
        self.readout.setText(read_dot(self.map, dot) if dot is not None else read_place(self.map, at.x(), at.y()))

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.map is not None:
            dot = self.nearest(event.scenePos())
            self.batch_clicked.emit(self.map.dots.ids[dot] if dot is not None else "")

    def _described(self) -> str:
        assert self.map is not None  # noqa: S101
        m = self.map
        row, column = np.unravel_index(int(np.nanargmax(m.values)), m.values.shape)
        best = read_place(m, float(m.x[column]), float(m.y[row]))
        return f"{m.words[2]} over {m.words[0]} and {m.words[1]}, with {len(m.dots.ids)} batches. Highest: {best}"


@dataclass(eq=False)
class _Hatching:
    """Keeps the lines of a hatching as far apart on the screen however the axes are scaled."""

    item: Any
    brush: QBrush
    box: Any

    def follow(self, *_: object) -> None:
        """Undo the view's scale in the brush."""
        width, height = self.box.viewPixelSize()
        self.brush.setTransform(QTransform.fromScale(width, height))
        self.item.setBrush(self.brush)
