"""Files that are to be imported: looked at in the worker, corrected by the user, not yet kept."""

import functools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mabdesk import commands
from mabdesk.data.mapping import FileMapping, to_toml
from mabdesk.data.preview import Preview
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import MabdeskError
from mabdesk.gui import mapping_draft
from mabdesk.gui.jobs import Task
from mabdesk.gui.session import Session
from mabdesk.job import Job
from mabdesk.progress import Progress
from mabdesk.project.store import Project
from mabdesk.worker import Worker

NAME = "preview"
_PAUSE_MS = 400


@dataclass(frozen=True, eq=False)
class Looked:
    """An answer, with the number of the question."""

    number: int
    preview: Preview


class ImportDraft(QObject):
    """The files, how they are read, the mapping as it stands, and the newest preview; the newest question wins.

    `shown` is the mapping of all tables with the user's corrections; `touched` are the fingerprints of those tables
    that the user corrected, confirmed or loaded, and that alone are told to the reader; `known` are the fingerprints
    of those that were confirmed for earlier files; `edited` tells of corrections since.
    """

    changed = Signal()
    options_changed = Signal()  # by a mapping that was loaded or is remembered, not by the user

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(_PAUSE_MS)
        self.timer.timeout.connect(self.look)
        self._number = 0
        self._asked = self._again = False
        self._wish: _Wish | None = None
        self.clear()
        session.jobs.finished.connect(self._finished)
        session.jobs.failed.connect(self._failed)
        session.jobs.stopped.connect(self._ended)
        session.jobs.changed.connect(self._watch)

    def clear(self) -> None:
        """Let go of the files."""
        self.timer.stop()
        self._number += 1
        self.paths: tuple[Path, ...] = ()
        self.options: dict[str, Any] = {}
        self._options_before: dict[str, Any] = {}
        self.shown = FileMapping()
        self.touched: dict[str, None] = {}
        self.known: tuple[str, ...] = ()
        self.edited = False
        self.preview: Preview | None = None
        self.failure = ""
        self._again = self._consulted = self._consulting = False
        self.changed.emit()

    @property
    def looking(self) -> bool:
        """Whether a preview is on its way, or will be asked for in a moment."""
        return self._asked or self._consulting or self.timer.isActive()

    def take(self, paths: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Begin with files; what was begun before is let go."""
        self.clear()
        self.paths, self.options = tuple(paths), dict(options)
        self.look()

    def read_as(self, options: Mapping[str, Any]) -> None:
        """Read the files with other options, after a short pause."""
        if dict(options) != self.options:
            self.options = dict(options)
            self._look_soon()

    def edit(self, mapping: FileMapping, table: int) -> None:
        """Take a mapping in which one table, or all with its headers, was corrected."""
        self.touched[self.shown.tables[table].fingerprint] = None
        self.edited = True
        self.shown = mapping
        self._look_soon()

    def load(self, mapping: FileMapping) -> None:
        """Take a mapping that was saved: its tables count as confirmed, the others stay proposed."""
        loaded = {table.fingerprint: table for table in mapping.tables}
        kept = tuple(table for table in self.shown.tables if table.fingerprint not in loaded)
        self.shown = replace(mapping, tables=(*mapping.tables, *kept))
        self.touched = dict.fromkeys((*self.touched, *loaded))
        self.options = {**self.options, **mapping.options}
        self.options_changed.emit()
        self.look()

    def forget_known(self) -> tuple[str, ...]:
        """Go back to what is proposed of the tables that were confirmed before, and return their fingerprints."""
        gone, self.known, self.edited = self.known, (), False
        self.touched = {fingerprint: None for fingerprint in self.touched if fingerprint not in gone}
        self.options, self.shown = dict(self._options_before), replace(self.shown, units={})
        self.options_changed.emit()
        self.look()
        return gone

    def forget_corrections(self) -> None:
        """Go back to what is proposed."""
        self.touched, self.known, self.edited = {}, (), False
        self.shown = replace(self.shown, units={})
        self.look()

    def mapping(self) -> FileMapping:
        """Return the whole mapping, with the options that differ from their defaults: to save and to remember."""
        defaults = asdict(ReadingOptions())
        differ = {key: value for key, value in self.options.items() if value != defaults.get(key)}
        every = dict.fromkeys((*(table.fingerprint for table in self.shown.tables), *self.touched))
        return mapping_draft.told(self.shown, every, differ)

    def import_options(self) -> dict[str, Any]:
        """Return the options of the step that imports the files as they are shown."""
        return {**self.options, "mapping": to_toml(replace(self.mapping(), options={}))}

    def pause(self) -> None:
        """Ask for nothing while nobody looks; what was put off is asked by `resume`."""
        self._again = self._again or self.timer.isActive()
        self.timer.stop()

    def resume(self) -> None:
        """Ask for what was put off."""
        if self._again and not self._asked:
            self._look_soon()

    def look(self) -> None:
        """Ask for a preview; while one is being made, the next follows it."""
        self.timer.stop()
        self.failure = ""
        self._again = self._asked
        if self.paths and not self._asked:
            self._asked = True
            self._number += 1
            self._wish = self._wished()
            self.session.run(NAME, f"Looking at {named(self.paths)}", functools.partial(_answer, self._wish))
        self.changed.emit()

    def _wished(self) -> "_Wish":
        only = mapping_draft.told(self.shown, self.touched, {})
        telling = bool(only.tables or only.units)
        return _Wish(self._number, self.paths, {**self.options, "mapping": to_toml(only) if telling else ""})

    def _look_soon(self) -> None:
        self.timer.start()
        self.changed.emit()

    def _finished(self, task: Task, value: Any) -> None:
        if task.name != NAME:
            return
        if isinstance(value, Looked) and value.number == self._number and not self._again:
            self.preview, self.failure = value.preview, ""
            if not self.timer.isActive():  # what was corrected meanwhile stays
                self.shown = mapping_draft.answered(self.shown, self.touched, value.preview.mapping())
            self._consult(value.preview)
        self._ended(task)

    def _consult(self, preview: Preview) -> None:
        """Look, once for these files, whether their tables were confirmed before."""
        if not self._consulted and not self.touched:
            self._consulting = True
            self.session.aside(functools.partial(_known, self.session.project, self.paths, preview), self._take_known)
        self._consulted = True

    def _take_known(self, found: "tuple[tuple[Path, ...], FileMapping]") -> None:
        paths, known = found
        if paths != self.paths:
            return
        self._consulting = False
        if known.tables and not self.touched:
            self.known, self._options_before = tuple(table.fingerprint for table in known.tables), self.options
            self.load(known)
        else:
            self.changed.emit()

    def _failed(self, task: Task, error: Exception) -> None:
        if task.name == NAME:
            self.failure = str(error).split("\n", 1)[0] or type(error).__name__
            self._ended(task)

    def _ended(self, task: Task) -> None:
        if task.name == NAME:
            self._end()

    def _end(self) -> None:
        again, self._asked, self._again = self._again, False, False
        if self.paths and self.preview is None and not again and not self.failure:
            self.failure = "The files were not looked at to the end."
        if again:
            self.look()
        else:
            self.changed.emit()

    def _watch(self) -> None:
        """A question that the user took out of the queue is never answered."""
        waits = any(task.name == NAME for task in self.session.jobs.waiting)  # asked in the order of a task's life
        running = self.session.jobs.running
        runs = running is not None and running.name == NAME
        if self._asked and not waits and not runs and self._wish is not None and not self._wish.begun.is_set():
            self._end()


@dataclass(frozen=True)
class _Wish:
    number: int
    paths: tuple[Path, ...]
    options: Mapping[str, Any]
    begun: threading.Event = field(default_factory=threading.Event)


def named(paths: Sequence[Path]) -> str:
    """Name one file, or say how many there are."""
    return paths[0].name if len(paths) == 1 else f"{len(paths)} files"


def _known(project: Project | None, paths: tuple[Path, ...], preview: Preview) -> tuple[tuple[Path, ...], FileMapping]:
    try:
        return paths, commands.known_for(preview, commands.confirmed_in(project) if project is not None else ())
    except (OSError, MabdeskError):  # what cannot be read is not known
        return paths, FileMapping()


def _answer(wish: _Wish, worker: Worker, progress: Progress) -> Looked:
    wish.begun.set()
    return _look(wish, worker, progress)


def _look(wish: _Wish, worker: Worker, progress: Progress) -> Looked:
    files = commands.read_sources(wish.paths)
    return Looked(wish.number, worker.run(Job(NAME, options=wish.options, files=files), progress))
