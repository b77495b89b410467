"""The words that headers and cells are made of beside the names of variables (resources/words.csv)."""

import csv
import functools

from mabdesk.paths import resource


@functools.cache
def words(kind: str) -> dict[str, int]:
    """Return the words of a kind with their rank, the preferred first.

    Raises:
        KeyError: the table has no such kind.
    """
    return _table()[kind]


@functools.cache
def _table() -> dict[str, dict[str, int]]:
    with resource("words.csv").open(encoding="utf-8", newline="") as file:
        return {row["kind"]: {w: rank for rank, w in enumerate(row["words"].split())} for row in csv.DictReader(file)}
