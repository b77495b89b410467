"""A planned table with its rows by batch and time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change
from mabdesk.data.reading.batches.clock import Clock, read_clock
from mabdesk.data.reading.headers.meanings import is_summary
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.mapping.plans import BlockPlan, ColumnPlan
from mabdesk.data.reading.values.cells import DATE, DURATION, EMPTY, ERROR
from mabdesk.data.settings import ReadingOptions

JOINED_BY = "_"
SUMMARY = "row that sums others up, left out"
FILLED = "batch id taken from the cell above"
_MOST_LABELS = 20_000
_OFFER_FILL = "Where a batch id stands in its first row alone, choose --blank-batches fill_down."


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


def lay_out(plan: BlockPlan, options: ReadingOptions, journal: Journal) -> Table:
    """Find each row's batch and time; rows that lack one of them but hold values are problems."""
    plan = _without_summaries(plan, journal)
    block = plan.block
    ids = _batch_ids(plan, options, journal)
    clock = read_clock(block, plan.headings("time"), options, ids)
    journal.problems.extend(clock.problems)
    journal.changes.extend(clock.changes)
    named = np.array([bool(text) for text in ids], dtype=bool)
    holds = _rows_with_values(plan)
    _report_nameless(plan, block.rows[~named & holds], journal)
    kept = named
    if plan.kind != "batches":
        timed = np.isfinite(clock.values)
        _report_timeless(plan, block.rows[named & ~timed & holds], clock, journal)
        if clock.kind != "none":
            _note_idle(plan, block.rows[named & ~timed & ~holds], journal)
            kept = named & timed
    distinct = tuple(dict.fromkeys(text for text, keep in zip(ids, kept.tolist(), strict=True) if keep))
    index = {text: code for code, text in enumerate(distinct)}
    codes = np.array([index[ids[i]] for i in np.flatnonzero(kept).tolist()], dtype=np.intp)
    shorter = replace(clock, values=clock.values[kept], problems=(), changes=())
    return Table(plan, block.rows[kept], distinct, codes, shorter)


def _without_summaries(plan: BlockPlan, journal: Journal) -> BlockPlan:
    """Leave out rows that say "Mean" or "Total" where a batch or a time is needed; each one is listed."""
    block = plan.block
    found: dict[int, int] = {}
    for heading in (*plan.headings("batch"), *plan.headings("time")):
        texts = block.grid.columns[heading.column].text
        if len(texts) > _MOST_LABELS:  # a text table of a million rows: its last rows are where sums stand
            texts = {row: texts[row] for row in block.rows[-_MOST_LABELS:].tolist() if row in texts}
        found |= {row: heading.column for row, text in texts.items() if is_summary(text) or text.endswith(":")}
    rows = [row for row in block.rows.tolist() if row in found] if found else []
    if not rows:
        return plan
    for row in rows:
        text = block.grid.columns[found[row]].text[row]
        journal.changed(Change(SUMMARY, "", cell=block.grid.where(row, found[row]), before=text))
    said = [
        (
            block.grid.where(row),
            f"{_shown(block, row, found)!r} is no batch and no time of one: a sum or a remark; left out",
        )
        for row in rows
    ]
    journal.say_all("note", said, "rows of sums and means")
    return replace(plan, block=replace(block, rows=np.setdiff1d(block.rows, rows)))


def _shown(block: Block, row: int, columns: Mapping[int, int]) -> str:
    return block.grid.columns[columns[row]].text[row]


def _batch_ids(plan: BlockPlan, options: ReadingOptions, journal: Journal) -> list[str]:
    """Return the batch id of each row: several columns are joined, merged cells count for all their rows."""
    headings = plan.headings("batch")
    if not headings:
        return [plan.block.batch] * len(plan.block.rows)
    parts = [_labels(plan.block, found.column, options, journal) for found in headings]
    if len(parts) == 1:
        return parts[0]
    return [JOINED_BY.join(texts) if all(texts) else "" for texts in zip(*parts, strict=True)]


def _labels(block: Block, index: int, options: ReadingOptions, journal: Journal) -> list[str]:
    column = block.grid.columns[index]
    odd = block.rows[np.isin(column.kind[block.rows], (DATE, DURATION, ERROR))]
    found = [
        (block.grid.where(row, index), f"holds {column.shown(row)} where a batch id is needed") for row in odd.tolist()
    ]
    journal.say_all("error", found, "cells that are no batch ids")
    texts = column.shown_at(block.rows)
    if all(texts):
        return texts
    texts = _with_merged(block, index, texts)
    if all(texts) or not any(texts):
        return texts
    if options.blank_batches != "fill_down":
        journal.offer(_OFFER_FILL)
        return texts
    return _filled_down(block, index, texts, journal)


def _with_merged(block: Block, index: int, texts: list[str]) -> list[str]:
    if not block.grid.merged:
        return texts
    above = {
        row: block.grid.columns[left].shown(top)
        for top, left, bottom, right in block.grid.merged
        if left <= index <= right and bottom > top
        for row in range(top, bottom + 1)
    }
    return [text or above.get(row, "") for text, row in zip(texts, block.rows.tolist(), strict=True)]


def _filled_down(block: Block, index: int, texts: list[str], journal: Journal) -> list[str]:
    filled, last, first, count = [], "", -1, 0
    for text, row in zip(texts, block.rows.tolist(), strict=True):
        if not text and last:
            count += 1
            first = row if first < 0 else first
        last = text or last
        filled.append(last)
    if count:
        after = filled[block.rows.tolist().index(first)]
        journal.changed(Change(FILLED, "", cell=block.grid.where(first, index), after=after, count=count))
        journal.say("warning", block.grid.where(first, index), f"{count} rows take the batch id above them, as chosen")
    return filled


def _rows_with_values(plan: BlockPlan) -> NDArray[np.bool_]:
    block = plan.block
    indices = [found.column for use in ("variable", "event", "mark", "remark") for found in plan.headings(use)]
    kinds = [block.grid.columns[index].kind[block.rows] != EMPTY for index in indices]
    return np.any(kinds, axis=0) if kinds else np.ones(len(block.rows), dtype=bool)


def _report_nameless(plan: BlockPlan, rows: NDArray[np.intp], journal: Journal) -> None:
    named = plan.headings("batch")
    column = named[0].column if named else None
    found = [
        (plan.block.grid.where(row, column), "the row has values but no batch; write its batch id")
        for row in rows.tolist()
    ]
    journal.say_all("error", found, "rows without a batch")


def _report_timeless(plan: BlockPlan, rows: NDArray[np.intp], clock: Clock, journal: Journal) -> None:
    grid = plan.block.grid
    told = any(problem.severity == "error" for problem in clock.problems)
    if clock.heading is None:
        if len(rows) and not told:
            journal.say("error", grid.where(), "the rows have values but no column tells their time")
        return
    columns = (clock.heading,) if clock.beside is None else (clock.heading, clock.beside)
    found = []
    for row in rows.tolist():
        empty = next((one for one in columns if grid.columns[one.column].kind[row] == EMPTY), None)
        if empty is not None:
            what = "time" if empty is clock.heading else f"time of day in {empty.text!r}"
            found.append((plan.block.where(empty, row), f"the row has values but no {what}"))
        elif not told:  # else cells that hold something else than a time are named already
            shown = grid.columns[clock.heading.column].shown(row)
            found.append((plan.block.where(clock.heading, row), f"{shown!r} is no time that a batch can have"))
    journal.say_all("error", found, "rows without a time")


def _note_idle(plan: BlockPlan, rows: NDArray[np.intp], journal: Journal) -> None:
    found = [(plan.block.grid.where(row), "the row has neither a time nor values; left out") for row in rows.tolist()]
    journal.say_all("note", found, "rows without time and values")


def texts_by_batch(table: Table, plan: ColumnPlan) -> Mapping[str, set[str]]:
    """Return the different texts that a column has for each batch."""
    column = table.block.grid.columns[plan.heading.column]
    found: dict[str, set[str]] = {batch: set() for batch in table.ids}
    there = column.kind[table.rows] != EMPTY
    for text, code in zip(column.shown_at(table.rows[there]), table.codes[there].tolist(), strict=True):
        found[table.ids[code]].add(text)
    return found


def text_at(table: Table, column: int, place: int) -> str:
    """Return the text of a cell of the table, "" when it is empty."""
    return table.block.grid.columns[column].shown(int(table.rows[place]))
