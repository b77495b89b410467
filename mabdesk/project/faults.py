"""What SQLite and the file system complain of, in sentences."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mabdesk.errors import ProjectError

_MEGABYTE = 1e6
_OPEN_BACKUP = "Open a backup copy of the project."


@contextmanager
def in_sentences(path: Path, doing: str, needed: int = 0) -> Iterator[None]:
    """Turn errors of SQLite and of the system into ProjectError; `needed` bytes are what was to be written."""
    try:
        yield
    except sqlite3.Error as error:
        raise sentence(path, doing, needed, error) from error
    except OSError as error:
        raise ProjectError(
            f"{path} could not be {doing}: {error.strerror or error}.", "Check the name, the folder and its rights."
        ) from error


def sentence(path: Path, doing: str, needed: int, error: sqlite3.Error) -> ProjectError:
    """Say what went wrong; programming errors of ours pass as they are."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return _full(path, needed, error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProjectError(
            f"{path.name} is in use by another program, so it could not be {doing}.",
            "Try again when it is closed there.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return ProjectError(
            f"{path} could not be {doing}: {error}.", "The file or its folder is read-only: copy it to your own folder."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ProjectError(f"{path.name} is damaged ({error}).", _OPEN_BACKUP)
    return ProjectError(f"{path.name} could not be {doing}: {error}.", _OPEN_BACKUP)


def _full(path: Path, needed: int, error: sqlite3.Error) -> ProjectError:
    try:
        free = f"{shutil.disk_usage(path.parent).free / _MEGABYTE:.1f} MB are free there"
    except OSError:
        free = "the disk does not answer"
    wanted = f", about {needed / _MEGABYTE:.1f} MB are needed" if needed else ""
    return ProjectError(
        f"Not saved to {path.name}: {error} ({free}{wanted}). The project is as it was before.",
        "Make room and try again, or save a copy elsewhere.",
    )
