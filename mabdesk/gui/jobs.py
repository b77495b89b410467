"""Long work: a queue, and one background thread that drives the warm worker process. The window never waits."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from mabdesk.errors import MabdeskError, StoppedError
from mabdesk.progress import Progress
from mabdesk.worker import Worker

_SECONDS_BETWEEN_SIGNALS = 0.1
_SECONDS_BEFORE_ESTIMATE = 3.0
_SECONDS_BETWEEN_LOOKS = 0.5
_MOST_RESTARTS = 3  # of an idle worker that keeps dying: then it waits for the next piece of work


@dataclass(frozen=True, eq=False)
class Task:
    """One piece of work. `do(worker, progress)` runs on the background thread and gives the value.

    `name` tells the listeners what it is ("train", "report", "demo"); `finishable` says that the best so far can be
    kept on request; `quiet` that the user did not ask for it and closing the window need not ask either.
    """

    name: str
    title: str
    do: Callable[[Worker, Progress], Any]
    finishable: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Pace:
    """How far a task is: share done, what is being done, seconds left (None: too early to say), seconds so far."""

    fraction: float
    text: str
    left: float | None
    elapsed: float


class Jobs(QObject):
    """Runs tasks one after the other. All signals arrive on the window's thread, about ten a second at most."""

    started = Signal(object)  # Task
    progressed = Signal(object, object)  # Task, Pace
    partial = Signal(object, str, object)  # Task, kind, value
    finished = Signal(object, object)  # Task, value
    failed = Signal(object, object)  # Task, MabdeskError, or any exception: a bug
    stopped = Signal(object, str)  # Task, what of it is kept all the same ("": nothing changed)
    changed = Signal()  # the queue, or what runs
    worker_lost = Signal()  # the idle worker process ended; another one warms

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker()
        self._waiting: deque[Task] = deque()
        self._news = threading.Condition()
        self._running: Task | None = None
        self._closing = False
        self._begun = self._told = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, and with it the warm worker: once the window has painted, or when work comes."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="mabdesk-jobs")
            self._thread.start()

    @property
    def running(self) -> Task | None:
        """What runs now."""
        return self._running

    @property
    def waiting(self) -> tuple[Task, ...]:
        """What waits, in its order."""
        with self._news:
            return tuple(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        running = self._running
        return bool(self._waiting) or (running is not None and not running.quiet)

    @property
    def worker_pid(self) -> int | None:
        """The number of the worker process, for the log and for whoever looks after it."""
        return self._worker.pid

    def submit(self, task: Task) -> None:
        """Put a task at the end of the queue."""
        with self._news:
            self._waiting.append(task)
            self._news.notify()
        self.start()
        self.changed.emit()

    def stop(self) -> None:
        """Stop what runs: its process ends, nothing of it remains, and the next process warms. The queue goes on."""
        with self._news:
            if self._running is not None:
                self._worker.stop()

    def finish_now(self) -> None:
        """Ask what runs to keep the best so far."""
        self._worker.finish_now()

    def forget_waiting(self) -> None:
        """Empty the queue; what runs goes on."""
        with self._news:
            self._waiting.clear()
        self.changed.emit()

    def close(self) -> None:
        """Stop everything and wait until nothing is left (two seconds at most)."""
        with self._news:
            self._closing = True
            self._waiting.clear()
            self._worker.stop()
            self._news.notify()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        restarts = 0
        self._warm()
        while (task := self._next()) is not None or not self._closing:
            if task is not None:
                restarts = 0
                self._do(task)
            elif not self._worker.alive and restarts < _MOST_RESTARTS:
                restarts += 1
                self.worker_lost.emit()
                self._warm()
        self._worker.close()

    def _next(self) -> Task | None:
        with self._news:
            if not self._waiting and not self._closing:
                self._news.wait(_SECONDS_BETWEEN_LOOKS)
            if self._closing or not self._waiting:
                return None
            self._worker.resume()
            self._running = self._waiting.popleft()
            return self._running

    def _do(self, task: Task) -> None:
        self._begun, self._told = time.monotonic(), 0.0
        self._tell(self.started, task)
        self._tell(self.changed)
        try:
            outcome: tuple[Any, ...] = (self.finished, task, task.do(self._worker, self._progress(task)))
        except StoppedError as stopped:
            outcome = (self.stopped, task, stopped.hint)
        except MabdeskError as error:
            outcome = (self.failed, task, error)
        except Exception as error:  # a bug must not end the thread: the window tells it
            logging.getLogger(__name__).exception("%s failed", task.name)
            outcome = (self.failed, task, error)
        with self._news:
            self._running = None
        self._tell(*outcome)
        self._tell(self.changed)
        if not self._closing:
            self._warm()

    def _progress(self, task: Task) -> Progress:
        def listen(fraction: float, text: str) -> None:
            now = time.monotonic()
            if now - self._told >= _SECONDS_BETWEEN_SIGNALS:
                self._told = now
                self._tell(self.progressed, task, pace(fraction, text, now - self._begun))

        def listen_partial(kind: str, value: Any) -> None:
            self._tell(self.partial, task, kind, value)

        return Progress(listen, listen_partial)

    def _warm(self) -> None:
        try:
            self._worker.resume()
            if not self._closing:
                self._worker.warm()
        except (OSError, MabdeskError):  # told when work is asked for
            logging.getLogger(__name__).exception("the worker process did not start")

    def _tell(self, signal: Any, *values: Any) -> None:
        if not self._closing:
            signal.emit(*values)


def pace(fraction: float, text: str, elapsed: float) -> Pace:
    """Estimate the time left from the pace so far."""
    left = elapsed / fraction * (1 - fraction) if fraction > 0 and elapsed >= _SECONDS_BEFORE_ESTIMATE else None
    return Pace(fraction, text, left, elapsed)
