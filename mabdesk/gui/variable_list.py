"""The list from which variables are chosen to be drawn."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mabdesk.data.batch import Variable
from mabdesk.gui.views.batches import name_of
from mabdesk.gui.views.courses import MOST_PANELS

_ROWS, _ROW_HEIGHT = 8, 21


class VariableList(QWidget):
    """Names with units, each with a check box; at most six can be drawn."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName("Variables to draw")
        self.list.setToolTip(f"Up to {MOST_PANELS} variables are drawn")
        self.list.setFixedHeight(_ROWS * _ROW_HEIGHT)
        self.list.itemChanged.connect(self._tell)
        self.setFocusProxy(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)

    def offer(self, variables: Sequence[Variable], chosen: Sequence[str]) -> None:
        """List the variables and check these; what was checked before stays so where it is still there."""
        before = self.chosen()
        names = [variable.name for variable in variables]
        wanted = [name for name in before if name in names] or list(chosen)
        self.list.blockSignals(True)
        self.list.clear()
        for variable in variables:
            unit = f" ({variable.unit})" if variable.unit not in {"", "-", name_of(variable)} else ""
            item = QListWidgetItem(name_of(variable) + unit)
            item.setData(Qt.ItemDataRole.UserRole, variable.name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            there = variable.name in wanted
            item.setCheckState(Qt.CheckState.Checked if there else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def chosen(self) -> tuple[str, ...]:
        """Return the names of the checked variables, in the list's order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def _tell(self, item: QListWidgetItem) -> None:
        if len(self.chosen()) > MOST_PANELS:
            item.setCheckState(Qt.CheckState.Unchecked)
            return
        self.changed.emit()
