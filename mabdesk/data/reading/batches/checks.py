"""What looks wrong in data that could be read: said, never mended."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Change, Dataset, Variable
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.batches.scale import check_scale
from mabdesk.data.reading.batches.tables import Series
from mabdesk.data.reading.journal import Journal
from mabdesk.data.settings import ReadingOptions

_PLAIN = ReadingOptions()
_FAR = 3.0
_LONG_H = 24.0
_LONG_SHARE = 0.1
_MOST_LISTED = 2000
_FRACTIONS = frozenset(("viability", "dissolved_oxygen", "monomer", "galactosylation"))


def check_values(dataset: Dataset, tables: Sequence[Dated], journal: Journal, options: ReadingOptions = _PLAIN) -> None:
    """Warn of implausible and constant values, short batches or traces, missing titers.

    A batch on quite another scale than the others is an error unless the options keep it.
    """
    for item in tables:
        for series in item.series:
            _check_limits(item, series, journal)
            if options.odd_scale != "keep":
                _ask_unit(item, series, journal)
            _check_constant(series, journal)
    for variable in dataset.variables:
        if variable.role != "setpoint":
            check_scale(dataset, variable, tables, options.odd_scale == "keep", journal)
    _check_batches(dataset, journal)
    _check_ends(dataset, journal)
    _check_titer(dataset, journal)


def _check_limits(item: Dated, series: Series, journal: Journal) -> None:
    variable = series.plan.variable
    if variable is None:
        return
    kept = np.isfinite(series.values) & (item.hours >= 0)
    outside = np.flatnonzero(kept & ((series.values < variable.low) | (series.values > variable.high)))
    if len(outside):
        _list_suspicious(item, series, variable, outside, int(kept.sum()), journal)
        first = int(outside[0])
        where = series.table.block.where(series.plan.heading, int(series.table.rows[first]))
        text = (
            f"{len(outside)} values of {variable.label} lie outside {variable.low:g} to {variable.high:g} "
            f"{variable.unit}, the first is {series.values[first]:.6g}; kept"
        )
        journal.say("warning", where, text)
    if variable.name in _FRACTIONS:
        _check_fractions(series, variable, journal)


def _ask_unit(item: Dated, series: Series, journal: Journal) -> None:
    """Ask for the unit of a column whose header says none and most of whose values cannot be in mabdesk's own."""
    variable, found = series.plan.variable, series.plan.heading
    there = series.values[np.isfinite(series.values) & (item.hours >= 0)]
    if variable is None or found.unit not in {"", "-"} or not variable.unit or not len(there):
        return
    above = int((there > variable.high).sum())
    if 2 * above > len(there) and float(np.median(there)) > _FAR * abs(variable.high):
        text = (
            f"{found.text!r} says no unit, and {above} of {len(there)} values are far above what {variable.label} is "
            f"in {variable.unit} (middle value {np.median(there):.6g})"
        )
        journal.say("error", series.table.block.where(found), text)
        journal.offer(
            f'Give the unit, for example --unit "{found.name}=...", or keep the values with --odd-scale keep.'
        )


def _check_fractions(series: Series, variable: Variable, journal: Journal) -> None:
    """Warn of a column, or of batches in it, in which no value is above 1 %."""
    there = series.values[np.isfinite(series.values)]
    if not len(there):
        return
    ask = "is above 1 %: are they fractions? Then write the unit as (fraction)"
    where = series.table.block.where(series.plan.heading)
    if float(there.max()) <= 1.0:
        journal.say("warning", where, f"no value of {variable.label} {ask}")
        return
    highest = {batch: _highest(series, batch) for batch in series.table.ids}
    small = [batch for batch, value in highest.items() if 0 < value <= 1.0]
    if small:
        shown = ", ".join(small[:5]) + (f" and {len(small) - 5} more" if len(small) > 5 else "")
        say = f'or say so with --unit "{small[0]}: {series.plan.heading.name}=fraction"'
        text = f"no value of {variable.label} in {shown} {ask}, {say}"
        journal.say("warning", where, text)


def _highest(series: Series, batch: str) -> float:
    own = series.values[series.table.of_batch(batch)]
    return float(np.nanmax(own)) if np.isfinite(own).any() else 0.0


def _list_suspicious(
    item: Dated, series: Series, variable: Variable, outside: NDArray[np.intp], measured: int, journal: Journal
) -> None:
    """List every cell outside the limits; one change for all where they are most of the column, or thousands."""
    rule = f"suspicious: outside {variable.low:g} to {variable.high:g} {variable.unit}".rstrip() + ", kept"
    table, column = series.table, series.table.block.grid.columns[series.plan.heading.column]
    singled_out = 2 * len(outside) <= measured and len(outside) <= _MOST_LISTED
    for place in (outside if singled_out else outside[:1]).tolist():
        row = int(table.rows[place])
        change = Change(
            rule,
            variable.name,
            table.ids[int(table.codes[place])] if singled_out else "",
            float(item.hours[place]) if singled_out else np.nan,
            table.block.where(series.plan.heading, row),
            column.shown(row),
            f"{series.values[place]:.6g}",
            1 if singled_out else len(outside),
        )
        journal.changed(change)


def _check_constant(series: Series, journal: Journal) -> None:
    there = series.values[np.isfinite(series.values)]
    if series.plan.variable and len(there) > 1 and there.min() == there.max():
        text = f"{series.plan.variable.label} is {there[0]:.6g} {series.plan.variable.unit} in every row; kept"
        journal.say("note", series.table.block.where(series.plan.heading), text)


def _check_batches(dataset: Dataset, journal: Journal) -> None:
    for batch in dataset.batches:
        rows = len(np.union1d(batch.online.hours, batch.offline.hours))
        if rows < 2:
            journal.say("warning", "", f"batch {batch.id} has measurements at one time only; kept")


def _check_ends(dataset: Dataset, journal: Journal) -> None:
    """Name batches whose sensors end more than a day and a tenth of the time before their last sample."""
    ends = []
    for batch in dataset.batches:
        if len(batch.online.hours) and len(batch.offline.hours):
            end, last = float(batch.online.hours[-1]), float(batch.offline.hours[-1])
            if last - end > max(_LONG_H, _LONG_SHARE * last):
                ends.append((last - end, batch.id, end, last))
    if not ends:
        return
    _, worst, end, last = max(ends, key=lambda found: found[0])
    which = f"{len(ends)} batches end long before their" if len(ends) > 1 else "1 batch end long before its"
    text = f"sensors of {which} last sample, worst: batch {worst} at {end:g} h of {last:g} h"
    journal.say("warning", "", f"{text}; later windows hold the last value")


def _check_titer(dataset: Dataset, journal: Journal) -> None:
    if not any(variable.role == "target" for variable in dataset.variables):
        text = "no titer is measured in any batch: the data can be looked at, a titer model cannot be trained"
        journal.say("warning", "", text)
        return
    names = dataset.names("target")
    without = [
        b.id for b in dataset.batches if not any(name in b.offline.names or name in b.online.names for name in names)
    ]
    if without:
        shown = ", ".join(without[:5]) + (f" and {len(without) - 5} more" if len(without) > 5 else "")
        journal.say("warning", "", f"no titer is measured in {len(without)} batches ({shown})")
