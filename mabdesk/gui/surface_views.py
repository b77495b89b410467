"""The contour map, which is always there, and the surface in three dimensions beside it where OpenGL works."""

import importlib
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.plots.contour import ContourMap
from mabdesk.gui.plots.contour_data import KEY, Map
from mabdesk.gui.plots.export import ExportButton, Frame, picture

FAINT = "In 3D, faint: outside experience."


class SurfaceViews(QSplitter):
    """Both show the same map."""

    export_3d_requested = Signal(str)

    def __init__(self, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setChildrenCollapsible(False)
        self.theme: Theme = LIGHT
        self.contour = ContourMap("Contour map", waiting)
        self.solid: Any = None  # the surface, once OpenGL was found to work
        self.map: Map | None = None
        self.panel = QWidget()
        self.addWidget(self.contour)
        self.addWidget(self.panel)
        self.panel.hide()

    def open_3d(self) -> None:
        """Make the surface; to be called only after a probe said that OpenGL works here."""
        if self.solid is not None:
            return
        self.solid = importlib.import_module("mabdesk.gui.plots.surface_3d").Surface3D("Surface in three dimensions")
        self.how = muted_label("How to turn the surface")
        self.how.setWordWrap(False)
        self.how.setText("Drag, or use the arrow keys, to turn it.")
        self.button = ExportButton()
        self.button.setAccessibleName("Export the surface")
        self.button.asked.connect(self.export_3d_requested)
        row = QHBoxLayout()
        row.addWidget(self.how, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.solid, 1)
        column.addLayout(row)
        self.solid.apply_theme(self.theme)
        self.solid.show_map(self.map)
        self.panel.setVisible(self.map is not None)
        self.setSizes([500, 500])

    def show_map(self, shown: Map | None, waiting: str = "") -> None:
        """Show a map; None: what it waits for."""
        self.map = shown
        self.contour.show_map(shown, waiting)
        if self.solid is not None:
            self.solid.show_map(shown)
            self.panel.setVisible(shown is not None)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        self.theme = theme
        self.contour.apply_theme(theme)
        if self.solid is not None:
            self.solid.apply_theme(theme)

    def picture_3d(self, kind: str, words: str) -> bytes:
        """Return the surface as it is seen, "png" or "svg"."""
        return picture(kind, self.solid.size(), self.solid.draw, Frame(self.theme, (), words, f"{KEY} {FAINT}"))
