"""The tables of a project file, by version. Everything is append-only: triggers refuse UPDATE and DELETE."""

import sqlite3
from typing import NamedTuple

APPLICATION_ID = 0x4D414244  # "MABD"
VERSION = 1

_V1 = """
CREATE TABLE blobs (
    sha256 TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, packing TEXT NOT NULL, data BLOB NOT NULL
) STRICT;
CREATE TABLE results (
    seq INTEGER PRIMARY KEY NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, step TEXT NOT NULL,
    parents TEXT NOT NULL, options TEXT NOT NULL, seed INTEGER, environment TEXT NOT NULL, value TEXT NOT NULL,
    content_hash TEXT NOT NULL, created TEXT NOT NULL, user TEXT NOT NULL, label TEXT NOT NULL, seconds REAL NOT NULL
) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY NOT NULL, utc TEXT NOT NULL, offset TEXT NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL, details TEXT NOT NULL,
    previous TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE head (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER blobs_no_update BEFORE UPDATE ON blobs BEGIN SELECT raise(ABORT, 'blobs are never changed'); END;
CREATE TRIGGER blobs_no_delete BEFORE DELETE ON blobs BEGIN SELECT raise(ABORT, 'blobs are never deleted'); END;
CREATE TRIGGER blobs_no_replace BEFORE INSERT ON blobs
WHEN EXISTS (SELECT 1 FROM blobs WHERE sha256 = NEW.sha256)
BEGIN SELECT raise(ABORT, 'blobs are never replaced'); END;
CREATE TRIGGER results_no_update BEFORE UPDATE ON results BEGIN SELECT raise(ABORT, 'results are never changed'); END;
CREATE TRIGGER results_no_delete BEFORE DELETE ON results BEGIN SELECT raise(ABORT, 'results are never deleted'); END;
CREATE TRIGGER results_in_order BEFORE INSERT ON results
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM results)
    OR EXISTS (SELECT 1 FROM results WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'results are only appended'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT raise(ABORT, 'audit rows are only appended'); END;
"""

# Old versions stay here for ever: a file is compared with its own version's text before anything is done with it.
SCHEMAS: dict[int, str] = {1: _V1}


class Part(NamedTuple):
    """One row of sqlite_master: a table, an index, a trigger or a view, with the text that made it."""

    type: str
    name: str
    table: str
    sql: str | None


def parts_of(connection: sqlite3.Connection) -> frozenset[Part]:
    """List everything that the file declares."""
    return frozenset(Part(*row) for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def expected_parts(version: int) -> frozenset[Part]:
    """List what a file of this version must declare, no more and no less."""
    memory = sqlite3.connect(":memory:")
    try:
        memory.executescript(SCHEMAS[version])
        return parts_of(memory)
    finally:
        memory.close()
