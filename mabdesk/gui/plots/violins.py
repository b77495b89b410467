"""Violins: how values are spread in groups side by side, with quartiles, median and 5-95 % whiskers."""

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPicture, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from mabdesk.analysis.density import SHARES, density
from mabdesk.data.batch import Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.sheet import Sheet

EMPTY = "Violins of the errors are drawn here once there is a result."
HINT = "Box: quartiles, line: median, whiskers: 5 to 95 %; below: samples. Point at a violin to read it."
RAMPS = {"light": ("#9ECAE1", "#08519C"), "dark": ("#C6DBEF", "#2171B5")}  # from the first part to the last
_HALF, _BOX = 0.42, 0.07  # half widths of a violin and of its box
_ICON, _LETTERS, _SHORT = 12, 18, 3
_BELOW, _ROW, _LETTER = 8, 16, 9  # pixels below the axis, of a row of words, of a letter
_GROUND = 200  # alpha of 255: of the box over its violin


@dataclass(frozen=True, eq=False)
class Heap:
    """Finite values (n,) of one part (a phase, a day) of one row of parts (a model), from so many batches."""

    row: str
    part: str
    values: Floats
    batches: int

    @property
    def quantiles(self) -> Floats:
        """The values below which 5, 25, 50, 75 and 95 % lie."""
        return np.asarray(np.quantile(self.values, SHARES) if len(self.values) else np.full(len(SHARES), np.nan))


class ViolinPlot(SinglePlot):
    """A row of violins a model, one a part, colored from the first part to the last."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, EMPTY, parent)
        self.heaps: tuple[Heap, ...] = ()
        self.parts: tuple[str, ...] = ()
        self.rows: tuple[str, ...] = ()
        self.what, self.unit = "", ""
        self.view.getPlotItem().vb.setMouseMode(pg.ViewBox.RectMode)
        self.view.getPlotItem().showGrid(x=False, y=True, alpha=0.12)
        self.view.scene().sigMouseClicked.connect(self._clicked)
        self.view.getPlotItem().vb.sigResized.connect(self._write_below)
        self.readout.setText(HINT)

    def show_heaps(self, heaps: Sequence[Heap], what: str, unit: str, waiting: str = "") -> None:
        """Show these heaps by row and part, in their order; without any, `waiting` stands in the plot's place."""
        self.heaps = tuple(heap for heap in heaps if len(heap.values))
        self.parts = tuple(dict.fromkeys(heap.part for heap in self.heaps))
        self.rows = tuple(dict.fromkeys(heap.row for heap in self.heaps))
        self.what, self.unit = what, "" if unit == "-" else unit
        self._shapes = [density(heap.values) for heap in self.heaps]  # None: dots
        self.view.setLabel("left", html.escape(f"{what} ({self.unit})" if self.unit else what))
        self.place.wait_for("" if self.heaps else waiting or EMPTY)
        self.setAccessibleDescription(". ".join(map(self._said, self.heaps)) or waiting or EMPTY)
        self._draw()
        self.view.enableAutoRange()

    def table(self, title: str) -> Sheet:
        """Return quantiles and mean of every heap."""
        unit = f" ({self.unit})" if self.unit else ""
        headers = ("Model", "Part", "Samples", "Batches", *(f"{100 * s:g} %{unit}" for s in SHARES), f"Mean{unit}")
        rows = tuple(
            (h.row, h.part, len(h.values), h.batches, *h.quantiles.tolist(), float(h.values.mean())) for h in self.heaps
        )
        return Sheet(title, headers, rows, (f"{self.what}, quantiles over samples.",))

    def places(self) -> Floats:
        """Return where on the x axis each heap stands: parts side by side, a space between rows."""
        step = len(self.parts) + 1
        at = [self.rows.index(heap.row) * step + self.parts.index(heap.part) for heap in self.heaps]
        return np.asarray(at, dtype=np.float64)

    def color(self, part: str) -> QColor:
        """Return a part's color: light blue for the first, dark blue for the last."""
        first, last = RAMPS["dark" if self.theme.dark else "light"]
        colors = pg.ColorMap([0, 1], [QColor(first), QColor(last)])
        mixed: QColor = colors.map(self.parts.index(part) / max(len(self.parts) - 1, 1), mode="qcolor")
        return mixed

    # -- inside --------------------------------------------------------------------------------------------------

    _shapes: Sequence[tuple[Floats, Floats] | None] = ()

    def _draw(self) -> None:
        named = self.parts if len(self.rows) > 1 and not self._short else ()
        self.legend.show_groups(named, self.theme)
        self.legend_area.setVisible(bool(named))
        for part, box in self.legend.boxes.items():
            box.setIcon(self._icon(part))
        plot = self.view.getPlotItem()
        plot.clear()
        plot.addItem(pg.InfiniteLine(0, angle=0, pen=pg.mkPen(self.theme.muted, width=1, style=Qt.PenStyle.DashLine)))
        picture = QPicture()
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for heap, shape, x in zip(self.heaps, self._shapes, self.places().tolist(), strict=True):
            if heap.part in self.legend.hidden:
                continue
            if shape is None:
                plot.addItem(self._dots(heap, x))
            else:
                self._paint(painter, heap, shape, x)
        painter.end()
        plot.addItem(_Painted(picture, self._room()))
        self._write_below()

    def _write_below(self, *_: object) -> None:
        """Write below as many samples as there is room for, and every model."""
        ticks = self._ticks()
        self.view.getAxis("bottom").setTicks([ticks, []])
        self.view.getAxis("bottom").setHeight(
            _BELOW + _ROW * max((text.count("\n") + 1 for _, text in ticks), default=1)
        )

    def _room(self) -> QRectF:
        shown = [heap.values for heap in self.heaps if heap.part not in self.legend.hidden]
        if not shown:
            return QRectF()
        low, high = min(float(v.min()) for v in shown), max(float(v.max()) for v in shown)
        return QRectF(-0.5, low, float(self.places().max()) + 1, max(high - low, 1e-12))

    def _dots(self, heap: Heap, x: float) -> Any:
        pen = pg.mkPen(self.theme.muted, width=0.5)
        return pg.ScatterPlotItem(
            np.full(len(heap.values), x), heap.values, size=6, brush=self.color(heap.part), pen=pen
        )

    def _paint(self, painter: QPainter, heap: Heap, shape: tuple[Floats, Floats], x: float) -> None:
        heights, dense = shape
        across = x + _HALF * np.concatenate([-dense, dense[::-1]])
        sides = zip(across.tolist(), np.concatenate([heights, heights[::-1]]).tolist(), strict=True)
        painter.setPen(pg.mkPen(self.theme.muted, width=1))
        painter.setBrush(self.color(heap.part))
        painter.drawPolygon(QPolygonF([QPointF(*at) for at in sides]))
        low, first, middle, third, high = heap.quantiles.tolist()
        ground = QColor(self.theme.surface)
        ground.setAlpha(_GROUND)
        painter.setPen(pg.mkPen(self.theme.text, width=1))
        painter.setBrush(ground)
        painter.drawLine(QPointF(x, low), QPointF(x, first))
        painter.drawLine(QPointF(x, third), QPointF(x, high))
        painter.drawRect(QRectF(x - _BOX, first, 2 * _BOX, third - first))
        painter.setPen(pg.mkPen(self.theme.text, width=2.5))
        painter.drawLine(QPointF(x - _BOX, middle), QPointF(x + _BOX, middle))

    @property
    def _short(self) -> bool:
        """Whether the parts' names have room under their violins however many there are: days have."""
        return all(len(part) <= _SHORT for part in self.parts)

    def _ticks(self) -> list[tuple[float, str]]:
        """Return what stands below: the parts' names where the legend does not say them, samples, and the models."""
        pairs = list(zip(self.places().tolist(), self.heaps, strict=True))
        named = self._short or len(self.rows) <= 1
        ticks = [(x, f"{heap.part}\n{len(heap.values)}" if named else str(len(heap.values))) for x, heap in pairs]
        wide = max((len(line) for _, text in ticks for line in text.split("\n")), default=0) * _LETTER + 2
        room = self.view.getPlotItem().vb.width() / max(len(self.rows) * (len(self.parts) + 1), 1)
        every = max(math.ceil(wide / max(room, 1)), 1)
        ticks = [tick for tick, heap in zip(ticks, self.heaps, strict=True) if not self.parts.index(heap.part) % every]
        if len(self.rows) <= 1:
            return ticks
        for row in self.rows:
            mine = [x for x, heap in pairs if heap.row == row]
            ticks.append((sum(mine) / len(mine), ("\n\n" if named else "\n") + self._wrapped(row)))
        return ticks

    def _wrapped(self, row: str) -> str:
        """Break a model's name into two rows at most, as wide as its violins are."""
        return "\n".join(textwrap.wrap(row, max(_LETTERS * len(self.parts) // 4, _LETTERS))[:2])

    def _icon(self, part: str) -> QIcon:
        picture = QPixmap(_ICON, _ICON)
        picture.fill(self.color(part))
        return QIcon(picture)

    def nearest(self, place: QPointF) -> Heap | None:
        """Return the heap that is pointed at (a place in the scene)."""
        at, places = self.view.getPlotItem().vb.mapSceneToView(place), self.places()
        if not len(places):
            return None
        number = int(np.argmin(np.abs(places - at.x())))
        return self.heaps[number] if abs(places[number] - at.x()) <= 0.5 else None

    def _moved(self, place: QPointF) -> None:
        heap = self.nearest(place)
        self.readout.setText(HINT if heap is None else self._said(heap))

    def _said(self, heap: Heap) -> str:
        low, first, middle, third, high = (figures(value) for value in heap.quantiles.tolist())
        of = f"{len(heap.values)} samples of {heap.batches} {'batch' if heap.batches == 1 else 'batches'}"
        spread = f"median {middle}, half from {first} to {third}, 90 % from {low} to {high} {self.unit}".rstrip()
        return f"{heap.row}, {heap.part}: {spread}; {of}"

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.view.enableAutoRange()


class _Painted(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph ships no types
    """All violins as one item: an item for each of their lines would cost a hundred times the frame."""

    def __init__(self, picture: QPicture, room: QRectF) -> None:
        super().__init__()
        self.drawn, self.room = picture, room

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Play what was painted."""
        painter.drawPicture(0, 0, self.drawn)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """Return the room of what was painted."""
        return self.room
