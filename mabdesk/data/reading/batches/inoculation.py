"""When each batch was inoculated, and with it the hours of every row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.data.reading.batches.clock import Clock, at_offset, read_clock
from mabdesk.data.reading.batches.events import events_of
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.journal import Journal
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import Problem

_LONGEST_DAYS = 90.0


def inoculations(tables: Sequence[Table], options: ReadingOptions, journal: Journal) -> dict[str, float]:
    """Return by batch the seconds since 1970 of its hour 0, for batches whose rows have time stamps.

    Taken from an inoculation event, else from the start in a table of batches, else from the batch's first row.
    """
    stamped = [table for table in tables if table.plan.kind == "measurements" and table.clock.kind == "stamps"]
    wanted = dict.fromkeys(batch for table in stamped for batch in table.ids)
    found = _from_events(tables)
    for batch, start in _from_starts(tables, options, journal).items():
        found.setdefault(batch, start)
    missing = [batch for batch in wanted if batch not in found]
    for batch in missing:
        found[batch] = min(float(np.nanmin(t.clock.values[t.of_batch(batch)])) for t in stamped if batch in t.ids)
    if missing:
        table = next(table for table in stamped if missing[0] in table.ids)
        names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        text = f"no inoculation time is given for {names}: hour 0 is their first row"
        counted = {
            batch for t in tables if t.plan.kind == "measurements" and t.clock.kind == "hours" for batch in t.ids
        }
        if counted & set(missing):
            text += "; other tables count hours themselves, so check that both mean the same hour 0"
        journal.say("warning" if counted & set(missing) else "note", table.block.grid.where(), text)
    return found


def on_one_clock(tables: Sequence[Table], journal: Journal) -> list[Table]:
    """Bring tables whose stamps carry offsets from UTC onto the clock of the first of them."""
    check_offsets([(table, table.clock) for table in tables], journal)
    offset = next((table.clock.offset for table in tables if table.clock.offset is not None), None)
    if offset is None:
        return list(tables)
    return [replace(table, clock=at_offset(table.clock, offset)) for table in tables]


def check_offsets(clocks: Sequence[tuple[Table, Clock]], journal: Journal) -> None:
    """Refuse stamps with an offset beside stamps without one: nothing says how far their clocks are apart."""
    stamped = [(table, clock) for table, clock in clocks if clock.kind == "stamps" and len(clock.values)]
    known = next((table for table, clock in stamped if clock.offset is not None), None)
    naive = next((item for item in stamped if item[1].offset is None), None)
    if known is None or naive is None or naive[1].heading is None:
        return
    text = (
        f"these times say no offset from UTC, those of {known.block.grid.where()} do; choose --time-zone, for example "
        "Europe/Berlin, so that both are on one clock"
    )
    problem = Problem(naive[0].block.where(naive[1].heading), text)
    if problem not in journal.problems:
        journal.problems.append(problem)


def hours_of(table: Table, starts: Mapping[str, float]) -> Floats:
    """Return (n,) hours since inoculation of a table's rows, rounded to 1e-6 h; NaN where a batch has no start."""
    if table.clock.kind != "stamps":
        return np.asarray(np.round(table.clock.values, 6))
    zero = np.array([starts.get(batch, np.nan) for batch in table.ids])
    return np.asarray(np.round((table.clock.values - zero[table.codes]) / 3600, 6))


def check_span(table: Table, hours: Floats, journal: Journal) -> None:
    """Warn of batches that last for months: mostly a wrong date or unit of time."""
    for code, batch in enumerate(table.ids):
        there = hours[table.codes == code]
        if len(there) and np.nanmax(there) > 24 * _LONGEST_DAYS:
            text = f"batch {batch} would last {np.nanmax(there) / 24:.0f} days; check dates and the unit of time"
            journal.say("warning", table.block.grid.where(), text)


def _from_events(tables: Sequence[Table]) -> dict[str, float]:
    found: dict[str, float] = {}
    for table in tables:
        if table.clock.kind == "stamps":
            for batch, events in events_of(table, table.clock.values).items():
                stamps = [event.hour for event in events if event.kind == "inoculation"]
                if stamps:
                    found.setdefault(batch, stamps[0])
    return found


def _from_starts(tables: Sequence[Table], options: ReadingOptions, journal: Journal) -> dict[str, float]:
    found: dict[str, float] = {}
    stamped = [(table, table.clock) for table in tables]
    offset = next((clock.offset for _, clock in stamped if clock.offset is not None), None)
    for table in tables:
        headings = table.plan.headings("start") if table.plan.kind == "batches" else ()
        clock = read_clock(table.block, headings, options, table.block.rows.tolist())
        check_offsets([*stamped, (table, clock)], journal)
        clock = at_offset(clock, offset) if offset is not None else clock
        if clock.kind == "stamps":
            journal.problems.extend(clock.problems)
            journal.changes.extend(clock.changes)
            values = dict(zip(table.block.rows.tolist(), clock.values.tolist(), strict=True))
            for row, code in zip(table.rows.tolist(), table.codes.tolist(), strict=True):
                if np.isfinite(values[row]):
                    found.setdefault(table.ids[code], values[row])
    return found
