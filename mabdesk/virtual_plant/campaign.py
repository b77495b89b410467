"""Eighteen months of simulated batch records, and the truth behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Event, Floats, Measurements, Role, Variable
from mabdesk.data.variables import known
from mabdesk.errors import DataError, OptionsError
from mabdesk.virtual_plant.instruments import OFFLINE, ONLINE, read_offline, read_online, wander
from mabdesk.virtual_plant.kinetics import STANDARD, simulate
from mabdesk.virtual_plant.schedule import Planned, planned, with_luck
from mabdesk.virtual_plant.setpoints import PLATFORM, Profiles, profiles, stopped_feed
from mabdesk.virtual_plant.truth import measured_states

STEP_H = 0.25
MOST_BATCHES = 1000
# What control really holds: standard deviation of the slow wander around the setpoint [tuned].
WANDER = {"temperature": 0.03, "ph": 0.01, "dissolved_oxygen": 1.0}
# Agitation follows the oxygen demand; rpm at rest by scale in L, and the share that a full culture adds [tuned].
REST_RPM = {50.0: 120.0, 200.0: 90.0, 2000.0: 55.0}
DEMAND_RPM, DEMAND_HALF, VESSEL_RPM_SD = 1.2, 15.0, 0.05
BACKPRESSURE_MBAR, BACKPRESSURE_WANDER = 50.0, 4.0
DRIFTED_PH = 0.12  # of the one probe that drifts badly [tuned]


@dataclass(frozen=True)
class Upset:
    """What went wrong in one batch: the feed valve stuck closed, or the dissolved oxygen probe failed and read zero."""

    batch: int
    kind: str
    start_h: float
    stop_h: float

    @property
    def sentence(self) -> str:
        """Say it as the batch record would."""
        what = {"stuck valve": "feed valve stuck closed", "probe failure": "dissolved oxygen probe failed, reads 0"}
        return f"{what[self.kind]}, hours {self.start_h:g} to {self.stop_h:g}"


@dataclass(frozen=True, eq=False)
class Campaign:
    """What the site knows (`dataset`), and what it never sees: the noise-free course of every batch (`truth`)."""

    dataset: Dataset
    truth: Mapping[str, Measurements]
    upset: Upset | None

    def true_values(self, batch_id: str, name: str, hours: Floats) -> Floats:
        """Return (n,) noise-free values of a variable (titer, aggregates, vcd ...) at any hours of a batch."""
        if batch_id not in self.truth:
            raise DataError(f"The campaign has no batch {batch_id!r}.", "Use the ids of its dataset.")
        course = self.truth[batch_id]
        return np.asarray(np.interp(hours, course.hours, course.column(name)))


def campaign(batches: int = 50, seed: int = 1, spread: float = 1.0) -> Campaign:
    """Simulate a campaign; the same seed gives the same campaign bit for bit.

    `spread` multiplies how far setpoints lie from the platform: below 1 a narrow history, above 1 a wide one.

    Raises:
        OptionsError: no batches, or more than 1000.
    """
    if not 1 <= batches <= MOST_BATCHES:
        raise OptionsError(f"Received {batches} batches.", f"A campaign has 1 to {MOST_BATCHES}.")
    chances = [np.random.default_rng((seed, index)) for index in range(batches)]
    plan = [planned(index, batches, rng, spread) for index, rng in enumerate(chances)]
    vessels = with_luck(plan, chances)
    upset, drifting = _incidents(batches, np.random.default_rng((seed, MOST_BATCHES)))
    levers = _held(profiles([one.setpoints for one in plan], STEP_H / 2, STANDARD.operation), chances)
    if upset and upset.kind == "stuck valve":
        levers = stopped_feed(levers, upset.batch, upset.start_h, upset.stop_h)
    states = simulate(levers, vessels, np.array([one.setpoints["seeding_density"] for one in plan]))
    truth = [measured_states(states, index) for index in range(batches)]
    records = [
        _record(one, truth[i], levers, i, rng, upset, DRIFTED_PH if i == drifting else 0.0)
        for i, (one, rng) in enumerate(zip(plan, chances, strict=True))
    ]
    by_id = {one.id: course for one, course in zip(plan, truth, strict=True)}
    return Campaign(Dataset(variables(), tuple(records)), by_id, upset)


def variables() -> tuple[Variable, ...]:
    """Return the catalog's variables that a campaign has; setpoints last, as some share a name with a measurement."""
    measured = [_variable(name, ("online", "offline", "target", "quality")) for name in ONLINE + OFFLINE]
    return (*measured, *(_variable(name, ("setpoint",)) for name in PLATFORM))


def _variable(name: str, roles: tuple[Role, ...]) -> Variable:
    row = known(name, roles)
    if row is None:
        raise DataError(f"The catalog of variables has no {name!r}.", "Add it to resources/variables.csv.")
    return row.variable()


def _incidents(batches: int, rng: np.random.Generator) -> tuple[Upset | None, int]:
    """Draw the one upset and the batch with the drifting pH probe; a handful of batches has neither."""
    if batches < 5:
        return None, -1
    upset, drifting = rng.choice(batches, 2, replace=False).tolist()
    start = 24.0 * float(rng.uniform(5.0, 8.0))
    kind = str(rng.choice(("stuck valve", "probe failure")))
    return Upset(upset, kind, round(start, 1), round(start + float(rng.uniform(24.0, 40.0)), 1)), drifting


def _held(plan: Profiles, chances: list[np.random.Generator]) -> Profiles:
    """Add the slow wander of imperfect control to what was planned."""
    step, count = float(plan.hours[1]), len(plan.hours)
    drawn = [{name: wander(rng, count, step, sd) for name, sd in WANDER.items()} for rng in chances]
    return replace(
        plan, **{name: getattr(plan, name) + np.stack([one[name] for one in drawn], axis=1) for name in WANDER}
    )


def _record(
    one: Planned,
    truth: Measurements,
    levers: Profiles,
    index: int,
    rng: np.random.Generator,
    upset: Upset | None,
    ph_drift: float,
) -> Batch:
    """Return what the site writes down of one batch."""
    online = read_online(_true_online(one, truth, levers, index, rng), rng, ph_drift)
    mine = upset if upset and upset.batch == index else None
    if mine and mine.kind == "probe failure":
        online = _failed_probe(online, mine)
    fed = truth.column("volume") - truth.column("volume")[0]
    with_fed = Measurements((*truth.names, "fed"), truth.hours, np.column_stack([truth.values, fed]))
    offline = read_offline(with_fed, rng)
    start = one.start.isoformat(sep=" ")
    tags = {"cell_line": one.line, "scale": f"{one.scale_l:g} L", "start": start, "origin": "simulated"}
    return Batch(one.id, online, offline, _events(one, offline.hours, with_fed, mine), one.setpoints, tags)


def _true_online(
    one: Planned, truth: Measurements, levers: Profiles, index: int, rng: np.random.Generator
) -> Measurements:
    cells = truth.column("vcd")
    vessel = REST_RPM[one.scale_l] * float(rng.lognormal(0.0, VESSEL_RPM_SD))
    columns = {
        "temperature": levers.temperature[::2, index],
        "ph": levers.ph[::2, index],
        "dissolved_oxygen": levers.dissolved_oxygen[::2, index],
        "agitation": vessel * (1 + DEMAND_RPM * cells / (cells + DEMAND_HALF)),
        "backpressure": BACKPRESSURE_MBAR + wander(rng, len(cells), STEP_H, BACKPRESSURE_WANDER),
    }
    return Measurements(ONLINE, truth.hours, np.stack([columns[name] for name in ONLINE], axis=1))


def _failed_probe(online: Measurements, upset: Upset) -> Measurements:
    values = online.values.copy()
    failed = (online.hours >= upset.start_h) & (online.hours < upset.stop_h)
    values[failed, online.names.index("dissolved_oxygen")] = 0.0
    return Measurements(online.names, online.hours, values)


def _events(one: Planned, samples: Floats, truth: Measurements, upset: Upset | None) -> tuple[Event, ...]:
    end = 24.0 * one.setpoints["harvest_day"]
    shift = 24.0 * one.setpoints["temperature_shift_day"]
    found = [Event(0.0, "inoculation", f"{one.setpoints['seeding_density']:g}e6 cells/mL"), Event(end, "harvest")]
    if shift < end:
        found.append(Event(shift, "temperature shift", f"to {one.setpoints['temperature_after_shift']:g} °C"))
    found += [Event(float(hour), "sample", f"day {round(hour / 24)}") for hour in samples]
    starts = np.arange(24.0 * one.setpoints["feed_start_day"], end, 24.0)
    fed = np.diff(np.interp([*starts, end], truth.hours, truth.column("fed")))
    found += [
        Event(float(hour), "feed", f"{liters:.2f} L over the next day")
        for hour, liters in zip(starts, fed, strict=True)
    ]
    if upset:
        found.append(Event(upset.start_h, "deviation", upset.sentence))
    return tuple(sorted(found, key=lambda event: (event.hour, event.kind)))
