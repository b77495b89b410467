"""Setpoints of the virtual plant: names, limits, feeds."""

import numpy as np
import pytest

from mabdesk.errors import OptionsError
from mabdesk.virtual_plant.setpoints import OPERATING_RANGES, PHYSICAL_LIMITS, PLATFORM, UNITS, complete, feed_glucose
from mabdesk.virtual_plant.truth import true_run, true_runs


def test_that_platform_lies_inside_the_ranges_and_these_inside_the_limits():
    assert PLATFORM.keys() == OPERATING_RANGES.keys() == PHYSICAL_LIMITS.keys() == UNITS.keys()
    for name, value in PLATFORM.items():
        low, high = OPERATING_RANGES[name]
        assert PHYSICAL_LIMITS[name][0] <= low < value < high <= PHYSICAL_LIMITS[name][1]


def test_that_an_unknown_setpoint_is_named_with_what_there_is():
    with pytest.raises(OptionsError) as caught:
        true_run({"temprature": 36.5})
    assert "temprature" in str(caught.value)
    assert "temperature 28 to 40 °C" in caught.value.hint


def test_that_all_faults_come_together_with_their_limits():
    with pytest.raises(OptionsError) as caught:
        true_run({"temperature": 90, "ph": float("nan"), "dissolved_oxygen": "high", "harvest_day": 0})
    text = str(caught.value)
    assert [problem.where for problem in caught.value.problems] == [
        "temperature",
        "ph",
        "dissolved_oxygen",
        "harvest_day",
    ]
    assert "received 90; the plant runs 28 to 40 °C" in text
    assert "a number is needed" in text


@pytest.mark.parametrize("feed", [{"feed_volume_rate": 0.0}, {"glucose_feed_rate": 15, "feed_volume_rate": 0.01}])
def test_that_a_feed_that_would_not_dissolve_is_refused(feed):
    with pytest.raises(OptionsError, match="dissolve"):
        true_run(feed)


def test_that_a_run_without_any_feed_is_possible_and_starves():
    run = true_run({"feed_volume_rate": 0, "glucose_feed_rate": 0})
    assert run.trajectory.column("volume")[-1] == run.trajectory.column("volume")[0]
    assert run.trajectory.column("glucose")[-1] < 0.05
    assert run.titer < 1


def test_that_the_feed_carries_the_asked_glucose():
    assert feed_glucose(PLATFORM) == pytest.approx(100)
    assert feed_glucose({**PLATFORM, "feed_volume_rate": 0.02}) == pytest.approx(200)


def test_that_numpy_numbers_are_numbers_and_the_rest_is_the_platform():
    assert complete({"ph": np.float32(6.875), "harvest_day": 12}) == {**PLATFORM, "ph": 6.875, "harvest_day": 12.0}


@pytest.mark.parametrize(("line", "scale"), [("E", 200), ("A", 5000), ("A", 0.0), ("A", float("nan"))])
def test_that_unknown_clones_and_vessels_are_refused(line, scale):
    with pytest.raises(OptionsError, match="Received"):
        true_run({}, line=line, scale_l=scale)


def test_that_no_runs_at_all_are_refused():
    with pytest.raises(OptionsError, match="No setpoints"):
        true_runs([])
