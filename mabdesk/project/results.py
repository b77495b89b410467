"""A result and its row in the file."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mabdesk.project.canonical import canonical, digest, parse

Row = tuple[Any, ...]
_SELECT = (
    "SELECT seq, id, kind, step, parents, options, seed, environment, value, content_hash, created, user, label, "
    "seconds FROM results"
)


@dataclass(frozen=True, eq=False)
class Draft:
    """What a step gave, before it is kept. `options` and `environment` are JSON-able; `parents` are result ids."""

    kind: str
    step: str
    value: Any
    parents: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class ResultInfo:
    """A kept result without its value. `created` is ISO UTC; `seconds` is how long the step took.

    `content_hash` covers kind, step, the parents' content hashes, options, seed and value: a rerun that gives the same
    has the same hash. `value_hash` is the hash of the value alone.
    """

    id: str
    kind: str
    step: str
    parents: tuple[str, ...]
    options: Mapping[str, Any]
    seed: int | None
    environment: Mapping[str, Any]
    content_hash: str
    value_hash: str
    created: str
    user: str
    label: str
    seconds: float
    archived: bool = False


@dataclass(frozen=True, eq=False)
class Result(ResultInfo):
    """A kept result with its value."""

    value: Any = None


def content_hash(draft: Draft, parent_hashes: Sequence[str], value_hash: str) -> str:
    """Return the hash that a rerun with the same inputs gives again."""
    return _content_hash(draft.kind, draft.step, parent_hashes, dict(draft.options), draft.seed, value_hash)


def row_content_hash(row: Row, hashes: Mapping[str, str]) -> str:
    """Compute a stored row's content hash again; `hashes` gives the parents' by id, absent ones count as ""."""
    parents = [hashes.get(parent, "") for parent in parse(row[4], f"Result {row[1]}")]
    return _content_hash(row[2], row[3], parents, parse(row[5], f"Result {row[1]}"), row[6], row[8])


def insert(connection: sqlite3.Connection, draft: Draft, value: str, content: str, created: str, user: str) -> Row:
    """Write the row, inside the caller's transaction, and return it."""
    count = connection.execute("SELECT count(*) FROM results WHERE kind = ?", (draft.kind,)).fetchone()[0]
    seq = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM results").fetchone()[0]
    texts = [canonical(plain).decode() for plain in (list(draft.parents), dict(draft.options))]
    row = (seq, f"{draft.kind}-{count + 1}", draft.kind, draft.step, *texts, draft.seed)
    row += (canonical(dict(draft.environment)).decode(), value, content, created, user, draft.label)
    row += (float(draft.seconds),)
    connection.execute("INSERT INTO results VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
    return row


def rows_of(connection: sqlite3.Connection) -> list[Row]:
    """Return all rows, oldest first."""
    return connection.execute(_SELECT + " ORDER BY seq").fetchall()


def info_of(row: Row, label: str | None = None, archived: bool = False) -> ResultInfo:
    """Read a row; `label` replaces the one that the result was kept with."""
    return ResultInfo(**_fields(row, label, archived))


def with_value(info: ResultInfo, value: Any) -> Result:
    """Put the value to what is known of a result."""
    return Result(**{name: getattr(info, name) for name in ResultInfo.__dataclass_fields__}, value=value)


def row_hash(row: Row) -> str:
    """Return the hash of every column: it stands in the audit trail, so that no cell changes unseen."""
    return digest([str(cell) if isinstance(cell, float) else cell for cell in row])


def hashes_by_id(rows: Iterable[Row]) -> dict[str, str]:
    """Return the stored content hashes by result id."""
    return {row[1]: row[9] for row in rows}


def _fields(row: Row, label: str | None, archived: bool) -> dict[str, Any]:
    where = f"Result {row[1]}"
    return {
        "id": row[1],
        "kind": row[2],
        "step": row[3],
        "parents": tuple(parse(row[4], where)),
        "options": parse(row[5], where),
        "seed": row[6],
        "environment": parse(row[7], where),
        "value_hash": row[8],
        "content_hash": row[9],
        "created": row[10],
        "user": row[11],
        "label": row[12] if label is None else label,
        "seconds": row[13],
        "archived": archived,
    }


def _content_hash(
    kind: str, step: str, parents: Sequence[str], options: Mapping[str, Any], seed: int | None, value: str
) -> str:
    covered = {"kind": kind, "step": step, "parents": list(parents), "options": options, "seed": seed, "value": value}
    return digest(covered)
