"""A batch whose values are on another scale than those of the others: mostly a unit, asked and never mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Variable
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.batches.tables import Series
from mabdesk.data.reading.journal import Journal
from mabdesk.data.units import conversion
from mabdesk.errors import Severity

_FACTOR = 200.0
_MOST_OFFERS = 3
_NEAR = 1.15
_AGREE = 3.0
_WITH_VESSEL = frozenset(("L", "mL", "kg", "L/min"))  # what grows with the vessel: another scale is no other unit
_OTHER_UNITS = {
    "g/L": ("mg/L", "mg/dL", "\N{MICRO SIGN}g/L"),
    "mM": ("\N{MICRO SIGN}M", "mol/L"),
    "1e6/mL": ("cells/mL", "1e3 cells/mL", "1e9 cells/mL"),
    "U/L": ("U/mL",),
    "mbar": ("Pa", "bar"),
    "mmHg": ("Pa", "bar"),
    "mOsm/kg": ("Osm/kg",),
}


def check_scale(dataset: Dataset, variable: Variable, tables: Sequence[Dated], keep: bool, journal: Journal) -> None:
    """Compare each batch's middle value with the other batches'.

    A factor near 1000 or more is an error that names both readings, a warning where `keep` says so or the variable
    grows with the vessel. A factor near 10 or 100 is a warning where the other batches agree.
    """
    middles = {batch.id: middle for batch in dataset.batches if (middle := _middle(batch, variable.name)) > 0}
    found = _Findings(variable, tables, keep or variable.unit in _WITH_VESSEL, journal)
    if len(middles) == 2:
        found.compare_two(middles)
    elif len(middles) > 2:
        for batch in middles:
            found.compare(batch, middles)
    severity: Severity = "warning" if found.kept else "error"
    journal.say_all(severity, found.far, "such batches")


@dataclass
class _Findings:
    """What is found of one variable; `far` are (where, sentence) of factors near 1000 and more."""

    variable: Variable
    tables: Sequence[Dated]
    kept: bool
    journal: Journal

    def __post_init__(self) -> None:
        self.far: list[tuple[str, str]] = []

    def compare(self, batch: str, middles: Mapping[str, float]) -> None:
        """Hold one batch's middle value against those of all others."""
        others = np.array([value for other, value in middles.items() if other != batch])
        usual = float(np.median(others))
        ratio = middles[batch] / usual
        text = f"{batch}: {self._is(batch, middles[batch])} is {_times(ratio)} the others' {self._value(usual)}"
        if max(ratio, 1 / ratio) > _FACTOR:
            self.far.append((self._where(batch), text + self._asked(batch, ratio)))
        elif _near_ten_or_hundred(ratio) and others.max() <= _AGREE * others.min() and not self.kept:
            self.journal.say("warning", self._where(batch), f"{text}; kept, check its dilution and unit")

    def compare_two(self, middles: Mapping[str, float]) -> None:
        """Hold two batches against each other: nothing says which of them is the odd one."""
        (small, low), (big, high) = sorted(middles.items(), key=lambda item: item[1])
        text = f"{big}: {self._is(big, high)} is {_times(high / low)} the {self._value(low)} of {small}"
        if high / low <= _FACTOR:
            if _near(high / low, 100.0) and not self.kept:
                self.journal.say("warning", self._where(big), f"{text}; kept, check its dilution and unit")
            return
        batch, ratio = (big, high / low) if self._unit_for(big, high / low) else (small, low / high)
        self.far.append((self._where(big), text + self._asked(batch, ratio)))

    def _asked(self, batch: str, ratio: float) -> str:
        """Return the question of a sentence; what may be chosen goes into the hint."""
        if self.kept:
            return "; kept as it is"
        unit = self._unit_for(batch, ratio)
        if not unit:
            self.journal.offer("If the values of such a batch are right, choose --odd-scale keep.")
            return f": is {batch} really in {self.variable.unit}?" if self.variable.unit else ": is that right?"
        if len(self.far) < _MOST_OFFERS:
            self.journal.offer(self._offer(batch, unit))
        return f": is {batch} in {unit}?"

    def _offer(self, batch: str, unit: str) -> str:
        return (
            f'If batch {batch} is in {unit}, say so: --unit "{batch}: {self._header(batch)}={unit}"; '
            "if its values are right, choose --odd-scale keep."
        )

    def _unit_for(self, batch: str, ratio: float) -> str:
        """Return the unit that would explain the ratio if the batch's values were in it, "" where none is known."""
        _, now = self._given(batch)
        for unit in (self.variable.unit, *_OTHER_UNITS.get(self.variable.unit, ())):
            way = conversion(unit, self.variable.unit)
            if way is not None and 1 / 4 < way.factor / now * ratio < 4:
                return unit
        return ""

    def _given(self, batch: str) -> tuple[str, float]:
        """Return the unit that the batch's values are in by their header, and its factor to the variable's own."""
        series = self._series(batch)
        if series is None:
            return "", 1.0
        way = series.plan.by_batch.get(batch, series.plan.conversion)
        return ("" if batch in series.plan.by_batch else series.plan.heading.unit), way.factor

    def _is(self, batch: str, value: float) -> str:
        label = self.variable.label or self.variable.name
        first = label.split()[0]
        shown = label if first[1:] != first[1:].lower() else label[:1].lower() + label[1:]
        unit, factor = self._given(batch)
        written = f" ({value / factor:.4g} {unit} in the file)" if unit and factor != 1.0 else ""
        return f"{shown} {self._value(value)}{written}"

    def _value(self, value: float) -> str:
        number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
        return f"{number} {self.variable.unit}".rstrip()

    def _where(self, batch: str) -> str:
        """Name the first cell of the batch's column."""
        series = self._series(batch)
        if series is None:
            return ""
        places = series.table.of_batch(batch)
        held = places[np.isfinite(series.values[places])]
        return series.table.block.where(series.plan.heading, int(series.table.rows[held[0]]))

    def _header(self, batch: str) -> str:
        series = self._series(batch)
        return series.plan.heading.name if series else self.variable.label

    def _series(self, batch: str) -> Series | None:
        """Return the first column that has a value of the batch."""
        for item in self.tables:
            places = item.table.of_batch(batch)
            for series in item.series:
                named = series.plan.variable is not None and series.plan.variable.name == self.variable.name
                if named and np.isfinite(series.values[places]).any():
                    return series
        return None


def _near_ten_or_hundred(ratio: float) -> bool:
    return any(_near(max(ratio, 1 / ratio), power) for power in (10.0, 100.0))


def _near(ratio: float, power: float) -> bool:
    return power / _NEAR < ratio < power * _NEAR


def _times(ratio: float) -> str:
    larger = max(ratio, 1 / ratio)
    power = 10.0 ** round(float(np.log10(larger)))
    shown = power if power / 2.5 < larger < power * 2.5 else float(f"{larger:.1g}")
    return f"about {shown:.0f} times" if ratio >= 1 else f"about 1/{shown:.0f} of"


def _middle(batch: Batch, name: str) -> float:
    joined = np.concatenate([batch.online.measured(name)[1], batch.offline.measured(name)[1]])
    joined = joined[joined > 0]
    return float(np.median(joined)) if len(joined) else 0.0
