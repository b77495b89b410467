"""The process networks: balances that close, one code for two engines, members that never saw their fold."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from mabdesk.data.history.plans import KNOWN_LEVERS, STATES, History, Plans, Samples, lay_out
from mabdesk.errors import DataError
from mabdesk.models.process.calibrating import believed_share, out_of_fold, share_of
from mabdesk.models.process.ensemble import Ensemble, at_harvest, at_hours, ensemble_from
from mabdesk.models.process.fitting import Course, fit_ensemble, folds_of
from mabdesk.models.process.learner import Pull, random_weights
from mabdesk.models.process.plants import Start
from mabdesk.models.process.pretraining import Schooling, pretrain
from mabdesk.models.process.prior import chosen_prior, prior_bytes, read_prior
from mabdesk.models.process.rollout import NUMPY, VOLUME, Sizes, arranged, rollout
from mabdesk.models.process.site import encode, fit_site
from mabdesk.progress import SILENT

DAYS, BATCHES = 4, 10
TINY = Sizes(memory=4, dense=4, plant=2)
QUICK = Course(6, 5e-3, 4.0, 0.0, Pull())


def little_history(seed: int = 1, quality: tuple[str, ...] = ()) -> History:
    rng = np.random.default_rng(seed)
    settings = np.tile([36.8, 34.5, 2.0, 7.0, 40.0, 4.0, 0.04, 1.0, 0.5, float(DAYS)], (BATCHES, 1))
    settings[:, 0] += rng.normal(0, 0.4, BATCHES)
    settings[:, 3] += rng.normal(0, 0.1, BATCHES)
    planned = lay_out(KNOWN_LEVERS, settings, DAYS)
    days = np.arange(DAYS + 1.0)
    cells = 0.5 * np.exp(0.6 * days + 0.1 * (settings[:, :1] - 36.8) * days)
    columns = [cells, 97 - days + 0 * cells, 6 - 0.8 * days + 0 * cells, 0.2 + 0.3 * days + 0 * cells]
    columns += [0.4 + 0.2 * days + 0 * cells, np.exp(0.03 * days) + 0 * cells, 0.02 * np.cumsum(cells, axis=1) - 0.01]
    columns += [2 + 0.1 * days + 0 * cells for _ in quality]
    values = np.stack(columns, axis=2) * rng.normal(1, 0.02, (BATCHES, DAYS + 1, len(columns)))
    recorded = replace(planned, initial=values[:, 0, :5])
    hours = np.tile(24.0 * days, (BATCHES, 1))
    ids = tuple(f"B{i}" for i in range(BATCHES))
    return History(ids, KNOWN_LEVERS, settings, planned, recorded, Samples((*STATES, *quality), hours, values), quality)


def random_ensemble(history: History, members: int = 2, strength: float = 3.0) -> Ensemble:
    sizes = replace(TINY, quality=len(history.quality))
    drawn = {name: strength * value for name, value in random_weights(sizes, members, 5).items()}
    drawn |= {name: np.zeros((members, *s), dtype=np.float32) for name, s in sizes.shapes().items() if 0 in s}
    own = {
        name: np.zeros((members, 1, 2 if name != "made" else 1), dtype=np.float32) for name in ("site", "tag", "made")
    }
    start = Start({}, np.zeros(2, dtype=np.float32), np.eye(2, dtype=np.float32))
    return Ensemble(sizes, (fit_site(history),) * members, drawn, own, start, 4.0)


def inputs_of(plans: Plans, ensemble: Ensemble) -> dict[str, np.ndarray]:
    plant = np.zeros((ensemble.members, len(plans), plans.days, 2), dtype=np.float32)
    return arranged(NUMPY, encode(plans, ensemble.sites)) | {"plant": plant}


@pytest.fixture(scope="session")
def history() -> History:
    return little_history()


@pytest.fixture(scope="session")
def fitted(history: History) -> Ensemble:
    return fit_ensemble(history, folds_of(BATCHES, 3, 1), None, 1, SILENT, QUICK)


def test_that_both_engines_roll_the_same_courses_out(history: History) -> None:
    ensemble = random_ensemble(history)
    inputs = inputs_of(history.planned, ensemble)
    states, _ = rollout(NUMPY, ensemble.kernels, inputs, DAYS)
    tensors = {name: keras.ops.convert_to_tensor(value) for name, value in inputs.items()}
    weights = {name: keras.ops.convert_to_tensor(value) for name, value in ensemble.kernels.items()}
    others, _ = rollout(keras.ops, weights, tensors, DAYS)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(others), states, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("strength", [1.0, 5.0, 30.0])
def test_that_nothing_is_negative_and_titer_never_falls_whatever_the_weights(history: History, strength: float) -> None:
    found = random_ensemble(history, strength=strength).courses(history.planned).daily
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (np.diff(found[..., STATES.index("titer")], axis=2) >= 0).all()
    assert (found[..., STATES.index("viability")] <= 100).all()


def test_that_volume_and_glucose_balances_close(history: History) -> None:
    ensemble = random_ensemble(history)
    given = np.ones((BATCHES, DAYS))
    daily = ensemble.courses(history.planned, given).daily
    fed = np.cumsum(history.planned.volume_feed, axis=1)
    np.testing.assert_allclose(daily[0, :, 1:, VOLUME], np.exp(fed), rtol=1e-5)
    kept = np.exp(-history.planned.volume_feed)
    half = 1 - history.planned.volume_feed / 2
    glucose = daily[0, :, :, STATES.index("glucose")]
    most = glucose[:, :-1] * kept + history.planned.glucose_feed * half
    assert (glucose[:, 1:] <= most + 1e-4).all()  # cells take glucose up, and make none


def test_that_feeds_recorded_are_taken_as_they_are(history: History) -> None:
    ensemble = random_ensemble(history)
    planned, recorded = ensemble.courses(history.planned), ensemble.courses(history.planned, np.ones((BATCHES, DAYS)))
    assert not np.allclose(planned.daily[..., VOLUME], recorded.daily[..., VOLUME])


def test_that_the_numbers_survive_being_kept(fitted: Ensemble, history: History) -> None:
    again = ensemble_from(fitted.arrays())
    np.testing.assert_array_equal(again.courses(history.planned).daily, fitted.courses(history.planned).daily)


def test_that_the_same_seed_gives_the_same_networks_and_another_seed_others(history: History, fitted: Ensemble) -> None:
    folds = folds_of(BATCHES, 3, 1)
    again = fit_ensemble(history, folds, None, 1, SILENT, QUICK)
    np.testing.assert_array_equal(again.kernels["rates"], fitted.kernels["rates"])
    other = fit_ensemble(history, folds, None, 2, SILENT, QUICK)
    assert not np.array_equal(other.kernels["rates"], fitted.kernels["rates"])


def test_that_a_member_never_learns_from_its_own_fold(history: History, fitted: Ensemble) -> None:
    folds = folds_of(BATCHES, 3, 1)
    values = history.samples.values.copy()
    values[folds == 0, 2:, STATES.index("titer")] *= 1.5
    changed = replace(history, samples=replace(history.samples, values=values))
    after = fit_ensemble(changed, folds, None, 1, SILENT, QUICK)
    for name in ("rates", "lstm_inputs"):
        np.testing.assert_allclose(after.kernels[name][0], fitted.kernels[name][0], rtol=0, atol=1e-7)
        assert not np.allclose(after.kernels[name][1], fitted.kernels[name][1], atol=1e-5)
    for name, value in after.sites[0].arrays().items():
        np.testing.assert_array_equal(value, fitted.sites[0].arrays()[name])
    assert after.sites[1].titer_rate != fitted.sites[1].titer_rate


def test_that_training_brings_courses_nearer_to_what_was_measured(history: History) -> None:
    folds = np.zeros(BATCHES, dtype=np.intp)

    def error(steps: int) -> float:
        found = fit_ensemble(history, folds, None, 1, SILENT, replace(QUICK, steps=steps))
        titer = at_hours(found.courses(history.planned).both(), history.samples.hours)[0, :, :, STATES.index("titer")]
        return float(np.mean((titer - history.samples.column("titer")) ** 2))

    assert error(60) < 0.5 * error(1)


def test_that_out_of_fold_takes_the_member_that_left_the_batch_out(history: History, fitted: Ensemble) -> None:
    folds = folds_of(BATCHES, 3, 1)
    found, whole = out_of_fold(fitted, history.planned, folds), fitted.courses(history.planned).both()
    for i, fold in enumerate(folds):
        np.testing.assert_array_equal(found.courses[i], whole[fold, i])


def test_that_harvest_between_two_days_lies_between_their_values() -> None:
    courses = np.arange(5.0)[None, :, None]
    assert at_harvest(courses, np.array([36.0])) == pytest.approx(1.5)


def test_that_tags_move_a_batch_only_where_they_were_learned(history: History) -> None:
    lines = np.array([["A"], ["B"]] * (BATCHES // 2))
    tagged = replace(
        history,
        tags=("cell_line",),
        planned=replace(history.planned, tags=lines),
        recorded=replace(history.recorded, tags=lines),
    )
    found = fit_ensemble(tagged, np.zeros(BATCHES, dtype=np.intp), None, 1, SILENT, QUICK)
    assert found.sites[0].tags == ("cell_line=A", "cell_line=B")
    other = found.courses(replace(tagged.planned, tags=np.full((BATCHES, 1), "C"))).daily
    assert not np.allclose(found.courses(tagged.planned).daily, other)


def test_that_the_share_follows_what_errs_less_and_holds_to_the_belief_where_nothing_is_known() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(3, 1, 4000)
    network, surface = true + rng.normal(0, 0.1, 4000), true + rng.normal(0, 1.0, 4000)
    assert share_of(network, surface, true, 0.5) > 0.9
    assert share_of(surface, network, true, 0.5) < 0.1
    assert share_of(network[:1], surface[:1], np.array([np.nan]), 0.5) == 0.5
    assert believed_share(10, True) > believed_share(100, True)


@pytest.fixture(scope="session")
def learned() -> bytes:
    plants = [little_history(seed, ("aggregates",)) for seed in range(3)]
    return prior_bytes(pretrain(plants, Schooling(steps=4, plants=2, batches=3, sizes=TINY), 1, SILENT))


def test_that_a_prior_is_kept_and_read_whole_and_starts_networks(learned: bytes, history: History) -> None:
    prior = read_prior(learned, "prior.npz")
    assert prior.quality == ("aggregates",)
    assert prior.sizes.plant == 2
    found = fit_ensemble(history, folds_of(BATCHES, 2, 1), prior, 1, SILENT, replace(QUICK, steps=1, rate=1e-9))
    np.testing.assert_allclose(found.kernels["rates"][0], prior.weights["rates"][0], atol=1e-6)


def test_that_the_same_seed_gives_the_same_prior_bit_for_bit(learned: bytes) -> None:
    plants = [little_history(seed, ("aggregates",)) for seed in range(3)]
    assert prior_bytes(pretrain(plants, Schooling(steps=4, plants=2, batches=3, sizes=TINY), 1, SILENT)) == learned


@pytest.mark.parametrize("content", [b"", b"no prior at all", b"PK\x03\x04" + b"\0" * 40])
def test_that_a_file_that_is_no_prior_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="no prior"):
        read_prior(content, "other.npz")


def test_that_the_shipped_prior_is_there_small_and_named_by_its_hash() -> None:
    prior, words = chosen_prior("shipped")
    assert prior is not None
    assert set(prior.quality) == {"aggregates", "galactosylation", "acidic_variants"}
    assert "simulated plants" in words
    assert "SHA-256" in words
    assert chosen_prior("off") == (None, "")


def test_that_a_prior_that_is_not_there_is_said() -> None:
    with pytest.raises(DataError, match=r"cannot be read"):
        chosen_prior("/nowhere/prior.npz")
