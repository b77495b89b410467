"""In which phase a culture is at an hour: a stated rule on viable cell density and viability.

Growth rates are noisy: an assay's 5 % make 0.07 1/day of noise between daily samples, and one wrong sample makes two
wrong rates. So the median of three neighbors counts, and growth or decline must hold for two in a row.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Floats
from mabdesk.data.settings import PhaseRule

PHASES = ("inoculation", "growth", "stationary", "decline")
UNKNOWN = ""
LEAST_SAMPLES = 3  # of viable cell density; fewer tell no course
CELLS, ALIVE = "vcd", "viability"

_DAY_H = 24.0
_NEAR_H = 36.0
"""How far from a batch's samples a phase may still be told."""


class Edges(NamedTuple):
    """The hours that end inoculation, growth and stationary phase, and the span in which the samples tell."""

    growth: float
    stationary: float
    decline: float
    first: float
    last: float


def phase_at(batch: Batch, hours: Floats, rule: PhaseRule) -> NDArray[np.str_]:
    """Return (n,) the phase at each hour, "" where the samples do not tell (too few, or too far away)."""
    edges = phase_edges(batch.offline.measured(CELLS), batch.offline.measured(ALIVE), rule)
    if edges is None:
        return np.full(len(hours), UNKNOWN, dtype=f"<U{max(map(len, PHASES))}")
    at = np.searchsorted(edges[:3], hours, side="left")  # a sample belongs to the days that it ends
    near = (hours >= edges.first - _NEAR_H) & ((hours <= edges.last + _NEAR_H) | (at == 3))
    return np.where(near, np.array(PHASES)[at], UNKNOWN)


def phase_edges(cells: tuple[Floats, Floats], alive: tuple[Floats, Floats], rule: PhaseRule) -> Edges | None:
    """Return when the phases end, from hours and values of VCD and viability; None with too few values of VCD.

    Phases only go forward; one that never begins ends at infinity like those before it.
    """
    hours, logs = _daily(*cells)
    if len(hours) < LEAST_SAMPLES:
        return None
    rates = np.diff(logs) / np.diff(hours / _DAY_H)
    smooth = _median_of_three(rates)
    growing = np.flatnonzero(_lasting(smooth >= rule.growth_rate))
    if not len(growing):
        return Edges(np.inf, np.inf, np.inf, float(hours[0]), float(hours[-1]))
    # Cells that grow at once in a batch whose first days were not sampled began to do so nobody knows when.
    late = growing[0] == 0 and hours[0] > _NEAR_H
    start = -np.inf if late else float(hours[growing[0]])
    end = _growth_end(hours, smooth, rule.growth_rate)
    falling = np.flatnonzero(_lasting(smooth <= -rule.decline_rate) & (hours[:-1] >= end))
    ends = [float(hours[falling[0]])] if len(falling) else []
    decline = min([*ends, *_dying(alive, end, rule.decline_viability)], default=np.inf)
    return Edges(start, end, decline, float(hours[0]), float(hours[-1]))


def rule_in_words(rule: PhaseRule) -> str:
    """Say in a sentence how phases are told."""
    return (
        f"Growth begins when viable cells grow at {rule.growth_rate:g} 1/day or more and ends when they no longer "
        f"do; before it inoculation, after it stationary; decline begins when they fall at {rule.decline_rate:g} 1/day "
        f"or viability is below {rule.decline_viability:g} %. Rates are medians of three neighbors, two in a row."
    )


def _daily(hours: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return mean hour and mean logarithm by culture day: rates between samples hours apart would be noise alone."""
    there = np.isfinite(values) & (values > 0)
    hours, logs = hours[there], np.log(values[there])
    days, place = np.unique(np.floor(hours / _DAY_H + 0.5), return_inverse=True)
    counts = np.bincount(place, minlength=len(days))
    means = [np.bincount(place, weights=column, minlength=len(days)) / counts for column in (hours, logs)]
    return means[0], means[1]


def _median_of_three(rates: Floats) -> Floats:
    """Return (n,) medians of neighbors: edges stay sharp. The first stays itself, the last is the mean of two."""
    if len(rates) < 3:
        return rates
    inner = np.median(np.stack([rates[:-2], rates[1:-1], rates[2:]]), axis=0)
    return np.concatenate([rates[:1], inner, [rates[-2:].mean()]])


def _lasting(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where something holds and still does in the next interval, if there is one."""
    return np.asarray(there & np.append(there[1:], True))


def _growth_end(hours: Floats, rates: Floats, least: float) -> float:
    """Return when growth falls below the rule for good; infinity where it lasts to the end."""
    last = int(np.flatnonzero(rates >= least)[-1])
    return float(hours[last + 1]) if last + 1 < len(rates) else np.inf


def _dying(alive: tuple[Floats, Floats], after: float, least: float) -> list[float]:
    """Return the hour after which viability is below `least`: that of the sample before, none where it never is."""
    there = np.isfinite(alive[1])
    hours, values = alive[0][there], alive[1][there]
    low = np.flatnonzero(_lasting(values < least) & (hours > after))
    return [max(float(hours[low[0] - 1]) if low[0] else after, after)] if len(low) else []
