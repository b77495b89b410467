"""The surface in three dimensions, drawn by OpenGL. To be loaded only after a probe said that this works."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from mabdesk.gui.look import LIGHT, Theme
from mabdesk.gui.plots.contour_data import Map
from mabdesk.gui.plots.surface_painting import Eye, paint_surface

HOW = "Drag, or use the arrow keys, to turn it. Home turns it back."
_DEGREES, _STEP = 0.5, 8.0  # of a dot of the mouse; of a key
_COARSE = 2  # every second row and column: all of them take 40 ms, too long to turn it smoothly
_SAMPLES = 4
_TURNS = {
    Qt.Key.Key_Left: (-_STEP, 0.0), Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, _STEP), Qt.Key.Key_Down: (0.0, -_STEP),
}  # fmt: skip


class Surface3D(QOpenGLWidget):
    """Shows a Map; the mouse and the arrow keys turn it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.map: Map | None = None
        self.eye = Eye()
        self._held: QPointF | None = None
        chosen = QSurfaceFormat()
        chosen.setSamples(_SAMPLES)
        self.setFormat(chosen)
        self.setAccessibleName(name)
        self.setAccessibleDescription(HOW)
        self.setToolTip(HOW)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 200)

    def show_map(self, shown: Map | None) -> None:
        """Show a map; None: nothing."""
        self.map = shown
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw it as it is seen, for a picture."""
        if self.map is not None:
            paint_surface(painter, self.size(), self.map, self.eye, self.theme)

    def paintGL(self) -> None:  # noqa: N802 - Qt's name
        """Paint."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.surface))
        if self.map is not None:
            paint_surface(painter, self.size(), self.map, self.eye, self.theme, _COARSE)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to turn it."""
        self._held = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Turn it."""
        if self._held is not None:
            moved = event.position() - self._held
            self._held = event.position()
            self.eye = self.eye.turned(_DEGREES * moved.x(), _DEGREES * moved.y())
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go of it."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Turn it."""
        key = Qt.Key(event.key())
        if key in _TURNS:
            self.eye = self.eye.turned(*_TURNS[key])
        elif key == Qt.Key.Key_Home:
            self.eye = Eye()
        else:
            super().keyPressEvent(event)
            return
        self.update()
