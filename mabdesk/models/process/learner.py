"""The process network in Keras: all members of an ensemble at once, on minibatches of whole batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import STATES, Samples
from mabdesk.models.process.plants import Start, plants_of
from mabdesk.models.process.rollout import DEAD, VIABLE, Single, Sizes, arranged, rollout
from mabdesk.models.process.site import Site, interpolation

# How much an error of one standard deviation counts, in the order of STATES.
IMPORTANCE = (1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 3.0)
QUALITY_IMPORTANCE = 0.5
_GROSS = 3.0  # standard deviations, beyond which an error counts in proportion instead of squared


@dataclass(frozen=True)
class Pull:
    """How strongly numbers are held: `plant` to the prior's plants, `weights` to those they start from, by batch."""

    plant: float = 1e-3
    weights: float = 1e-2
    productivity: float = 2.0


def lesson(samples: Samples, sites: Sequence[Site], quality: tuple[str, ...], days: int) -> dict[str, Single]:
    """Return what was measured, for the loss: in each member's standard deviations, and where to read it.

    values (n, members, k, 7 + q); weights (n, k, 7 + q); reading (n, k, days + 1); spread (n, members, 7).
    """
    parts = [_scaled(samples, site, quality) for site in sites]
    there = np.isfinite(parts[0]) & np.isfinite(samples.hours)[:, :, None]
    counted = np.maximum(there.any(axis=2).sum(axis=1), 1)[:, None, None]
    importance = np.array([*IMPORTANCE, *[QUALITY_IMPORTANCE] * len(quality)])
    n = len(samples.hours)
    found = {
        "values": np.stack([np.where(there, part, 0.0) for part in parts], axis=1),
        "weights": np.where(there, importance, 0.0) / counted,
        "reading": interpolation(samples.hours, days),
        "spread": np.stack([np.broadcast_to(site.spread, (n, len(STATES))) for site in sites], axis=1),
    }
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in found.items()}


def _scaled(samples: Samples, site: Site, quality: tuple[str, ...]) -> Floats:
    values = np.stack([samples.column(name) for name in STATES], axis=2) / site.spread
    columns = [samples.column(name) for name in quality]
    qualities = np.stack(columns, axis=2) if columns else np.zeros((*samples.hours.shape, 0))
    return np.concatenate([values, (qualities - site.quality_mean) / site.quality_spread], axis=2)


def observed(states: Any) -> Any:
    """Return STATES from the rollout's states: viability in percent in place of dead cells."""
    cells = states[..., VIABLE]
    alive = 100.0 * cells / (cells + states[..., DEAD] + 1e-9)
    return ops.stack([cells, alive, *(states[..., i] for i in range(2, len(STATES)))], axis=-1)


class Network(keras.Model):  # type: ignore[misc]  # Keras ships no types
    """Gives (n,) losses of batches, summed over members: what a site's, and the prior's, networks share."""

    def __init__(self, sizes: Sizes, days: int, members: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes, self.days, self.members = sizes, days, members

    def build(self, _shapes: Any) -> None:
        """Make the weights of all members."""
        self.kernels = {
            name: self.add_weight(shape=(self.members, *shape), name=name, initializer="zeros")
            for name, shape in self.sizes.shapes().items()
            if 0 not in shape
        }

    def set_kernels(self, weights: Mapping[str, Single]) -> None:
        """Set the weights; those that are not named stay."""
        for name, value in weights.items():
            if name in self.kernels:
                self.kernels[name].assign(value)

    def kernel_values(self) -> dict[str, Single]:
        """Return the weights as they are."""
        return {name: np.asarray(value.numpy()) for name, value in self.kernels.items()}

    def losses_of(self, x: Mapping[str, Any], inputs: dict[str, Any], plant: Any, productivity: Any) -> Any:
        """Return (members, n) losses: errors in standard deviations, squared; gross ones in proportion."""
        inputs = inputs | {"titer_rate": inputs["titer_rate"] * productivity, "plant": plant}
        weights = dict(self.kernels)
        if not self.sizes.quality:
            weights |= {
                "quality": ops.zeros((self.members, self.sizes.dense, 0)),
                "quality_bias": ops.zeros((self.members, 1, 0)),
            }
        states, quality = rollout(ops, weights, inputs, self.days)
        seen = observed(states) / ops.moveaxis(x["spread"], 1, 0)[:, :, None]
        if self.sizes.quality:
            seen = ops.concatenate([seen, ops.concatenate([quality[:, :, :1], quality], axis=2)], axis=3)
        read = ops.einsum("nkd,mnds->mnks", x["reading"], seen)
        apart = (read - ops.moveaxis(x["values"], 1, 0)) / _GROSS
        gross = 2 * _GROSS**2 * (ops.sqrt(1 + ops.square(apart)) - 1)
        return ops.sum(gross * x["weights"][None], axis=(2, 3))


class SiteNetwork(Network):
    """The members of a site's ensemble. Each learns from the batches that `taught` (n, members) gives it."""

    def __init__(self, sizes: Sizes, days: int, members: int, tags: int, start: Start, pull: Pull, rate: float) -> None:
        super().__init__(sizes, days, members)
        self.tags, self.start, self.pull, self.rate = tags, start, pull, rate

    def build(self, shapes: Any) -> None:
        """Make the weights, and what tells this site's plant and tags from others."""
        super().build(shapes)
        z = self.sizes.plant
        self.site = self.add_weight(shape=(self.members, 1, max(z, 1)), name="site", initializer="zeros")
        self.tag = self.add_weight(shape=(self.members, max(self.tags, 1), max(z, 1)), name="tag", initializer="zeros")
        self.made = self.add_weight(shape=(self.members, max(self.tags, 1), 1), name="made", initializer="zeros")

    def call(self, x: Mapping[str, Any]) -> Any:
        """Return (n,) losses, with what holds the weights."""
        inputs = arranged(ops, x)
        own = {"site": self.site, "tag": self.tag, "made": self.made}
        plant, productivity = plants_of(ops, own, self.start, inputs | {"tagged": x["tagged"]}, self.rate)
        batches = ops.maximum(ops.sum(x["taught"], axis=0), 1.0)
        shares = ops.transpose(x["taught"] / batches)
        lost = ops.sum(self.losses_of(x, inputs, plant, productivity) * shares, axis=0) * ops.cast(
            ops.shape(shares)[1], "float32"
        )
        held = 0.0
        for name, value in self.kernels.items():
            apart = ops.sum(ops.square(value - self.start.weights[name]), axis=(1, 2))
            held = held + self.pull.weights * ops.sum(apart / batches)
        scaled = self.rate**2
        held = held + self.pull.plant * scaled * ops.sum(ops.sum(ops.square(self.site), axis=(1, 2)) / batches)
        held = held + 10 * self.pull.plant * scaled * ops.sum(ops.sum(ops.square(self.tag), axis=(1, 2)) / batches)
        held = held + self.pull.productivity * ops.sum(ops.sum(ops.square(self.made), axis=(1, 2)) / batches)
        return lost + held


def random_weights(sizes: Sizes, members: int, seed: int) -> dict[str, Single]:
    """Draw weights: Glorot's for kernels, a forget gate that remembers, and small rates."""
    rng = np.random.default_rng(seed)
    found: dict[str, Single] = {}
    for name, shape in sizes.shapes().items():
        if 0 in shape:
            continue
        if name.endswith("bias"):
            value = np.zeros((members, *shape))
        elif name == "rates":
            value = rng.normal(0, 0.05, (members, *shape))
        else:
            value = rng.normal(0, np.sqrt(2.0 / sum(shape)), (members, *shape))
        if name == "lstm_bias":
            value[..., sizes.memory : 2 * sizes.memory] = 1.0
        found[name] = np.asarray(value, dtype=np.float32)
    return found


def compiled(
    network: Network, rate: float, steps: int, decay: float = 0.0, clip: float | None = 1.0, fused: bool = False
) -> Network:
    """Prepare a network for `train_on_batch`: AdamW (Adam without decay), the rate falling by a cosine to 1 %.

    `fused`: small operations are joined by the compiler, a minute of it: worth it for thousands of steps alone.
    """
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.01)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=decay, global_clipnorm=clip)
    network.compile(optimizer=optimizer, loss=_mean_loss, jit_compile=fused)
    return network


def _mean_loss(_nothing: Any, losses: Any) -> Any:
    return ops.mean(losses)


def numbers(values: Floats | NDArray[np.float32]) -> Single:
    """Return the values as float32."""
    return np.asarray(values, dtype=np.float32)
