"""The CNN-LSTM titer model: networks mixed with a Gaussian process, as far as held-out batches ask for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows, join
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models import kernel
from mabdesk.models.folding import batch_folds
from mabdesk.models.kernel import KernelFit, fit_kernel
from mabdesk.models.model import FINISHED_EARLY, Arrays, Prediction
from mabdesk.models.network import Architecture
from mabdesk.models.physical import offsets, scales
from mabdesk.models.settings import CnnLstmSettings, PaperSettings
from mabdesk.models.summaries import column_moments, scaled_sequences
from mabdesk.models.training import Course, Optimizer, Trained, Weights, mixed, pack, predict_network, train_network
from mabdesk.progress import Progress

_MOMENTUM = 0.9  # of the batch normalization: Keras' 0.99 has not settled after a few hundred steps


class Network:
    """What both CNN-LSTM models share: input scaling, the weights of one or more networks, and their arrays."""

    def __init__(
        self, settings: CnnLstmSettings | PaperSettings, optimizer: Optimizer, jitter: float, momentum: float
    ) -> None:
        self.settings, self.optimizer, self.jitter, self.momentum = settings, optimizer, jitter, momentum
        self.members: list[Weights] = []
        self.steps = 0
        self.input_mean = self.input_deviation = np.zeros(0)
        self.center = self.spread = np.zeros(0)  # (targets,) of what the network learns
        self.curves: dict[str, tuple[float, ...]] = {}
        self.said: list[str] = []

    @property
    def shape(self) -> Architecture:
        """Return the network's shape for the data that were seen."""
        s = self.settings
        return Architecture(
            self.steps,
            len(self.input_mean),
            len(self.center),
            s.filters,
            s.lstm_1,
            s.lstm_2,
            s.dense,
            s.dropout,
            self.jitter,
            self.momentum,
        )

    def inputs(self, windows: Windows) -> NDArray[np.float32]:
        """Return (n, steps, channels) as the network sees them."""
        return scaled_sequences(windows.x, self.input_mean, self.input_deviation)

    def learn_scales(self, windows: Windows, wanted: Floats) -> None:
        """Learn the scaling of inputs, and center and spread of what the network must say (n, targets)."""
        flat = np.asarray(windows.x, dtype=np.float64).reshape(-1, len(windows.channels))
        self.steps = windows.x.shape[1]
        self.input_mean, self.input_deviation = column_moments(flat)
        self.center, spread = column_moments(wanted)
        self.spread = np.maximum(spread, 1e-9)
        self.members, self.curves, self.said = [], {}, []

    def mean_output(self, windows: Windows) -> Floats:
        """Return (n, targets): the mean of all networks, back in the units of what they learned."""
        x = self.inputs(windows)
        outputs = [predict_network(self.shape, self.optimizer, weights, x) for weights in self.members]
        return np.asarray(self.center + self.spread * np.mean(outputs, axis=0))

    def remember(self, trained: Trained, suffix: str = "") -> None:
        """Add one trained network with its curves and notes."""
        self.members.append(trained.weights)
        self.curves |= {f"{name}{suffix}": values for name, values in trained.history.items()}
        self.said += [f"Network {len(self.members)}: {note}" if suffix else note for note in trained.notes]

    def network_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give scales and weights."""
        found: dict[str, NDArray[np.generic]] = {
            "input_mean": self.input_mean,
            "input_deviation": self.input_deviation,
            "center": self.center,
            "spread": self.spread,
            "steps": np.array(self.steps),
        }
        for m, weights in enumerate(self.members):
            found |= {f"network_{m:02d}_{i:02d}": array for i, array in enumerate(weights)}
        return found

    def restore_network(self, arrays: Arrays) -> None:
        """Take scales and weights back."""
        for name in ("input_mean", "input_deviation", "center", "spread"):
            setattr(self, name, np.asarray(arrays[name], dtype=np.float64))
        self.steps = int(np.asarray(arrays["steps"], dtype=np.int64))
        self.members = []
        for name in sorted(name for name in arrays if name.startswith("network_")):
            if name.endswith("_00"):
                self.members.append([])
            self.members[-1].append(np.asarray(arrays[name], dtype=np.float32))

    def history(self) -> dict[str, tuple[float, ...]]:
        """Give the loss by epoch."""
        return dict(self.curves)

    def notes(self) -> tuple[str, ...]:
        """Give what went otherwise than planned."""
        return tuple(self.said)

    def parameters(self) -> int:
        """Count the weights of one network (those of the others are as many)."""
        return sum(array.size for array in self.members[0]) if self.members else 0


class CnnLstm(Network):
    """Gaussian process + share x (mean of networks - Gaussian process).

    Network m never saw fold m of the training batches: that tells the share, 0 included. The networks learn the
    physical rate itself, not what the Gaussian process leaves over: the leftovers of one batch carry, with the other
    sign, those of the batches that its own fit had learned from, so a network on leftovers misleads itself.
    """

    def __init__(self, settings: CnnLstmSettings, plan: WindowPlan) -> None:
        optimizer = Optimizer(settings.learning_rate, settings.weight_decay, settings.clip_norm)
        super().__init__(settings, optimizer, settings.jitter, _MOMENTUM)
        self.recipe, self.plan = settings, plan
        self.base: KernelFit | None = None
        self.share = np.zeros(0)  # (targets,) of the networks in the mixture

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from both sets: the number of epochs is fixed, and every choice is made on folds inside them.

        Raises:
            DataError: fewer than two batches, or a target was never measured.
            TrainingError: the loss was never finite.
        """
        rows = join(training, validation)
        folds = batch_folds(rows.batch_ids, self.recipe.members, seed)
        if folds.max(initial=0) < 1:
            raise DataError(
                f"The CNN-LSTM needs at least two training batches, received {len(np.unique(rows.batch_ids))}.",
                "Import more batches.",
            )
        self.base = self._fit_base(rows)
        outside = self._base_outside(rows, folds)
        said = self._train_members(rows, self.base, folds, seed, progress)
        self.share = best_share(rows, rows.y - outside, said - outside)

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        base = self._done()
        simple = base.predict(windows)
        if not self.share.any() or not len(windows):
            return Prediction(simple)
        networks = base.design.in_units(windows, self.mean_output(windows))
        return Prediction(simple + self.share * (networks - simple))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the Gaussian process, the share and the networks."""
        base = {f"base_{name}": array for name, array in kernel.to_arrays(self._done()).items()}
        return {**base, **self.network_arrays(), "share": self.share}

    def restore(self, arrays: Arrays) -> None:
        """Take them back."""
        self.base = kernel.from_arrays(
            {name.removeprefix("base_"): array for name, array in arrays.items() if name.startswith("base_")}
        )
        self.restore_network(arrays)
        self.share = np.asarray(arrays["share"], dtype=np.float64)

    def notes(self) -> tuple[str, ...]:
        """Give what went otherwise than planned, and how much of the prediction is the networks'."""
        if not len(self.share):
            return super().notes()
        parts = ", ".join(f"{100 * share:.0f} %" for share in self.share)
        return (f"Share of the networks in the prediction, by target: {parts}.", *super().notes())

    def _done(self) -> KernelFit:
        if self.base is None:
            raise RuntimeError("The model was used before it was fitted or restored.")
        return self.base

    def _fit_base(self, rows: Windows) -> KernelFit:
        recipe = self.recipe
        return fit_kernel(rows, self.plan.preset == "forecast", recipe.physical, recipe.noise)

    def _base_outside(self, rows: Windows, folds: NDArray[np.intp]) -> Floats:
        """Return (n, targets) of the Gaussian process, every batch predicted by a fit that did not see it."""
        outside = np.empty((len(rows), len(rows.targets)))
        for fold in np.unique(folds):
            outside[folds == fold] = self._fit_base(rows.take(folds != fold)).predict(rows.take(folds == fold))
        return outside

    def _train_members(
        self, rows: Windows, base: KernelFit, folds: NDArray[np.intp], seed: int, progress: Progress
    ) -> Floats:
        """Train a network without each fold; return (n, targets) of what it says there (NaN for skipped folds)."""
        r, scale = self.recipe, scales(base.design.target, rows)
        rates = (rows.y - offsets(base.design.target, rows)) / scale
        self.learn_scales(rows, rates)
        course = Course(r.epochs, r.minibatch, warm_up=min(r.warm_up, r.epochs - 1), cosine=True)
        importance = np.where(np.arange(rates.shape[1]) == 0, 1.0, r.quality_weight) * scale
        x, packed = self.inputs(rows), pack((rates - self.center) / self.spread, importance)
        said, count = np.full(rates.shape, np.nan), int(folds.max()) + 1
        for fold in range(count):
            inside, name = folds != fold, f"network {fold + 1} of {count}"
            part = progress.part(fold / count, (fold + 1) / count, name)
            sample = mixed((x[inside], packed[inside]), r.mixing, seed + 1000 * fold)
            trained = train_network(self.shape, self.optimizer, course, sample, None, seed + 1000 * fold, part)
            self.remember(trained, f"_{fold + 1}")
            outputs = predict_network(self.shape, self.optimizer, trained.weights, x[~inside])
            said[~inside] = base.design.in_units(rows.take(~inside), self.center + self.spread * outputs)
            if progress.finish_now():
                if fold + 1 < count:
                    self.said.append(f"{FINISHED_EARLY}: {fold + 1} of {count} networks were trained.")
                break
        return said


class PaperCnnLstm(Network):
    """The paper's network and training: absolute titer, mean squared error, early stopping on validation batches."""

    def __init__(self, settings: PaperSettings, plan: WindowPlan) -> None:
        super().__init__(settings, Optimizer(settings.learning_rate), 0.0, 0.99)
        self.recipe, self.plan = settings, plan

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from the training windows alone; stop on the validation windows.

        Raises:
            DataError: nothing was measured.
            TrainingError: the loss was never finite.
        """
        for name, column in zip(training.targets, np.isfinite(training.y).T, strict=True):
            if not column.any():
                raise DataError(
                    f"No value of the target {name!r} was measured in the training batches.", "Choose another target."
                )
        self.learn_scales(training, training.y)
        r = self.recipe
        course = Course(r.epochs, r.minibatch, patience=r.patience)
        checked = self._sample(validation) if len(validation) else None
        args: tuple[Any, ...] = (self._sample(training), checked, seed, progress)
        self.remember(train_network(self.shape, self.optimizer, course, *args))

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        return Prediction(self.mean_output(windows))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give scales and weights."""
        return self.network_arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take them back."""
        self.restore_network(arrays)

    def _sample(self, windows: Windows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weights = np.where(np.arange(len(self.center)) == 0, 1.0, self.recipe.quality_weight)
        wanted = (windows.y - self.center) / self.spread
        return self.inputs(windows), pack(wanted, np.broadcast_to(weights, wanted.shape))


def best_share(rows: Windows, missing: Floats, correction: Floats) -> Floats:
    """Return (targets,): how much of a correction lessens the squared error on held-out samples, in [0, 1]."""
    shares = []
    for j in range(missing.shape[1]):
        there = rows.measured & np.isfinite(missing[:, j]) & np.isfinite(correction[:, j])
        power = float(correction[there, j] @ correction[there, j])
        shares.append(float(correction[there, j] @ missing[there, j]) / power if power > 0 else 0.0)
    return np.asarray(np.clip(np.array(shares), 0.0, 1.0))
