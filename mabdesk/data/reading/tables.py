"""A mapped table with its rows by batch and hour, and its columns as numbers in canonical units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change, Floats
from mabdesk.data.reading.cells import DATE, DURATION, EMPTY, ERROR
from mabdesk.data.reading.clock import Clock, read_clock
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping import BlockPlan, ColumnPlan
from mabdesk.data.reading.numbers import NEVER_GUESSED, Finding, Numbers, marks_of, read_numbers
from mabdesk.data.reading.preview import Block
from mabdesk.data.settings import ReadingOptions

_RULES = {
    "censored": "censored, taken as not measured",
    "not measured": "marked as not measured",
    "not finite": "not a finite number, taken as not measured",
    "error": "error in the cell, taken as not measured",
    "text": "text in a cell of numbers, taken as not measured",
    "date": "date in a cell of numbers, taken as not measured",
}
_OFFER = "To take text and errors in cells of numbers as not measured, and list them, choose --unreadable not_measured."


@dataclass(frozen=True, eq=False)
class Table:
    """A table whose rows all have a batch. `rows` (n,) in the grid, `codes` (n,) into `ids`, times as `clock` says."""

    plan: BlockPlan
    rows: NDArray[np.intp]
    ids: tuple[str, ...]
    codes: NDArray[np.intp]
    clock: Clock

    @property
    def block(self) -> Block:
        """Return the table's place in its sheet."""
        return self.plan.block

    @property
    def file(self) -> str:
        """Return the name of the table's file."""
        return self.plan.block.grid.file

    def of_batch(self, batch: str) -> NDArray[np.intp]:
        """Return where (positions in `rows`) a batch stands."""
        return np.flatnonzero(self.codes == self.ids.index(batch)) if batch in self.ids else np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Series:
    """One column of a table: its plan and its values (n,) in the variable's unit, NaN where not measured."""

    table: Table
    plan: ColumnPlan
    values: Floats


def lay_out(plan: BlockPlan, options: ReadingOptions, journal: Journal) -> Table:
    """Find each row's batch and time; rows that lack one of them but hold values are problems."""
    block = plan.block
    batch = plan.headings("batch")[0]
    ids = _batch_ids(block, batch.column, journal)
    clock = read_clock(block, plan.headings("time"), options)
    journal.problems.extend(clock.problems)
    named = np.array([bool(text) for text in ids], dtype=bool)
    holds = _rows_with_values(plan)
    _report_nameless(plan, block.rows[~named & holds], journal)
    kept = named
    if plan.kind != "batches" and clock.kind != "none":
        timed = np.isfinite(clock.values)
        _report_timeless(plan, block.rows[named & ~timed & holds], clock, journal)
        _note_idle(plan, block.rows[named & ~timed & ~holds], journal)
        kept = named & timed
    distinct = tuple(dict.fromkeys(text for text, keep in zip(ids, kept.tolist(), strict=True) if keep))
    index = {text: code for code, text in enumerate(distinct)}
    codes = np.array([index[ids[i]] for i in np.flatnonzero(kept).tolist()], dtype=np.intp)
    shorter = Clock(clock.kind, clock.values[kept], clock.heading, clock.factor)
    return Table(plan, block.rows[kept], distinct, codes, shorter)


def _batch_ids(block: Block, index: int, journal: Journal) -> list[str]:
    column = block.grid.columns[index]
    odd = block.rows[np.isin(column.kind[block.rows], (DATE, DURATION, ERROR))]
    found = [
        (block.grid.where(row, index), f"holds {column.shown(row)} where a batch id is needed") for row in odd.tolist()
    ]
    journal.say_all("error", found, "cells that are no batch ids")
    return [column.shown(row) if column.kind[row] != EMPTY else "" for row in block.rows.tolist()]


def _rows_with_values(plan: BlockPlan) -> NDArray[np.bool_]:
    block = plan.block
    indices = [found.column for use in ("variable", "event") for found in plan.headings(use)]
    kinds = [block.grid.columns[index].kind[block.rows] != EMPTY for index in indices]
    return np.any(kinds, axis=0) if kinds else np.ones(len(block.rows), dtype=bool)


def _report_nameless(plan: BlockPlan, rows: NDArray[np.intp], journal: Journal) -> None:
    column = plan.headings("batch")[0].column
    found = [
        (plan.block.grid.where(row, column), "the row has values but no batch; write its batch id")
        for row in rows.tolist()
    ]
    journal.say_all("error", found, "rows without a batch")


def _report_timeless(plan: BlockPlan, rows: NDArray[np.intp], clock: Clock, journal: Journal) -> None:
    if clock.heading is None:
        return
    column = plan.block.grid.columns[clock.heading.column]
    # Cells that hold something else than a time are named already.
    empty = [row for row in rows.tolist() if column.kind[row] == EMPTY]
    where = [plan.block.grid.where(row, clock.heading.column) for row in empty]
    journal.say_all("error", [(place, "the row has values but no time") for place in where], "rows without a time")


def _note_idle(plan: BlockPlan, rows: NDArray[np.intp], journal: Journal) -> None:
    found = [(plan.block.grid.where(row), "the row has neither a time nor values; left out") for row in rows.tolist()]
    journal.say_all("note", found, "rows without time and values")


def read_series(table: Table, hours: Floats, options: ReadingOptions, journal: Journal) -> list[Series]:
    """Read the columns of variables. `hours` (n,) only name the time of a cell in the list of changes."""
    series = []
    marks = marks_of(table.block.grid, options.decimal)
    for plan in table.plan.of("variable"):
        grid = table.block.grid
        percent = plan.variable is not None and plan.variable.unit == "%" and plan.heading.unit in {"%", ""}
        read = read_numbers(grid.columns[plan.heading.column], table.rows, replace(marks, percent=percent))
        _settle_findings(table, plan, hours, read.findings, options, journal)
        values = read.values * plan.conversion.factor + plan.conversion.offset
        _note_rules(table, plan, read, values, journal)
        series.append(Series(table, plan, values))
    return series


def _settle_findings(
    table: Table,
    plan: ColumnPlan,
    hours: Floats,
    findings: Sequence[Finding],
    options: ReadingOptions,
    journal: Journal,
) -> None:
    if not findings or plan.variable is None:
        return
    refused, taken = [], []
    position = {row: place for place, row in enumerate(table.rows.tolist())}
    for found in findings:
        where = table.block.where(plan.heading, found.row)
        bad = found.kind in {"error", "text", "date", "ambiguous"}
        if found.kind == "ambiguous":
            refused.append((where, f"{found.text!r} {NEVER_GUESSED}"))
        elif bad and options.unreadable == "refuse":
            refused.append((where, _refusal(found, plan)))
            journal.offer(_OFFER)
        else:
            taken.append((where, f"{plan.variable.label}: {found.text!r} {_RULES[found.kind]}"))
            place = position[found.row]
            journal.changed(
                Change(
                    _RULES[found.kind],
                    plan.variable.name,
                    table.ids[table.codes[place]],
                    float(hours[place]),
                    where,
                    found.text,
                )
            )
    journal.say_all("error", refused, f"such cells in {plan.heading.text!r}")
    journal.say_all("warning", taken, f"such cells in {plan.heading.text!r}")


def _refusal(found: Finding, plan: ColumnPlan) -> str:
    label = plan.variable.label if plan.variable else plan.heading.text
    if found.kind == "error":
        if found.text.startswith("#"):
            return f"holds the error {found.text} where a number ({label}) is needed"
        return f"holds {found.text} where a number ({label}) is needed"
    what = "a date" if found.kind == "date" else "text"
    return f"holds {what}, {found.text!r}, where a number ({label}) is needed"


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
    _note_thousands(table, plan, read, journal)
    if read.decimal_comma:
        after = read.example.replace(".", "").replace(",", ".")
        journal.changed(
            Change("decimal comma", name, cell=where, before=read.example, after=after, count=read.from_text)
        )
    elif read.from_text and not table.block.grid.from_text:
        rule = "number kept as text in the workbook"
        journal.changed(Change(rule, name, cell=where, before=read.example, after=read.example, count=read.from_text))


def _note_thousands(table: Table, plan: ColumnPlan, read: Numbers, journal: Journal) -> None:
    if not read.grouped or plan.variable is None:
        return
    row = read.grouped[0]
    before = table.block.grid.columns[plan.heading.column].shown(row)
    after = f"{read.values[int(np.flatnonzero(table.rows == row)[0])]:.15g}"
    where = table.block.where(plan.heading, row)
    rule, name = "thousands mark removed", plan.variable.name
    journal.changed(Change(rule, name, cell=where, before=before, after=after, count=len(read.grouped)))


def texts_by_batch(table: Table, plan: ColumnPlan) -> Mapping[str, set[str]]:
    """Return the different texts that a column has for each batch."""
    column = table.block.grid.columns[plan.heading.column]
    found: dict[str, set[str]] = {batch: set() for batch in table.ids}
    for row, code in zip(table.rows.tolist(), table.codes.tolist(), strict=True):
        if column.kind[row] != EMPTY:
            found[table.ids[code]].add(column.shown(row))
    return found


def text_at(table: Table, column: int, place: int) -> str:
    """Return the text of a cell of the table, "" when it is empty."""
    return table.block.grid.columns[column].shown(int(table.rows[place]))
