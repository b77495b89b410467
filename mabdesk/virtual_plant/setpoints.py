"""The levers of the virtual plant by name: platform, operating ranges, physical limits, and their course in time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.errors import OptionsError, Problem
from mabdesk.virtual_plant.parameters import GLUCOSE_G_PER_MMOL, Operation

UNITS: Mapping[str, str] = {
    "temperature": "°C",
    "temperature_after_shift": "°C",
    "temperature_shift_day": "day",
    "ph": "pH",
    "dissolved_oxygen": "%",
    "glucose_feed_rate": "g/L/day",
    "feed_volume_rate": "1/day",
    "feed_start_day": "day",
    "seeding_density": "1e6/mL",
    "harvest_day": "day",
}
PLATFORM: Mapping[str, float] = {
    "temperature": 36.8,
    "temperature_after_shift": 34.5,
    "temperature_shift_day": 5.0,
    "ph": 7.0,
    "dissolved_oxygen": 40.0,
    "glucose_feed_rate": 4.0,
    "feed_volume_rate": 0.04,
    "feed_start_day": 3.0,
    "seeding_density": 0.5,
    "harvest_day": 14.0,
}
OPERATING_RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (35.0, 37.5),
    "temperature_after_shift": (31.5, 36.5),
    "temperature_shift_day": (3.0, 10.0),
    "ph": (6.7, 7.3),
    "dissolved_oxygen": (20.0, 80.0),
    "glucose_feed_rate": (2.0, 7.0),
    "feed_volume_rate": (0.02, 0.06),
    "feed_start_day": (0.0, 5.0),
    "seeding_density": (0.3, 3.0),
    "harvest_day": (10.0, 16.0),
}
PHYSICAL_LIMITS: Mapping[str, tuple[float, float]] = {
    "temperature": (28.0, 40.0),
    "temperature_after_shift": (28.0, 40.0),
    "temperature_shift_day": (0.0, 21.0),
    "ph": (6.4, 7.6),
    "dissolved_oxygen": (2.0, 150.0),
    "glucose_feed_rate": (0.0, 15.0),
    "feed_volume_rate": (0.0, 0.15),
    "feed_start_day": (0.0, 21.0),
    "seeding_density": (0.05, 10.0),
    "harvest_day": (1.0, 21.0),
}
MAX_FEED_GLUCOSE = 500.0  # g/L that dissolves in a feed [tuned]
_HINT = "Setpoints: " + ", ".join(
    f"{name} {low:g} to {high:g} {UNITS[name]}" for name, (low, high) in PHYSICAL_LIMITS.items()
)


@dataclass(frozen=True, eq=False)
class Profiles:
    """The course of the levers of n runs. `hours` (m,) evenly spaced; all else (m, n).

    Units: °C, pH, % of saturation, feed volume as share of the culture volume in 1/h, feed glucose mM. `feed_rate` is
    what was planned: the kinetics throttle it when glucose is high or the vessel is full.
    """

    hours: Floats
    temperature: Floats
    ph: Floats
    dissolved_oxygen: Floats
    feed_rate: Floats
    feed_glucose: Floats


def complete(setpoints: Mapping[str, float]) -> dict[str, float]:
    """Return the platform with these setpoints in place of its own.

    Raises:
        OptionsError: an unknown name, a value that is no number or outside its physical limits, or a feed that would
            not dissolve; every fault at once, each with its limits.
    """
    problems = [Problem(name, fault) for name, value in setpoints.items() if (fault := _fault(name, value))]
    whole = {**PLATFORM, **{name: float(value) for name, value in setpoints.items()}} if not problems else {}
    if whole and (fault := _feed_fault(whole)):
        problems.append(Problem("glucose_feed_rate", fault))
    if problems:
        raise OptionsError("The virtual plant cannot run these setpoints.", _HINT, problems)
    return whole


def _fault(name: str, value: object) -> str:
    if name not in PHYSICAL_LIMITS:
        return "is not a setpoint of the virtual plant"
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
        return f"received {value!r}; a number is needed"
    low, high = PHYSICAL_LIMITS[name]
    return "" if low <= value <= high else f"received {value:g}; the plant runs {low:g} to {high:g} {UNITS[name]}"


def _feed_fault(setpoints: Mapping[str, float]) -> str:
    if feed_glucose(setpoints) <= MAX_FEED_GLUCOSE:
        return ""
    least = setpoints["glucose_feed_rate"] / MAX_FEED_GLUCOSE
    return (
        f"{setpoints['glucose_feed_rate']:g} g/L/day in {setpoints['feed_volume_rate']:g} 1/day of feed would need "
        f"more than the {MAX_FEED_GLUCOSE:g} g/L that dissolve; feed_volume_rate must be at least {least:.3g} 1/day"
    )


def feed_glucose(setpoints: Mapping[str, float]) -> float:
    """Return the glucose of the feed in g/L that gives both feed rates; the platform's is 100 g/L (555 mM).

    One feed is pumped at `feed_volume_rate` culture volumes a day; its glucose is made up so that `glucose_feed_rate`
    grams per liter of culture and day go in. Its other nutrients stay as they are, so that a lower volume rate also
    means less glutamine and less dilution.
    """
    volume, mass = setpoints["feed_volume_rate"], setpoints["glucose_feed_rate"]
    if volume <= 0:
        return 0.0 if mass <= 0 else math.inf
    return mass / volume


def profiles(runs: Sequence[Mapping[str, float]], step_h: float, operation: Operation) -> Profiles:
    """Lay out complete setpoints of n runs every `step_h` hours from inoculation to the last harvest."""
    column = {name: np.array([run[name] for run in runs]) for name in PLATFORM}
    steps = math.ceil(24.0 * float(column["harvest_day"].max()) / step_h - 1e-9)
    hours = np.arange(steps + 1, dtype=np.float64) * step_h
    since_shift = hours[:, None] - 24.0 * column["temperature_shift_day"]
    shifted = np.clip(since_shift / operation.shift_ramp_h, 0.0, 1.0)
    feeding = np.clip((hours[:, None] - 24.0 * column["feed_start_day"]) / operation.feed_ramp_h, 0.0, 1.0)
    everywhere = np.ones_like(shifted)
    glucose = np.array([feed_glucose(run) for run in runs]) / GLUCOSE_G_PER_MMOL
    return Profiles(
        hours,
        column["temperature"] + shifted * (column["temperature_after_shift"] - column["temperature"]),
        everywhere * column["ph"],
        everywhere * column["dissolved_oxygen"],
        feeding * column["feed_volume_rate"] / 24.0,
        everywhere * glucose,
    )


def stopped_feed(plan: Profiles, run: int, start_h: float, stop_h: float) -> Profiles:
    """Return the profiles with the feed of one run cut off between two hours: a valve that stuck."""
    feed = plan.feed_rate.copy()
    feed[(plan.hours >= start_h) & (plan.hours < stop_h), run] = 0.0
    return replace(plan, feed_rate=feed)
