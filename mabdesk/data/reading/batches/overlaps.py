"""Batches that come from two files at once, several cultures under one id, and ids that look like one another."""

import unicodedata
from collections.abc import Sequence

import numpy as np

from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.batches.rows import Table, texts_by_batch
from mabdesk.data.reading.headers.meanings import names
from mabdesk.data.reading.journal import Journal

_RESTART = 0.5
# Cyrillic and Greek capitals that look like Latin ones.
_ALIKE = str.maketrans("АВЕКМНОРСТХΑΒΕΗΙΚΜΝΟΡΤΧ", "ABEKMHOPCTXABEHIKMNOPTX")  # noqa: RUF001


def check_overlaps(tables: Sequence[Dated], journal: Journal) -> None:
    """Refuse a variable of one batch that two files hold; warn of ids that differ in case, zeros or marks alone."""
    owner: dict[tuple[str, str], str] = {}
    overlapping: dict[tuple[str, str], dict[str, str]] = {}
    for item in tables:
        places = {batch: item.table.of_batch(batch) for batch in item.table.ids}
        for series in item.series:
            name = series.plan.variable.name if series.plan.variable else ""
            for batch in item.table.ids:
                if not np.isfinite(series.values[places[batch]]).any():
                    continue  # nothing is held, or the other file's is kept
                first = owner.setdefault((batch, name), item.table.file)
                if first != item.table.file:
                    overlapping.setdefault((first, item.table.file), {})[batch] = name
    for (first, second), found in overlapping.items():
        batches = ", ".join(list(found)[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        text = f"holds {next(iter(found.values()))} of batches that {first} holds too ({batches}); give each batch once"
        journal.say("error", second, text)
        journal.offer("To keep the values of one of the files, choose --overlapping keep_first or keep_last.")
    _warn_of_likeness(dict.fromkeys(batch for item in tables for batch in item.table.ids), journal)


def check_vessels(table: Table, journal: Journal) -> None:
    """Refuse rows of several cultures under one batch id: a replicate or vessel column that differs within a batch."""
    if table.plan.kind != "measurements":
        return
    telling = [plan for plan in table.plan.columns if plan.use in {"tag", "left"} and names(plan.heading, "vessel")]
    differing = {}
    for plan in telling:
        batches = [batch for batch, texts in texts_by_batch(table, plan).items() if len(texts) > 1]
        if batches:
            differing[plan.heading.text] = batches[0]
    if differing:
        columns = " and ".join(differing)
        batch = next(iter(differing.values()))
        text = (
            f"rows of batch {batch} differ in {columns}: several cultures stand under one batch id; "
            f"give each its own (for example the batch, {columns} joined) in the batch column"
        )
        journal.say("error", table.block.where(telling[0].heading), text)


def _warn_of_likeness(ids: dict[str, None], journal: Journal) -> None:
    by_key: dict[str, str] = {}
    for batch in ids:
        key = "".join(part.lstrip("0") or "0" for part in _parts(batch))
        other = by_key.setdefault(key, batch)
        if other != batch:
            journal.say("warning", "", f"batches {other!r} and {batch!r} are read as two; are they the same?")


def _parts(batch: str) -> list[str]:
    """Split an id into runs of digits and of letters, without marks between them, in lower case."""
    parts = [""]
    for letter in unicodedata.normalize("NFKC", batch).translate(_ALIKE).casefold():
        if not letter.isalnum():
            parts.append("")
        elif parts[-1] and parts[-1][-1].isdigit() != letter.isdigit():
            parts.append(letter)
        else:
            parts[-1] += letter
    return [part for part in parts if part]


def check_one_culture(table: Table, journal: Journal) -> None:
    """Refuse a table that is to be one batch when its time begins anew: several cultures stand in it."""
    if table.plan.headings("batch") or table.plan.kind != "measurements" or table.clock.kind == "none":
        return
    back = np.flatnonzero(np.diff(table.clock.values) < -_RESTART * max(np.ptp(table.clock.values), 1e-9))
    if len(back):
        row = int(table.rows[int(back[0]) + 1])
        text = (
            f"time begins anew here, so that several cultures seem to stand in one table without a batch column; "
            f"add a column Batch (now all rows are batch {table.ids[0]!r})"
        )
        journal.say("error", table.block.grid.where(row), text)
