"""Batches that two files hold, where the user chose which file's are kept: the other's are left out, and told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.batches.tables import Series
from mabdesk.data.reading.journal import Journal
from mabdesk.data.settings import ReadingOptions

_NAMED = 5


@dataclass(frozen=True, eq=False)
class _Part:
    """What one file holds of one batch: its places (k,) in the table, what it is, and the column of the first."""

    table: int
    column: int
    places: NDArray[np.intp]
    file: str
    batch: str
    name: str
    cell: str


def keep_values_of_one_file(tables: Sequence[Dated], options: ReadingOptions, journal: Journal) -> tuple[Dated, ...]:
    """Empty the values of a batch and variable that another file holds and the options prefer.

    With "refuse" all stay as they are. One warning for two files, one change for each batch and variable.
    """
    parts = [part for number, item in enumerate(tables) for part in _measured(number, item)]
    left = _left_out(parts, options, journal, "values")
    emptied: dict[int, list[_Part]] = {}
    for part in left:
        emptied.setdefault(part.table, []).append(part)
    return tuple(_emptied(item, emptied[n]) if n in emptied else item for n, item in enumerate(tables))


def keep_rows_of_one_file(tables: Sequence[Table], options: ReadingOptions, journal: Journal) -> list[Table]:
    """Leave out rows of setpoints and tags, and of events, of a batch that another file holds and the options prefer.

    With "refuse" all stay as they are.
    """
    kept = list(tables)
    for kind, what in (("batches", "setpoints and tags"), ("events", "events")):
        parts = [part for n, table in enumerate(kept) if table.plan.kind == kind for part in _rows(n, table)]
        for part in _left_out(parts, options, journal, what):
            kept[part.table] = _without(kept[part.table], part)
    return kept


def _measured(number: int, item: Dated) -> Iterator[_Part]:
    for batch in item.table.ids:
        places = item.table.of_batch(batch)
        for column, series in enumerate(item.series):
            there = places[np.isfinite(series.values[places])]
            if len(there) and series.plan.variable:
                cell = _cell(series, int(there[0]))
                yield _Part(number, column, there, item.table.file, batch, series.plan.variable.name, cell)


def _cell(series: Series, place: int) -> str:
    return series.table.block.where(series.plan.heading, int(series.table.rows[place]))


def _rows(number: int, table: Table) -> Iterator[_Part]:
    heading = table.plan.headings("batch")[0]
    for batch in table.ids:
        places = table.of_batch(batch)
        if len(places):
            cell = table.block.where(heading, int(table.rows[places[0]]))
            yield _Part(number, 0, places, table.file, batch, "", cell)


def _left_out(parts: Sequence[_Part], options: ReadingOptions, journal: Journal, what: str) -> list[_Part]:
    """Return the parts of files that do not own them; the first file that holds one owns it, or the last."""
    if options.overlapping == "refuse":
        return []
    owner: dict[tuple[str, str], str] = {}
    for part in parts if options.overlapping == "keep_first" else reversed(parts):
        owner.setdefault((part.batch, part.name), part.file)
    left = [part for part in parts if owner[part.batch, part.name] != part.file]
    _tell(left, lambda part: owner[part.batch, part.name], journal, what)
    return left


def _tell(left: Sequence[_Part], owner: Callable[[_Part], str], journal: Journal, what: str) -> None:
    pairs: dict[tuple[str, str], list[_Part]] = {}
    for part in left:
        pairs.setdefault((owner(part), part.file), []).append(part)
    for (kept, other), found in pairs.items():
        batches = list(dict.fromkeys(part.batch for part in found))
        named = ", ".join(batches[:_NAMED]) + (f" and {len(batches) - _NAMED} more" if len(batches) > _NAMED else "")
        text = f"holds {what} of batches that {kept} holds too ({named}); those of {kept} are kept"
        journal.say("warning", other, text)
    for part in left:
        rule, count = f"batch held by two files, kept from {owner(part)}", len(part.places)
        unit = ("values" if count > 1 else "value") if part.name else ("rows" if count > 1 else "row")
        before = f"{count} {unit} of {part.file}"
        journal.changed(Change(rule, part.name, part.batch, cell=part.cell, before=before, count=count))


def _emptied(item: Dated, parts: Sequence[_Part]) -> Dated:
    values = [series.values.copy() for series in item.series]
    for part in parts:
        values[part.column][part.places] = np.nan
    series = tuple(replace(one, values=new) for one, new in zip(item.series, values, strict=True))
    return replace(item, series=series)


def _without(table: Table, part: _Part) -> Table:
    kept = table.codes != table.ids.index(part.batch)
    clock = replace(table.clock, values=table.clock.values[kept])
    return replace(table, rows=table.rows[kept], codes=table.codes[kept], clock=clock)
