"""Which laboratory values are slips: a sample that leaves its batch's course and is back at the next one.

Courses differ between batches by clone, setpoint and scale, and grow over decades. So values are put on a scale that is
logarithmic above the usual and linear near zero, the median course of the training batches is taken off, and a value
is judged by the lesser of its two jumps, from the sample before and to the sample after. A batch that truly moves
jumps once and is left alone. A first or last sample is never judged: nothing tells it from the truth yet.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

_DAY_H = 24.0
_LEAST_AT_A_DAY = 5
_SMOOTHED_DAYS = 2
_LINEAR_BELOW = 0.3
_LEAST_SPREAD = 0.1
_TAIL_PERCENT = 98


class Course(NamedTuple):
    """What is usual for a variable.

    `soft` is where the scale turns linear; by culture day `center` is the median of the scaled values and `spread` the
    interquartile range of jumps from sample to sample; `fence` is the widest jump there and back, in such ranges.
    """

    soft: float
    center: Floats
    spread: Floats
    fence: float


Series = tuple[Floats, Floats]


def fit_course(series: Sequence[Series], days: int, factor: float) -> Course:
    """Estimate from training batches' measured (hours, values). The fence widens where real values have long tails."""
    values = np.concatenate([values for _, values in series]) if series else np.zeros(0)
    soft = max(_LINEAR_BELOW * float(np.median(np.abs(values))), 1e-9) if len(values) else 1.0
    scaled = [(hours, _scaled(values, soft)) for hours, values in series]
    center = _by_day(scaled, days, _median)
    course = Course(soft, center, np.full(days, np.inf), np.inf)
    left = [(hours, _residuals(course, hours, values)) for hours, values in series]
    moves = [(hours[1:], np.diff(values)) for hours, values in left if len(hours)]
    course = course._replace(spread=_smoothed(_by_day(moves, days, _quartile_range)))
    usual = np.concatenate([_returns(course, hours, values) for hours, values in series]) if series else np.zeros(0)
    tail = float(np.percentile(usual, _TAIL_PERCENT)) if len(usual) else np.inf
    return course._replace(fence=max(factor / 2, factor * 2 / 3 * tail))


def slips(course: Course, hours: Floats, values: Floats) -> NDArray[np.bool_]:
    """Mark slips among (n,) measured values, the worst first: without it its neighbors may look right."""
    marked = np.zeros(len(values), dtype=np.bool_)
    while (~marked).sum() >= 3:
        rows = np.flatnonzero(~marked)
        returns = _returns(course, hours[rows], values[rows])
        worst = int(np.argmax(returns))
        if returns[worst] <= course.fence:
            break
        marked[rows[worst]] = True
    return marked


def culture_days(hours: Floats) -> NDArray[np.intp]:
    """Return the nearest culture day of each hour."""
    return np.round(hours / _DAY_H).astype(np.intp)


def _scaled(values: Floats, soft: float) -> Floats:
    return np.asarray(np.arcsinh(values / (2 * soft)))


def _residuals(course: Course, hours: Floats, values: Floats) -> Floats:
    """Return how far (n,) values are from the usual course; NaN on days that no training batch tells of."""
    days = np.arange(len(course.center)) * _DAY_H
    # The last day's median serves half a day longer, as its samples do.
    reached = np.where(hours <= days[-1] + _DAY_H / 2, np.minimum(hours, days[-1]), np.nan)
    return _scaled(values, course.soft) - np.interp(reached, days, course.center)


def _returns(course: Course, hours: Floats, values: Floats) -> Floats:
    """Return (n,) the lesser of the jumps to and from each value, both the same way, in usual ranges; else 0."""
    returns = np.zeros(len(values))
    if len(values) < 3:
        return returns
    left = _residuals(course, hours, values)
    come, go = left[1:-1] - left[:-2], left[1:-1] - left[2:]
    spread = course.spread[np.clip(culture_days(hours[1:-1]), 0, len(course.spread) - 1)]
    returns[1:-1] = np.where(come * go > 0, np.minimum(np.abs(come), np.abs(go)), 0.0) / spread
    return np.asarray(np.where(np.isfinite(returns), returns, 0.0))


def _by_day(series: Sequence[Series], days: int, statistic: Callable[[Floats], float]) -> Floats:
    """Return (days,) a statistic of the finite values at each culture day; NaN where there are fewer than 5."""
    found = np.full(days, np.nan)
    if not series:
        return found
    at = np.concatenate([culture_days(hours) for hours, _ in series])
    values = np.concatenate([values for _, values in series])
    for day in range(days):
        sample = values[(at == day) & np.isfinite(values)]
        if len(sample) >= _LEAST_AT_A_DAY:
            found[day] = statistic(sample)
    return found


def _median(sample: Floats) -> float:
    return float(np.median(sample))


def _quartile_range(sample: Floats) -> float:
    low, high = np.percentile(sample, [25, 75])
    return float(high - low)


def _smoothed(spread: Floats) -> Floats:
    """Widen (days,) ranges to the middle one of five days: a range of few batches is itself noisy."""
    wide = np.full(len(spread), np.inf)
    for day in range(len(spread)):
        around = spread[max(0, day - _SMOOTHED_DAYS) : day + _SMOOTHED_DAYS + 1]
        around = around[np.isfinite(around)]
        if len(around):
            wide[day] = max(float(np.median(around)), float(np.fmax(spread[day], _LEAST_SPREAD)))
    return wide
