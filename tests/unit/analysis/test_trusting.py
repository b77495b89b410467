"""The trust tests: maps of real relations pass, maps of shuffled targets do not, and little data says so."""

import dataclasses

import numpy as np
import pytest
from little_batches import VARIABLES, batch

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.correlations import correlation
from mabdesk.analysis.decoys import with_decoys
from mabdesk.analysis.deletion import deletion_test, with_baseline
from mabdesk.analysis.explained import Explained
from mabdesk.analysis.grouping import grouping_of
from mabdesk.analysis.integrated import aligned, contribute
from mabdesk.analysis.refits import Learning, halves_of, partners, shuffled
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.analysis.trusting import trust
from mabdesk.analysis.typical_windows import typical_windows
from mabdesk.data.batch import Dataset
from mabdesk.data.cleaning import fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for, regular_windows, training_windows
from mabdesk.models import factory
from mabdesk.models.settings import settings_for
from mabdesk.progress import SILENT

OPTIONS = ExplainOptions(refits=4, permuted=4)


def study(numbers, kind="ridge", preset="soft_sensor", exchange=False):
    """Fit a model on little batches; return what is explained and what it learned from."""
    data = Dataset(VARIABLES, tuple(batch(number) for number in numbers), ())
    plan = plan_for(data, WindowPlan(preset=preset, step_h=4.0))
    cleaning = fit_cleaning(data, CleaningPlan(), data.ids)
    rows = training_windows(data, plan, cleaning, 12.0)
    rows = shuffled(rows, 0, 5) if exchange else rows
    settings = settings_for(kind)

    def make(more):
        return factory.create(kind, settings, dataclasses.replace(plan, inputs=(*plan.inputs, *more)))

    model = make(())
    model.fit(rows, rows.of(()), 1, SILENT)
    windows = regular_windows(data, plan, cleaning, 24.0)
    typical = typical_windows(windows, windows, "mean_trajectory")
    baseline = aligned(typical.windows, typical.baseline)
    given = contribute(model, typical.windows, baseline, 0, 0.01, SILENT, None)
    grouping = grouping_of(typical.windows, plan.inputs, given.last)
    found = Explained(model, typical.windows, baseline, typical.windows, 0, grouping, given)
    return found, Learning(rows, (), make)


@pytest.fixture(scope="module")
def real():
    return study(range(20))


@pytest.fixture(scope="module")
def trusted(real):
    return trust(*real, OPTIONS, 1, SILENT)


def light(trusted, name) -> TrustTest:
    return next(one for one in trusted.tests if one.test == name)


def test_that_a_map_of_a_real_relation_passes_every_test(real, trusted):
    assert [one.test for one in trusted.tests] == [
        "completeness", "stability", "deletion", "permuted_target", "inert_variables",
    ]  # fmt: skip
    assert all(one.passed for one in trusted.tests), [one.sentence for one in trusted.tests]
    assert all(one.sentence.endswith(".") for one in trusted.tests)
    count = len(real[0].grouping.variables)
    assert trusted.floor.shape == trusted.refit_low.shape == (count,)
    assert (trusted.refit_low <= trusted.refit_high).all()


def test_that_a_map_of_shuffled_titers_is_refused():
    found, learn = study(range(20), exchange=True)
    tests = trust(found, learn, OPTIONS, 1, SILENT)
    told = light(tests, "permuted_target")
    assert told.passed is False
    assert "no better than the typical course" in told.sentence or "much the same map" in told.sentence


def test_that_in_a_forecast_what_every_model_knows_is_no_evidence():
    found, learn = study(range(20), preset="forecast", exchange=True)
    assert light(trust(found, learn, OPTIONS, 1, SILENT), "permuted_target").passed is False


def test_that_few_batches_are_said_to_be_too_few_instead_of_passing():
    tests = trust(*study(range(5)), OPTIONS, 1, SILENT)
    for name in ("stability", "permuted_target", "inert_variables"):
        one = light(tests, name)
        assert one.passed is None
        assert "learned from 5" in one.sentence
    assert np.isnan(tests.floor).all()


def test_that_the_same_seed_gives_the_same_lights_bit_for_bit(real, trusted):
    again = trust(*real, OPTIONS, 1, SILENT)
    assert again.tests == trusted.tests
    np.testing.assert_array_equal(again.floor, trusted.floor)


def test_that_shuffling_keeps_whole_courses_and_gives_no_batch_its_own(real):
    rows = real[1].windows
    mixed = shuffled(rows, 0, 3)
    partner = partners(tuple(np.unique(rows.batch_ids).tolist()), 3)
    assert all(name != other for name, other in partner.items())
    for name, other in list(partner.items())[:3]:
        mine, theirs = mixed.of((name,)), rows.of((other,))
        np.testing.assert_array_equal(mine.y, theirs.y)
    np.testing.assert_array_equal(mixed.x, rows.x)


def test_that_halves_share_no_batch_and_miss_none():
    first, second = halves_of(tuple("abcdefg"), 1)
    assert sorted((*first, *second)) == list("abcdefg")
    assert abs(len(first) - len(second)) == 1


def test_that_decoys_look_like_a_sensor_and_belong_to_another_batch(real):
    found, learn = real
    beside, told = with_decoys(found, learn, 1)
    names = told.more
    assert names
    assert beside.grouping.variables[-len(names) :] == names
    assert beside.windows.channels == told.windows.channels
    assert beside.windows.x.shape[2] == found.windows.x.shape[2] + len(names)
    assert len(beside.grouping.channel_of) == len(beside.windows.channels) + len(beside.windows.targets)
    place = beside.windows.channels.index(names[0])
    copied = beside.windows.x[:, :, place]
    same = [k for k in range(found.windows.x.shape[2]) if not np.array_equal(copied, found.windows.x[:, :, k])]
    assert len(same) == found.windows.x.shape[2]  # equal to no channel as it stands
    assert any(np.array_equal(np.sort(copied.ravel()), np.sort(found.windows.x[:, :, k].ravel())) for k in same)


def test_that_a_map_that_says_the_opposite_fails_the_deletion_test(real):
    found = real[0]
    given = found.contributions
    sizes = np.abs(given.by_step).sum(axis=(0, 1))
    least_first = np.argsort(np.argsort(-sizes)) + 1.0  # the least contributing channel is called the largest
    wrong = dataclasses.replace(given, by_step=np.sign(given.by_step) * least_first**2)
    assert deletion_test(found, 1).passed
    assert deletion_test(dataclasses.replace(found, contributions=wrong), 1).passed is False


def test_that_a_variable_at_its_baseline_takes_all_its_channels_along(real):
    found = real[0]
    rows = np.arange(len(found.windows))
    place = found.grouping.variables.index("vcd")
    chosen = np.zeros((len(rows), len(found.grouping.variables)), dtype=bool)
    chosen[:, place] = True
    put = with_baseline(found, rows, chosen)
    before = found.windows.x
    moved = [
        name for k, name in enumerate(put.channels) if not np.array_equal(put.x[..., k], before[..., k], equal_nan=True)
    ]
    assert {"vcd", "ivcd", "previous_vcd"} <= set(moved) <= {"vcd", "ivcd", "root_ivcd", "initial_vcd", "previous_vcd"}


def test_that_a_correlation_with_nothing_is_none():
    assert correlation(np.ones(4), np.arange(4.0)) == 0
