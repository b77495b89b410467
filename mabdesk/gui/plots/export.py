"""The export button of a plot, and the picture of its scene."""

from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

KINDS = {"png": "Picture (PNG)...", "svg": "Drawing (SVG)...", "csv": "Data (CSV)...", "xlsx": "Data (Excel)..."}
_SCALE = 2  # dots of a picture per dot of the screen


class ExportButton(QToolButton):
    """Offers the four ways out of a plot."""

    asked = Signal(str)  # png, svg, csv or xlsx

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Export")
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


def write_picture(view: pg.GraphicsView, path: Path) -> None:
    """Write what a plot shows: SVG as lines and letters, anything else as an image of twice the screen's dots."""
    size = view.viewport().size()
    if path.suffix.lower() == ".svg":
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(size)
        generator.setViewBox(view.viewport().rect())
        generator.setTitle("mabdesk")
        _paint(view, generator)
        return
    image = QImage(QSize(size.width() * _SCALE, size.height() * _SCALE), QImage.Format.Format_ARGB32)
    image.fill(view.backgroundBrush().color())
    _paint(view, image)
    if not image.save(str(path)):
        raise OSError(f"{path} could not be written")


def _paint(view: pg.GraphicsView, device: QImage | QSvgGenerator) -> None:
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.render(painter)
    painter.end()
