"""The two doors to a project file: `create` and `open_project`. Each gives a `Project`, a context manager."""

import os
import sqlite3
import uuid
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Literal

from mabdesk import __version__
from mabdesk.errors import ProjectError
from mabdesk.project import audit, lock, migrations, opening, results, schema
from mabdesk.project.faults import in_sentences
from mabdesk.project.integrity import changed_results
from mabdesk.project.results import Draft, Result, ResultInfo
from mabdesk.project.store import Project

__all__ = ["Draft", "Project", "Result", "ResultInfo", "create", "open_project"]

Mode = Literal["r", "w", "auto"]
_HINT = "Open it read-only, run mabdesk verify, or open a backup copy."


def create(path: Path | str) -> Project:
    """Make a new project file and open it for writing.

    Raises:
        ProjectError: a file of this name exists, or the folder is missing or cannot be written.
    """
    path = Path(path)
    with ExitStack() as stack, in_sentences(path, "made"):
        if not path.parent.is_dir():
            raise ProjectError(f"There is no folder {path.parent} for {path.name}.", "Make the folder first.")
        held = _lock(path, stack)
        if path.exists():
            raise ProjectError(f"{path} exists already and is not overwritten.", "Choose another name, or open it.")
        _build(path)
        return _writable(path, stack, _notes(held.note))


def open_project(path: Path | str, mode: Mode = "r") -> Project:
    """Open a project: "r" for reading (no byte of the file changes), "w" as its one writer.

    "auto" writes if that is possible, and else opens for reading; `refusal` and `notes` then say why.

    Raises:
        ProjectError: it is no project, damaged, of a newer mabdesk, or (with "w") read-only, open elsewhere, tampered.
    """
    path = Path(path)
    if mode == "r":
        return _open_reading(path, f"{path.name} was opened for reading only.", ())
    try:
        return _open_writing(path)
    except ProjectError as error:
        if mode == "w":
            raise
        return _open_reading(path, error.message, (error.message,))


def _open_reading(path: Path, refusal: str, notes: tuple[str, ...]) -> Project:
    with ExitStack() as stack, in_sentences(path, "read"):
        header = opening.read_header(path)
        connection = opening.open_readable(path, header, stack)
        if header.version < schema.VERSION:
            connection = migrations.upgraded_aside(connection, path, header.version, stack)
        faults = _faults(connection, path, schema.VERSION)
        found = (*notes, *(fault for fault in faults if fault not in notes))
        return Project(path, connection, stack.pop_all(), refusal, found)


def _open_writing(path: Path) -> Project:
    with ExitStack() as stack, in_sentences(path, "opened"):
        header = opening.read_header(path)
        opening.check_writable(path)
        held = _lock(path, stack)
        cut_off = opening.interrupted(path)
        with ExitStack() as looking:
            # All is checked through a connection that cannot write, before one that can is opened.
            _check(opening.open_readable(path, header, looking), path, header.version)
        upgraded = migrations.upgrade(path, header.version) if header.version < schema.VERSION else ""
        project = _writable(path, stack, _notes(held.note, upgraded))
    return _tell_of_recovery(project) if cut_off else project


def _writable(path: Path, stack: ExitStack, notes: tuple[str, ...]) -> Project:
    connection = stack.enter_context(closing(opening.open_writable(path)))
    return Project(path, connection, stack.pop_all(), "", notes)


def _tell_of_recovery(project: Project) -> Project:
    last = project.audit_trail()[-1]
    sentence = (
        f"{project.path.name} was closed unexpectedly while saving. It is back at its last complete state of "
        f"{last.utc} ({last.action} {last.subject}); nothing that had been saved is lost."
    )
    project.notes += (sentence,)
    return project


def _check(connection: sqlite3.Connection, path: Path, version: int) -> None:
    faults = _faults(connection, path, version)
    if faults:
        raise ProjectError(f"{path.name} cannot be changed: {' '.join(faults)}", _HINT)


def _faults(connection: sqlite3.Connection, path: Path, version: int) -> list[str]:
    """Refuse what is foreign or damaged; return sentences on what was changed behind mabdesk's back."""
    missing = opening.check_schema(connection, path, version)
    opening.check_pages(connection, path)
    if version < schema.VERSION:
        return [missing] if missing else []
    rows = audit.rows_of(connection)
    broken = audit.first_break(rows, audit.head_of(connection))
    changed = changed_results(results.rows_of(connection), rows)
    return [*_notes(missing), *_notes(broken.sentence if broken else ""), *changed]


def _lock(path: Path, stack: ExitStack) -> lock.Lock:
    held = lock.acquire(path)
    stack.callback(held.release)
    return held


def _build(path: Path) -> None:
    """Make the whole file under another name first: a file of the wanted name is a complete project or none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
            connection.executescript(f"BEGIN; {schema.SCHEMAS[schema.VERSION]} PRAGMA user_version={schema.VERSION};")
            details = {"project": str(uuid.uuid4()), "mabdesk": __version__, "version": schema.VERSION}
            audit.append(connection, "create", path.name, "", details)
            connection.execute("COMMIT")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _notes(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)
