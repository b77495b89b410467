"""Bad input for every simple kind, and what each says of training batches that it did not learn from."""

import dataclasses

import numpy as np
import pytest
from little_plant import fake_windows

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models import factory
from mabdesk.models.settings import KINDS
from mabdesk.models.summaries import scaled_sequences, summarize
from mabdesk.progress import SILENT

SIMPLE = tuple(kind for kind, known in KINDS.items() if known.simple)
SMALL = {"random_forest": {"trees": 10}}
EVERY = pytest.mark.parametrize("kind", SIMPLE)
BOTH = pytest.mark.parametrize("preset", ["soft_sensor", "forecast"])


def learned(kind, windows, preset="soft_sensor"):
    """Fit to windows of which the last quarter of the batches are for validation."""
    names = sorted(set(windows.batch_ids))
    cut = len(names) - len(names) // 4
    model = factory.create(kind, SMALL.get(kind, {}), WindowPlan(preset=preset))
    model.fit(windows.of(names[:cut]), windows.of(names[cut:]), 1, SILENT)
    return model


@EVERY
@BOTH
def test_that_a_constant_target_is_predicted_as_such(kind, preset):
    windows = fake_windows(channels=("temperature", "ph", "culture_age"))
    windows.y[:] = windows.last[:] = (2.5, 0.0)
    found = learned(kind, windows, preset).predict(windows).mean
    assert found == pytest.approx(np.broadcast_to([2.5, 0.0], found.shape), abs=1e-6)


@EVERY
@BOTH
def test_that_inputs_without_any_variation_still_give_a_model(kind, preset):
    windows = fake_windows()
    windows.x[:] = 1.0
    model = learned(kind, windows, preset)
    again = factory.create(kind, SMALL.get(kind, {}), WindowPlan(preset=preset))
    again.restore(model.arrays())
    assert np.isfinite(model.predict(windows).mean).all()
    assert np.array_equal(again.predict(windows).mean, model.predict(windows).mean)


@EVERY
@BOTH
def test_that_one_window_is_learned(kind, preset):
    windows = fake_windows()
    one = windows.take(np.arange(len(windows)) == 5)
    model = learned(kind, one, preset)
    assert model.predict(one).mean.shape == (1, 2)
    assert np.isfinite(model.predict(windows).mean).all()
    assert model.held_out() is None


@EVERY
@BOTH
def test_that_one_batch_is_learned(kind, preset):
    windows = fake_windows(batches=3)
    one = windows.of(["B00"])
    model = learned(kind, one, preset)
    assert np.isfinite(model.predict(windows).mean).all()
    assert model.held_out() is None


def test_that_summaries_and_sequences_take_infinite_inputs_for_unknown():
    windows, holes = fake_windows(), fake_windows()
    windows.x[3, -1, 0], windows.x[3, 0, 1], windows.x[10, 2, 3] = np.inf, -np.inf, np.inf
    holes.x[3, -1, 0], holes.x[3, 0, 1], holes.x[10, 2, 3] = np.nan, np.nan, np.nan
    np.testing.assert_array_equal(summarize(windows), summarize(holes))
    zero, one = np.zeros(holes.x.shape[2]), np.ones(holes.x.shape[2])
    np.testing.assert_array_equal(scaled_sequences(windows.x, zero, one), scaled_sequences(holes.x, zero, one))


@EVERY
@BOTH
def test_that_an_infinite_input_counts_as_unknown(kind, preset):
    windows, holes = fake_windows(), fake_windows()
    for at, sign in (((3, slice(None), 0), 1), ((10, -1, 3), -1), ((20, 4, 1), 1), ((30, 0, 4), 1)):
        windows.x[at], holes.x[at] = sign * np.inf, np.nan
    infinite, unknown = learned(kind, windows, preset), learned(kind, holes, preset)
    found = infinite.predict(windows).mean
    assert np.isfinite(found).all()
    assert np.array_equal(found, unknown.predict(holes).mean)


@EVERY
def test_that_an_infinite_target_counts_as_not_measured(kind):
    windows, holes = fake_windows(), fake_windows()
    windows.y[::7, 0], holes.y[::7, 0] = np.inf, np.nan
    assert np.array_equal(learned(kind, windows).predict(holes).mean, learned(kind, holes).predict(holes).mean)


@EVERY
@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_that_a_target_without_any_value_is_refused(kind, nothing):
    windows = fake_windows()
    windows.y[:, 1] = nothing
    with pytest.raises(DataError, match="No value of the target 'aggregates' was measured"):
        learned(kind, windows)


@EVERY
def test_that_held_out_batches_are_predicted_by_a_refit_without_them(kind):
    windows = fake_windows(batches=9)
    windows = dataclasses.replace(windows, measured=np.arange(len(windows)) % 3 != 1)
    model = learned(kind, windows)
    whole = model.predict(windows).mean
    found = model.held_out()
    real = windows.take(windows.measured)
    assert np.array_equal(found.batch_ids, real.batch_ids)
    assert np.array_equal(found.hours, real.target_hours)
    assert np.array_equal(found.measured, real.y)
    assert np.isfinite(found.mean).all()
    assert not found.spread.any()
    assert np.array_equal(model.predict(windows).mean, whole)
    if kind != "last_value":  # this one learns next to nothing
        assert not np.array_equal(found.mean, whole[windows.measured])


@EVERY
def test_that_what_is_said_of_a_held_out_batch_does_not_depend_on_its_targets(kind):
    windows, other = fake_windows(batches=9), fake_windows(batches=9)
    own = windows.batch_ids == "B03"
    other.y[own] *= 3.0
    before, after = learned(kind, windows).held_out(), learned(kind, other).held_out()
    assert np.array_equal(before.mean[own], after.mean[own])
    assert not np.array_equal(before.mean, after.mean)


def test_that_a_target_that_a_single_batch_has_cannot_be_said_of_that_batch():
    windows = fake_windows(batches=6)
    windows.y[windows.batch_ids != "B02", 1] = np.nan
    found = learned("ridge", windows).held_out()
    alone = found.batch_ids == "B02"
    assert np.isnan(found.mean[alone]).all()
    assert np.isnan(found.spread[alone]).all()
    assert np.isfinite(found.mean[~alone]).any()


@EVERY
def test_that_a_restored_model_has_no_held_out_batches_and_none_has_dropout(kind):
    windows = fake_windows()
    model = learned(kind, windows)
    assert model.held_out() is not None
    assert model.dropout_samples(windows, 3, 1) is None
    model.restore(model.arrays())
    assert model.held_out() is None
