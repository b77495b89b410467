"""The plans that are kept for comparison: a list with their colors, names that can be changed, and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.plan_desk import MOST_PINNED, PlanDesk
from mabdesk.gui.plots.legend import swatch

_ROWS, _ROW = 4, 24
HOW = "F2 renames, Delete removes, Enter takes a pinned plan to the sliders."


class PinnedList(QWidget):
    """Shows and changes the desk's pinned plans; `taken` tells that one of them is the plan at hand now."""

    taken = Signal()

    def __init__(self, desk: PlanDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.theme: Theme = LIGHT
        self.setAccessibleName("Pinned plans")
        self.pin = _button("Pin", f"Keep this plan for comparison, at most {MOST_PINNED}", self._pin)
        self.reset = _button("Usual plan", "Set every setpoint to what was usual", desk.reset)
        self.list = _List()
        self.list.setAccessibleName("Pinned plans")
        self.list.setToolTip(HOW)
        self.list.setFixedHeight(_ROWS * _ROW)
        self.take = _button("To the sliders", "Set the sliders to the chosen pinned plan", self._take)
        self.remove = _button("Remove", "Let go of the chosen pinned plan", self._remove)
        self.said = muted_label("About pinned plans")
        self._quiet = False
        self._lay_out()
        self.list.itemChanged.connect(self._renamed)
        self.list.activated_by_key.connect(self._take)
        self.list.removed_by_key.connect(self._remove)
        self.list.currentRowChanged.connect(self._allow)
        desk.pinned_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the pinned plans; the first color is that of the plan at hand."""
        self._quiet = True
        row = self.list.currentRow()
        self.list.clear()
        for number, plan in enumerate(self.desk.pinned, start=1):
            item = QListWidgetItem(swatch(number, self.theme), plan.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, len(self.desk.pinned) - 1))
        self._quiet = False
        self.said.setText("" if self.desk.pinned else "Nothing pinned yet: pinned plans are drawn beside this one.")
        self._allow()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(_row(self.pin, self.reset))
        column.addWidget(self.list)
        column.addLayout(_row(self.take, self.remove))
        column.addWidget(self.said)

    def _allow(self, *_: object) -> None:
        there = self.desk.model is not None
        self.pin.setEnabled(there and len(self.desk.pinned) < MOST_PINNED)
        self.reset.setEnabled(there)
        chosen = 0 <= self.list.currentRow() < len(self.desk.pinned)
        self.take.setEnabled(chosen)
        self.remove.setEnabled(chosen)
        self.said.setVisible(bool(self.said.text()))

    def _pin(self) -> None:
        self.desk.pin()
        self.list.setCurrentRow(len(self.desk.pinned) - 1)

    def _take(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.desk.pinned):
            plan = self.desk.pinned[row]
            self.desk.set_plan(plan.settings, plan.tags)
            self.taken.emit()

    def _remove(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.desk.pinned):
            self.desk.remove(row)

    def _renamed(self, item: QListWidgetItem) -> None:
        if self._quiet:
            return
        row = self.list.row(item)
        why = self.desk.rename(row, item.text())
        if why:
            self.refresh()
            self.said.setText(why)
            self._allow()


class _List(QListWidget):
    """A list that Enter and Delete act upon."""

    activated_by_key = Signal()
    removed_by_key = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter takes, Delete removes; the rest as ever."""
        editing = self.state() == QListWidget.State.EditingState
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if not editing and plain and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.activated_by_key.emit()
        elif not editing and plain and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removed_by_key.emit()
        else:
            super().keyPressEvent(event)


def _row(left: QPushButton, right: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GRID // 2)
    row.addWidget(left)
    row.addWidget(right, 1)
    return row


def _button(text: str, tip: str, do: object) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.clicked.connect(do)
    return button
