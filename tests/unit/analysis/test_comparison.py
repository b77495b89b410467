"""A comparison goes on where one model, fold or variable fails, and tells scores by part and what a leak claims."""

import dataclasses

import numpy as np
import pytest

from mabdesk.analysis.comparison import Extras, cross_validate
from mabdesk.analysis.searched import Search
from mabdesk.data.batch import Batch, Dataset, Measurements, Variable
from mabdesk.data.settings import CleaningPlan, PhaseRule, WindowPlan
from mabdesk.data.splitting import folds_of
from mabdesk.errors import DataError, TrainingError
from mabdesk.models import factory
from mabdesk.models.model import Prediction
from mabdesk.progress import Progress

KINDS = ("mean_trajectory", "ridge")
LINES = "ABC"
SOFT = WindowPlan(preset="soft_sensor")


class Stub:
    """A ridge under a network's name that fails or predicts NaN, in folds that train without batch B00 or in all."""

    def __init__(self, plan, error=None, always=True, nan=False):
        self.inner, self.error, self.always, self.nan = factory.create("ridge", {}, plan), error, always, nan

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def fit(self, training, validation, seed, progress):
        if self.error and (self.always or "B00" not in training.batch_ids):
            raise self.error
        self.inner.fit(training, validation, seed, progress)

    def predict(self, windows):
        found = self.inner.predict(windows)
        return Prediction(found.mean * np.nan) if self.nan else found


def making(**faults):
    """Make models, `cnn_lstm` as a stub with these faults; the others as ever."""
    return lambda kind, settings, plan: (
        Stub(plan, **faults) if kind == "cnn_lstm" else factory.create(kind, settings, plan)
    )


def compare(dataset, kinds=KINDS, by="batch", folds=2, make=factory.create, progress=None, plan=SOFT, **extras):
    made = folds_of(dataset, by, folds, 1)
    return cross_validate(
        dataset, CleaningPlan(), plan, made.splits, kinds, {}, 1, make, progress=progress or Progress(),
        extras=Extras(folds_by=by, fold_names=made.names, notes=made.notes, **extras),
    )  # fmt: skip


def with_tags(dataset, **of_number):
    batches = [
        dataclasses.replace(b, tags={tag: value(n) for tag, value in of_number.items() if value(n)})
        for n, b in enumerate(dataset.batches)
    ]
    return Dataset(dataset.variables, tuple(batches))


def with_batch(dataset, number, change):
    batches = list(dataset.batches)
    batches[number] = change(batches[number])
    return Dataset(dataset.variables, tuple(batches))


def without(batch: Batch, *names):
    """The same batch with these variables never measured."""

    def blank(table):
        values = table.values.copy()
        values[:, [i for i, name in enumerate(table.names) if name in names]] = np.nan
        return Measurements(table.names, table.hours, values)

    return dataclasses.replace(batch, online=blank(batch.online), offline=blank(batch.offline))


@pytest.fixture(scope="module")
def tagged(dataset):
    return with_tags(dataset, cell_line=lambda n: LINES[n % 3], scale=lambda n: "50 L" if n < 6 else "2000 L")


@pytest.fixture(scope="module")
def full(tagged):
    return compare(tagged, (*KINDS, "last_value"), window_split=True, phase_rule=PhaseRule(growth_rate=0.2))


# Folds that leave a group out


def test_that_each_cell_line_is_left_out_once_and_named(tagged):
    found = compare(tagged, by="cell_line")
    assert (found.folds, found.folds_by, found.fold_names) == (3, "cell_line", ("line A", "line B", "line C"))
    lines = {batch.id: batch.tags["cell_line"] for batch in tagged.batches}
    for fold, name in enumerate(found.fold_names):
        inside = set(found.samples.batch_ids[found.samples.fold == fold])
        assert inside == {batch for batch, line in lines.items() if name == f"line {line}"}
    assert all("No 95 % band" in note and "(line A and 2 more folds)" in note for note in found.notes)


def test_that_a_model_named_twice_is_measured_once(tagged):
    assert compare(tagged, ("last_value", "last_value"), by="cell_line").models == ("last_value",)


def test_that_a_group_without_a_target_is_said_and_the_others_are_measured(tagged):
    blank = with_tags(tagged, cell_line=lambda n: "D" if n < 2 else "AB"[n % 2])
    for number in (0, 1):
        blank = with_batch(blank, number, lambda b: without(b, "titer", "aggregates"))
    found = compare(blank, by="cell_line")
    assert found.fold_names == ("line A", "line B")
    assert "Line D was not measured. The test batches (B00, B01) have no sample of titer, aggregates." in found.notes
    assert set(found.samples.fold) == {0, 1}


# Scores in parts


def test_that_samples_are_scored_by_phase_day_line_and_scale(full):
    names = {by: [p.part for p in full.parts if p.by == by and p.model == "ridge" and p.target == "titer"]
             for by in ("phase", "day", "cell_line", "scale")}  # fmt: skip
    assert names["cell_line"] == ["A", "B", "C"]
    assert names["scale"] == ["50 L", "2000 L"]
    assert names["day"] == [str(day) for day in range(1, 9)]
    assert names["phase"][0] == "growth"
    assert "0.2 1/day" in full.phase_rule
    for by in ("day", "cell_line", "scale"):
        mine = [p for p in full.parts if (p.by, p.model, p.target) == (by, "ridge", "titer")]
        assert sum(p.n for p in mine) == full.score("ridge").n
        total = sum(p.n * p.rmse**2 for p in mine) / sum(p.n for p in mine)
        assert np.sqrt(total) == pytest.approx(full.score("ridge").rmse)


def test_that_a_parts_bias_is_predicted_minus_measured(full):
    part = next(p for p in full.parts if (p.by, p.part, p.model, p.target) == ("day", "3", "ridge", "titer"))
    rows = np.round(full.samples.hours / 24) == 3
    error = full.samples.predicted[1, rows, 0] - full.samples.measured[rows, 0]
    assert part.bias == pytest.approx(error.mean())
    assert part.mae == pytest.approx(np.abs(error).mean())


def test_that_batches_without_cell_counts_have_no_phase_and_are_named(dataset):
    found = compare(with_batch(dataset, 4, lambda b: without(b, "vcd")))
    assert set(found.samples.phase[found.samples.batch_ids == "B04"]) == {""}
    assert any(note == "Phases are unknown (too few samples of viable cell density) in B04." for note in found.notes)
    assert "" not in {part.part for part in found.parts}


def test_that_differences_coverage_and_level_are_filled(full):
    assert {(d.model, d.target) for d in full.differences} == {
        (kind, target) for kind in full.models for target in full.targets
    }
    assert all(d.rival in KINDS for d in full.differences)
    assert full.level == 0.95
    assert {row.level for row in full.coverage} <= {0.95}


# What a leak would have claimed


def test_that_a_random_split_of_windows_claims_less_error_than_whole_batches_give(full):
    claims = {(claim.model, claim.target): claim for claim in full.claims}
    assert set(claims) == {(kind, target) for kind in full.models for target in full.targets}
    claim = claims["ridge", "titer"]
    assert claim.rmse < full.score("ridge").rmse
    assert 0.15 * full.score("ridge").n < claim.n < 0.55 * full.score("ridge").n
    assert any("is a leak" in note for note in full.notes)


def test_that_a_model_that_fails_on_random_windows_costs_its_claim_alone(dataset):
    class FailsOnAll(Stub):
        def fit(self, training, validation, seed, progress):
            if len(set(training.batch_ids)) == len(dataset.ids):
                raise TrainingError("Training gave no finite loss.")
            super().fit(training, validation, seed, progress)

    def make(kind, settings, plan):
        return FailsOnAll(plan) if kind == "cnn_lstm" else factory.create(kind, settings, plan)

    found = compare(dataset, (*KINDS, "cnn_lstm"), make=make, window_split=True)
    assert found.models == (*KINDS, "cnn_lstm")
    assert {claim.model for claim in found.claims} == set(KINDS)
    assert any("CNN-LSTM has no figure for a random split" in note and "no finite loss" in note for note in found.notes)


def test_that_no_random_split_is_tried_after_the_end_was_asked_for(dataset):
    found = compare(dataset, progress=Progress(finish_now=lambda: True), window_split=True)
    assert (found.claims, found.folds) == ((), 1)
    assert "Finished early on request: a random split of windows was tried with 0 of 2 models." in found.notes


# What goes wrong


@pytest.mark.parametrize("error", [TrainingError("Training gave no finite loss."), MemoryError("too much")])
def test_that_a_model_that_fails_in_a_fold_is_dropped_and_the_others_stay(dataset, error):
    found = compare(dataset, (*KINDS, "cnn_lstm"), make=making(error=error, always=False))
    assert found.models == KINDS
    assert found.samples.predicted.shape[0] == found.courses.predicted.shape[0] == 2
    assert np.isfinite(found.samples.predicted).all()
    assert found.folds == 2
    (note,) = [note for note in found.notes if "was dropped" in note]
    assert note.startswith("CNN-LSTM was dropped: it failed in fold ")
    assert ("no finite loss" if isinstance(error, TrainingError) else "memory was not enough") in note
    assert "CNN-LSTM" not in found.verdict


def test_that_a_model_that_cannot_even_be_made_is_dropped(dataset):
    def make(kind, settings, plan):
        if kind == "cnn_lstm":
            raise TrainingError("TensorFlow cannot be loaded.")
        return factory.create(kind, settings, plan)

    found = compare(dataset, (*KINDS, "cnn_lstm"), make=make)
    assert found.models == KINDS
    assert any("TensorFlow cannot be loaded" in note for note in found.notes)


def test_that_predictions_that_are_no_numbers_are_a_failure(dataset):
    found = compare(dataset, (*KINDS, "cnn_lstm"), make=making(nan=True))
    assert found.models == KINDS
    assert any("no finite number" in note for note in found.notes)


def test_that_the_error_of_the_only_model_is_the_error(dataset):
    with pytest.raises(TrainingError, match="no finite loss"):
        compare(dataset, ("cnn_lstm",), make=making(error=TrainingError("Training gave no finite loss.")))


def test_that_a_fold_without_a_target_is_left_out_with_a_note_and_refused_where_none_remains(dataset):
    splits = folds_of(dataset, "batch", 3, 1).splits
    blank = dataset
    for name in splits[1].test:
        blank = with_batch(blank, dataset.ids.index(name), lambda b: without(b, "titer", "aggregates"))
    found = compare(blank, folds=3)
    assert found.folds == 2
    assert set(found.samples.batch_ids) == {*splits[0].test, *splits[2].test}
    assert any(note.startswith("Fold 2 was not measured. The test batches") for note in found.notes)
    with pytest.raises(DataError, match="have no sample of titer"):
        cross_validate(blank, CleaningPlan(), SOFT, splits[1:2], KINDS, {}, 1, factory.create)


def test_that_a_variable_that_some_batches_lack_and_infinite_values_are_said(dataset):
    odd = with_batch(dataset, 3, lambda b: without(b, "ph"))
    values = odd.batches[5].offline.values.copy()
    values[2, 1] = np.inf
    table = Measurements(odd.batches[5].offline.names, odd.batches[5].offline.hours, values)
    odd = with_batch(odd, 5, lambda b: dataclasses.replace(b, offline=table))
    found = compare(odd)
    assert "1 infinite value of glucose was taken as not measured, in B05." in found.notes
    assert "ph was not measured in 1 of 12 batches: models take it as unknown there (B03)." in found.notes
    assert np.isfinite(found.samples.predicted).all()


def test_that_setpoints_that_are_all_the_same_are_said(dataset):
    variables = (*dataset.variables, Variable("ph", "1", "setpoint"))
    batches = tuple(dataclasses.replace(b, setpoints={"ph": 7.0}) for b in dataset.batches)
    found = compare(Dataset(variables, batches))
    assert any(note.startswith("All 12 batches had the same setpoints") for note in found.notes)
    other = (dataclasses.replace(batches[0], setpoints={"ph": 6.9}), *batches[1:])
    assert not any("same setpoints" in note for note in compare(Dataset(variables, other)).notes)


def test_that_three_batches_are_too_few_for_folds(dataset):
    with pytest.raises(DataError, match="2 folds need at least 4 batches, received 3"):
        compare(dataset.only(dataset.ids[:3]))


# Settings that were searched


def test_that_a_verdict_with_searched_settings_says_so_where_the_search_saw_the_batches(dataset):
    def search(kind, ids):
        return Search(kind, "soft_sensor", {}, (), (), {}, 0, False, ids, "", "")

    seen = compare(dataset, search=search("ridge", dataset.ids[:2]), search_name="search-1")
    assert seen.searched_on == "search-1"
    assert "Searched on these batches (search-1)" in seen.verdict
    other = compare(dataset, search=search("ridge", ("X1",)))
    assert other.searched_on == ""
    assert "earched" not in other.verdict
