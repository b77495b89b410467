"""Slopes of every kind of model, against differences of its own predictions."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from little_plant import fake_windows
from small_networks import PAPER, SETTINGS, reference

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import TrainingError
from mabdesk.models import backend, factory, network_model, slopes
from mabdesk.models.blend import Blend
from mabdesk.models.network_model import compiled_slopes
from mabdesk.progress import SILENT

PRESETS = ("soft_sensor", "forecast")
PARTS = {
    "linear": ("linear",),
    "ridge": ("linear",),
    "elastic_net": ("linear",),
    "pls": ("linear",),
    "gaussian_process": ("Gaussian process",),
    "svr": ("SVR",),
    "ridge_svr": ("ridge", "SVR"),
    "gp_svr": ("Gaussian process", "SVR"),
}
NETWORKS = ("network 1", "network 2")
STEP = 2e-3  # of a channel's deviation


def learned(kind, preset="soft_sensor", **settings):
    windows = fake_windows()
    model = factory.create(kind, settings, WindowPlan(preset=preset))
    model.fit(windows, windows.take(windows.hours < 0), 1, SILENT)
    return model


@cache
def simple(kind, preset="soft_sensor", physical=True):
    return learned(kind, preset, physical=physical)


def network(kind, preset="soft_sensor", share=(0.6, 0.0)):
    """A copy of the trained network whose share can be set."""
    model = factory.create(kind, SETTINGS[kind], WindowPlan(preset=preset))
    model.restore(reference(kind, preset).arrays())
    if kind == "cnn_lstm":
        model.share = np.array(share)
    return model


def some_windows():
    """Rows of several ages; of an unknown pH, an unknown driver, a broken sensor and a driver below its floor."""
    windows = fake_windows(seed=5)
    windows = windows.take(np.array([0, 4, 8, 13, 19, 24]))
    windows.x[1, -1, windows.channels.index("ph")] = np.nan
    windows.x[2, -1, windows.channels.index("vcd")] = np.nan
    windows.x[2, -1, windows.channels.index("ivcd")] = np.nan
    windows.x[3, :, windows.channels.index("temperature")] += 30.0
    windows.x[4, :, windows.channels.index("vcd")] = 0.01
    windows.x[4, :, windows.channels.index("ivcd")] = 0.01
    return windows


def differences(model, windows, step):
    """Return (targets, n, steps, channels) and (targets, n, targets): central differences of predict; 0 if unknown."""
    n, steps, channels = windows.x.shape
    size = step * np.maximum(np.nanstd(fake_windows().x, axis=(0, 1)), 0.01)
    places = np.arange(steps * channels)
    many = windows.take(np.repeat(np.arange(n), 2 * len(places)))
    moved = many.x.reshape(n, len(places), 2, len(places))
    moved[:, places, 0, places] += np.tile(size, steps)
    moved[:, places, 1, places] -= np.tile(size, steps)
    apart = (moved[:, places, 0, places] - moved[:, places, 1, places]).astype(float)  # as rounded to float32
    said = model.predict(many).mean.reshape(n, len(places), 2, 2)
    by_x = (said[:, :, 0] - said[:, :, 1]) / apart[:, :, None]
    by_x = np.moveaxis(by_x, 2, 0).reshape(2, *windows.x.shape)
    by_last = np.zeros((2, n, 2))
    for j in range(2):
        beside = [replace(windows, last=windows.last + d * (np.arange(2) == j)) for d in (0.5, -0.5)]
        by_last[:, :, j] = np.subtract(*[model.predict(one).mean.T for one in beside])
    return np.where(np.isfinite(windows.x), np.nan_to_num(by_x), 0.0), by_last


def mean_slopes(model, windows, target):
    found = model.gradients(windows, target)
    return found.x.mean(axis=0), found.last.mean(axis=0)


def assert_close(found, expected, share, of=1.0):
    """Errors below a share of the largest slope, each by a channel's deviation; `of` all but a few, at the corners."""
    scale = np.nanstd(fake_windows().x, axis=(0, 1))
    errors = np.abs((found - expected) * scale)
    assert np.quantile(errors, of) <= share * np.abs(expected * scale).max()


@pytest.mark.parametrize("physical", [True, False])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", PARTS)
def test_that_the_slopes_of_a_simple_model_are_the_differences_of_its_predictions(kind, preset, physical):
    model, windows = simple(kind, preset, physical), some_windows()
    by_x, by_last = differences(model, windows, STEP)
    for target in range(2):
        x, last = mean_slopes(model, windows, target)
        assert_close(x, by_x[target], 1e-4)
        assert last == pytest.approx(by_last[target], abs=1e-9)
        assert np.abs(x).max() > 0


@pytest.mark.parametrize(("kind", "preset"), [*((kind, "soft_sensor") for kind in SETTINGS), ("cnn_lstm", "forecast")])
def test_that_the_slopes_of_a_network_are_the_differences_of_its_predictions(kind, preset):
    model, windows = network(kind, preset), some_windows()
    by_x, by_last = differences(model, windows, STEP)
    for target in range(2):
        x, last = mean_slopes(model, windows, target)
        assert_close(x, by_x[target], 0.01, of=0.97)
        assert last == pytest.approx(by_last[target], abs=1e-4)
        assert np.abs(x).max() > 0


@pytest.mark.parametrize("kind", [*PARTS, *SETTINGS])
def test_that_nothing_follows_what_is_unknown(kind):
    model, windows = simple(kind) if kind in PARTS else network(kind), some_windows()
    windows.x[5, 3, 1], windows.x[5, 4, 1] = np.inf, np.nan
    x = model.gradients(windows, 0).x
    assert not x[:, ~np.isfinite(windows.x)].any()
    assert x[:, [1, 5]].any()  # a small network may be silent on one of them


def test_that_nothing_follows_a_clipped_value():
    windows = fake_windows(seed=5).take(np.array([4, 8]))
    windows.x[1, :, 0] = 1000.0 * np.arange(1, 13)
    for model in (simple("ridge"), network("cnn_lstm")):
        x = model.gradients(windows, 0).x
        assert x[:, 0, :, 0].any()
        assert not x[:, 1, :, 0].any()


@pytest.mark.parametrize("kind", ["linear", "ridge", "elastic_net", "pls"])
def test_that_a_linear_models_contributions_are_its_weights_times_input_less_baseline(kind):
    """On a target without a driver, the weights are those of the summaries themselves."""
    model, windows = simple(kind, "soft_sensor", physical=False), fake_windows(seed=5).take(np.arange(20, 30))
    baseline = windows.take(np.roll(np.arange(10), 1))
    by_x = mean_slopes(model, windows, 0)[0]
    fit = model.fitted
    weights = np.zeros(24)
    weights[fit.design.scaling.kept] = (
        fit.coefficients[0, 1:] / fit.design.scaling.deviation / fit.design.target.unit[0]
    )
    last, mean, change, spread = np.split(weights, 4)
    contributions = (windows.x - baseline.x) * by_x
    expected = np.zeros(windows.x.shape)
    expected += mean / 12
    expected[:, -1] += last + change
    expected[:, 0] -= change
    deviations = windows.x.astype(float) - windows.x.astype(float).mean(axis=1, keepdims=True)
    spreads = np.sqrt((deviations**2).mean(axis=1, keepdims=True))
    expected += spread * np.divide(deviations, 12 * spreads, out=np.zeros_like(deviations), where=spreads > 1e-6)
    expected = expected * (windows.x - baseline.x)
    assert contributions == pytest.approx(expected, abs=1e-6)
    assert np.abs(contributions).max() > 1e-3


@pytest.mark.parametrize("kind", PARTS)
def test_that_a_simple_model_names_its_parts(kind):
    assert simple(kind).gradients(some_windows(), 0).parts == PARTS[kind]


@pytest.mark.parametrize("kind", ["last_value", "mean_trajectory", "mean_increment", "random_forest"])
def test_that_trees_and_typical_courses_have_no_slopes(kind):
    assert learned(kind).gradients(some_windows(), 0) is None


def test_that_parts_are_those_whose_mean_the_model_is():
    model, windows = simple("gp_svr", "forecast"), some_windows()
    found = model.gradients(windows, 0)
    alone = [slopes.gradients({"": part}, windows, 0) for part in (model.fitted.process, model.fitted.svr)]
    assert np.array_equal(found.x, np.concatenate([one.x for one in alone]))
    assert not np.array_equal(found.x[0], found.x[1])
    assert found.last.shape == (2, len(windows), 2)


def test_that_a_base_of_older_versions_has_one_part():
    model = simple("gp_svr")
    older = Blend(model.fitted.process)
    found = slopes.gradients(older.parts(), some_windows(), 0)
    assert found.parts == ("Gaussian process",)
    assert np.array_equal(found.x[0], model.gradients(some_windows(), 0).x[0])


def test_that_each_network_is_mixed_with_the_base():
    model, windows = network("cnn_lstm", "forecast"), some_windows()
    found = model.gradients(windows, 0)
    assert found.parts == NETWORKS
    for m in range(2):
        alone = network("cnn_lstm", "forecast")
        alone.members = alone.members[m : m + 1]
        by_x, _ = differences(alone, windows, STEP)
        assert_close(found.x[m], by_x[0], 0.01, of=0.97)


def test_that_without_a_share_no_network_is_asked(monkeypatch):
    model, windows = network("cnn_lstm"), some_windows()
    monkeypatch.setattr(network_model, "network_slopes", None)
    found = model.gradients(windows, 1)
    base = slopes.gradients(model.base.parts(), windows, 1)
    assert found.parts == base.parts == PARTS["gp_svr"]
    assert np.array_equal(found.x, base.x)
    with pytest.raises(TypeError):
        model.gradients(windows, 0)


@pytest.mark.parametrize("kind", PAPER)
def test_that_a_network_of_the_paper_is_one_part(kind):
    assert network(kind).gradients(some_windows(), 0).parts == NETWORKS[:1]


@pytest.mark.parametrize("kind", ["gp_svr", "cnn_lstm", "cnn_lstm_paper"])
def test_that_slopes_are_the_same_bits_again_and_after_restoring(kind):
    model = simple(kind) if kind in PARTS else network(kind)
    windows = fake_windows(seed=5)
    restored = factory.create(kind, SETTINGS.get(kind, {}), WindowPlan(preset="soft_sensor"))
    restored.restore(model.arrays())
    first = model.gradients(windows, 0)
    for again in (model, restored):
        assert np.array_equal(again.gradients(windows, 0).x, first.x)
        assert np.array_equal(again.gradients(windows, 0).last, first.last)


@pytest.mark.parametrize("kind", ["gp_svr", "cnn_lstm"])
def test_that_many_windows_are_taken_in_pieces(kind, monkeypatch):
    model = simple(kind) if kind in PARTS else network(kind)
    windows = fake_windows(seed=5)
    whole = model.gradients(windows, 0).x
    monkeypatch.setattr(slopes, "_ROWS", 7)
    monkeypatch.setattr(network_model, "MOST_ROWS", 7)
    assert model.gradients(windows, 0).x == pytest.approx(whole, abs=1e-4 * np.abs(whole).max())


@pytest.mark.parametrize("kind", ["gp_svr", "cnn_lstm", "lstm"])
def test_that_no_windows_have_no_slopes(kind):
    model = simple(kind) if kind in PARTS else network(kind)
    windows = some_windows()
    found = model.gradients(windows.take(np.zeros(6, bool)), 0)
    assert found.x.shape == (len(found.parts), 0, 12, 6)
    assert found.last.shape == (len(found.parts), 0, 2)


def test_that_setting_weights_traces_nothing_anew():
    model = network("cnn_lstm")
    model.gradients(some_windows(), 0)
    before = compiled_slopes.cache_info().misses
    for kind in ("soft_sensor", "forecast"):
        network("cnn_lstm", kind).gradients(fake_windows(), 0)
    assert compiled_slopes.cache_info().misses == before


def test_that_a_full_card_is_answered_by_the_processor(monkeypatch):
    model, windows = network("cnn_lstm"), some_windows()
    expected = model.gradients(windows, 0).x
    real, asked = network_model.compiled_slopes, []

    class FullError(Exception):
        pass

    def compiled(shape, on_cpu=False):
        asked.append(on_cpu)
        if not on_cpu:
            raise FullError
        return real(shape)

    monkeypatch.setattr(backend, "OutOfMemoryError", FullError)
    monkeypatch.setattr(backend, "is_out_of_memory", lambda _: True)
    monkeypatch.setattr(network_model, "compiled_slopes", compiled)
    assert model.gradients(windows, 0).x == pytest.approx(expected, abs=1e-5)
    assert asked == [False, True] * 2


def broken_ridge():
    model = learned("ridge")
    model.fitted.coefficients[0, 1:] = np.nan
    return model


def broken_network():
    model = network("cnn_lstm")
    model.members[1] = [np.full_like(weights, np.nan) for weights in model.members[1]]
    return model


@pytest.mark.parametrize("broken", [broken_ridge, broken_network])
def test_that_slopes_that_are_not_finite_are_refused_with_a_sentence(broken):
    with pytest.raises(
        TrainingError, match=r"gradients of titer are not finite: 6 of 6 windows .* batch B00"
    ) as caught:
        broken().gradients(some_windows(), 0)
    assert caught.value.hint
