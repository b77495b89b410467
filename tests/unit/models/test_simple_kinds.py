import numpy as np
import pytest
from little_plant import fake_windows
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNet
from sklearn.svm import SVR

from mabdesk.data.settings import WindowPlan
from mabdesk.models import factory, forest, support_vectors
from mabdesk.models.elastic_net import elastic_net_solver, strength_path
from mabdesk.models.linear import design, least_squares
from mabdesk.models.simple_settings import RandomForestSettings, RidgeSettings, SvrSettings
from mabdesk.progress import SILENT

BATCHES = np.repeat([f"B{i}" for i in range(8)], 10)


def learned(kind, windows, settings=None, preset="soft_sensor"):
    model = factory.create(kind, settings or {}, WindowPlan(preset=preset))
    model.fit(windows, windows.take(windows.hours < 0), 1, SILENT)
    return model


def problem(columns=5, rows=80, seed=0):
    rng = np.random.default_rng(seed)
    table, weights = rng.normal(size=(rows, columns)), rng.uniform(0.5, 2, rows)
    return table, table[:, 0] - 2 * table[:, 1] + 3 + rng.normal(0, 0.3, rows), weights


def test_that_the_usual_gain_is_added_to_the_last_value():
    windows = fake_windows()
    model, typical = learned("mean_increment", windows), learned("mean_trajectory", windows)
    known = np.isfinite(windows.last[:, 0])
    before = typical.predict(windows.take(known)).mean[:, 0] * 0 + np.interp(
        windows.last_hours[known, 0], typical.curves[0].hours, typical.curves[0].values
    )
    gain = typical.predict(windows.take(known)).mean[:, 0] - before
    assert model.predict(windows).mean[known, 0] == pytest.approx(windows.last[known, 0] + gain)
    assert np.array_equal(model.predict(windows).mean[~known], typical.predict(windows).mean[~known])
    assert (~known).any()


def test_that_each_target_gains_from_its_own_last_sample():
    windows = fake_windows()
    windows.last_hours[:, 1], windows.last[:, 1] = 24.0, 5.0
    model, typical = learned("mean_increment", windows), learned("mean_trajectory", windows)
    start = np.interp(24.0, typical.curves[1].hours, typical.curves[1].values)
    expected = 5.0 + typical.predict(windows).mean[:, 1] - start
    assert model.predict(windows).mean[:, 1] == pytest.approx(expected)


def test_that_least_squares_leave_a_residual_at_right_angles_to_every_input():
    table, rates, weights = problem()
    found = least_squares(table, rates, weights, BATCHES)
    residual = rates - found[0] - table @ found[1:]
    assert (weights * residual) @ np.column_stack([np.ones(80), table]) == pytest.approx(np.zeros(6), abs=1e-9)


def test_that_least_squares_share_among_repeated_columns_and_stand_few_rows():
    table, rates, weights = problem(columns=2)
    noise = np.float32(1) + np.float32(1e-7)  # repeated but for the rounding of float32
    twice = np.column_stack([table, table * noise])
    found = least_squares(twice, rates, weights, BATCHES)
    assert found[1:3] == pytest.approx(found[3:], abs=1e-6)
    assert found[1:3] + found[3:] == pytest.approx(least_squares(table, rates, weights, BATCHES)[1:], abs=1e-6)
    wide, few, some = problem(columns=30, rows=6)
    found = least_squares(wide, few, some, BATCHES[:6])
    assert found[0] + wide @ found[1:] == pytest.approx(few)
    assert np.abs(found[1:]).max() < 2


def test_that_the_path_of_the_elastic_net_is_that_of_the_weighted_problem():
    table, rates, weights = problem()
    path = strength_path(table, rates, weights, 0.5)
    assert path[0, 1:] == pytest.approx(np.zeros(5), abs=1e-9)
    center, level = weights @ table / weights.sum(), weights @ rates / weights.sum()
    strongest = np.abs((weights[:, None] * (table - center)).T @ (rates - level)).max() / (0.5 * 80)
    root = np.sqrt(weights)
    direct = ElasticNet(alpha=strongest * 1e-3, l1_ratio=0.5, fit_intercept=False, tol=1e-10, max_iter=10_000)
    direct.fit((table - center) * root[:, None], (rates - level) * root)
    assert path[-1, 1:] == pytest.approx(direct.coef_, abs=1e-3)


def test_that_the_elastic_net_drops_inputs_that_say_nothing():
    table, rates, weights = problem(columns=40)
    dropped = [
        int((elastic_net_solver(share, 4, 0)(table, rates, weights, BATCHES)[1:] == 0).sum()) for share in (1, 0.01)
    ]
    assert dropped[0] > 15 > dropped[1]


def test_that_the_elastic_net_judges_its_strength_on_whole_batches():
    """Inputs that tell batches apart help inside known batches alone: rows split at random would trust them."""
    rng = np.random.default_rng(3)
    table = np.repeat(rng.normal(size=(8, 20)), 10, axis=0)
    rates = np.repeat(rng.normal(size=8), 10) + rng.normal(0, 0.05, 80)
    solve = elastic_net_solver(0.5, 4, 0)
    whole = solve(table, rates, np.ones(80), BATCHES)
    leaking = solve(table, rates, np.ones(80), np.array([f"B{i}" for i in range(80)]))
    assert np.abs(whole[1:]).sum() < 0.3 * np.abs(leaking[1:]).sum()


@pytest.mark.parametrize("preset", ["soft_sensor", "forecast"])
def test_that_our_sum_over_support_vectors_is_what_scikit_learn_says(preset):
    windows = fake_windows()
    chosen = SvrSettings()
    found = support_vectors.fit_svr(windows, preset == "forecast", chosen)
    learned_design, table, rates, scale = design(windows, preset == "forecast", True)
    for j in range(2):
        level, spread = np.average(rates[:, j], weights=scale[:, j]), rates[:, j].std()
        direct = SVR(C=chosen.penalty, epsilon=chosen.tube, gamma=chosen.width / table.shape[1])
        direct.fit(table, (rates[:, j] - level) / spread, sample_weight=scale[:, j].copy())
        said = np.repeat((level + spread * direct.predict(table))[:, None], 2, axis=1)
        assert found.predict(windows)[:, j] == pytest.approx(learned_design.in_units(windows, said)[:, j], rel=1e-9)
    assert 0 < len(found.vectors) <= len(windows)


def test_that_the_mean_of_ridge_and_svr_is_just_that():
    windows = fake_windows()
    alone = [learned(kind, windows).predict(windows).mean for kind in ("ridge", "svr")]
    assert RidgeSettings().alpha == 30.0
    assert learned("ridge_svr", windows).predict(windows).mean == pytest.approx(sum(alone) / 2, rel=1e-9)


@pytest.mark.parametrize("preset", ["soft_sensor", "forecast"])
def test_that_our_trees_say_exactly_what_scikit_learns_say(preset):
    windows, unseen = fake_windows(), fake_windows(seed=9)
    chosen = RandomForestSettings(trees=20)
    model = learned("random_forest", windows, {"trees": 20}, preset)
    learned_design, table, rates, scale = design(windows, preset == "forecast", True)
    for j in range(2):
        direct = RandomForestRegressor(
            n_estimators=20, min_samples_leaf=chosen.least_leaf, max_features=chosen.share, random_state=1, n_jobs=1
        )
        direct.fit(table, rates[:, j], sample_weight=scale[:, j])
        for asked in (windows, unseen):
            said = np.repeat(direct.predict(learned_design.table(asked))[:, None], 2, axis=1)
            assert np.array_equal(model.predict(asked).mean[:, j], learned_design.in_units(asked, said)[:, j])


def test_that_a_row_on_a_threshold_goes_where_scikit_learn_sends_it():
    """scikit-learn rounds inputs to float32 before it compares: so must we."""
    rng = np.random.default_rng(0)
    table = 1.0 + 1e-7 * rng.integers(0, 12, (300, 2)) + 3e-9 * rng.normal(size=(300, 2))
    direct = RandomForestRegressor(n_estimators=5, random_state=0).fit(table, rng.normal(size=300))
    parts = forest.trees_of(direct)
    roots = np.concatenate([[0], np.cumsum([len(tree.value) for tree in parts])[:-1]])
    assert np.array_equal(forest.joined(parts, roots).mean(table, roots.astype(np.int32)), direct.predict(table))


def test_that_many_windows_are_walked_in_pieces(monkeypatch):
    windows = fake_windows()
    model = learned("random_forest", windows, {"trees": 10})
    whole = model.predict(windows).mean
    monkeypatch.setattr(forest, "_NODES", 100)
    assert np.array_equal(model.predict(windows).mean, whole)
