"""Which variable each column is in the end: the catalog's role, unless how often it is measured says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Floats, Variable
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.batches.tables import Series
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.columns import offline_twin
from mabdesk.data.units import conversion
from mabdesk.data.variables import MEASURED, known

_DENSE_H = 4.0


@dataclass(frozen=True, eq=False)
class Dated:
    """A table of measurements with its rows' hours since inoculation (n,) and its columns."""

    table: Table
    hours: Floats
    series: tuple[Series, ...]


def settle_roles(tables: Sequence[Dated], journal: Journal) -> tuple[Dated, ...]:
    """Give every column its final variable, the same name for the same thing in all tables.

    A sensor's variable that is only measured now and then is an offline one (its value holds until the next sample);
    beside the sensor itself it is a sibling of its own. An offline variable that a sensor follows (glucose by Raman)
    is a sibling too. Variables without a place in the catalog go by how often they are measured.
    """
    dense = {
        id(series): _is_dense(item.table, item.hours, np.isfinite(series.values))
        for item in tables
        for series in item.series
    }
    often = {_name(series) for item in tables for series in item.series if dense[id(series)]}
    seldom = {_name(series) for item in tables for series in item.series if not dense[id(series)]}
    tight = {
        id(item.table) for item in tables if _is_dense(item.table, item.hours, np.ones(len(item.hours), dtype=bool))
    }
    settled = []
    for item in tables:
        new = []
        for series in item.series:
            alone = not (_name(series) in often and _name(series) in seldom)
            variable = _final(series, dense[id(series)], alone, id(item.table) in tight)
            new.append(replace(series, plan=replace(series.plan, variable=variable)))
        settled.append(replace(item, series=tuple(new)))
    return _same_units(settled, journal)


def _name(series: Series) -> str:
    return series.plan.variable.name if series.plan.variable else ""


def _final(series: Series, dense: bool, alone: bool, tight_table: bool) -> Variable:
    variable = series.plan.variable
    if variable is None:
        raise TypeError("a series has a variable")
    if known(variable.name, MEASURED) is None and not variable.name.endswith("_offline"):
        return replace(variable, role="online" if dense else "offline")
    if variable.role == "online" and not dense:
        if not alone:
            return offline_twin(variable)
        return variable if tight_table else replace(variable, role="offline")
    if variable.role != "online" and dense and not alone:
        label = f"{variable.label} (online)"
        return replace(variable, name=f"{variable.name}_online", role="online", label=label)
    return variable


def _is_dense(table: Table, hours: Floats, measured: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
    """Tell whether values come every four hours or more often in the middle batch."""
    order = np.lexsort((hours[measured], table.codes[measured]))
    at, code = hours[measured][order], table.codes[measured][order]
    steps = np.diff(at)[np.diff(code) == 0]
    steps = steps[steps > 0]
    return len(steps) > 0 and float(np.median(steps)) <= _DENSE_H


def _same_units(tables: Sequence[Dated], journal: Journal) -> tuple[Dated, ...]:
    """Bring variables of their own that come in several units into the first one's."""
    first: dict[str, Variable] = {}
    result = []
    for item in tables:
        new = []
        for series in item.series:
            variable = series.plan.variable
            if variable is not None:
                kept = first.setdefault(variable.name, variable)
                series = _converted(series, variable, kept, journal)
            new.append(series)
        result.append(replace(item, series=tuple(new)))
    return tuple(result)


def _converted(series: Series, variable: Variable, kept: Variable, journal: Journal) -> Series:
    if variable == kept:
        return series
    way = conversion(variable.unit, kept.unit)
    if way is None:
        text = f"{variable.name} is given in {variable.unit!r} here and in {kept.unit!r} elsewhere"
        journal.say("error", series.table.block.where(series.plan.heading), text)
        return series
    role = "online" if "online" in {variable.role, kept.role} else kept.role
    plan = replace(series.plan, variable=replace(kept, role=role))
    return replace(series, plan=plan, values=series.values * way.factor + way.offset)
