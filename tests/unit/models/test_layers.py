"""The layers that the window draws are those that Keras builds."""

import pytest

from mabdesk.models.layers import Architecture, architecture, layers_of, seen
from mabdesk.models.network import build_network
from mabdesk.models.settings import KINDS
from mabdesk.options import to_plain


@pytest.mark.parametrize(
    "shape",
    [
        Architecture(),
        Architecture(24, 15, 1, 16, 8, 4, 5, 0.1, jitter=0.5),
        Architecture(4, 1, 2, 4, 4, 4, 2),
        *(architecture(to_plain(KINDS[kind].settings()), 24, 7, 2) for kind in ("feed_forward", "lstm", "cnn")),
    ],
)
def test_that_the_layers_have_the_shapes_and_parameters_of_the_network(shape):
    network, layers = build_network(shape), layers_of(shape)
    assert [layer.name for layer in layers] == [layer.name for layer in network.layers]
    assert sum(layer.parameters for layer in layers) == network.count_params()
    for drawn, real in zip(layers[1:], network.layers[1:], strict=True):
        assert drawn.shape == tuple(real.output.shape[1:])
        assert drawn.parameters == real.count_params()


def test_that_the_papers_network_has_its_201762_parameters():
    assert sum(layer.parameters for layer in layers_of(Architecture())) == 201_762


def test_that_the_settings_of_a_kind_say_which_layers_there_are():
    def names(kind):
        return {
            layer.name.partition("_")[0]
            for layer in layers_of(architecture(to_plain(KINDS[kind].settings()), 24, 7, 2))
        }

    beside = {"window", "dropout", "dense", "outputs"}
    convolutions = {"convolution", "normalization", "relu"}
    assert names("feed_forward") == beside | {"flat"}
    assert names("lstm") == beside | {"lstm"}
    assert names("cnn") == beside | convolutions | {"mean"}
    assert names("cnn_lstm_paper") == beside | convolutions | {"lstm"}
    assert names("cnn_lstm") == beside | convolutions | {"lstm", "jitter"}
    assert layers_of(architecture(to_plain(KINDS["cnn_lstm_paper"].settings()), 96, 7, 2)) == layers_of(Architecture())


def test_that_without_process_knowledge_a_network_sees_the_windows_variables_alone():
    channels = ("temperature", "vcd", "culture_age", "ivcd", "previous_vcd", "feed_setpoint", "scale=2 L")
    inputs = ("vcd", "temperature", "feed")
    assert seen(channels, inputs, knowledge=False) == ("temperature", "vcd")
    assert seen(channels, inputs, knowledge=True) == channels
    assert seen(channels, (), knowledge=False) == channels
