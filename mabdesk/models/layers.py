"""The network's layers with shapes and parameters, by arithmetic; imports no Keras, so that the window can draw it.

The one source of the shape: mabdesk.models.network builds the same layers in Keras, and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KERNELS = (3, 5, 7)
_PARTS = ("filters", "lstm_1", "lstm_2", "dense_1", "dense_2", "dense")


@dataclass(frozen=True)
class Architecture:
    """All that fixes a network's shape; with (96, 7) inputs, 2 outputs and the defaults it has 201,762 parameters.

    A part of size 0 is not there. Without LSTMs the convolutions are averaged over the window; without both, two dense
    layers see the whole window at once.
    """

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
    dense_1: int = 0  # the first two layers of a feed-forward network
    dense_2: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer: name as in Keras, kind, what sets it apart, shape of its output without the batch, parameters."""

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int


def architecture(
    settings: Mapping[str, Any], steps: int, channels: int, outputs: int, momentum: float = 0.99
) -> Architecture:
    """Return the shape that a model's settings ask for; parts that they do not name are not there."""
    parts = {name: int(settings.get(name, 0)) for name in _PARTS}
    noise = float(settings.get("jitter", 0.0))
    return Architecture(
        steps, channels, outputs, dropout=float(settings["dropout"]), jitter=noise, momentum=momentum, **parts
    )


def seen(channels: tuple[str, ...], inputs: tuple[str, ...], knowledge: bool) -> tuple[str, ...]:
    """Return the channels that a network sees: all, or without process knowledge the window's own variables.

    Args:
        channels: of the windows.
        inputs: online and offline variables of the window plan; none named: all channels.
        knowledge: whether culture age, integrated viable cells, previous samples, setpoints and tags are seen too.
    """
    return channels if knowledge or not inputs else tuple(name for name in channels if name in inputs)


def kernel_sizes(steps: int) -> tuple[int, ...]:
    """Return the paper's 3, 5, 7, shrunk until at most half of a short window is used up at its edges."""
    sizes = list(_KERNELS)
    while sum(size - 1 for size in sizes) > max(steps, 1) // 2 and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 2
    return tuple(sizes)


def layers_of(shape: Architecture) -> tuple[Layer, ...]:
    """List the layers in order."""
    found = [Layer("window", "Input", f"{shape.steps} steps, {shape.channels} channels", _window(shape), 0)]
    if shape.jitter > 0:
        found.append(Layer("jitter", "Input noise", f"one offset per channel, {shape.jitter:g}", _window(shape), 0))
    if shape.filters:
        found += _convolutions(shape)
    if shape.lstm_1:
        found += _recurrent(shape, found[-1].shape)
    elif shape.filters:
        found.append(Layer("mean", "Mean", "over the window", (shape.filters,), 0))
        found.append(_dropout(shape, 1, (shape.filters,)))
    else:
        found += _feed_forward(shape)
    width = found[-1].shape[-1]
    if shape.dense:
        found.append(Layer("dense", "Dense", "ReLU", (shape.dense,), (width + 1) * shape.dense))
        width = shape.dense
    return (*found, Layer("outputs", "Dense", "one value a target", (shape.outputs,), (width + 1) * shape.outputs))


def _window(shape: Architecture) -> tuple[int, ...]:
    return shape.steps, shape.channels


def _convolutions(shape: Architecture) -> list[Layer]:
    found: list[Layer] = []
    steps, width = _window(shape)
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
    return found


def _recurrent(shape: Architecture, before: tuple[int, ...]) -> list[Layer]:
    steps, width = before
    first, second = shape.lstm_1, shape.lstm_2
    return [
        Layer("lstm_1", "LSTM", f"{first} units, each step", (steps, first), _lstm(width, first)),
        _dropout(shape, 1, (steps, first)),
        Layer("lstm_2", "LSTM", f"{second} units, last step", (second,), _lstm(first, second)),
        _dropout(shape, 2, (second,)),
    ]


def _feed_forward(shape: Architecture) -> list[Layer]:
    width, first, second = shape.steps * shape.channels, shape.dense_1, shape.dense_2
    return [
        Layer("flat", "Flatten", "all steps side by side", (width,), 0),
        Layer("dense_1", "Dense", "ReLU", (first,), (width + 1) * first),
        _dropout(shape, 1, (first,)),
        Layer("dense_2", "Dense", "ReLU", (second,), (first + 1) * second),
        _dropout(shape, 2, (second,)),
    ]


def _dropout(shape: Architecture, position: int, before: tuple[int, ...]) -> Layer:
    return Layer(f"dropout_{position}", "Dropout", f"{shape.dropout:.0%} in training", before, 0)


def _lstm(inside: int, units: int) -> int:
    return 4 * units * (inside + units + 1)
