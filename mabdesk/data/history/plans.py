"""What a model of whole batches is told: setpoints laid out day by day, and what was sampled. numpy alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

BINS = 12  # two-hourly means in a day
BIN_H = 24.0 / BINS
CLIMATE = ("temperature", "dissolved_oxygen", "ph")
# The setpoints that a plan knows what to do with. Any others that a site has are `extra`: told as they are.
KNOWN_LEVERS = (
    "temperature", "temperature_after_shift", "temperature_shift_day", "ph", "dissolved_oxygen",
    "glucose_feed_rate", "feed_volume_rate", "feed_start_day", "seeding_density", "harvest_day",
)  # fmt: skip
# What is predicted of a batch, beside its quality attributes; volume relative to that at inoculation.
STATES = ("vcd", "viability", "glucose", "lactate", "ammonia", "volume", "titer")
INITIAL = ("vcd", "viability", "glucose", "lactate", "ammonia")
NEVER = 99.0  # a day that never comes


@dataclass(frozen=True, eq=False)
class Plans:
    """n batches from inoculation to harvest, day by day, as planned or as recorded. No NaN but in `initial`.

    climate       (n, days, 12, 3) two-hourly means of temperature °C, dissolved oxygen %, pH
    glucose_feed  (n, days) glucose fed, g a liter of culture and day
    volume_feed   (n, days) feed volume, as share of the culture volume and day
    initial       (n, 5) INITIAL at inoculation, canonical units; NaN: unknown, so what was usual is taken
    extra         (n, k) further levers of this site (agitation ...), as they are
    tags          (n, t) properties as texts (cell line, scale)
    harvest_h     (n,) hours from inoculation to harvest, at most 24 x days
    """

    climate: Floats
    glucose_feed: Floats
    volume_feed: Floats
    initial: Floats
    extra: Floats
    tags: NDArray[np.str_]
    harvest_h: Floats

    def __len__(self) -> int:
        return len(self.harvest_h)

    @property
    def days(self) -> int:
        """How many days are laid out; a batch that is harvested earlier has its last values held."""
        return int(self.climate.shape[1])

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Plans":
        """Return the batches chosen by a mask or by indices."""
        arrays: dict[str, Any] = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        return Plans(**arrays)

    def lasting(self, days: int) -> "Plans":
        """Return the same with this many days: the last day is held, or days are cut off."""
        at = np.minimum(np.arange(days), self.days - 1)
        return replace(
            self,
            climate=self.climate[:, at],
            glucose_feed=self.glucose_feed[:, at],
            volume_feed=self.volume_feed[:, at],
            harvest_h=np.minimum(self.harvest_h, 24.0 * days),
        )


@dataclass(frozen=True, eq=False)
class Samples:
    """What was measured of n batches: hours (n, k) ascending, NaN where there are no more; values (n, k, len(names)).

    `names` are STATES that the site measures, then its quality attributes; NaN = not measured.
    """

    names: tuple[str, ...]
    hours: Floats
    values: Floats

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Samples":
        """Return the batches chosen by a mask or by indices."""
        return Samples(self.names, self.hours[rows], self.values[rows])

    def column(self, name: str) -> Floats:
        """Return (n, k) values of one variable, all NaN where the site has none."""
        if name not in self.names:
            return np.full(self.hours.shape, np.nan)
        return np.asarray(self.values[:, :, self.names.index(name)])

    def padded(self, count: int) -> "Samples":
        """Return the same with room for this many samples a batch."""
        room = count - self.hours.shape[1]
        hours = np.pad(self.hours, ((0, 0), (0, room)), constant_values=np.nan)
        return Samples(self.names, hours, np.pad(self.values, ((0, 0), (0, room), (0, 0)), constant_values=np.nan))

    def final(self, name: str) -> Floats:
        """Return (n,) the last measured value of each batch, NaN where there is none."""
        column = self.column(name)
        there = np.isfinite(column) & np.isfinite(self.hours)
        last = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
        return np.where(there.any(axis=1), column[np.arange(len(column)), last], np.nan)


@dataclass(frozen=True, eq=False)
class History:
    """A site's batches as a process model learns from them.

    levers       names of the setpoints of this site, KNOWN_LEVERS first, then the extra ones
    settings     (n, len(levers)) their values, no NaN
    planned, recorded   what was planned, and what sensors and pumps say was done (the plan where they say nothing)
    quality      names of quality attributes, in the order of `samples`
    simulated    whether any batch comes from a simulator
    notes        what had to be assumed or left out, in sentences
    feeds_known  whether the glucose that was fed is known: only then is glucose predicted
    """

    ids: tuple[str, ...]
    levers: tuple[str, ...]
    settings: Floats
    planned: Plans
    recorded: Plans
    samples: Samples
    quality: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    simulated: bool = False
    notes: tuple[str, ...] = ()
    feeds_known: bool = True

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "History":
        """Return the batches chosen by a mask or by indices."""
        chosen = np.arange(len(self))[rows]
        return replace(
            self,
            ids=tuple(self.ids[i] for i in chosen),
            settings=self.settings[rows],
            planned=self.planned.take(rows),
            recorded=self.recorded.take(rows),
            samples=self.samples.take(rows),
        )


def lay_out(
    levers: Sequence[str],
    settings: Floats,
    days: int,
    *,
    initial: Floats | None = None,
    tags: NDArray[np.str_] | None = None,
    usual: Mapping[str, float] | None = None,
) -> Plans:
    """Lay setpoints out day by day.

    Args:
        levers: names; those in KNOWN_LEVERS take effect, all others become `extra`.
        settings: (n, len(levers)).
        days: how many days to lay out.
        initial: (n, 5) INITIAL, where more is known than the seeding density.
        tags: (n, t).
        usual: values of the KNOWN_LEVERS that the site does not name; by default PLAIN.
    """
    column = _columns(levers, settings, usual or {})
    fed = np.clip(np.arange(1.0, days + 1.0) - column["feed_start_day"][:, None], 0.0, 1.0)
    start = np.full((len(settings), len(INITIAL)), np.nan) if initial is None else initial.copy()
    start[:, 0] = np.where(np.isfinite(start[:, 0]), start[:, 0], column["seeding_density"])
    extra = [settings[:, i] for i, name in enumerate(levers) if name not in KNOWN_LEVERS]
    return Plans(
        _climate(column, days),
        fed * column["glucose_feed_rate"][:, None],
        fed * column["feed_volume_rate"][:, None],
        start,
        np.stack(extra, axis=1) if extra else np.zeros((len(settings), 0)),
        np.zeros((len(settings), 0), dtype=np.str_) if tags is None else tags,
        24.0 * np.minimum(column["harvest_day"], float(days)),
    )


def _columns(levers: Sequence[str], settings: Floats, usual: Mapping[str, float]) -> dict[str, Floats]:
    """Return (n,) values of all KNOWN_LEVERS; without a setpoint after the shift, there is none."""
    values = {**PLAIN, **usual}
    column = {name: np.full(len(settings), values[name]) for name in KNOWN_LEVERS}
    column |= {name: settings[:, i] for i, name in enumerate(levers) if name in KNOWN_LEVERS}
    if "temperature_after_shift" not in levers and "temperature_after_shift" not in usual:
        column["temperature_after_shift"] = column["temperature"]
    return column


def _climate(column: Mapping[str, Floats], days: int) -> Floats:
    """Return (n, days, 12, 3); the bin in which the temperature shift falls has its share of both temperatures."""
    ends = np.arange(1.0, days * BINS + 1.0) * BIN_H
    shifted = np.clip((ends - 24.0 * column["temperature_shift_day"][:, None]) / BIN_H, 0.0, 1.0)
    apart = (column["temperature_after_shift"] - column["temperature"])[:, None]
    temperature = column["temperature"][:, None] + shifted * apart
    flat = np.ones_like(temperature)
    climate = [temperature, flat * column["dissolved_oxygen"][:, None], flat * column["ph"][:, None]]
    return np.stack(climate, axis=2).reshape(len(temperature), days, BINS, len(CLIMATE))


PLAIN: Mapping[str, float] = {
    "temperature": 36.8,
    "temperature_after_shift": 36.8,
    "temperature_shift_day": NEVER,
    "ph": 7.0,
    "dissolved_oxygen": 40.0,
    "glucose_feed_rate": 0.0,
    "feed_volume_rate": 0.0,
    "feed_start_day": 0.0,
    "seeding_density": 0.5,
    "harvest_day": 14.0,
}
