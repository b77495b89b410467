"""A value over two setpoints in three dimensions, painted: the surface, contour lines on its ground, batches as dots.

What is farther away is painted first. It needs a QPainter alone, so that a picture of it can be written anywhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPolygonF

from mabdesk.data.batch import Floats
from mabdesk.gui.look import SMALL_PIXELS, Theme
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.contour_data import Map

_MARGIN, _DOT, _GAP = 46.0, 4.5, 16.0  # dots of the screen
_HIGH = 0.62  # of the ground's width
_TICKS = 3
_EDGE, _PALE = 70, 150  # alpha of 255
_SHADES = 256


@dataclass(frozen=True)
class Eye:
    """Where one looks from, in degrees."""

    around: float = -55.0
    above: float = 28.0

    def turned(self, around: float, above: float) -> "Eye":
        """Return the eye moved; it stays above the ground."""
        return Eye((self.around + around) % 360.0, min(max(self.above + above, 5.0), 85.0))


class Projection:
    """Turns places of a map, as shares of its axes from 0 to 1, into places of the screen and depths."""

    def __init__(self, eye: Eye, size: QSize) -> None:
        around, above = math.radians(eye.around), math.radians(eye.above)
        self.side = np.array([math.cos(around), -math.sin(around), 0.0])
        self.up = np.array(
            [math.sin(around) * math.sin(above), math.cos(around) * math.sin(above), _HIGH * math.cos(above)]
        )
        self.away = np.array([math.sin(around), math.cos(around), -_HIGH * math.tan(above)])
        room = min(
            (size.width() - 2 * _MARGIN) / math.sqrt(2),
            (size.height() - 2 * _MARGIN) / (math.sqrt(2) * math.sin(above) + _HIGH * math.cos(above)),
        )
        self.scale = max(room, 10.0)
        self.middle = np.array([size.width() / 2, size.height() / 2])

    def places(self, points: Floats) -> tuple[Floats, Floats]:
        """Return (n, 2) dots of the screen and (n,) depths, larger is farther, of (n, 3) shares."""
        centered = points - 0.5
        flat = np.stack([centered @ self.side, -(centered @ self.up)], axis=1)
        return self.middle + self.scale * flat, centered @ self.away


def paint_surface(painter: QPainter, size: QSize, shown: Map, eye: Eye, theme: Theme, every: int = 1) -> None:
    """Paint a map; `every` leaves out rows and columns, so that it follows a hand that turns it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = QFont()
    font.setPixelSize(SMALL_PIXELS)
    painter.setFont(font)
    projection = Projection(eye, size)
    _paint_ground(painter, projection, shown, theme)
    _paint_fields(painter, projection, shown, theme, every)
    _paint_dots(painter, projection, shown, theme)
    _paint_axes(painter, projection, shown, theme)


def share_of(values: Floats, shown: Map) -> Floats:
    """Return where values stand between the ends of the color scale, from 0 to 1."""
    low, high = shown.limits
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _paint_ground(painter: QPainter, projection: Projection, shown: Map, theme: Theme) -> None:
    corners, _ = projection.places(np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]))
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawPolygon(_polygon(corners))
    rows, columns = shown.values.shape
    colors = pg.colormap.get("viridis")
    for level in shown.levels:
        color = colors.mapToQColor(float(share_of(np.array([level]), shown)[0]))
        painter.setPen(QPen(color, 1.6))
        for line in pg.functions.isocurve(shown.values, level, connected=True):
            ends = np.array(line, dtype=float)
            ground = np.stack([(ends[:, 1] - 0.5) / (columns - 1), (ends[:, 0] - 0.5) / (rows - 1)], axis=1)
            places, _ = projection.places(np.column_stack([np.clip(ground, 0, 1), np.zeros(len(ends))]))
            painter.drawPolyline(_polygon(places))


def _paint_fields(painter: QPainter, projection: Projection, shown: Map, theme: Theme, every: int) -> None:
    """Paint fields of the surface, the farthest first; those outside experience are pale."""
    rows, columns = shown.values.shape
    r, c = _chosen(rows, every), _chosen(columns, every)
    values, outside = shown.values[np.ix_(r, c)], shown.outside[np.ix_(r, c)]
    across, up = np.meshgrid(c / (columns - 1), r / (rows - 1))
    heights = share_of(values, shown)
    places, depths = projection.places(np.stack([across, up, heights], axis=2).reshape(-1, 3))
    places, depths = places.reshape(*values.shape, 2), depths.reshape(values.shape)
    corners = ((0, 0), (0, 1), (1, 1), (1, 0))
    cut = [(slice(i, values.shape[0] - 1 + i), slice(j, values.shape[1] - 1 + j)) for i, j in corners]
    quads = np.stack([places[one] for one in cut], axis=2).reshape(-1, 4, 2)
    far = np.mean([depths[one] for one in cut], axis=0).ravel()
    shade = np.mean([heights[one] for one in cut], axis=0).ravel()
    strange = np.any([outside[one] for one in cut], axis=0).ravel()
    brushes = [QBrush(color) for color in pg.colormap.get("viridis").mapToQColor(np.linspace(0, 1, _SHADES))]
    pale = QColor(theme.surface)
    pale.setAlpha(_PALE)
    edge = QColor(theme.surface)
    edge.setAlpha(_EDGE)
    painter.setPen(QPen(edge, 0.6))
    for n in np.argsort(-far, kind="stable"):
        painter.setBrush(brushes[int(shade[n] * (_SHADES - 1))])
        polygon = _polygon(quads[n])
        painter.drawPolygon(polygon)
        if strange[n]:
            painter.setBrush(pale)
            painter.drawPolygon(polygon)


def _paint_dots(painter: QPainter, projection: Projection, shown: Map, theme: Theme) -> None:
    """Paint batches at their values, each with a line to its place on the ground; none is hidden by the surface."""
    dots, far, feet = _dots(projection, shown)
    for n in np.argsort(-far, kind="stable"):
        _paint_dot(painter, shown, theme, int(n), dots[n], feet[n])


def _dots(projection: Projection, shown: Map) -> tuple[Floats, Floats, Floats]:
    dots = shown.dots
    if not len(dots.x):
        return np.zeros((0, 2)), np.zeros(0), np.zeros((0, 2))
    across = np.clip((dots.x - shown.x[0]) / (shown.x[-1] - shown.x[0]), 0, 1)
    up = np.clip((dots.y - shown.y[0]) / (shown.y[-1] - shown.y[0]), 0, 1)
    heights = np.nan_to_num(share_of(dots.values, shown))
    places, far = projection.places(np.stack([across, up, heights], axis=1))
    feet, _ = projection.places(np.stack([across, up, np.zeros(len(up))], axis=1))
    return places, far, feet


def _paint_dot(painter: QPainter, shown: Map, theme: Theme, row: int, place: Floats, foot: Floats) -> None:
    value = float(shown.dots.values[row])
    painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(*place), QPointF(*foot))
    known = math.isfinite(value)
    share = float(share_of(np.array([value]), shown)[0]) if known else 0.0
    painter.setPen(QPen(QColor("#FFFFFF" if theme.dark else "#000000"), 1.4))
    painter.setBrush(pg.colormap.get("viridis").mapToQColor(share) if known else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(*place), _DOT, _DOT)


def _paint_axes(painter: QPainter, projection: Projection, shown: Map, theme: Theme) -> None:
    """Write names and ends of the axes along the edges that are nearest, and the height at the leftmost corner."""
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    places, far = projection.places(corners)
    near = int(np.argmin(far))
    painter.setPen(QPen(QColor(theme.text), 1))
    for step in (-1, 1):
        other = (near + step) % 4
        axis = 0 if corners[near][0] != corners[other][0] else 1
        values = (shown.x, shown.y)[axis]
        start, end = sorted((corners[near], corners[other]), key=lambda corner: float(corner[axis]))
        outward = 1.0 if places[other][0] >= places[near][0] else -1.0
        _paint_axis(
            painter, projection, (start, end), (float(values[0]), float(values[-1])), shown.words[axis], outward
        )
    left = corners[int(np.argmin(places[:, 0]))]
    height = (left, left + np.array([0.0, 0.0, 1.0]))
    _paint_axis(painter, projection, height, shown.limits, shown.words[2], -1.0, upright=True)


def _paint_axis(
    painter: QPainter,
    projection: Projection,
    ends: Sequence[Floats],
    limits: tuple[float, float],
    word: str,
    outward: float,
    upright: bool = False,
) -> None:
    shares = np.linspace(0.0, 1.0, _TICKS)
    points = ends[0] + shares[:, None] * (np.asarray(ends[1]) - ends[0])
    places, _ = projection.places(points)
    painter.drawLine(QPointF(*places[0]), QPointF(*places[-1]))
    for share, (x, y) in list(zip(shares, places, strict=True))[int(upright) :]:  # its foot has a number already
        text = figures(limits[0] + float(share) * (limits[1] - limits[0]))
        _write(painter, text, x + outward * 6, y if upright else y + _GAP / 2, outward)
    if upright:
        box = QRectF(2, places[-1][1] - 2 * _GAP, 400, _GAP)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
    else:
        x, y = places[1]
        _write(painter, word, x + outward * _GAP, y + 1.7 * _GAP, outward)


def _write(painter: QPainter, text: str, x: float, y: float, outward: float) -> None:
    """Write a text that begins, or for `outward` below 0 ends, at x."""
    width = painter.fontMetrics().horizontalAdvance(text)
    room = painter.viewport().width()
    left = min(max(x if outward > 0 else x - width, 2.0), max(room - width - 2.0, 2.0))
    painter.drawText(QRectF(left, y - _GAP / 2, width + 2, _GAP), Qt.AlignmentFlag.AlignVCenter, text)


def _chosen(count: int, every: int) -> np.ndarray:
    return np.unique(np.concatenate([np.arange(0, count, every), [count - 1]]))


def _polygon(places: Floats) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places.tolist()])
