import numpy as np
import pytest

from mabdesk.analysis.contest import contest, differences, gain_over, resampled, verdict
from mabdesk.analysis.results import Samples

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
    assert "is not better than PLS here: use PLS, the simpler model. RMSE" in sentence


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
    errors = np.stack([RNG.normal(0, 0.3, len(IDS)), RNG.normal(0, 0.1, len(IDS))])
    first, again = (gain_over([0], 1, resampled(errors, IDS, 5)) for _ in range(2))
    assert first == again
    assert first.low < first.value < first.high
    assert first.low == pytest.approx(0.2, abs=0.06)
    assert first.value == pytest.approx(np.sqrt(np.mean(errors[0] ** 2)) - np.sqrt(np.mean(errors[1] ** 2)))


def test_that_batches_not_samples_are_what_repeats():
    own = np.repeat(RNG.normal(0, 0.3, 20), 8)
    errors = np.stack([own + 0.01 * RNG.normal(size=160), RNG.normal(0, 0.29, 160)])
    whole = gain_over([0], 1, resampled(errors, IDS, 1))
    single = gain_over([0], 1, resampled(errors, np.arange(160).astype(str), 1))
    assert whole.high - whole.low > 1.3 * (single.high - single.low)


def test_that_intervals_hold_although_the_rival_was_chosen_on_the_same_samples():
    random, held, better = np.random.default_rng(7), 0, 0
    ids = np.repeat(np.arange(30).astype(str), 4)
    for _ in range(150):
        errors = random.normal(0, np.repeat(random.lognormal(0, 0.5, (7, 30)), 4, axis=1))
        gain = gain_over(range(1, 7), 0, resampled(errors, ids, 1))
        held += gain.low <= 0 <= gain.high  # in truth, all seven are alike
        better += gain.low > 0
    assert held >= 0.9 * 150
    assert better <= 0.04 * 150


def test_that_a_model_chosen_as_the_best_must_hold_against_every_rival():
    errors = np.stack([RNG.normal(0, deviation, 160) for deviation in (0.2, 0.21, 0.21, 0.21, 0.21)])
    found = resampled(errors, IDS, 1)
    assert gain_over([1, 2, 3, 4], 0, found, winner=True).low < gain_over([1, 2, 3, 4], 0, found).low


def test_that_every_model_meets_the_best_fair_simple_one_and_that_one_the_next_best():
    kinds = ("last_value", "ridge", "pls", "cnn_lstm", "cnn_lstm_paper")
    found = {d.model: d for d in differences(kinds, "soft_sensor", ("titer",), samples(0.05, 0.2, 0.3, 0.1, 0.5), 1)}
    assert {model: d.rival for model, d in found.items()} == {
        "last_value": "ridge", "ridge": "pls", "pls": "ridge", "cnn_lstm": "ridge", "cnn_lstm_paper": "ridge",
    }  # fmt: skip
    assert found["cnn_lstm"].low > 0 > found["cnn_lstm_paper"].high
    forecast = differences(kinds, "forecast", ("titer",), samples(0.05, 0.2, 0.3, 0.1, 0.5), 1)
    assert {d.rival for d in forecast} == {"last_value", "ridge"}


def test_that_the_improved_network_is_the_candidate_else_the_best_network_else_the_best_model():
    errors = samples(0.3, 0.2, 0.5, 0.25, 0.9)
    kinds = ("pls", "ridge", "lstm", "cnn", "cnn_lstm")
    assert contest(kinds, "soft_sensor", False, errors) == (4, [0, 1])
    assert contest((*kinds[:4], "feed_forward"), "soft_sensor", False, errors) == (3, [0, 1])
    assert contest(("pls", "ridge", "svr", "linear", "elastic_net"), "soft_sensor", False, errors) == (1, [0, 2, 3, 4])
    assert contest(kinds, "soft_sensor", True, errors) == (0, [1])


def test_that_without_a_rival_or_a_measurement_nothing_is_claimed():
    assert "nothing simpler stood beside it" in verdict(0, [], ("CNN-LSTM",), "g/L", "titer", samples(0.1), 1)
    empty = samples(0.1, 0.2)
    empty.measured[:] = np.nan
    assert "nothing simpler" in verdict(0, [1], ("CNN-LSTM", "PLS"), "g/L", "titer", empty, 1)
    assert differences(("ridge", "pls"), "forecast", ("titer",), empty, 1) == ()
