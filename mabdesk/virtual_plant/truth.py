"""The noise-free truth of any setpoints: what a run would really give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Floats, Measurements
from mabdesk.errors import OptionsError
from mabdesk.virtual_plant import kinetics
from mabdesk.virtual_plant.kinetics import STANDARD, STEP_H, Model, States, simulate
from mabdesk.virtual_plant.parameters import (
    GLUCOSE_G_PER_MMOL,
    GLUTAMINE_G_PER_MMOL,
    LACTIC_ACID_G_PER_MMOL,
    plants,
)
from mabdesk.virtual_plant.setpoints import complete, profiles

QUALITY = ("aggregates", "galactosylation", "acidic_variants")
TRUTH_UNITS: Mapping[str, str] = {
    "vcd": "1e6/mL",
    "viability": "%",
    "glucose": "g/L",
    "lactate": "g/L",
    "glutamine": "g/L",
    "ammonia": "mM",
    "osmolality": "mOsm/kg",
    "volume": "L",
    "titer": "g/L",
    "aggregates": "%",
    "galactosylation": "%",
    "acidic_variants": "%",
}


@dataclass(frozen=True, eq=False)
class TrueRun:
    """Noise-free course and result of one run. `trajectory` is hourly, its units are TRUTH_UNITS."""

    setpoints: Mapping[str, float]
    line: str
    scale_l: float
    trajectory: Measurements
    titer: float
    quality: Mapping[str, float]


def true_run(setpoints: Mapping[str, float], line: str = "A", scale_l: float = 200.0) -> TrueRun:
    """Return what these setpoints truly give; those not named are the platform's.

    Raises:
        OptionsError: unknown setpoints or cell line, or values outside physical limits.
    """
    return true_runs([setpoints], line, scale_l)[0]


def true_runs(
    runs: Sequence[Mapping[str, float]], line: str = "A", scale_l: float = 200.0, model: Model = STANDARD
) -> tuple[TrueRun, ...]:
    """Return the truth of many runs at once: far faster than one after the other."""
    if not runs:
        raise OptionsError("No setpoints were received.", "Give at least one run.")
    whole = [complete(run) for run in runs]
    plan = profiles(whole, STEP_H / 2, model.operation)
    vessels = plants([line] * len(whole), [scale_l] * len(whole))
    states = simulate(plan, vessels, np.array([run["seeding_density"] for run in whole]), model)
    return tuple(_run(states, index, run, line, scale_l) for index, run in enumerate(whole))


def _run(states: States, index: int, setpoints: Mapping[str, float], line: str, scale_l: float) -> TrueRun:
    end = 24.0 * setpoints["harvest_day"]
    hours = np.unique(np.append(np.arange(0.0, end, 1.0), end))
    trajectory = resampled(measured_states(states, index), hours)
    last = dict(zip(trajectory.names, trajectory.values[-1].tolist(), strict=True))
    return TrueRun(setpoints, line, scale_l, trajectory, last["titer"], {name: last[name] for name in QUALITY})


def resampled(course: Measurements, hours: Floats) -> Measurements:
    """Return the course at other hours, interpolated between its own."""
    columns = [np.interp(hours, course.hours, course.column(name)) for name in course.names]
    return Measurements(course.names, hours, np.stack(columns, axis=1))


def measured_states(states: States, index: int, model: Model = STANDARD) -> Measurements:
    """Return one run's states as what an analyst would call them, in canonical units."""
    values = states.values[:, :, index]
    cells = values[kinetics.VIABLE]
    columns = {
        "vcd": cells,
        "viability": 100.0 * cells / np.maximum(cells + values[kinetics.DEAD], 1e-12),
        "glucose": GLUCOSE_G_PER_MMOL * values[kinetics.GLUCOSE],
        "lactate": LACTIC_ACID_G_PER_MMOL * values[kinetics.LACTATE],
        "glutamine": GLUTAMINE_G_PER_MMOL * values[kinetics.GLUTAMINE],
        "ammonia": values[kinetics.AMMONIA],
        "osmolality": kinetics.osmolality(values, model.environment),
        "volume": values[kinetics.VOLUME],
        "titer": values[kinetics.PRODUCT],
        "aggregates": _percent(values, kinetics.AGGREGATES),
        "galactosylation": _percent(values, kinetics.GALACTOSE),
        "acidic_variants": _percent(values, kinetics.ACIDIC),
    }
    return Measurements(tuple(columns), states.hours, np.stack([columns[name] for name in TRUTH_UNITS], axis=1))


def _percent(values: Floats, row: int) -> Floats:
    product = values[kinetics.PRODUCT]
    share = 100.0 * values[row] / np.maximum(product, 1e-12)
    share[0] = share[1]  # there is no product yet at inoculation: what the first will be
    return np.asarray(share)
