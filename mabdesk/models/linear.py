"""Linear models on window summaries, for targets in their physical scale; what stands before them is the design."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.models.curves import Curve
from mabdesk.models.model import Arrays
from mabdesk.models.physical import Target, fit_target, offsets, require_targets, scales
from mabdesk.models.summaries import Scaling, fit_scaling, summarize

Solver = Callable[[Floats, Floats, Floats, NDArray[np.str_]], Floats]

_NOISE = 1e-6  # of the largest singular value: windows are float32, and smaller ones are its rounding


@dataclass(frozen=True, eq=False)
class Design:
    """Standardization of the summaries, and scale and offset of the targets: what every model learns first."""

    scaling: Scaling
    target: Target

    def table(self, windows: Windows) -> Floats:
        """Return (n, k) standardized summaries."""
        return self.scaling.apply(summarize(windows))

    def in_units(self, windows: Windows, rates: Floats) -> Floats:
        """Turn rates (n, targets) into the targets' units."""
        return np.asarray(offsets(self.target, windows) + scales(self.target, windows) * rates)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        found: dict[str, NDArray[np.generic]] = {
            "kept": self.scaling.kept,
            "mean": self.scaling.mean,
            "deviation": self.scaling.deviation,
            "forecast": np.array(self.target.forecast),
            "drivers": np.array(self.target.drivers, dtype=np.str_),
            "unit": self.target.unit,
            "floor": self.target.floor,
        }
        for name, curves in (("curve", self.target.curves), ("mean", self.target.means)):
            for j, curve in enumerate(curves):
                found |= {f"{name}_{j}_hours": curve.hours, f"{name}_{j}_values": curve.values}
        return found

    @staticmethod
    def restored(arrays: Arrays) -> "Design":
        """Rebuild what `arrays` gave."""
        drivers = tuple(str(name) for name in arrays["drivers"])
        floats = {name: np.asarray(a, dtype=np.float64) for name, a in arrays.items() if a.dtype.kind == "f"}
        curves, means = (
            tuple(Curve(floats[f"{name}_{j}_hours"], floats[f"{name}_{j}_values"]) for j in range(len(drivers)))
            for name in ("curve", "mean")
        )
        target = Target(bool(arrays["forecast"]), drivers, floats["unit"], floats["floor"], curves, means)
        return Design(Scaling(np.asarray(arrays["kept"], dtype=np.bool_), floats["mean"], floats["deviation"]), target)


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Coefficients (targets, 1 + kept columns), the intercept first."""

    design: Design
    coefficients: Floats

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        slopes = self.coefficients[:, 1:]
        return self.design.in_units(windows, self.coefficients[:, 0] + self.design.table(windows) @ slopes.T)

    def parts(self) -> dict[str, "LinearFit"]:
        """Give itself: it has no parts."""
        return {"linear": self}

    def rates(self, table: Floats, target: int) -> tuple[Floats, Floats]:
        """Return the rates (n,) of one target for standardized summaries (n, k), and their slopes (n, k)."""
        slopes = self.coefficients[target, 1:]
        return self.coefficients[target, 0] + table @ slopes, np.broadcast_to(slopes, table.shape)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        return {"coefficients": self.coefficients, **self.design.arrays()}

    def parameters(self) -> int:
        """Count the coefficients."""
        return int(self.coefficients.size)


def design(windows: Windows, forecast: bool, physical: bool) -> tuple[Design, Floats, Floats, Floats]:
    """Learn the design; return it with summaries (n, k), rates (n, targets) and scales (n, targets).

    Raises:
        DataError: a target was never measured.
    """
    require_targets(windows)
    table = summarize(windows)
    learned = Design(fit_scaling(table), fit_target(windows, forecast, physical))
    scale = scales(learned.target, windows)
    return learned, learned.scaling.apply(table), (windows.y - offsets(learned.target, windows)) / scale, scale


def fit_linear(windows: Windows, forecast: bool, physical: bool, solve: Solver) -> LinearFit:
    """Fit every target by `solve(table, rates, weights, batch_ids) -> (1 + k,)`, weighted by the scale.

    The weight turns errors of the rate back into errors in g/L, partly: early rates are mostly noise.

    Raises:
        DataError: a target was never measured.
    """
    learned, table, rates, scale = design(windows, forecast, physical)
    rows = []
    for j, column in enumerate(rates.T):
        there = np.isfinite(column)
        rows.append(solve(table[there], column[there], scale[there, j], windows.batch_ids[there]))
    return LinearFit(learned, np.stack(rows))


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


def least_squares(table: Floats, rates: Floats, weights: Floats, _batch_ids: NDArray[np.str_]) -> Floats:
    """Solve the weighted least squares; of many solutions (repeated columns, few rows) the shortest."""
    center = (weights @ table) / weights.sum()
    level = (weights @ rates) / weights.sum()
    root = np.sqrt(weights)
    slopes = np.linalg.lstsq((table - center) * root[:, None], (rates - level) * root, rcond=_NOISE)[0]
    return np.concatenate([[level - center @ slopes], slopes])


def from_arrays(arrays: Arrays) -> LinearFit:
    """Rebuild what the fit's `arrays` gave."""
    return LinearFit(Design.restored(arrays), np.asarray(arrays["coefficients"], dtype=np.float64))
