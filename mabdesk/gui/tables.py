"""A table that can be sorted, searched, copied and exported; quick with a hundred thousand rows."""

import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mabdesk.gui.look import GRID
from mabdesk.gui.numbers import exact, shown
from mabdesk.gui.sheet import Sheet

Index = QModelIndex | QPersistentModelIndex
_WIDEST, _SAMPLED = 320, 60
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
            numbers = all(_number(row[section]) for row in self.sheet.rows[:_SAMPLED])
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


class DataTable(QWidget):
    """Shows a Sheet. Rows are named by their place in the sheet, however they are sorted."""

    row_selected = Signal(int)
    checks_changed = Signal()
    row_activated = Signal(int)  # double click or Enter
    export_requested = Signal(str)  # csv, xlsx

    def __init__(
        self, name: str, *, checkable: bool = False, find: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.model = SheetModel(checkable, self)
        self.model.checks_changed.connect(self.checks_changed)
        self.view = self._view(name)
        self.search = QLineEdit()
        if not find:
            self.search.hide()
        self._lay_out()
        self._quiet = False

    @property
    def sheet(self) -> Sheet:
        """What is shown."""
        return self.model.sheet

    def show_sheet(self, sheet: Sheet, checked: set[int] | None = None, keep: bool = False) -> None:
        """Show another sheet; with `keep` the same rows stay checked."""
        self._quiet = True
        self.model.show(sheet, self.model.checked if keep else set(checked or ()))
        if self.model.columnCount():
            self._fit_columns()
        self._quiet = False

    def checked(self) -> tuple[int, ...]:
        """Return the checked rows."""
        return tuple(sorted(self.model.checked))

    def check(self, rows: set[int]) -> None:
        """Check exactly these rows."""
        self.model.show(self.model.sheet, set(rows))
        self.checks_changed.emit()

    def current(self) -> int | None:
        """Return the selected row, None where none is."""
        rows = self.view.selectionModel().selectedRows()
        return self.model.order[rows[0].row()] if rows else None

    def select(self, row: int | None) -> None:
        """Select a row without telling anyone."""
        self._quiet = True
        if row is None or not 0 <= row < len(self.sheet.rows):
            self.view.clearSelection()
        else:
            if row in self.model.order:
                place = self.model.order.index(row)
                self.view.selectRow(place)
                self.view.scrollTo(self.model.index(place, 0))
        self._quiet = False

    def filter(self, text: str) -> None:
        """Show only rows that hold this text."""
        self.model.search(text)

    def copy(self) -> None:
        """Copy the selected rows (all, where none is) with headers, tab separated, in the fixed form of files."""
        selected = [index.row() for index in self.view.selectionModel().selectedRows()]
        places = sorted(selected) or range(len(self.model.order))
        chosen = [self.sheet.rows[self.model.order[place]] for place in places]
        lines = ["\t".join(self.sheet.headers), *("\t".join(map(exact, row)) for row in chosen)]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _view(self, name: str) -> QTableView:
        view = QTableView()
        view.setAccessibleName(name)
        view.setModel(self.model)
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.horizontalHeader().setHighlightSections(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(24)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)  # Tab leaves the table
        view.setWordWrap(False)
        view.setMinimumHeight(76)
        view.setFrameShape(QTableView.Shape.NoFrame)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._context)
        view.selectionModel().selectionChanged.connect(self._selected)
        view.activated.connect(self._activated)
        return view

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Find")
        self.search.setAccessibleName("Find in the table")
        self.search.setToolTip("Show only rows that hold this text")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.filter)
        self.button = QToolButton()
        self.button.setText("Export")
        self.button.setAccessibleName("Export the table")
        self.button.setToolTip("Copy the table, or write it as CSV or Excel")
        self.button.setAutoRaise(True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self._menu())
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        row.addStretch(1)
        row.addWidget(self.button)
        QShortcut(
            QKeySequence.StandardKey.Copy, self.view, context=Qt.ShortcutContext.WidgetShortcut
        ).activated.connect(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Copy").triggered.connect(self.copy)
        menu.addAction("CSV...").triggered.connect(self._ask_csv)
        menu.addAction("Excel...").triggered.connect(self._ask_xlsx)
        return menu

    def _context(self, place: QPoint) -> None:
        self.button.menu().popup(self.view.viewport().mapToGlobal(place))

    def _ask_csv(self) -> None:
        self.export_requested.emit("csv")

    def _ask_xlsx(self) -> None:
        self.export_requested.emit("xlsx")

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        row = self.current()
        if row is not None and not self._quiet:
            self.row_selected.emit(row)

    def _activated(self, index: QModelIndex) -> None:
        self.row_activated.emit(self.model.order[index.row()])

    def _fit_columns(self) -> None:
        metrics = self.view.fontMetrics()
        for column, header in enumerate(self.sheet.headers):
            texts = [shown(row[column]) for row in self.sheet.rows[:_SAMPLED]]
            wanted = max(metrics.horizontalAdvance(text) for text in [f"{header}  \u25be", *texts])
            box = 24 if self.model.checkable and column == 0 else 0
            self.view.setColumnWidth(column, min(wanted + 2 * GRID + box, _WIDEST))


def sort_key(value: object) -> tuple[int, float, str]:
    """Order numbers first, then texts, then what is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return (_MISSING, 0.0, "")
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value).casefold())


def _number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
