"""Opens the window."""

import os
import sys
from collections.abc import Sequence

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea

from mabdesk.errors import MabdeskError
from mabdesk.gui.display import require_display
from mabdesk.gui.look import apply_look
from mabdesk.gui.welcome import TITLE, WelcomePage

USERS_FAULT = 2


def main(arguments: Sequence[str]) -> int:
    """Show the window until it is closed; return the exit code, 2 with a sentence when there is no display."""
    try:
        require_display(os.environ)
    except MabdeskError as error:
        sys.stderr.write(f"{error}\n")
        return USERS_FAULT
    application = QApplication([TITLE, *arguments])
    apply_look(application)
    window = main_window()
    window.show()
    return application.exec()


def main_window() -> QMainWindow:
    """Build the window; the application must exist."""
    window = QMainWindow()
    window.setWindowTitle(TITLE)
    window.setAccessibleName("mabdesk main window")
    page = QScrollArea()
    page.setAccessibleName("Page")
    page.setFrameShape(QScrollArea.Shape.NoFrame)
    page.setWidgetResizable(True)
    page.setWidget(WelcomePage())
    window.setCentralWidget(page)
    window.resize(880, 640)
    for key in ("Esc", "Ctrl+Q"):
        QShortcut(QKeySequence(key), window).activated.connect(window.close)
    return window
