"""The paper's four networks: what they see, what they say of batches not learned from, how far they are spread."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from little_plant import CHANNELS, fake_windows
from small_networks import PAPER, SETTINGS, fitted, parts, reference

from mabdesk.data.batch import join
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError, TrainingError
from mabdesk.models import dropout, factory
from mabdesk.models.folding import batch_folds
from mabdesk.models.layers import Architecture
from mabdesk.models.network import build_network
from mabdesk.models.training import Course, Optimizer, Watch, predict_network
from mabdesk.progress import SILENT

SHAPES = {
    "cnn_lstm": Architecture(12, 3, 2, 8, 6, 4, 4),
    "lstm": Architecture(12, 3, 2, 0, 6, 4, 4),
    "cnn": Architecture(12, 3, 2, 8, 0, 0, 4),
    "feed_forward": Architecture(12, 3, 2, 0, 0, 0, 0, dense_1=8, dense_2=6),
}


def drawn(rows=100, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 12, 3)).astype(np.float32)


def weights_of(shape):
    keras.utils.set_random_seed(5)
    return build_network(shape).get_weights()


@pytest.mark.parametrize("kind", ["feed_forward", "cnn"])
def test_that_the_window_s_own_variables_alone_are_seen(kind):
    windows = fake_windows()
    inputs = ("temperature", "ph", "vcd", "feed")
    model = fitted(kind, SETTINGS[kind], windows, inputs=inputs)
    assert model.shape.channels == 3
    before, test = model.predict(windows), replace(windows, x=windows.x.copy())
    test.x[:, :, CHANNELS.index("culture_age")] *= 2
    assert np.array_equal(model.predict(test).mean, before.mean)
    test.x[:, :, CHANNELS.index("vcd")] *= 2
    assert not np.array_equal(model.predict(test).mean, before.mean)
    again = factory.create(kind, SETTINGS[kind], WindowPlan(inputs=inputs))
    again.restore(model.arrays())
    assert np.array_equal(again.predict(windows).mean, before.mean)


def test_that_process_knowledge_can_be_seen_too():
    settings = SETTINGS["cnn"] | {"knowledge": True}
    assert fitted("cnn", settings, fake_windows(), inputs=("vcd",)).shape.channels == len(CHANNELS)


def test_that_a_network_without_any_variable_says_what_to_do():
    with pytest.raises(DataError, match="of feed none is one") as caught:
        fitted("cnn", SETTINGS["cnn"], fake_windows(), inputs=("feed",))
    assert "process knowledge" in caught.value.hint


def test_that_a_network_of_an_older_version_still_predicts_from_every_channel():
    model, windows = reference("cnn_lstm_paper"), fake_windows()
    older = {name: array for name, array in model.arrays().items() if name != "channels"}
    again = factory.create("cnn_lstm_paper", SETTINGS["cnn_lstm_paper"], WindowPlan(inputs=("vcd",)))
    again.restore(older)
    assert np.array_equal(again.predict(windows).mean, model.predict(windows).mean)


@pytest.mark.parametrize("kind", PAPER)
def test_that_the_validation_batches_are_held_out_with_the_spread_of_a_prediction(kind):
    model, validation = reference(kind), parts(fake_windows())[1]
    said, predicted = model.held_out(), model.predict(validation)
    assert np.array_equal(said.batch_ids, validation.batch_ids)
    assert np.array_equal(said.hours, validation.target_hours)
    assert np.array_equal(said.measured, validation.y)
    assert np.array_equal(said.mean, predicted.mean)
    assert np.array_equal(said.spread, predicted.spread)
    assert (said.spread > 0).all()


def test_that_the_cnn_lstm_tells_every_batch_from_parts_that_had_not_seen_it():
    windows = fake_windows()
    training, validation, _ = parts(windows)
    rows, said = join(training, validation), reference("cnn_lstm").held_out()
    assert np.array_equal(said.batch_ids, rows.batch_ids)
    assert np.array_equal(said.measured, rows.y)
    assert np.isfinite(said.mean).all()


def test_that_the_gaussian_process_of_a_held_out_value_has_not_learned_from_its_batch():
    windows, model = fake_windows(), reference("cnn_lstm")
    folds = batch_folds(windows.batch_ids, 2, 1)
    own = windows.batch_ids == "B00"
    changed = replace(windows, y=windows.y * np.where(own, 1.5, 1.0)[:, None])
    before, after = (model._base_outside(rows, folds) for rows in (windows, changed))
    assert np.array_equal(after[own], before[own])
    assert not np.array_equal(after[folds != folds[own][0]], before[folds != folds[own][0]])


def test_that_a_restored_network_has_nothing_held_out():
    for kind in SETTINGS:
        again = factory.create(kind, SETTINGS[kind], WindowPlan())
        again.restore(reference(kind).arrays())
        assert again.held_out() is None


def test_that_the_spread_of_the_cnn_lstm_is_how_far_its_parts_disagree():
    windows, model = fake_windows(), factory.create("cnn_lstm", SETTINGS["cnn_lstm"], WindowPlan())
    model.restore(reference("cnn_lstm").arrays())
    model.share = np.array([0.25, 0.0])
    said, simple = model.predict(windows), model.base.predict(windows)
    assert said.spread == pytest.approx(np.abs(said.mean - simple))
    assert said.spread[:, 0].max() > 0
    assert not said.spread[:, 1].any()


@pytest.mark.parametrize("name", SHAPES)
def test_that_without_dropping_the_halves_are_the_network(name):
    shape = replace(SHAPES[name], dropout=0.0)
    weights, x = weights_of(shape), drawn()
    found = dropout.sampled_outputs(shape, weights, x, 2, 1)
    assert found[0] == pytest.approx(predict_network(shape, Optimizer(), weights, x), abs=1e-5)
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", SHAPES)
def test_that_stored_masks_spread_as_the_dropout_layers_of_keras_do(name):
    shape, x = SHAPES[name], drawn(8)
    network = build_network(shape)
    network.set_weights(weights := weights_of(shape))
    mine = dropout.sampled_outputs(shape, weights, x, 400, 1)
    for layer in network.layers:
        layer.trainable = not layer.name.startswith("normalization")  # else it would work as in training too
    keras.utils.set_random_seed(1)
    theirs = keras.ops.convert_to_numpy(network(np.repeat(x, 400, axis=0), training=True))
    theirs = theirs.reshape(8, 400, -1).swapaxes(0, 1)
    assert mine.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=float(0.25 * theirs.std()))
    assert np.median(mine.std(axis=0) / theirs.std(axis=0)) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("kind", SETTINGS)
def test_that_dropout_samples_are_repeated_by_their_seed_and_stand_around_the_prediction(kind):
    model, windows = reference(kind), fake_windows()
    first, again, other = (model.dropout_samples(windows, 30, seed) for seed in (1, 1, 2))
    assert first.shape == (30, len(windows), 2)
    assert np.array_equal(first, again)
    said = model.predict(windows).mean
    if kind != "cnn_lstm" or model.share.any():
        assert not np.array_equal(first, other)
        assert (first.std(axis=0) > 0).any()
    assert np.median(np.abs(first.mean(axis=0) - said)) <= 0.5 * np.abs(said).mean()


def test_that_a_sample_of_a_window_does_not_depend_on_the_windows_beside_it():
    model, windows = reference("cnn_lstm_paper"), fake_windows()
    some = windows.take(np.arange(5, 20))
    assert model.predict(some).spread == pytest.approx(model.predict(windows).spread[5:20], rel=1e-4)


def test_that_drawing_again_traces_nothing_anew():
    model, windows = reference("cnn_lstm_paper"), fake_windows()
    model.dropout_samples(windows, 2, 1)
    before = dropout.compiled_halves.cache_info().misses
    second = dropout.compiled_halves(model.shape)[1]
    traced = second.predict_function
    model.dropout_samples(windows, 3, 2)
    assert dropout.compiled_halves.cache_info().misses == before
    assert second.predict_function is traced


@pytest.mark.parametrize("kind", SETTINGS)
def test_fault_that_infinite_inputs_are_unknown(kind):
    windows = fake_windows()
    windows.x[3:20, :, 1] = np.inf
    windows.x[20:30, 2:, 0] = -np.inf
    unknown = replace(windows, x=np.where(np.isinf(windows.x), np.nan, windows.x).astype(np.float32))
    said = fitted(kind, SETTINGS[kind], windows).predict(windows)
    assert np.isfinite(said.mean).all()
    assert np.isfinite(said.spread).all()
    model = reference(kind)
    assert np.array_equal(model.predict(windows).mean, model.predict(unknown).mean)


@pytest.mark.parametrize("kind", SETTINGS)
def test_fault_that_three_batches_whose_inputs_never_vary_still_give_a_model(kind):
    windows = fake_windows(batches=3)
    windows.x[:] = 1.0
    names = sorted(set(windows.batch_ids))
    model = factory.create(kind, SETTINGS[kind] | ({"members": 4} if kind == "cnn_lstm" else {}), WindowPlan())
    model.fit(windows.of(names[:2]), windows.of(names[2:]), 1, SILENT)
    assert np.isfinite(model.predict(windows).mean).all()
    assert set(model.held_out().batch_ids) == (set(names) if kind == "cnn_lstm" else {names[2]})


def test_that_without_validation_batches_nothing_is_held_out():
    windows = fake_windows(batches=3)
    model = factory.create("cnn", SETTINGS["cnn"] | {"epochs": 1}, WindowPlan())
    model.fit(windows, windows.of(()), 1, SILENT)
    assert model.held_out() is None


@pytest.mark.parametrize("kind", SETTINGS)
def test_fault_that_a_target_that_was_never_measured_is_named(kind):
    windows = fake_windows()
    windows.y[:, 1] = np.nan
    with pytest.raises(DataError, match="'aggregates' was measured") as caught:
        fitted(kind, SETTINGS[kind], windows)
    assert caught.value.hint


def test_that_a_target_of_one_batch_alone_leaves_its_fold_without_a_held_out_value():
    windows = fake_windows()
    windows.y[windows.batch_ids != "B00", 1] = np.nan
    model = fitted("cnn_lstm", SETTINGS["cnn_lstm"], windows)
    said = model.held_out()
    assert np.isfinite(model.predict(windows).mean).all()
    assert np.isnan(said.mean[said.batch_ids == "B00"]).all()
    assert np.isfinite(said.mean[:, 0]).any()


@pytest.mark.parametrize("kind", SETTINGS)
def test_fault_that_a_loss_that_turns_into_no_number_keeps_the_best_weights(kind, monkeypatch):
    watched = Watch.on_epoch_end

    def break_after_one(watch, epoch, logs=None):
        watched(watch, epoch, logs)
        watch.model.set_weights([weights * np.nan for weights in watch.model.get_weights()])

    monkeypatch.setattr(Watch, "on_epoch_end", break_after_one)
    model = fitted(kind, SETTINGS[kind], fake_windows())
    said = "Stopped at epoch 2: the loss was not finite. The best weights were kept."
    assert sum(said in note for note in model.notes()) == len(model.members)
    assert all(len(curve) == 1 for curve in model.history().values())
    assert np.isfinite(model.predict(fake_windows()).mean).all()


@pytest.mark.parametrize("kind", SETTINGS)
def test_fault_that_a_network_that_never_has_a_finite_loss_says_so(kind, monkeypatch):
    monkeypatch.setattr(Watch, "on_epoch_begin", lambda watch, epoch, logs=None: watch.model.set_weights(
        [weights * np.nan for weights in watch.model.get_weights()]
    ))  # fmt: skip
    with pytest.raises(TrainingError, match="no finite loss") as caught:
        fitted(kind, SETTINGS[kind], fake_windows())
    assert "learning rate" in caught.value.hint


def test_that_weights_broken_by_the_last_step_of_an_epoch_are_not_kept():
    network = build_network(SHAPES["cnn"])
    watch = Watch(Course(10), 1e-3, SILENT)
    watch.set_model(network)
    network.set_weights([weights * np.nan for weights in network.get_weights()])
    watch.on_epoch_end(0, {"loss": 1.0})
    assert network.stop_training
    assert watch.best is None
