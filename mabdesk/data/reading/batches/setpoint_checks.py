"""Setpoints that look wrong: outside their limits, or of one batch on quite another scale than the others'."""

from collections.abc import Mapping

import numpy as np

from mabdesk.data.batch import Change, Role, Variable
from mabdesk.data.reading.batches.facts import Facts
from mabdesk.data.reading.journal import Journal
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.variables import known
from mabdesk.errors import Severity

_SETPOINT: tuple[Role, ...] = ("setpoint",)
_FACTOR = 200.0
_AGREE = 3.0
_WITH_VESSEL = frozenset(("L", "mL", "kg", "L/min"))


def check_setpoints(facts: Facts, options: ReadingOptions, journal: Journal) -> None:
    """List setpoints outside their limits; refuse one that is hundreds of times another's, unless it is to be kept."""
    for name, variable in facts.variables.items():
        values = {batch: own[name] for batch, own in facts.setpoints.items() if name in own}
        _check_limits(variable, values, facts, journal)
        if known(name, _SETPOINT) is not None:  # what is studied under a name of its own may take any values
            _check_scale(variable, values, facts, options, journal)


def _check_limits(variable: Variable, values: Mapping[str, float], facts: Facts, journal: Journal) -> None:
    outside = {batch: value for batch, value in values.items() if not variable.low <= value <= variable.high}
    limits = f"{variable.low:g} to {variable.high:g} {variable.unit}".rstrip()
    for batch, value in outside.items():
        cell = facts.cells.get((batch, variable.name), "")
        rule = f"suspicious: setpoint outside {limits}, kept"
        journal.changed(Change(rule, variable.name, batch, cell=cell, before=f"{value:.6g}", after=f"{value:.6g}"))
    if outside:
        batch, value = next(iter(outside.items()))
        which = "1 setpoint" if len(outside) == 1 else f"{len(outside)} setpoints"
        text = f"{which} of {variable.label} outside {limits}, the first is {value:.6g} of batch {batch}; kept"
        journal.say("warning", facts.cells.get((batch, variable.name), ""), text)


def _check_scale(
    variable: Variable, values: Mapping[str, float], facts: Facts, options: ReadingOptions, journal: Journal
) -> None:
    """Hold each batch's setpoint against those of the others, where these agree; of two the smaller is told."""
    there = {batch: value for batch, value in values.items() if value > 0}
    found = []
    for batch, value in there.items():
        others = np.array([other for one, other in there.items() if one != batch])
        if not len(others) or others.max() > _AGREE * others.min():
            continue
        usual = float(np.median(others))
        if max(value / usual, usual / value) <= _FACTOR or (len(there) == 2 and value < usual):
            continue
        unit = variable.unit
        text = f"batch {batch}: setpoint of {variable.label} {value:.6g} {unit}, the others' {usual:.6g} {unit}"
        found.append((facts.cells.get((batch, variable.name), ""), text))
    kept = options.odd_scale == "keep" or variable.unit in _WITH_VESSEL
    severity: Severity = "warning" if kept else "error"
    end = "; kept as it is" if kept else ": are both in one unit?"
    journal.say_all(severity, [(where, text + end) for where, text in found], "such setpoints")
    if found and not kept:
        journal.offer("If such setpoints are right, choose --odd-scale keep.")
