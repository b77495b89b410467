"""The simple models that every network must beat: last value, mean trajectory, ridge, Gaussian process."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows, join
from mabdesk.data.settings import WindowPlan
from mabdesk.models import kernel, linear
from mabdesk.models.curves import Curve, fit_curve
from mabdesk.models.kernel import KernelFit
from mabdesk.models.linear import LinearFit
from mabdesk.models.model import Arrays, Prediction
from mabdesk.models.settings import (
    GaussianProcessSettings,
    LastValueSettings,
    MeanTrajectorySettings,
    RidgeSettings,
)
from mabdesk.progress import Progress


class MeanTrajectory:
    """Predicts the training mean at the same culture age."""

    def __init__(self, settings: MeanTrajectorySettings | LastValueSettings, plan: WindowPlan) -> None:
        self.settings, self.plan = settings, plan
        self.curves: tuple[Curve, ...] = ()

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:  # noqa: ARG002
        """Average the measured targets of both sets by age; nothing here is random."""
        rows = join(training, validation)
        rows = rows.take(rows.measured)
        self.curves = tuple(
            fit_curve(rows.target_hours, rows.y[:, j], rows.batch_ids) for j in range(len(rows.targets))
        )
        progress.update(1.0, "averaged")

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) from the target hour alone."""
        return Prediction(np.stack([curve.at(windows.target_hours) for curve in self.curves], axis=1))

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

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give nothing: there are no epochs."""
        return {}

    def notes(self) -> tuple[str, ...]:
        """Give nothing."""
        return ()

    def parameters(self) -> int:
        """Count the points of the curves."""
        return sum(len(curve.values) for curve in self.curves)


class LastValue(MeanTrajectory):
    """Predicts the newest measured value; before the first one, the training mean at that age."""

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) from what was last measured."""
        typical = super().predict(windows).mean
        return Prediction(np.where(np.isfinite(windows.last), windows.last, typical))


class Summary(ABC):
    """A model on window summaries; subclasses say how it is fitted, and how it becomes arrays and back."""

    fitted: LinearFit | KernelFit | None = None

    def __init__(self, plan: WindowPlan, physical: bool) -> None:
        self.plan, self.physical = plan, physical

    @abstractmethod
    def fitted_to(self, rows: Windows, seed: int) -> LinearFit | KernelFit:
        """Fit to these rows."""

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from both sets: nothing stops early."""
        self.fitted = self.fitted_to(join(training, validation), seed)
        progress.update(1.0, "fitted")

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        return Prediction(self._done().predict(windows))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give what was learned."""
        done = self._done()
        return linear.to_arrays(done) if isinstance(done, LinearFit) else kernel.to_arrays(done)

    def restore(self, arrays: Arrays) -> None:
        """Take it back."""
        self.fitted = linear.from_arrays(arrays) if "coefficients" in arrays else kernel.from_arrays(arrays)

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give nothing: there are no epochs."""
        return {}

    def notes(self) -> tuple[str, ...]:
        """Give nothing."""
        return ()

    def parameters(self) -> int:
        """Count the coefficients."""
        done = self._done()
        return int((done.coefficients if isinstance(done, LinearFit) else done.dual).size)

    def _done(self) -> LinearFit | KernelFit:
        if self.fitted is None:
            raise RuntimeError("The model was used before it was fitted or restored.")
        return self.fitted


class Ridge(Summary):
    """A weighted linear model."""

    def __init__(self, settings: RidgeSettings, plan: WindowPlan) -> None:
        super().__init__(plan, settings.physical)
        self.settings = settings

    def fitted_to(self, rows: Windows, seed: int) -> LinearFit:  # noqa: ARG002 - nothing here is random
        """Solve the normal equations."""
        forecast = self.plan.preset == "forecast"
        return linear.fit_linear(rows, forecast, self.physical, linear.ridge_solver(self.settings.alpha))


class GaussianProcess(Summary):
    """What the CNN-LSTM is mixed with, alone."""

    def __init__(self, settings: GaussianProcessSettings, plan: WindowPlan) -> None:
        super().__init__(plan, settings.physical)
        self.settings = settings

    def fitted_to(self, rows: Windows, seed: int) -> KernelFit:  # noqa: ARG002 - nothing here is random
        """Solve for the weights of the support rows."""
        return kernel.fit_kernel(rows, self.plan.preset == "forecast", self.physical, self.settings.noise)


def _floats(values: NDArray[np.generic]) -> Floats:
    return np.asarray(values, dtype=np.float64)
