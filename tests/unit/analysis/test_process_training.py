"""A process model learns from training batches alone, and stands beside what one would have used instead."""

from dataclasses import replace

import numpy as np
import pytest
from process_study import KNOWN, TESTED, StandIn, changed, scaled, trained

from mabdesk.analysis.process.planned import ProcessTraining
from mabdesk.analysis.process.scores import NAMES, PROCESS, RIVALS, Judged
from mabdesk.analysis.process.training import NO_TEST
from mabdesk.analysis.process.verdict import verdict
from mabdesk.data.batch import Measurements, Split
from mabdesk.data.history.plans import History, Plans, Samples
from mabdesk.errors import DataError

FITTED = ("gains", "courses", "days", "verdict")


def arrays(history: History) -> list[np.ndarray]:
    parts = [history.settings]
    for one in (history.planned, history.recorded, history.samples):
        assert isinstance(one, Plans | Samples)
        parts += [value for value in vars(one).values() if isinstance(value, np.ndarray)]
    return parts


@pytest.fixture(scope="module")
def plain(process_study):
    """What comes of the batches as they are, and the stand-in that was asked."""
    stand_in = StandIn(process_study.model)
    return stand_in, trained(process_study.dataset, process_study.split, stand_in.makers)


@pytest.mark.parametrize("part", ["test", "locked"])
def test_that_a_changed_batch_outside_of_training_changes_nothing_that_is_fitted(process_study, plain, part):
    dataset, split = process_study.dataset, process_study.split
    before, first = plain
    after = StandIn(process_study.model)
    other = changed(dataset, getattr(split, part), lambda batch: scaled(batch, 1.1))
    second = trained(other, split, after.makers)
    assert before.histories[0].ids == after.histories[0].ids == (*split.train, *split.validation)
    for mine, its in zip(arrays(before.histories[0]), arrays(after.histories[0]), strict=True):
        np.testing.assert_array_equal(mine, its)
    for mine, its in zip(before.targets, after.targets, strict=True):
        np.testing.assert_array_equal(mine, its)
    assert [getattr(first.evaluation, name) for name in FITTED] == [getattr(second.evaluation, name) for name in FITTED]
    same = first.evaluation.scores == second.evaluation.scores
    assert same == (part == "locked")  # what is measured on test batches does change


def test_that_the_same_seed_gives_the_same_numbers(process_study, plain):
    again = trained(process_study.dataset, process_study.split, StandIn(process_study.model).makers)
    assert repr(again.evaluation) == repr(plain[1].evaluation)


def test_that_all_samples_that_are_learned_from_were_measured(process_study):
    stand_in = StandIn(process_study.model)
    holed = changed(process_study.dataset, process_study.split.train[:3], without_titer_in_the_middle)
    trained(holed, process_study.split, stand_in.makers)
    history = stand_in.histories[0]
    for row, batch in enumerate(holed.only(history.ids).batches):
        measured = batch.offline.column("titer")
        learned = history.samples.column("titer")[row]
        np.testing.assert_array_equal(learned[np.isfinite(learned)], measured[np.isfinite(measured)])


def without_titer_in_the_middle(batch):
    values = batch.offline.values.copy()
    values[4:9, batch.offline.names.index("titer")] = np.nan
    return replace(batch, offline=Measurements(batch.offline.names, batch.offline.hours, values))


def test_that_every_model_is_judged_on_the_same_batches(process_study):
    evaluation, model = process_study.training.evaluation, process_study.model
    assert (evaluation.batches, evaluation.test_batches) == (KNOWN, TESTED)
    found = {(score.model, score.output, score.on): score for score in evaluation.scores}
    assert set(found) == {(kind, output, on) for kind in NAMES for output in model.outputs for on in ("folds", "test")}
    assert {score.n for score in evaluation.scores if score.on == "folds"} == {KNOWN}
    titer = model.known.measured[:, 0]
    for kind, said in (
        (PROCESS, model.known.said),
        (NAMES_OF_PARTS[0], model.known.network),
        (NAMES_OF_PARTS[1], model.known.surface),
    ):
        expected = np.sqrt(np.mean((said[:, 0] - titer) ** 2))
        assert found[kind, "titer", "folds"].rmse == pytest.approx(expected)
    assert {gain.rival for gain in evaluation.gains} == set(RIVALS)
    for gain in evaluation.gains:
        parts = found[gain.rival, gain.output, "folds"].rmse - found[PROCESS, gain.output, "folds"].rmse
        assert gain.gain == pytest.approx(parts)
        assert gain.low <= gain.gain <= gain.high


NAMES_OF_PARTS = ("network", "gaussian_process_quadratic")


def test_that_courses_and_bands_are_counted_at_real_samples(process_study):
    evaluation, model = process_study.training.evaluation, process_study.model
    courses = {score.variable: score for score in evaluation.courses}
    assert set(courses) == set(model.names)
    titer = model.names.index("titer")
    assert courses["titer"].n == np.isfinite(model.known.samples[:, :, titer]).sum()
    assert 0 < courses["titer"].typical_rmse < courses["titer"].sd
    bands = {(score.variable, score.final): score for score in evaluation.bands}
    assert bands["titer", True].n == TESTED
    assert bands["titer", True].covered >= 0.5
    assert bands["titer", False].n == sum(
        np.isfinite(batch.offline.column("titer")).sum()
        for batch in process_study.dataset.only(process_study.split.test).batches
    )


def test_that_too_few_batches_or_no_titer_are_refused_before_anything_is_fitted(process_study):
    dataset, split, stand_in = process_study.dataset, process_study.split, StandIn(process_study.model)
    with pytest.raises(DataError, match="at least 8 batches with titer; received 5"):
        trained(dataset, Split(split.train[:5], (), split.test, ()), stand_in.makers)
    blank = changed(dataset, dataset.ids, without_titer)
    with pytest.raises(DataError, match="needs titer"):
        trained(blank, split, stand_in.makers)
    assert not stand_in.histories


def without_titer(batch):
    values = batch.offline.values.copy()
    values[:, batch.offline.names.index("titer")] = np.nan
    return replace(batch, offline=Measurements(batch.offline.names, batch.offline.hours, values))


def test_that_training_works_without_test_batches_and_says_so(process_study):
    split = replace(process_study.split, test=(), locked=())
    found = trained(process_study.dataset, split, StandIn(process_study.model).makers)
    assert isinstance(found, ProcessTraining)
    assert NO_TEST in found.notes
    assert found.evaluation.bands == ()
    assert {score.on for score in found.evaluation.scores} == {"folds"}


def judged(process: float, rival: float, batches: int = 40) -> Judged:
    """Return errors of two sizes, drawn apart; all other models are far off."""
    random = np.random.default_rng(5)
    measured = random.normal(3.0, 1.0, (batches, 1))
    said = {kind: measured + 2.0 * random.normal(size=measured.shape) for kind in NAMES}
    said[PROCESS] = measured + process * random.normal(size=measured.shape)
    said["gaussian_process"] = measured + rival * random.normal(size=measured.shape)
    return Judged("folds", tuple(f"B{i}" for i in range(batches)), measured, said)


def test_that_the_verdict_names_who_is_better_and_a_winning_rival_first():
    assert verdict(judged(0.1, 0.4), "Titer", "g/L", 1).startswith(
        "Process model better than the Gaussian process on titer at harvest: RMSE 0."
    )
    lost = verdict(judged(0.4, 0.1), "Titer", "g/L", 1)
    assert lost.startswith("Gaussian process better than the process model on titer at harvest: RMSE 0.")
    assert "Use it for titer" in lost
    assert "not" in verdict(judged(0.3, 0.3), "Titer", "g/L", 1)
    assert "too few to say" in verdict(judged(0.1, 0.4, 2), "Titer", "g/L", 1)
