"""From contributions to a ranking of variables, as Table 6 of the paper has it, with how sure its shares are."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import Importance
from mabdesk.analysis.explained import Explained, mean_abs
from mabdesk.data.batch import Floats

RESAMPLES = 1000
_EDGES = (2.5, 97.5)  # percentiles of the 95 % interval


class Spread(Protocol):
    """What refits, and models of shuffled targets, tell of each variable (v,)."""

    @property
    def floor(self) -> Floats: ...  # noqa: D102
    @property
    def refit_low(self) -> Floats: ...  # noqa: D102
    @property
    def refit_high(self) -> Floats: ...  # noqa: D102


def rank(
    found: Explained, units: Sequence[str], departure: Floats, seed: int, spread: Spread
) -> tuple[Importance, ...]:
    """Rank the variables, the one with the largest mean |contribution| first.

    Args:
        found: contributions, by batch.
        units: of the variables.
        departure: (n, v) from the usual course, NaN where it is not known.
        seed: of the resampling of batches.
        spread: least and largest share over refits, and mean |contribution| in models of shuffled targets.
    """
    by_variable = found.by_variable
    size = mean_abs(by_variable)
    relative, (low, high) = shares(size), share_interval(by_variable, found.windows.batch_ids, seed)
    ranked = [
        Importance(
            variable=name,
            unit=units[v],
            mean_abs=float(size[v]),
            relative=float(relative[v]),
            low=float(low[v]),
            high=float(high[v]),
            refit_low=float(spread.refit_low[v]),
            refit_high=float(spread.refit_high[v]),
            direction=direction(departure[:, v], by_variable[:, v]),
            floor=float(spread.floor[v]),
        )
        for v, name in enumerate(found.grouping.variables)
    ]
    return tuple(sorted(ranked, key=lambda one: -one.mean_abs))


def shares(size: Floats) -> Floats:
    """Return (..., v) sizes as shares of their sum; 0 where nothing contributes."""
    total = size.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(size, total, out=np.zeros_like(size), where=total > 0))


def share_interval(by_variable: Floats, batch_ids: NDArray[np.str_], seed: int) -> tuple[Floats, Floats]:
    """Return low and high (v,) of the shares, whole batches resampled; NaN with fewer than two batches."""
    names, batch = np.unique(batch_ids, return_inverse=True)
    if len(names) < 2:
        nothing = np.full(by_variable.shape[1], np.nan)
        return nothing, nothing
    sums = np.zeros((len(names), by_variable.shape[1]))
    np.add.at(sums, batch, np.abs(by_variable))
    # How often each batch was drawn; the number of windows cancels in a share.
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    low, high = np.percentile(shares(drawn @ sums), _EDGES, axis=0)
    return low, high


def direction(departure: Floats, contribution: Floats) -> float:
    """Return the correlation of departures from the usual course (n,) with contributions; NaN where either is still."""
    there = np.isfinite(departure)
    x, y = departure[there], contribution[there]
    if len(x) < 2:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip(x @ y / size, -1.0, 1.0)) if size > 0 else float("nan")


def mean_departure(shown: NDArray[np.float32], usual: NDArray[np.float32]) -> Floats:
    """Return (n, v): the mean over a window of shown - usual (n, steps, v), where both are known; NaN where never."""
    away = np.asarray(shown, dtype=np.float64) - usual
    there = np.isfinite(away)
    count = there.sum(axis=1)
    total = np.where(there, away, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
