"""A prior for the process model: one network learned from thousands of batches of many simulated plants.

Every plant has its own few numbers beside the network's weights (an auto-decoder); their spread over plants is what a
site's plant is looked for in. The plants come in as arrays, so that the truth of the virtual plant stays out of reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from mabdesk.data.history.plans import History
from mabdesk.models.process.learner import Network, compiled, lesson, random_weights
from mabdesk.models.process.rollout import Single, Sizes, arranged, sensor_windows
from mabdesk.models.process.site import encode, fit_site
from mabdesk.progress import Progress

_TABLE_RATE = 8.0  # how many times as fast plants' numbers move as the weights do
_HELD = 1e-4
_REPORT = 50
_FUSED = 1000  # steps from which on joining operations pays off


@dataclass(frozen=True)
class Schooling:
    """How a prior is learned: steps of `plants` x `batches`, with a rate that falls by a cosine."""

    steps: int = 9000
    plants: int = 32
    batches: int = 8
    rate: float = 3e-3
    decay: float = 1e-3
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(frozen=True, eq=False)
class Prior:
    """Weights (1, ...) of the network; mean (z,) and root (z, z) of its plants; what quality attributes it knows."""

    sizes: Sizes
    weights: Mapping[str, Single]
    mean: Single
    root: Single
    quality: tuple[str, ...]
    losses: tuple[float, ...] = ()


class Decoder(Network):
    """One network and a table of plants."""

    def __init__(self, sizes: Sizes, days: int, plants: int) -> None:
        super().__init__(sizes, days, 1)
        self.plants = plants

    def build(self, shapes: Any) -> None:
        """Make the weights and the table."""
        super().build(shapes)
        self.table = self.add_weight(shape=(self.plants, self.sizes.plant), name="table", initializer="zeros")

    def call(self, x: Mapping[str, Any]) -> Any:
        """Return (n,) losses."""
        plant = _TABLE_RATE * ops.take(self.table, x["plant_index"], axis=0)
        inputs = arranged(ops, x)
        spread = plant[None, :, None] + 0 * inputs["glucose_feed"][:, :, :, None]
        lost = self.losses_of(x, inputs, spread, ops.ones_like(inputs["titer_rate"]))
        return lost[0] + _HELD * ops.sum(ops.square(plant), axis=1)


def pretrain(plants: list[History], schooling: Schooling, seed: int, progress: Progress) -> Prior:
    """Learn a prior from plants of one length in days, each with the same quality attributes.

    Args:
        plants: simulated histories, as sites would have them.
        schooling: how.
        seed: of everything that is drawn.
        progress: told every few steps; stopping loses all.
    """
    keras.utils.set_random_seed(seed)
    school, counts = _school(plants)
    rng = np.random.default_rng(seed)
    days = plants[0].planned.days
    sizes = replace(schooling.sizes, quality=len(plants[0].quality))
    network = Decoder(sizes, days, len(plants))
    network.build(None)
    network.set_kernels(random_weights(sizes, 1, seed))
    network.table.assign(rng.normal(0, 0.1 / _TABLE_RATE, network.table.shape))
    fused = schooling.steps > _FUSED and keras.backend.backend() != "torch"
    compiled(network, schooling.rate, schooling.steps, schooling.decay, fused=fused)
    losses, recent = [], []
    for step in range(schooling.steps):
        rows, index = _drawn(counts, schooling, rng)
        x = {name: values[rows] for name, values in school.items()} | {"plant_index": index}
        x["windows3"], x["windows5"] = (seen[0] for seen in sensor_windows(x.pop("climate")))
        recent.append(float(network.train_on_batch(x, np.zeros(len(rows), dtype=np.float32))))
        if (step + 1) % _REPORT == 0:
            losses.append(float(np.mean(recent)))
            recent = []
            progress.update((step + 1) / schooling.steps, f"step {step + 1}, loss {losses[-1]:.3f}")
    mean, root = _spread(_TABLE_RATE * np.asarray(network.table.numpy()))
    return Prior(sizes, network.kernel_values(), mean, root, plants[0].quality, tuple(losses))


def _school(plants: list[History]) -> tuple[dict[str, Single], list[tuple[int, int]]]:
    """Return what `encode` and `lesson` say of all batches, one after the other, and the rows of every plant."""
    parts, counts, at = [], [], 0
    samples = max(plant.samples.hours.shape[1] for plant in plants)
    for plant in plants:
        site = fit_site(plant)
        seen = replace(plant.recorded, glucose_feed=plant.planned.glucose_feed, volume_feed=plant.planned.volume_feed)
        told = lesson(plant.samples.padded(samples), [site], plant.quality, plant.planned.days)
        both = encode(seen, [site]) | told
        for name in ("tagged", "windows3", "windows5"):  # what convolutions see is laid out step by step: gigabytes
            both.pop(name)
        both["climate"] = plant.recorded.climate.astype(np.float32)
        parts.append(both)
        counts.append((at, at + len(plant)))
        at += len(plant)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, counts


def _drawn(counts: list[tuple[int, int]], schooling: Schooling, rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw plants and batches of each; return rows and, for each, its plant."""
    chosen = rng.choice(len(counts), min(schooling.plants, len(counts)), replace=False)
    rows = [rng.choice(np.arange(*counts[i]), schooling.batches) for i in chosen]
    return np.concatenate(rows), np.repeat(chosen, schooling.batches).astype(np.int32)


def _spread(table: NDArray[Any]) -> tuple[Single, Single]:
    """Return the mean of the plants' numbers and a root of their covariance."""
    covariance = np.cov(table.T) + 1e-6 * np.eye(table.shape[1])
    return table.mean(axis=0).astype(np.float32), np.linalg.cholesky(covariance).astype(np.float32)
