"""Do results, blobs and audit trail belong together? Every function returns sentences that name the place."""

import json
import sqlite3
from collections.abc import Sequence

from mabdesk.errors import ProjectError
from mabdesk.project import results
from mabdesk.project.audit import Row
from mabdesk.project.blobs import unpack
from mabdesk.project.codec import references


def changed_results(rows: Sequence[results.Row], audit_rows: Sequence[Row]) -> list[str]:
    """Compare every result's row with the hash that the audit trail holds of it."""
    kept = {row[6]: _details(row).get("row") for row in audit_rows if row[5] == "add"}
    found = {str(row[1]): results.row_hash(row) for row in rows}
    sentences = [f"Result {name} is missing." for name in kept if name not in found]
    for name, value in found.items():
        if name not in kept:
            sentences.append(f"Result {name} was not added by mabdesk: the audit trail does not know it.")
        elif kept[name] != value:
            sentences.append(f"Result {name} was changed after it was kept.")
    return sentences


def wrong_lineage(rows: Sequence[results.Row]) -> list[str]:
    """Compute every content hash again and look for the parents, which must be older."""
    sentences: list[str] = []
    hashes: dict[str, str] = {}
    for row in rows:
        try:
            absent = [parent for parent in json.loads(row[4]) if parent not in hashes]
            sentences += [f"Result {row[1]}: its parent {parent} is missing." for parent in absent]
            if results.row_content_hash(row, hashes) != row[9]:
                sentences.append(f"Result {row[1]}: its content differs from its content hash.")
        except (ProjectError, ValueError, TypeError):
            sentences.append(f"Result {row[1]} cannot be read.")
        hashes[row[1]] = row[9]
    return sentences


def damaged_blobs(connection: sqlite3.Connection) -> list[str]:
    """Unpack every blob and compute its hash again."""
    sentences = []
    for digest, size, packing, data in connection.execute("SELECT sha256, size, packing, data FROM blobs"):
        try:
            unpack(packing, data, size, digest)
        except ProjectError as error:
            sentences.append(error.message)
    return sentences


def unmatched_blobs(
    connection: sqlite3.Connection, rows: Sequence[results.Row], audit_rows: Sequence[Row]
) -> list[str]:
    """Look for blobs that a result or a source needs and that are not there, and for blobs that nothing needs."""
    there = {str(row[0]) for row in connection.execute("SELECT sha256 FROM blobs")}
    needed = {row[6]: f"source {_details(row).get('name')}" for row in audit_rows if row[5] == "source"}
    for row in rows:
        needed |= dict.fromkeys(_needed_by(connection, row[8]), f"result {row[1]}")
    absent = [
        f"Stored data {digest[:12]} of {owner} are missing." for digest, owner in needed.items() if digest not in there
    ]
    return absent + [f"Stored data {digest[:12]} belong to no result." for digest in sorted(there - set(needed))]


def _needed_by(connection: sqlite3.Connection, value: str) -> frozenset[str]:
    row = connection.execute("SELECT packing, data, size, sha256 FROM blobs WHERE sha256 = ?", (value,)).fetchone()
    try:
        return frozenset({value}) | (references(unpack(*row)) if row else frozenset())
    except ProjectError:
        return frozenset({value})


def _details(row: Row) -> dict[str, object]:
    try:
        details = json.loads(row[8])
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}
