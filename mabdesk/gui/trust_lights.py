"""Trust tests as a row of lights: a check, a cross or a question mark, each with its name; the tooltip says why."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from mabdesk.analysis.attributed import TrustTest
from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.views.attribution import spoken

_SIZE, _SCALE = 16, 2  # dots of a light; of the picture per dot of the screen
_CHECK = ((4.5, 8.2), (7.0, 10.8), (11.5, 5.4))
_CROSS = (((5.2, 5.2), (10.8, 10.8)), ((10.8, 5.2), (5.2, 10.8)))


class TrustLights(QWidget):
    """One light a test; they take a second row where one is too narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Trust tests")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.theme: Theme = LIGHT
        self.lights: tuple[Light, ...] = ()
        self._columns = 0
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(2 * GRID)
        self.grid.setVerticalSpacing(GRID // 2)

    def show_tests(self, tests: Sequence[TrustTest]) -> None:
        """Show these tests."""
        for light in self.lights:
            self.grid.removeWidget(light)
            light.hide()
            light.deleteLater()
        self.lights = tuple(Light(test, self.theme) for test in tests)
        self._columns = 0
        self._arrange()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        for light in self.lights:
            light.apply_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put as many lights into a row as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widest = max((light.sizeHint().width() for light in self.lights), default=0) + 2 * GRID
        columns = max(min((self.width() + 2 * GRID) // widest, len(self.lights)), 1)
        if columns == self._columns or not self.lights:
            return
        for column in range(max(self._columns, columns) + 1):
            self.grid.setColumnStretch(column, 1 if column == columns else 0)
        self._columns = columns
        for place, light in enumerate(self.lights):
            self.grid.addWidget(light, place // columns, place % columns)
        self.updateGeometry()


class Light(QWidget):
    """One test."""

    def __init__(self, test: TrustTest, theme: Theme) -> None:
        super().__init__()
        self.test = test
        self.setAccessibleName(spoken(test))
        self.setToolTip(spoken(test))
        self.sign, self.text = QLabel(), QLabel(test.label)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        row.addWidget(self.sign)
        row.addWidget(self.text, 1)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Paint the sign anew."""
        self.sign.setPixmap(sign_of(self.test.passed, theme))


def sign_of(passed: bool | None, theme: Theme) -> QPixmap:
    """Paint a check, a cross or a question mark in a disk of the theme's color."""
    picture = QPixmap(QSize(_SIZE, _SIZE) * _SCALE)
    picture.setDevicePixelRatio(_SCALE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = {True: theme.accent, False: theme.danger, None: theme.muted}[passed]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(QRectF(0.5, 0.5, _SIZE - 1, _SIZE - 1))
    pen = QPen(QColor(theme.surface), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if passed:
        painter.drawPolyline([QPointF(*place) for place in _CHECK])
    elif passed is False:
        for start, end in _CROSS:
            painter.drawLine(QPointF(*start), QPointF(*end))
    else:
        font = painter.font()
        font.setPixelSize(_SIZE - 5)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, _SIZE, _SIZE), Qt.AlignmentFlag.AlignCenter, "?")
    painter.end()
    return picture
