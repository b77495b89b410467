"""Phases follow growth rate and viability by a stated rule, whatever an assay's noise."""

from collections import Counter

import numpy as np
import pytest

from mabdesk.data.batch import EMPTY, Batch, Measurements
from mabdesk.data.phases import PHASES, phase_at, rule_in_words
from mabdesk.data.settings import PhaseRule

DAYS = np.arange(13) * 24.0
RATES = (0.0, 0.7, 0.7, 0.6, 0.5, 0.3, 0.0, 0.0, 0.0, -0.2, -0.25, -0.3)  # 1/day, from day 0 to 12
CELLS = 0.5 * np.exp(np.concatenate([[0], np.cumsum(RATES)]))
NAMED = ["inoculation"] * 2 + ["growth"] * 5 + ["stationary"] * 3 + ["decline"] * 3


def batch(vcd=CELLS, hours=DAYS, viability=None):
    columns = {"vcd": vcd} | ({} if viability is None else {"viability": viability})
    return Batch("B0", EMPTY, Measurements(tuple(columns), hours, np.array(list(columns.values())).T))


def phases(*args, rule=PhaseRule(), at=DAYS, **named):  # noqa: B008 - frozen
    return phase_at(batch(*args, **named), at, rule).tolist()


def test_that_four_phases_follow_the_growth_rate_in_order():
    assert phases() == NAMED


def test_that_a_sample_belongs_to_the_days_that_it_ends_and_hours_between_to_the_same():
    assert phases(at=np.array([24.0, 24.5, 143.0, 144.0, 145.0])) == [
        "inoculation", "growth", "growth", "growth", "stationary",
    ]  # fmt: skip


def test_that_the_rule_can_be_changed():
    assert phases(rule=PhaseRule(growth_rate=0.4))[5:7] == ["growth", "stationary"]
    assert set(phases(rule=PhaseRule(decline_rate=0.5))[7:]) == {"stationary"}
    assert "0.4 1/day" in rule_in_words(PhaseRule(growth_rate=0.4))
    assert "75 %" in rule_in_words(PhaseRule(decline_viability=75))


def test_that_assay_noise_of_five_percent_neither_ends_growth_nor_begins_the_decline():
    random = np.random.default_rng(1)
    found = [phases(CELLS * random.normal(1, 0.05, len(CELLS))) for _ in range(300)]
    assert all(row[3:6] == ["growth"] * 3 for row in found)
    assert all(sorted(row, key=PHASES.index) == row for row in found)
    early = Counter(row[8] for row in found)
    assert early["stationary"] > 0.95 * len(found)
    assert Counter(row[11] for row in found)["decline"] > 0.95 * len(found)


@pytest.mark.parametrize("day", [3, 4, 8])
def test_that_one_wrong_sample_changes_no_more_than_its_neighbors(day):
    wrong = CELLS.copy()
    wrong[day] *= 1.8
    found = phases(wrong)
    assert [a for i, a in enumerate(found) if abs(i - day) > 2] == [a for i, a in enumerate(NAMED) if abs(i - day) > 2]


def test_that_low_viability_begins_the_decline_after_growth_alone_and_not_by_one_odd_value():
    viability = np.full(len(DAYS), 95.0)
    viability[:3] = 70
    assert phases(viability=viability) == NAMED
    odd = viability.copy()
    odd[8] = 20
    assert phases(viability=odd) == NAMED
    viability[8:] = 75
    assert phases(viability=viability)[7:9] == ["stationary", "decline"]


def test_that_samples_several_times_a_day_tell_the_same():
    hours = np.arange(0, DAYS[-1] + 1, 6.0)
    random = np.random.default_rng(2)
    for _ in range(20):
        dense = np.interp(hours, DAYS, np.log(CELLS)) + random.normal(0, 0.05, len(hours))
        found = phases(np.exp(dense), hours)
        assert sum(a != b for a, b in zip(found, NAMED, strict=True)) <= 3  # one an edge


def test_that_cells_that_never_grow_stay_inoculated_and_cells_that_never_stop_stay_growing():
    assert set(phases(np.ones(13))) == {"inoculation"}
    assert phases(np.exp(0.5 * np.arange(13)))[1:] == ["growth"] * 12


def test_that_what_cannot_be_told_is_unknown():
    assert set(phases(np.full(13, np.nan))) == {""}
    assert set(phases(np.where(np.arange(13) < 2, CELLS, np.nan))) == {""}
    assert phase_at(Batch("B0", EMPTY, EMPTY), DAYS, PhaseRule()).tolist() == [""] * 13
    assert len(phases(at=np.zeros(0))) == 0
    bad = CELLS.copy()
    bad[[5, 8]] = 0, np.inf
    assert phases(bad) == NAMED


def test_that_hours_far_from_any_sample_are_unknown_but_a_decline_is_for_good():
    early = np.where(DAYS <= 144, CELLS, np.nan)
    assert phases(early)[7:] == ["growth", *[""] * 5]
    assert phases(at=np.array([1000.0])) == ["decline"]
    late = np.where(DAYS >= 72, CELLS, np.nan)
    assert phases(late)[:4] == ["", "", "growth", "growth"]
