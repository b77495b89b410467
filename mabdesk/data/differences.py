"""What differs between two readings of what should be the same batches: batches, values, setpoints, tags, events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Event, Floats, Measurements
from mabdesk.data.imported import Reading

MOST_LISTED = 1000
SAME = "Every value is the same: only the file itself differs (its format, or cells that are not read)."
_RELATIVE, _SAME_HOUR = 1e-9, 1e-6
_NAMED = 5
_Matched = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class ValueDifference:
    """One measured value that differs, in the variable's unit; None = not measured. Cells are "" where unknown."""

    batch: str
    variable: str
    hour: float
    before: float | None
    after: float | None
    cell: str
    cell_before: str


@dataclass(frozen=True)
class FactDifference:
    """A setpoint, tag or event of a batch, or a variable's unit (no batch), that differs; "" = there was none."""

    kind: str
    batch: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Differences:
    """What differs. `count` and `fact_count` are of all; `values` and `facts` list the first thousand of each."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    count: int
    values: tuple[ValueDifference, ...]
    fact_count: int
    facts: tuple[FactDifference, ...]
    sentences: tuple[str, ...]

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.count or self.fact_count)


@dataclass(frozen=True, eq=False)
class _Column:
    """The values of one variable of one batch that differ: hours (n,), before and after (n,), NaN = not measured."""

    batch: str
    variable: str
    hours: Floats
    before: Floats
    after: Floats


def differences(before: Reading, after: Reading) -> Differences:
    """Compare two readings, hours as equal within 1e-6 h and values within 1e-9 of their size.

    Args:
        before: what is known.
        after: what the newer files give; its cells are named first.
    """
    old, new = ({batch.id: batch for batch in reading.dataset.batches} for reading in (before, after))
    common = [name for name in old if name in new]
    columns = [column for name in common for column in _columns(old[name], new[name])]
    facts = [*_units(before, after), *(fact for name in common for fact in _facts(old[name], new[name]))]
    touched = {column.batch for column in columns} | {fact.batch for fact in facts}
    added = tuple(name for name in new if name not in old)
    removed = tuple(name for name in old if name not in new)
    changed = tuple(name for name in common if name in touched)
    by_batch = [name for name in common if name in {column.batch for column in columns}]
    count = sum(len(column.hours) for column in columns)
    sentences = (*_of_values(count, by_batch), *_of_batches(added, removed), *_of_facts(facts))
    return Differences(
        added, removed, changed, count, tuple(_listed(columns, before, after)),
        len(facts), tuple(facts[:MOST_LISTED]), sentences or (SAME,),
    )  # fmt: skip


def _columns(old: Batch, new: Batch) -> Iterator[_Column]:
    """Give the variables of a batch that differ, also those that moved between sensors and samples."""
    tables = {name: (_table(old, name), _table(new, name)) for name in dict.fromkeys([*_names(old), *_names(new)])}
    matched: dict[tuple[int, int], _Matched] = {}
    for name, (was, now) in tables.items():
        key = (id(was), id(now))
        if key not in matched:
            matched[key] = _same_rows(was.hours, now.hours)
        column = _column(old.id, name, was, now, matched[key])
        if column is not None:
            yield column


def _names(batch: Batch) -> tuple[str, ...]:
    return (*batch.online.names, *batch.offline.names)


def _table(batch: Batch, name: str) -> Measurements:
    return batch.online if name in batch.online.names else batch.offline


def _same_rows(was: Floats, now: Floats) -> _Matched:
    """Return the places of hours that both have, in each; both are sorted and strictly increasing."""
    if len(was) == len(now) and bool((np.abs(was - now) <= _SAME_HOUR).all()):
        return np.arange(len(was)), np.arange(len(now))
    place = np.searchsorted(now, was - _SAME_HOUR)
    near = np.minimum(place, max(len(now) - 1, 0))
    found = (place < len(now)) & (np.abs(now[near] - was) <= _SAME_HOUR) if len(now) else np.zeros(len(was), dtype=bool)
    _, first = np.unique(near[found], return_index=True)  # each row answers to one other row at most
    return np.flatnonzero(found)[first], near[found][first]


def _column(batch: str, name: str, was: Measurements, now: Measurements, matched: _Matched) -> _Column | None:
    old, new = was.column(name), now.column(name)
    here, there = matched
    alone_old, alone_new = np.ones(len(old), dtype=bool), np.ones(len(new), dtype=bool)
    alone_old[here] = alone_new[there] = False
    lost, come = np.flatnonzero(alone_old & np.isfinite(old)), np.flatnonzero(alone_new & np.isfinite(new))
    other = _differ(old[here], new[there])
    if not (len(lost) or len(come) or other.any()):
        return None
    hours = np.concatenate([now.hours[there[other]], was.hours[lost], now.hours[come]])
    before = np.concatenate([old[here[other]], old[lost], np.full(len(come), np.nan)])
    after = np.concatenate([new[there[other]], np.full(len(lost), np.nan), new[come]])
    order = np.argsort(hours, kind="stable")
    return _Column(batch, name, hours[order], before[order], after[order])


def _differ(old: Floats, new: Floats) -> NDArray[np.bool_]:
    close = np.abs(old - new) <= _RELATIVE * np.maximum(np.abs(old), np.abs(new))
    return ~close & ~(np.isnan(old) & np.isnan(new))


def _listed(columns: Sequence[_Column], before: Reading, after: Reading) -> Iterator[ValueDifference]:
    left = MOST_LISTED
    for column in columns:
        rows = zip(column.hours.tolist(), column.before.tolist(), column.after.tolist(), strict=True)
        for hour, old, new in list(rows)[:left]:
            cell, cell_before = (reading.cell_of(column.batch, column.variable, hour) for reading in (after, before))
            yield ValueDifference(column.batch, column.variable, hour, _known(old), _known(new), cell, cell_before)
        left -= min(left, len(column.hours))
        if not left:
            return


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _units(before: Reading, after: Reading) -> Iterator[FactDifference]:
    """A variable of the file's own has the unit that its header names: its numbers then mean something else."""
    new = {variable.name: variable.unit for variable in after.dataset.variables}
    for variable in before.dataset.variables:
        if new.get(variable.name, variable.unit) != variable.unit:
            yield FactDifference("unit", "", variable.name, variable.unit, new[variable.name])


def _facts(old: Batch, new: Batch) -> Iterator[FactDifference]:
    for name in dict.fromkeys([*old.setpoints, *new.setpoints]):
        was, now = (batch.setpoints.get(name, np.nan) for batch in (old, new))
        if _differ(np.array([was]), np.array([now])).any():
            yield FactDifference("setpoint", old.id, name, _number(was), _number(now))
    yield from _tags(old.id, old.tags, new.tags)
    yield from _events(old.id, old.events, new.events)


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.15g}"


def _tags(batch: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[FactDifference]:
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            yield FactDifference("tag", batch, name, was, now)


def _events(batch: str, old: Sequence[Event], new: Sequence[Event]) -> Iterator[FactDifference]:
    left = list(new)
    for event in old:
        match = next((other for other in left if _same_event(event, other)), None)
        if match is None:
            yield FactDifference("event", batch, event.kind, _told(event), "")
        else:
            left.remove(match)
    for event in left:
        yield FactDifference("event", batch, event.kind, "", _told(event))


def _same_event(one: Event, other: Event) -> bool:
    return (one.kind, one.text) == (other.kind, other.text) and abs(one.hour - other.hour) <= _SAME_HOUR


def _told(event: Event) -> str:
    return f"{event.hour:.6g} h" + (f", {event.text}" if event.text else "")


def _of_values(count: int, batches: Sequence[str]) -> Iterator[str]:
    if count:
        what = "1 cell differs" if count == 1 else f"{count:,} cells differ"
        yield f"{what}, in {'batch' if len(batches) == 1 else 'batches'} {_spoken(batches)}."


def _of_batches(added: Sequence[str], removed: Sequence[str]) -> Iterator[str]:
    for names, what in ((added, "new"), (removed, "gone")):
        if names:
            yield f"{'1 batch is' if len(names) == 1 else f'{len(names)} batches are'} {what}: {_spoken(names)}."


def _of_facts(facts: Sequence[FactDifference]) -> Iterator[str]:
    for kind in ("setpoint", "tag", "event"):
        found = [fact for fact in facts if fact.kind == kind]
        if found:
            batches = tuple(dict.fromkeys(fact.batch for fact in found))
            what = f"1 {kind} differs" if len(found) == 1 else f"{len(found):,} {kind}s differ"
            yield f"{what}, in {'batch' if len(batches) == 1 else 'batches'} {_spoken(batches)}."
    for fact in facts:
        if fact.kind == "unit":
            yield f"The unit of {fact.name} is {fact.after or 'none'} now; it was {fact.before or 'none'}."


def _spoken(names: Sequence[str]) -> str:
    """Name some, as a person would: "B03 and B07", "B01, B02, B03, B04, B05 and 7 more"."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
