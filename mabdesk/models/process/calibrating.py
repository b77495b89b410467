"""How far a fitted ensemble may be trusted, learned from what each member says of batches that it had not seen."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import History, Plans
from mabdesk.models.process.ensemble import Ensemble, at_hours
from mabdesk.models.process.trained import Widths

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
STRETCH, APART = 1.0, 0.4  # of the members' disagreement, and of that between network and Gaussian process
# The networks' share before anything was measured, and how many batches that belief weighs. Single members, out of
# fold, err more than the ensemble, and noise hides which part errs less: with 20 batches what was measured alone chose
# worse than a belief (RMSE .209 and .185, the Gaussian process .224; 8 simulated histories, noise-free). The belief was
# chosen on 36 histories of families that the prior had not seen.
TUNED_SHARE, SCRATCH_SHARE, BELIEF_BATCHES = 0.7, 0.45, 60.0
_TUNED_BATCHES = 10  # above, the prior counts for less, as the Gaussian process knows more
_LEAST_DAILY = 0.02  # of a variable's spread: no band is narrower


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """courses (n, days + 1, variables) from the plan by members that had not seen the batch; spread alike, of all."""

    courses: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Outputs:
    """At harvest, all (n, outputs): measured, and out of fold network, surface, said (both); spread of the members."""

    measured: Floats
    network: Floats
    surface: Floats
    said: Floats
    spread: Floats


def out_of_fold(ensemble: Ensemble, plans: Plans, folds: NDArray[np.intp]) -> OutOfFold:
    """Roll every batch out by the member that left it out; one member alone stands for itself."""
    whole = ensemble.courses(plans).both()
    found = np.empty(whole.shape[1:])
    for member in range(ensemble.members):
        rows = folds == member
        found[rows] = whole[member][rows]
    return OutOfFold(found, whole.std(axis=0))


def believed_share(batches: int, tuned: bool) -> float:
    """Return the networks' share before anything was measured."""
    return TUNED_SHARE * min(1.0, math.sqrt(_TUNED_BATCHES / batches)) if tuned else SCRATCH_SHARE


def share_of(network: Floats, surface: Floats, measured: Floats, believed: float) -> float:
    """Return the networks' share (0 to 1) that errs least out of fold, held towards what is believed beforehand."""
    there = np.isfinite(measured) & np.isfinite(network) & np.isfinite(surface)
    if not there.any():
        return believed
    apart, needed = (network - surface)[there], (measured - surface)[there]
    # As many squares of the usual distance as BELIEF_BATCHES have stand for the belief.
    square = float(np.mean(apart**2)) + 1e-12
    best = (apart @ needed + BELIEF_BATCHES * square * believed) / (apart @ apart + BELIEF_BATCHES * square)
    return float(np.clip(best, 0.0, 1.0))


def widths_of(
    history: History, names: tuple[str, ...], found: OutOfFold, columns: list[int], outputs: Outputs, members: int
) -> Widths:
    """Learn how wide bands must be.

    Args:
        history: the batches, with what was measured.
        names: of the variables.
        found: daily courses out of fold, reconciled with what is said at harvest.
        columns: where the variables stand in them.
        outputs: what was said and measured at harvest; its spread is that of what is said.
        members: how many networks there are.
    """
    hours = history.samples.hours
    measured = np.stack([history.samples.column(name) for name in names], axis=2)
    errors = measured - at_hours(found.courses[:, :, columns], hours)
    days = found.courses.shape[1]
    daily = _usual_by_day(errors, hours, days) + _LEAST_DAILY * np.nanstd(measured, axis=(0, 1))
    spread = at_hours(found.spread[:, :, columns], hours)
    at = np.clip(np.round(np.nan_to_num(hours) / 24.0).astype(int), 0, days - 1)
    scores = np.abs(errors) / np.sqrt(daily[at] ** 2 + (STRETCH * spread) ** 2)
    final = np.sqrt(np.nanmean((outputs.measured - outputs.said) ** 2, axis=0))
    wide = np.sqrt(final**2 + (STRETCH * outputs.spread) ** 2 + (APART * (outputs.network - outputs.surface)) ** 2)
    final_scores = np.abs(outputs.measured - outputs.said) / wide
    batches = int(np.isfinite(outputs.measured[:, 0]).sum())
    calmer = _calmer(errors, spread, members)
    final_calmer = _calmer(outputs.measured - outputs.said, outputs.spread, members)
    return Widths(
        levels=np.array(LEVELS),
        reach=calmer * np.stack([[reach_of(scores[:, :, j], level) for j in range(len(names))] for level in LEVELS]),
        final_reach=final_calmer
        * np.stack([[reach_of(column[:, None], level) for column in final_scores.T] for level in LEVELS]),
        daily=daily,
        final=final,
        stretch=STRETCH,
        apart=APART,
        source=f"errors of {batches} batches, each predicted from its plan by networks that had not seen it",
    )


def _usual_by_day(errors: Floats, hours: Floats, days: int) -> Floats:
    """Return (days, variables) root mean squares of errors by day, smoothed; days without samples as those beside."""
    at = np.round(np.nan_to_num(hours, nan=-24.0) / 24.0).astype(int)
    squares = np.full((days, errors.shape[2]), np.nan)
    for day in range(days):
        mine = errors[at == day]
        there = np.isfinite(mine)
        sums = np.where(there, mine, 0.0) ** 2
        squares[day] = np.where(there.any(axis=0), sums.sum(axis=0) / np.maximum(there.sum(axis=0), 1), np.nan)
    filled = np.stack([_filled(column) for column in squares.T], axis=1)
    padded = np.pad(filled, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(np.sqrt((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4))


def _filled(column: Floats) -> Floats:
    there = np.flatnonzero(np.isfinite(column))
    if not len(there):
        return np.zeros(len(column))
    return np.interp(np.arange(len(column)), there, column[there])


def _calmer(errors: Floats, spread: Floats, members: int) -> Floats:
    """Return (...,) how much smaller errors of the whole ensemble are than those of single members, out of fold.

    A member errs by what all err by and by its own whim; the mean of all has a share of the whims' variance left.
    """
    axes = tuple(range(errors.ndim - 1))
    there = np.isfinite(errors)
    square = np.where(there, errors, 0.0) ** 2
    whim = np.where(there, spread, 0.0) ** 2 * (1 - 1 / members)
    return np.asarray(np.sqrt(np.clip(1 - whim.sum(axis=axes) / np.maximum(square.sum(axis=axes), 1e-12), 0.6, 1.0)))


def reach_of(scores: Floats, level: float) -> float:
    """Return how many widths a band reaches: the mean of a conformal quantile by batch and of Student's.

    The first holds for any distribution but is, with some 50 batches, the second largest score: a matter of luck. The
    second is steady but believes in a bell. Where batches are too few for the first, the second stands alone.
    """
    batches = np.isfinite(scores).any(axis=1)
    count = int(batches.sum())
    if count < 3:
        return math.nan
    mine = scores[batches]
    there = np.isfinite(mine)
    weights = there / there.sum(axis=1, keepdims=True)
    root = math.sqrt(float((np.where(there, mine, 0.0) ** 2 * weights).sum() / count))
    bell = root * float(student.ppf((1 + level) / 2, count - 1)) * math.sqrt(1 + 1 / count)
    if level * (count + 1) > count:
        return bell
    order = np.argsort(mine[there])
    grown = np.cumsum(weights[there][order]) / (count + 1)
    conformal = float(mine[there][order][min(int(np.searchsorted(grown, level - 1e-12)), len(order) - 1)])
    return 0.5 * (conformal + bell)
