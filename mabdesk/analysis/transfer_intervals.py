"""How sure a gain of transfer is, when both the test batches and the local batches happened to be these.

Errors come in cells of a draw of local batches and a test batch; both are clusters. Variances are jackknifed in each
direction (Cameron, Gelbach and Miller 2011, Robust Inference With Multiway Clustering; MacKinnon, Nielsen and Webb
2023 for the jackknife with few clusters), and the quantile is Student's with Satterthwaite's degrees of freedom.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mabdesk.data.batch import Floats

LEAST_BATCHES, LEAST_DRAWS = 6, 2
"""Test batches and draws of local ones without which no interval is told: fewer say too little about their spread."""


@dataclass(frozen=True)
class Interval:
    """A gain, RMSE(rival) - RMSE(method), and what it lies between; NaN limits where too little tells them."""

    gain: float
    low: float
    high: float


def interval(sums: Floats, local: int, level: float) -> Interval:
    """Return the mean gain over the draws with its interval.

    Args:
        sums: (draws, 2, 2, batches): for rival and method the sum of squared errors and their number; number 0 where
            a batch was not tested in a draw.
        local: batches that each draw learned from.
        level: of the interval, two-sided.
    """
    sums = sums[..., sums[:, :, 1].sum(axis=(0, 1)) > 0]
    draws, batches = sums.shape[0], sums.shape[-1]
    each = _difference(sums.sum(axis=-1))
    gain = float(each.mean())
    if draws < LEAST_DRAWS or batches < LEAST_BATCHES:
        return Interval(gain, float("nan"), float("nan"))
    tested = sums[:, 0, 1] > 0
    test, drawn = _variances(each, _difference(sums.sum(axis=-1, keepdims=True) - sums), tested)
    drawn *= max(1.0, draws * local / tested.sum(axis=1).mean())
    spread = test + drawn
    if spread == 0.0:
        return Interval(gain, gain, gain)
    freedom = spread**2 / (test**2 / (batches - 1) + drawn**2 / (draws - 1))
    away = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(spread))
    return Interval(gain, gain - away, gain + away)


def _variances(each: Floats, without: Floats, tested: np.ndarray) -> tuple[float, float]:
    """Return the variances of the mean gain for the test batches, and for the draws beyond what their tests explain.

    `each` (draws,) gains, `without` (draws, batches) the same without a batch. Few draws of a small group share local
    batches, so that they differ less than draws of new ones would: the caller widens for that.
    """
    draws = len(each)
    cells = each.mean() + (without - each[:, None])[tested] / draws
    drawn = float(each.var(ddof=1)) / draws
    return _jackknifed(without.mean(axis=0)), max(drawn - _jackknifed(cells), 0.0)


def _jackknifed(left_out: Floats) -> float:
    return float((len(left_out) - 1) * left_out.var())


def _difference(totals: Floats) -> Floats:
    """Return (draws, ...) RMSE(rival) - RMSE(method) of totals (draws, 2, 2, ...)."""
    errors = np.sqrt(totals[:, :, 0] / totals[:, :, 1])
    return np.asarray(errors[:, 0] - errors[:, 1])
