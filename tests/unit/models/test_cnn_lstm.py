import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
from little_plant import fake_windows
from small_networks import SETTINGS, fitted, parts, reference

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError, TrainingError
from mabdesk.models import factory
from mabdesk.models.cnn_lstm import best_share
from mabdesk.models.network import Architecture, build_network, kernel_sizes
from mabdesk.models.settings import with_bases
from mabdesk.models.training import Course, Optimizer, Watch, masked_loss, mixed, pack, rate_share, train_network
from mabdesk.progress import SILENT, Progress

SMALL, PAPER = SETTINGS["cnn_lstm"], SETTINGS["cnn_lstm_paper"]
FAST = Optimizer(0.05)
TINY = Architecture(12, 3, 1, 8, 8, 8, 4)

TABLE_2 = [
    ("window", (96, 7), 0),
    ("convolution_1", (94, 64), 1344),
    ("normalization_1", (94, 64), 256),
    ("relu_1", (94, 64), 0),
    ("convolution_2", (90, 64), 20544),
    ("normalization_2", (90, 64), 256),
    ("relu_2", (90, 64), 0),
    ("convolution_3", (84, 64), 28736),
    ("normalization_3", (84, 64), 256),
    ("relu_3", (84, 64), 0),
    ("lstm_1", (84, 128), 98816),
    ("dropout_1", (84, 128), 0),
    ("lstm_2", (64,), 49408),
    ("dropout_2", (64,), 0),
    ("dense", (32,), 2080),
    ("outputs", (2,), 66),
]


def sample(n=64, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 12, 3)).astype(np.float32), pack(rng.normal(size=(n, 1)), np.ones((n, 1)))


def test_that_the_network_is_the_papers_table_2_layer_by_layer():
    network = build_network(Architecture())
    found = [(layer.name, tuple(layer.output.shape[1:]), layer.count_params()) for layer in network.layers]
    assert found == TABLE_2
    assert network.count_params() == 201_762


def test_that_each_extra_channel_adds_192_parameters():
    assert build_network(Architecture(24, 10)).count_params() == 201_762 + 3 * 192


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 8, 12, 24, 96, 384])
def test_that_kernels_shrink_until_short_windows_fit(steps):
    sizes = kernel_sizes(steps)
    assert steps - sum(size - 1 for size in sizes) >= 1
    assert all(size % 2 for size in sizes)
    assert (sizes == (3, 5, 7)) == (steps >= 24)


def test_that_missing_targets_and_weights_shape_the_loss():
    values, weights = np.array([[1.0, np.nan], [2.0, 4.0]]), np.array([[1.0, 0.3], [2.0, 0.3]])
    loss = keras.ops.convert_to_numpy(masked_loss(keras.ops.array(pack(values, weights)), keras.ops.zeros((2, 2))))
    assert loss == pytest.approx([1.0, 2 * 4 + 0.3 * 16])


def test_that_the_learning_rate_warms_up_and_falls_as_a_cosine():
    course = Course(12, warm_up=3, cosine=True)
    shares = [rate_share(course, epoch) for epoch in range(12)]
    assert shares[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert shares[-1] == pytest.approx(0.01)
    assert all(a > b for a, b in pairwise(shares[3:]))
    assert [rate_share(Course(5), epoch) for epoch in range(5)] == [1.0] * 5


@pytest.mark.parametrize("kind", SETTINGS)
def test_that_same_seed_gives_identical_weights(kind):
    first, second = reference(kind).arrays(), fitted(kind, SETTINGS[kind], fake_windows()).arrays()
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_that_another_seed_gives_other_weights():
    other = fitted("cnn_lstm_paper", PAPER, fake_windows(), seed=2).arrays()
    assert not np.array_equal(reference("cnn_lstm_paper").arrays()["network_00_00"], other["network_00_00"])


def digest(model):
    return hashlib.sha256(b"".join(array.tobytes() for _, array in sorted(model.arrays().items()))).hexdigest()


def test_that_a_fresh_process_trains_the_same_weights():
    code = "from test_cnn_lstm import digest, reference; print(digest(reference('cnn_lstm_paper')))"
    here, root = Path(__file__).parent, Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (here, root)))}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == digest(reference("cnn_lstm_paper"))


@pytest.mark.parametrize(("kind", "preset"), [("cnn_lstm", "forecast"), *((kind, "soft_sensor") for kind in SETTINGS)])
def test_that_a_restored_network_predicts_bit_for_bit_alike(kind, preset):
    model, test = reference(kind, preset), parts(fake_windows())[2]
    again = factory.create(kind, SETTINGS[kind], WindowPlan(preset=preset))
    again.restore(model.arrays())
    predicted, restored = model.predict(test), again.predict(test)
    assert np.array_equal(restored.mean, predicted.mean)
    assert np.array_equal(restored.spread, predicted.spread)
    assert np.isfinite(predicted.mean).all()
    assert np.isfinite(predicted.spread).all()
    assert model.parameters() == again.parameters() > 0
    assert all(array.dtype != object for array in model.arrays().values())


def test_that_missing_targets_and_unknown_inputs_are_trained_around():
    windows = fake_windows()
    windows.y[::2, 1] = np.nan
    windows.x[:5] = np.nan
    model = fitted("cnn_lstm", SMALL, windows)
    assert np.isfinite(model.predict(windows).mean).all()


def test_that_one_batch_is_too_few():
    windows = fake_windows(batches=1)
    with pytest.raises(DataError, match="at least two training batches, received 1"):
        factory.create("cnn_lstm", SMALL, WindowPlan()).fit(windows, windows.take(windows.hours < 0), 1, SILENT)


def test_that_the_share_of_the_correction_is_what_held_out_samples_ask_for():
    windows = fake_windows()
    rng = np.random.default_rng(0)
    wanted = rng.normal(size=(len(windows), 2))
    helps, harms = 2 * wanted[:, 0], -wanted[:, 1]
    assert best_share(windows, wanted, np.stack([helps, harms], axis=1)) == pytest.approx([0.5, 0.0])
    interpolated = replace(windows, measured=np.zeros(len(windows), dtype=bool))
    assert best_share(interpolated, wanted, wanted) == pytest.approx([0.0, 0.0])


def test_that_without_a_share_of_the_networks_the_simple_model_is_left():
    windows = fake_windows()
    model = factory.create("cnn_lstm", SMALL, WindowPlan())
    model.restore(reference("cnn_lstm").arrays())
    simple = fitted("gp_svr", {}, windows).predict(windows).mean
    model.share = np.zeros(2)
    assert np.array_equal(model.predict(windows).mean, simple)


def test_that_mixtures_lie_between_windows_and_teach_no_missing_target():
    x, y = sample(40)
    y[:20, 1] = 0.0
    inputs, targets = mixed((x, y), 3, 1)
    assert inputs.shape == (120, 12, 3)
    assert targets.shape == (120, 2)
    assert (inputs.min(), inputs.max()) >= (x.min(), -np.inf)
    assert inputs.max() <= x.max()
    assert 0.1 < (targets[:, 1] > 0).mean() < 0.5
    again = mixed((x, y), 3, 1)
    assert np.array_equal(inputs, again[0])
    assert mixed((x, y), 0, 1)[0] is x


def test_that_epochs_losses_and_time_left_are_reported():
    said, losses = [], []
    progress = Progress(
        listen=lambda fraction, text: said.append((fraction, text)),
        listen_partial=lambda kind, value: losses.append((kind, value)),
    )
    model = fitted("cnn_lstm", SMALL, fake_windows(), progress=progress)
    assert said[-1][0] == pytest.approx(1)
    assert "network 2 of 2, epoch 2 of 2" in said[-1][1]
    assert "s left" in said[0][1]
    assert [value["epoch"] for kind, value in losses if kind == "loss"] == [1, 2, 1, 2]
    assert all(len(curve) == 2 for curve in model.history().values())


def test_that_finish_now_stops_at_the_end_of_the_epoch_and_says_so():
    asked = iter([False, True] + [True] * 20)
    progress = Progress(finish_now=lambda: next(asked))
    model = fitted("cnn_lstm", {**SMALL, "epochs": 9}, fake_windows(), progress=progress)
    assert any("Finished early on request, after epoch 2 of 9" in note for note in model.notes())
    assert "Finished early on request: 1 of 2 networks were trained." in model.notes()
    assert len(model.members) == 1
    assert np.isfinite(model.predict(fake_windows()).mean).all()


def test_that_a_model_finished_after_its_first_network_is_kept_and_restored_whole():
    losses = []
    asked = Progress(listen_partial=lambda *loss: losses.append(loss), finish_now=lambda: len(losses) >= 3)
    model = fitted("cnn_lstm", {**SMALL, "members": 4}, fake_windows(), progress=asked)
    assert len(model.members) == 2
    assert "Finished early on request: 2 of 4 networks were trained." in model.notes()
    again = factory.create("cnn_lstm", {**SMALL, "members": 4}, WindowPlan())
    again.restore(model.arrays())
    assert np.array_equal(again.predict(fake_windows()).mean, model.predict(fake_windows()).mean)


def test_that_a_loss_that_is_not_finite_stops_and_keeps_the_best_weights():
    watch = Watch(Course(10), 1e-3, SILENT)
    network = build_network(TINY)
    watch.set_model(network)
    watch.on_epoch_end(0, {"loss": 1.0})
    kept = [weights.copy() for weights in network.get_weights()]
    network.set_weights([weights * np.nan for weights in network.get_weights()])
    watch.on_epoch_end(1, {"loss": float("nan")})
    assert network.stop_training
    assert watch.notes == ["Stopped at epoch 2: the loss was not finite. The best weights were kept."]
    assert all(np.array_equal(a, b) for a, b in zip(watch.best, kept, strict=True))


def test_that_training_without_any_finite_loss_is_an_error_with_a_way_out():
    x, y = sample()
    y[0, 0] = np.inf
    with pytest.raises(TrainingError, match="no finite loss") as caught:
        train_network(TINY, FAST, Course(2, 32), (x, y), None, 1, SILENT)
    assert "learning rate" in caught.value.hint


def test_that_early_stopping_restores_the_weights_with_the_best_validation_loss():
    noise = sample(32, seed=9)
    trained = train_network(TINY, FAST, Course(40, 16, patience=3), sample(), noise, 1, SILENT)
    losses = trained.history["validation_loss"]
    assert len(losses) < 40
    assert len(losses) - 1 - int(np.argmin(losses)) == 3


def test_that_what_a_network_is_mixed_with_always_stands_beside_it():
    assert with_bases(("ridge", "cnn_lstm")) == ("ridge", "gp_svr", "cnn_lstm")
    assert with_bases(("cnn_lstm", "gp_svr")) == ("cnn_lstm", "gp_svr")
    assert with_bases(("ridge", "pls")) == ("ridge", "pls")


def test_that_a_share_that_hangs_on_one_batch_becomes_none():
    windows = fake_windows(batches=6)
    correction = np.ones((len(windows), 1))
    missing = np.where(windows.batch_ids == "B00", 3.0, 0.0)[:, None]
    assert best_share(windows, missing, correction)[0] == 0
    assert best_share(windows, 0.4 * correction, correction)[0] == pytest.approx(0.4)
