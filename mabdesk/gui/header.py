"""The line above the pages: which project, which result is looked at, and what will train."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.look import GRID
from mabdesk.gui.session import Session
from mabdesk.gui.views.results import result_name, told
from mabdesk.project.identity import local
from mabdesk.project.results import ResultInfo


class Header(QWidget):
    """Project name, the result selector of the page that is shown, and the device line."""

    device_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._kinds: tuple[str, ...] = ()
        self._shown: tuple[ResultInfo, ...] = ()
        self.setAccessibleName("Header")
        self.project = QLabel()
        self.project.setAccessibleName("Project")
        self.project.setTextFormat(Qt.TextFormat.PlainText)
        self.project.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.selector = CalmComboBox()
        self.selector.setAccessibleName("Result that is looked at")
        self.selector.setToolTip("Look at an earlier result, and continue from it")
        self.selector.setMinimumContentsLength(36)
        self.selector.setPlaceholderText("Results of other data")
        self.selector.activated.connect(self._choose)
        self.device = QPushButton("Device: being looked for ...")
        self.device.setFlat(True)
        self.device.setAccessibleName("Device")
        self.device.setToolTip("What will train, and why")
        self.device.clicked.connect(self._ask_device)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(self.project, 1)
        row.addWidget(self.selector, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.device, 0, Qt.AlignmentFlag.AlignRight)
        session.changed.connect(self.refresh)
        session.opened.connect(self.refresh)

    def offer(self, kinds: tuple[str, ...]) -> None:
        """Offer the results of these kinds, those of the page that is shown."""
        self._kinds = kinds
        self.refresh()

    def show_device(self, line: str, details: str) -> None:
        """Say what will train."""
        self.device.setText(line)
        self.device.setToolTip(details)
        self.device.setAccessibleDescription(details)

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self.session
        name = session.path.name if session.path is not None else "No project is open"
        read_only = " (read-only)" if session.project is not None and not session.writable else ""
        self.project.setText(name + read_only)
        self.project.setToolTip(str(session.path or ""))
        self._shown = tuple(info for info in session.infos if info.kind in self._kinds)
        self.selector.setVisible(bool(self._shown))
        self.selector.clear()
        self.selector.addItems([_line(info) for info in self._shown])
        current = session.shown(self._kinds)
        ids = [info.id for info in self._shown]
        self.selector.setCurrentIndex(ids.index(current.id) if current is not None else -1)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.session.select(self._shown[row].id)

    def _ask_device(self) -> None:
        self.device_asked.emit()


def _line(info: ResultInfo) -> str:
    said = [*told(info.options), local(info.created)]
    return f"{info.label or result_name(info.id)}  ({', '.join(said)})"
