"""A mapped table with its rows by batch and hour, and its columns as numbers in canonical units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Change, Floats
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.plans import BlockPlan, ColumnPlan
from mabdesk.data.reading.values.numbers import NEVER_GUESSED, Finding, Numbers, marks_of, read_numbers
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.units import SAME, conversion
from mabdesk.data.words import words

_RULES = {
    "censored": "censored, taken as not measured",
    "not measured": "marked as not measured",
    "not finite": "not a finite number, taken as not measured",
    "error": "error in the cell, taken as not measured",
    "text": "text in a cell of numbers, taken as not measured",
    "date": "date in a cell of numbers, taken as not measured",
    "unit": "another unit than the column's, taken as not measured",
}
_OFFER_MARK = "Where a mark stands for an event, give its column the use mark: on the page Import, or in a mapping."
_OFFER = "To take text and errors in cells of numbers as not measured, and list them, choose --unreadable not_measured."

_MOST_SHOWN = 120


@dataclass(frozen=True, eq=False)
class Series:
    """One column of a table: its plan and its values (n,) in the variable's unit, NaN where not measured."""

    table: Table
    plan: ColumnPlan
    values: Floats


def read_series(table: Table, hours: Floats, options: ReadingOptions, journal: Journal) -> list[Series]:
    """Read the columns of variables. `hours` (n,) only name the time of a cell in the list of changes."""
    series = []
    marks = marks_of(table.block.grid, options.decimal, columns_of_numbers(table.plan), table.block.rows)
    for plan in table.plan.of("variable"):
        grid = table.block.grid
        unit = _cell_unit(plan)
        read = read_numbers(grid.columns[plan.heading.column], table.rows, replace(marks, unit=unit))
        read = _as_shown(table, plan, read, unit, journal)
        limits = _settle_findings(table, plan, hours, read.findings, options, journal)
        for place, limit in limits.items():
            read.values[place] = limit
        values = _converted(table, plan, read.values, journal)
        _note_rules(table, plan, read, values, journal)
        series.append(Series(table, plan, values))
    return series


def columns_of_numbers(plan: BlockPlan) -> list[int]:
    """Return the columns whose texts show what decimal mark a table has: its values and times, no ids and tags."""
    return [found.column for found in (*plan.headings("variable"), *plan.headings("time"))]


def _converted(table: Table, plan: ColumnPlan, values: Floats, journal: Journal) -> Floats:
    """Bring (n,) values into the variable's unit, those of single batches as the user said."""
    converted = np.asarray(values * plan.conversion.factor + plan.conversion.offset)
    for batch, way in plan.by_batch.items():
        own = table.of_batch(batch)
        own = own[np.isfinite(values[own])]
        converted[own] = values[own] * way.factor + way.offset
        if len(own) and plan.variable is not None:
            cell = table.block.where(plan.heading, int(table.rows[own[0]]))
            before, after = f"{values[own[0]]:.6g}", f"{converted[own[0]]:.6g} {plan.variable.unit}"
            rule = f"unit converted, as given for batch {batch}"
            name = plan.variable.name
            journal.changed(Change(rule, name, batch, cell=cell, before=before, after=after, count=len(own)))
    return converted


def _cell_unit(plan: ColumnPlan) -> str:
    """Return the unit in which the column's cells are: the heading's, else the variable's own."""
    own = plan.variable.unit if plan.variable else ""
    return own if plan.heading.unit in {"", "-"} else plan.heading.unit


def _as_shown(table: Table, plan: ColumnPlan, read: Numbers, unit: str, journal: Journal) -> Numbers:
    """Take number cells that the workbook shows as percent as what they show, where the column is in percent."""
    column = table.block.grid.columns[plan.heading.column]
    if not column.percent or plan.variable is None or not _in_percent(unit):
        return read
    shown = np.array([row in column.percent for row in table.rows.tolist()], dtype=bool) & np.isfinite(read.values)
    if not shown.any():
        return read
    values = np.where(shown, np.round(read.values * 100, 10), read.values)
    first = int(np.flatnonzero(shown)[0])
    before, after = f"{read.values[first]:.15g}", f"{values[first]:.15g}"
    where = table.block.where(plan.heading, int(table.rows[first]))
    rule = f"percent format: cells show {after} %"
    journal.changed(Change(rule, plan.variable.name, cell=where, before=before, after=after, count=int(shown.sum())))
    return replace(read, values=values)


def _in_percent(unit: str) -> bool:
    return SAME in {conversion(unit, "%"), conversion(unit, "%/d")}


def _settle_findings(
    table: Table,
    plan: ColumnPlan,
    hours: Floats,
    findings: Sequence[Finding],
    options: ReadingOptions,
    journal: Journal,
) -> dict[int, float]:
    """Refuse or list every cell that is no plain number; return by row of the table the limits that are taken."""
    limits: dict[int, float] = {}
    if not findings or plan.variable is None:
        return limits
    refused, taken = [], []
    position = {row: place for place, row in enumerate(table.rows.tolist())}
    for found in findings:
        where, place = table.block.where(plan.heading, found.row), position[found.row]
        fault = _fault(found, plan, options, journal)
        if fault:
            refused.append((where, fault))
            continue
        batch, rule, after = table.ids[table.codes[place]], _RULES[found.kind], ""
        if found.kind == "censored" and options.censored != "not_measured" and np.isfinite(found.limit):
            halved = options.censored == "half_limit" and found.lower
            limits[place] = found.limit / 2 if halved else found.limit
            rule = f"censored, {'half of the limit' if halved else 'the limit'} taken"
            way = plan.by_batch.get(batch, plan.conversion)
            after = f"{limits[place] * way.factor + way.offset:.6g}"
        said = f"{rule}: {after} {plan.variable.unit}".rstrip() if after else rule
        taken.append((where, f"{plan.variable.label}: {found.text!r} {said}"))
        journal.changed(Change(rule, plan.variable.name, batch, float(hours[place]), where, found.text, after))
    journal.say_all("error", refused, f"such cells in {plan.heading.text!r}")
    journal.say_all("warning", taken, f"such cells in {plan.heading.text!r}")
    return limits


def _fault(found: Finding, plan: ColumnPlan, options: ReadingOptions, journal: Journal) -> str:
    """Say why a cell is refused, "" where it may be taken as not measured."""
    limit_unclear = found.kind == "censored" and found.unclear and options.censored != "not_measured"
    if found.kind == "ambiguous" or limit_unclear:
        return f"{found.text!r} {NEVER_GUESSED}"
    if found.kind in {"error", "text", "date", "unit"} and options.unreadable == "refuse":
        journal.offer(_OFFER_MARK if found.text.casefold() in words("mark") else _OFFER)
        return _refusal(found, plan)
    return ""


def _refusal(found: Finding, plan: ColumnPlan) -> str:
    label = plan.variable.label if plan.variable else plan.heading.text
    if found.kind == "error":
        if found.text.startswith("#"):
            return f"holds the error {found.text} where a number ({label}) is needed"
        return f"holds {found.text} where a number ({label}) is needed"
    text = found.text if len(found.text) <= _MOST_SHOWN else f"{found.text[:_MOST_SHOWN]} ..."
    if found.kind == "unit":
        return f"holds {text!r} in a column in {_cell_unit(plan)} ({label}); write it in the column's unit"
    what = "a date" if found.kind == "date" else "text"
    return f"holds {what}, {text!r}, where a number ({label}) is needed"


def _note_rules(table: Table, plan: ColumnPlan, read: Numbers, values: Floats, journal: Journal) -> None:
    """One change for each rule that treated the whole column alike, with how many values and an example."""
    there = np.flatnonzero(np.isfinite(values))
    if plan.variable is None or not len(there):
        return
    first, name = int(there[0]), plan.variable.name
    where = table.block.where(plan.heading, int(table.rows[first]))
    raw, value = read.values[first], values[first]
    if (plan.conversion.factor, plan.conversion.offset) != (1.0, 0.0):
        before, after = f"{raw:.6g} {plan.heading.unit}", f"{value:.6g} {plan.variable.unit}"
        journal.changed(Change("unit converted", name, cell=where, before=before, after=after, count=len(there)))
    _note_marks(table, plan, read, journal)
    if read.decimal_comma:
        after = f"{read.example_value:.15g}"
        journal.changed(
            Change("decimal comma", name, cell=where, before=read.example, after=after, count=read.from_text)
        )
    elif read.from_text and not table.block.grid.from_text:
        rule = "number kept as text in the workbook"
        journal.changed(Change(rule, name, cell=where, before=read.example, after=read.example, count=read.from_text))


def _note_marks(table: Table, plan: ColumnPlan, read: Numbers, journal: Journal) -> None:
    """One change for thousands marks and one for units in the cells of a column."""
    for rule, rows in (("thousands mark removed", read.grouped), ("unit in the cell removed", read.united)):
        if not rows or plan.variable is None:
            continue
        before = table.block.grid.columns[plan.heading.column].shown(rows[0])
        after = f"{read.values[int(np.flatnonzero(table.rows == rows[0])[0])]:.15g}"
        where = table.block.where(plan.heading, rows[0])
        journal.changed(Change(rule, plan.variable.name, cell=where, before=before, after=after, count=len(rows)))
