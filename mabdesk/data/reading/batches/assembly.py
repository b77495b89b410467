"""From mapped tables to batches: hours, roles, merged rows, setpoints, tags, events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Batch, Change, Dataset, Event, Measurements, Source, Variable
from mabdesk.data.mapping import from_toml
from mabdesk.data.reading.batches.events import events_of
from mabdesk.data.reading.batches.facts import Facts, collect_facts
from mabdesk.data.reading.batches.given_units import settle_given_units
from mabdesk.data.reading.batches.inoculation import check_span, hours_of, inoculations, on_one_clock
from mabdesk.data.reading.batches.keeping import keep_rows_of_one_file, keep_values_of_one_file
from mabdesk.data.reading.batches.merging import Piece, merge
from mabdesk.data.reading.batches.overlaps import check_one_culture, check_overlaps, check_vessels
from mabdesk.data.reading.batches.repeats import drop_repeats
from mabdesk.data.reading.batches.roles import Dated, settle_roles
from mabdesk.data.reading.batches.rows import Table, lay_out
from mabdesk.data.reading.batches.setpoint_checks import check_setpoints
from mabdesk.data.reading.batches.tables import Series, read_series
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.plans import BlockPlan
from mabdesk.data.reading.values.cells import date_text
from mabdesk.data.settings import ReadingOptions

_ORDER = ("online", "offline", "target", "quality", "setpoint")
BEFORE_INOCULATION = "row before inoculation left out"
_CALENDARS_APART, _LONGEST_BATCH = 1462, 60  # days
NO_VALUES = "no column holds measured values under a name or unit that is known; give each variable its own column"
NO_MEASUREMENTS = "holds no table of measurements: a sheet with a batch column, a time column and measured values"


def assemble(
    plans: Sequence[BlockPlan], sources: tuple[Source, ...], options: ReadingOptions, journal: Journal
) -> tuple[Dataset, tuple[Dated, ...]]:
    """Build the dataset.

    Raises:
        ReadingError: with every problem, as soon as going on would need a guess.
    """
    tables = on_one_clock([lay_out(plan, options, journal) for plan in plans], journal)
    units = from_toml(options.mapping).units if options.mapping else {}
    tables = settle_given_units(tables, units, journal)
    tables = keep_rows_of_one_file(tables, options, journal)
    found = any(table.plan.kind == "measurements" and len(table.rows) for table in tables)
    if not found and not any(problem.severity == "error" for problem in journal.problems):
        journal.say("error", ", ".join(source.name for source in sources), NO_MEASUREMENTS)
    for table in tables:
        check_vessels(table, journal)
        check_one_culture(table, journal)
    _stop_early(tables, sources, options, journal)
    starts = inoculations(tables, options, journal)
    read = [_date(t, starts, options, journal) for t in tables if t.plan.kind == "measurements"]
    dated = settle_roles([_measured(item) for item in read], journal)
    traces = [(series, item.hours) for item in read for series in item.series if _is_set(series)]
    facts = collect_facts(tables, starts, traces, options, journal)
    check_setpoints(facts, options, journal)
    dated = keep_values_of_one_file(dated, options, journal)
    check_overlaps(dated, journal)
    dated = drop_repeats(dated, journal)
    batches = _batches(dated, facts, _events(tables, starts), options, journal)
    if not batches and not any(problem.severity == "error" for problem in journal.problems):
        early = next((change for change in journal.changes if change.rule == BEFORE_INOCULATION), None)
        where = early.cell if early else ", ".join(source.name for source in sources)
        journal.say("error", where, _all_early(early, starts) if early else NO_VALUES)
    journal.stop_on_errors(source.name for source in sources)
    return Dataset(_variables(dated, facts, batches), batches, sources), dated


def _all_early(early: Change, starts: Mapping[str, float]) -> str:
    start = f" ({date_text(starts[early.batch])})" if early.batch in starts else ""
    text = (
        f"all rows are before the inoculation of their batch: this one is {-early.hour / 24:.1f} days before that of "
        f"{early.batch}{start}; check both dates"
    )
    if abs(-early.hour / 24 - _CALENDARS_APART) < _LONGEST_BATCH:
        text += ", and give dates that are plain numbers a date format: workbooks have two calendars, 1462 days apart"
    return text


def _stop_early(
    tables: Sequence[Table], sources: tuple[Source, ...], options: ReadingOptions, journal: Journal
) -> None:
    """Stop when batches or times are not clear, with the faults of all other cells in the list."""
    if any(problem.severity == "error" for problem in journal.problems):
        for table in tables:
            read_series(table, np.full(len(table.rows), np.nan), options, journal)
        journal.stop_on_errors(source.name for source in sources)


def _date(table: Table, starts: Mapping[str, float], options: ReadingOptions, journal: Journal) -> Dated:
    hours = hours_of(table, starts)
    check_span(table, hours, journal)
    return Dated(table, hours, tuple(read_series(table, hours, options, journal)))


def _measured(item: Dated) -> Dated:
    return replace(item, series=tuple(series for series in item.series if not _is_set(series)))


def _is_set(series: Series) -> bool:
    return series.plan.variable is not None and series.plan.variable.role == "setpoint"


def _events(tables: Sequence[Table], starts: Mapping[str, float]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for table in tables:
        if table.plan.kind in {"events", "measurements"}:
            for batch, events in events_of(table, hours_of(table, starts)).items():
                found.setdefault(batch, []).extend(
                    event for event in events if event.hour >= 0 or table.plan.kind == "events"
                )
    return found


def _batches(
    dated: Sequence[Dated], facts: Facts, events: Mapping[str, list[Event]], options: ReadingOptions, journal: Journal
) -> tuple[Batch, ...]:
    measured = dict.fromkeys(batch for item in dated for batch in item.table.ids)
    _note_strays(measured, facts, events, journal)
    batches = []
    for batch in measured:
        online, offline = (_merged(batch, dated, online, options, journal) for online in (True, False))
        happened = tuple(sorted(events.get(batch, ()), key=lambda event: event.hour))
        setpoints, tags = facts.setpoints.get(batch, {}), facts.tags.get(batch, {})
        made = Batch(batch, online, offline, happened, dict(setpoints), dict(tags))
        batches.append(_with_harvest_values(made, facts.at_harvest))
    return tuple(batch for batch in batches if len(batch.online.hours) or len(batch.offline.hours))


def _merged(
    batch: str, dated: Sequence[Dated], online: bool, options: ReadingOptions, journal: Journal
) -> Measurements:
    pieces = []
    for item in dated:
        series = tuple(s for s in item.series if s.plan.variable and (s.plan.variable.role == "online") == online)
        if series and batch in item.table.ids:
            pieces.append(_piece(batch, item, series, journal))
    names = tuple(dict.fromkeys(s.plan.variable.name for piece in pieces for s in piece.series if s.plan.variable))
    return merge(batch, pieces, names, options.duplicates, journal)


def _piece(batch: str, item: Dated, series: tuple[Series, ...], journal: Journal) -> Piece:
    """Take a batch's rows of one table that hold a value, sorted, from inoculation on."""
    places = item.table.of_batch(batch)
    filled = np.isfinite(np.column_stack([s.values[places] for s in series])).any(axis=1)
    early = filled & (item.hours[places] < 0)
    if early.any():
        grid = item.table.block.grid
        for place in places[early].tolist():
            row, held = int(item.table.rows[place]), [s for s in series if np.isfinite(s.values[place])]
            before = "; ".join(grid.columns[s.plan.heading.column].shown(row) for s in held)
            hour = float(item.hours[place])
            journal.changed(Change(BEFORE_INOCULATION, "", batch, hour, grid.where(row), before, "", len(held)))
        where = grid.where(int(item.table.rows[places[early][0]]))
        journal.say("warning", where, f"batch {batch}: {early.sum()} rows before its inoculation are left out")
    places = places[filled & ~early]
    hours = item.hours[places]
    if (np.diff(hours) < 0).any():
        journal.say("note", item.table.block.grid.where(), f"rows of batch {batch} are not in order of time; sorted")
    order = np.argsort(hours, kind="stable")
    return Piece(places[order], hours[order], series)


def _with_harvest_values(batch: Batch, columns: Sequence[Series]) -> Batch:
    """Add titer and quality from a table of batches as samples at harvest, where they are not measured over time."""
    found: dict[str, float] = {}
    for series in columns:
        places, variable = series.table.of_batch(batch.id), series.plan.variable
        if (
            len(places)
            and variable
            and np.isfinite(series.values[places[0]])
            and variable.name not in batch.offline.names
        ):
            found[variable.name] = float(series.values[places[0]])
    if not found:
        return batch
    hour = _harvest_hour(batch)
    offline = batch.offline
    hours = np.union1d(offline.hours, [hour])
    values = np.full((len(hours), len(offline.names) + len(found)), np.nan)
    values[np.searchsorted(hours, offline.hours), : len(offline.names)] = offline.values
    values[np.searchsorted(hours, hour), len(offline.names) :] = list(found.values())
    return replace(batch, offline=Measurements((*offline.names, *found), hours, values))


def _harvest_hour(batch: Batch) -> float:
    events = [event.hour for event in batch.events if event.kind == "harvest" and event.hour > 0]
    return events[-1] if events else batch.duration


def _note_strays(measured: Iterable[str], facts: Facts, events: Mapping[str, list[Event]], journal: Journal) -> None:
    ids = set(measured)
    for batch in dict.fromkeys([*facts.setpoints, *facts.tags, *events]):
        if batch not in ids:
            journal.say("warning", "", f"batch {batch} has setpoints, tags or events but no measurements; left out")


def _variables(dated: Sequence[Dated], facts: Facts, batches: Sequence[Batch]) -> tuple[Variable, ...]:
    """List what at least one batch has, measured ones first, so that `Dataset.variable` finds those."""
    there = {name for batch in batches for name in (*batch.online.names, *batch.offline.names)}
    found: dict[tuple[str, str], Variable] = {}
    for series in [*(s for item in dated for s in item.series), *facts.at_harvest]:
        variable = series.plan.variable
        if variable and variable.name in there:
            found.setdefault((variable.name, "measured"), variable)
    set_names = {name for batch in batches for name in batch.setpoints}
    for variable in facts.variables.values():
        if variable.name in set_names:
            found[variable.name, "setpoint"] = variable
    return tuple(sorted(found.values(), key=lambda variable: _ORDER.index(variable.role)))
