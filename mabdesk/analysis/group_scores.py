"""Scores of groups of batches with intervals from whole batches drawn anew: what Figure 7 is drawn from."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Floats

DRAWINGS = 400
SCORES = ("RMSE", "MAE", "R2", "DTS", "DTS*")
_SEED, _LEAST = 1, 3  # fewer batches tell nothing of their spread
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Sums:
    """What scores are made of, by model and batch: values (models, batches, 9) of these batches with samples.

    Columns: samples, squared errors, absolute errors, measured, measured squared (around the mean of all), sum and
    number of the DTS windows, sum and number of the DTS* runs.
    """

    batches: tuple[str, ...]
    values: Floats


def sums_of(found: Evaluation, target: str) -> Sums:
    """Add up what the scores of all models are made of, batch by batch."""
    t, samples = found.targets.index(target), found.samples
    there = np.isfinite(samples.measured[:, t])
    middle = float(samples.measured[there, t].mean()) if there.any() else 0.0
    names = tuple(str(name) for name in np.unique(samples.batch_ids[there]))
    values = [_sums(found, t, np.flatnonzero(there & (samples.batch_ids == name)), middle) for name in names]
    return Sums(names, np.array(values).reshape(len(names), len(found.models), 9).swapaxes(0, 1))


def spread_of(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Return SCORES (5,) over some batches from their sums (batches, 9), and the ends of their 95 % intervals.

    The ends are NaN with fewer than 3 batches, and where a score cannot be said.
    """
    values = _scores(sums.sum(axis=0)[None, :])[0]
    ends = np.full((2, len(values)), np.nan)
    if len(sums) < _LEAST:
        return values, ends[0], ends[1]
    often = np.random.default_rng(_SEED).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWINGS)
    drawn = _scores(often @ sums)
    known = np.isfinite(drawn).all(axis=0)
    ends[:, known] = np.quantile(drawn[:, known], _ENDS, axis=0)
    return values, ends[0], ends[1]


def _sums(found: Evaluation, t: int, rows: NDArray[np.intp], middle: float) -> Floats:
    """Return (models, 9) of one batch, whose samples stand in these rows."""
    samples = found.samples
    rows = rows[np.argsort(samples.hours[rows], kind="stable")]
    measured, predicted, typical = samples.measured[rows, t], samples.predicted[:, rows, t], samples.typical[rows, t]
    errors, centered = predicted - measured, measured - middle
    alike = np.broadcast_to([len(rows), centered.sum(), (centered**2).sum()], (len(errors), 3))
    cosines, windows = _cosines(found, t, rows)
    agreements, runs = _runs(measured - typical, predicted - typical)
    wrong = np.stack([(errors**2).sum(axis=1), np.abs(errors).sum(axis=1)], axis=1)
    rest = np.stack([cosines, windows, agreements, runs], axis=1)
    return np.concatenate([alike[:, :1], wrong, alike[:, 1:], rest], axis=1)


def _cosines(found: Evaluation, t: int, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return sum and number (models,) of the 24-h windows of one batch: metrics.dts is the mean of their cosines."""
    courses, samples = found.courses, found.samples
    drawn = np.flatnonzero(courses.batch_ids == samples.batch_ids[rows[0]])
    points = courses.hours[drawn]
    drawn = drawn[np.mod(points - points[:1], metrics.POINT_H) == 0]
    truth = metrics.at_points(samples.hours[rows], samples.measured[rows, t], courses.hours[drawn])
    a, p = truth[np.isfinite(truth)], courses.predicted[:, drawn[np.isfinite(truth)], t]
    if len(a) < metrics.POINTS:
        return _added(np.zeros((len(p), 0)), np.zeros((len(p), 0)))
    a, p = sliding_window_view(a, metrics.POINTS), sliding_window_view(p, metrics.POINTS, axis=1)
    return _added((a * p).sum(axis=-1), np.sqrt((a**2).sum(axis=-1) * (p**2).sum(axis=-1)))


def _runs(a: Floats, p: Floats) -> tuple[Floats, Floats]:
    """Return sum and number (models,) of the runs of one batch: metrics.dts_centered is their mean agreement."""
    width = min(metrics.RUN, len(a))
    if width < 2:
        return _added(np.zeros((len(p), 0)), np.zeros((len(p), 0)))
    a, p = sliding_window_view(a, width), sliding_window_view(p, width, axis=1)
    return _added(2 * (a * p).sum(axis=-1), (a**2).sum(axis=-1) + (p**2).sum(axis=-1))


def _added(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Add up the shares (models, k) that can be said, and count them."""
    there = np.isfinite(above) & (below > 0)
    shares = np.divide(above, below, out=np.zeros(above.shape), where=there)
    return shares.sum(axis=1), there.sum(axis=1).astype(np.float64)


def _scores(sums: Floats) -> Floats:
    """Turn sums (k, 9) into RMSE, MAE, R2, DTS and DTS* (k, 5); NaN where they cannot be said."""
    n, squared, absolute, measured, measured_squared, cosines, windows, agreements, runs = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        total = measured_squared - measured**2 / n
        r2 = np.where(total > 1e-12 * measured_squared, 1 - squared / total, np.nan)
        return np.stack([np.sqrt(squared / n), absolute / n, r2, cosines / windows, agreements / runs], axis=1)
