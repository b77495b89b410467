"""Rows of one batch, from one or several tables, into one table with strictly increasing hours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import EMPTY, Change, Floats, Measurements
from mabdesk.data.reading.batches.tables import Series
from mabdesk.data.reading.journal import Journal


@dataclass(frozen=True, eq=False)
class Piece:
    """Part of a batch from one table: `places` (k,) in the table, `hours` (k,) sorted, its columns."""

    places: NDArray[np.intp]
    hours: Floats
    series: tuple[Series, ...]

    def values(self) -> Floats:
        """Return (k, columns) values."""
        return np.column_stack([series.values[self.places] for series in self.series])

    def where(self, row: int, column: int) -> str:
        """Name a cell of this part."""
        series = self.series[column]
        return series.table.block.where(series.plan.heading, int(series.table.rows[self.places[row]]))


@dataclass(frozen=True, eq=False)
class _Stack:
    """All parts of a batch: rows sorted by hour (n,), `values` (n, names), and where each value came from."""

    pieces: tuple[Piece, ...]
    names: tuple[str, ...]
    hours: Floats
    values: Floats
    origin: NDArray[np.intp]  # (n, 2): piece, row in the piece

    def where(self, row: int, name: str) -> str:
        piece: Piece = self.pieces[int(self.origin[row, 0])]
        names = [s.plan.variable.name for s in piece.series if s.plan.variable]
        return piece.where(int(self.origin[row, 1]), names.index(name) if name in names else 0)


def merge(batch: str, pieces: Sequence[Piece], names: tuple[str, ...], rule: str, journal: Journal) -> Measurements:
    """Join a batch's parts; `rule` says what two different values at one time become ("refuse", "mean", "first")."""
    filled = tuple(piece for piece in pieces if len(piece.hours))
    if not filled:
        return EMPTY
    stack = _stack(filled, names)
    odd = np.flatnonzero(~np.isfinite(stack.hours)).tolist()
    if odd:  # readers of times refuse these before; should one not, no measurement is put at an hour that is none
        said = [(stack.where(row, names[0]), f"batch {batch}: no hour is known for this row") for row in odd]
        journal.say_all("error", said, "rows without an hour")
        return EMPTY
    there = np.flatnonzero(np.isfinite(stack.values).any(axis=0))
    kept = tuple(names[index] for index in there.tolist())
    if len(stack.hours) < 2 or (np.diff(stack.hours) > 0).all():
        return Measurements(kept, stack.hours, stack.values[:, there])
    starts = np.flatnonzero(np.concatenate([[True], np.diff(stack.hours) > 0]))
    ends = np.append(starts[1:], len(stack.hours))
    values = stack.values[starts].copy()
    conflicts: list[tuple[str, str]] = []
    for index in np.flatnonzero(ends - starts > 1).tolist():
        values[index] = _join(batch, stack, int(starts[index]), int(ends[index]), rule, journal, conflicts)
    journal.say_all("error", conflicts, f"duplicate times in batch {batch}")
    return Measurements(kept, stack.hours[starts], values[:, there])


def _stack(pieces: tuple[Piece, ...], names: tuple[str, ...]) -> _Stack:
    blocks, origin = [], []
    for number, piece in enumerate(pieces):
        block = np.full((len(piece.hours), len(names)), np.nan)
        block[:, [names.index(s.plan.variable.name) for s in piece.series if s.plan.variable]] = piece.values()
        blocks.append(block)
        origin.append(np.column_stack([np.full(len(block), number), np.arange(len(block))]))
    hours = np.concatenate([piece.hours for piece in pieces])
    order = np.argsort(hours, kind="stable")
    return _Stack(pieces, names, hours[order], np.vstack(blocks)[order], np.vstack(origin)[order])


def _join(
    batch: str, stack: _Stack, start: int, end: int, rule: str, journal: Journal, conflicts: list[tuple[str, str]]
) -> Floats:
    """Make one row of several with the same hour."""
    rows, hour = stack.values[start:end], float(stack.hours[start])
    joined = np.full(rows.shape[1], np.nan)
    for column, name in enumerate(stack.names):
        there = np.flatnonzero(np.isfinite(rows[:, column]))
        different = np.unique(rows[there, column])
        if len(different) == 1:
            joined[column] = different[0]
        elif len(different) > 1:
            first = rows[there[0], column]
            joined[column] = first if rule == "first" else rows[there, column].mean()
            cells = [stack.where(start + int(row), name) for row in there]
            before = "; ".join(f"{value:.6g}" for value in rows[there, column])
            if rule == "refuse":
                conflicts.append((cells[1], _conflict(batch, name, hour, rows[there, column], cells[0])))
            else:
                rule_text = f"duplicate time, {rule} taken"
                journal.changed(
                    Change(rule_text, name, batch, hour, cells[1], before, f"{joined[column]:.6g}", len(there))
                )
    return joined


def _conflict(batch: str, name: str, hour: float, values: Floats, first: str) -> str:
    return (
        f"batch {batch} has two values of {name} at {hour:g} h, {values[1]:.6g} here and {values[0]:.6g} in {first}; "
        "delete one, correct the batch or the time, or choose --duplicates mean or --duplicates first"
    )
