"""A sheet as Qt's tables want it: sorted, searched, checked."""

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from mabdesk.gui.numbers import exact, shown
from mabdesk.gui.sheet import Sheet

Index = QModelIndex | QPersistentModelIndex
SAMPLED = 60  # rows that tell what a column holds
_MISSING = 2
_ROLE = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class SheetModel(QAbstractTableModel):
    """Gives a sheet to Qt; with `checkable` the first column bears a check box a row."""

    checks_changed = Signal()

    def __init__(self, checkable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.sheet = Sheet("", (), ())
        self.checkable = checkable
        self.checked: set[int] = set()
        self.order: list[int] = []  # the sheet's rows as they are shown: sorted, and only those that are searched for
        self._sorting: tuple[int, bool] = (-1, False)
        self._wanted = ""
        self._texts: list[str] = []

    def show(self, sheet: Sheet, checked: set[int]) -> None:
        """Replace everything; sorting and search stay."""
        self.beginResetModel()
        if len(sheet.headers) != len(self.sheet.headers):
            self._sorting = (-1, False)
        self.sheet, self.checked, self._texts = sheet, checked, []
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is the sheet's own order."""
        self._sorting = (column, order == Qt.SortOrder.DescendingOrder)
        self._rearrange()

    def search(self, text: str) -> None:
        """Show only rows that hold this text."""
        self._wanted = text.casefold()
        self._rearrange()

    def _rearrange(self) -> None:
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        rows = self.sheet.rows
        chosen = list(range(len(rows)))
        if self._wanted:
            self._texts = self._texts or ["\t".join(map(shown, row)).casefold() for row in rows]
            chosen = [row for row in chosen if self._wanted in self._texts[row]]
        column, descending = self._sorting
        if 0 <= column < len(self.sheet.headers):
            there = [row for row in chosen if sort_key(rows[row][column])[0] < _MISSING]
            missing = [row for row in chosen if sort_key(rows[row][column])[0] == _MISSING]
            there.sort(key=lambda row: sort_key(rows[row][column]), reverse=descending)
            chosen = there + missing
        self.order = chosen

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's
        return 0 if parent.isValid() else len(self.sheet.headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:  # noqa: N802, D102
        if orientation == Qt.Orientation.Horizontal and role == _ROLE.DisplayRole:
            return self.sheet.headers[section]
        if orientation == Qt.Orientation.Horizontal and role == _ROLE.TextAlignmentRole:
            numbers = all(_number(row[section]) for row in self.sheet.rows[:SAMPLED])
            return _RIGHT if numbers and self.sheet.rows else _LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:  # noqa: D102
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if self.checkable and index.column() == 0 else flags

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:  # noqa: D102
        value = self.sheet.rows[self.order[index.row()]][index.column()]
        if role in {_ROLE.DisplayRole, _ROLE.AccessibleTextRole}:
            return shown(value)
        if role == _ROLE.ToolTipRole:
            return exact(value) or "nothing there"
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT if _number(value) else _LEFT
        if role == _ROLE.CheckStateRole and self.checkable and index.column() == 0:
            return Qt.CheckState.Checked if self.order[index.row()] in self.checked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:  # noqa: N802, D102 - Qt's
        if role != _ROLE.CheckStateRole or not self.checkable:
            return False
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.checked.add(self.order[index.row()])
        else:
            self.checked.discard(self.order[index.row()])
        self.dataChanged.emit(index, index, [role])
        self.checks_changed.emit()
        return True


def sort_key(value: object) -> tuple[int, float, str]:
    """Order numbers first, then texts, then what is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return (_MISSING, 0.0, "")
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value).casefold())


def _number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
