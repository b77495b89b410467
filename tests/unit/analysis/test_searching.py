import itertools
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from mabdesk.analysis import nested, searching
from mabdesk.analysis.objective import cut_folds, measure
from mabdesk.analysis.quest import Quest
from mabdesk.analysis.searched import in_words
from mabdesk.analysis.settings import SearchOptions
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.splitting import grouped_folds
from mabdesk.data.windowing import plan_for
from mabdesk.errors import DataError, TrainingError
from mabdesk.models import factory
from mabdesk.models.model import FINISHED_EARLY, Prediction
from mabdesk.progress import SILENT, Progress

SPACE = {"filters": (32, 64, 128), "dropout": (0.1, 0.3, 0.5)}


class Stub:
    """A model in closed form: the mean course, off by what its settings say (filters 128 and dropout .5 are right)."""

    fits: ClassVar[list[tuple[str, ...]]] = []

    def __init__(self, settings):
        self.error = abs(settings["filters"] - 128) / 10 + 10 * abs(settings["dropout"] - 0.5)
        self.settings = settings

    def fit(self, training, validation, seed, progress):
        Stub.fits.append(tuple(np.unique([*training.batch_ids, *validation.batch_ids])))
        self.slope = float(np.nanmean(training.y[:, 0] / training.target_hours))

    def predict(self, windows):
        return Prediction(np.repeat(windows.target_hours[:, None] * self.slope, len(windows.targets), 1) + self.error)

    def held_out(self):
        return None

    def dropout_samples(self, windows, count, seed):
        return None

    def arrays(self):
        return {}

    def history(self):
        return {}

    def notes(self):
        return ()

    def parameters(self):
        return 0


class InOrder:
    """Suggests the points of the grid in their order."""

    def __init__(self, space, first, seed):
        self.names = tuple(space)
        self.left = list(itertools.product(*space.values()))
        self.told = []

    def suggest(self):
        return dict(zip(self.names, self.left.pop(0), strict=True)) if self.left else None

    def tell(self, loss, fault=""):
        self.told.append((loss, fault))

    def replay(self, settings, loss, fault=""):
        self.left.remove(tuple(settings[name] for name in self.names))
        return True


def make_model(kind, settings, plan):
    return Stub(settings) if kind == "cnn_lstm" else factory.create(kind, settings, plan)


@pytest.fixture
def quest(dataset):
    options = SearchOptions(trials=4, folds=2, top=2, label_stride_h=0.0)
    plan = plan_for(dataset, WindowPlan(preset="soft_sensor"))
    Stub.fits = []
    return Quest(dataset, CleaningPlan(), plan, options, SPACE, 1, make_model, InOrder)


def options(quest, **changed):
    return replace(quest, options=replace(quest.options, **changed))


def heard(quest, finish_after=None):
    """Search; return what it gave and the trials that were announced."""
    told = []
    done = lambda: finish_after is not None and len(told) >= finish_after  # noqa: E731
    found = searching.search(quest, Progress(listen_partial=lambda _, value: told.append(value), finish_now=done))
    return found, told


def test_that_the_loss_is_in_units_of_the_variance_and_weighs_the_quality_less(quest):
    folds = quest.folds(3)
    measured = measure(folds, lambda: Stub({"filters": 128, "dropout": 0.5}), 1, SILENT)
    squares = []
    for fold in folds:
        model = Stub({"filters": 128, "dropout": 0.5})
        model.fit(fold.training, fold.checking, 1, SILENT)
        squares.append(np.square(model.predict(fold.held_out).mean - fold.held_out.y) / fold.variance)
    titer, quality = np.nanmean(np.concatenate(squares), axis=0)
    assert measured.loss == pytest.approx((titer + 0.3 * quality) / 1.3)


def test_that_no_fold_learns_from_the_batches_that_it_is_measured_on(quest):
    for fold in quest.folds(3):
        learned = {*fold.training.batch_ids, *fold.checking.batch_ids}
        assert not learned & set(fold.held_out.batch_ids)


def test_that_what_held_out_batches_say_moves_no_scaling_of_their_own_fold(quest, dataset):
    splits = grouped_folds(dataset.ids, 3, 1)
    other = replace(dataset, batches=tuple(b for b in dataset.batches if b.id not in splits[0].test[:1]))
    one = cut_folds(dataset, quest.cleaning_plan, quest.plan, splits[:1], 0.0)[0]
    two = cut_folds(other, quest.cleaning_plan, quest.plan, splits[:1], 0.0)[0]
    assert np.array_equal(one.variance, two.variance)
    assert np.array_equal(one.training.x, two.training.x, equal_nan=True)


def test_that_the_best_trials_and_the_own_settings_are_measured_again_and_the_best_wins(quest):
    found, _ = heard(options(quest, trials=9))
    assert found.best == {"filters": 128, "dropout": 0.5}
    assert [one.number for one in found.rescored] == [9, 8, 5]  # trial 5 has the model's own settings
    assert found.verdict.startswith("Best of 9 trials: filters 128, dropout 0.5.")
    assert "searched on these batches" in found.verdict
    assert found.duplicates == 0
    assert not found.exhausted


def test_that_a_search_that_finds_nothing_better_says_so(quest):
    found, _ = heard(options(quest, trials=1, top=1))  # 32 filters, dropout .1: worse than the own settings
    assert found.best == {"filters": 64, "dropout": 0.3}
    assert [one.number for one in found.rescored] == [0, 1]
    assert "found nothing better than CNN-LSTM's own settings" in found.verdict


def test_that_every_trial_has_the_same_cheap_budget_and_the_best_are_measured_in_full(quest):
    made = []
    quest = replace(quest, make_model=lambda *given: made.append(given[1]) or make_model(*given))
    heard(options(quest, trials=2, top=1))
    trials = [one for one in made if one["members"] == 2]
    assert len(trials) == 4
    assert {one["epochs"] for one in trials} == {4}
    assert {one["members"] for one in made[4:]} == {4}
    paper = replace(quest, options=replace(quest.options, model="cnn_lstm_paper", epochs=30))
    assert paper.cheap["patience"] >= paper.cheap["epochs"] == 30


def test_that_an_exhausted_space_ends_the_search_and_says_so(quest):
    found, _ = heard(options(quest, trials=30))
    assert len(found.trials) == 9
    assert found.exhausted
    assert any("All 9 settings" in note for note in found.notes)


def test_that_a_finished_trial_is_announced_with_the_best_so_far(quest):
    found, told = heard(quest)
    assert [one["number"] for one in told] == [1, 2, 3, 4]
    assert [one["loss"] for one in told] == [trial.loss for trial in found.trials]
    assert told[-1]["best"] == min(trial.loss for trial in found.trials)


def test_that_a_search_goes_on_from_kept_trials_and_gives_the_same(quest):
    whole, told = heard(quest)
    for count in (1, 4):
        Stub.fits = []
        again, retold = heard(replace(quest, kept=told[:count]))
        assert again.trials == whole.trials
        assert again.verdict == whole.verdict
        assert [one["kept"] for one in retold] == [True] * count + [False] * (4 - count)
        assert len(Stub.fits) == 2 * (4 - count) + 3 * 5  # two folds a trial; three measured again on five


def test_that_finishing_now_keeps_the_trials_so_far(quest):
    found, _ = heard(quest, finish_after=2)
    assert len(found.trials) == 2
    assert not found.rescored
    assert found.best == found.ranked[0].settings
    assert any(note.startswith(FINISHED_EARLY) for note in found.notes)


def test_that_a_search_gives_the_same_again(quest):
    assert heard(quest)[0].trials == heard(quest)[0].trials


def test_that_failed_trials_are_counted_and_the_rest_goes_on(quest):
    def make(kind, settings, plan):
        if settings["dropout"] == 0.1:
            raise TrainingError("Loss not finite in epoch 1.")
        if settings["dropout"] == 0.3 and settings["filters"] == 32:
            raise MemoryError
        return Stub(settings)

    found, told = heard(replace(quest, make_model=make))
    assert [trial.number for trial in found.failures] == [1, 2, 4]
    assert told[0]["fault"] == "Loss not finite in epoch 1."
    assert any(note.startswith("3 of 4 trials failed: trial 1: Loss not finite") for note in found.notes)
    assert found.best


def test_that_predictions_that_are_not_finite_are_a_failed_trial(quest):
    def make(kind, settings, plan):
        model = Stub(settings)
        model.error = np.nan if settings["dropout"] == 0.1 else 0.0
        return model

    found, _ = heard(replace(quest, make_model=make))
    assert [trial.number for trial in found.failures] == [1, 4]


def test_that_a_bug_or_a_stop_in_a_trial_is_not_swallowed(quest):
    def make(kind, settings, plan):
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        heard(replace(quest, make_model=make))


def test_that_a_search_without_any_finite_loss_says_why(quest):
    def make(kind, settings, plan):
        raise TrainingError("Loss not finite in epoch 1.")

    with pytest.raises(TrainingError, match="None of 4 trials gave a finite loss: Loss not finite"):
        heard(replace(quest, make_model=make))


def test_that_too_few_batches_for_the_folds_are_refused(quest, dataset):
    with pytest.raises(DataError, match="folds need at least"):
        heard(replace(quest, dataset=dataset.only(dataset.ids[:2])))


def test_that_nested_folds_search_anew_without_their_test_batches(quest, dataset):
    quest, told = options(quest, trials=2, top=1, outer_folds=2), []
    whole = nested.search(quest, dataset, Progress(listen_partial=lambda _, value: told.append(value)))
    assert [one["outer"] for one in told] == ["", "", "1 of 2", "1 of 2", "2 of 2", "2 of 2"]
    assert whole.nested is not None
    assert whole.nested.models == ("cnn_lstm", "ridge", "ridge_svr", "gaussian_process", "gp_svr")
    assert set(whole.nested.samples.batch_ids) == set(dataset.ids)
    assert "Searched anew inside each of 2 outer folds" in whole.verdict
    splits = grouped_folds(dataset.ids, 2, quest.seed)
    inside = [set(ids) for ids in Stub.fits[-15:]]
    assert all(not ids & set(splits[1].test) for ids in inside)


def test_that_settings_are_said_by_their_labels():
    assert in_words("cnn_lstm", {"dropout": 0.1, "lstm_1": 64}) == "first LSTM 64, dropout 0.1"


def test_that_finishing_before_the_first_trial_is_a_sentence(quest):
    with pytest.raises(TrainingError, match="before its first trial"):
        heard(quest, finish_after=0)
