"""Vertical lines with words on them (events, phases), arranged so that the words neither meet nor run off the panel."""

from dataclasses import dataclass, field
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from mabdesk.gui.look import Theme

_FAINT, _GROUND = 120, 190  # alpha of 255: of a line, and of the ground behind its words
_POINTS, _GAP = 8, 8  # size of the words; dots between two of them
_ROW, _TOP, _BOTTOM = 15.0, 2.0, 2.0  # dots
_LEFT_OF, _RIGHT_OF = (1.0, 0.0), (0.0, 0.0)  # which corner of the words lies on the line


@dataclass(eq=False)
class Marks:
    """The lines of one panel. `top` words stand in rows from the top, others from the bottom."""

    theme: Theme
    lines: list[tuple[float, Any, bool, float]] = field(default_factory=list)  # day, label, at the top, width in dots

    def line(self, day: float, text: str, style: Qt.PenStyle, top: bool) -> Any:
        """Return a line for the panel to hold; its words, if any, are placed by `arrange`."""
        color = pg.mkColor(self.theme.muted)
        color.setAlpha(_FAINT)
        made = pg.InfiniteLine(day, pen=pg.mkPen(color, width=1, style=style))
        if text:
            ground = pg.mkColor(self.theme.surface)
            ground.setAlpha(_GROUND)
            plain = text.replace("{", "{{").replace("}", "}}")  # pyqtgraph takes braces for a format
            made.label = pg.InfLineLabel(
                made, plain, anchors=[_RIGHT_OF, _RIGHT_OF], color=self.theme.muted, fill=pg.mkBrush(ground)
            )
            made.label.setFont(_font())
            made.label.setZValue(20)
            self.lines.append((day, made.label, top, QFontMetricsF(_font()).horizontalAdvance(text) + _GAP))
        return made

    def arrange(self, box: Any) -> None:
        """Place all words for what a view box shows now; those that have no room are left out."""
        (first, last), (width, height) = box.viewRange()[0], (box.width(), box.height())
        if not self.lines or last <= first or width <= 0 or height <= 0:
            return
        used = 0.0  # dots of height that the words at the top take
        for top in (True, False):
            taken: list[float] = []  # the right end of the words in every row so far
            for day, label, at_top, wide in sorted((line for line in self.lines if line[2] is top), key=_day):
                x = (day - first) / (last - first) * width
                left = x + wide > width and x > width / 2  # the side that has more room
                start = x - wide if left else x
                row, rows = placed(start, wide, taken)
                fits = 0 <= x <= width and start >= 0 and start + wide <= width
                label.setVisible(fits and used + len(rows) * _ROW <= height)
                if fits:
                    taken = rows
                    label.anchors = [_LEFT_OF, _LEFT_OF] if left else [_RIGHT_OF, _RIGHT_OF]
                    dots = _TOP + row * _ROW
                    label.setPosition(1 - dots / height if at_top else (_BOTTOM + (row + 1) * _ROW) / height)
            used += len(taken) * _ROW


def placed(start: float, wide: float, taken: list[float]) -> tuple[int, list[float]]:
    """Return the first row in which words fit that begin at `start`, and the right ends of all rows with them."""
    for row, end in enumerate(taken):
        if start >= end:
            return row, [*taken[:row], start + wide, *taken[row + 1 :]]
    return len(taken), [*taken, start + wide]


def _day(line: tuple[float, Any, bool, float]) -> float:
    return line[0]


def _font() -> QFont:
    font = QFont()
    font.setPointSize(_POINTS)
    return font
