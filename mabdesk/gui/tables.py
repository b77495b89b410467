"""A table that can be sorted, searched, copied and exported; quick with a hundred thousand rows."""

from PySide6.QtCore import (
    QItemSelection,
    QModelIndex,
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
from mabdesk.gui.sheet_model import SAMPLED, SheetModel

_WIDEST = 320


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
        self.model.modelAboutToBeReset.connect(self._note_selected)
        self.model.modelReset.connect(self._select_again)
        self._noted: int | None = None

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
        self.button.setText("Export table")
        self.button.setAccessibleName("Export the table")
        self.button.setToolTip("Copy the table, write it as CSV or Excel; a right click on the table offers the same")
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
        if self.model.checkable:
            menu.addSeparator()
            menu.addAction("Check all").triggered.connect(self._check_all)
            menu.addAction("Check none").triggered.connect(self._check_none)
            menu.addAction("Check the selected rows alone").triggered.connect(self._check_selected)
        return menu

    def _context(self, place: QPoint) -> None:
        self.button.menu().popup(self.view.viewport().mapToGlobal(place))

    def _ask_csv(self) -> None:
        self.export_requested.emit("csv")

    def _ask_xlsx(self) -> None:
        self.export_requested.emit("xlsx")

    def _check_all(self) -> None:
        self.check(set(self.model.order))

    def _check_none(self) -> None:
        self.check(set())

    def _check_selected(self) -> None:
        self.check({self.model.order[index.row()] for index in self.view.selectionModel().selectedRows()})

    def _note_selected(self) -> None:
        self._noted = self.current()

    def _select_again(self) -> None:
        if not self._quiet and self._noted is not None:  # sorted, or searched: the same row stays selected
            self.select(self._noted)

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        row = self.current()
        if row is not None and not self._quiet:
            self.row_selected.emit(row)

    def _activated(self, index: QModelIndex) -> None:
        self.row_activated.emit(self.model.order[index.row()])

    def _fit_columns(self) -> None:
        metrics = self.view.fontMetrics()
        for column, header in enumerate(self.sheet.headers):
            texts = [shown(row[column]) for row in self.sheet.rows[:SAMPLED]]
            wanted = max(metrics.horizontalAdvance(text) for text in [f"{header}  \u25be", *texts])
            box = 24 if self.model.checkable and column == 0 else 0
            self.view.setColumnWidth(column, min(wanted + 2 * GRID + box, _WIDEST))
