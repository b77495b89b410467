"""The first page: what mabdesk is, which version, and how to start."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mabdesk import __version__
from mabdesk.gui.look import GRID, title_font
from mabdesk.steps import STEPS

TITLE = "mabdesk"
PURPOSE = (
    "From CHO fed-batch records to a titer model, its evidence and a report, on one desk without a network. "
    "The window of this version only says where to start; the work is done by commands."
)
DEMO = "mabdesk demo --quick"
DEMO_TELLS = "Makes a workbook from a virtual plant, trains on it, and prints where the report is."
SHOWN_STEPS = ("import", "clean", "train", "compare", "predict")
ALL_COMMANDS = "mabdesk --help"
ALL_COMMANDS_TELLS = "Lists every command; each explains itself with --help."


def sections() -> tuple[tuple[str, str], ...]:
    """List the commands to show, each with what it does; the steps come from the table of steps."""
    steps = tuple((f"mabdesk {step.name}", step.sentence) for step in map(STEPS.__getitem__, SHOWN_STEPS))
    return ((DEMO, DEMO_TELLS), *steps, (ALL_COMMANDS, ALL_COMMANDS_TELLS))


class WelcomePage(QWidget):
    """Title, purpose, and the commands with what they do; the commands can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Start page")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(_title())
        layout.addWidget(_text(PURPOSE, "Purpose", muted=False))
        layout.addSpacing(2 * GRID)
        for command, tells in sections():
            layout.addWidget(_command(command))
            layout.addWidget(_text(tells, f"What {command} does", muted=True))
        layout.addStretch()
        layout.addWidget(_text("Close with Esc or Ctrl+Q.", "Keys", muted=True))


def _title() -> QLabel:
    label = QLabel(f"{TITLE} {__version__}")
    label.setFont(title_font(label.font()))
    label.setAccessibleName("Program and version")
    return label


def _text(text: str, name: str, *, muted: bool) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    if muted:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def _command(command: str) -> QLabel:
    label = _text(command, f"Command {command}", muted=False)
    label.setForegroundRole(QPalette.ColorRole.Link)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
    )
    return label
