import numpy as np
import pytest

from mabdesk.analysis.results import Samples
from mabdesk.analysis.scoring import rmse_difference, verdict

IDS = np.repeat([f"B{i:02d}" for i in range(20)], 8)
RNG = np.random.default_rng(3)


def samples(*deviations, ids=IDS):
    truth = RNG.normal(2, 1, len(ids))
    predicted = np.stack([truth + RNG.normal(0, deviation, len(ids)) for deviation in deviations])
    hours = np.zeros(len(ids))
    return Samples(ids, hours, hours, truth[:, None], truth[:, None] * 0, predicted[:, :, None], hours.astype(np.int64))


def test_that_a_clear_gain_is_called_better_with_its_interval():
    sentence = verdict(0, [1], ("CNN-LSTM", "PLS"), "g/L", "titer", samples(0.1, 0.3), 1)
    assert sentence.startswith("CNN-LSTM is better than PLS by 0.")
    assert "95 %" in sentence


def test_that_a_tie_names_the_simpler_model_to_use():
    sentence = verdict(0, [1], ("CNN-LSTM", "PLS"), "g/L", "titer", samples(0.2, 0.2), 1)
    assert "is not better than PLS" in sentence
    assert sentence.endswith("Use PLS, the simpler model.")


def test_that_the_simpler_of_two_models_is_named_by_what_it_is():
    near = samples(0.2, 0.205)
    labels = ("Mean trajectory", "Gaussian process")
    sentence = verdict(0, [1], labels, "g/L", "titer", near, 1, kinds=("mean_trajectory", "gaussian_process"))
    assert "Gaussian process, the simpler model" not in sentence
    other = verdict(0, [1], labels[::-1], "g/L", "titer", near, 1, kinds=("gaussian_process", "mean_trajectory"))
    assert "is better" in other or "Mean trajectory, the simpler model" in other


def test_that_a_worse_model_is_called_worse():
    assert "CNN-LSTM is worse than PLS" in verdict(0, [1], ("CNN-LSTM", "PLS"), "g/L", "titer", samples(0.4, 0.1), 1)


def test_that_the_best_rival_is_the_one_to_beat():
    assert "PLS" in verdict(0, [1, 2], ("CNN-LSTM", "Mean", "PLS"), "g/L", "titer", samples(0.2, 0.6, 0.2), 1)


def test_that_two_batches_are_too_few_for_a_verdict():
    few = samples(0.1, 0.3, ids=np.repeat(["A", "B"], 5))
    assert "too few test batches" in verdict(0, [1], ("CNN-LSTM", "PLS"), "g/L", "titer", few, 1)


def test_that_the_interval_repeats_with_its_seed_and_covers_the_difference():
    errors = RNG.normal(0, 0.3, len(IDS)), RNG.normal(0, 0.1, len(IDS))
    low, high = rmse_difference(*errors, IDS, 5)
    assert (low, high) == rmse_difference(*errors, IDS, 5)
    assert low < np.sqrt(np.mean(errors[0] ** 2)) - np.sqrt(np.mean(errors[1] ** 2)) < high
    assert low == pytest.approx(0.2, abs=0.06)
