import pytest

from mabdesk.data.batch import Dataset
from mabdesk.models import backend
from mabdesk.models.device import (
    Device,
    Extent,
    details,
    estimate_seconds,
    estimate_text,
    extent_of,
    line,
    multiply_adds,
)
from mabdesk.models.devices import find_device
from mabdesk.models.layers import architecture, layers_of
from mabdesk.models.settings import KINDS
from mabdesk.options import to_plain

EXTENT = Extent(50, 336.0, 14.0, 40)
CPU = Device("CPU", "two cores", "No NVIDIA graphics card was found.", 2, speed=3e10)


def seconds(extent=EXTENT, device=CPU, **options):
    return estimate_seconds(options, extent, device)


def test_that_this_computer_is_found_with_a_reason_and_a_speed():
    found = find_device()
    assert found.kind in backend.device_name()
    assert found.why.endswith(".")
    assert not found.problem
    assert found.cores >= 1
    assert 1e8 < found.speed < 1e15


@pytest.mark.parametrize("kind", [kind for kind, known in KINDS.items() if not known.simple])
def test_that_the_arithmetic_is_about_that_of_the_networks_layers(kind):
    shape = architecture(to_plain(KINDS[kind].settings()), 96, 30, 1)
    each_step = ("convolution", "lstm")
    done = sum(
        layer.parameters * (shape.steps if layer.name.startswith(each_step) else 1)
        for layer in layers_of(shape)
        if layer.name.startswith((*each_step, "dense"))
    )
    assert multiply_adds(shape) == pytest.approx(done, rel=0.02)


def test_that_more_work_takes_longer():
    usual = seconds(model="cnn_lstm")
    assert seconds(model="cnn_lstm", quick=True) < usual
    assert seconds(model="cnn_lstm", epochs=60) > 3 * usual
    assert seconds(model="cnn_lstm", members=8) > 1.5 * usual
    assert seconds(model="cnn_lstm", step_h=0.25) > 2 * usual
    assert seconds(Extent(500, 336.0, 14.0, 40), model="cnn_lstm") > 5 * usual
    assert seconds(models=("cnn_lstm",), folds=5) > 3 * usual
    assert seconds(model="gaussian_process") < 0.5 * usual
    paper = seconds(model="cnn_lstm_paper")
    assert seconds(model="feed_forward") < seconds(model="cnn") < seconds(model="lstm") < paper
    assert seconds(Extent(50, 336.0, 14.0, 40, 10), model="cnn_lstm_paper") < paper
    assert seconds(device=Device("GPU", "a card", "", speed=3e11), model="cnn_lstm") < 0.5 * usual


def test_that_what_is_not_known_is_not_said():
    lost = Device("CPU", "old", "", problem="This processor lacks AVX.")
    assert seconds(device=lost, model="cnn_lstm") is None
    assert estimate_text({"model": "cnn_lstm"}, EXTENT, lost) == ""
    assert estimate_text({"model": "ridge"}, EXTENT, lost).startswith("about ")


def test_that_a_dataset_without_batches_or_samples_has_an_extent():
    empty = extent_of(Dataset((), ()))
    assert (empty.batches, empty.hours, empty.samples) == (0, 0.0, 0.0)
    assert seconds(empty, model="cnn_lstm") > 0


@pytest.mark.parametrize(("problem", "said"), [("", "Device: CPU (why?)"), ("No AVX.", "Device: no networks (why?)")])
def test_that_the_line_is_short_and_the_details_hold_the_reason(problem, said):
    device = Device("CPU", "two cores", "No card.", problem=problem)
    assert line(device) == said
    assert "No card." in details(device)
    assert problem in details(device)
