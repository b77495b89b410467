"""A lock between two starts of mabdesk. The system frees it when its holder ends, however it ends: never stale."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from setup_error import SetupError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; wait, and say so, while another start holds it."""
    try:
        file = path.open("a+b")
    except OSError as error:
        raise SetupError(f"The folder {path.parent} cannot be written ({error.strerror}).") from error
    with file:
        if not _take(file):
            print("Another start is setting mabdesk up; waiting for it.", file=sys.stderr, flush=True)
            while not _take(file):
                time.sleep(0.5)
        if os.name == "posix":
            os.set_inheritable(file.fileno(), True)  # pip holds it on should this process be killed
        yield


def _take(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # Windows says the second
        return False
    except OSError:  # a file system that has no locks
        return True
    return True
