"""What one sees before a project is open: how to begin."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from mabdesk.gui import preferences
from mabdesk.gui.look import GRID

ACTIONS = (
    (
        "open_demo",
        "Open the demo",
        "50 simulated batches, read and cleaned in about a minute, in a fresh folder of your documents.",
    ),
    ("new_project", "New project...", "One file that keeps your data, models, and all that was done."),
    ("open_project", "Open a project...", "Go on with what you have."),
    ("ask_import", "Import batch records...", "Excel or CSV; a project is made for them. Or drop a file anywhere."),
    ("save_template", "Empty workbook...", "A workbook to fill in, where your own does not suit."),
)


class StartPane(QWidget):
    """The first things to do, each with a sentence, and the recent projects."""

    action = Signal(str)
    chosen = Signal(str)  # the path of a recent project

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Start")
        self.buttons: dict[QPushButton, str] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID)
        for row, (name, text, sentence) in enumerate(ACTIONS):
            grid.addWidget(self._button(name, text, sentence), row, 0)
            grid.addWidget(_told(sentence), row, 1)
        grid.setColumnStretch(1, 1)
        self.recent = QListWidget()
        self.recent.setAccessibleName("Recent projects")
        self.recent.setToolTip("Enter or double click opens the project")
        self.recent.setFrameShape(QListWidget.Shape.NoFrame)
        self.recent.itemActivated.connect(self._choose)
        self.recent.setMinimumHeight(60)
        self.title = QLabel("Recent projects (double click, or Enter, opens one)")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(grid)
        column.addSpacing(2 * GRID)
        column.addWidget(self.title)
        column.addWidget(self.recent, 1)
        column.addStretch(1)

    def refresh(self) -> None:
        """List the recent projects that are remembered; one that is gone is shown so."""
        self.recent.clear()
        for text in preferences.load().recent:
            path = Path(text)
            there = path.exists()
            when = datetime.fromtimestamp(path.stat().st_mtime).astimezone() if there else None
            told = f"changed {when:%Y-%m-%d %H:%M}" if when else "not there any more"
            item = QListWidgetItem(f"{path.name}    {path.parent}    {told}")
            item.setData(Qt.ItemDataRole.UserRole, text)
            if not there:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.recent.addItem(item)
        shown = self.recent.count() > 0
        self.recent.setVisible(shown)
        self.title.setVisible(shown)

    def _button(self, name: str, text: str, sentence: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAccessibleDescription(sentence)
        button.setToolTip(sentence)
        button.setMinimumWidth(180)
        if not self.buttons:
            button.setProperty("kind", "primary")
        button.clicked.connect(self._act)
        self.buttons[button] = name
        return button

    def _act(self) -> None:
        name = self.buttons.get(self.sender())  # type: ignore[call-overload]
        if name is not None:
            self.action.emit(name)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _told(sentence: str) -> QLabel:
    label = QLabel(sentence)
    label.setProperty("kind", "muted")
    label.setWordWrap(True)
    return label
