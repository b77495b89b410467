"""The network's layers with shapes and parameters, by arithmetic; imports no Keras, so that the window can draw it.

The one source of the shape: mabdesk.models.network builds the same layers in Keras, and a test compares the two.
"""

from dataclasses import dataclass

_KERNELS = (3, 5, 7)


@dataclass(frozen=True)
class Architecture:
    """All that fixes the network's shape; with (96, 7) inputs, 2 outputs and the defaults it has 201,762 parameters."""

    steps: int = 96
    channels: int = 7
    outputs: int = 2
    filters: int = 64
    lstm_1: int = 128
    lstm_2: int = 64
    dense: int = 32
    dropout: float = 0.3
    jitter: float = 0.0
    momentum: float = 0.99  # of the batch normalization; Keras' default


@dataclass(frozen=True)
class Layer:
    """One layer: name as in Keras, kind, what sets it apart, shape of its output without the batch, parameters."""

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int


def kernel_sizes(steps: int) -> tuple[int, ...]:
    """Return the paper's 3, 5, 7, shrunk until at most half of a short window is used up at its edges."""
    sizes = list(_KERNELS)
    while sum(size - 1 for size in sizes) > max(steps, 1) // 2 and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 2
    return tuple(sizes)


def layers_of(shape: Architecture) -> tuple[Layer, ...]:
    """List the layers in order."""
    steps, width = shape.steps, shape.channels
    found = [Layer("window", "Input", f"{steps} steps, {width} channels", (steps, width), 0)]
    if shape.jitter > 0:
        found.append(Layer("jitter", "Input noise", f"one offset per channel, {shape.jitter:g}", (steps, width), 0))
    for position, size in enumerate(kernel_sizes(shape.steps), start=1):
        bias = shape.filters if position > 1 else 0  # as in the paper's Table 2
        steps -= size - 1
        inside, width = width, shape.filters
        found += [
            Layer(
                f"convolution_{position}", "Convolution", f"{width} filters, {size} steps", (steps, width),
                size * inside * width + bias,
            ),
            Layer(f"normalization_{position}", "Batch normalization", "", (steps, width), 4 * width),
            Layer(f"relu_{position}", "ReLU", "", (steps, width), 0),
        ]  # fmt: skip
    first, second = shape.lstm_1, shape.lstm_2
    return (
        *found,
        Layer("lstm_1", "LSTM", f"{first} units, each step", (steps, first), _lstm(width, first)),
        Layer("dropout_1", "Dropout", f"{shape.dropout:.0%} in training", (steps, first), 0),
        Layer("lstm_2", "LSTM", f"{second} units, last step", (second,), _lstm(first, second)),
        Layer("dropout_2", "Dropout", f"{shape.dropout:.0%} in training", (second,), 0),
        Layer("dense", "Dense", "ReLU", (shape.dense,), (second + 1) * shape.dense),
        Layer("outputs", "Dense", "one value a target", (shape.outputs,), (shape.dense + 1) * shape.outputs),
    )


def _lstm(inside: int, units: int) -> int:
    return 4 * units * (inside + units + 1)
