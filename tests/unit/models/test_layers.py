"""The layers that the window draws are those that Keras builds."""

import pytest

from mabdesk.models.layers import Architecture, layers_of
from mabdesk.models.network import build_network


@pytest.mark.parametrize(
    "shape",
    [
        Architecture(),
        Architecture(24, 15, 1, 16, 8, 4, 5, 0.1, jitter=0.5),
        Architecture(4, 1, 2, 4, 4, 4, 2),
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
