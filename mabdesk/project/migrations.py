"""Older project files become new ones on a copy; the original is kept beside it, untouched."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from mabdesk.errors import ProjectError
from mabdesk.project import audit, opening, schema

# From version n to n + 1: changes tables inside the caller's transaction. Version 1 is the first.
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}


def upgrade(path: Path, version: int) -> str:
    """Replace a file by its upgraded copy, keep the original under another name, and say so in a sentence.

    Raises:
        ProjectError: the upgraded copy is not what it should be; the file is as it was.
    """
    part = path.with_name(f".{path.name}.upgrading")
    kept = _free_name(path, version)
    part.unlink(missing_ok=True)
    try:
        _settle(path)
        shutil.copy2(path, kept)
        shutil.copyfile(path, part)
        _migrate(part, version, kept.name)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        kept.unlink(missing_ok=True)
        raise
    return (
        f"{path.name} was upgraded from project version {version} to {schema.VERSION}; "
        f"the original is kept as {kept.name}."
    )


def upgraded_aside(connection: sqlite3.Connection, path: Path, version: int, stack: ExitStack) -> sqlite3.Connection:
    """Upgrade a copy in a temporary folder, for reading an older file without touching it."""
    opening.check_schema(connection, path, version)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mabdesk-", ignore_cleanup_errors=True)))
    copy = folder / path.name
    _copy(connection, copy)
    _migrate(copy, version, path.name)
    return stack.enter_context(closing(opening.open_writable(copy)))


def _settle(path: Path) -> None:
    """Let SQLite undo a save that was cut off, so that the file alone is the whole project."""
    with closing(opening.open_writable(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _migrate(path: Path, version: int, kept: str) -> None:
    with closing(opening.open_writable(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for old in range(version, schema.VERSION):
            STEPS[old](connection)
        connection.execute(f"PRAGMA user_version={schema.VERSION}")
        told = {"from": version, "to": schema.VERSION, "original": kept}
        audit.append(connection, "upgrade", path.name.removeprefix(".").removesuffix(".upgrading"), "", told)
        connection.execute("COMMIT")
        missing = opening.check_schema(connection, path, schema.VERSION)
        if missing:
            raise ProjectError(f"The upgrade did not work: {missing}", "The original file is untouched.")


def _free_name(path: Path, version: int) -> Path:
    names = (
        f"{path.stem} (version {version}{more}){path.suffix}" for more in ("", *(f", {n}" for n in range(2, 1000)))
    )
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
