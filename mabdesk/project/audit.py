"""The audit trail: numbered rows, each holding the hash of the one before, so that a later change shows."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mabdesk.errors import ProjectError
from mabdesk.project.canonical import canonical, digest, parse
from mabdesk.project.identity import clean, host_name, now, user_name

Row = tuple[Any, ...]
_SELECT = "SELECT seq, utc, offset, user, host, action, subject, reason, details, previous, hash FROM audit"


@dataclass(frozen=True)
class AuditEntry:
    """One thing that happened: when (`utc`, local `offset`), who, what, to what, why. `hash` covers all the rest."""

    seq: int
    utc: str
    offset: str
    user: str
    host: str
    action: str
    subject: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    previous: str = ""
    hash: str = ""


class Break(NamedTuple):
    """The first place where the trail is not what was written."""

    seq: int
    sentence: str


def append(
    connection: sqlite3.Connection, action: str, subject: str, reason: str, details: Mapping[str, Any]
) -> AuditEntry:
    """Add a row, inside the caller's transaction."""
    last = connection.execute(_SELECT + " ORDER BY seq DESC LIMIT 1").fetchone()
    utc, offset = now()
    seq, previous = (last[0] + 1, last[10]) if last else (1, "")
    told = dict(details) | (_clock(last, utc, offset) if last else {})
    texts = [clean(text) for text in (user_name(), host_name(), action, subject, reason)]
    row = (seq, utc, offset, *texts, canonical(told).decode("utf-8"), previous)
    connection.execute("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*row, digest(row)))
    connection.execute(
        "INSERT INTO head VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        (seq, digest(row)),
    )
    return _entry((*row, digest(row)))


def rows_of(connection: sqlite3.Connection) -> list[Row]:
    """Return the raw rows in their order, as text: what `first_break` checks."""
    return connection.execute(_SELECT + " ORDER BY seq").fetchall()


def trail(connection: sqlite3.Connection, *actions: str) -> tuple[AuditEntry, ...]:
    """Return the entries of these actions (all, when none is given), oldest first."""
    return tuple(_entry(row) for row in rows_of(connection) if not actions or row[5] in actions)


def head_of(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return number and hash of the newest entry as the file states it: printed on reports, it anchors the chain."""
    row = connection.execute("SELECT seq, hash FROM head").fetchone()
    return (row[0], row[1]) if row else (0, "")


def first_break(rows: Iterable[Row], head: tuple[int, str]) -> Break | None:
    """Check numbers, links, hashes and the head; return the first place that does not hold, None when all do."""
    seq, previous = 0, ""
    for row in rows:
        seq += 1
        if row[0] != seq:
            return Break(seq, f"Audit chain breaks at entry {seq}: entry {seq} is missing.")
        if row[9] != previous:
            return Break(seq, f"Audit chain breaks at entry {seq}: it does not follow from the entry before.")
        if row[10] != digest(row[:10]):
            return Break(seq, f"Audit chain breaks at entry {seq}: its content differs from its hash.")
        previous = row[10]
    if head != (seq, previous):
        place = min(seq, head[0]) + 1 if head[0] != seq else seq
        return Break(place, f"Audit chain breaks at entry {place}: the trail ends at {seq}, the head says {head[0]}.")
    return None


def _entry(row: Row) -> AuditEntry:
    """Read a row; details that were made unreadable show as such."""
    try:
        details = parse(row[8], f"Audit entry {row[0]}")
    except ProjectError:
        details = {"unreadable": row[8]}
    told = details if isinstance(details, dict) else {"unreadable": row[8]}
    seq, utc, offset, user, host, action, subject, reason, _, previous, own = row
    return AuditEntry(seq, utc, offset, user, host, action, subject, reason, told, previous, own)


def _clock(last: Row, utc: str, offset: str) -> dict[str, str]:
    told = {}
    back = _seconds(last[1]) - _seconds(utc)
    if back > 0:
        told["clock"] = f"The clock was set back by {back:.0f} s since entry {last[0]}."
    if offset != last[2]:
        told["zone"] = f"The time zone changed from {last[2]} to {offset} since entry {last[0]}."
    return told


def _seconds(utc: str) -> float:
    try:
        return datetime.fromisoformat(utc).timestamp()
    except ValueError:
        return 0.0
