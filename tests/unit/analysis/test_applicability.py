"""A plan is said to lie inside or outside of what was run, in words; plans are read from texts."""

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from mabdesk.analysis.process.applicability import MOST_DISAGREEMENT, experience
from mabdesk.analysis.process.what_if import USUAL_PLAN, learned_level, parse_scenarios, parse_tags, tag_rows, what_if
from mabdesk.errors import OptionsError
from mabdesk.models.process.trained import Planner


@pytest.fixture(scope="module")
def model(process_study):
    return process_study.model


@pytest.fixture(scope="module")
def planner(model):
    return Planner(model)


def judge(planner, settings, tags=None, **said):
    """Return the experience of plans, by default with the most frequent tags."""
    settings = np.atleast_2d(settings)
    tags = tag_rows((), planner.model, len(settings)) if tags is None else tags
    found = replace(planner.plan(settings, tags), **said)
    return experience(planner.model, settings, tags, found)


def moved(model, name, value):
    settings = np.array(model.levers.usual)
    settings[model.levers.names.index(name)] = value
    return settings


def test_that_a_batch_that_was_run_is_inside_and_nearest_to_itself(model, planner):
    known = model.known
    row = 4
    found = judge(planner, known.settings[row], known.tags[row : row + 1], disagreement=np.array([0.3]))[0]
    assert found.inside
    assert found.nearest[0] == known.ids[row]
    assert found.distance == pytest.approx(0.0, abs=1e-6)
    assert len(found.nearest) == len(set(found.nearest)) == 3
    assert list(found.nearest_distances) == sorted(found.nearest_distances)
    assert found.nearest_titers[0] == known.measured[row, 0]
    assert found.sentence.startswith("Inside experience")
    assert known.ids[row] in found.sentence


def test_that_a_setpoint_beyond_all_batches_is_named_with_what_they_had(model, planner):
    high = model.levers.high[model.levers.names.index("temperature")]
    found = judge(planner, moved(model, "temperature", high + 1.0))[0]
    assert found.outside == ("temperature",)
    assert not found.inside
    expected = f"Outside experience: temperature {high + 1:.4g} °C is above the {high:.4g} °C of any batch"
    assert found.sentence.startswith(expected)
    low = model.levers.low[model.levers.names.index("ph")]
    assert (
        f"pH {low - 0.1:.4g} is below the {low:.4g} of any batch"
        in judge(planner, moved(model, "ph", low - 0.1))[0].sentence
    )


def test_that_another_value_of_what_never_varied_is_outside(model, planner):
    assert not model.levers.varied[model.levers.names.index("harvest_day")]
    found = judge(planner, moved(model, "harvest_day", 12.0))[0]
    assert found.outside == ("harvest_day",)
    assert "harvest day 12 is other than the 14 of every batch" in found.sentence


def test_that_a_tag_that_no_batch_had_is_outside(model, planner):
    tags = np.full((1, len(model.levers.tag_names)), "new")
    assert model.levers.tag_names
    found = judge(planner, np.array(model.levers.usual), tags)[0]
    assert set(model.levers.tag_names) <= set(found.outside)
    assert "no batch had" in found.sentence


def test_that_a_corner_of_the_box_is_far_from_all_batches(model, planner):
    corner = np.where(np.arange(len(model.levers.names)) % 2, model.levers.low, model.levers.high)
    far = judge(planner, corner, disagreement=np.zeros(1))[0]
    assert far.outside == ()
    assert not far.inside
    assert "times as far as batches usually are from each other" in far.sentence
    assert far.distance > judge(planner, np.array(model.levers.usual))[0].distance


def test_that_networks_that_disagree_are_said(model, planner):
    usual = model.known.settings[:1]
    calm, torn = (judge(planner, usual, disagreement=np.array([d])) for d in (0.5, MOST_DISAGREEMENT + 0.1))
    assert "disagree" not in calm[0].sentence
    assert not torn[0].inside
    assert "the networks disagree about titer at harvest" in torn[0].sentence


def test_that_the_answer_for_one_plan_takes_less_than_five_milliseconds(model, planner):
    settings, tags = np.array([model.levers.usual]), tag_rows((), model, 1)
    said, took = planner.plan(settings, tags), []
    for _ in range(20):
        begun = time.perf_counter()
        experience(model, settings, tags, said)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.005


def test_that_the_window_can_ask_without_any_heavy_library():
    code = (
        "import sys, mabdesk.analysis.process.what_if, mabdesk.analysis.process.applicability\n"
        "sys.exit(', '.join({'scipy', 'sklearn', 'keras', 'tensorflow', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.stderr.strip()


def test_that_plans_are_read_from_texts(model):
    names, settings = parse_scenarios(("Warm: temperature=37, ph=7.02", "ph=6.95"), model)
    assert names == ("Warm", "ph=6.95")
    warm = dict(zip(model.levers.names, settings[0], strict=True))
    usual = dict(zip(model.levers.names, model.levers.usual, strict=True))
    assert warm == {**usual, "temperature": 37.0, "ph": 7.02}
    assert settings[1][model.levers.names.index("ph")] == 6.95


def test_that_no_plan_is_the_usual_plan(model, planner):
    names, settings = parse_scenarios((), model)
    assert names == (USUAL_PLAN,)
    np.testing.assert_array_equal(settings, [model.levers.usual])
    found = what_if(planner, names, settings, tag_rows((), model, 1), 0.95)
    np.testing.assert_array_equal(found.said.final, planner.plan(settings, found.tags).final)
    assert found.simulated
    assert len(found.experience) == 1


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (("Warm: temprature=37",), "it knows temperature"),
        (("temperature=warm",), "received 'warm' for temperature; a number is needed"),
        (("A: temperature=120",), "make sense"),
        (("A: temperature 37",), "setpoint=value is needed"),
        (("A: ph=7,0",), "received '0'"),
        (("A: ph=7, ph=7.1",), "names ph twice"),
        (("A: ph=7", "A: ph=7.1"), "is the name of two plans"),
        (("ph=nan",), "a number is needed"),
        (("",), "has no name"),
    ],
)
def test_that_plans_that_cannot_be_read_are_refused_with_the_setpoints_there_are(model, texts, what):
    with pytest.raises(OptionsError) as caught:
        parse_scenarios(texts, model)
    assert what in str(caught.value)
    assert "temperature, temperature_after_shift" in str(caught.value)


def test_that_all_faults_come_together(model):
    with pytest.raises(OptionsError) as caught:
        parse_scenarios(("A: colour=3, ph=x", "B: temperature=120"), model)
    assert len(caught.value.problems) == 3


def test_that_tags_are_read_and_unknown_ones_refused(model):
    name, values = model.levers.tag_names[0], model.levers.tag_values[0]
    assert parse_tags((), model)[0] == values[0]
    assert parse_tags((f"{name}={values[-1]}",), model)[0] == values[-1]
    with pytest.raises(OptionsError, match="the colour=red"):
        parse_tags(("the colour=red",), model)


def test_that_a_level_that_was_not_learned_gives_way_to_the_next_and_is_said(model, planner):
    assert learned_level(model, 0.93) == 0.95
    names, settings = parse_scenarios((), model)
    found = what_if(planner, names, settings, tag_rows((), model, 1), 0.93)
    assert found.said.level == 0.95
    assert any("93.0% was asked for" in note for note in found.notes)
