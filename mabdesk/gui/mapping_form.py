"""The side of the Import page: what the selected column becomes, and how its table is laid out."""

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from mabdesk.data.mapping import ColumnMapping, TableMapping
from mabdesk.data.units import is_unit
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID
from mabdesk.gui.mapping_draft import (
    BATCH_WORDS,
    BECOMES,
    LAYOUT_WORDS,
    SETPOINT,
    TYPED,
    becomes,
    doubtful,
    label_of,
    offered,
    units_for,
)
from mabdesk.gui.views.mapped import sure

_ROLES = {"online": "Online", "offline": "Offline", "target": "Target", "quality": "Quality"}
_NAMED = {"tag": "Tag", "mark": "Kind of event", "event": "Kind of event"}


class ColumnForm(QWidget):
    """What one column becomes; every change is told by name."""

    becomes_changed = Signal(str)  # a key of BECOMES
    name_changed = Signal(str)
    unit_changed = Signal(str)
    role_changed = Signal(str)
    confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column: ColumnMapping | None = None
        self.about = muted_label("About the column")
        self.becomes = _choices("Becomes", "What the column becomes", BECOMES)
        self.name = _editable("Variable", "A variable of the catalog, or a name of your own")
        self.unit = _editable("Unit", "The unit that the values in the file have")
        self.role = _choices("Role", "How it is measured, or what it is used for", _ROLES)
        self.fault = muted_label("What is wrong with the unit")
        self.fault.setProperty("kind", "danger")
        self.confirm = QPushButton("Right as it is")
        self.confirm.setAccessibleName("Right as it is")
        self.confirm.setToolTip("Confirm what is proposed for this column")
        self._labels: dict[QWidget, QLabel] = {}
        self._lay_out()
        self.becomes.activated.connect(self._became)
        self.role.activated.connect(self._took_role)
        self.confirm.clicked.connect(self.confirmed)
        for box, told in ((self.name, self._named), (self.unit, self._measured)):
            box.activated.connect(told)
            _line(box).editingFinished.connect(told)

    def show_column(self, column: ColumnMapping | None) -> None:
        """Show another column, or the same one as it is now."""
        self.column = column
        self.setEnabled(column is not None)
        self.fault.hide()
        if column is None:
            self.about.setText("Select a column in the sheet or in the list.")
            return
        doubt = "? Look at this one. " if doubtful(column) else ""
        self.about.setText(
            f"{doubt}{column.cell} {column.header}: {sure(column)} % sure, {column.reason or 'proposed'}"
        )
        self.becomes.setCurrentIndex(self.becomes.findData(becomes(column)))
        variable, named = column.use == "variable", column.use in _NAMED
        measured = variable and becomes(column) != SETPOINT
        _fill(self.name, [row.label for row in offered(column.role == SETPOINT)] if variable else [], label_of(column))
        _fill(self.unit, units_for(column), column.unit)
        self.role.setCurrentIndex(self.role.findData(column.role))
        self._labels[self.name].setText(_NAMED.get(column.use, "Variable"))
        for widget, there in (
            (self.name, variable or named), (self.unit, variable or column.use == "time"), (self.role, measured),
        ):  # fmt: skip
            widget.setVisible(there)
            self._labels[widget].setVisible(there)
        self.confirm.setVisible(doubtful(column))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading("The selected column"))
        column.addWidget(self.about)
        grid = _grid(column)
        for row, widget in enumerate((self.becomes, self.name, self.unit, self.role)):
            self._labels[widget] = _row(grid, row, widget)
        column.addWidget(self.fault)
        column.addWidget(self.confirm)

    def _became(self) -> None:
        if self.column is not None and self.becomes.currentData() != becomes(self.column):
            self.becomes_changed.emit(self.becomes.currentData())

    def _took_role(self) -> None:
        if self.column is not None and self.role.currentData() != self.column.role:
            self.role_changed.emit(self.role.currentData())

    def _named(self, *_: object) -> None:
        text = self.name.currentText().strip()
        if self.column is not None and text and text not in {label_of(self.column), self.column.name}:
            self.name_changed.emit(text)

    def _measured(self, *_: object) -> None:
        unit = self.unit.currentText().strip()
        if self.column is None or unit == self.column.unit:
            self.fault.hide()
            return
        good = not unit or is_unit(unit)
        self.fault.setText("" if good else f"{unit!r} is not on the list of units: choose one of the list.")
        self.fault.setVisible(not good)
        if good:
            self.unit_changed.emit(unit)


class TableForm(QWidget):
    """How one table is laid out; every change is told by the name that it has in a TableMapping."""

    changed = Signal(str, object)
    left_out = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: TableMapping | None = None
        self.about = muted_label("About the table")
        self.layout_of = _choices(
            "Layout", "How the table is laid out", {key: text for key, text in LAYOUT_WORDS.items() if key != "none"}
        )
        self.header = QLineEdit()
        self.header.setValidator(QIntValidator(1, 1_048_576, self))
        _name(self.header, "Header row", "The row with the headers, counted from 1; of a table on its side, the column")
        self.batch_from = _choices("Batch id from", "Where the batch of a row is named", BATCH_WORDS)
        self.batch = QLineEdit()
        _name(self.batch, "Batch id", "The id of the batch that the whole table is; empty: as it is found")
        self.leave = QCheckBox("Leave this table out")
        _name(self.leave, "Leave this table out", "Nothing of this table is read")
        self._rows: dict[QWidget, QLabel] = {}
        self._lay_out()
        self.layout_of.activated.connect(self._laid_out)
        self.batch_from.activated.connect(self._from)
        self.header.editingFinished.connect(self._headed)
        self.batch.editingFinished.connect(self._batched)
        self.leave.clicked.connect(self.left_out)

    def show_table(self, table: TableMapping | None, alike: int = 1) -> None:
        """Show a table; `alike` have the same headers and are changed together."""
        self.table = table
        self.setEnabled(table is not None)
        self.about.setVisible(table is not None and alike > 1)
        self.about.setText(f"{alike} tables have these headers: they are changed together.")
        if table is None:
            self.leave.setChecked(False)
            return
        out = table.layout == "none"
        self.leave.setChecked(out)
        if not out:
            self.layout_of.setCurrentIndex(self.layout_of.findData(table.layout))
        self.header.setText(str(table.header_row))
        self.batch_from.setCurrentIndex(self.batch_from.findData(table.batch_from))
        self.batch.setText(table.batch)
        for widget in (self.layout_of, self.header, self.batch_from, self.batch):
            widget.setEnabled(not out)
        whole = table.batch_from == TYPED and alike == 1  # one id cannot be that of several tables
        self.batch.setVisible(whole)
        self._rows[self.batch].setVisible(whole)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading("Its table"))
        column.addWidget(self.about)
        grid = _grid(column)
        for row, widget in enumerate((self.layout_of, self.header, self.batch_from, self.batch)):
            self._rows[widget] = _row(grid, row, widget)
        column.addWidget(self.leave)

    def _laid_out(self) -> None:
        if self.table is not None and self.layout_of.currentData() != self.table.layout:
            self.changed.emit("layout", self.layout_of.currentData())

    def _from(self) -> None:
        if self.table is not None and self.batch_from.currentData() != self.table.batch_from:
            self.changed.emit("batch_from", self.batch_from.currentData())

    def _headed(self) -> None:
        if self.table is not None and int(self.header.text()) != self.table.header_row:
            self.changed.emit("header_row", int(self.header.text()))

    def _batched(self) -> None:
        if self.table is not None and self.batch.text().strip() != self.table.batch:
            self.changed.emit("batch", self.batch.text().strip())


def heading(text: str) -> QLabel:
    """Make a small bold heading, as forms have them."""
    label = QLabel(text)
    label.setProperty("kind", "muted")
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _choices(name: str, tip: str, words: Mapping[str, str]) -> CalmComboBox:
    box = CalmComboBox()
    for key, text in words.items():
        box.addItem(text, key)
    box.setCurrentIndex(-1)
    _name(box, name, tip)
    return box


def _editable(name: str, tip: str) -> CalmComboBox:
    box = CalmComboBox()
    box.setEditable(True)
    box.setInsertPolicy(CalmComboBox.InsertPolicy.NoInsert)
    _name(box, name, tip)
    _line(box).setAccessibleName(name)
    return box


def _name(widget: QWidget, name: str, tip: str) -> None:
    widget.setAccessibleName(name)
    widget.setToolTip(tip)


def _fill(box: CalmComboBox, offers: list[str] | tuple[str, ...], text: str) -> None:
    line = _line(box)
    if line.hasFocus() and line.isModified():  # it is being typed
        return
    if [box.itemText(row) for row in range(box.count())] != list(offers):
        box.clear()
        box.addItems(list(offers))
    box.setCurrentIndex(box.findText(text, Qt.MatchFlag.MatchExactly))
    box.setEditText(text)


def _line(box: CalmComboBox) -> QLineEdit:
    return cast("QLineEdit", box.lineEdit())  # it is editable


def _grid(column: QVBoxLayout) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(GRID // 2)
    grid.setColumnStretch(1, 1)
    column.addLayout(grid)
    return grid


def _row(grid: QGridLayout, row: int, widget: QWidget) -> QLabel:
    label = QLabel(widget.accessibleName())
    label.setBuddy(widget)
    grid.addWidget(label, row, 0)
    grid.addWidget(widget, row, 1)
    return label
