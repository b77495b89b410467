"""What instruments make of the truth: noise, drift, gaps, outliers, missed samples. Every constant is [tuned].

`BACKPRESSURE` is the decoy: it is measured like the others and has no effect on anything, so that an attribution that
ranks it high is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from mabdesk.data.batch import Floats, Measurements
from mabdesk.virtual_plant.truth import resampled

BACKPRESSURE = "backpressure"
ONLINE = ("temperature", "ph", "dissolved_oxygen", "agitation", BACKPRESSURE)
OFFLINE = (
    "vcd", "viability", "glucose", "lactate", "glutamine", "ammonia", "osmolality", "feed_volume", "volume",
    "titer", "aggregates", "galactosylation",
)  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """`cv` is relative and `sd` absolute noise; `low` and `high` are the ends of its scale, `digits` what it shows."""

    cv: float = 0.0
    sd: float = 0.0
    digits: int = 3
    low: float = 0.0
    high: float = np.inf


INSTRUMENTS: Mapping[str, Instrument] = {
    "temperature": Instrument(sd=0.05, digits=2),
    "ph": Instrument(sd=0.01, high=14),
    "dissolved_oxygen": Instrument(sd=2.0, digits=1),
    "agitation": Instrument(cv=0.01, digits=1),
    BACKPRESSURE: Instrument(sd=1.0, digits=1),
    "vcd": Instrument(cv=0.05, sd=0.02, digits=2),
    "viability": Instrument(sd=1.0, digits=1, high=100),
    "glucose": Instrument(cv=0.03, sd=0.02),
    "lactate": Instrument(cv=0.04, sd=0.02),
    "glutamine": Instrument(cv=0.05, sd=0.003, digits=4),
    "ammonia": Instrument(cv=0.05, sd=0.03),
    "osmolality": Instrument(sd=5.0, digits=0),
    "feed_volume": Instrument(cv=0.01),
    "volume": Instrument(cv=0.005, digits=2),
    "titer": Instrument(cv=0.04, sd=0.003),
    "aggregates": Instrument(cv=0.04, sd=0.03, digits=2, high=100),
    "galactosylation": Instrument(cv=0.03, sd=0.3, digits=1, high=100),
}
# A slip in the laboratory; titer and quality are free of it, so that a score against them means the model's error.
SLIPS = ("vcd", "glucose", "lactate", "glutamine", "ammonia", "osmolality")
SLIP_SHARE, SLIP_FACTORS = 0.006, (0.5, 1.7)
SPIKE_SHARE, SPIKE_SDS = 0.0015, 25.0
LOST_SHARE, GAPS_PER_BATCH, GAP_H = 0.004, 1.2, (1.0, 9.0)
DRIFT_SD = {"ph": 0.015, "dissolved_oxygen": 1.0}  # of the whole run, from one calibration to the next
MISSED_SAMPLE, MISSED_ANALYSIS = 0.02, 0.02
FIRST_TITER_DAY, FIRST_QUALITY_DAY, QUALITY_EVERY = 1, 6, 2
SAMPLE_DELAY_H, MOST_DELAY_H = 0.75, 2.0


def wander(rng: np.random.Generator, count: int, step_h: float, sd: float, hours: float = 12.0) -> Floats:
    """Return (count,) values around zero that wander slowly: correlation fades over `hours`."""
    memory = float(np.exp(-step_h / hours))
    kicks = rng.normal(0.0, sd * np.sqrt(1 - memory**2), count)
    kicks[0] = rng.normal(0.0, sd)
    return np.asarray(lfilter([1.0], [1.0, -memory], kicks))


def read(name: str, truth: Floats, rng: np.random.Generator) -> Floats:
    """Return what the instrument shows for true values, before gaps and slips; NaN stays NaN."""
    how = INSTRUMENTS[name]
    shown = truth * (1 + rng.normal(0, 1, truth.shape) * how.cv) + rng.normal(0, 1, truth.shape) * how.sd
    return np.asarray(np.round(np.clip(shown, how.low, how.high), how.digits))


def read_online(truth: Measurements, rng: np.random.Generator, ph_drift: float = 0.0) -> Measurements:
    """Return online readings of the true course: drift, noise, spikes, single values lost and longer gaps.

    Args:
        truth: columns ONLINE at evenly spaced hours.
        rng: the batch's own source of chance.
        ph_drift: how far the pH probe has drifted at the end, beside the usual.
    """
    columns = []
    age = truth.hours / truth.hours[-1]
    for name in truth.names:
        drift = rng.normal(0, DRIFT_SD.get(name, 0.0)) + (ph_drift if name == "ph" else 0.0)
        shown = read(name, truth.column(name) + drift * age, rng)
        columns.append(_with_gaps(_with_spikes(name, shown, rng), truth.hours, rng))
    return Measurements(truth.names, truth.hours, np.stack(columns, axis=1))


def sample_hours(rng: np.random.Generator, harvest_h: float) -> Floats:
    """Return when samples were really taken, to the minute: daily with delays, some missed, the last before harvest."""
    days = np.arange(round(harvest_h / 24.0) + 1)
    delay = np.clip(rng.normal(0.0, SAMPLE_DELAY_H, len(days)), -MOST_DELAY_H, MOST_DELAY_H)
    hours = 24.0 * days + delay
    hours[0], hours[-1] = 0.1 + abs(delay[0]) / 2, harvest_h - 0.1 - abs(delay[-1]) / 2
    taken = rng.random(len(days)) >= MISSED_SAMPLE
    taken[[0, -1]] = True
    return np.asarray(np.round(hours[taken] * 60) / 60)


def read_offline(truth: Measurements, rng: np.random.Generator) -> Measurements:
    """Return the laboratory's values of the daily samples.

    Args:
        truth: the true course with the states and `fed`, the liters fed since inoculation.
        rng: the batch's own source of chance.
    """
    hours = sample_hours(rng, float(truth.hours[-1]))
    true = resampled(truth, hours)
    columns = []
    for name in OFFLINE:
        exact = np.diff(true.column("fed"), prepend=0.0) if name == "feed_volume" else true.column(name)
        shown = _with_slips(name, read(name, exact, rng), rng)
        columns.append(np.where(_analyzed(name, hours, rng), shown, np.nan))
    return Measurements(OFFLINE, hours, np.stack(columns, axis=1))


def _analyzed(name: str, hours: Floats, rng: np.random.Generator) -> Floats:
    days = np.round(hours / 24.0)
    done = rng.random(len(hours)) >= MISSED_ANALYSIS
    done[-1] = True
    if name in {"feed_volume", "volume"}:
        done[:] = True
    if name == "titer":
        done &= days >= FIRST_TITER_DAY
    if name in {"aggregates", "galactosylation"}:
        done &= ((days >= FIRST_QUALITY_DAY) & (days % QUALITY_EVERY == 0)) | (hours == hours[-1])
    return np.asarray(done)


def _with_slips(name: str, shown: Floats, rng: np.random.Generator) -> Floats:
    slipped = rng.random(len(shown)) < SLIP_SHARE
    factors = rng.choice(SLIP_FACTORS, len(shown))
    if name not in SLIPS:
        return shown
    return np.where(slipped, np.round(shown * factors, INSTRUMENTS[name].digits), shown)


def _with_spikes(name: str, shown: Floats, rng: np.random.Generator) -> Floats:
    how = INSTRUMENTS[name]
    size = SPIKE_SDS * (how.sd + how.cv * shown) * rng.choice((-1.0, 1.0), len(shown))
    spiked = rng.random(len(shown)) < SPIKE_SHARE
    return np.where(spiked, np.round(np.clip(shown + size, how.low, how.high), how.digits), shown)


def _with_gaps(shown: Floats, hours: Floats, rng: np.random.Generator) -> Floats:
    shown = np.where(rng.random(len(shown)) < LOST_SHARE, np.nan, shown)
    for _ in range(rng.poisson(GAPS_PER_BATCH / len(ONLINE))):
        start = rng.uniform(0.0, hours[-1])
        shown[(hours >= start) & (hours < start + rng.uniform(*GAP_H))] = np.nan
    return shown
