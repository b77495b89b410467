"""Rows pasted twice: the same batch, time and values as an earlier row, kept once and told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change, Floats
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.journal import Journal

_SHOWN = 5
RULE = "duplicate row: kept once"


@dataclass(frozen=True)
class _Repeat:
    """A row that repeats an earlier one: its table among all, its place in that table, its hour."""

    table: int
    place: int
    hour: float


def drop_repeats(tables: Sequence[Dated], journal: Journal) -> tuple[Dated, ...]:
    """Empty every row that repeats an earlier row exactly; one warning for each batch, one change for each row."""
    found = _repeats(tables)
    for batch, repeats in found.items():
        _tell(batch, tables, repeats, journal)
    places: dict[int, list[int]] = {}
    for repeat in (one for repeats in found.values() for one in repeats):
        places.setdefault(repeat.table, []).append(repeat.place)
    return tuple(_emptied(item, places[number]) if number in places else item for number, item in enumerate(tables))


def _repeats(tables: Sequence[Dated]) -> dict[str, list[_Repeat]]:
    seen: set[tuple[str, float, frozenset[tuple[str, float]]]] = set()
    found: dict[str, list[_Repeat]] = {}
    for number, (item, shared) in enumerate(zip(tables, _shared_times(tables), strict=True)):
        names = [series.plan.variable.name for series in item.series if series.plan.variable]
        for place in np.flatnonzero(shared & (item.hours >= 0)).tolist():
            values = [float(series.values[place]) for series in item.series]
            held = frozenset((name, v) for name, v in zip(names, values, strict=True) if np.isfinite(v))
            batch, hour = item.table.ids[int(item.table.codes[place])], float(item.hours[place])
            if held and (batch, hour, held) in seen:
                found.setdefault(batch, []).append(_Repeat(number, place, hour))
            seen.add((batch, hour, held))
    return found


def _shared_times(tables: Sequence[Dated]) -> list[NDArray[np.bool_]]:
    """Mark the rows of each table whose batch and hour stand in another row too: only these are compared one by one."""
    if not tables:
        return []
    index = {batch: code for code, batch in enumerate(dict.fromkeys(b for item in tables for b in item.table.ids))}
    codes = np.concatenate([_codes(item, index) for item in tables])
    hours: Floats = np.concatenate([item.hours for item in tables])
    order = np.lexsort((hours, codes))
    same = (np.diff(hours[order]) == 0) & (np.diff(codes[order]) == 0)
    shared = np.zeros(len(hours), dtype=bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    return np.split(shared, np.cumsum([len(item.hours) for item in tables])[:-1])


def _codes(item: Dated, index: dict[str, int]) -> NDArray[np.intp]:
    return np.array([index[batch] for batch in item.table.ids], dtype=np.intp)[item.table.codes]


def _tell(batch: str, tables: Sequence[Dated], repeats: Sequence[_Repeat], journal: Journal) -> None:
    first, count = repeats[0], len(repeats)
    table = tables[first.table].table
    full = _cell(tables, first)
    place = full.removeprefix(f"{table.file}, ")
    rows = "1 row" if count == 1 else f"{count} rows"
    verb, what = ("repeats", "an earlier row") if count == 1 else ("repeat", "earlier rows")
    text = f"{rows} of batch {batch} {verb} {what} exactly (first: {place}); kept once"
    journal.say("warning", table.file, text)
    for one in repeats:
        shown = _shown(tables, one)
        before = "; ".join(shown[:_SHOWN]) + (f"; and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")
        journal.changed(Change(RULE, "", batch, one.hour, _cell(tables, one), before, "", len(shown)))


def _shown(tables: Sequence[Dated], repeat: _Repeat) -> list[str]:
    """Write the values of the row as the file does."""
    item = tables[repeat.table]
    columns, row = item.table.block.grid.columns, int(item.table.rows[repeat.place])
    held = [series.plan.heading.column for series in item.series if np.isfinite(series.values[repeat.place])]
    return [columns[column].shown(row) for column in held]


def _cell(tables: Sequence[Dated], repeat: _Repeat) -> str:
    """Name the cell of the row's batch."""
    table, row = tables[repeat.table].table, int(tables[repeat.table].table.rows[repeat.place])
    named = table.plan.headings("batch")
    return table.block.where(named[0], row) if named else table.block.grid.where(row)


def _emptied(item: Dated, places: Sequence[int]) -> Dated:
    series = []
    for one in item.series:
        values = one.values.copy()
        values[list(places)] = np.nan
        series.append(replace(one, values=values))
    return replace(item, series=tuple(series))
