"""Which color is which group: check boxes, so that a group can be hidden by mouse and by key."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.panel_plot import STYLES

_WIDTH, _HEIGHT, _ROW = 24, 12, 30


class Legend(QWidget):
    """One check box a group; `hidden` are those that are not checked."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend")
        self.boxes: dict[str, QCheckBox] = {}
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2 * GRID)
        self.row.addStretch(1)

    @property
    def hidden(self) -> frozenset[str]:
        """The groups that are not drawn."""
        return frozenset(group for group, box in self.boxes.items() if not box.isChecked())

    def show_groups(self, groups: tuple[str, ...], theme: Theme) -> None:
        """List the groups in the order of their colors; those that were hidden stay so."""
        named = groups if any(groups) else ()
        if tuple(self.boxes) != named:
            hidden = self.hidden
            for box in self.boxes.values():
                self.row.removeWidget(box)
                box.hide()  # it lives until the event loop comes round, and must not be seen till then
                box.deleteLater()
            self.boxes = {group: self._box(group, group not in hidden) for group in named}
        for number, box in enumerate(self.boxes.values()):
            box.setIcon(swatch(number, theme))
            box.setMinimumWidth(box.minimumSizeHint().width())  # whatever the layout measured before the style came

    def entries(self) -> list[tuple[str, QPixmap]]:
        """Return name and swatch of every group that is drawn, for a picture that leaves the window."""
        left_out = Qt.WidgetAttribute.WA_WState_ExplicitShowHide  # a new box counts as hidden until it is laid out
        return [
            (group or "other", box.icon().pixmap(box.iconSize()))
            for group, box in self.boxes.items()
            if box.isChecked() and not (box.isHidden() and box.testAttribute(left_out))
        ]

    def in_area(self) -> QScrollArea:
        """Put the legend into an area of one row that scrolls sideways where there are many groups."""
        area = QScrollArea()
        area.setWidget(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(_ROW)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("Legend")
        return area

    def _box(self, group: str, shown: bool) -> QCheckBox:
        box = QCheckBox((group or "other").replace("&", "&&"))  # one alone would be a key
        box.setChecked(shown)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)  # the area scrolls: nothing is cut
        box.setIconSize(QSize(_WIDTH, _HEIGHT))
        box.setAccessibleName(f"Show {group or 'other'}")
        box.setToolTip(f"Show or hide {group or 'other'}")
        box.toggled.connect(self._tell)
        self.row.insertWidget(self.row.count() - 1, box)
        box.ensurePolished()
        box.updateGeometry()  # the style's check box is wider than the one it was measured with
        return box

    def _tell(self) -> None:
        self.changed.emit()


def swatch(number: int, theme: Theme) -> QIcon:
    """Paint the line of a group, by its place in the order of colors."""
    color, style = theme.series[number % len(theme.series)], STYLES[number % len(STYLES)]
    picture = QPixmap(_WIDTH, _HEIGHT)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setPen(QPen(QColor(color), 2.5, style))
    painter.drawLine(0, _HEIGHT // 2, _WIDTH, _HEIGHT // 2)
    painter.end()
    return QIcon(picture)
