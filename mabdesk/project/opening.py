"""From a path to a checked connection. Everything is refused before anything is written; reading changes no byte."""

import shutil
import sqlite3
import sys
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mabdesk import __version__
from mabdesk.errors import ProjectError
from mabdesk.project import schema
from mabdesk.project.faults import in_sentences
from mabdesk.project.schema import APPLICATION_ID, Part, expected_parts, parts_of

_MAGIC = b"SQLite format 3\0"
_BUSY_SECONDS = 10.0
_OPEN_BACKUP = "Open a backup copy of the project."
_SIDES = ("-journal", "-wal")


@dataclass(frozen=True)
class Header:
    """What the first 100 bytes say; `wal` means that another program changed how the file is written."""

    version: int
    wal: bool


def read_header(path: Path) -> Header:
    """Read what kind of file this is, without SQLite.

    Raises:
        ProjectError: missing, a folder, empty, no mabdesk project, of a newer mabdesk, or cut off.
    """
    with in_sentences(path, "read"):
        size = _size(path)
        with path.open("rb") as file:
            head = file.read(100)
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise _no_project(path, _looks_like(head))
    if int.from_bytes(head[68:72]) != APPLICATION_ID:
        raise _no_project(path, "it is an SQLite file of another program")
    version = int.from_bytes(head[60:64])
    if version > schema.VERSION:
        raise ProjectError(
            f"{path.name} was made by a newer mabdesk (project version {version}); this is mabdesk {__version__} "
            f"(project version {schema.VERSION}).",
            "Open it with the newer mabdesk.",
        )
    if version not in schema.SCHEMAS:
        raise _no_project(path, f"its version {version} never existed")
    _check_length(path, size, head)
    return Header(version, 2 in (head[18], head[19]))


def interrupted(path: Path) -> bool:
    """Tell whether a journal lies beside the file: someone is saving just now, or was stopped while saving."""
    return any(_beside(path, side).exists() and _beside(path, side).stat().st_size > 0 for side in _SIDES)


def open_readable(path: Path, header: Header, stack: ExitStack) -> sqlite3.Connection:
    """Open for reading. A file that cannot be read as it lies there is copied to a temporary folder first."""
    if not header.wal:
        connection = stack.enter_context(closing(_connect(path, "ro")))
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            # SQLITE_READONLY_ROLLBACK and its like: a save was cut off; undoing it needs a file that may be written.
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise
        else:
            return connection
    return stack.enter_context(closing(_connect(copy_aside(path, stack), "rw")))


def copy_aside(path: Path, stack: ExitStack) -> Path:
    """Copy the file and its journals to a temporary folder, which `stack` removes."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mabdesk-", ignore_cleanup_errors=True)))
    for source in (path, *(_beside(path, side) for side in _SIDES)):
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    return folder / path.name


def check_writable(path: Path) -> None:
    """Ask the system by opening the file, not by its rights: mounts and access lists count too.

    Raises:
        ProjectError: the file is read-only.
    """
    try:
        path.open("r+b").close()
    except OSError as error:
        raise ProjectError(
            f"{path} is read-only ({error.strerror or error}).", "Open it read-only, or copy it to your own folder."
        ) from error


def open_writable(path: Path) -> sqlite3.Connection:
    """Open for writing, with every change on the disk before it counts as made."""
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA temp_store=MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def check_schema(connection: sqlite3.Connection, path: Path, version: int) -> str:
    """Compare all that the file declares with what this version declares; return a sentence on missing triggers.

    Raises:
        ProjectError: there is something foreign (it could run on our behalf), or a table is missing.
    """
    found, expected = parts_of(connection), expected_parts(version)
    foreign, missing = sorted(found - expected, key=str), sorted(expected - found, key=str)
    if foreign:
        raise _no_project(path, f"unexpected {_names(foreign)}")
    if any(part.type != "trigger" for part in missing):
        raise _no_project(path, f"without {_names(missing)}")
    return f"The guards {_names(missing)} were removed from {path.name}." if missing else ""


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Let SQLite look at every page.

    Raises:
        ProjectError: it found damage.
    """
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise ProjectError(f"{path.name} is damaged (quick_check: {'; '.join(found)}).", _OPEN_BACKUP)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    # Text that another program made invalid must show as a broken hash, not as an exception somewhere.
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    return connection


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _size(path: Path) -> int:
    if not path.exists():
        raise ProjectError(f"There is no project at {path}.", f"Make one with: mabdesk new {path.name}")
    if path.is_dir():
        raise ProjectError(f"{path} is a folder, not a project file.", "Give the file with the ending .mabdesk.")
    size = path.stat().st_size
    if size == 0:
        raise ProjectError(f"{path} is empty (0 bytes).", "Copy it again, or open a backup copy.")
    return size


def _check_length(path: Path, size: int, head: bytes) -> None:
    page = int.from_bytes(head[16:18])
    whole = int.from_bytes(head[28:32]) * (65536 if page == 1 else page)
    # Asked again at the end: a writer may have completed its commit between the first look and this one.
    if size < whole and not interrupted(path) and path.stat().st_size < whole:
        raise ProjectError(
            f"{path.name} is cut off: {size} of {whole} bytes are there.", "Copy it again from its source."
        )


def _looks_like(head: bytes) -> str:
    known = {b"PK": "it is a zip file or an Excel workbook", _MAGIC: "it is cut off within its first 100 bytes"}
    return next((text for start, text in known.items() if head.startswith(start)), f"it begins with {head[:12]!r}")


def _no_project(path: Path, why: str) -> ProjectError:
    return ProjectError(f"{path.name} is not a mabdesk project: {why}.", "Give a file made by mabdesk new.")


def _names(parts: list[Part]) -> str:
    return ", ".join(f"{part.type} {part.name}" for part in parts)


def _beside(path: Path, side: str) -> Path:
    return path.with_name(path.name + side)
