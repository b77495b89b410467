"""Is a project what mabdesk wrote? Every check gives a sentence; a failed one names the place."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from mabdesk.errors import ProjectError
from mabdesk.project import audit, integrity, opening, results, schema
from mabdesk.project.canonical import sha256
from mabdesk.project.faults import in_sentences
from mabdesk.project.store import Project, ReportRecord

Found = TypeVar("Found")


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Verification:
    """`ok` when every check passed."""

    ok: bool
    checks: tuple[Check, ...]


def verify(path: Path | str) -> Verification:
    """Check a project file in full; it is only read. Faults are checks that failed, not exceptions.

    Raises:
        ProjectError: there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise ProjectError(f"There is no project at {path}.", "Give the path of a .mabdesk file.")
    checks: list[Check] = []
    with ExitStack() as stack:
        header = _try(checks, "file", "It is a mabdesk project.", lambda: opening.read_header(path))
        if header is not None:
            connection = _try(checks, "opening", "SQLite opens it.", lambda: _open(path, header, stack))
            if connection is not None:
                _inside(connection, path, header.version, checks)
    return Verification(all(check.passed for check in checks), tuple(checks))


def verify_report(project: Project, report: Path) -> Check:
    """Compare a report file's bytes with what the project recorded when it was written.

    Raises:
        ProjectError: the report cannot be read.
    """
    with in_sentences(report, "read"):
        digest = sha256(report.read_bytes())
    records = project.reports()
    same = next((record for record in reversed(records) if record.sha256 == digest), None)
    if same:
        return Check("report", True, f"{report.name} is byte for byte the report {_story(same)}.")
    named = next((record for record in reversed(records) if record.name == report.name), None)
    if named:
        return Check("report", False, f"{report.name} differs from the report of this name {_story(named)}.")
    return Check("report", False, f"{report.name} is no report that {project.path.name} knows of.")


def _open(path: Path, header: opening.Header, stack: ExitStack) -> sqlite3.Connection:
    with in_sentences(path, "read"):
        return opening.open_readable(path, header, stack)


def _inside(connection: sqlite3.Connection, path: Path, version: int, checks: list[Check]) -> None:
    def schema_text() -> None:
        missing = opening.check_schema(connection, path, version)
        if missing:
            raise ProjectError(missing)

    _try(checks, "schema", "Tables and guards are the expected ones.", schema_text)
    if not checks[-1].passed and "without" in checks[-1].sentence:
        return
    _try(checks, "pages", "SQLite finds no damaged page.", lambda: opening.check_pages(connection, path))
    if version < schema.VERSION:
        checks.append(Check("version", False, f"It is of project version {version}: open it once to upgrade it."))
        return
    _rows(connection, checks)


def _rows(connection: sqlite3.Connection, checks: list[Check]) -> None:
    read = _try(
        checks, "tables", "All rows can be read.", lambda: (results.rows_of(connection), audit.rows_of(connection))
    )
    if read is None:
        return
    kept, trail = read
    found: tuple[tuple[str, str, Callable[[], Sequence[str]]], ...] = (
        ("audit trail", f"All {len(trail)} audit entries follow from each other.", lambda: _chain(connection, trail)),
        ("results", f"All {len(kept)} results are as they were kept.", lambda: integrity.changed_results(kept, trail)),
        ("lineage", "Every content hash is right and every parent present.", lambda: integrity.wrong_lineage(kept)),
        ("blobs", "All stored data have their hashes.", lambda: integrity.damaged_blobs(connection)),
        (
            "references",
            "All data that results need are there, and no others.",
            lambda: integrity.unmatched_blobs(connection, kept, trail),
        ),
    )
    for name, good, look in found:
        _try(checks, name, good, _strict(look))


def _chain(connection: sqlite3.Connection, trail: list[audit.Row]) -> list[str]:
    broken = audit.first_break(trail, audit.head_of(connection))
    return [broken.sentence] if broken else []


def _strict(look: Callable[[], Sequence[str]]) -> Callable[[], None]:
    def raise_if_any() -> None:
        sentences = look()
        if sentences:
            raise ProjectError(" ".join(sentences))

    return raise_if_any


def _try(checks: list[Check], name: str, good: str, look: Callable[[], Found]) -> Found | None:
    """Note how a look at something went, and return what it found."""
    try:
        found = look()
    except ProjectError as error:
        checks.append(Check(name, False, error.message))
        return None
    except (sqlite3.Error, OSError) as error:
        checks.append(Check(name, False, f"It cannot be read: {error}."))
        return None
    checks.append(Check(name, True, good))
    return found


def _story(record: ReportRecord) -> str:
    return f"written on {record.written[:19]} UTC by {record.user} from {', '.join(record.result_ids) or 'no results'}"
