"""The network as a diagram: its layers from the window to the outputs, with shapes and parameters (Figure 1)."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mabdesk.gui.look import GRID, LIGHT, SMALL_PIXELS, Theme
from mabdesk.gui.plots.export import Frame, picture
from mabdesk.gui.sheet import Sheet
from mabdesk.models.layers import Layer

_WIDTH, _HEIGHT, _SPACE = 154, 74, 24
_COLORED = {"Convolution": 0, "LSTM": 2, "Dense": 3, "Input": 4}
HEADERS = ("Layer", "Kind", "Detail", "Output shape", "Parameters")


@dataclass(frozen=True)
class Block:
    """One box of the diagram: a layer, or a layer with those that belong to it."""

    title: str
    lines: tuple[str, ...]
    kind: str
    tip: str


class NetworkDiagram(QWidget):
    """Draws the layers left to right, in as many rows as the width needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.layers: tuple[Layer, ...] = ()
        self.blocks: tuple[Block, ...] = ()
        self.note = "The network is drawn here once there are data."
        self.setAccessibleName("Diagram of the network")
        self.setAccessibleDescription(self.note)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_layers(
        self, layers: Sequence[Layer], inputs: Sequence[str] = (), outputs: Sequence[str] = (), note: str = ""
    ) -> None:
        """Draw these layers; inputs and outputs are the names of the channels and targets.

        Without layers the note is shown instead.
        """
        self.layers = tuple(layers)
        self.blocks = blocks_of(self.layers, inputs, outputs)
        total = sum(layer.parameters for layer in self.layers)
        self.note = " ".join(filter(None, (f"{total:,} parameters." if self.layers else "", note)))
        said = "; ".join(f"{block.title}: {', '.join(block.lines)}" for block in self.blocks)
        self.setAccessibleDescription(" ".join(filter(None, (said, self.note))))
        self.updateGeometry()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        self.update()

    def table(self) -> Sheet:
        """Return the layers as a table."""
        rows = tuple(
            (layer.name, layer.kind, layer.detail, " \u00d7 ".join(map(str, layer.shape)), layer.parameters)
            for layer in self.layers
        )
        return Sheet("Network", HEADERS, rows, (self.note,))

    def picture(self, kind: str, words: str) -> bytes:
        """Return the diagram as a picture, "png" or "svg", with these words below it."""
        width = max(self.width(), 600)
        size = QSize(width, max(self.heightForWidth(width), 120))
        return picture(kind, size, functools.partial(self._draw, width=width), Frame(self.theme, words=words))

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """The height depends on how many blocks fit beside one another."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height that the rows need."""
        rows = -(-max(len(self.blocks), 1) // _columns(width))
        return rows * (_HEIGHT + _SPACE) + 3 * GRID

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a size in which all blocks fit."""
        width = max(self.width(), 3 * (_WIDTH + _SPACE))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size: one column wide, as high as it is now."""
        return QSize(_WIDTH + 2 * GRID, self.heightForWidth(max(self.width(), _WIDTH + 2 * GRID)))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw."""
        painter = QPainter(self)
        self._draw(painter, self.width())
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell about the block under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for number, block in enumerate(self.blocks):
                if _place(number, _columns(self.width())).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), block.tip, self)
                    return True
            QToolTip.hideText()
        return super().event(event)

    def _draw(self, painter: QPainter, width: int) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = _columns(width)
        for number, block in enumerate(self.blocks):
            place = _place(number, columns)
            if number:
                self._arrow(painter, _place(number - 1, columns), place)
            self._block(painter, block, place)
        painter.setPen(QColor(self.theme.muted))
        painter.setFont(_font(self.font(), SMALL_PIXELS))
        below = self.heightForWidth(width) - 2.5 * GRID if self.blocks else GRID
        painter.drawText(QRectF(GRID, below, width - 2 * GRID, 6 * GRID), Qt.TextFlag.TextWordWrap, self.note)

    def _block(self, painter: QPainter, block: Block, place: QRectF) -> None:
        color = QColor(self.theme.series[_COLORED.get(block.kind, 5)])
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(QColor(self.theme.raised))
        painter.drawRoundedRect(place, 5, 5)
        painter.setPen(QColor(self.theme.text))
        inside = place.adjusted(GRID, GRID - 2, -GRID // 2, -2)
        for number, text in enumerate((block.title, *block.lines)):
            font = _font(self.font(), SMALL_PIXELS, bold=number == 0)
            painter.setFont(font)
            metrics = QFontMetricsF(font)
            line = inside.adjusted(0, number * (metrics.height() + 1), 0, 0)
            painter.drawText(
                line, Qt.AlignmentFlag.AlignTop, metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            )

    def _arrow(self, painter: QPainter, before: QRectF, after: QRectF) -> None:
        painter.setPen(QPen(QColor(self.theme.muted), 1.5))
        if before.top() == after.top():
            y, tip = before.center().y(), after.left() - 3
            painter.drawPolyline(_points((before.right() + 3, y), (tip, y)))
            painter.drawPolyline(_points((tip - 5, y - 4), (tip, y), (tip - 5, y + 4)))
            return
        turn, start, end, tip = before.bottom() + _SPACE / 2, before.center().x(), after.center().x(), after.top() - 3
        painter.drawPolyline(_points((start, before.bottom() + 3), (start, turn), (end, turn), (end, tip)))
        painter.drawPolyline(_points((end - 4, tip - 5), (end, tip), (end + 4, tip - 5)))


def _points(*places: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places])


def blocks_of(layers: Sequence[Layer], inputs: Sequence[str], outputs: Sequence[str]) -> tuple[Block, ...]:
    """Put what belongs together into one box: a convolution with its normalization, an LSTM with its dropout."""
    blocks: list[list[Layer]] = []
    for layer in layers:
        if layer.kind in {"Batch normalization", "ReLU", "Dropout", "Input noise"} and blocks:
            blocks[-1].append(layer)
        else:
            blocks.append([layer])
    names = {0: inputs, len(blocks) - 1: outputs}
    return tuple(_block(own, names.get(number, ())) for number, own in enumerate(blocks))


def _block(own: Sequence[Layer], names: Sequence[str]) -> Block:
    head = own[0]
    shape = " \u00d7 ".join(map(str, head.shape))
    parameters = sum(layer.parameters for layer in own)
    with_it = " + ".join(layer.kind for layer in own[1:])
    lines = [f"{shape}", head.detail, f"{parameters:,} parameters" if parameters else with_it]
    whole = [f"{layer.kind}{': ' + layer.detail if layer.detail else ''}, {layer.parameters:,}" for layer in own]
    tip = "\n".join([*whole, *([", ".join(names)] if names else [])])
    title = "Outputs" if head.name == "outputs" else head.kind
    return Block(title, tuple(filter(None, lines)), head.kind, tip)


def _columns(width: int) -> int:
    return max((width - 2 * GRID + _SPACE) // (_WIDTH + _SPACE), 1)


def _place(number: int, columns: int) -> QRectF:
    row, column = divmod(number, columns)
    return QRectF(GRID + column * (_WIDTH + _SPACE), GRID + row * (_HEIGHT + _SPACE), _WIDTH, _HEIGHT)


def _font(base: QFont, pixels: int, bold: bool = False) -> QFont:
    font = QFont(base)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font
