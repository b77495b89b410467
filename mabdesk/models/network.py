"""The paper's networks (Zheng et al. 2024, Tables 2 and 5): convolutions, LSTMs, both, or dense layers alone."""

from typing import Any

import keras

from mabdesk.models.layers import Architecture, kernel_sizes

__all__ = ["Architecture", "ChannelJitter", "StoredDropout", "build_halves", "build_network", "kernel_sizes"]


@keras.saving.register_keras_serializable(package="mabdesk")
class ChannelJitter(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Adds one Gaussian offset per window and channel in training: a sensor's or an assay's own bias."""

    def __init__(self, deviation: float, **keywords: object) -> None:
        super().__init__(**keywords)
        self.deviation = deviation
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return the inputs, shifted when training."""
        if not training:
            return inputs
        shape = keras.ops.shape(inputs)
        noise = keras.random.normal((shape[0], 1, shape[2]), stddev=self.deviation, seed=self.seed_generator)
        return inputs + noise

    def get_config(self) -> dict[str, object]:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "deviation": self.deviation}


@keras.saving.register_keras_serializable(package="mabdesk")
class StoredDropout(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Multiplies by a mask that is given, the same for every window: dropout that can be repeated."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Start with a mask that drops nothing."""
        self.mask = self.add_weight(shape=input_shape[1:], initializer="ones", trainable=False, name="mask")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return what the mask leaves."""
        return inputs * self.mask


def build_network(shape: Architecture) -> keras.Model:
    """Build the network with fresh random weights."""
    inputs = keras.Input((shape.steps, shape.channels), name="window")
    return keras.Model(inputs, _head(shape, _trunk(shape, inputs)), name="network")


def build_halves(shape: Architecture) -> tuple[keras.Model, keras.Model]:
    """Build the same network cut before its first dropout; the second half drops by masks, in prediction too.

    The weights of the network are those of the first half, then those of the second but for its masks.
    """
    inputs = keras.Input((shape.steps, shape.channels), name="window")
    between = _trunk(shape, inputs)
    following = keras.Input(between.shape[1:], name="between")
    return keras.Model(inputs, between, name="first"), keras.Model(following, _head(shape, following, stored=True))


def _trunk(shape: Architecture, flow: Any) -> Any:
    """Return what comes before the first dropout."""
    if shape.jitter > 0:
        flow = ChannelJitter(shape.jitter, name="jitter")(flow)
    if shape.filters:
        flow = _convolutions(shape, flow)
    if shape.lstm_1:
        return keras.layers.LSTM(shape.lstm_1, return_sequences=True, name="lstm_1")(flow)
    if shape.filters:
        return keras.layers.GlobalAveragePooling1D(name="mean")(flow)
    flat = keras.layers.Flatten(name="flat")(flow)
    return keras.layers.Dense(shape.dense_1, activation="relu", name="dense_1")(flat)


def _convolutions(shape: Architecture, flow: Any) -> Any:
    for position, size in enumerate(kernel_sizes(shape.steps), start=1):
        # Table 2's 1,344 parameters hold only for a first convolution without bias.
        flow = keras.layers.Conv1D(shape.filters, size, use_bias=position > 1, name=f"convolution_{position}")(flow)
        flow = keras.layers.BatchNormalization(momentum=shape.momentum, name=f"normalization_{position}")(flow)
        flow = keras.layers.ReLU(name=f"relu_{position}")(flow)
    return flow


def _head(shape: Architecture, flow: Any, stored: bool = False) -> Any:
    """Return the outputs, from the first dropout on."""

    def drop(position: int, before: Any) -> Any:
        name = f"dropout_{position}"
        return (StoredDropout(name=name) if stored else keras.layers.Dropout(shape.dropout, name=name))(before)

    flow = drop(1, flow)
    if shape.lstm_1:
        flow = drop(2, keras.layers.LSTM(shape.lstm_2, name="lstm_2")(flow))
    elif not shape.filters:
        flow = drop(2, keras.layers.Dense(shape.dense_2, activation="relu", name="dense_2")(flow))
    if shape.dense:
        flow = keras.layers.Dense(shape.dense, activation="relu", name="dense")(flow)
    return keras.layers.Dense(shape.outputs, name="outputs")(flow)
