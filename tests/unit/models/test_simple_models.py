import numpy as np
import pytest
from little_plant import fake_windows

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError, OptionsError
from mabdesk.models import factory, kernel
from mabdesk.models.curves import fit_curve
from mabdesk.models.folding import batch_folds
from mabdesk.models.linear import ridge_solver
from mabdesk.models.pls import pls_solver
from mabdesk.models.settings import KINDS
from mabdesk.progress import SILENT

SIMPLE = tuple(kind for kind, known in KINDS.items() if known.simple)
SMALL = {"random_forest": {"trees": 20}}


def parts(windows):
    names = sorted(set(windows.batch_ids))
    return windows.of(names[:-4]), windows.of(names[-4:-2]), windows.of(names[-2:])


def fitted(kind, windows, preset="soft_sensor", seed=1):
    training, validation, _ = parts(windows)
    model = factory.create(kind, SMALL.get(kind, {}), WindowPlan(preset=preset))
    model.fit(training, validation, seed, SILENT)
    return model


def error(model, windows):
    return float(np.sqrt(np.mean((model.predict(windows).mean[:, 0] - windows.y[:, 0]) ** 2)))


@pytest.mark.parametrize("kind", SIMPLE)
@pytest.mark.parametrize("preset", ["soft_sensor", "forecast"])
def test_that_a_restored_model_predicts_bit_for_bit_alike(kind, preset):
    windows = fake_windows()
    model = fitted(kind, windows, preset)
    again = factory.create(kind, {}, WindowPlan(preset=preset))
    again.restore(model.arrays())
    test = parts(windows)[2]
    assert np.array_equal(again.predict(test).mean, model.predict(test).mean)
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in model.arrays().values())
    assert again.parameters() == model.parameters() > 0


@pytest.mark.parametrize("kind", SIMPLE)
def test_that_the_same_seed_gives_the_same_numbers(kind):
    first, second = (fitted(kind, fake_windows()).arrays() for _ in range(2))
    assert first.keys() == second.keys()
    assert all(np.array_equal(array, second[name]) for name, array in first.items())


def test_that_another_seed_grows_other_trees():
    first, second = (fitted("random_forest", fake_windows(), seed=seed).arrays() for seed in (1, 2))
    assert not np.array_equal(first["value"], second["value"])


@pytest.mark.parametrize("kind", [kind for kind in SIMPLE if hasattr(KINDS[kind].settings(), "physical")])
def test_that_physical_targets_beat_the_mean_trajectory_by_far(kind):
    windows = fake_windows(batches=14)
    test = parts(windows)[2]
    assert error(fitted(kind, windows), test) < 0.5 * error(fitted("mean_trajectory", windows), test)


@pytest.mark.parametrize("preset", ["soft_sensor", "forecast"])
def test_that_a_site_without_vcd_still_gets_a_model(preset):
    windows = fake_windows(batches=14, channels=("temperature", "ph", "dead", "culture_age"))
    test = parts(windows)[2]
    assert error(fitted("ridge", windows, preset), test) < error(fitted("mean_trajectory", windows), test)


def test_that_the_last_value_is_what_was_last_measured_and_else_the_typical_course():
    windows = fake_windows()
    model, test = fitted("last_value", windows), parts(windows)[2]
    predicted = model.predict(test).mean
    there = np.isfinite(test.last)
    assert np.array_equal(predicted[there], test.last[there])
    typical = fitted("mean_trajectory", windows).predict(test).mean
    assert np.array_equal(predicted[~there], typical[~there])
    assert (~there[:, 0]).any()


def test_that_unknown_values_and_constant_channels_do_no_harm():
    windows = fake_windows()
    test = parts(windows)[2]
    test.x[0] = np.nan
    test.x[1, :, 2] = 1e6  # "dead" was constant in training
    assert np.isfinite(fitted("ridge", windows).predict(test).mean).all()
    clean = parts(fake_windows())[2]
    assert np.array_equal(
        fitted("ridge", windows).predict(test).mean[1], fitted("ridge", windows).predict(clean).mean[1]
    )


def test_that_a_target_that_was_never_measured_is_refused():
    windows = fake_windows()
    windows.y[:, 1] = np.nan
    with pytest.raises(DataError, match="aggregates"):
        fitted("ridge", windows)


def test_that_missing_targets_are_left_out_of_the_fit():
    windows = fake_windows()
    windows.y[::3, 0] = np.nan
    assert np.isfinite(fitted("pls", windows).predict(parts(windows)[2]).mean).all()


def test_that_the_ridge_solves_the_weighted_normal_equations():
    rng = np.random.default_rng(0)
    table, rates, weights = rng.normal(size=(50, 3)), rng.normal(size=50), rng.uniform(0.1, 2, 50)
    found = ridge_solver(2.0)(table, rates, weights, np.array(["A"] * 50))
    residual = rates - found[0] - table @ found[1:]
    assert weights @ residual == pytest.approx(0, abs=1e-9)
    assert (weights * residual) @ table == pytest.approx(2.0 * found[1:], abs=1e-9)


def test_that_pls_with_all_components_is_weighted_least_squares():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(60, 3))
    rates, weights = table @ [1.0, -2.0, 0.5] + 3, rng.uniform(0.5, 2, 60)
    found = pls_solver(3, 3, 0)(table, rates, weights, np.repeat([f"B{i}" for i in range(6)], 10))
    assert found == pytest.approx([3, 1, -2, 0.5], abs=1e-6)


def test_that_a_curve_follows_daily_means_and_stays_flat_outside():
    hours = np.tile(24.0 * np.arange(1, 8), 5)
    curve = fit_curve(hours, hours / 24 + np.repeat([-1, -0.5, 0, 0.5, 1], 7), np.repeat(list("ABCDE"), 7))
    assert curve.at(np.array([24.0, 60.0, 168.0])) == pytest.approx([1, 2.5, 7], abs=0.02)
    assert curve.at(np.array([0.0, 500.0])) == pytest.approx([1, 7], abs=0.05)


def test_that_inner_folds_keep_batches_whole():
    ids = np.repeat([f"B{i}" for i in range(7)], 5)
    folds = batch_folds(ids, 3, 0)
    assert all(len(set(folds[ids == name])) == 1 for name in set(ids))
    assert set(folds) == {0, 1, 2}


def test_that_an_unknown_model_or_setting_is_refused():
    with pytest.raises(OptionsError, match="no model 'forest'"):
        factory.create("forest", {}, WindowPlan())
    with pytest.raises(OptionsError, match="Unknown settings"):
        factory.create("ridge", {"beta": 1}, WindowPlan())
    with pytest.raises(OptionsError):
        factory.create("ridge", {"alpha": -1.0}, WindowPlan())


def test_that_the_gaussian_process_bends_where_the_ridge_cannot():
    windows = fake_windows(batches=14)
    rng = np.random.default_rng(0)
    level = rng.uniform(-2, 2, len(windows))
    windows.x[:, :, 0] = level[:, None]
    windows.y[:, 0] = (1 + 0.3 * level**2) * windows.final("ivcd")
    training, validation, test = parts(windows)
    errors = {}
    for kind in ("ridge", "gaussian_process"):
        model = factory.create(kind, {"noise": 0.01} if kind != "ridge" else {}, WindowPlan())
        model.fit(training, validation, 1, SILENT)
        errors[kind] = error(model, test)
    assert errors["gaussian_process"] < 0.5 * errors["ridge"]


def test_that_thousands_of_windows_are_thinned_for_the_gaussian_process(monkeypatch):
    windows = fake_windows(batches=20, days=30, steps=2)
    monkeypatch.setattr(kernel, "MOST_ROWS", 100)
    model = factory.create("gaussian_process", {}, WindowPlan())
    model.fit(windows, windows.take(windows.hours < 0), 1, SILENT)
    assert len(model.arrays()["support"]) == 100


def test_that_thinning_does_not_lose_what_is_measured_at_harvest_alone(monkeypatch):
    windows = fake_windows(batches=20, days=20, steps=2)
    monkeypatch.setattr(kernel, "MOST_ROWS", 200)  # every other row: all harvests lie on odd rows
    windows.y[windows.hours < windows.hours.max(), 1] = np.nan
    assert 5 <= np.isfinite(kernel.thinned(windows).y[:, 1]).sum() <= 15
