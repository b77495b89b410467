"""What every model of windows is: fit, predict, and give its numbers away as plain arrays. Imports no Keras."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Variable, Windows
from mabdesk.data.cleaning import FittedCleaning
from mabdesk.data.settings import WindowPlan
from mabdesk.progress import Progress

Arrays = Mapping[str, NDArray[np.generic]]

FINISHED_EARLY = "Finished early on request"  # how the note of such a training begins


@dataclass(frozen=True, eq=False)
class Prediction:
    """`mean` (n, targets) in the targets' units; `spread` alike: how far the parts of a model disagree (sd), if any."""

    mean: Floats
    spread: Floats | None = None


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What a model, or parts of it, said of training batches that they had not learned from; by real sample.

    batch_ids (n,); hours (n,) of the samples; measured, mean, spread (n, targets); NaN where it cannot be said.
    """

    batch_ids: NDArray[np.str_]
    hours: Floats
    measured: Floats
    mean: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Calibration:
    """How wide a model's bands must be, learned from batches that the predicting parts had not seen.

    half width = quantile(scores, level) x sqrt(floor^2 + (relative x prediction)^2 + (stretch x spread)^2).
    batch_ids (n,), hours (n,); scores (n, targets) |error| over that root; floor, relative, stretch (targets,).
    `source` says in words which batches those were.
    """

    batch_ids: NDArray[np.str_]
    hours: Floats
    scores: Floats
    floor: Floats
    relative: Floats
    stretch: Floats
    source: str = ""

    @property
    def batches(self) -> int:
        """How many batches it was learned from."""
        return len(np.unique(self.batch_ids))


@dataclass(frozen=True, eq=False)
class Gradients:
    """Slopes of the prediction of one target, of the parts that a model is the mean of (networks; or GP and SVR).

    x (parts, n, steps, channels) by what the windows show, 0 where unknown; last (parts, n, targets) by the measured
    values that the model starts from; `parts` names them. Both in the target's unit by the input's.
    """

    parts: tuple[str, ...]
    x: Floats
    last: Floats


class WindowModel(Protocol):
    """Answers: what is the titer (and a quality attribute) at a window's target hour?"""

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from the training windows; early stopping alone may look at `validation` (other whole batches).

        A model that stops nothing early may learn from both. Same windows and seed: same numbers, bit for bit.

        Raises:
            DataError: nothing was measured that could be learned from.
            TrainingError: no finite model came out.
        """

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets) for windows with the same channels and targets as in training."""

    def held_out(self) -> HeldOut | None:
        """Give what was said in the last `fit` of batches not learned from; None where nothing was held out."""

    def dropout_samples(self, windows: Windows, count: int, seed: int) -> Floats | None:
        """Draw (count, n, targets) with dropout left on, as in the paper; None for models without dropout."""

    def gradients(self, windows: Windows, target: int) -> Gradients | None:
        """Give the slopes of one target's prediction; None for models that have none (trees, typical courses)."""

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give everything that was learned, as plain arrays by name."""

    def restore(self, arrays: Arrays) -> None:
        """Take back what `arrays` gave; `predict` then gives the same numbers."""

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give learning curves by name (loss by epoch); empty for models without any."""

    def notes(self) -> tuple[str, ...]:
        """Give what the user must know of this training, in sentences; empty when all went as planned."""

    def parameters(self) -> int:
        """Count the numbers that were learned."""


class SettingsSearch(Protocol):
    """Suggests settings to try, one after the other; what it suggests follows from what it was told, and a seed."""

    def suggest(self) -> dict[str, Any] | None:
        """Return the settings to try next, never ones that were tried; None where all were."""

    def tell(self, loss: float | None, fault: str = "") -> None:
        """Say what came of the settings that were suggested last: a finite loss, or why there is none."""

    def replay(self, settings: Mapping[str, Any], loss: float | None, fault: str = "") -> bool:
        """Take a trial that was finished before; False where it cannot be one of this search."""


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """All that is needed to apply a model to new data: settings, the cleaning it was trained behind, numbers."""

    kind: str
    settings: Mapping[str, Any]
    seed: int
    window_plan: WindowPlan
    cleaning: FittedCleaning
    variables: tuple[Variable, ...]
    channels: tuple[str, ...]
    targets: tuple[str, ...]
    arrays: Arrays
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    parameters: int = 0
    notes: tuple[str, ...] = ()
    calibration: Calibration | None = None
