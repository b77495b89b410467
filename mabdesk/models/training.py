"""Training a network: keras.Model.fit with one light callback that watches, reports, and can stop it."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.errors import TrainingError
from mabdesk.models import backend
from mabdesk.models.model import FINISHED_EARLY
from mabdesk.models.network import Architecture, build_network
from mabdesk.progress import Progress

Weights = list[NDArray[np.float32]]
Sample = tuple[NDArray[np.float32], NDArray[np.float32]]
_PREDICT = 512


@dataclass(frozen=True)
class Optimizer:
    """How weights move. Weight decay 0 and no clipping is plain Adam, the paper's."""

    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    clip_norm: float | None = None


@dataclass(frozen=True)
class Course:
    """How long training goes: `patience` 0 never stops early; `cosine` lets the rate rise, then fall to 1 %."""

    epochs: int
    minibatch: int = 64
    patience: int = 0
    warm_up: int = 0
    cosine: bool = False


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights of the best epoch, the curves, and what went wrong (if anything)."""

    weights: Weights
    history: Mapping[str, tuple[float, ...]]
    notes: tuple[str, ...]


def pack(values: Floats, weights: Floats) -> NDArray[np.float32]:
    """Join targets (n, outputs) and their weights; a missing target gets weight 0, so that it teaches nothing."""
    there = np.isfinite(values)
    packed = [np.where(there, values, 0.0), np.where(there, weights, 0.0)]
    return np.concatenate(packed, axis=1).astype(np.float32)


def mixed(sample: Sample, copies: int, seed: int) -> Sample:
    """Return `copies` x as many windows, each a random mixture of two (mixup); 0 copies returns the sample itself.

    Few batches are learned by heart; between two of them the truth is nearly straight, and so the network should be.
    A target counts only where both windows have it.
    """
    if not copies:
        return sample
    (x, packed), drawn = sample, np.random.default_rng(seed)
    first, second = drawn.integers(0, len(x), (2, copies * len(x)))
    portion = drawn.random(copies * len(x), dtype=np.float32)
    portion = np.maximum(portion, 1 - portion)
    inputs = portion[:, None, None] * x[first] + (1 - portion[:, None, None]) * x[second]
    targets = portion[:, None] * packed[first] + (1 - portion[:, None]) * packed[second]
    outputs = packed.shape[1] // 2
    both = (packed[first, outputs:] > 0) & (packed[second, outputs:] > 0)
    targets[:, outputs:] *= both
    return inputs, targets


def masked_loss(packed: Any, predicted: Any) -> Any:
    """Return (n,) the weighted squared errors of `pack`'s targets, summed over outputs."""
    outputs = predicted.shape[-1]
    return keras.ops.sum(packed[:, outputs:] * keras.ops.square(packed[:, :outputs] - predicted), axis=-1)


@lru_cache(maxsize=16)
def compiled(shape: Architecture, optimizer: Optimizer, on_cpu: bool = False) -> keras.Model:
    """Build and compile once per shape: tracing costs as much as several epochs, and folds share shapes."""
    with backend.place(on_cpu):
        model = build_network(shape)
    rule = keras.optimizers.AdamW if optimizer.weight_decay else keras.optimizers.Adam
    extra = {"weight_decay": optimizer.weight_decay} if optimizer.weight_decay else {}
    chosen = rule(optimizer.learning_rate, global_clipnorm=optimizer.clip_norm, **extra)
    model.compile(optimizer=chosen, loss=masked_loss, jit_compile=backend.COMPILED)
    if backend.BUILT_IN_FIT:
        with backend.place(on_cpu):
            model.train_on_batch(np.zeros((1, shape.steps, shape.channels)), np.zeros((1, 2 * shape.outputs)))
    return model


def train_network(
    shape: Architecture,
    optimizer: Optimizer,
    course: Course,
    training: Sample,
    validation: Sample | None,
    seed: int,
    progress: Progress,
    start: Weights | None = None,
) -> Trained:
    """Train from fresh weights, or from `start`; the numbers depend on nothing but the arguments.

    Where the memory of a graphics card is not enough, training starts again with half the minibatch, and then on the
    processor; the notes say so.

    Raises:
        TrainingError: the loss was not finite from the first epoch on.
        MemoryError: the computer's own memory is not enough.
    """
    half = max(course.minibatch // 2, 1)
    said: list[str] = []
    for minibatch, on_cpu in dict.fromkeys([(course.minibatch, False), (half, False), (half, True)]):
        try:
            asked, samples = replace(course, minibatch=minibatch), (training, validation)
            trained = _train(shape, optimizer, asked, samples, seed, progress, on_cpu, start)
        except backend.OutOfMemoryError as error:
            if not backend.is_out_of_memory(error):
                raise
            if on_cpu or backend.device_name() == "CPU":
                raise MemoryError(str(error)) from error
            compiled.cache_clear()
            following = f"minibatches of {half}" if minibatch != half else "the CPU"
            said.append(
                f"The GPU's memory was not enough for minibatches of {minibatch}: started again with {following}."
            )
        else:
            return replace(trained, notes=(*said, *trained.notes))
    raise MemoryError("the network does not fit into memory")


def _train(
    shape: Architecture,
    optimizer: Optimizer,
    course: Course,
    samples: tuple[Sample, Sample | None],
    seed: int,
    progress: Progress,
    on_cpu: bool,
    start: Weights | None,
) -> Trained:
    model = compiled(shape, optimizer, on_cpu)
    _start_afresh(model, shape, optimizer, seed)
    if start is not None:
        model.set_weights(start)
    watch = Watch(course, optimizer.learning_rate, progress)
    with backend.place(on_cpu):
        model.fit(
            *samples[0],
            validation_data=samples[1],
            epochs=course.epochs,
            batch_size=course.minibatch,
            callbacks=[watch],
            verbose=0,
        )
    if watch.best is None:
        raise TrainingError(
            "Training gave no finite loss: it was not a number from the first epoch on.",
            "Lower the learning rate, or look for extreme values in the cleaned data.",
        )
    return Trained(watch.best, {name: tuple(values) for name, values in watch.curves.items()}, tuple(watch.notes))


def predict_network(shape: Architecture, optimizer: Optimizer, weights: Weights, x: NDArray[np.float32]) -> Floats:
    """Return (n, outputs) as the network gives them."""
    if not len(x):
        return np.zeros((0, shape.outputs))
    try:
        return _predict(compiled(shape, optimizer), weights, x)
    except backend.OutOfMemoryError as error:  # the processor gives the same numbers but for last digits
        if not backend.is_out_of_memory(error):
            raise
        with backend.place(on_cpu=True):
            return _predict(compiled(shape, optimizer, True), weights, x)


def _predict(model: keras.Model, weights: Weights, x: NDArray[np.float32]) -> Floats:
    model.set_weights(weights)
    return np.asarray(model.predict(x, batch_size=_PREDICT, verbose=0), dtype=np.float64)


def _start_afresh(model: keras.Model, shape: Architecture, optimizer: Optimizer, seed: int) -> None:
    keras.utils.set_random_seed(seed)
    model.set_weights(build_network(shape).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape, dtype=variable.dtype))
    model.optimizer.learning_rate = optimizer.learning_rate
    backend.seed_everything(model, seed)


class Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Works at epoch ends alone, so that an epoch costs what a bare fit costs."""

    def __init__(
        self, course: Course, learning_rate: float, progress: Progress, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.course, self.learning_rate, self.progress, self.clock = course, learning_rate, progress, clock
        self.best: Weights | None = None
        self.best_loss, self.best_epoch, self.started = math.inf, 0, clock()
        self.curves: dict[str, list[float]] = {}
        self.notes: list[str] = []

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' call
        """Set the learning rate of this epoch."""
        self.model.optimizer.learning_rate = self.learning_rate * rate_share(self.course, epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Record, keep the best weights, report, and stop where that is due."""
        losses = {name.replace("val_", "validation_"): float(value) for name, value in (logs or {}).items()}
        weights = self.model.get_weights()
        if not all(map(math.isfinite, losses.values())) or not _are_finite(weights):
            self.notes.append(f"Stopped at epoch {epoch + 1}: the loss was not finite. The best weights were kept.")
            self.model.stop_training = True
            return
        for name, value in losses.items():
            self.curves.setdefault(name, []).append(value)
        self._keep(epoch, weights, losses.get("validation_loss"))
        self._report(epoch, losses)
        if self._is_over(epoch):
            self.model.stop_training = True

    def _keep(self, epoch: int, weights: Weights, validation_loss: float | None) -> None:
        """Keep the newest weights, or with validation batches the best."""
        if validation_loss is None or validation_loss < self.best_loss:
            self.best_loss = math.inf if validation_loss is None else validation_loss
            self.best, self.best_epoch = weights, epoch

    def _report(self, epoch: int, losses: Mapping[str, float]) -> None:
        done = (epoch + 1) / self.course.epochs
        left = (self.clock() - self.started) * (1 - done) / done
        self.progress.update(done, f"epoch {epoch + 1} of {self.course.epochs}, at most {left:.0f} s left")
        self.progress.partial("loss", {"part": self.progress.name, "epoch": epoch + 1, **losses})

    def _is_over(self, epoch: int) -> bool:
        if self.progress.finish_now():
            if epoch + 1 < self.course.epochs:
                self.notes.append(f"{FINISHED_EARLY}, after epoch {epoch + 1} of {self.course.epochs}.")
            return True
        return 0 < self.course.patience <= epoch - self.best_epoch


def _are_finite(weights: Weights) -> bool:
    """Tell whether a step after the last finite loss broke nothing."""
    return all(bool(np.isfinite(array).all()) for array in weights)


def rate_share(course: Course, epoch: int) -> float:
    """Return the share of the learning rate in this epoch (0-based)."""
    if not course.cosine:
        return 1.0
    if epoch < course.warm_up:
        return (epoch + 1) / (course.warm_up + 1)
    done = (epoch - course.warm_up) / max(course.epochs - 1 - course.warm_up, 1)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))
