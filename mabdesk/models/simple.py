"""What every simple model shares: it learns from both sets at once, and refits on folds of whole batches when asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows, join
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models import slopes
from mabdesk.models.folding import CALIBRATION_FOLDS, batch_folds
from mabdesk.models.model import Arrays, Gradients, HeldOut, Prediction
from mabdesk.models.slopes import Part
from mabdesk.progress import SILENT, Progress

S = TypeVar("S")


class Simple(ABC, Generic[S]):
    """A model without epochs or dropout, fitted in one go."""

    _learned_from: tuple[Windows, Windows] | None = None  # as given: all models of a comparison share these arrays
    _seed = 0

    def __init__(self, settings: S, plan: WindowPlan) -> None:
        self.settings, self.plan = settings, plan

    @property
    def forecast(self) -> bool:
        """Whether the target lies ahead, and the last measured titer is known."""
        return self.plan.preset == "forecast"

    @abstractmethod
    def learn(self, rows: Windows, seed: int) -> None:
        """Fit to these rows.

        Raises:
            DataError: a target was never measured.
        """

    @abstractmethod
    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from both sets: nothing stops early.

        Raises:
            DataError: a target was never measured.
        """
        self.learn(join(training, validation), seed)
        self._learned_from, self._seed = (training, validation), seed
        progress.update(1.0, "fitted")

    def held_out(self) -> HeldOut | None:
        """Predict the real samples of every batch of the last `fit` by a refit without it; None with one batch."""
        if self._learned_from is None:
            return None
        rows = join(*self._learned_from)
        if len(np.unique(rows.batch_ids)) < 2:
            return None
        fold_of = batch_folds(rows.batch_ids, CALIBRATION_FOLDS, self._seed)
        mean = np.full(rows.y.shape, np.nan)
        for fold in np.unique(fold_of):
            asked = rows.measured & (fold_of == fold)
            mean[asked] = self._refitted(rows.take(fold_of != fold), rows.take(asked))
        real, mean = rows.take(rows.measured), mean[rows.measured]
        spread = np.where(np.isfinite(mean), 0.0, np.nan)
        return HeldOut(real.batch_ids, real.target_hours, real.y, mean, spread)

    def fresh(self) -> "Simple[S]":
        """Make the model that is refitted on folds: one like this, not fitted."""
        return type(self)(self.settings, self.plan)

    def _refitted(self, known: Windows, asked: Windows) -> Floats:
        """Return (n, targets) what a fresh model says that knows only `known`; NaN where it can learn nothing."""
        model = self.fresh()
        try:
            model.fit(known, known.take(np.zeros(len(known), dtype=np.bool_)), self._seed, SILENT)
        except DataError:
            return np.full(asked.y.shape, np.nan)
        return model.predict(asked).mean

    def dropout_samples(self, windows: Windows, count: int, seed: int) -> Floats | None:  # noqa: ARG002 - protocol
        """Give nothing: there is no dropout."""
        return None

    def gradients(self, windows: Windows, target: int) -> Gradients | None:  # noqa: ARG002 - protocol
        """Give nothing: a typical course or a last value needs no explanation."""
        return None

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give nothing: there are no epochs."""
        return {}

    def notes(self) -> tuple[str, ...]:
        """Give nothing."""
        return ()


class Fit(Protocol):
    """What was learned from window summaries."""

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""

    def parts(self) -> Mapping[str, Part]:
        """Give by name what it is the mean of, all of one design; nothing where there are no slopes."""

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""

    def parameters(self) -> int:
        """Count the numbers that were learned."""


class Summary(Simple[S]):
    """A model on window summaries; subclasses say how it is fitted, and how arrays become it again."""

    fitted: Fit | None = None

    @abstractmethod
    def fitted_to(self, rows: Windows, seed: int) -> Fit:
        """Fit to these rows.

        Raises:
            DataError: a target was never measured.
        """

    @abstractmethod
    def restored(self, arrays: Arrays) -> Fit:
        """Rebuild what the fit's `arrays` gave."""

    def learn(self, rows: Windows, seed: int) -> None:
        """Keep the fit."""
        self.fitted = self.fitted_to(rows, seed)

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        return Prediction(self._done().predict(windows))

    def gradients(self, windows: Windows, target: int) -> Gradients | None:
        """Give the slopes of one target's prediction, part by part; None for trees.

        Raises:
            TrainingError: they are not finite.
        """
        parts = self._done().parts()
        return slopes.gradients(parts, windows, target) if parts else None

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give what was learned."""
        return self._done().arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take it back; which batches it was learned from is not among it."""
        self.fitted, self._learned_from = self.restored(arrays), None

    def parameters(self) -> int:
        """Count the coefficients."""
        return self._done().parameters()

    def _done(self) -> Fit:
        if self.fitted is None:
            raise RuntimeError("The model was used before it was fitted or restored.")
        return self.fitted
