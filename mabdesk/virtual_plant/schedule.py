"""What a campaign's batches were meant to be: when, where, which clone and setpoints. Every constant is [tuned]."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.virtual_plant.parameters import SCALES_L, Plants, plants
from mabdesk.virtual_plant.setpoints import OPERATING_RANGES, PLATFORM

FIRST_DAY = dt.datetime(2024, 1, 8)  # noqa: DTZ001 - records carry local time without a zone
CAMPAIGN_DAYS = 548  # 18 months
LINE_SHARES = {"A": 0.40, "B": 0.25, "C": 0.20, "D": 0.15}
SCALE_SHARES = (0.4, 0.4, 0.2)
DELIBERATE_SHARE = 0.65  # batches of a study, where one to four levers are moved far on purpose
MOST_MOVED = 4
# Lever: the usual spread around the platform, the steps that people set it in, the reach of a study.
LEVERS: Mapping[str, tuple[float, float, float]] = {
    "temperature": (0.15, 0.1, 0.9),
    "temperature_after_shift": (0.50, 0.1, 2.0),
    "temperature_shift_day": (0.60, 0.5, 2.5),
    "ph": (0.04, 0.01, 0.20),
    "dissolved_oxygen": (3.0, 1.0, 20.0),
    "glucose_feed_rate": (0.35, 0.1, 1.6),
    "feed_volume_rate": (0.0020, 0.001, 0.014),
    "feed_start_day": (0.15, 0.5, 1.0),
    "seeding_density": (0.07, 0.01, 0.5),
}
# Log-normal batch-to-batch variation.
LUCK = {"growth": 0.05, "productivity": 0.08, "death": 0.08, "aggregation": 0.06, "galactosylation": 0.03}


@dataclass(frozen=True)
class Planned:
    """One batch before it runs."""

    id: str
    line: str
    scale_l: float
    start: dt.datetime
    setpoints: Mapping[str, float]


def planned(index: int, count: int, rng: np.random.Generator, spread: float = 1.0) -> Planned:
    """Draw one of `count` batches; starts are spread over the campaign in order.

    `spread` multiplies how far setpoints lie from the platform.
    """
    line = str(rng.choice(list(LINE_SHARES), p=list(LINE_SHARES.values())))
    scale = float(rng.choice(SCALES_L, p=SCALE_SHARES))
    day = int((index + rng.uniform(0.0, 0.9)) / count * (CAMPAIGN_DAYS - PLATFORM["harvest_day"]))
    start = FIRST_DAY + dt.timedelta(days=day, minutes=15 * int(rng.integers(32, 64)))
    return Planned(f"SIM-{index + 1:03d}", line, scale, start, _setpoints(rng, spread))


def _setpoints(rng: np.random.Generator, spread: float) -> dict[str, float]:
    moved: set[str] = set()
    if rng.random() < DELIBERATE_SHARE:
        moved = set(rng.choice(list(LEVERS), rng.integers(1, MOST_MOVED + 1), replace=False).tolist())
    chosen = dict(PLATFORM)
    for name, (usual, step, reach) in LEVERS.items():
        change = rng.uniform(-reach, reach) if name in moved else rng.normal(0.0, usual)
        value = round((PLATFORM[name] + spread * change) / step) * step
        chosen[name] = round(float(np.clip(value, *OPERATING_RANGES[name])), 4)
    return chosen


def with_luck(batches: list[Planned], chances: list[np.random.Generator]) -> Plants:
    """Return the clones and vessels of the batches, each with its day's luck."""
    exact = plants([batch.line for batch in batches], [batch.scale_l for batch in batches])
    drawn = [{name: float(rng.lognormal(0.0, sd)) for name, sd in LUCK.items()} for rng in chances]
    lucky = {name: getattr(exact, name) * np.array([one[name] for one in drawn]) for name in LUCK}
    return replace(exact, **lucky)
