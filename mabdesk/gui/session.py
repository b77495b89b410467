"""The open project: what it holds, what is selected, and every change to it. Nothing here waits for a disk."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from mabdesk import commands
from mabdesk.errors import MabdeskError, WorkerError
from mabdesk.gui import errands, preferences
from mabdesk.gui.desk import Desk
from mabdesk.gui.jobs import Jobs, Task
from mabdesk.gui.messages import Action, Message, of_error
from mabdesk.gui.selection import parents_of, select, update
from mabdesk.gui.sentences import WORKER_LOST, of_opening, title_of
from mabdesk.gui.values import Values
from mabdesk.models.device import Device
from mabdesk.progress import Progress
from mabdesk.project.results import Result, ResultInfo
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

_FINISHABLE = frozenset({"train", "compare", "search", "transfer-learning"})


class Session(QObject):
    """The one open project. Results are read, and commands run, on a thread of their own; long work is in `jobs`.

    `infos` are the results that are not archived, oldest first, `all_infos` with the archived ones; `selection` the one
    looked at of every kind; `looked_at` the one chosen, or come, last; `highlighted` the batch drawn above the others.
    """

    opened = Signal()  # another project, or none
    changed = Signal()  # results, names or selection
    loaded = Signal(str, object)  # id, Result: a value that `value` was asked for is there now
    highlighted_changed = Signal(str)
    said = Signal(object)  # Message
    added = Signal(str)  # id of a new result
    elsewhere_wanted = Signal()  # the user wants a copy of the project, and is to be asked where

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.project: Project | None = None
        self.infos: tuple[ResultInfo, ...] = ()
        self.all_infos: tuple[ResultInfo, ...] = ()
        self.selection: dict[str, str] = {}
        self.looked_at = self.highlighted = ""
        self.device: Device | None = None  # what will train, once the worker has looked
        self._values = Values()
        self._asked: set[str] = set()
        self._unkept: commands.Made | None = None
        self._lost: Task | None = None
        self._desk = Desk(self)
        self._desk.refused.connect(self._refused)
        jobs.finished.connect(self._finished)
        jobs.failed.connect(self._failed)
        jobs.stopped.connect(self._stopped)
        jobs.started.connect(self._started)
        jobs.worker_lost.connect(self._worker_lost)

    @property
    def path(self) -> Path | None:
        """Where the open project lies, None where none is open."""
        return self.project.path if self.project is not None else None

    @property
    def reading(self) -> bool:
        """Whether a value that was asked for is still on its way."""
        return bool(self._asked)

    @property
    def writable(self) -> bool:
        """Whether results can be added."""
        return self.project is not None and not self.project.read_only

    def open(self, path: Path) -> None:
        """Open a project: to write where that is possible, else to read. The one that was open is closed."""
        if self.path is not None and path.exists() and path.samefile(self.path):
            return
        if self._may_leave():
            self._desk.ask(functools.partial(errands.open_whole, path), self._show_opened)

    def new(self, path: Path) -> None:
        """Make an empty project and open it."""
        if self._may_leave():
            self._desk.ask(functools.partial(errands.new, path), self._show_opened)

    def _may_leave(self) -> bool:
        """Work that runs keeps its result in the open project: it must end before another one is opened."""
        running = self.jobs.running
        if self.project is not None and self.jobs.busy:
            title = running.title if running else "Work"
            self.say(Message("note", f"{title} is still running in this project.", "Wait for it, or stop it first."))
            return False
        return True

    def close_project(self) -> None:
        """Close the open project, if there is one, and wait until it is closed."""
        project, self.project = self.project, None
        self.infos = self.all_infos = ()
        self.selection, self._values, self._asked = {}, Values(), set()
        self.looked_at = self.highlighted = ""
        self._unkept = None
        if project is not None:
            self._desk.wait(project.close)

    def close(self) -> None:
        """End all work and close the project; afterwards no thread and no process is left."""
        self.jobs.close()
        self.close_project()
        self._desk.close()
        preferences.note_idle()

    def command(self, do: Callable[[Project], Any], then: Callable[[Any], None] | None = None) -> None:
        """Run a project command (rename, archive ...) on the other thread; `then` gets what it gave, on this one."""
        if self.project is not None:
            self._desk.ask(
                functools.partial(errands.command, self.project, do), functools.partial(self._commanded, then)
            )

    def aside(self, do: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Run something without the project (writing a file) off the window's thread."""
        self._desk.ask(do, then)

    def select(self, result_id: str) -> None:
        """Look at another result; what belongs to it comes with it, and the next step continues from there."""
        self.selection = select(self.infos, result_id)
        self.looked_at = result_id
        self.changed.emit()

    def selected(self, kind: str) -> ResultInfo | None:
        """Return what is known of the selected result of a kind."""
        wanted = self.selection.get(kind)
        return next((info for info in self.infos if info.id == wanted), None)

    def shown(self, kinds: Sequence[str]) -> ResultInfo | None:
        """Return the result that a page of these kinds shows: the one chosen last, else the newest selected."""
        there = [info for info in self.infos if info.kind in kinds and self.selection.get(info.kind) == info.id]
        return next((info for info in there if info.id == self.looked_at), there[-1] if there else None)

    def info(self, result_id: str) -> ResultInfo | None:
        """Return what is known of a result, archived or not."""
        return next((info for info in self.all_infos if info.id == result_id), None)

    def value(self, kind_or_id: str) -> Any:
        """Return the value of a result, or of the selected one of a kind; None while it is being read.

        When it is there, `loaded` says so.
        """
        result_id = self.selection.get(kind_or_id, kind_or_id)
        held = self._values.get(result_id)
        if held is not None:
            return held.value
        if self.project is not None and result_id not in self._asked and self.info(result_id) is not None:
            self._asked.add(result_id)
            self._desk.ask(functools.partial(errands.load, self.project, result_id), self._show_loaded)
        return None

    def highlight(self, batch: str) -> None:
        """Draw a batch above the others, on every page; "" draws none so."""
        if batch != self.highlighted:
            self.highlighted = batch
            self.highlighted_changed.emit(batch)

    def run_step(
        self,
        step: str,
        options: Mapping[str, Any],
        *,
        seed: int = 1,
        files: Sequence[Path] = (),
        named: Mapping[str, str] | None = None,
        prepare: bool = True,
    ) -> None:
        """Put a step into the queue; it starts from what is selected now (or from `named`).

        Where it lacks a split or a cleaned result, that is made first with default settings.
        """
        if self.project is None:
            return
        chosen = parents_of(STEPS[step], self.selection) if named is None else dict(named)
        wish = errands.Wish(step, dict(options), seed, tuple(files), chosen, prepare)
        work = functools.partial(errands.run_step, self.project, wish)
        self.jobs.submit(Task(step, title_of(step, options), work, step in _FINISHABLE))

    def run(self, name: str, title: str, do: Callable[[Worker, Progress], Any]) -> None:
        """Put other long work into the queue (a report, a demo); pages listen to `jobs.finished` for its name."""
        self.jobs.submit(Task(name, title, do))

    def say(self, message: Message) -> None:
        """Show a message."""
        self.said.emit(message)

    def _refused(self, error: BaseException) -> None:
        self._asked.clear()
        if not isinstance(error, MabdeskError):
            raise error
        self.say(of_error(error))

    def _show_opened(self, opened: errands.Opened) -> None:
        self.close_project()
        self.project = opened.project
        preferences.remember(opened.project.path)
        self._show_infos(opened.infos)
        self.selection = select(self.infos, "")
        self.opened.emit()
        self.changed.emit()
        self._tell_of_opening(opened)

    def _tell_of_opening(self, opened: errands.Opened) -> None:
        message = of_opening(opened, Action("Save a copy...", self.elsewhere_wanted.emit))
        if message is not None:
            self.say(message)

    def _show_infos(self, infos: tuple[ResultInfo, ...]) -> None:
        self.all_infos = infos
        self.infos = tuple(info for info in infos if not info.archived)

    def _show_loaded(self, found: tuple[Project, Result]) -> None:
        project, result = found
        if project is self.project:  # another one may have been opened meanwhile, with results of the same names
            self._asked.discard(result.id)
            self._values.hold(result, self.selection.values())
            self.loaded.emit(result.id, result)

    def _commanded(
        self, then: Callable[[Any], None] | None, found: tuple[Project, Any, tuple[ResultInfo, ...]]
    ) -> None:
        project, given, infos = found
        if project is self.project:
            self._refresh(infos)
            if then is not None:
                then(given)

    def _refresh(self, infos: tuple[ResultInfo, ...], new: str = "") -> None:
        self._show_infos(infos)
        self.selection = update(self.infos, self.selection, new)
        self.looked_at = new or self.looked_at
        self.changed.emit()

    def _started(self, task: Task) -> None:
        if self.path is not None and not task.quiet:
            preferences.note_running(self.path, task.title)

    def _finished(self, _task: Task, value: Any) -> None:
        preferences.note_idle()
        if isinstance(value, errands.Kept) and value.project is self.project:
            for result in value.results:
                self._values.hold(result, self.selection.values())
            self._refresh(value.infos, value.results[-1].id)
            for result in value.results:
                self.added.emit(result.id)
            if value.said:
                self.say(Message("warning", value.said, "The audit trail and every later report say so."))
        elif isinstance(value, errands.Ready):
            self.open(value.path)
        elif isinstance(value, Path):
            self.say(Message("done", f"Written: {value}"))

    def _failed(self, task: Task, error: Exception) -> None:
        preferences.note_idle()
        if isinstance(error, errands.UnkeptError):
            self._unkept = error.made
            elsewhere = Action("Save elsewhere...", self.elsewhere_wanted.emit)
            self.say(of_error(error, Action("Try again", self._keep_again), elsewhere))
        elif isinstance(error, WorkerError):
            self._lost = task
            self.say(of_error(error, Action("Run again", self._run_again)))
        elif isinstance(error, MabdeskError):
            self.say(of_error(error))
        else:
            raise error

    def _keep_again(self) -> None:
        made, project = self._unkept, self.project
        if made is not None and project is not None:
            self.jobs.submit(Task("keep", "Keeping what was computed", functools.partial(errands.keep, project, made)))

    def _run_again(self) -> None:
        task, self._lost = self._lost, None
        if task is not None:
            self.jobs.submit(task)

    def keep_elsewhere(self, path: Path) -> None:
        """Copy the project to another file, keep there what could not be kept here, and open it."""
        if self.project is not None and self._may_leave():
            self._desk.ask(
                functools.partial(errands.keep_elsewhere, self.project, path, self._unkept), self._show_opened
            )

    def _stopped(self, task: Task, kept: str) -> None:
        preferences.note_idle()
        self.say(Message("note", f"Stopped: {task.title}. {kept or 'Nothing changed.'}"))

    def _worker_lost(self) -> None:
        self.say(WORKER_LOST)
