"""Importing with a look at what the project knows of the files: nothing twice unasked, and no changed file unseen."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from mabdesk import commands
from mabdesk.data.differences import Differences
from mabdesk.gui import errands
from mabdesk.gui.changed_files import ChangedFiles
from mabdesk.gui.jobs import Task
from mabdesk.gui.messages import Action, Message
from mabdesk.gui.session import Session
from mabdesk.progress import Progress
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

COMPARE = "compare-files"


@dataclass(frozen=True, eq=False)
class _Wish:
    """An import that was asked for, and what is known of its files."""

    project: Project
    paths: tuple[Path, ...]
    options: Mapping[str, Any]
    again: commands.Again


@dataclass(frozen=True, eq=False)
class _Compared:
    wish: _Wish
    differences: Differences


class ImportAgain(QObject):
    """`start` imports files: new ones at once; known ones are told of, and changed ones shown, and the user chooses."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session, self.window = session, window
        self.box: ChangedFiles | None = None
        self._wish: _Wish | None = None
        session.jobs.finished.connect(self._finished)

    def start(self, paths: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Look at what the project knows of the files, off the window's thread, and go on from there."""
        project = self.session.project
        if project is not None:
            self.session.aside(functools.partial(_look, project, tuple(paths), dict(options)), self._looked)

    def _looked(self, wish: _Wish) -> None:
        if wish.project is not self.session.project:  # another one was opened meanwhile
            return
        self._wish = wish
        if wish.again.identical:
            self._tell_identical(wish.again)
        elif wish.again.names:
            title = f"Comparing {' and '.join(wish.again.names)} with {wish.again.known}"
            self.session.run(COMPARE, title, functools.partial(_compare, wish))
        else:
            self.session.run_step("import", wish.options, files=wish.paths)

    def _tell_identical(self, again: commands.Again) -> None:
        one = len(again.files) == 1
        hint = f"{'The file has' if one else 'The files have'} the same bytes, read with the same options."
        anyway = Action("Import anyway", self._import_anyway)
        self.session.say(Message("note", f"Already imported as {again.identical}.", hint, actions=(anyway,)))

    def _finished(self, _task: Task, value: object) -> None:
        if isinstance(value, _Compared) and value.wish is self._wish and value.wish.project is self.session.project:
            if self.box is not None:
                self.box.close()
            self.box = ChangedFiles(value.wish.again, value.differences, self.window)
            self.box.chosen.connect(self._import)
            self.box.finished.connect(self._closed)
            self.box.open()

    def _closed(self) -> None:
        box, self.box = self.box, None
        if box is not None:
            box.deleteLater()

    def _import_anyway(self) -> None:
        self._import("new")

    def _import(self, choice: commands.Choice) -> None:
        wish = self._wish
        if wish is not None and wish.project is self.session.project:
            self.session.run("import", STEPS["import"].label, functools.partial(_import, wish, choice))


def _look(project: Project, paths: tuple[Path, ...], options: Mapping[str, Any]) -> _Wish:
    return _Wish(project, paths, options, commands.look_before_import(project, paths, options))


def _compare(wish: _Wish, worker: Worker, progress: Progress) -> _Compared:
    found = commands.compare_with_known(wish.project, worker, wish.again, wish.options, progress)
    return _Compared(wish, found)


def _import(wish: _Wish, choice: commands.Choice, worker: Worker, progress: Progress) -> errands.Kept:
    """Read the bytes that were looked at, whatever the files hold by now."""
    files, options = commands.plan_import(wish.project, wish.again, choice, wish.options)
    made = commands.make(wish.project, worker, "import", options, sources=files, progress=progress)
    return errands.keep(wish.project, made)
