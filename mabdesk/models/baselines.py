"""The simplest models, which every other must beat: typical courses, last values, least squares, ridge, a kernel."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.models import kernel, linear
from mabdesk.models.curves import Curve, fit_curve
from mabdesk.models.kernel import KernelFit
from mabdesk.models.linear import LinearFit
from mabdesk.models.model import Arrays, Prediction
from mabdesk.models.physical import require_targets
from mabdesk.models.simple import Simple, Summary
from mabdesk.models.simple_settings import (
    GaussianProcessSettings,
    LastValueSettings,
    LinearSettings,
    MeanIncrementSettings,
    MeanTrajectorySettings,
    RidgeSettings,
)

S = TypeVar("S")


class Typical(Simple[S]):
    """What starts from the mean trajectory of the training batches."""

    curves: tuple[Curve, ...] = ()

    def learn(self, rows: Windows, seed: int) -> None:  # noqa: ARG002 - nothing here is random
        """Average the measured targets by age.

        Raises:
            DataError: a target was never measured.
        """
        require_targets(rows)
        real = rows.take(rows.measured)
        self.curves = tuple(
            fit_curve(real.target_hours, real.y[:, j], real.batch_ids) for j in range(len(real.targets))
        )

    def at(self, hours: Floats) -> Floats:
        """Return (n, targets) the mean trajectories at culture ages (n,) or, for each target, (n, targets)."""
        each = np.broadcast_to(hours.T, (len(self.curves), len(hours)))
        return np.stack([curve.at(ages) for curve, ages in zip(self.curves, each, strict=True)], axis=1)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the curves."""
        found: dict[str, NDArray[np.generic]] = {}
        for j, curve in enumerate(self.curves):
            found |= {f"curve_{j}_hours": curve.hours, f"curve_{j}_values": curve.values}
        return found

    def restore(self, arrays: Arrays) -> None:
        """Take the curves back."""
        pairs = [(f"curve_{j}_hours", f"curve_{j}_values") for j in range(len(arrays) // 2)]
        self.curves = tuple(Curve(_floats(arrays[hours]), _floats(arrays[values])) for hours, values in pairs)
        self._learned_from = None

    def parameters(self) -> int:
        """Count the points of the curves."""
        return sum(len(curve.values) for curve in self.curves)


class MeanTrajectory(Typical[MeanTrajectorySettings]):
    """Predicts the training mean at the same culture age."""

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) from the target hour alone."""
        return Prediction(self.at(windows.target_hours))


class LastValue(Typical[LastValueSettings]):
    """Predicts the newest measured value; before the first one, the training mean at that age."""

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) from what was last measured."""
        return Prediction(np.where(np.isfinite(windows.last), windows.last, self.at(windows.target_hours)))


class MeanIncrement(Typical[MeanIncrementSettings]):
    """Predicts the newest measured value plus what the training mean gains from its age to the target's.

    Before the first measured value: the training mean.
    """

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) from what was last measured, and when."""
        known = np.isfinite(windows.last) & np.isfinite(windows.last_hours)
        typical = self.at(windows.target_hours)
        gained = typical - self.at(np.where(known, windows.last_hours, 0.0))
        return Prediction(np.where(known, windows.last + gained, typical))


class Linear(Summary[LinearSettings]):
    """Multiple linear regression: weighted least squares."""

    def fitted_to(self, rows: Windows, seed: int) -> LinearFit:  # noqa: ARG002 - nothing here is random
        """Solve the least squares."""
        return linear.fit_linear(rows, self.forecast, self.settings.physical, linear.least_squares)

    def restored(self, arrays: Arrays) -> LinearFit:
        """Rebuild the coefficients."""
        return linear.from_arrays(arrays)


class Ridge(Summary[RidgeSettings]):
    """A weighted linear model."""

    def fitted_to(self, rows: Windows, seed: int) -> LinearFit:  # noqa: ARG002 - nothing here is random
        """Solve the normal equations."""
        solver = linear.ridge_solver(self.settings.alpha)
        return linear.fit_linear(rows, self.forecast, self.settings.physical, solver)

    def restored(self, arrays: Arrays) -> LinearFit:
        """Rebuild the coefficients."""
        return linear.from_arrays(arrays)


class GaussianProcess(Summary[GaussianProcessSettings]):
    """What the CNN-LSTM is mixed with, alone."""

    def fitted_to(self, rows: Windows, seed: int) -> KernelFit:  # noqa: ARG002 - nothing here is random
        """Solve for the weights of the support rows."""
        return kernel.fit_kernel(rows, self.forecast, self.settings.physical, self.settings.noise)

    def restored(self, arrays: Arrays) -> KernelFit:
        """Rebuild the support rows and their weights."""
        return kernel.from_arrays(arrays)


def _floats(values: NDArray[np.generic]) -> Floats:
    return np.asarray(values, dtype=np.float64)
