"""Runs steps by name in a warm, spawned process: submit, progress, stop, close. Knows neither Qt nor the project file.

The process holds Keras and the GPU. Steps are pure, so ending the process is always a safe way to stop one.
"""

import atexit
import contextlib
import importlib
import io
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from mabdesk import backends
from mabdesk.errors import MabdeskError, StoppedError, WorkerError
from mabdesk.job import Job
from mabdesk.paths import log_file
from mabdesk.progress import SILENT, Progress

WORKFLOW = "mabdesk.workflow"
_SECONDS_BETWEEN_UPDATES = 0.1


class Worker:
    """One warm process that runs one job at a time. Use as a context manager, or call `close`."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._stopped = threading.Event()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        """The number of the process, None where there is none."""
        return self._process.pid if self._process is not None else None

    def warm(self) -> None:
        """Start the process if there is none, so that the next job need not wait for it."""
        if self.alive:
            return
        self._discard()
        backends.apply()  # the new process has this one's environment, and Keras reads it once
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        # Not a daemon: reading a workbook starts a child of its own. `atexit` ends the process where nobody closed it.
        process = context.Process(target=_serve, args=(theirs, str(log_file())), name="mabdesk-worker")
        process.start()
        self._process, self._connection = process, ours
        atexit.register(self.close)
        theirs.close()

    def run(self, job: Job, progress: Progress = SILENT) -> Any:
        """Run one job and wait for its value; progress is reported on the calling thread, about ten times a second.

        Raises:
            MabdeskError: what the step says to the user.
            StoppedError: `stop` was called, before or during this run.
            WorkerError: the process ended, or met a bug (the message names the log).
            Exception: whatever `progress` raised; the job is ended, and the next one gets a new process.
        """
        self.check()
        self.warm()
        self.check()
        connection = self._connection
        if connection is None:
            raise WorkerError("The worker process could not be started.", f"The log may say why: {log_file()}")
        try:
            self._send(connection, job)
            return self._listen(connection, progress)
        except KeyboardInterrupt:
            self.stop()
            raise

    def finish_now(self) -> None:
        """Ask the running job to stop learning and keep its best so far."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.send(("finish now", None))

    def stop(self) -> None:
        """End the process and with it the job; nothing that the job did remains. May be called from any thread.

        Until `resume`, nothing else runs: work made of several jobs ends as a whole.
        """
        self._stopped.set()
        self._kill()

    def resume(self) -> None:
        """Allow jobs again after `stop`."""
        self._stopped.clear()

    def check(self) -> None:
        """Raise StoppedError where `stop` was called: work asks before it keeps what it made."""
        if self._stopped.is_set():
            self._kill()  # one that was starting just when `stop` was called
            raise StoppedError("Stopped; nothing changed.")

    def close(self) -> None:
        """End the process and free what it held."""
        self._stopped.set()
        self._discard()

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ValueError):  # closed by the thread that runs jobs, just now
                process.kill()

    def _discard(self) -> None:
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()
            atexit.unregister(self.close)

    def _send(self, connection: Connection, job: Job) -> None:
        try:
            connection.send(("job", job))
        except OSError as ended:
            raise self._ended() from ended

    def _listen(self, connection: Connection, progress: Progress) -> Any:
        while True:
            try:
                kind, value = connection.recv()
            except (EOFError, OSError) as ended:
                raise self._ended() from ended
            if kind == "error":
                raise value
            if kind == "done":
                return value
            self._tell(progress, kind, value)

    def _tell(self, progress: Progress, kind: str, value: tuple[Any, ...]) -> None:
        """Tell the listener; where that fails, the job ends, or its answer would be taken for that of the next one."""
        try:
            (progress.update if kind == "progress" else progress.partial)(*value)
        except BaseException:
            self._discard()
            raise

    def _ended(self) -> WorkerError:
        process = self._process
        if process is not None:
            process.join(timeout=5)
        if self._stopped.is_set():
            return StoppedError("Stopped; nothing changed.")
        return WorkerError(
            f"The worker process ended unexpectedly ({_said(process.exitcode if process else None)}); "
            "the project is unchanged.",
            f"Run the step again: the same seed gives the same numbers. The log says more: {log_file()}",
        )


def _said(code: int | None) -> str:
    """Say an exit code: on Linux a negative one is a signal."""
    if code is None or code >= 0:
        return f"code {code}"
    try:
        return f"code {code}, {signal.Signals(-code).name}"
    except ValueError:
        return f"code {code}"


def _serve(connection: Connection, log: str) -> None:
    """Work until the parent goes away: the process's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides what it means
    _write_output_to(log)
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    finish = threading.Event()
    threading.Thread(target=_receive, args=(connection, jobs, finish), daemon=True).start()
    workflow = importlib.import_module(WORKFLOW)
    while True:
        job = jobs.get()
        finish.clear()
        connection.send(_answer(workflow.run, job, _reporter(connection, finish)))


def _answer(run: Callable[[Job, Progress], Any], job: Job, progress: Progress) -> tuple[str, Any]:
    try:
        return "done", run(job, progress)
    except MabdeskError as error:
        return "error", error
    except MemoryError:
        return "error", WorkerError(
            f"Step {job.step}: the memory of this computer was not enough.",
            "Close other programs, or use fewer batches, variables or a longer time step.",
        )
    except Exception:  # the process must answer; the log keeps the whole story
        sys.excepthook(*sys.exc_info())
        name = type(sys.exc_info()[1]).__name__
        return "error", WorkerError(
            f"Step {job.step} met an error in mabdesk itself ({name}: {sys.exc_info()[1]}); the project is unchanged.",
            f"Please report it with the log: {log_file()}",
        )


def _receive(connection: Connection, jobs: "queue.SimpleQueue[Job]", finish: threading.Event) -> None:
    while True:
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone: nobody waits for the running step
        if kind == "job":
            jobs.put(value)
        else:
            finish.set()


def _reporter(connection: Connection, finish: threading.Event) -> Progress:
    last = [float("-inf")]

    def listen(fraction: float, text: str) -> None:
        now = time.monotonic()
        if fraction >= 1 or now - last[0] >= _SECONDS_BETWEEN_UPDATES:
            last[0] = now
            connection.send(("progress", (fraction, text)))

    return Progress(listen, lambda kind, value: connection.send(("partial", (kind, value))), finish.is_set)


class _Log(io.FileIO):
    """A log that a full disk does not turn into an error: a step must not fail for what it prints."""

    def write(self, data: Any) -> int:
        try:
            return int(super().write(data) or 0)
        except OSError:
            return len(data)


def _write_output_to(log: str) -> None:
    """Send everything that libraries print to the log file, down to the file descriptors."""
    try:
        file = _Log(log, "a")
    except OSError:  # no room or no right for a log is no reason not to work
        file = _Log(os.devnull, "a")
    stream = io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-8", errors="replace", line_buffering=True)
    sys.stdout = sys.stderr = stream
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            os.dup2(file.fileno(), descriptor)
