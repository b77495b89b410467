"""How far predictions are from measurements. What too few or constant samples cannot tell is NaN."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

RUN = 7  # consecutive samples in one window of the centered DTS
POINTS, POINT_H = 4, 6.0  # titers at 6-h points in 24 h, the paper's DTS


def rmse(measured: Floats, predicted: Floats) -> float:
    """Return the root mean squared error, in the target's unit."""
    return float(np.sqrt(np.mean((predicted - measured) ** 2))) if len(measured) else float("nan")


def mae(measured: Floats, predicted: Floats) -> float:
    """Return the mean absolute error, in the target's unit."""
    return float(np.mean(np.abs(predicted - measured))) if len(measured) else float("nan")


def r2(measured: Floats, predicted: Floats) -> float:
    """Return 1 - squared error / squared distance from the mean; NaN when all measured values are equal."""
    if len(measured) < 2:
        return float("nan")
    total = np.sum((measured - measured.mean()) ** 2)
    # A constant's rounding errors are no variance to explain.
    if total <= 1e-20 * len(measured) * max(float(np.max(np.abs(measured))), 1e-300) ** 2:
        return float("nan")
    return float(1 - np.sum((predicted - measured) ** 2) / total)


def final_errors(batch_ids: NDArray[np.str_], hours: Floats, measured: Floats, predicted: Floats) -> Floats:
    """Return (batches,) predicted - measured at the last sample of each batch, in the order of their names."""
    errors = []
    for name in np.unique(batch_ids):
        rows = np.flatnonzero(batch_ids == name)
        last = rows[np.argmax(hours[rows])]
        errors.append(predicted[last] - measured[last])
    return np.array(errors)


def dts_centered(
    batch_ids: NDArray[np.str_], hours: Floats, measured: Floats, predicted: Floats, typical: Floats
) -> float:
    """Return DTS*: how well a batch's departure from the typical course is followed; 1 perfect, 0 not at all.

    With anomalies a = measured - typical and p = predicted - typical (typical: mean of the training batches at that
    age), 2<a, p> / (|a|^2 + |p|^2) over each run of 7 consecutive samples of a batch, averaged. A batch with 2 to 6
    samples is one run.
    """
    values = []
    for name in np.unique(batch_ids):
        rows = np.flatnonzero(batch_ids == name)
        rows = rows[np.argsort(hours[rows], kind="stable")]
        a, p = measured[rows] - typical[rows], predicted[rows] - typical[rows]
        width = min(RUN, len(rows))
        if width >= 2:
            values += [_agreement(a[i : i + width], p[i : i + width]) for i in range(len(rows) - width + 1)]
    return known_mean(values)


def dts(measured: list[Floats], predicted: list[Floats]) -> float:
    """Return the paper's DTS: mean cosine similarity over sliding windows of 24 h.

    Each list holds one array per batch, values at the same 6-h points. Any slowly rising line scores near 1: the
    paper's formula cannot tell models apart (see `dts_centered`).
    """
    values = []
    for truth, guess in zip(measured, predicted, strict=True):
        for i in range(len(truth) - POINTS + 1):
            a, p = truth[i : i + POINTS], guess[i : i + POINTS]
            size = float(np.linalg.norm(a) * np.linalg.norm(p))
            values.append(float(a @ p) / size if size > 0 else float("nan"))
    return known_mean(values)


def at_points(hours: Floats, values: Floats, wanted: Floats) -> Floats:
    """Interpolate measured titers to 6-h points: for the paper's DTS alone; NaN outside the samples."""
    if not len(hours):
        return np.full(len(wanted), np.nan)
    inside = (wanted >= hours[0]) & (wanted <= hours[-1])
    return np.asarray(np.where(inside, np.interp(wanted, hours, values), np.nan))


def _agreement(a: Floats, p: Floats) -> float:
    size = float(a @ a + p @ p)
    return 2 * float(a @ p) / size if size > 0 else float("nan")


def known_mean(values: Sequence[float]) -> float:
    """Return the mean of what is known, NaN where nothing is."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
