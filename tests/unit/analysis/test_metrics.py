import numpy as np
import pytest

from mabdesk.analysis import metrics

RNG = np.random.default_rng(0)
DAYS = np.arange(1.0, 15.0)


def many_batches(batches=40):
    ids = np.repeat([f"B{i:02d}" for i in range(batches)], len(DAYS))
    hours = np.tile(24 * DAYS, batches)
    typical = np.tile(0.02 * DAYS**2, batches)
    own = np.repeat(RNG.normal(1, 0.15, batches), len(DAYS))
    return ids, hours, typical * own, typical


def test_that_rmse_mae_and_r2_follow_their_formulas():
    truth, guess = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.5, 2.0])
    assert metrics.rmse(truth, guess) == pytest.approx(np.sqrt(1.25 / 3))
    assert metrics.mae(truth, guess) == pytest.approx(0.5)
    assert metrics.r2(truth, guess) == pytest.approx(1 - 1.25 / 2)


def test_that_one_sample_constant_truth_and_no_sample_give_nan_instead_of_a_crash():
    one, nothing = np.array([1.0]), np.zeros(0)
    assert np.isnan(metrics.r2(one, one))
    assert np.isnan(metrics.r2(np.full(5, 0.1), np.full(5, 0.2)))
    assert np.isnan(metrics.rmse(nothing, nothing))
    assert np.isnan(metrics.mae(nothing, nothing))
    assert np.isnan(metrics.dts_centered(np.array(["A"]), one, one, one, one))
    assert np.isnan(metrics.dts([one], [one]))
    assert np.isnan(metrics.dts([], []))


def test_that_centered_dts_is_one_for_the_truth_and_zero_for_the_mean_trajectory():
    ids, hours, truth, typical = many_batches()
    assert metrics.dts_centered(ids, hours, truth, truth, typical) == pytest.approx(1)
    assert metrics.dts_centered(ids, hours, truth, typical, typical) == pytest.approx(0)


@pytest.mark.parametrize("kind", ["constant", "line", "noise"])
def test_that_centered_dts_gives_nothing_to_what_ignores_the_batch_while_the_papers_dts_does(kind):
    ids, hours, truth, typical = many_batches()
    guesses = {
        "constant": np.full(len(truth), truth.mean()),
        "line": 0.05 * hours / 24,
        "noise": RNG.normal(truth.mean(), 0.5, len(truth)),
    }
    assert metrics.dts_centered(ids, hours, truth, guesses[kind], typical) == pytest.approx(0, abs=0.05)
    pairs = [(truth[ids == name], guesses[kind][ids == name]) for name in np.unique(ids)]
    assert metrics.dts([a for a, _ in pairs], [p for _, p in pairs]) > 0.85


def test_that_half_the_departure_scores_as_the_formula_says():
    ids, hours, truth, typical = many_batches(1)
    guess = typical + 0.5 * (truth - typical)
    assert metrics.dts_centered(ids, hours, truth, guess, typical) == pytest.approx(2 * 0.5 / (1 + 0.25))


def test_that_centered_dts_does_not_depend_on_the_order_of_rows():
    ids, hours, truth, typical = many_batches(5)
    guess = truth + RNG.normal(0, 0.2, len(truth))
    order = RNG.permutation(len(truth))
    shuffled = metrics.dts_centered(ids[order], hours[order], truth[order], guess[order], typical[order])
    assert shuffled == pytest.approx(metrics.dts_centered(ids, hours, truth, guess, typical))


def test_that_final_errors_take_the_last_sample_of_each_batch():
    ids = np.array(["A", "A", "B"])
    errors = metrics.final_errors(ids, np.array([48.0, 24.0, 24.0]), np.array([2.0, 1.0, 1.0]), np.array([2.5, 9, 0.8]))
    assert errors == pytest.approx([0.5, -0.2])


def test_that_titers_are_interpolated_between_samples_only():
    points = metrics.at_points(np.array([24.0, 48.0]), np.array([1.0, 2.0]), np.array([18.0, 30.0, 54.0]))
    assert np.isnan(points[[0, 2]]).all()
    assert points[1] == pytest.approx(1.25)
