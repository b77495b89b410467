"""Attribution of a process model. Refits are stood in for by Gaussian processes, as networks take a minute each."""

from dataclasses import fields, replace

import numpy as np
import pytest
from process_study import Study

from mabdesk.analysis.process.contributions import SENSORS, share_out, unfold, usual_course
from mabdesk.analysis.process.explaining import explain_process, learned_history
from mabdesk.analysis.process.planned import ProcessAttribution
from mabdesk.analysis.process.trust import exchanged, with_decoys
from mabdesk.analysis.settings import ExplainProcessOptions
from mabdesk.data.history.experience import levers_of
from mabdesk.data.history.plans import STATES, History
from mabdesk.errors import DataError, OptionsError
from mabdesk.models.process.ensemble import at_harvest
from mabdesk.models.process.trained import Planner, ProcessModel
from mabdesk.models.response_surface import fit_surface, out_of_fold
from mabdesk.progress import SILENT

OPTIONS = ExplainProcessOptions(batches=4, permuted=3)
RIDGE = "quadratic"


def surface_model(model: ProcessModel, history: History) -> ProcessModel:
    """Return a model of this history whose networks are those of `model`, and count for nothing."""
    decoys = len(history.levers) - len(model.levers.names)
    arrays = {name: value for name, value in model.arrays.items() if not name.startswith("surface/")}
    for name in ("lstm_inputs", "dense_inputs"):
        whole = f"ensemble/kernel/{name}"
        arrays[whole] = np.pad(model.arrays[whole], ((0, 0), (0, decoys), (0, 0)))
    arrays["ensemble/site/extra_mean"] = np.zeros((3, decoys))
    arrays["ensemble/site/extra_spread"] = np.ones((3, decoys))
    arrays["ensemble/size/extra"] = np.array(decoys)
    measured = history.samples.final("titer")
    told = (history.levers, history.settings, history.tags, history.planned.tags, measured)
    arrays |= {f"surface/titer/{k}": v for k, v in fit_surface(RIDGE, *told, 0).arrays().items()}
    rows = np.arange(len(history))
    said = out_of_fold(RIDGE, *told, 0, [(rows[rows % 4 != k], rows[rows % 4 == k]) for k in range(4)])
    known = replace(
        model.known, ids=history.ids, settings=history.settings, tags=history.planned.tags,
        harvest_h=history.planned.harvest_h, measured=measured[:, None], said=said[:, None],
    )  # fmt: skip
    levers = levers_of(history, history.ids)
    variables = tuple(one for one in model.variables if one.name not in model.quality)
    return replace(
        model, levers=levers, variables=variables, quality=(), arrays=arrays, shares=np.zeros(1), known=known
    )


def explained(model: ProcessModel, history: History, output: str = "titer") -> ProcessAttribution:
    def refit(other: History, _seed: int, _progress: object) -> ProcessModel:
        return surface_model(model, other)

    options = replace(OPTIONS, output=output)
    return explain_process(model, history, options, 1, refit, SILENT)


@pytest.fixture(scope="module")
def history(process_study: Study) -> History:
    return learned_history(process_study.model, process_study.dataset)


@pytest.fixture(scope="module")
def attribution(process_study: Study, history: History) -> ProcessAttribution:
    return explained(process_study.model, history)


def test_that_a_linear_outcome_is_shared_out_exactly_and_an_inert_setpoint_gets_nothing():
    slopes, ends = np.array([2.0, 0.0, -1.0]), np.array([[1.0, 5.0, 2.0], [0.0, -3.0, 1.0]])
    found = share_out(lambda rows, shares: ((shares * ends[rows]) @ slopes)[None], ends != 0, 0.01, SILENT)
    assert np.allclose(found.by_feature[0], ends * slopes)
    assert np.abs(found.by_feature[0, :, 1]).max() < 1e-12


def test_that_cells_are_halved_until_a_kinked_outcome_is_complete():
    def said(_rows, shares):
        return (shares.prod(axis=1) + np.maximum(shares[:, 0] - 0.7 * shares[:, 2] - 0.1, 0.0))[None]

    rough = share_out(said, np.ones((1, 3), bool), 0.01, SILENT, most_cells=1)
    fine = share_out(said, np.ones((1, 3), bool), 0.01, SILENT)
    assert rough.error > 0.01 >= fine.error
    assert fine.cells > rough.cells


def test_that_contributions_of_setpoints_sum_up_to_the_whole_prediction(process_study, attribution):
    known, a = process_study.model.known, attribution
    rows = [known.ids.index(name) for name in a.batch_ids]
    planner = Planner(process_study.model)
    assert np.allclose(a.predicted, planner.plan(known.settings[rows], known.tags[rows]).final[:, 0], rtol=1e-5)
    usual = np.tile(a.usual, (len(rows), 1))
    assert np.allclose(a.typical, planner.plan(usual, known.tags[rows]).final[:, 0], rtol=1e-5)
    missing = np.abs(a.by_lever.sum(axis=1) - (a.predicted - a.typical)).mean()
    assert missing <= 0.01 * np.abs(a.predicted - a.typical).mean()
    assert a.completeness_error <= 0.01


def test_that_a_setpoint_as_usual_contributes_nothing(attribution):
    as_usual = attribution.settings == attribution.usual
    assert as_usual.any()
    assert (attribution.by_lever[as_usual] == 0).all()
    assert (attribution.by_lever[~as_usual] != 0).any()


def test_that_days_of_sensors_sum_up_to_what_the_networks_say_more_of_the_recorded_course(
    process_study, history, attribution
):
    ensemble = Planner(process_study.model).ensemble
    own = history.recorded.take(np.array([history.ids.index(name) for name in attribution.batch_ids]))
    usual = usual_course(history.recorded)
    others = {name: np.repeat(getattr(usual, name), len(own), axis=0) for name in ("climate", "glucose_feed")}
    others["volume_feed"] = np.repeat(usual.volume_feed, len(own), axis=0)
    said = [
        at_harvest(ensemble.courses(plans, np.ones_like(plans.glucose_feed)).daily.mean(axis=0), plans.harvest_h)
        for plans in (own, replace(own, **others))
    ]
    apart = (said[0] - said[1])[:, STATES.index("titer")]
    assert attribution.by_day.shape == (4, len(SENSORS), history.recorded.days)
    missing = np.abs(attribution.by_day.sum(axis=(1, 2)) - apart).mean()
    assert missing <= 0.01 * np.abs(apart).mean()


def test_that_the_order_of_the_batches_does_not_matter_and_a_seed_gives_the_same_numbers(
    process_study, history, attribution
):
    again = explained(process_study.model, history.take(np.arange(len(history))[::-1]))
    for one in fields(attribution):
        mine, other = getattr(attribution, one.name), getattr(again, one.name)
        same = np.array_equal(mine, other) if isinstance(mine, np.ndarray) else repr(mine) == repr(other)
        assert same, one.name


def test_that_a_map_comes_with_five_tests_and_a_ranking_with_floors(process_study, attribution):
    assert [one.test for one in attribution.trust] == [
        "completeness", "stability", "deletion", "permuted_target", "inert_variables",
    ]  # fmt: skip
    for kind, names in (("setpoint", process_study.model.levers.names), ("sensor", SENSORS)):
        ranked = [one for one in attribution.ranking if one.kind == kind]
        assert {one.name for one in ranked} == set(names)
        assert sum(one.relative for one in ranked) == pytest.approx(1)
        assert all(np.isfinite(one.floor) for one in ranked)
        assert [one.mean_abs for one in ranked] == sorted((one.mean_abs for one in ranked), reverse=True)


def test_that_outcomes_are_exchanged_whole_and_plans_stay(history):
    mixed = exchanged(history, 1)
    assert np.array_equal(mixed.settings, history.settings)
    before, after = history.samples.final("titer"), mixed.samples.final("titer")
    assert sorted(before) == sorted(after)
    assert (before != after).all()


def test_that_decoys_are_values_of_other_batches(history):
    decoyed = with_decoys(history, 1)
    assert decoyed.levers[: len(history.levers)] == history.levers
    for column in decoyed.settings[:, len(history.levers) :].T:
        assert any(np.array_equal(np.sort(column), np.sort(one)) for one in history.settings.T)
        assert not any(np.array_equal(column, one) for one in history.settings.T)
    assert np.array_equal(decoyed.planned.extra, decoyed.recorded.extra)


def test_that_a_quality_attribute_can_be_shared_out(process_study, history):
    name = process_study.model.quality[0]
    found = unfold(process_study.model, history, name, history.ids[:2], 0.01, SILENT, (32, 1)).by_setpoint
    assert found.error <= 0.01
    assert np.abs(found.by_feature[0]).max() > 0


def test_that_an_unknown_output_is_refused_with_those_there_are(process_study, history):
    with pytest.raises(OptionsError) as refused:
        explained(process_study.model, history, "sweetness")
    assert "titer" in refused.value.hint


def test_that_a_dataset_without_the_batches_learned_from_is_refused(process_study):
    model = process_study.model
    with pytest.raises(DataError, match=model.known.ids[0]):
        learned_history(model, process_study.dataset.only(model.known.ids[1:]))


def test_that_batches_are_read_as_in_training(process_study, history):
    assert history.ids == process_study.model.known.ids
    assert np.array_equal(history.settings, process_study.model.known.settings)
