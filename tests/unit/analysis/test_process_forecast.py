"""A running batch is forecast from its samples so far: better than its plan, with bands that were measured."""

from dataclasses import replace

import numpy as np
import pytest
from process_study import changed, until

from mabdesk import workflow
from mabdesk.analysis.process.fan import fan_of
from mabdesk.analysis.process.forecast import NO_MEMORY, day_scores, forecast
from mabdesk.data.history.running import running_batch
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.imported import Reading
from mabdesk.errors import OptionsError
from mabdesk.job import Job
from mabdesk.models.process.trained import Planner
from mabdesk.progress import SILENT
from mabdesk.project import codec
from mabdesk.project import known as _known  # noqa: F401 - names the types of results


@pytest.fixture(scope="module")
def planner(process_study):
    return Planner(process_study.model)


@pytest.fixture(scope="module")
def known_until(process_study, planner):
    """Forecast the test batches from a day on."""
    tested = process_study.dataset.only(process_study.split.test)
    found = {}

    def known(day: float, level: float = 0.95):
        if (day, level) not in found:
            so_far = changed(tested, tested.ids, lambda batch: until(batch, 24.0 * day + 1))
            running = running_batch(so_far, process_study.model.levers, HistoryOptions())
            found[day, level] = forecast(planner, running, level)
        return found[day, level]

    return known


@pytest.fixture(scope="module")
def measured(process_study):
    batches = process_study.dataset.only(process_study.split.test).batches
    return np.array([column[np.isfinite(column)][-1] for column in (b.offline.column("titer") for b in batches)])


def rmse(said, measured):
    return float(np.sqrt(np.mean((said - measured) ** 2)))


def test_that_samples_bring_the_forecast_to_the_truth(known_until, measured):
    early, late, all_of_it = (known_until(day) for day in (3, 11, 14))
    plan = rmse(early.planned.final[:, 0], measured)
    assert rmse(late.said.final[:, 0], measured) < 0.8 * plan
    assert rmse(all_of_it.said.final[:, 0], measured) < 0.4 * plan
    assert rmse(all_of_it.said.final[:, 0], measured) < 0.06 * measured.mean()


def test_that_bands_narrow_as_samples_come_in_and_hold(known_until, measured):
    widths, inside = [], []
    for day in (1, 7, 11, 13):
        said = known_until(day).said
        widths.append(float(np.mean(said.final_high[:, 0] - said.final_low[:, 0])))
        inside.append((said.final_low[:, 0] <= measured) & (measured <= said.final_high[:, 0]))
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.7 * widths[0]
    assert np.mean(inside) >= 0.8


def test_that_what_was_measured_is_kept_beside_the_course(known_until, process_study):
    found = known_until(7)
    titer = process_study.model.names.index("titer")
    assert found.batch_ids == process_study.split.test
    assert (found.known_h <= 24 * 7 + 1).all()
    assert (found.known_h > 24 * 6 - 6).all()
    there = np.isfinite(found.samples[:, :, titer])
    assert (found.hours[there] <= 24 * 7 + 1).all()
    assert found.simulated
    assert len(found.experience) == len(found.batch_ids)


def test_that_nothing_impossible_is_forecast(known_until, process_study):
    said = known_until(5).said
    titer, viability = (process_study.model.names.index(name) for name in ("titer", "viability"))
    for table in (said.mean, said.low, said.high):
        there = table[np.isfinite(table)]
        assert (there >= 0).all()
        assert (np.diff(table[:, :, titer], axis=1)[np.isfinite(np.diff(table[:, :, titer], axis=1))] >= 0).all()
        assert (table[:, :, viability][np.isfinite(table[:, :, viability])] <= 100).all()
    assert (said.low <= said.mean + 1e-9)[np.isfinite(said.mean)].all()
    assert (said.mean <= said.high + 1e-9)[np.isfinite(said.mean)].all()
    assert (said.final_low <= said.final).all()


def test_that_one_sample_is_enough_to_go_on_from(process_study, planner):
    tested = process_study.dataset.only(process_study.split.test[:3])
    so_far = changed(tested, tested.ids, lambda batch: until(batch, 1.0))
    first = forecast(planner, running_batch(so_far, process_study.model.levers, HistoryOptions()), 0.95)
    assert np.isfinite(first.said.final).all()
    np.testing.assert_allclose(first.said.final[:, 0], first.planned.final[:, 0], rtol=0.5)
    assert any("one sample only" in note for note in first.notes)


def test_that_the_same_batches_give_the_same_forecast(process_study, known_until, planner):
    tested = process_study.dataset.only(process_study.split.test[:1])
    so_far = changed(tested, tested.ids, lambda batch: until(batch, 24.0 * 7 + 1))
    alone = forecast(planner, running_batch(so_far, process_study.model.levers, HistoryOptions()), 0.95)
    # float32 products of one batch and of many are summed in another order
    np.testing.assert_allclose(alone.said.final[0], known_until(7).said.final[0], rtol=1e-4)
    again = forecast(planner, running_batch(so_far, process_study.model.levers, HistoryOptions()), 0.95)
    np.testing.assert_array_equal(alone.said.mean, again.said.mean)


def test_that_a_model_without_memory_forecasts_its_plan_and_says_so(process_study):
    model = replace(process_study.model, memory=None)
    tested = process_study.dataset.only(process_study.split.test[:2])
    so_far = changed(tested, tested.ids, lambda batch: until(batch, 24.0 * 9))
    found = forecast(Planner(model), running_batch(so_far, model.levers, HistoryOptions()), 0.95)
    assert NO_MEMORY in found.notes
    assert np.isfinite(found.said.final).all()
    assert day_scores(model) == ()


def test_that_day_scores_are_better_than_the_plan_and_than_what_is_simple(process_study):
    scores = {score.day: score for score in day_scores(process_study.model)}
    assert list(scores) == [3, 5, 7, 9, 11]
    assert scores[9].rmse < scores[9].plan_rmse
    assert scores[11].rmse < scores[11].last_rate_rmse
    assert scores[11].rmse < scores[5].rmse
    assert scores[3].last_rate_rmse > scores[11].last_rate_rmse
    assert {score.n for score in scores.values()} == {len(process_study.model.known.ids)}
    assert all(score.covered >= 0.75 for score in scores.values())


def test_that_a_batch_is_forecast_by_what_was_learned_without_its_end(process_study):
    model, row, day = process_study.model, 3, 7
    known = model.known
    later = known.hours[row] > 24.0 * day + 6
    samples, measured = known.samples.copy(), known.measured.copy()
    samples[row, later] *= 1.5
    measured[row] *= 1.5
    other = replace(model, known=replace(known, samples=samples, measured=measured))
    before, after = fan_of(model), fan_of(other)
    assert before.final[row, day] == after.final[row, day]
    assert before.final_scores[row, day] != after.final_scores[row, day]
    group = np.arange(len(known.ids)) % 10 == row % 10
    assert (before.final[~group, day] != after.final[~group, day]).all()  # the others learn from it


def test_that_the_steps_ask_the_trained_model(process_study, known_until):
    tested = process_study.dataset.only(process_study.split.test)
    so_far = changed(tested, tested.ids, lambda batch: until(batch, 24.0 * 7 + 1))
    parents = {"process-model": process_study.training, "new-data": Reading(so_far, (), (), ())}
    found = workflow.run(Job("forecast", parents, {"level": 0.95}), SILENT)
    np.testing.assert_array_equal(found.said.final, known_until(7).said.final)
    plans = workflow.run(Job("what-if", parents, {"scenarios": ("Warm: temperature=37", "ph=7")}), SILENT)
    assert plans.names == ("Warm", "ph=7")
    assert plans.said.final.shape == (2, len(process_study.model.outputs))
    with pytest.raises(OptionsError, match="temprature"):
        workflow.run(Job("what-if", parents, {"scenarios": ("temprature=37",)}), SILENT)


def test_that_results_are_kept_and_read_again_unchanged(process_study, known_until):
    for value in (process_study.training, known_until(7)):
        kept = codec.encode(value)
        again = codec.decode(kept.json, dict(kept.blobs).__getitem__)
        assert codec.content_hash(again) == codec.content_hash(value)
