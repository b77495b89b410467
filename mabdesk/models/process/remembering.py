"""How a batch that runs above or below its plan goes on: errors of one day tell of errors of later days.

The errors of the plan's courses, out of fold, by variable and day, are taken as jointly normal; given those seen so
far, the later ones follow in closed form (a Gaussian process over days and variables). With some 50 batches their
correlations are held towards a simple shape: errors of one variable fade with the days between.
"""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.models.process.trained import Memory

FOLLOWED = ("vcd", "viability", "glucose", "lactate", "ammonia", "titer")
RATIOS = ("vcd", "titer")
FLOOR = {"vcd": 0.1, "titer": 0.02}  # added before logarithms are taken: small values are noise
_FADES_DAYS = 6.0
_NOISE = 0.15  # of the variance of errors: what a single sample's assay adds
_GRID = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
_LEAST = 8


def errors_of(names: tuple[str, ...], measured: Floats, said: Floats) -> Floats:
    """Return errors (..., variables) of `measured` against `said`: logarithms of ratios for RATIOS."""
    found = measured - said
    for j, name in enumerate(names):
        if name in RATIOS:
            floor = FLOOR[name]
            found[..., j] = np.log((np.maximum(measured[..., j], 0) + floor) / (np.maximum(said[..., j], 0) + floor))
    return found


def corrected(names: tuple[str, ...], said: Floats, errors: Floats) -> Floats:
    """Return what `errors_of` would take apart: what was said (..., variables), moved by errors."""
    found = said + errors
    for j, name in enumerate(names):
        if name in RATIOS:
            found[..., j] = (said[..., j] + FLOOR[name]) * np.exp(np.clip(errors[..., j], -2, 2)) - FLOOR[name]
    return np.maximum(found, 0.0)


def learn_memory(names: tuple[str, ...], hours: Floats, measured: Floats, said: Floats) -> Memory | None:
    """Learn the memory of errors.

    Args:
        names: of the variables.
        hours: (n, k) of the samples, NaN where there are no more.
        measured: (n, k, variables).
        said: (n, days + 1, variables) daily, out of fold.

    Returns:
        None with fewer than 8 batches.
    """
    n, days = said.shape[:2]
    if n < _LEAST or "titer" not in names:
        return None
    daily = np.stack([_by_day(names, hours[i], measured[i], said[i]) for i in range(n)])
    scale = np.stack([_scale(column) for column in np.moveaxis(daily, 2, 0)])
    flat = np.nan_to_num(daily / scale.T).transpose(0, 2, 1).reshape(n, -1)
    shape = _simple(len(names), days)
    grid = [_forecast_error(flat, shape, share, names, days) for share in _GRID]
    best = _GRID[int(np.argmin(grid))]
    correlation = _held(flat, shape, best)
    return Memory(names, RATIOS, scale, correlation, np.full(len(names), _NOISE))


def _by_day(names: tuple[str, ...], hours: Floats, measured: Floats, said: Floats) -> Floats:
    """Return (days, variables) errors of one batch at whole days, between its samples; NaN outside of them."""
    days = np.arange(len(said)) * 24.0
    found = np.full(said.shape, np.nan)
    for j in range(len(names)):
        there = np.isfinite(hours) & np.isfinite(measured[:, j])
        if not there.any():
            continue
        at = hours[there]
        here = np.interp(at, days, said[:, j])
        error = errors_of((names[j],), measured[there, j][:, None], here[:, None])[:, 0]
        found[:, j] = np.where((days >= at[0] - 12) & (days <= at[-1] + 12), np.interp(days, at, error), np.nan)
    return found


def _scale(errors: Floats) -> Floats:
    """Return (days,) root mean squares of errors (n, days); days that no sample reaches are as those beside them."""
    there = np.isfinite(errors)
    squares = np.where(there, errors, 0.0) ** 2
    measured = np.flatnonzero(there.any(axis=0))
    if not len(measured):
        return np.full(errors.shape[1], 1e-6)
    root = np.sqrt(squares.sum(axis=0)[measured] / there.sum(axis=0)[measured])
    return np.asarray(np.maximum(np.interp(np.arange(errors.shape[1]), measured, root), 1e-6))


def _simple(variables: int, days: int) -> Floats:
    """Return (p, p): errors of one variable fade with the days between, those of two have nothing in common."""
    apart = np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    return np.asarray(np.kron(np.eye(variables), np.exp(-apart / _FADES_DAYS)), dtype=np.float64)


def _held(flat: Floats, shape: Floats, share: float) -> Floats:
    """Return correlations of the rows of `flat` (n, p), `share` of them replaced by the simple shape."""
    seen = flat.T @ flat / len(flat)
    root = np.sqrt(np.maximum(np.diag(seen), 1e-9))
    return np.asarray((1 - share) * seen / np.outer(root, root) + share * shape)


def _forecast_error(flat: Floats, shape: Floats, share: float, names: tuple[str, ...], days: int) -> float:
    """Return the mean squared error of the last titer forecast at mid-culture, each batch by the others."""
    last = names.index("titer") * days + days - 1
    middle = days // 2
    seen = np.flatnonzero((np.arange(flat.shape[1]) % days) <= middle)
    errors = []
    for i in range(len(flat)):
        matrix = _held(np.delete(flat, i, axis=0), shape, share)
        inside = matrix[np.ix_(seen, seen)] + _NOISE * np.eye(len(seen))
        errors.append(flat[i, last] - matrix[last, seen] @ np.linalg.solve(inside, flat[i, seen]))
    return float(np.mean(np.square(errors)))


def condition(memory: Memory, hours: Floats, errors: Floats, days: int) -> tuple[Floats, Floats]:
    """Return errors to expect by day, and their spread, given those of one batch so far.

    Args:
        memory: what was learned.
        hours: (k,) of the samples seen.
        errors: (k, variables) as `errors_of` gives them, NaN where not measured.
        days: how many days ahead of inoculation to give (days + 1 rows).

    Returns:
        Mean and standard deviation (days + 1, variables), in the units of `errors_of`.
    """
    variables, known = memory.scale.shape
    row, column = np.nonzero(np.isfinite(errors))
    at = np.clip(hours[row] / 24.0, 0, known - 1)
    reading = _reading(at, column, variables, known)
    scale = memory.scale.reshape(-1)
    seen = errors[row, column] / (reading @ scale)
    if not len(seen):
        mean, deviation = np.zeros(variables * known), scale.copy()
    else:
        across = memory.correlation @ reading.T
        inside = reading @ across + np.diag(memory.noise[column])
        solved = np.linalg.solve(inside, np.column_stack([seen, across.T]))
        mean = scale * (across @ solved[:, 0])
        left = np.diag(memory.correlation) - np.einsum("ij,ji->i", across, solved[:, 1:])
        deviation = scale * np.sqrt(np.maximum(left, 0.0))
    days_at = np.minimum(np.arange(days + 1), known - 1)
    return mean.reshape(variables, known).T[days_at], deviation.reshape(variables, known).T[days_at]


def _reading(at: Floats, column: NDArray[np.intp], variables: int, known: int) -> Floats:
    """Return (k, variables x known): what each sample says of daily errors, between two days by their distance."""
    before = np.minimum(np.floor(at).astype(int), known - 2)
    share = at - before
    found = np.zeros((len(at), variables * known))
    rows = np.arange(len(at))
    found[rows, column * known + before] = 1 - share
    found[rows, column * known + before + 1] = share
    return found
