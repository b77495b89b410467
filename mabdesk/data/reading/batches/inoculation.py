"""When each batch was inoculated, and with it the hours of every row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.data.reading.batches.bare_dates import check_bare_dates
from mabdesk.data.reading.batches.clock import Clock, at_offset, read_clock
from mabdesk.data.reading.batches.events import events_of
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.batches.title_facts import title_starts
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.values.cells import EMPTY, date_text
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import Problem

_LONGEST_DAYS = 90.0
_DAY, _HOUR = 86_400.0, 3600.0
Told = dict[str, list[tuple[float, str]]]  # by batch the starts that are told, each with its cell


def inoculations(tables: Sequence[Table], options: ReadingOptions, journal: Journal) -> dict[str, float]:
    """Return by batch the seconds since 1970 of its hour 0, for batches whose rows have time stamps.

    Taken from an inoculation event, else from the start in a table of batches, else from the batch's first row. Starts
    that are more than an hour apart are problems.
    """
    stamped = [table for table in tables if table.plan.kind == "measurements" and table.clock.kind == "stamps"]
    wanted = dict.fromkeys(batch for table in stamped for batch in table.ids)
    told = _from_events(tables)
    for batch, starts in _from_starts(tables, options, journal, bool(wanted)).items():
        told.setdefault(batch, []).extend(starts)
    for batch, start in title_starts(tables, journal).items():
        told.setdefault(batch, []).append(start)
    found = {batch: _settled(batch, starts, bool(options.time_zone), journal) for batch, starts in told.items()}
    cells = {batch: starts[0][1] for batch, starts in told.items() if starts and batch in wanted}
    check_bare_dates(stamped, found, cells, options, journal)
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


def _settled(batch: str, told: Sequence[tuple[float, str]], zoned: bool, journal: Journal) -> float:
    """Choose the first start that says a time of day; one that is more than an hour from it is refused."""

    def dated(stamp: float) -> bool:
        # On a zone's fixed clock, midnight of a summer day is 23 h.
        return stamp % _DAY == 0 or (zoned and stamp % _DAY == _DAY - _HOUR)

    start, cell = next((one for one in told if not dated(one[0])), told[0])
    for other, place in told:
        whole_day = dated(other) and 0 <= start - other < _DAY + _HOUR * zoned
        if abs(other - start) > _HOUR and not whole_day:
            text = (
                f"batch {batch} is inoculated at {date_text(other)} here and at {date_text(start)} in {cell}; "
                "correct one of them"
            )
            journal.say("error", place, text)
    return start


def _from_events(tables: Sequence[Table]) -> Told:
    found: Told = {}
    for table in tables:
        if table.clock.kind == "stamps" and table.clock.heading is not None:
            for batch, events in events_of(table, table.clock.values).items():
                places = table.of_batch(batch)
                for stamp in (event.hour for event in events if event.kind == "inoculation"):
                    row = int(table.rows[places[table.clock.values[places] == stamp][0]])
                    found.setdefault(batch, []).append((stamp, table.block.where(table.clock.heading, row)))
    return found


def _from_starts(tables: Sequence[Table], options: ReadingOptions, journal: Journal, needed: bool) -> Told:
    found: Told = {}
    stamped = [(table, table.clock) for table in tables]
    offset = next((clock.offset for _, clock in stamped if clock.offset is not None), None)
    for table in tables:
        headings = table.plan.headings("start") if table.plan.kind == "batches" else ()
        clock = read_clock(table.block, headings, options, table.block.rows.tolist())
        check_offsets([*stamped, (table, clock)], journal)
        clock = at_offset(clock, offset) if offset is not None else clock
        if clock.heading is None:
            continue
        if clock.kind == "stamps":
            journal.problems.extend(clock.problems)
            journal.changes.extend(clock.changes)
            _take_starts(table, clock, clock.heading, found, journal)
        elif needed and table.block.filled(clock.heading):
            text = f"{clock.heading.text!r} holds no dates: not taken as the time of inoculation"
            journal.say("warning", table.block.where(clock.heading), text)
    return found


def _take_starts(table: Table, clock: Clock, heading: Heading, found: Told, journal: Journal) -> None:
    values = dict(zip(table.block.rows.tolist(), clock.values.tolist(), strict=True))
    columns = table.block.grid.columns
    for row, code in zip(table.rows.tolist(), table.codes.tolist(), strict=True):
        batch, filled = table.ids[code], columns[heading.column].kind[row] != EMPTY
        if np.isfinite(values[row]):
            found.setdefault(batch, []).append((values[row], table.block.where(heading, row)))
        elif clock.beside is not None and filled and columns[clock.beside.column].kind[row] == EMPTY:
            text = f"batch {batch} has a date but no time of day in {clock.beside.text!r}"
            journal.say("error", table.block.where(clock.beside, row), text)
