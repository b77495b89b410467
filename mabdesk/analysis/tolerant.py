"""A model that may fail without costing the others their comparison."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.fitting import MakeModel
from mabdesk.data.batch import Floats, Windows
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError, TrainingError
from mabdesk.models.model import Arrays, Gradients, HeldOut, Prediction, WindowModel
from mabdesk.progress import Progress

Fault = DataError | TrainingError
_MENDABLE = (DataError, TrainingError, MemoryError)


class Tolerant:
    """Passes everything on to a model; once that has failed, it predicts NaN, and `fault` says why."""

    def __init__(self, make_model: MakeModel, kind: str, settings: Mapping[str, Any], plan: WindowPlan) -> None:
        self.kind, self.targets = kind, len(plan.targets)
        self.model: WindowModel | None = None
        self.fault: Fault | None = None
        try:
            self.model = make_model(kind, settings, plan)
        except _MENDABLE as error:
            self._failed(error)

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Fit the model, or remember why it could not be."""
        if self.model is None:
            return
        try:
            self.model.fit(training, validation, seed, progress)
        except _MENDABLE as error:
            self._failed(error)

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets), NaN where the model failed."""
        if self.model is None:
            return Prediction(np.full((len(windows), self.targets), np.nan))
        return self.model.predict(windows)

    def held_out(self) -> HeldOut | None:
        """Give what the model held out."""
        if self.model is None:
            return None
        try:
            return self.model.held_out()
        except _MENDABLE as error:
            self._failed(error)
            return None

    def dropout_samples(self, windows: Windows, count: int, seed: int) -> Floats | None:
        """Draw as the model does."""
        return None if self.model is None else self.model.dropout_samples(windows, count, seed)

    def gradients(self, windows: Windows, target: int) -> Gradients | None:
        """Give the slopes of the model; None where it failed."""
        return None if self.model is None else self.model.gradients(windows, target)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give what was learned."""
        return {} if self.model is None else self.model.arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take back what `arrays` gave."""
        if self.model is not None:
            self.model.restore(arrays)

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give learning curves."""
        return {} if self.model is None else self.model.history()

    def notes(self) -> tuple[str, ...]:
        """Give what the user must know of the training."""
        return () if self.model is None else self.model.notes()

    def parameters(self) -> int:
        """Count the numbers that were learned."""
        return 0 if self.model is None else self.model.parameters()

    def _failed(self, error: DataError | TrainingError | MemoryError) -> None:
        self.model = None
        if isinstance(error, MemoryError):
            hint = "Close other programs, or choose smaller settings."
            self.fault = TrainingError("The computer's memory was not enough.", hint)
        else:
            self.fault = error
