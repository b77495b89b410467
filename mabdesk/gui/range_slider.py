"""A slider that shows which of its range was run and what was usual, and a number that the wheel leaves alone."""

from typing import Protocol

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSlider

from mabdesk.gui.look import LIGHT, Theme

STEPS = 400  # places of a slider
_HALF, _TICK, _STRIP = 5, 5, 4  # dots: of the handle; length of the mark; height of the shaded range


class Ranged(Protocol):
    """What a slider shows: its ends, which part of it was run, and what was usual."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""

    @property
    def run_low(self) -> float:
        """The least that was run."""

    @property
    def run_high(self) -> float:
        """The most that was run."""

    @property
    def usual(self) -> float:
        """What was usual."""


class CalmSpinBox(QDoubleSpinBox):
    """A number that the wheel changes only where it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGroupSeparatorShown(False)
        self.setFixedWidth(84)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the scroll area unless this has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class RangeSlider(QSlider):
    """A slider with the range that was run as a shaded strip, and a mark at what was usual; Home takes that."""

    def __init__(self, span: Ranged) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.span = span
        self.theme: Theme = LIGHT
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 40)
        self.setPageStep(STEPS // 8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Leave room for the mark."""
        return QSize(super().sizeHint().width(), 22)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Home takes the usual value; other keys move as in any slider."""
        if event.key() == Qt.Key.Key_Home:
            self.setValue(round(STEPS * self._share(self.span.usual)))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the handle to the mouse."""
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let the handle follow the mouse."""
        self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go of the handle."""
        self.setSliderDown(False)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the scroll area unless this has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint groove, strip, mark and handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, theme = self.height() / 2, self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(QRectF(_HALF, middle - 1, self.width() - 2 * _HALF, 2), 1, 1)
        strip = QColor(theme.accent)
        strip.setAlpha(90)
        painter.setBrush(strip)
        left, right = self._x(self._share(self.span.run_low)), self._x(self._share(self.span.run_high))
        painter.drawRect(QRectF(left, middle - _STRIP / 2, right - left, _STRIP))
        painter.setPen(QPen(QColor(theme.text), 1))
        usual = self._x(self._share(self.span.usual))
        painter.drawLine(round(usual), round(middle - _TICK), round(usual), round(middle + _TICK))
        place = self._x((self.value() - self.minimum()) / max(self.maximum() - self.minimum(), 1))
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.surface), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QRectF(place - _HALF - 1, middle - _HALF - 1, 2 * _HALF + 2, 2 * _HALF + 2))
        painter.end()

    def _share(self, value: float) -> float:
        width = self.span.high - self.span.low
        return min(max((value - self.span.low) / width, 0.0), 1.0) if width > 0 else 0.5

    def _x(self, share: float) -> float:
        return _HALF + 1 + share * (self.width() - 2 * _HALF - 2)

    def _follow(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            share = (event.position().x() - _HALF - 1) / max(self.width() - 2 * _HALF - 2, 1)
            self.setValue(round(STEPS * min(max(share, 0.0), 1.0)))
        event.accept()
