"""What all models of networks share: the channels seen, their scaling, the weights of one or more networks."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models import backend
from mabdesk.models.dropout import MOST_ROWS, padded, sampled_outputs
from mabdesk.models.layers import Architecture, architecture, seen
from mabdesk.models.model import Arrays
from mabdesk.models.network import build_network
from mabdesk.models.summaries import CLIP, column_moments, divisors, scaled_sequences
from mabdesk.models.training import Optimizer, Trained, Weights, predict_network
from mabdesk.options import to_plain

SEEDS_APART = 1000  # of the networks of one model

Compiled = tuple[keras.Model, backend.Slopes]
Said = tuple[Floats, NDArray[np.float32]]


class NetworkModel:
    """Scales, weights, curves and notes of one or more networks of one shape, and how they become arrays and back."""

    def __init__(self, settings: Any, plan: WindowPlan, optimizer: Optimizer, momentum: float = 0.99) -> None:
        self.plan, self.optimizer, self.momentum = plan, optimizer, momentum
        self.asked: dict[str, Any] = to_plain(settings)
        self.members: list[Weights] = []
        self.steps = 0
        self.channels: NDArray[np.intp] | None = None  # positions of those that the network sees; None: all
        self.input_mean = self.input_deviation = np.zeros(0)  # (channels seen,)
        self.center = self.spread = np.zeros(0)  # (targets,) of what the network learns
        self.curves: dict[str, tuple[float, ...]] = {}
        self.said: list[str] = []

    @property
    def shape(self) -> Architecture:
        """Return the network's shape for the data that were seen."""
        return architecture(self.asked, self.steps, len(self.input_mean), len(self.center), self.momentum)

    def inputs(self, windows: Windows) -> NDArray[np.float32]:
        """Return (n, steps, channels seen) as the network sees them; what is infinite is taken as unknown."""
        return scaled_sequences(self._seen(windows), self.input_mean, self.input_deviation)

    def learn_scales(self, windows: Windows, wanted: Floats) -> None:
        """Learn the scaling of inputs, and center and spread of what the network must say (n, targets).

        Raises:
            DataError: the network would see no channel at all.
        """
        names = seen(windows.channels, self.plan.inputs, bool(self.asked.get("knowledge", True)))
        if not names:
            raise DataError(
                f"The network sees measured variables only, and of {', '.join(self.plan.inputs)} none is one.",
                "Add inputs that are measured, or let it see process knowledge.",
            )
        self.channels = np.array([windows.channels.index(name) for name in names], dtype=np.intp)
        flat = np.asarray(self._seen(windows), dtype=np.float64).reshape(-1, len(names))
        self.steps = windows.x.shape[1]
        self.input_mean, self.input_deviation = column_moments(flat)
        self.center, spread = column_moments(wanted)
        self.spread = np.maximum(spread, 1e-9)
        self.members, self.curves, self.said = [], {}, []

    def mean_output(self, windows: Windows) -> Floats:
        """Return (n, targets): the mean of all networks, back in the units of what they learned."""
        x = self.inputs(windows)
        outputs = [predict_network(self.shape, self.optimizer, weights, x) for weights in self.members]
        return self.in_learned_units(np.mean(outputs, axis=0))

    def sampled_output(self, windows: Windows, count: int, seed: int) -> Floats:
        """Return (count, n, targets) like `mean_output`, with the networks' dropout left on."""
        x, members = self.inputs(windows), enumerate(self.members)
        outputs = [sampled_outputs(self.shape, weights, x, count, seed + SEEDS_APART * m) for m, weights in members]
        return self.in_learned_units(np.mean(outputs, axis=0))

    def output_slopes(self, windows: Windows, target: int) -> Iterator[tuple[Floats, Floats]]:
        """Give, network by network, what it says of one target (n,), in the units of what it learned, and its slopes.

        The slopes (n, steps, channels) are by what the windows show: 0 where that is unknown, clipped, never varied in
        training, or not seen by the network.
        """
        x = self.inputs(windows)
        follows = np.isfinite(self._seen(windows)) & (np.abs(x) < CLIP)
        per_unit = self.spread[target] / divisors(self.input_mean, self.input_deviation)
        everything = self.channels is None or len(self.channels) == len(windows.channels)
        seen = slice(None) if everything else self.channels  # all, in order, are written ten times as fast
        for weights in self.members:
            said, slopes = network_slopes(self.shape, weights, x, target)
            found = np.zeros(windows.x.shape)
            slopes *= follows
            found[:, :, seen] = slopes * per_unit
            yield self.center[target] + self.spread[target] * said, found

    def in_learned_units(self, outputs: Floats) -> Floats:
        """Return outputs (..., targets) of a network in the units of what it learned."""
        return np.asarray(self.center + self.spread * outputs)

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
        if self.channels is not None:
            found["channels"] = self.channels
        for m, weights in enumerate(self.members):
            found |= {f"network_{m:02d}_{i:02d}": array for i, array in enumerate(weights)}
        return found

    def restore_network(self, arrays: Arrays) -> None:
        """Take scales and weights back; networks of older versions, which saw every channel, as well."""
        for name in ("input_mean", "input_deviation", "center", "spread"):
            setattr(self, name, np.asarray(arrays[name], dtype=np.float64))
        self.channels = np.asarray(arrays["channels"], dtype=np.intp) if "channels" in arrays else None
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

    def _seen(self, windows: Windows) -> NDArray[np.float32]:
        return windows.x if self.channels is None else windows.x[:, :, self.channels]


def network_slopes(shape: Architecture, weights: Weights, x: NDArray[np.float32], output: int) -> Said:
    """Return one output (n,) of a network, and its slopes by the inputs (n, steps, channels)."""
    try:
        return _slopes(compiled_slopes(shape), weights, x, output)
    except backend.OutOfMemoryError as error:  # the processor gives the same numbers but for last digits
        if not backend.is_out_of_memory(error):
            raise
        with backend.place(on_cpu=True):
            return _slopes(compiled_slopes(shape, True), weights, x, output)


@lru_cache(maxsize=16)
def compiled_slopes(shape: Architecture, on_cpu: bool = False) -> Compiled:
    """Build and compile once per shape; weights are set later, which traces nothing."""
    with backend.place(on_cpu):
        network = build_network(shape)
        return network, backend.slopes_of(network)


def _slopes(compiled: Compiled, weights: Weights, x: NDArray[np.float32], output: int) -> Said:
    network, slopes_of = compiled
    network.set_weights(weights)
    said, slopes = np.zeros(len(x)), np.zeros(x.shape, dtype=np.float32)
    for start in range(0, len(x), MOST_ROWS):
        rows = slice(start, start + MOST_ROWS)
        there = len(x[rows])
        whole = slopes_of(padded(x[rows]), output)
        said[rows], slopes[rows] = (part[:there] for part in whole)
    return said, slopes
