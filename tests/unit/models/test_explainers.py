"""Explainers by shap: that they explain the whole prediction, leave out what is unknown, and repeat."""

from dataclasses import replace

import numpy as np
import pytest
from little_plant import CHANNELS, fake_windows
from small_networks import SETTINGS, fitted, parts, reference

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import TrainingError
from mabdesk.models import backend, factory
from mabdesk.models.whole_network import whole_network

SIMPLE = ("linear", "ridge", "elastic_net", "pls", "svr", "ridge_svr", "gaussian_process", "gp_svr")
PRESETS = ("soft_sensor", "forecast")
WINDOWS = fake_windows()
TRAINING, _, TESTED = parts(WINDOWS)
TESTED = TESTED.take(np.isin(TESTED.hours, (24.0, 120.0, 240.0)))
HOURS = np.unique(TESTED.hours)
BACKGROUND = [TRAINING.take(TRAINING.hours == hour) for hour in HOURS]
GROUP = np.searchsorted(HOURS, TESTED.hours)


@pytest.fixture(scope="module", params=PRESETS)
def forest(request):
    return fitted("random_forest", {"trees": 20}, WINDOWS, request.param)


@pytest.fixture(scope="module", params=PRESETS)
def ridge(request):
    return fitted("ridge", {}, WINDOWS, request.param)


@pytest.fixture(scope="module")
def blend():
    return fitted("gp_svr", {}, WINDOWS, "forecast")


def mixed_network(preset):
    """A trained CNN-LSTM whose networks have a share of their own in each target."""
    model = factory.create("cnn_lstm", SETTINGS["cnn_lstm"], WindowPlan(preset=preset))
    model.restore(reference("cnn_lstm", preset).arrays() | {"share": np.array([0.4, 0.2])})
    return model


def total(found):
    by_step, last = found
    return by_step.sum(axis=(1, 2)) + last.sum(axis=1)


def says_the_same(model):
    """Also of windows with unknown values, and where the driver of the scale is not known yet."""
    x = WINDOWS.x.copy()
    x[1, -1], x[2, :, 4], x[3, 0] = np.nan, np.nan, np.inf
    asked = replace(WINDOWS, x=x)
    np.testing.assert_allclose(whole_network(model, asked).outputs(asked), model.predict(asked).mean, rtol=1e-4)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", SIMPLE)
def test_that_the_keras_model_of_a_simple_prediction_says_what_the_model_says(kind, preset):
    says_the_same(fitted(kind, {}, WINDOWS, preset))


@pytest.mark.parametrize("physical", [True, False])
def test_that_the_keras_model_follows_the_choice_of_the_target(physical):
    says_the_same(fitted("ridge", {"physical": physical}, WINDOWS, "forecast"))


def test_that_the_keras_model_of_networks_and_their_base_says_what_the_model_says():
    says_the_same(mixed_network("forecast"))


@pytest.mark.parametrize("kind", ["feed_forward", "cnn_lstm_paper"])
def test_that_the_keras_model_of_a_paper_network_says_what_the_model_says(kind):
    says_the_same(reference(kind))


def test_that_the_keras_model_of_one_target_says_that_target(blend):
    said = whole_network(blend, TESTED, 1).outputs(TESTED)
    np.testing.assert_allclose(said[:, 0], blend.predict(TESTED).mean[:, 1], rtol=1e-4)


def test_that_expected_gradients_add_up_to_the_distance_from_the_background(blend):
    found = factory.gradient_shap(blend, TESTED, BACKGROUND, GROUP, 0, 200, 1)
    away = blend.predict(TESTED).mean[:, 0] - [blend.predict(BACKGROUND[g]).mean[:, 0].mean() for g in GROUP]
    assert np.abs(total(found) - away).mean() < 0.1 * np.abs(away).mean()
    assert not found[0][:, :, CHANNELS.index("dead")].any()


def test_that_expected_gradients_explain_networks_and_their_base():
    model = mixed_network("forecast")
    found = factory.gradient_shap(model, TESTED, BACKGROUND, GROUP, 0, 60, 1)
    away = model.predict(TESTED).mean[:, 0] - [model.predict(BACKGROUND[g]).mean[:, 0].mean() for g in GROUP]
    assert np.abs(total(found) - away).mean() < 0.2 * np.abs(away).mean()
    assert found[1][:, 0].any()


def test_that_each_window_is_compared_with_the_background_of_its_group(blend):
    """A window beside itself differs in nothing."""
    own = [TESTED.take(np.array([row])) for row in range(len(TESTED))]
    by_step, last = factory.gradient_shap(blend, TESTED, own, np.arange(len(TESTED)), 0, 4, 1)
    assert not by_step.any()
    assert not last.any()


def test_that_expected_gradients_repeat_and_leave_the_global_random_state_alone(blend):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the state that shap changes
    first, again = (factory.gradient_shap(blend, TESTED, BACKGROUND, GROUP, 0, 5, 7) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    other, _ = factory.gradient_shap(blend, TESTED, BACKGROUND, GROUP, 0, 5, 8)
    assert not np.array_equal(first[0], other)


def test_that_unknown_inputs_get_nothing_whatever_the_background_knows(blend):
    x = TESTED.x.copy()
    x[:, :4, 0] = np.nan
    x[0] = np.nan
    last = np.full_like(TESTED.last, np.nan)
    by_step, by_last = factory.gradient_shap(blend, replace(TESTED, x=x, last=last), BACKGROUND, GROUP, 0, 5, 1)
    assert not by_step[:, :4, 0].any()
    assert not by_step[0].any()
    assert not by_last.any()
    assert by_step[1:, 4:, 0].any()


def test_that_a_background_that_knows_less_than_the_window_is_filled_in(blend):
    poorer = [replace(one, x=np.full_like(one.x, np.nan)) for one in BACKGROUND]
    by_step, _ = factory.gradient_shap(blend, TESTED, poorer, GROUP, 0, 5, 1)
    assert not by_step.any()


def test_that_the_linear_explainer_adds_up_exactly_through_the_physical_scale(ridge):
    for target in (0, 1):
        found = factory.linear_shap(ridge, TESTED, BACKGROUND, GROUP, target)
        said = [ridge.predict(BACKGROUND[g]).mean[:, target].mean() for g in GROUP]
        away = ridge.predict(TESTED).mean[:, target] - said
        there = TESTED.hours > 24  # the first window of training does not know all
        np.testing.assert_allclose(total(found)[there], away[there], rtol=1e-6, atol=1e-9)


def test_that_linear_explainer_and_expected_gradients_agree(ridge):
    exact = factory.linear_shap(ridge, TESTED, BACKGROUND, GROUP, 0)[0].sum(axis=1)
    drawn = factory.gradient_shap(ridge, TESTED, BACKGROUND, GROUP, 0, 200, 1)[0].sum(axis=1)
    assert np.corrcoef(exact.ravel(), drawn.ravel())[0, 1] > 0.98


def test_that_trees_add_up_exactly_to_the_difference_from_each_own_baseline(forest):
    baseline = TRAINING.take(np.array([np.flatnonzero(TRAINING.hours == hour)[1] for hour in TESTED.hours]))
    away = forest.predict(TESTED).mean - forest.predict(baseline).mean
    for target in (0, 1):
        found = factory.tree_shap(forest, TESTED, baseline, target)
        np.testing.assert_allclose(total(found), away[:, target], rtol=1e-6, atol=1e-6 * np.abs(away[:, target]).mean())
        assert found[0].any()


def test_that_trees_add_up_where_values_lie_just_above_thresholds(forest):
    """shap by itself rounds the thresholds up to them."""
    trees, table = forest.fitted.trees, forest.fitted.design.table(TESTED).astype(np.float32)
    nearest = np.abs(table[:, trees.feature] - trees.threshold).argmin(axis=0)
    leaf = trees.left == np.arange(len(trees.left))
    met = np.where(leaf, 0.0, table[nearest, trees.feature])
    model = factory.create("random_forest", {"trees": 20}, forest.plan)
    model.restore(forest.arrays() | {"threshold": np.nextafter(met.astype(np.float64), -np.inf)})
    baseline = TESTED.take(np.roll(np.arange(len(TESTED)), 3))
    baseline = replace(TESTED, x=baseline.x, last=baseline.last)
    away = (model.predict(TESTED).mean - model.predict(baseline).mean)[:, 0]
    np.testing.assert_allclose(total(factory.tree_shap(model, TESTED, baseline, 0)), away, rtol=1e-6, atol=1e-9)


def test_that_trees_credit_the_channel_that_differs_alone(forest):
    x = TESTED.x.copy()
    x[:, -1, CHANNELS.index("temperature")] += 1.0
    by_step, last = factory.tree_shap(forest, replace(TESTED, x=x), TESTED, 0)
    others = [place for place, name in enumerate(CHANNELS) if name != "temperature"]
    assert by_step[:, :, 0].any()
    assert not by_step[:, :, others].any()
    assert not last.any()


def test_that_trees_credit_the_last_titer_of_a_forecast():
    model = fitted("random_forest", {"trees": 20}, WINDOWS, "forecast")
    later = TESTED.take(TESTED.hours > 24)
    by_step, last = factory.tree_shap(model, replace(later, last=later.last + 0.5), later, 0)
    np.testing.assert_allclose(last[:, 0], 0.5)
    assert not by_step.any()
    assert not last[:, 1].any()


def test_that_explainers_refuse_models_that_are_not_theirs(forest, ridge):
    with pytest.raises(TrainingError, match="no gradients"):
        factory.gradient_shap(forest, TESTED, BACKGROUND, GROUP, 0, 5, 1)
    with pytest.raises(TrainingError, match="needs a linear model"):
        factory.linear_shap(forest, TESTED, BACKGROUND, GROUP, 0)
    with pytest.raises(TrainingError, match="needs a random forest"):
        factory.tree_shap(ridge, TESTED, TESTED, 0)


def test_that_another_backend_is_told(ridge, monkeypatch):
    monkeypatch.setattr(backend, "NAME", "jax")
    with pytest.raises(TrainingError, match="need TensorFlow; networks are computed by jax"):
        factory.gradient_shap(ridge, TESTED, BACKGROUND, GROUP, 0, 5, 1)
