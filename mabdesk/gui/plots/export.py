"""The export button of a plot, and the picture of what it shows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QIODevice, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from mabdesk.gui.look import GRID, TEXT_PIXELS, Theme

KINDS = {"png": "Picture (PNG)...", "svg": "Drawing (SVG)...", "csv": "Data (CSV)...", "xlsx": "Data (Excel)..."}
_SCALE = 2  # dots of a picture per dot of the screen
_LINE, _SWATCH = 20, 24


class ExportButton(QToolButton):
    """Offers the four ways out of a plot."""

    asked = Signal(str)  # png, svg, csv or xlsx

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Export plot")
        self.setAutoRaise(True)
        self.setAccessibleName("Export the plot")
        self.setToolTip("Write the plot as a picture, or the data behind it")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self._kinds = {}
        for kind, text in KINDS.items():
            action = menu.addAction(text)
            action.triggered.connect(self._ask)
            self._kinds[action] = kind
        self.setMenu(menu)

    def _ask(self) -> None:
        kind = self._kinds.get(self.sender())  # type: ignore[call-overload]
        if kind is not None:
            self.asked.emit(kind)


@dataclass(frozen=True, eq=False)
class Frame:
    """What a picture needs once it has left the window: its legend (name, swatch), words such as SIMULATED, a note."""

    theme: Theme
    legend: Sequence[tuple[str, QPixmap]] = ()
    words: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Below:
    """A text below a picture: its place from there, and how it is written."""

    place: QRectF
    text: str
    color: str
    side: Qt.AlignmentFlag


def picture_of(view: pg.GraphicsView, kind: str, frame: Frame) -> bytes:
    """Return what a plot shows, with its legend and words, as a picture.

    Args:
        view: the plot.
        kind: "svg" draws lines and letters, "png" an image of twice the screen's dots.
        frame: what stands around the plot.
    """
    size = view.viewport().size()

    def draw(painter: QPainter) -> None:
        view.render(painter, QRectF(0, 0, size.width(), size.height()), view.viewport().rect())

    return picture(kind, size, draw, frame)


def picture(kind: str, size: QSize, draw: Callable[[QPainter], None], frame: Frame) -> bytes:
    """Return a picture of `size` dots that `draw` paints, the frame's legend above it and its words below."""
    rows = _rows(frame, size.width())
    below = _below(frame, size.width())
    top, bottom = _LINE * len(rows), math.ceil(max((text.place.bottom() for text in below), default=0.0))
    whole = QSize(size.width(), size.height() + top + bottom)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)

    def paint(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _write_frame(painter, frame, rows, whole)
        _write_below(painter, below, top + size.height())
        painter.translate(0, top)
        draw(painter)

    if kind == "svg":
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(whole)
        generator.setViewBox(QRect(0, 0, whole.width(), whole.height()))
        generator.setTitle("mabdesk")
        painter = QPainter(generator)
        paint(painter)
        painter.end()
    else:
        image = QImage(whole * _SCALE, QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(_SCALE)  # not a scaled painter: lines and dots would stay as thin as on the screen
        painter = QPainter(image)
        paint(painter)
        painter.end()
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt wants text
    return bytes(buffer.data().data())


def _rows(frame: Frame, width: int) -> list[list[tuple[str, QPixmap]]]:
    """Break the legend into rows that are no wider than the picture."""
    metrics, used = QFontMetricsF(_font()), 0.0
    rows: list[list[tuple[str, QPixmap]]] = []
    for name, swatch in frame.legend:
        wanted = _SWATCH + metrics.horizontalAdvance(name) + 3 * GRID
        if not rows or used + wanted > width:
            rows.append([])
            used = 0.0
        rows[-1].append((name, swatch))
        used += wanted
    return rows


def _write_frame(painter: QPainter, frame: Frame, rows: list[list[tuple[str, QPixmap]]], whole: QSize) -> None:
    painter.fillRect(QRect(0, 0, whole.width(), whole.height()), QColor(frame.theme.surface))
    painter.setFont(_font())
    metrics = QFontMetricsF(_font())
    for number, row in enumerate(rows):
        x, y = float(GRID), number * _LINE
        for name, swatch in row:
            size = swatch.deviceIndependentSize()
            painter.drawPixmap(round(x), round(y + (_LINE - size.height()) / 2), swatch)
            painter.setPen(QPen(QColor(frame.theme.text)))
            x += size.width() + GRID / 2
            painter.drawText(QRectF(x, y, whole.width(), _LINE), Qt.AlignmentFlag.AlignVCenter, name)
            x += metrics.horizontalAdvance(name) + 2 * GRID


def _write_below(painter: QPainter, below: list[_Below], top: float) -> None:
    for text in below:
        painter.setPen(QPen(QColor(text.color)))
        side = Qt.AlignmentFlag.AlignVCenter | text.side
        painter.drawText(text.place.translated(0, top), side | Qt.TextFlag.TextWordWrap, text.text)


def _below(frame: Frame, width: int) -> list[_Below]:
    """Place note and words: in one line where both fit, else one over the other, each broken where it is too long."""
    metrics, room = QFontMetricsF(_font()), float(width - 2 * GRID)
    line, left, right = QRectF(GRID, 0, room, _LINE), Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    said = [_Below(line, frame.note, frame.theme.muted, left), _Below(line, frame.words, frame.theme.warning, right)]
    said = [text for text in said if text.text]
    if sum(metrics.horizontalAdvance(text.text) + GRID for text in said) <= room:
        return said
    placed, top = [], 0.0
    for text in said:
        needed = metrics.boundingRect(QRectF(0, 0, room, 1e4), int(Qt.TextFlag.TextWordWrap.value), text.text).height()
        place = QRectF(GRID, top, room, max(needed, _LINE))
        placed.append(replace(text, place=place))
        top = place.bottom()
    return placed


def _font() -> QFont:
    font = QFont()
    font.setPixelSize(TEXT_PIXELS)
    return font
