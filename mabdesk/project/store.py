"""A project: an append-only set of immutable results in one SQLite file, each commit with its audit row."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from mabdesk.errors import ProjectError
from mabdesk.project import audit, results
from mabdesk.project.audit import AuditEntry
from mabdesk.project.blobs import pack, unpack
from mabdesk.project.canonical import sha256
from mabdesk.project.codec import decode, encode
from mabdesk.project.faults import in_sentences
from mabdesk.project.identity import clean, now, user_name
from mabdesk.project.known import register_known
from mabdesk.project.results import Draft, Result, ResultInfo
from mabdesk.project.results import Row as ResultRow

register_known()


class SourceFile(NamedTuple):
    """A raw file that was read into the project."""

    name: str
    sha256: str
    size: int
    added: str


class ReportRecord(NamedTuple):
    """A report file that was written: the hash of its bytes, from which results, when and by whom."""

    name: str
    sha256: str
    result_ids: tuple[str, ...]
    written: str
    user: str


class Project:
    """An open project file; made by mabdesk.project.project. Use it as a context manager.

    `path`; `refusal` is why nothing can be written ("" when writing is allowed); `notes` are sentences for the user
    about what opening found (recovered after an interruption, stale lock cleared, upgraded).
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, closer: ExitStack, refusal: str, notes: tuple[str, ...]
    ) -> None:
        self.path = path
        self.refusal = refusal
        self.notes = notes
        self._connection = connection
        self._closer = closer
        self._turn = threading.RLock()

    def __enter__(self) -> "Project":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let the next one write."""
        self._closer.close()

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""
        return bool(self.refusal)

    def add(self, draft: Draft, reason: str = "", sources: Sequence[tuple[str, bytes]] = ()) -> Result:
        """Keep a result with its blobs and its audit row, and raw files (name, bytes) it was read from: all or nothing.

        Raises:
            ProjectError: read-only, unknown parents, or no room (the file stays as it was, the draft is the caller's).
            TypeError: the value holds something that cannot be stored.
        """
        self._check_draft(draft)
        encoded = encode(draft.value)
        value = sha256(encoded.json)
        new = self._new_sources(sources)
        with self._writing((*encoded.blobs, (value, encoded.json), *new.values())) as connection:
            _tell_of_sources(connection, new, reason)
            parents = [self._row(parent)[9] for parent in draft.parents]
            content = results.content_hash(draft, parents, value)
            row = results.insert(connection, draft, value, content, now()[0], user_name())
            details = {"content_hash": content, "row": results.row_hash(row), "step": draft.step}
            audit.append(connection, "add", row[1], reason, details)
        return results.with_value(results.info_of(row), draft.value)

    def results(self, kind: str | None = None, archived: bool = False) -> tuple[ResultInfo, ...]:
        """List results without their values, oldest first; the archived ones only when asked for."""
        with self._reading() as connection:
            labels, hidden = _states(connection)
            rows = results.rows_of(connection)
        infos = (results.info_of(row, labels.get(row[1]), row[1] in hidden) for row in rows)
        return tuple(info for info in infos if kind in (None, info.kind) and (archived or not info.archived))

    def info(self, result_id: str) -> ResultInfo:
        """Return what is known of a result, without its value.

        Raises:
            ProjectError: there is none of this id; the hint lists what there is.
        """
        with self._reading() as connection:
            labels, hidden = _states(connection)
            row = self._row(result_id)
        return results.info_of(row, labels.get(row[1]), row[1] in hidden)

    def get(self, result_id: str) -> Result:
        """Return a result with its value, every blob checked by its hash.

        Raises:
            ProjectError: there is none of this id, or its data are damaged.
        """
        info = self.info(result_id)
        return results.with_value(info, decode(self._blob(info.value_hash), self._blob))

    def latest(self, kind: str) -> Result | None:
        """Return the newest result of a kind that is not archived, None when there is none."""
        infos = self.results(kind)
        return self.get(infos[-1].id) if infos else None

    def add_source(self, name: str, data: bytes, reason: str = "") -> str:
        """Keep the raw bytes of a file and return their SHA-256; the same bytes under the same name are kept once."""
        new = self._new_sources([(name, data)])
        if new:
            with self._writing(tuple(new.values())) as connection:
                _tell_of_sources(connection, new, reason)
        return sha256(data)

    def sources(self) -> tuple[SourceFile, ...]:
        """List the raw files that are kept, oldest first."""
        return tuple(
            SourceFile(str(entry.details.get("name", "")), entry.subject, int(entry.details.get("size", 0)), entry.utc)
            for entry in self.audit_trail("source")
        )

    def source_bytes(self, digest: str) -> bytes:
        """Return the raw bytes of a kept file, checked by their hash."""
        return self._blob(digest)

    def archive(self, result_id: str, reason: str = "") -> None:
        """Hide a result from lists; it stays in the file."""
        self.info(result_id)
        self.record("archive", result_id, reason)

    def restore(self, result_id: str, reason: str = "") -> None:
        """Show an archived result again."""
        self.info(result_id)
        self.record("restore", result_id, reason)

    def rename(self, result_id: str, label: str, reason: str = "") -> None:
        """Give a result another label; the old one stays in the audit trail."""
        before = self.info(result_id).label
        self.record("rename", result_id, reason, {"before": before, "after": clean(label)})

    def audit_trail(self, *actions: str) -> tuple[AuditEntry, ...]:
        """Return the audit entries of these actions (all, when none is given), oldest first."""
        with self._reading() as connection:
            return audit.trail(connection, *actions)

    def head(self) -> str:
        """Return the newest audit entry's hash: printed on reports, it shows a later rewrite of the whole file."""
        with self._reading() as connection:
            return audit.head_of(connection)[1]

    def record(
        self, action: str, subject: str, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> AuditEntry:
        """Add an audit entry of its own (report written, signed off, verified ...); details are JSON-able."""
        with self._writing(()) as connection:
            return audit.append(connection, action, subject, reason, details or {})

    def record_report(self, path: Path, digest: str, result_ids: tuple[str, ...], reason: str = "") -> AuditEntry:
        """Record a report file that was written, by the SHA-256 of its bytes."""
        for result_id in result_ids:
            self.info(result_id)
        details = {"name": clean(path.name), "sha256": digest, "results": list(result_ids), "head": self.head()}
        return self.record("report", digest, reason, details)

    def reports(self) -> tuple[ReportRecord, ...]:
        """List the report files that were written, oldest first."""
        return tuple(
            ReportRecord(
                str(entry.details.get("name", "")),
                entry.subject,
                tuple(entry.details.get("results", ())),
                entry.utc,
                entry.user,
            )
            for entry in self.audit_trail("report")
        )

    def copy_to(self, path: Path) -> None:
        """Write a complete copy of the project to a new file (a backup, or a way out of a full disk)."""
        if path.exists():
            raise ProjectError(f"{path} exists already and is not overwritten.", "Choose another name.")
        with self._reading() as connection, in_sentences(path, "written"):
            try:
                with closing(sqlite3.connect(path)) as copy:
                    connection.backup(copy)
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def _new_sources(self, sources: Sequence[tuple[str, bytes]]) -> dict[tuple[str, str], tuple[str, bytes]]:
        known = {(source.name, source.sha256) for source in self.sources()}
        named = {(clean(name), sha256(data)): (sha256(data), data) for name, data in sources}
        return {key: blob for key, blob in named.items() if key not in known}

    def _check_draft(self, draft: Draft) -> None:
        if not draft.kind.replace("_", "").replace("-", "").isalpha():
            raise TypeError(f"a kind is made of letters, received {draft.kind!r}")
        if self.refusal:
            raise ProjectError(self.refusal, "Save a copy elsewhere and work on that.")
        for parent in draft.parents:
            self.info(parent)

    def _row(self, result_id: str) -> ResultRow:
        rows = {row[1]: row for row in results.rows_of(self._connection)}
        if result_id not in rows:
            known = ", ".join(rows) or "none yet"
            raise ProjectError(f"{self.path.name} has no result {result_id!r}.", f"Its results: {known}.")
        return rows[result_id]

    def _blob(self, digest: str) -> bytes:
        with self._reading() as connection:
            row = connection.execute(
                "SELECT packing, data, size, sha256 FROM blobs WHERE sha256 = ?", (digest,)
            ).fetchone()
        if row is None:
            raise ProjectError(
                f"{self.path.name} holds no data {digest[:12]}.", "Run mabdesk verify, or open a backup copy."
            )
        return unpack(*row)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._turn, in_sentences(self.path, "read"):
            yield self._connection

    @contextmanager
    def _writing(self, raw: tuple[tuple[str, bytes], ...]) -> Iterator[sqlite3.Connection]:
        """Open a transaction, write the blobs, let the caller write rows, and commit: all or nothing."""
        if self.refusal:
            raise ProjectError(self.refusal, "Save a copy elsewhere and work on that.")
        # Packed before the lock is taken: meanwhile others may read.
        packed = [(digest, len(data), *pack(data)) for digest, data in dict(raw).items() if not self._holds(digest)]
        with self._turn, in_sentences(self.path, "saved", sum(len(row[3]) for row in packed)):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?, ?)", packed)
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                _roll_back(self._connection)
                raise

    def _holds(self, digest: str) -> bool:
        with self._reading() as connection:
            found = connection.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (digest,)).fetchone()
        return found is not None


def _tell_of_sources(
    connection: sqlite3.Connection, sources: Mapping[tuple[str, str], tuple[str, bytes]], reason: str
) -> None:
    for (name, digest), (_, data) in sources.items():
        audit.append(connection, "source", digest, reason, {"name": name, "size": len(data)})


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk already made SQLite roll back by itself
        connection.execute("ROLLBACK")


def _states(connection: sqlite3.Connection) -> tuple[dict[str, str], set[str]]:
    """Return labels given later and archived ids: both are only what the audit trail says."""
    labels: dict[str, str] = {}
    hidden: set[str] = set()
    for entry in audit.trail(connection, "rename", "archive", "restore"):
        if entry.action == "rename":
            labels[entry.subject] = str(entry.details.get("after", ""))
        elif entry.action == "archive":
            hidden.add(entry.subject)
        elif entry.action == "restore":
            hidden.discard(entry.subject)
    return labels, hidden
