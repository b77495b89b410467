"""Runs a parser in a process of its own: a workbook that aborts it, or fills the memory, costs the reading alone."""

import contextlib
import ctypes
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from mabdesk.errors import ReadingError

try:
    import resource
except ImportError:  # Windows has no such limits; there the scan before is the guard
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 4 * 1024**3
MOST_SECONDS = 120.0
_PR_SET_PDEATHSIG = 1
_HINT = "Save it again in Excel, with the batch records alone, and read that file."


@contextmanager
def parser(parse: Callable[[bytes], Any]) -> Iterator[Callable[[str, bytes], Callable[[], Any]]]:
    """Start the process; give the function that sends it a file and returns a function that waits for the answer.

    `parse` is a function of a light module; it must not need more than MOST_MEMORY and MOST_SECONDS. It works while the
    caller scans the same file; leaving the block ends it at once, whatever it is doing.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, parse), daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda name, data: _send(ours, name, data)
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()


def _send(connection: Connection, name: str, data: bytes) -> Callable[[], Any]:
    # In a thread, as the pipe takes the bytes only once the new process is up; the caller scans meanwhile.
    sender = threading.Thread(target=_give, args=(connection, data), daemon=True)
    sender.start()
    return lambda: _receive(connection, name)


def _give(connection: Connection, data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError, TypeError):  # the process is gone; waiting for its answer says so
        connection.send_bytes(data)


def _receive(connection: Connection, name: str) -> Any:
    try:
        if not connection.poll(MOST_SECONDS):
            raise ReadingError(f"{name} could not be read within {MOST_SECONDS:.0f} seconds.", _HINT)
        answer, value = connection.recv()
    except (EOFError, OSError) as error:
        raise ReadingError(
            f"{name} broke the reader (it needs more than {MOST_MEMORY // 2**30} GB, or is damaged).", _HINT
        ) from error
    if answer == "fault":
        raise ReadingError(f"{name} cannot be read as a workbook ({value}).", _HINT)
    return value


def _serve(connection: Connection, parse: Callable[[bytes], Any]) -> None:
    """The process's main function: files come, parsed values go, until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    _limit_memory()
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(_answer(parse, connection.recv_bytes()))


def _answer(parse: Callable[[bytes], Any], data: bytes) -> tuple[str, Any]:
    try:
        return "value", parse(data)
    except MemoryError:
        return "fault", f"it needs more than {MOST_MEMORY // 2**30} GB of memory"
    except Exception as error:
        return "fault", f"{type(error).__name__}: {error}"[:300]


def _die_with_parent() -> None:
    """Let Linux end this process with its parent: a parser that holds the interpreter sees no closed pipe."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory() -> None:
    if sys.platform != "win32" and resource is not None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
