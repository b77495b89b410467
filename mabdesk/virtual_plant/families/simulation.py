"""Simulating the plants of a family: many plants and batches at once, and what instruments show of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.virtual_plant.families.family import (
    BOOKS,
    LEVERS,
    VARIABLES,
    Constants,
    Family,
    Plants,
)
from mabdesk.virtual_plant.families.logistic import LOGISTIC
from mabdesk.virtual_plant.families.mixed_cycle import MIXED_CYCLE
from mabdesk.virtual_plant.families.quota import QUOTA_FAMILY

KNOWN: Mapping[str, Family] = {family.name: family for family in (LOGISTIC, QUOTA_FAMILY, MIXED_CYCLE)}
FAMILIES = tuple(KNOWN)
# What differs from batch to batch, log-normal: the constant, and where its standard deviation is found.
LUCK = ("growth_rate", "productivity", "death")
SHIFT_RAMP_H = 3.0
_RUNS = 4096  # at once: a chunk's state then stays in the processor's cache
# Relative and absolute noise of every variable.
NOISE: Mapping[str, tuple[float, float]] = {
    "vcd": (0.05, 0.0),
    "viability": (0.0, 1.0),
    "glucose": (0.03, 0.02),
    "lactate": (0.04, 0.02),
    "ammonia": (0.05, 0.03),
    "volume": (0.005, 0.0),
    "titer": (0.04, 0.003),
    "aggregates": (0.04, 0.0),
    "galactosylation": (0.03, 0.0),
    "acidic_variants": (0.03, 0.0),
}


@dataclass(frozen=True, eq=False)
class Course:
    """Whole days of p x b runs: states (p, b, days + 1, 10) VARIABLES; books (p, b, days + 1, 5).

    The books, by the liter at inoculation: volume, liters fed and lost so far, g of glucose fed and gone so far.
    """

    states: Floats
    books: Floats


def simulate(plants: Plants, settings: Floats, days: int, luck: np.random.Generator | None = None) -> Floats:
    """Return (p, b, days + 1, 10) noise-free VARIABLES at whole days.

    Args:
        plants: p plants.
        settings: (p, b, 10) in the order of LEVERS.
        days: how many; what comes after a batch's harvest is simply continued.
        luck: where batch-to-batch variation of growth, productivity and death comes from; None: there is none.
    """
    return course(plants, settings, days, luck).states


def course(plants: Plants, settings: Floats, days: int, luck: np.random.Generator | None = None) -> Course:
    """Return what `simulate` does, and the books of volume and glucose beside it."""
    p, b = settings.shape[:2]
    drawn = np.zeros((p, b, len(LUCK))) if luck is None else luck.normal(0.0, 1.0, (p, b, len(LUCK)))
    states, books = np.empty((p, b, days + 1, len(VARIABLES))), np.empty((p, b, days + 1, BOOKS))
    some = max(1, _RUNS // b)
    for start in range(0, p, some):
        rows = slice(start, start + some)
        constants = {name: np.repeat(values[rows], b) for name, values in plants.constants.items()}
        for i, name in enumerate(LUCK):
            constants[name] = constants[name] * np.exp(drawn[rows, :, i].ravel() * constants[f"luck_{name}"])
        levers = {name: settings[rows, :, i].ravel() for i, name in enumerate(LEVERS)}
        seen, booked = _run(KNOWN[plants.family], constants, levers, days)
        states[rows] = np.moveaxis(seen, 2, 0).reshape(-1, b, days + 1, len(VARIABLES))
        books[rows] = np.moveaxis(booked, 2, 0).reshape(-1, b, days + 1, BOOKS)
    return Course(states, books)


def measured(states: Floats, rng: np.random.Generator) -> Floats:
    """Return what instruments show of true states (..., 10)."""
    relative, absolute = (np.array([NOISE[name][i] for name in VARIABLES]) for i in range(2))
    noise = rng.normal(0.0, 1.0, (2, *states.shape))
    shown = np.maximum(states * (1.0 + relative * noise[0]) + absolute * noise[1], 0.0)
    percents = [VARIABLES.index(n) for n in ("viability", "aggregates", "galactosylation", "acidic_variants")]
    shown[..., percents] = np.minimum(shown[..., percents], 100.0)
    return np.asarray(shown)


def shifted(levers: Constants, start_h: float, length_h: float) -> Floats:
    """Return (n,) the mean temperature °C of some hours; the jacket needs 3 h for a shift."""
    since = start_h - 24.0 * levers["temperature_shift_day"]
    ends = [np.clip(since + length_h * x, 0.0, SHIFT_RAMP_H) / SHIFT_RAMP_H for x in (0.0, 0.25, 0.5, 0.75, 1.0)]
    share = (0.5 * (ends[0] + ends[4]) + ends[1] + ends[2] + ends[3]) / 4.0
    return np.asarray(levers["temperature"] + share * (levers["temperature_after_shift"] - levers["temperature"]))


def _run(family: Family, c: Constants, levers: Constants, days: int) -> tuple[Floats, Floats]:
    """Return (days + 1, 10, n) VARIABLES and (days + 1, 5, n) books, by Runge-Kutta of fourth order, 1 h a step."""
    state = family.begin(c, levers)
    seen, books = [family.observed(state)], [state[:BOOKS].copy()]
    temperature: NDArray[np.float64] | None = None
    climate: dict[str, Floats] = {}
    glucose = levers["glucose_feed_rate"] / levers["feed_volume_rate"]
    for hour in range(24 * days):
        warm = shifted(levers, float(hour), 1.0)
        if temperature is None or not np.array_equal(warm, temperature):
            temperature, climate = warm, family.climate(c, levers, warm)
        pumped = np.clip(hour + 1.0 - 24.0 * levers["feed_start_day"], 0.0, 1.0) * levers["feed_volume_rate"] / 24.0
        now = {**climate, "hour": np.asarray(hour + 0.5), "feed": pumped, "feed_glucose": glucose}
        state = np.maximum(_step(family, state, now, c), 0.0)
        if family.at_once is not None:
            state = family.at_once(state, hour + 1.0, levers, c)
        if (hour + 1) % 24 == 0:
            seen.append(family.observed(state))
            books.append(state[:BOOKS].copy())
    return np.stack(seen), np.stack(books)


def _step(family: Family, state: Floats, now: Constants, c: Constants) -> Floats:
    first = family.slope(state, now, c)
    second = family.slope(state + 0.5 * first, now, c)
    third = family.slope(state + 0.5 * second, now, c)
    fourth = family.slope(state + third, now, c)
    return np.asarray(state + (first + 2.0 * (second + third) + fourth) / 6.0)
