"""The paper's network (Zheng et al. 2024, Table 2): three convolutions, two LSTMs, two dense layers."""

import keras

from mabdesk.models.layers import Architecture, kernel_sizes

__all__ = ["Architecture", "ChannelJitter", "build_network", "kernel_sizes"]


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


def build_network(shape: Architecture) -> keras.Model:
    """Build the network with fresh random weights."""
    inputs = flow = keras.Input((shape.steps, shape.channels), name="window")
    if shape.jitter > 0:
        flow = ChannelJitter(shape.jitter, name="jitter")(flow)
    for position, size in enumerate(kernel_sizes(shape.steps), start=1):
        # Table 2's 1,344 parameters hold only for a first convolution without bias.
        flow = keras.layers.Conv1D(shape.filters, size, use_bias=position > 1, name=f"convolution_{position}")(flow)
        flow = keras.layers.BatchNormalization(momentum=shape.momentum, name=f"normalization_{position}")(flow)
        flow = keras.layers.ReLU(name=f"relu_{position}")(flow)
    flow = keras.layers.LSTM(shape.lstm_1, return_sequences=True, name="lstm_1")(flow)
    flow = keras.layers.Dropout(shape.dropout, name="dropout_1")(flow)
    flow = keras.layers.LSTM(shape.lstm_2, name="lstm_2")(flow)
    flow = keras.layers.Dropout(shape.dropout, name="dropout_2")(flow)
    flow = keras.layers.Dense(shape.dense, activation="relu", name="dense")(flow)
    return keras.Model(inputs, keras.layers.Dense(shape.outputs, name="outputs")(flow), name="cnn_lstm")
