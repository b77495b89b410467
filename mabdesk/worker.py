"""Runs steps by name in a warm, spawned process: submit, progress, stop, close. Knows neither Qt nor the project file.

The process holds Keras and the GPU. Steps are pure, so ending the process is always a safe way to stop one.
"""

import atexit
import contextlib
import importlib
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
from pathlib import Path
from types import TracebackType
from typing import Any

from mabdesk.errors import MabdeskError, WorkerError
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
        self._stopping = False

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm(self) -> None:
        """Start the process if there is none, so that the next job need not wait for it."""
        if self._process is not None and self._process.is_alive():
            return
        self.close()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        # Not a daemon: reading a workbook starts a child of its own. `atexit` ends the process where nobody closed it.
        self._process = context.Process(target=_serve, args=(theirs, str(log_file())), name="mabdesk-worker")
        self._process.start()
        atexit.register(self.close)
        theirs.close()
        self._connection = ours

    def run(self, job: Job, progress: Progress = SILENT) -> Any:
        """Run one job and wait for its value; progress is reported on the calling thread, about ten times a second.

        Raises:
            MabdeskError: what the step says to the user.
            WorkerError: the process ended, was stopped, or met a bug (the message names the log).
        """
        self.warm()
        connection = self._connection
        if connection is None:
            raise WorkerError("The worker process could not be started.", f"The log may say why: {log_file()}")
        self._stopping = False
        try:
            connection.send(("job", job))
            return self._listen(connection, progress)
        except (EOFError, OSError) as ended:
            raise self._ended() from ended
        except KeyboardInterrupt:
            self.stop()
            raise

    def finish_now(self) -> None:
        """Ask the running job to stop learning and keep its best so far."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.send(("finish now", None))

    def stop(self) -> None:
        """End the process and with it the job; nothing that the job did remains. May be called from any thread."""
        self._stopping = True
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def close(self) -> None:
        """End the process and free what it held."""
        self.stop()
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.close()
            atexit.unregister(self.close)
        self._process = self._connection = None

    def _listen(self, connection: Connection, progress: Progress) -> Any:
        while True:
            kind, value = connection.recv()
            if kind == "progress":
                progress.update(*value)
            elif kind == "partial":
                progress.partial(*value)
            elif kind == "error":
                raise value
            else:
                return value

    def _ended(self) -> WorkerError:
        if self._stopping:
            return WorkerError("Stopped; nothing changed.")
        if self._process is not None:
            self._process.join(timeout=5)
        code = self._process.exitcode if self._process is not None else None
        return WorkerError(
            f"The worker process ended unexpectedly (code {code}); the project is unchanged.",
            f"Run the step again. If it happens again, the log says more: {log_file()}",
        )


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


def _write_output_to(log: str) -> None:
    """Send everything that libraries print to the log file, down to the file descriptors."""
    stream = Path(log).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - lives as long as the process
    sys.stdout = sys.stderr = stream
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            os.dup2(stream.fileno(), descriptor)
