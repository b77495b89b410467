"""The question what to do with a file that was imported before and holds something else now."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.data.differences import Differences
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable

MOST_SHOWN = 20
_HEADERS = ("Batch", "Variable", "Hour", "Was", "Is", "Cell")
_SIZE = (680, 420)


class ChangedFiles(QDialog):
    """Says what differs, lists some cells, and offers to add, replace or leave; Esc leaves."""

    chosen = Signal(str)  # add, replace

    def __init__(self, again: commands.Again, found: Differences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        names = " and ".join(again.names)
        self.setWindowTitle(f"{names}: not what was imported before")
        self.setAccessibleName("Changed file")
        self.setModal(False)
        self.said = QLabel("\n".join([f"{names} is not what {again.known} was made from.", "", *found.sentences]))
        self.said.setAccessibleName("What differs")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.table = DataTable("Cells that differ")
        self.table.button.hide()  # what is shown here is an extract: to be copied, not to be exported
        self.table.view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.table.show_sheet(cells_sheet(found))
        self.table.setVisible(bool(found.values))
        rest = found.count - min(len(found.values), MOST_SHOWN)
        self.more = muted_label("Cells that are not shown")
        self.more.setText(f"{rest:,} more cells differ." if rest else "")
        self.more.setVisible(bool(rest))
        self.buttons = QDialogButtonBox()
        self._add_button("Add", "Keep every batch that is there as it is, and take the new ones beside them", "add")
        self._add_button("Replace", f"Take the changed file in place of the old one; {again.known} stays", "replace")
        leave = self._add_button("Leave", "Keep nothing", "")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for widget in (self.said, self.table, self.more, self.buttons):
            layout.addWidget(widget, 1 if widget is self.table else 0)
        leave.setDefault(True)  # once it stands in the dialog: before, the first button would be the default
        leave.setFocus()
        if found.values:
            self.resize(*_SIZE)

    def _add_button(self, text: str, tip: str, choice: str) -> QPushButton:
        role = QDialogButtonBox.ButtonRole.AcceptRole if choice else QDialogButtonBox.ButtonRole.RejectRole
        button = self.buttons.addButton(text, role)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setProperty("choice", choice)
        button.clicked.connect(self._choose)
        return button

    def _choose(self) -> None:
        choice = self.sender().property("choice")
        self.close()
        if choice:
            self.chosen.emit(choice)


def cells_sheet(found: Differences) -> Sheet:
    """Return the first cells that differ as a table."""
    rows = tuple(
        (one.batch, one.variable, one.hour, one.before, one.after, one.cell or one.cell_before)
        for one in found.values[:MOST_SHOWN]
    )
    return Sheet("Cells that differ", _HEADERS, rows)
