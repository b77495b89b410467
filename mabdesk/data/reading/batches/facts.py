"""What is known of each batch beside its measurements: setpoints, tags, results at harvest."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mabdesk.data.batch import Change, Floats, Role, Variable
from mabdesk.data.reading.batches.rows import Table, text_at, texts_by_batch
from mabdesk.data.reading.batches.tables import Series, read_series
from mabdesk.data.reading.batches.title_facts import title_setpoints
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.plans import ColumnPlan
from mabdesk.data.reading.values.cells import date_text
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.variables import known

_SETPOINT: tuple[Role, ...] = ("setpoint",)
_SHIFTED = {"temperature": ("temperature_after_shift", "temperature_shift_day")}
_STEPS = 2


@dataclass
class Facts:
    """By batch: setpoints by name, tags by name; `at_harvest` are results in tables of batches."""

    setpoints: dict[str, dict[str, float]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    at_harvest: list[Series] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    cells: dict[tuple[str, str], str] = field(default_factory=dict)


def collect_facts(
    tables: Sequence[Table],
    starts: Mapping[str, float],
    traces: Sequence[tuple[Series, Floats]],
    options: ReadingOptions,
    journal: Journal,
) -> Facts:
    """Collect setpoints and tags; `traces` are columns of setpoints in tables of measurements, with the rows' hours."""
    facts = Facts(tags={batch: {"start": date_text(seconds)} for batch, seconds in starts.items()})
    for table in tables:
        if table.plan.kind == "batches":
            for series in read_series(table, np.full(len(table.rows), np.nan), options, journal):
                _take_setpoint(series, facts, journal)
            _take_tags(table, facts, journal)
    for series, hours in traces:
        _take_trace(series, hours, facts, journal)
    for table in tables:
        if table.plan.kind == "measurements":
            for plan in table.plan.of("tag"):
                _take_tag(table, plan, facts, journal)
        _take_title(table, facts, journal)
    return facts


def _take_tags(table: Table, facts: Facts, journal: Journal) -> None:
    for plan in table.plan.of("tag"):
        for place, code in enumerate(table.codes.tolist()):
            text, batch = text_at(table, plan.heading.column, place), table.ids[code]
            if not text:
                continue
            cell = table.block.where(plan.heading, int(table.rows[place]))
            held = facts.tags.setdefault(batch, {}).setdefault(plan.tag, text)
            first = facts.cells.setdefault((batch, f"tag {plan.tag}"), cell)
            if held != text:
                rule = "tag that differs from an earlier one, left out"
                journal.changed(Change(rule, plan.tag, batch, cell=cell, before=text, after=held))
                said = f"batch {batch} has the tag {plan.tag} {text!r} here and {held!r} in {first}; the first is kept"
                journal.say("warning", cell, said)


def _take_title(table: Table, facts: Facts, journal: Journal) -> None:
    """Let what stands above a table of one batch count as its tags and setpoints."""
    if len(table.ids) == 1:
        for variable, value, cell, text in title_setpoints(table, journal):
            _set(facts, table.ids[0], variable, value, cell, journal)
            if f"{value:g}" != text:
                rule = "setpoint in a title"
                journal.changed(Change(rule, variable.name, table.ids[0], math.nan, cell, text, f"{value:g}"))
        for tag, text in table.block.facts.items():
            if tag != "start":
                facts.tags.setdefault(table.ids[0], {}).setdefault(tag, text)


def _take_setpoint(series: Series, facts: Facts, journal: Journal) -> None:
    variable = series.plan.variable
    if variable is None or variable.role != "setpoint":
        facts.at_harvest.append(series)
        return
    facts.variables.setdefault(variable.name, variable)
    for place, (value, code) in enumerate(zip(series.values.tolist(), series.table.codes.tolist(), strict=True)):
        if np.isfinite(value):
            cell = series.table.block.where(series.plan.heading, int(series.table.rows[place]))
            _set(facts, series.table.ids[code], variable, value, cell, journal)


def _take_trace(series: Series, hours: Floats, facts: Facts, journal: Journal) -> None:
    """Take a setpoint that stands in a table of measurements: one value a batch, or temperature with one shift."""
    variable = series.plan.variable
    if variable is None:
        return
    unclear = []
    for batch in series.table.ids:
        places = series.table.of_batch(batch)
        places = places[np.isfinite(series.values[places])]
        if not len(places):
            continue
        places = places[np.argsort(hours[places], kind="stable")]
        values = series.values[places]
        turns = np.flatnonzero(np.diff(values) != 0) + 1
        if not len(turns):
            cell = series.table.block.where(series.plan.heading, int(series.table.rows[places[0]]))
            _set(facts, batch, variable, float(values[0]), cell, journal)
        elif len(turns) + 1 == _STEPS and variable.name in _SHIFTED:
            first, second, at = float(values[0]), float(values[-1]), float(hours[places[turns[0]]])
            _set_shift(series, facts, batch, (first, second, at), int(places[turns[0]]), journal)
        else:
            unclear.append((batch, len(turns) + 1))
    if unclear:
        batch, steps = unclear[0]
        which = f"batch {batch}" if len(unclear) == 1 else f"batch {batch} and {len(unclear) - 1} more"
        text = (
            f"{series.plan.heading.text!r} is not read as a setpoint for {which}: it takes {steps} values in "
            "one batch; a setpoint has one"
        )
        journal.say("warning", series.table.block.where(series.plan.heading), text)


def _set(facts: Facts, batch: str, variable: Variable, value: float, cell: str, journal: Journal) -> None:
    """Note a setpoint; another value for it elsewhere is refused."""
    facts.variables.setdefault(variable.name, variable)
    held = facts.setpoints.setdefault(batch, {}).setdefault(variable.name, value)
    first = facts.cells.setdefault((batch, variable.name), cell)
    if held != value:
        text = f"batch {batch} has two setpoints of {variable.label}: {value:g} here and {held:g} in {first}; keep one"
        journal.say("error", cell, text)


def _set_shift(
    series: Series, facts: Facts, batch: str, step: tuple[float, float, float], place: int, journal: Journal
) -> None:
    """Take a setpoint of temperature that changes once as the temperature, the one after the shift, and its day."""
    variable = series.plan.variable
    assert variable is not None  # noqa: S101 - the caller looks
    first, second, at = step
    after, day = (known(name, _SETPOINT) for name in _SHIFTED[variable.name])
    cell = series.table.block.where(series.plan.heading, int(series.table.rows[place]))
    _set(facts, batch, variable, first, cell, journal)
    if after is not None and day is not None:
        _set(facts, batch, after.variable(), second, cell, journal)
        _set(facts, batch, day.variable(), at / 24, cell, journal)
    rule = "setpoint that changes once, read as a shift"
    journal.changed(
        Change(rule, variable.name, batch, at, cell, f"{first:g} to {second:g}", f"shift on day {at / 24:g}")
    )


def _take_tag(table: Table, plan: ColumnPlan, facts: Facts, journal: Journal) -> None:
    texts = texts_by_batch(table, plan)
    if any(len(found) > 1 for found in texts.values()):
        text = f"column {plan.heading.text!r} is not read: text that differs within a batch"
        journal.say("note", table.block.where(plan.heading), text)
        return
    for batch, found in texts.items():
        for text in found:
            facts.tags.setdefault(batch, {}).setdefault(plan.tag, text)
