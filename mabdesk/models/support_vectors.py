"""Support vector regression with radial basis functions, alone and averaged with the ridge.

scikit-learn finds the support vectors; predicting is our own sum over them, so that plain arrays are all that is kept.
Penalty, tube and width were chosen from 30 triples on four simulated campaigns of 50 batches (5 grouped folds, both
presets): RMSE of titer 0.186 g/L for the soft sensor and 0.101 for the forecast, where C = 1 and a width of 0.1 give
0.203 and 0.103. On two other campaigns they were worse for the soft sensor (0.232, where C = 1 gave 0.223) and as good
for the forecast: the gain is that of the mean over campaigns, not of each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVR

from mabdesk.data.batch import Floats, Windows
from mabdesk.models import linear
from mabdesk.models.kernel import bumps, squared_distances, thinned
from mabdesk.models.linear import Design, LinearFit, design
from mabdesk.models.model import Arrays
from mabdesk.models.simple import Summary
from mabdesk.models.simple_settings import RidgeSvrSettings, SvrSettings

_MEGABYTES = 500  # of the solver's cache; only its time depends on it


@dataclass(frozen=True, eq=False)
class SvrFit:
    """Support vectors (m, k) and dual coefficients (targets, m); intercept, level and spread (targets,) of rates."""

    design: Design
    width: float
    vectors: Floats
    dual: Floats
    intercept: Floats
    level: Floats
    spread: Floats

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        cells = np.exp(-self.width * squared_distances(self.design.table(windows), self.vectors))
        return self.design.in_units(windows, self.level + self.spread * (cells @ self.dual.T + self.intercept))

    def parts(self) -> dict[str, "SvrFit"]:
        """Give itself: it has no parts."""
        return {"SVR": self}

    def rates(self, table: Floats, target: int) -> tuple[Floats, Floats]:
        """Return the rates (n,) of one target for standardized summaries (n, k), and their slopes (n, k)."""
        said, slopes = bumps(table, self.vectors, self.dual[target], self.width)
        return self.level[target] + self.spread[target] * (said + self.intercept[target]), self.spread[target] * slopes

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        own: dict[str, NDArray[np.generic]] = {"width": np.array(self.width), "vectors": self.vectors}
        own |= {"dual": self.dual, "intercept": self.intercept, "level": self.level, "spread": self.spread}
        return own | self.design.arrays()

    def parameters(self) -> int:
        """Count the dual coefficients."""
        return int(self.dual.size)


@dataclass(frozen=True, eq=False)
class MeanFit:
    """A ridge and a support vector regression that share one design."""

    ridge: LinearFit
    svr: SvrFit

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) the mean of both."""
        return (self.ridge.predict(windows) + self.svr.predict(windows)) / 2

    def parts(self) -> dict[str, LinearFit | SvrFit]:
        """Give both."""
        return {"ridge": self.ridge, "SVR": self.svr}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the numbers of both: names differ but for the design, which is the same."""
        return self.ridge.arrays() | self.svr.arrays()

    def parameters(self) -> int:
        """Count the coefficients of both."""
        return self.ridge.parameters() + self.svr.parameters()


class Svr(Summary[SvrSettings]):
    """Support vector regression on the ridge's inputs and in its physical scale."""

    def fitted_to(self, rows: Windows, seed: int) -> SvrFit:  # noqa: ARG002 - nothing here is random
        """Find the support vectors."""
        return fit_svr(rows, self.forecast, self.settings)

    def restored(self, arrays: Arrays) -> SvrFit:
        """Rebuild the support vectors."""
        return from_arrays(arrays)


class RidgeSvr(Summary[RidgeSvrSettings]):
    """The mean of what ridge and support vector regression say."""

    def fitted_to(self, rows: Windows, seed: int) -> MeanFit:  # noqa: ARG002 - nothing here is random
        """Fit both to the same rows, so that they share the design."""
        rows = thinned(rows)
        solver = linear.ridge_solver(self.settings.alpha)
        ridge = linear.fit_linear(rows, self.forecast, self.settings.physical, solver)
        return MeanFit(ridge, fit_svr(rows, self.forecast, self.settings))

    def restored(self, arrays: Arrays) -> MeanFit:
        """Rebuild both."""
        return MeanFit(linear.from_arrays(arrays), from_arrays(arrays))


def fit_svr(windows: Windows, forecast: bool, settings: SvrSettings | RidgeSvrSettings) -> SvrFit:
    """Fit every target, weighted by its scale as the ridge is; thousands of windows are thinned.

    Raises:
        DataError: a target was never measured.
    """
    windows = thinned(windows)
    fitted, table, rates, scale = design(windows, forecast, settings.physical)
    width = settings.width / max(table.shape[1], 1)
    dual, intercept = np.zeros(rates.T.shape), np.zeros(rates.shape[1])
    level, spread = np.zeros(rates.shape[1]), np.ones(rates.shape[1])
    for j, column in enumerate(rates.T):
        there = np.flatnonzero(np.isfinite(column))
        weights = scale[there, j]
        level[j] = weights @ column[there] / weights.sum()
        spread[j] = max(float(column[there].std()), 1e-12)
        if table.shape[1]:  # without any input that varies, the level is all there is to say
            found = SVR(C=settings.penalty, epsilon=settings.tube, gamma=width, cache_size=_MEGABYTES)
            found.fit(table[there], (column[there] - level[j]) / spread[j], sample_weight=weights)
            dual[j, there[found.support_]] = found.dual_coef_[0]
            intercept[j] = found.intercept_[0]
    used = dual.any(axis=0)
    return SvrFit(fitted, width, table[used], dual[:, used], intercept, level, spread)


def from_arrays(arrays: Arrays) -> SvrFit:
    """Rebuild what the fit's `arrays` gave."""
    names = ("vectors", "dual", "intercept", "level", "spread")
    own = (np.asarray(arrays[name], dtype=np.float64) for name in names)
    return SvrFit(Design.restored(arrays), float(arrays["width"]), *own)
