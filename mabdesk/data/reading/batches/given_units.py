"""The units that a user gave: each must be for a column, or for a column and a batch, that is there."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.confirmed import batch_and_header, names_of
from mabdesk.data.units import Conversion

_SHOWN = 5


def settle_given_units(tables: Sequence[Table], units: Mapping[str, str], journal: Journal) -> list[Table]:
    """Refuse units, by "header" or "batch: header", that hit nothing; "b12" is the batch B12 where there is no b12."""
    if not units or any(problem.severity == "error" for problem in journal.problems):
        return list(tables)
    ids = dict.fromkeys(batch for table in tables for batch in table.ids)
    headers = _headers(tables)
    for key in units:
        fault = "" if _plain(key) in headers else _fault(key, tables, ids, headers)
        if fault:
            journal.say("error", f"unit given for {key!r}", fault)
    return [_with_batches(table, ids) for table in tables]


def _headers(tables: Sequence[Table]) -> dict[str, str]:
    """Return the plain form -> the text of every header, and of its name alone."""
    found = {}
    for table in tables:
        for heading in table.block.headings:
            found[_plain(heading.text)] = heading.text
            found.setdefault(_plain(heading.name), heading.text)
    return found


def _fault(key: str, tables: Sequence[Table], ids: Iterable[str], headers: Mapping[str, str]) -> str:
    columns = [(table, names_of(column)) for table in tables for column in table.plan.of("variable")]
    pairs = [(batch, header) for batch, header in batch_and_header(key) if any(header in own for _, own in columns)]
    if not pairs:
        asked = _plain(key.rpartition(":")[2])
        return f"no column has this header; there are {_nearest(asked, headers)}"
    found = [(batch_named(batch, ids), header) for batch, header in pairs]
    if all(batch is None for batch, _ in found):
        known = {_plain(one): one for one in ids}
        return f"no batch is called {pairs[0][0]!r}; there are {_nearest(_plain(pairs[0][0]), known)}"
    if not any(batch in table.ids and header in own for batch, header in found for table, own in columns):
        return f"batch {found[0][0]} has no values in such a column"
    return ""


def _nearest(asked: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(asked, known, 3, 0.5) or list(known)[:_SHOWN]
    return ", ".join(dict.fromkeys(repr(known[one]) for one in near))


def batch_named(text: str, ids: Iterable[str]) -> str | None:
    """Return the batch of this name, in other letters' case where only one is alike; None where there is none."""
    known = list(ids)
    if text in known:
        return text
    alike = [one for one in known if _plain(one) == _plain(text)]
    return alike[0] if len(alike) == 1 else None


def _with_batches(table: Table, ids: Iterable[str]) -> Table:
    """Let the conversions of single batches count for the ids that are there."""
    known = list(ids)
    if all(batch in known for column in table.plan.columns for batch in column.by_batch):
        return table
    columns = []
    for column in table.plan.columns:
        ways: dict[str, Conversion] = {}
        for text, way in column.by_batch.items():
            batch = batch_named(text, known)
            if batch is not None:
                ways[batch] = way
        columns.append(replace(column, by_batch=ways))
    return replace(table, plan=replace(table.plan, columns=tuple(columns)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
