"""What the window asks in dialogs: which file, what to call it; and what it tells about itself."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from mabdesk import __version__
from mabdesk.gui import errands
from mabdesk.gui.jobs import Task
from mabdesk.gui.messages import Message
from mabdesk.gui.plots.opengl import probe_3d
from mabdesk.gui.saving import FILTERS, ask_files, ask_where
from mabdesk.gui.session import Session
from mabdesk.job import Job
from mabdesk.models.device import Device, details, line
from mabdesk.paths import documents, log_file
from mabdesk.progress import Progress
from mabdesk.worker import Worker

DEMO_BATCHES, DEMO_SEED = 50, 1
ABOUT = (
    "mabdesk {version}\n\nFrom CHO fed-batch records to a titer model, its evidence and a report, on your own "
    "computer. Nothing goes out to a network.\n\nMIT license.\nLog: {log}"
)


class Dialogs(QObject):
    """Asks the user for files and hands the answers to the session."""

    device_known = Signal(str, str)  # the short line, the whole story
    import_asked = Signal(object, object)  # paths, options: to be looked at on the Import page

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session, self.window = session, window
        self._importing: tuple[Sequence[Path], Mapping[str, Any]] | None = None
        self._device = ""
        session.opened.connect(self._import_waiting)
        session.jobs.finished.connect(self._finished)

    def do(self, action: str) -> None:
        """Do what a page asks for by name; a page knows no dialog."""
        known = {
            "new_project": self.new_project,
            "open_project": self.open_project,
            "open_demo": self.open_demo,
            "save_template": self.save_template,
            "save_copy": self.save_copy,
            "ask_import": self.ask_import,
        }
        known[action]()

    def new_project(self) -> None:
        """Ask where the new project shall be, and make it."""
        path = ask_where(self.window, self.session, "New project", "study", "mabdesk")
        if path is not None:
            self.session.new(path)

    def open_project(self) -> None:
        """Ask for a project and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self.window, "Open a project", self._folder(), FILTERS["mabdesk"])
        if chosen:
            self.session.open(Path(chosen))

    def ask_import(self, options: Mapping[str, Any] | None = None) -> None:
        """Ask for workbooks and look at them."""
        files = ask_files(self.window, self.session)
        if files:
            self.import_files(files, options if isinstance(options, Mapping) else {})

    def import_files(self, paths: Sequence[Path], options: Mapping[str, Any] | None = None) -> None:
        """Look at workbooks before they go into the open project; where none is open, ask for a new one first."""
        given = dict(options or {})
        if self.session.project is not None:
            self.import_asked.emit(paths, given)
            return
        name = paths[0].stem
        path = ask_where(self.window, self.session, "Make a project for these batch records", name, "mabdesk")
        if path is not None:
            self._importing = (paths, given)
            self.session.new(path)

    def open_demo(self) -> None:
        """Simulate batch records, import and clean them, and open the project: in the documents, in a fresh folder."""
        make = functools.partial(errands.demo, documents() / "mabdesk-demo", DEMO_BATCHES, DEMO_SEED)
        self.session.run("demo", f"Making the demo: {DEMO_BATCHES} simulated batches", make)

    def save_template(self) -> None:
        """Ask where the empty workbook shall be, and write it."""
        path = ask_where(self.window, self.session, "Empty workbook to fill in", "my-batches", "xlsx")
        if path is not None:
            self.session.run("template", f"Writing {path.name}", functools.partial(errands.template, path))

    def save_copy(self) -> None:
        """Ask where a copy of the project shall be, write it and open it."""
        if self.session.path is None:
            self.session.say(Message("note", "No project is open.", "Open one, or make a new one."))
            return
        name = f"{self.session.path.stem}-copy"
        path = ask_where(self.window, self.session, "Save a copy of the project", name, "mabdesk")
        if path is not None:
            self.session.keep_elsewhere(path)

    def look_at_device(self) -> None:
        """Let the worker find out what will train; it loads TensorFlow, which the first training then has."""
        self.session.jobs.submit(Task("device", "Looking at this computer", _device, quiet=True))

    def tell_device(self) -> None:
        """Say what will train, and why."""
        self._tell("What will train, and why", self._device or "The computer is still being looked at.")

    def about(self) -> None:
        """Say which mabdesk this is, and what this computer can draw."""
        self.session.aside(probe_3d, self._tell_about)

    def _tell_about(self, no_3d: str) -> None:
        drawn = no_3d or "3D can be drawn here; every picture is there in 2D too."
        self._tell("About mabdesk", f"{ABOUT.format(version=__version__, log=log_file())}\n\n{drawn}")

    def show_log(self) -> None:
        """Open the log in the program that shows texts here."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file()))):
            self.session.say(Message("note", f"The log is {log_file()}"))

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Ok, self.window)
        box.setAccessibleName(title)
        box.open()

    def _import_waiting(self) -> None:
        if self._importing is not None and self.session.writable:
            (paths, options), self._importing = self._importing, None
            self.import_asked.emit(paths, options)

    def _finished(self, task: Task, value: Any) -> None:
        if task.name == "device":
            self.session.device, self._device = value, details(value)
            self.device_known.emit(line(value), self._device)

    def _folder(self) -> str:
        return str(self.session.path.parent if self.session.path is not None else documents())


def _device(worker: Worker, progress: Progress) -> Device:
    found: Device = worker.run(Job("device"), progress)
    return found
