import dataclasses

import numpy as np
import pytest

from mabdesk.analysis import applying, comparison, training
from mabdesk.data.batch import Batch, Dataset, Measurements, Split
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.splitting import grouped_folds
from mabdesk.errors import DataError
from mabdesk.models import factory
from mabdesk.progress import Progress

SIMPLE = ("last_value", "mean_trajectory", "ridge")
SOFT, AHEAD = WindowPlan(preset="soft_sensor"), WindowPlan(preset="forecast")


def compare(dataset, plan=SOFT, kinds=SIMPLE, folds=3, progress=None):
    chosen = grouped_folds(dataset.ids, folds, 1)
    extra = {"progress": progress} if progress else {}
    return comparison.cross_validate(dataset, CleaningPlan(), plan, chosen, kinds, {}, 1, factory.create, **extra)


def train(dataset, split, plan=SOFT, kind="ridge", **extra):
    return training.train(dataset, CleaningPlan(), plan, split, kind, {}, 1, factory.create, **extra)


def whole_split(dataset, locked=0):
    ids = dataset.ids
    rest = ids[: len(ids) - locked]
    return Split(rest[:-4], rest[-4:-2], rest[-2:], ids[len(rest) :])


def changed(batch: Batch) -> Batch:
    """The same batch with other values everywhere."""
    online, offline = batch.online, batch.offline
    return dataclasses.replace(
        batch,
        online=Measurements(online.names, online.hours, online.values * 1.3),
        offline=Measurements(offline.names, offline.hours, offline.values * 3 + 1),
    )


@pytest.mark.parametrize("plan", [SOFT, AHEAD])
def test_that_every_sample_of_every_batch_is_predicted_once_by_each_model(dataset, plan):
    found = compare(dataset, plan)
    samples = found.samples
    keys = list(zip(samples.batch_ids, samples.hours, strict=True))
    assert len(set(keys)) == len(keys)
    assert set(samples.batch_ids) == set(dataset.ids)
    assert samples.predicted.shape == (3, len(keys), 2)
    assert np.isfinite(samples.predicted).all()
    assert {(score.model, score.target) for score in found.scores} == {
        (kind, target) for kind in SIMPLE for target in ("titer", "aggregates")
    }


def test_that_scores_agree_with_the_samples_they_come_from(dataset):
    found = compare(dataset)
    score = found.score("ridge")
    errors = found.samples.predicted[2, :, 0] - found.samples.measured[:, 0]
    assert score.rmse == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert score.n == len(errors)
    assert score.batches == len(dataset.ids)
    assert found.score("mean_trajectory").dts_centered == pytest.approx(0, abs=1e-9)
    assert found.score("ridge").dts_centered > 0.5
    assert 0.9 < score.dts <= 1


def test_that_the_ridge_beats_the_mean_trajectory_where_temperature_matters(dataset):
    found = compare(dataset)
    assert found.score("ridge").rmse < 0.6 * found.score("mean_trajectory").rmse
    assert found.verdict.startswith("Last value") or "Linear (ridge)" in found.verdict


def test_that_changing_a_test_batch_changes_nothing_that_was_fitted(dataset):
    split = whole_split(dataset)
    other = Dataset(
        dataset.variables, tuple(changed(b) if b.id in split.test else b for b in dataset.batches), dataset.sources
    )
    first, second = train(dataset, split).model, train(other, split).model
    assert first.arrays.keys() == second.arrays.keys()
    for name, array in first.arrays.items():
        assert np.array_equal(array, second.arrays[name]), name
    for name, array in first.cleaning.arrays.items():
        assert np.array_equal(array, second.cleaning.arrays[name], equal_nan=True), name
    assert first.channels == second.channels


def test_that_changing_a_training_batch_does_change_the_model(dataset):
    split = whole_split(dataset)
    other = Dataset(dataset.variables, (changed(dataset.batches[0]), *dataset.batches[1:]))
    assert not np.array_equal(
        train(dataset, split).model.arrays["coefficients"], train(other, split).model.arrays["coefficients"]
    )


def test_that_training_is_measured_on_test_batches_alone(dataset):
    split = whole_split(dataset, locked=2)
    result = train(dataset, split)
    assert set(result.evaluation.samples.batch_ids) == set(split.test)
    assert result.evaluation.models == ("ridge", "last_value", "mean_trajectory", "gaussian_process", "gp_svr")
    assert result.model.targets == ("titer", "aggregates")
    assert result.model.parameters > 5


def test_that_the_final_test_uses_the_locked_batches_alone(dataset):
    split = whole_split(dataset, locked=2)
    trained = train(dataset, split).model
    found = training.final_test(trained, factory.load(trained), dataset, split, factory.create)
    assert set(found.samples.batch_ids) == set(split.locked)
    assert found.score("ridge").rmse < found.score("mean_trajectory").rmse * 2


def test_that_a_final_test_without_locked_batches_is_refused(dataset):
    split = whole_split(dataset)
    trained = train(dataset, split).model
    with pytest.raises(DataError, match="No batch was locked away"):
        training.final_test(trained, factory.load(trained), dataset, split, factory.create)


@pytest.mark.parametrize("plan", [SOFT, AHEAD])
def test_that_a_restored_model_predicts_a_new_file_bit_for_bit_alike(dataset, plan):
    split = whole_split(dataset)
    result = train(dataset, split, plan)
    new = dataset.only(split.test)
    found = applying.apply_model(result.model, factory.load(result.model), new)
    rows = np.isin(result.evaluation.samples.batch_ids, split.test)
    assert np.array_equal(found.at_samples, result.evaluation.samples.predicted[0, rows])
    assert set(found.batch_ids) == set(split.test)
    assert np.isfinite(found.predicted).all()


def test_that_a_file_without_some_inputs_is_predicted_with_a_note_and_without_all_refused(dataset):
    split = whole_split(dataset)
    trained = train(dataset, split).model
    model = factory.load(trained)

    def without(*names):
        def strip(table):
            kept = [i for i, name in enumerate(table.names) if name not in names]
            return Measurements(tuple(table.names[i] for i in kept), table.hours, table.values[:, kept])

        variables = tuple(v for v in dataset.variables if v.name not in names)
        batches = [dataclasses.replace(b, online=strip(b.online), offline=strip(b.offline)) for b in dataset.batches]
        return Dataset(variables, tuple(batches[:2]))

    lacking = applying.apply_model(trained, model, without("ph", "titer"))
    assert lacking.notes[0] == "The file lacks ph: the model took the training mean instead. Expect larger errors."
    assert "learned from 2 of these 2 batches" in lacking.notes[1]
    assert np.isfinite(lacking.predicted).all()
    with pytest.raises(DataError, match="none of the model's inputs"):
        applying.apply_model(trained, model, without("ph", "temperature", "vcd", "glucose"))


@pytest.mark.parametrize("plan", [SOFT, AHEAD])
def test_that_training_gives_bands_learned_from_training_batches_and_says_their_coverage(dataset, plan):
    split = whole_split(dataset)
    result = train(dataset, split, plan, level=0.9)
    assert result.model.calibration.batches == 10
    assert set(result.model.calibration.batch_ids) == {*split.train, *split.validation}
    samples, courses = result.evaluation.samples, result.evaluation.courses
    assert samples.low.shape == samples.high.shape == samples.predicted.shape
    assert (samples.low[0] < samples.high[0]).all()
    assert (samples.low >= 0).all()
    assert np.isnan(samples.raw_low).all()
    assert (courses.low[0] <= courses.high[0]).all()
    assert result.evaluation.level == 0.9
    whole = {(row.model, row.target): row for row in result.evaluation.coverage if row.by == "all"}
    assert whole["ridge", "titer"].n == np.isfinite(samples.measured[:, 0]).sum()
    assert 0.5 < whole["ridge", "titer"].covered <= 1
    assert not any("band" in note for note in result.model.notes)


def test_that_too_few_batches_for_a_level_are_said_and_no_band_is_given(dataset):
    split = whole_split(dataset)
    result = train(dataset, split)
    assert np.isnan(result.evaluation.samples.low).all()
    assert not result.evaluation.coverage
    (note,) = (note for note in result.model.notes if note.startswith("Linear (ridge): No 95 % band"))
    assert "needs 19 batches that the model did not learn from, received 10" in note
    assert "A band of 90 % can be had" in note
    found = applying.apply_model(result.model, factory.load(result.model), dataset.only(split.test))
    assert np.isnan(found.low).all()
    assert found.notes[-1].startswith("No 95 % band: it needs 19 batches")
    assert not found.coverage


def test_that_a_test_batch_changes_no_band(dataset):
    split = whole_split(dataset)
    other = Dataset(dataset.variables, tuple(changed(b) if b.id in split.test else b for b in dataset.batches))
    first, second = train(dataset, split).model.calibration, train(other, split).model.calibration
    for name in ("batch_ids", "scores", "floor", "relative", "stretch"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_that_a_restored_model_gives_a_new_file_the_same_bands_with_their_coverage_on_its_samples(dataset):
    split = whole_split(dataset)
    result = train(dataset, split, level=0.9)
    model = factory.load(result.model)
    assert model.held_out() is None
    found = applying.apply_model(result.model, model, dataset.only(split.test), 0.9)
    samples = result.evaluation.samples
    assert np.array_equal(found.sample_low, samples.low[0])
    assert np.array_equal(found.sample_high, samples.high[0])
    assert np.isfinite(found.low).all()
    assert found.level == 0.9
    assert [row for row in result.evaluation.coverage if (row.model, row.by) == ("ridge", "all")] == [
        row for row in found.coverage if row.by == "all"
    ]
    learned = applying.apply_model(result.model, model, dataset.only(split.train), 0.9)
    assert np.isfinite(learned.low).all()
    assert not learned.coverage, "batches that the model learned from say nothing of its bands"


def test_that_the_final_test_measures_the_bands_of_the_trained_model(dataset):
    split = whole_split(dataset, locked=2)
    trained = train(dataset, split).model
    found = training.final_test(trained, factory.load(trained), dataset, split, factory.create, level=0.8)
    assert found.level == 0.8
    assert np.isfinite(found.samples.low).all()
    assert {row.batches for row in found.coverage if row.by == "all"} == {2}


def test_that_finishing_now_keeps_the_folds_that_are_done_and_says_so(dataset):
    found = compare(dataset, progress=Progress(finish_now=lambda: True))
    assert found.folds == 1
    assert "1 of 3 folds were measured" in found.notes[-1]


def test_that_a_fold_that_finishing_now_cuts_short_is_not_measured(dataset):
    fitting = []
    asked = Progress(lambda _, text: fitting.append(text), finish_now=lambda: any("fold 2" in text for text in fitting))
    settings = {"filters": 4, "lstm_1": 4, "lstm_2": 4, "dense": 2, "epochs": 2, "members": 2}
    folds = grouped_folds(dataset.ids, 3, 1)
    kinds = ("ridge", "cnn_lstm")
    found = comparison.cross_validate(
        dataset, CleaningPlan(), SOFT, folds, kinds, {"cnn_lstm": settings}, 1, factory.create, progress=asked
    )
    assert set(found.samples.batch_ids) == set(folds[0].test)
    assert found.notes[-1] == "Finished early on request: 1 of 3 folds were measured."
    assert not any("after epoch" in note for note in found.notes)


def test_that_progress_only_goes_forward_to_the_end(dataset):
    seen = []
    compare(dataset, progress=Progress(listen=lambda fraction, text: seen.append((fraction, text))))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert any("fold 2 of 3" in text for _, text in seen)
