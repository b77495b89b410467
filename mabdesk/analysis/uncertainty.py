"""Bands that hold: how wide they must be, learned on whole batches that the predicting model had not learned from.

A band is as wide as a quantile of past errors, each measured in a width that grows with the prediction and with the
disagreement of a model's parts (normalized conformal prediction, Papadopoulos et al. 2002). A batch's samples err
together, so batches count alike, however many samples each has (Lee, Barber, Willett 2023).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from mabdesk.analysis.parts import Groups, parted
from mabdesk.analysis.results import Coverage, Samples
from mabdesk.data.batch import Floats, Variable
from mabdesk.models.model import Calibration, HeldOut, Prediction

LEVELS = (0.95, 0.9, 0.8)
"""What is offered in place of a level that there are too few batches for."""
LEAST_FLOOR = 0.05
"""Of the mean squared error: a width never falls below its root, or one lucky sample would stretch all bands."""

_SHARES = np.linspace(0.0, 1.0, 1001)  # of the scores; a coverage is met to a thousandth
_TINY = 1e-12

Bands = tuple[Floats, Floats]


def calibrate(held: HeldOut | None, source: str = "") -> Calibration | None:
    """Learn how wide bands must be; None where nothing was held out.

    `source` says in words which batches those were.
    """
    if held is None or not len(held.batch_ids):
        return None
    errors = np.abs(held.measured - held.mean)
    spread = np.nan_to_num(np.abs(held.spread))
    fits = [_fit_width(errors[:, j], held.mean[:, j], spread[:, j], held.batch_ids) for j in range(errors.shape[1])]
    floor, relative, stretch = (np.array(values) for values in zip(*fits, strict=True))
    widths = _widths(held.mean, spread, floor, relative, stretch)
    return Calibration(held.batch_ids, held.hours, errors / widths, floor, relative, stretch, source)


def needed(level: float) -> int:
    """Return the fewest batches B that can answer for a level: B / (B + 1) must reach it, and one is left out."""
    return max(2, math.ceil(level / (1.0 - level) - 1e-9))


def quantiles(calibration: Calibration, level: float) -> Floats:
    """Return (targets,): how many widths a band reaches to either side; NaN where there are too few batches."""
    columns = calibration.scores.T
    return np.array([_quantile(scores, calibration.batch_ids, level) for scores in columns])


def bands(calibration: Calibration | None, found: Prediction, level: float, lowest: Floats) -> Bands:
    """Return low and high (n, targets) around a prediction; NaN where no band can be had.

    `lowest` (targets,) is what a target cannot fall below, see `lowest_of`.
    """
    if calibration is None:
        return np.full(found.mean.shape, np.nan), np.full(found.mean.shape, np.nan)
    c, spread = calibration, np.zeros(found.mean.shape) if found.spread is None else np.nan_to_num(found.spread)
    half = quantiles(c, level) * _widths(found.mean, spread, c.floor, c.relative, c.stretch)
    return np.maximum(found.mean - half, lowest), np.maximum(found.mean + half, lowest)


def dropout_bands(drawn: Floats | None, mean: Floats, level: float) -> Bands:
    """Return mean -+ z x sd of samples (count, n, targets) drawn with dropout on, as in the paper: uncalibrated."""
    if drawn is None:
        return np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    half = float(norm.ppf((1.0 + level) / 2.0)) * np.std(drawn, axis=0, ddof=1)
    return mean - half, mean + half


def lowest_of(variables: Sequence[Variable], targets: Sequence[str]) -> Floats:
    """Return (targets,): 0 for what cannot be negative (a concentration, a percentage), else -inf."""
    lows = {variable.name: variable.low for variable in variables}
    return np.array([0.0 if lows.get(name, -np.inf) >= 0 else -np.inf for name in targets])


def why_no_band(calibration: Calibration | None, targets: Sequence[str], level: float) -> str:
    """Say in a sentence for which targets no band of this level can be had, and which can; "" where all have one."""
    if calibration is None:
        return f"No {_percent(level)} band: every batch was learned from, none can tell how far the model errs."
    counts = [_count(calibration.scores[:, j], calibration.batch_ids) for j in range(len(targets))]
    short = [(name, count) for name, count in zip(targets, counts, strict=True) if count < needed(level)]
    if not short:
        return ""
    least = min(count for _, count in short)
    names = f" for {' and '.join(name for name, _ in short)}" if len(short) < len(targets) else ""
    source = f" ({calibration.source})" if calibration.source else ""
    return (
        f"No {_percent(level)} band{names}: it needs {needed(level)} batches that the model did not learn from, "
        f"received {least}{source}. {_offer(least, level)}"
    )


def coverages(
    kinds: Sequence[str],
    targets: Sequence[str],
    samples: Samples,
    groups: Groups,
    level: float,
) -> tuple[Coverage, ...]:
    """Measure how many samples lie inside each model's bands: all, and by day, phase, cell line and scale.

    `groups` names cell line and scale by batch id. Models without a band, and parts without a sample, have no row.
    """
    everything = ("all", "all", np.ones(len(samples.hours), dtype=np.bool_))
    parts = (everything, *parted(samples, groups))
    found: list[Coverage] = []
    for band, lows, highs in (
        ("calibrated", samples.low, samples.high),
        ("dropout", samples.raw_low, samples.raw_high),
    ):
        if lows is None or highs is None:
            continue
        for i, kind in enumerate(kinds):
            for j, target in enumerate(targets):
                low, high, measured = lows[i, :, j], highs[i, :, j], samples.measured[:, j]
                there = np.isfinite(low) & np.isfinite(high) & np.isfinite(measured)
                for by, part, mine in parts:
                    rows = np.flatnonzero(there & mine)
                    if len(rows):
                        inside = (low[rows] <= measured[rows]) & (measured[rows] <= high[rows])
                        covered, width = float(np.mean(inside)), float(np.mean(high[rows] - low[rows]))
                        batches = len(np.unique(samples.batch_ids[rows]))
                        found.append(Coverage(kind, target, band, by, part, level, covered, width, len(rows), batches))
    return tuple(found)


def _widths(mean: Floats, spread: Floats, floor: Floats, relative: Floats, stretch: Floats) -> Floats:
    """Return (n, targets): the expected size of an error."""
    return np.asarray(np.sqrt(np.square(floor) + np.square(relative * mean) + np.square(stretch * spread)))


def _fit_width(errors: Floats, mean: Floats, spread: Floats, batch_ids: NDArray[np.str_]) -> tuple[float, float, float]:
    """Return floor, relative and stretch that make the errors (n,) of normal distributions likeliest.

    The variance is linear in their squares, which are searched in units of the mean squared error.
    """
    there = np.isfinite(errors) & np.isfinite(mean)
    weights = _weights(batch_ids[there])
    squares = np.square(errors[there])
    power = float(weights @ squares) if len(squares) else 0.0
    if power <= _TINY:
        return max(math.sqrt(power), _TINY), 0.0, 0.0
    parts = np.stack([np.ones(len(squares)), np.square(mean[there]), np.square(spread[there])], axis=1)
    sizes = weights @ parts
    parts, squares = parts / np.where(sizes > _TINY, sizes, np.inf), squares / power

    def surprise(shares: Floats) -> tuple[float, Floats]:
        variance = parts @ shares
        slope = weights * (1.0 - squares / variance) / variance
        return float(weights @ (np.log(variance) + squares / variance)), slope @ parts

    limits = [(LEAST_FLOOR, None), (0.0, None), (0.0, None)]
    shares = minimize(surprise, np.array([0.4, 0.3, 0.3]), jac=True, bounds=limits, method="L-BFGS-B").x
    scales = np.where(sizes > _TINY, shares * power / np.maximum(sizes, _TINY), 0.0)
    floor, relative, stretch = np.sqrt(scales).tolist()
    return floor, relative, stretch


def _quantile(scores: Floats, batch_ids: NDArray[np.str_], level: float) -> float:
    """Return the least score that covers `level` of the samples of a batch left out, on average over all batches.

    For each batch the quantile of the others is taken; the share of them that must be covered for that, somewhat
    above the level, is then taken of all.
    """
    there = np.isfinite(scores)
    order = np.argsort(scores[there], kind="stable")
    ranked = scores[there][order]
    names, batch = np.unique(batch_ids[there][order], return_inverse=True)
    if len(names) < needed(level):
        return math.nan
    weights = 1.0 / np.bincount(batch)[batch]
    covered = np.zeros(len(_SHARES))
    for one in range(len(names)):
        limits = ranked[_reaching(np.where(batch == one, 0.0, weights))]
        own = ranked[batch == one]
        covered += np.searchsorted(own, limits, side="right") / len(own)
    steps = np.round(covered / len(names), 9)
    least = steps[np.searchsorted(steps, level - 1e-9)] if steps[-1] >= level - 1e-9 else steps[-1]
    # The last share that covers no more than that: with the first, few batches that err as one are covered too little.
    return float(ranked[_reaching(weights)[np.searchsorted(steps, least, side="right") - 1]])


def _reaching(weights: Floats) -> NDArray[np.intp]:
    """Return for each of the shares the first row at which the weights so far reach it."""
    reached = np.cumsum(weights)
    rows = np.searchsorted(reached, _SHARES * reached[-1] - 1e-9, side="left")
    return np.asarray(np.minimum(rows, len(weights) - 1), dtype=np.intp)


def _weights(batch_ids: NDArray[np.str_]) -> Floats:
    """Return (n,) weights that sum to 1, every batch with the same share."""
    names, places, counts = np.unique(batch_ids, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (len(names) * counts[places]))


def _count(scores: Floats, batch_ids: NDArray[np.str_]) -> int:
    return len(np.unique(batch_ids[np.isfinite(scores)]))


def _offer(count: int, level: float) -> str:
    """Say which narrower level so many batches are enough for."""
    possible = next((one for one in LEVELS if one < level and needed(one) <= count), None)
    if possible is None and level <= LEVELS[-1]:
        return "Import more batches."
    if possible is None:
        return f"Even {_percent(LEVELS[-1])} needs {needed(LEVELS[-1])}: import more batches."
    return f"A band of {_percent(possible)} can be had: train or compare at level {possible:g}."


def _percent(level: float) -> str:
    return f"{100 * level:g} %"
