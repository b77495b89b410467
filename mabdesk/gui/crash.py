"""A bug in mabdesk: said once, with the log, while the window and the project go on."""

import logging
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from mabdesk.paths import log_file

TEXT = (
    "mabdesk met an error of its own. Your project is safe: every finished result is already kept.\n\n"
    "You can go on working. Please report it with the log:\n{log}"
)


class CrashReporter(QObject):
    """Stands in for sys.excepthook: writes the whole story to the log and shows it, whichever thread it came from."""

    _met = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self.box: QMessageBox | None = None
        self._met.connect(self._show)

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log and show an error that nobody caught."""
        logging.getLogger(__name__).error("unexpected error", exc_info=(kind, error, trace))
        self._met.emit("".join(traceback.format_exception(kind, error, trace)))

    def _show(self, story: str) -> None:
        if self.box is not None and self.box.isVisible():  # one at a time: a fault in drawing comes again and again
            return
        self.box = QMessageBox(
            QMessageBox.Icon.Warning, "mabdesk", TEXT.format(log=log_file()), QMessageBox.StandardButton.Ok, self.window
        )
        self.box.setAccessibleName("Error in mabdesk")
        self.box.setDetailedText(story)
        self.box.open()
