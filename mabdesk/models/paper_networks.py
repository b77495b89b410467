"""The paper's networks (Zheng et al. 2024, Table 5): feed-forward, LSTM, CNN and CNN-LSTM, trained as there."""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.data.settings import WindowPlan
from mabdesk.models.model import Arrays, Gradients, HeldOut, Prediction
from mabdesk.models.network_model import NetworkModel
from mabdesk.models.physical import require_targets
from mabdesk.models.settings import PaperTraining
from mabdesk.models.slopes import finite
from mabdesk.models.training import Course, Optimizer, pack, train_network
from mabdesk.progress import Progress

_MASKS, _MASK_SEED = 8, 20241203  # of the dropout that tells the spread: few, for every prediction pays for them


class PaperNetwork(NetworkModel):
    """Absolute titer, mean squared error, Adam, early stopping on validation batches; the settings say the shape.

    The spread of a prediction is the standard deviation over stored dropout masks, always the same.
    """

    def __init__(self, settings: PaperTraining, plan: WindowPlan) -> None:
        super().__init__(settings, plan, Optimizer(settings.learning_rate))
        self.recipe = settings
        self.outside: HeldOut | None = None

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from the training windows alone; stop on the validation windows.

        Raises:
            DataError: a target was never measured, or no channel is seen.
            TrainingError: the loss was never finite.
        """
        require_targets(training)
        self.learn_scales(training, training.y)
        r = self.recipe
        course = Course(r.epochs, r.minibatch, patience=r.patience)
        checked = self._sample(validation) if np.isfinite(validation.y).any() else None
        self.remember(
            train_network(self.shape, self.optimizer, course, self._sample(training), checked, seed, progress)
        )
        self.outside = self._said_of(validation) if checked is not None else None

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        spread = self.dropout_samples(windows, _MASKS, _MASK_SEED).std(axis=0, ddof=1)
        return Prediction(self.mean_output(windows), spread)

    def held_out(self) -> HeldOut | None:
        """Give what is said of the validation batches, which chose the epoch but taught no weight."""
        return self.outside

    def dropout_samples(self, windows: Windows, count: int, seed: int) -> Floats:
        """Draw (count, n, targets) with dropout left on, as in the paper."""
        return self.sampled_output(windows, count, seed)

    def gradients(self, windows: Windows, target: int) -> Gradients:
        """Give the slopes of one target's prediction, network by network; titers measured before play no part.

        Raises:
            TrainingError: they are not finite.
        """
        names = tuple(f"network {m + 1}" for m in range(len(self.members)))
        x = np.stack([by_x for _, by_x in self.output_slopes(windows, target)])
        return finite(Gradients(names, x, np.zeros((len(names), *windows.last.shape))), windows, target)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give scales and weights."""
        return self.network_arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take them back."""
        self.restore_network(arrays)
        self.outside = None

    def _said_of(self, windows: Windows) -> HeldOut:
        rows = windows.take(windows.measured)
        said = self.predict(rows)
        spread = np.full(said.mean.shape, np.nan) if said.spread is None else said.spread
        return HeldOut(rows.batch_ids, rows.target_hours, rows.y, said.mean, spread)

    def _sample(self, windows: Windows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weights = np.where(np.arange(len(self.center)) == 0, 1.0, self.recipe.quality_weight)
        wanted = (windows.y - self.center) / self.spread
        return self.inputs(windows), pack(wanted, np.broadcast_to(weights, wanted.shape))
