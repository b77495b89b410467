"""Gaussian process, quadratic surface and mean on the setpoints: fitted, and judged on batches that they had not seen.

On the simulated plant of Xing et al. (nine setpoints, 24 narrow or wide histories, 4 % noise) the true final titer of
fresh settings is missed by, in its standard deviations at 10, 20 and 50 batches: Gaussian process .86, .65, .47, with
quadratic part .85, .65, .47; quadratic surface .93, .73, .57; mean 1.05, 1.03, 1.01. scikit-learn's Gaussian process
as it comes (RBF with ARD, white noise, 3 restarts, highest likelihood) misses it by 1.02, .84, .56.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.errors import DataError, OptionsError
from mabdesk.models.surface_kernels import ALONE, Task, factor, inverse, most_likely_kernel
from mabdesk.models.surfaces import LABELS, Frame, Polynomial, Process, Surface, Texts

LEAST = 3  # batches with a measured target
ALPHAS = np.geomspace(1e-3, 1e4, 36)
BENT = 0.5  # squares and products are held back four times as much as straight parts [measured: RMSE 8 % lower]
_SAME = 1e-9  # of the values themselves: a lever that varies less is constant
Folds = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]


def fit_surface(
    kind: str, levers: Sequence[str], settings: Floats, tag_names: Sequence[str], tags: Texts, target: Floats, seed: int
) -> Surface:
    """Fit a surface to the batches that have the target; the order of the batches does not matter.

    Args:
        kind: one of LABELS.
        levers: names of the setpoints.
        settings: (n, levers) their values, no NaN where the target is measured.
        tag_names: names of the properties.
        tags: (n, tag names) texts.
        target: (n,) final values; NaN = not measured.
        seed: of the points from which the kernels' climbs start.

    Raises:
        OptionsError: an unknown kind.
        DataError: fewer than 3 measured targets, or a setting that is missing.
    """
    if kind not in LABELS:
        raise OptionsError(f"Received the response surface {kind!r}.", f"Choose one of {', '.join(LABELS)}.")
    there = np.isfinite(target)
    if there.sum() < LEAST:
        raise DataError(
            f"{LABELS[kind]}: at least {LEAST} batches with a measured final value are needed, "
            f"received {int(there.sum())}.",
            "Import more batches, or measure it in more of them.",
        )
    rows, texts = np.asarray(settings, dtype=np.float64)[there], np.asarray(tags, dtype=np.str_)[there]
    frame = _frame(tuple(levers), rows, tuple(tag_names), texts)
    inputs, values = _in_order(frame.inputs(rows, texts), np.asarray(target, dtype=np.float64)[there])
    level, spread = float(values.mean()), float(values.std())
    spread = spread if spread > _SAME * max(abs(level), _SAME) else 1.0
    with ALONE.limit(limits=1, user_api="blas"):
        body = _body(kind, frame, inputs, (values - level) / spread, seed)
    return Surface(kind, frame, body, level, spread)


def out_of_fold(
    kind: str,
    levers: Sequence[str],
    settings: Floats,
    tag_names: Sequence[str],
    tags: Texts,
    target: Floats,
    seed: int,
    folds: Folds,
) -> Floats:
    """Return (n,) predictions by surfaces that had not seen the batch; arguments as for `fit_surface`.

    `folds` are (training rows, test rows), as indices. NaN for rows that no fold tests, and where a fold's training
    rows have fewer than 3 measured targets.
    """
    said = np.full(len(settings), np.nan)
    for training, test in folds:
        if np.isfinite(target[training]).sum() >= LEAST:
            seen = (settings[training], tag_names, tags[training], target[training])
            said[test] = fit_surface(kind, levers, *seen, seed).predict(settings[test], tags[test])[0]
    return said


def _frame(levers: tuple[str, ...], settings: Floats, tag_names: tuple[str, ...], tags: Texts) -> Frame:
    missing = [name for name, column in zip(levers, settings.T, strict=True) if not np.isfinite(column).all()]
    if missing:
        raise DataError(
            f"Settings are missing in some batches: {', '.join(missing)}.", "Complete them, or leave the lever out."
        )
    low, high = settings.min(axis=0), settings.max(axis=0)
    used = high - low > _SAME * np.maximum(np.abs(low), np.abs(high))
    seen = [np.unique(tags[:, i]) for i in range(len(tag_names))]
    values = np.concatenate([np.zeros(0, dtype=np.str_), *seen])
    tag_of = np.repeat(np.arange(len(seen), dtype=np.intp), [len(one) for one in seen])
    return Frame(levers, low, np.where(used, high - low, 1.0), used, tag_names, tag_of, values)


def _in_order(inputs: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the rows sorted, so that sums come out the same bit for bit whatever the order of the batches."""
    order = np.lexsort([*inputs.T, values])
    return np.ascontiguousarray(inputs[order]), values[order]


def _body(kind: str, frame: Frame, inputs: Floats, target: Floats, seed: int) -> Process | Polynomial:
    if kind == "mean":
        return _mean(inputs, frame.varied, target)
    if kind == "quadratic":
        return _ridge(inputs, frame.varied, target)
    # A tag's values share one length: what another cell line means is one question.
    groups = np.concatenate([np.arange(frame.varied, dtype=np.intp), frame.varied + frame.tag_of])
    task = Task(inputs, target, groups, kind == "gaussian_process_quadratic")
    kernel = most_likely_kernel(task, seed)
    whitener = np.ascontiguousarray(inverse(factor(kernel, inputs)))
    return Process(kernel, inputs, whitener.T @ (whitener @ target), whitener)


def _mean(inputs: Floats, levers: int, target: Floats) -> Polynomial:
    n = len(target)
    left_out = target * n / (n - 1)  # the target's mean is 0
    return Polynomial(0.0, np.zeros(inputs.shape[1]), np.zeros((levers, levers)), _rms(left_out))


def _ridge(inputs: Floats, levers: int, target: Floats) -> Polynomial:
    """Fit a full second-order surface; how far it is held back is what errs least on batches left out one by one."""
    first, second = np.triu_indices(levers)
    z = 2.0 * inputs[:, :levers] - 1.0
    features = np.concatenate([z, inputs[:, levers:], BENT * z[:, first] * z[:, second]], axis=1)
    middle = features.mean(axis=0)
    left, sizes, right = np.linalg.svd(features - middle, full_matrices=False)
    errors = [_left_out(left, sizes, target, alpha) for alpha in ALPHAS]
    best = int(np.argmin([_rms(error) for error in errors]))
    found = right.T @ (sizes / (sizes**2 + ALPHAS[best]) * (left.T @ target))
    bends = np.zeros((levers, levers))
    bends[first, second] = BENT * found[inputs.shape[1] :]
    linear = found[: inputs.shape[1]] * np.where(np.arange(inputs.shape[1]) < levers, 2.0, 1.0)  # z = 2x - 1
    start = -float(middle @ found) - float(found[:levers].sum())
    return Polynomial(start, linear, (bends + bends.T) / 2, _rms(errors[best]))


def _left_out(left: Floats, sizes: Floats, target: Floats, alpha: float) -> Floats:
    """Return (n,) errors on batches left out one by one, the level refitted: no refit is needed (Allen's PRESS)."""
    kept = sizes**2 / (sizes**2 + alpha)
    leverage = 1.0 / len(target) + left**2 @ kept
    return np.asarray((target - left @ (kept * (left.T @ target))) / np.maximum(1.0 - leverage, 1e-9))


def _rms(errors: Floats) -> float:
    return float(np.sqrt(np.mean(errors**2)))
