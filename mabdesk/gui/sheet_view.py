"""A sheet of a file as it is, each cell tinted by what it became, headers with a tag below their text."""

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from mabdesk.data.places import letters
from mabdesk.data.preview import SheetPreview
from mabdesk.gui.look import LIGHT, SMALL_PIXELS, Theme
from mabdesk.gui.views.mapped import TONES, Cell, Place

_ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
_ROW, _TALL, _PAD = 22, 40, 6
_NARROW, _WIDE, _SAMPLED = 56, 240, 40
_TAG_PIXELS = SMALL_PIXELS - 1
_FEW_ROWS = 8  # where no more fit, those below a header are worth more than those above it
_BODY, _HEAD = 0.15, 0.38
_STRONG = 1.6  # batch ids are told from times, which are blue too
_SERIES = {"batch": 0, "time": 5, "online": 2, "offline": 4, "target": 1, "quality": 3, "setpoint": 6}


def tints(theme: Theme) -> Mapping[str, tuple[QBrush, QBrush]]:
    """Return the grounds of a tone's cells and of its headers; what is not read is hatched."""
    made: dict[str, tuple[QBrush, QBrush]] = {}
    for tone in TONES:
        color = theme.series[_SERIES[tone]] if tone in _SERIES else theme.accent if tone == "event" else theme.muted
        strength = _STRONG if tone == "batch" else 1.0
        body, head = (QBrush(_mixed(theme.surface, color, strength * share)) for share in (_BODY, _HEAD))
        made[tone] = (body, head)
    hatch = QBrush(QColor(theme.line), Qt.BrushStyle.BDiagPattern)
    made["left"] = (hatch, hatch)
    return made


class SheetCells(QAbstractTableModel):
    """The cells in sight of a sheet, with the words for what they became."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sheet = SheetPreview("", "", (), 0, 0)
        self.became: Mapping[tuple[int, int], Cell] = {}
        self._columns = 0

    def show(self, sheet: SheetPreview, became: Mapping[tuple[int, int], Cell]) -> None:
        """Show another sheet."""
        self.beginResetModel()
        self.sheet, self.became = sheet, became
        self._columns = max(map(len, sheet.cells), default=0)
        self.endResetModel()

    def color(self, became: Mapping[tuple[int, int], Cell]) -> None:
        """Show the same sheet with other meanings."""
        self.became = became
        if self.sheet.cells:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.sheet.cells) - 1, max(self._columns - 1, 0)))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's
        return 0 if parent.isValid() else len(self.sheet.cells)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's
        return 0 if parent.isValid() else self._columns

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:  # noqa: N802, D102
        if role != _ROLE.DisplayRole:
            return None
        return letters(section) if orientation == Qt.Orientation.Horizontal else str(section + 1)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:  # noqa: D102
        if role == _ROLE.DisplayRole:
            return self.text(index.row(), index.column())
        if role == _ROLE.UserRole:
            return self.became.get((index.row(), index.column()))
        if role not in {_ROLE.ToolTipRole, _ROLE.AccessibleTextRole}:
            return None
        cell, text = self.became.get((index.row(), index.column())), self.text(index.row(), index.column())
        return "\n".join(filter(None, (text, (cell.tip or TONES[cell.tone]) if cell else ""))) or None

    def text(self, row: int, column: int) -> str:
        """Return a cell's text; rows may be shorter than the sheet is wide."""
        cells = self.sheet.cells[row]
        return cells[column] if column < len(cells) else ""


class CellPainter(QStyledItemDelegate):
    """Paints a cell's ground, its text, under a header what it became, and an outline where that is doubtful."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme, self.tints = theme, tints(theme)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        cell: Cell | None = index.data(_ROLE.UserRole)
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if cell is not None:
            painter.fillRect(box, self.tints[cell.tone][cell.header])
        self._write(painter, box.adjusted(_PAD, 0, -_PAD, 0), str(index.data() or ""), cell)
        if cell is not None and cell.doubtful:
            painter.setPen(QPen(QColor(self.theme.warning), 2, Qt.PenStyle.DashLine))
            painter.drawRect(box.adjusted(3, 3, -4, -4))
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def _write(self, painter: QPainter, box: QRect, text: str, cell: Cell | None) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        left_out = cell is not None and cell.tone == "left"
        painter.setPen(QColor(self.theme.muted if left_out else self.theme.text))
        plain = painter.font()
        if cell is not None and cell.header:
            bold = QFont(plain)
            bold.setBold(True)
            painter.setFont(bold)
        line = " ".join(text.split())
        if cell is None or not cell.tag:
            painter.drawText(box, middle, _elided(painter, line, box.width()))
            return
        upper, lower = QRect(box), QRect(box)
        upper.setBottom(box.center().y())
        lower.setTop(box.center().y())
        painter.drawText(upper, middle, _elided(painter, line, box.width()))
        small = QFont(plain)
        small.setPixelSize(_TAG_PIXELS)
        painter.setFont(small)
        painter.drawText(lower, middle, _elided(painter, cell.tag, box.width()))


class SheetTable(QTableView):
    """Shows a sheet; a selected cell tells its place, and the table and column that it belongs to."""

    cell_selected = Signal(int, int)
    place_selected = Signal(object)  # Place

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The sheet")
        self.setToolTip("The sheet as it is in the file; select a cell to see and to change what its column becomes")
        self.cells, self.painter = SheetCells(self), CellPainter(self)
        self.setModel(self.cells)
        self.setItemDelegate(self.painter)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMinimumHeight(110)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().setHighlightSections(False)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setMinimumSectionSize(_ROW)
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._moved)

    def show_sheet(self, sheet: SheetPreview, became: Mapping[tuple[int, int], Cell]) -> None:
        """Show a sheet; of the one that is shown already only the meanings change, and what is selected stays."""
        if sheet == self.cells.sheet:
            self.cells.color(became)
        else:
            self._quiet = True
            self.cells.show(sheet, became)
            self._quiet = False
        self._fit()

    def select_place(self, place: Place) -> None:
        """Select the header of a column, or its first cell, without telling anyone."""
        there = [((not cell.tag, not cell.header), at) for at, cell in self.cells.became.items() if cell.place == place]
        if there:
            self.select_cell(*min(there)[1])

    def select_cell(self, row: int, column: int) -> None:
        """Select a cell where it is in sight, without telling anyone."""
        index = self.cells.index(row, column)
        if index.isValid():
            self._quiet = True
            self.setCurrentIndex(index)
            few = self.viewport().height() < _FEW_ROWS * _ROW
            hint = QAbstractItemView.ScrollHint
            self.scrollTo(index, hint.PositionAtTop if few else hint.EnsureVisible)
            self._quiet = False

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.painter.apply_theme(theme)
        grid = f"QTableView {{ gridline-color: {theme.line}; }}"
        self.setStyleSheet(grid)
        self.viewport().update()

    def _moved(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid() and not self._quiet:
            self.cell_selected.emit(now.row(), now.column())
            cell = self.cells.became.get((now.row(), now.column()))
            if cell is not None:
                self.place_selected.emit(cell.place)

    def _fit(self) -> None:
        tagged = {row for (row, _), cell in self.cells.became.items() if cell.tag}
        for row in range(self.cells.rowCount()):
            self.setRowHeight(row, _TALL if row in tagged else _ROW)
        bold, small = QFont(self.font()), QFont(self.font())
        bold.setBold(True)  # as headers are; a little more room does no harm to the others
        small.setPixelSize(_TAG_PIXELS)
        texts_as, tags_as = QFontMetrics(bold), QFontMetrics(small)
        tags = {at[1]: cell.tag for at, cell in self.cells.became.items() if cell.tag}
        for column in range(self.cells.columnCount()):
            texts = [self.cells.text(row, column) for row in range(min(_SAMPLED, self.cells.rowCount()))]
            near = max(
                texts_as.horizontalAdvance(max(texts, key=len, default="")),
                tags_as.horizontalAdvance(tags.get(column, "")),
            )
            self.setColumnWidth(column, max(_NARROW, min(near + 3 * _PAD, _WIDE)))


def legend(cells: Iterable[Cell], theme: Theme) -> str:
    """Say as rich text what the grounds of these cells stand for."""
    there = tuple(cells)
    present = {cell.tone for cell in there}
    colors = tints(theme)
    parts = []
    for tone, words in TONES.items():
        if tone in present:
            mark = "///" if tone == "left" else "&nbsp;&nbsp;&nbsp;"
            ground = theme.raised if tone == "left" else colors[tone][1].color().name()
            parts.append(f'<span style="background-color:{ground}">&nbsp;{mark}&nbsp;</span>&nbsp;{words}')
    if any(cell.doubtful for cell in there):
        parts.append("<b>?</b>&nbsp;dashed:&nbsp;look&nbsp;at&nbsp;this&nbsp;one")
    return " &nbsp; ".join(parts)


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


def _mixed(ground: str, color: str, share: float) -> QColor:
    under, over = QColor(ground), QColor(color)
    return QColor.fromRgbF(
        under.redF() + (over.redF() - under.redF()) * share,
        under.greenF() + (over.greenF() - under.greenF()) * share,
        under.blueF() + (over.blueF() - under.blueF()) * share,
    )
