"""The linear part: a weighted ridge on window summaries, for targets in their physical scale."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import DataError
from mabdesk.models.curves import Curve
from mabdesk.models.physical import Target, fit_target, offsets, scales
from mabdesk.models.summaries import Scaling, fit_scaling, summarize

Arrays = dict[str, NDArray[np.generic]]
Solver = Callable[[Floats, Floats, Floats, NDArray[np.str_]], Floats]


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Coefficients (targets, 1 + kept columns), the intercept first, and what stands before them."""

    scaling: Scaling
    target: Target
    coefficients: Floats

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        table = self.scaling.apply(summarize(windows))
        rates = self.coefficients[:, 0] + table @ self.coefficients[:, 1:].T
        return offsets(self.target, windows) + scales(self.target, windows) * rates


def fit_linear(windows: Windows, forecast: bool, physical: bool, solve: Solver) -> LinearFit:
    """Fit every target by `solve(table, rates, weights, batch_ids) -> (1 + k,)`, weighted by the scale.

    The weight turns errors of the rate back into errors in g/L, partly: early rates are mostly noise.

    Raises:
        DataError: a target was never measured.
    """
    table = summarize(windows)
    scaling, target = fit_scaling(table), fit_target(windows, forecast, physical)
    features, scale = scaling.apply(table), scales(target, windows)
    rates = (windows.y - offsets(target, windows)) / scale
    rows = [_solved(solve, features, rates[:, j], scale[:, j], windows, j) for j in range(len(windows.targets))]
    return LinearFit(scaling, target, np.stack(rows))


def ridge_solver(alpha: float) -> Solver:
    """Return a solver of the weighted ridge with an unpenalized intercept."""

    def solve(table: Floats, rates: Floats, weights: Floats, _batch_ids: NDArray[np.str_]) -> Floats:
        center = (weights @ table) / weights.sum()
        level = (weights @ rates) / weights.sum()
        away = table - center
        gram = (away * weights[:, None]).T @ away + alpha * np.eye(table.shape[1])
        slopes = np.linalg.solve(gram, (away * weights[:, None]).T @ (rates - level))
        return np.concatenate([[level - center @ slopes], slopes])

    return solve


def to_arrays(fit: LinearFit) -> Arrays:
    """Give all numbers of the fit as plain arrays by name."""
    found: Arrays = {
        "coefficients": fit.coefficients,
        "kept": fit.scaling.kept,
        "mean": fit.scaling.mean,
        "deviation": fit.scaling.deviation,
        "forecast": np.array(fit.target.forecast),
        "drivers": np.array(fit.target.drivers, dtype=np.str_),
        "unit": fit.target.unit,
        "floor": fit.target.floor,
    }
    for name, curves in (("curve", fit.target.curves), ("mean", fit.target.means)):
        for j, curve in enumerate(curves):
            found |= {f"{name}_{j}_hours": curve.hours, f"{name}_{j}_values": curve.values}
    return found


def from_arrays(arrays: Arrays) -> LinearFit:
    """Rebuild what `to_arrays` gave."""
    drivers = tuple(str(name) for name in arrays["drivers"])
    floats = {name: np.asarray(a, dtype=np.float64) for name, a in arrays.items() if a.dtype.kind == "f"}
    curves, means = (
        tuple(Curve(floats[f"{name}_{j}_hours"], floats[f"{name}_{j}_values"]) for j in range(len(drivers)))
        for name in ("curve", "mean")
    )
    target = Target(bool(arrays["forecast"]), drivers, floats["unit"], floats["floor"], curves, means)
    scaling = Scaling(np.asarray(arrays["kept"], dtype=np.bool_), floats["mean"], floats["deviation"])
    return LinearFit(scaling, target, floats["coefficients"])


def _solved(solve: Solver, table: Floats, rates: Floats, weights: Floats, windows: Windows, j: int) -> Floats:
    there = np.isfinite(rates)
    if not there.any():
        raise DataError(
            f"No value of the target {windows.targets[j]!r} was measured in the training batches.",
            "Choose another target or import its measurements.",
        )
    return solve(table[there], rates[there], weights[there], windows.batch_ids[there])
