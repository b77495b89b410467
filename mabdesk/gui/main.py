"""Opens the window."""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from mabdesk.errors import MabdeskError
from mabdesk.gui.crash import CrashReporter
from mabdesk.gui.display import require_display
from mabdesk.gui.main_window import TITLE, MainWindow
from mabdesk.paths import log_file

USERS_FAULT = 2


def main(arguments: Sequence[str]) -> int:
    """Show the window until it is closed; return the exit code, 2 with a sentence when there is no display.

    Args:
        arguments: files to open: a project, or workbooks to import.
    """
    try:
        require_display(os.environ)
    except MabdeskError as error:
        sys.stderr.write(f"{error}\n")
        return USERS_FAULT
    keep_log()
    application = make_application()
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # Ctrl-C in a terminal ends the program; Qt would not let Python hear it
    window = MainWindow()
    reporter = CrashReporter(window)
    sys.excepthook = reporter.report
    window.show()
    # After the first painting: until then nothing competes with it.
    QTimer.singleShot(0, window.begin)
    window.take([Path(argument) for argument in arguments])
    try:
        return application.exec()
    finally:
        window.session.close()
        sys.excepthook = sys.__excepthook__


def make_application() -> QApplication:
    """Make Qt's application; fractions of 100 % scaling are kept as they are."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication([TITLE])
    application.setApplicationName(TITLE)
    QLocale.setDefault(QLocale.system())
    return application


def keep_log() -> None:
    """Write what the program itself logs into the same file as the worker."""
    with contextlib.suppress(OSError):
        logging.basicConfig(
            filename=log_file(), encoding="utf-8", level=logging.INFO, format="%(asctime)s %(name)s %(message)s"
        )
