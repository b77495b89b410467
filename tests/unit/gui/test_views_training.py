"""Learning curves, what can be trained, and the network that would be."""

import numpy as np

from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable
from mabdesk.data.settings import WindowPlan
from mabdesk.gui.views import network, trainable
from mabdesk.gui.views.training_curves import curves_of, points_of
from mabdesk.models.settings import TrainOptions
from mabdesk.options import to_plain

HOURS = np.arange(0, 240, 24.0)
VALUES = to_plain(WindowPlan()) | to_plain(TrainOptions())


def dataset(batches: int, titers: int | None = None, names=("titer", "glucose")) -> Dataset:
    """Make batches; only the first `titers` have a measured titer."""
    known = {"titer": Variable("titer", "g/L", "target"), "glucose": Variable("glucose", "g/L", "offline")}
    made = []
    for number in range(batches):
        values = np.tile(HOURS[:, None], (1, len(names)))
        if titers is not None and number >= titers:
            values[:, names.index("titer")] = np.nan
        made.append(
            Batch(f"B{number}", EMPTY, Measurements(names, HOURS, values), tags={"origin": "x", "scale": "2 L"})
        )
    return Dataset(tuple(known[name] for name in names), tuple(made))


def test_fault_37_that_too_few_batches_are_told_with_their_number():
    assert trainable.why_not(dataset(1)) == "Training needs at least 5 batches; have 1. Import more batches."
    assert trainable.why_not(dataset(5)) == ""
    assert "have 3 of 8" in trainable.why_not(dataset(8, titers=3))


def test_fault_38_that_a_missing_titer_is_told():
    assert "No column was read as titer" in trainable.why_not(dataset(6, names=("glucose",)))
    assert "No titer was measured in 6 batches" in trainable.why_not(dataset(6, titers=0))


def test_that_more_folds_than_batches_are_refused():
    assert trainable.why_no_folds(4, 5) == "5 folds need at least 5 batches; have 4. Use fewer folds."
    assert trainable.why_no_folds(3, 2) == ""


def test_that_lists_offer_what_the_data_have_with_units():
    offers = trainable.offers(dataset(2))
    assert offers["targets"] == (("titer", "titer (g/L)"), ("glucose", "glucose (g/L)"))
    assert offers["tags"] == (("scale", "scale"),)


def test_that_stored_curves_of_several_networks_are_told_apart():
    assert curves_of({"loss_1": (3.0, 2.0), "loss_2": (4.0,)}) == {
        "Network 1": [(1.0, 3.0), (2.0, 2.0)],
        "Network 2": [(1.0, 4.0)],
    }
    assert list(curves_of({"loss": (1.0,), "validation_loss": (2.0,)})) == ["Training batches", "Validation batches"]


def test_that_live_points_have_the_names_of_the_stored_curves():
    live = points_of({"part": "CNN-LSTM, network 2 of 4", "epoch": 3, "loss": 0.5})
    assert live == (("Network 2", 3.0, 0.5),)
    paper = points_of({"part": "CNN-LSTM as in the paper", "epoch": 1, "loss": 1.0, "validation_loss": 2.0})
    assert paper == (("Training batches", 1.0, 1.0), ("Validation batches", 1.0, 2.0))


def test_that_the_network_of_the_form_has_the_shape_of_the_data():
    shown = network.of_form(dataset(6), VALUES)
    assert shown.layers[0].shape == (24, len(shown.inputs))
    assert "glucose" in shown.inputs
    assert "scale=2 L" in shown.inputs
    assert shown.outputs == ("titer",)
    assert "4 such networks" in shown.note
    assert network.of_form(dataset(6), VALUES | {"step_h": 0.25}).layers[0].shape[0] == 96


def test_that_a_model_without_layers_says_so():
    shown = network.of_form(dataset(6), VALUES | {"model": "ridge"})
    assert (shown.layers, shown.note) == ((), "Linear (ridge) is no network: there are no layers to draw.")


def test_that_an_input_that_gives_the_answer_away_is_refused_before_training():
    assert "gives the soft sensor its answer" in network.why_not(dataset(6), VALUES | {"inputs": ("titer", "glucose")})
    assert network.why_not(dataset(6), VALUES) == ""
