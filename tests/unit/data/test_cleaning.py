"""Cleaning removes what instruments invent, leaves what cultures do, and says so."""

from dataclasses import fields, replace

import numpy as np
import pytest
from synthetic_batches import ONLINE, VARIABLES, changed, data, swapped, with_offline, with_online

from mabdesk.data import gaps
from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable
from mabdesk.data.cleaning import clean, fit_cleaning
from mabdesk.data.settings import CleaningPlan
from mabdesk.errors import DataError

TRAIN = tuple(f"B{i:02d}" for i in range(10))
PLAN = CleaningPlan()


def cleaned(dataset, plan=PLAN, training=TRAIN):
    return clean(fit_cleaning(dataset, plan, training), dataset)


def rules(result, variable=None, batch=None):
    return [
        c
        for c in result.changes
        if "gap" not in c.rule and (variable is None or c.variable == variable) and (batch is None or c.batch == batch)
    ]


def same_fit(one, other):
    for field in fields(one):
        if field.name != "arrays":
            assert getattr(one, field.name) == getattr(other, field.name)
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])


def test_that_clean_batches_with_a_temperature_shift_and_growth_lose_nothing():
    assert rules(cleaned(data())) == []


def test_that_a_spike_is_found_listed_and_bridged():
    dataset = with_online(data(), "B03", "ph", 200, 7.4)
    result = cleaned(dataset)
    (change,) = rules(result)
    assert (change.rule, change.variable, change.batch) == ("outlier: removed", "ph", "B03")
    assert (change.hour, change.before, change.count) == (50.0, "7.4", 1)
    batch = result.dataset.only(["B03"]).batches[0]
    row = np.flatnonzero(batch.online.hours == 50.0)[0]
    assert abs(batch.online.column("ph")[row] - 7) < 0.05
    assert result.status["B03"].online[row, 1] == gaps.INTERPOLATED


def test_that_three_bad_values_in_a_row_are_found():
    result = cleaned(with_online(data(), "B03", "ph", slice(200, 203), 7.4))
    assert [c.hour for c in rules(result)] == [50.0, 50.25, 50.5]


def test_that_a_new_level_is_no_outlier():
    assert rules(cleaned(with_online(data(gaps=False), "B03", "ph", slice(400, None), 7.2))) != []  # flat: frozen
    dataset = data(gaps=False)
    ph = dataset.batches[3].online.column("ph")
    assert rules(cleaned(with_online(dataset, "B03", "ph", slice(400, None), ph[400:] + 0.2))) == []


def test_that_a_frozen_sensor_is_found_once_a_stretch():
    result = cleaned(with_online(data(), "B04", "dissolved_oxygen", slice(300, 500), 41.3))
    (change,) = rules(result)
    assert (change.rule, change.before) == ("frozen sensor: removed", "41.3")
    assert 182 < change.count < 192  # three hours pass before it counts as frozen
    status = result.status["B04"].online[:, 2]
    assert (status[313:500] == gaps.NEIGHBORS).all()


def test_that_a_coarse_instrument_is_not_frozen():
    dataset = data(gaps=False)
    for batch in dataset.batches:
        coarse = np.round(batch.online.column("temperature"))
        dataset = with_online(dataset, batch.id, "temperature", slice(None), coarse)
    assert rules(cleaned(dataset)) == []


def test_that_an_implausible_value_is_removed():
    (change,) = rules(cleaned(with_online(data(), "B05", "temperature", slice(80, 81), -999.0)))
    assert change.rule == "outside the plausible range: removed"
    assert change.before == "-999"


def test_that_a_short_gap_follows_a_line_and_a_long_one_other_batches():
    dataset = data(gaps=False)
    dataset = with_online(dataset, "B06", "temperature", slice(100, 104), np.nan)
    dataset = with_online(dataset, "B06", "temperature", slice(500, 560), np.nan)  # after the shift to 34.5
    result = cleaned(dataset)
    before = dataset.only(["B06"]).batches[0].online.column("temperature")
    after = result.dataset.only(["B06"]).batches[0].online.column("temperature")
    np.testing.assert_allclose(after[100:104], np.interp(range(100, 104), [99, 104], before[[99, 104]]))
    np.testing.assert_allclose(after[500:560], 34.5, atol=0.15)
    assert (result.status["B06"].online[100:104, 0] == gaps.INTERPOLATED).all()
    assert (result.status["B06"].online[500:560, 0] == gaps.NEIGHBORS).all()
    counts = {c.rule: c.count for c in result.changes if "gap" in c.rule and c.variable == "temperature"}
    assert counts["short gap: interpolated"] == 4
    assert counts["long gap: filled from training batches"] == 60


def test_that_missing_rows_are_a_gap_too_and_can_stay_empty():
    dataset = swapped(data(gaps=False), "B06", lambda b: without_rows(b, slice(300, 340)))
    filled = cleaned(dataset)
    batch = filled.dataset.only(["B06"]).batches[0]
    assert np.diff(batch.online.hours).max() < 0.5
    assert np.isfinite(batch.online.values).all()
    left = cleaned(dataset, CleaningPlan(long_gaps="leave")).dataset.only(["B06"]).batches[0]
    inside = (left.online.hours > 75) & (left.online.hours < 84.9)
    assert np.isnan(left.online.values[inside]).all()


def without_rows(batch, rows):
    keep = np.delete(np.arange(len(batch.online.hours)), rows)
    online = Measurements(batch.online.names, batch.online.hours[keep], batch.online.values[keep])
    return Batch(batch.id, online, batch.offline)


def test_that_neighbors_follow_the_batch_they_are_most_like():
    dataset = data(gaps=False)
    for number, batch in enumerate(dataset.batches):
        if number % 2:
            warmer = batch.online.column("temperature") + 1.0
            dataset = with_online(dataset, batch.id, "temperature", slice(None), warmer)
    dataset = with_online(dataset, "B11", "temperature", slice(200, 300), np.nan)
    after = cleaned(dataset, CleaningPlan(neighbors=3)).dataset.only(["B11"]).batches[0].online.column("temperature")
    np.testing.assert_allclose(after[200:300], 37.8, atol=0.1)


def test_that_an_offline_slip_is_removed_and_growth_is_not():
    dataset = data()
    true = dataset.batches[2].offline.column("vcd")[5]
    (change,) = rules(cleaned(with_offline(dataset, "B02", "vcd", 5, true * 3)))
    assert (change.rule, change.variable, change.batch) == ("outlier: removed", "vcd", "B02")


def test_that_added_amounts_may_double_after_a_missed_sample():
    dataset = data()
    batches = []
    for batch in dataset.batches:
        values = np.column_stack([batch.offline.values, np.full(9, 2.0) + 0.01 * np.arange(9)])
        values[5, -1] = 4.0 if batch.id == "B02" else values[5, -1]
        offline = Measurements((*batch.offline.names, "feed_volume"), batch.offline.hours, values)
        batches.append(replace(batch, offline=offline))
    for unit, found in (("L", 0), ("g/L", 1)):
        variables = (*VARIABLES, Variable("feed_volume", unit, "offline"))
        assert len(rules(cleaned(Dataset(variables, tuple(batches))))) == found


def test_that_targets_are_flagged_but_never_changed():
    dataset = data()
    dataset = with_offline(dataset, "B02", "titer", 5, 25.0)
    dataset = with_offline(dataset, "B02", "aggregates", 5, 99.0)
    for plan in (PLAN, CleaningPlan(outliers="plain")):
        result = cleaned(dataset, plan)
        flagged = {c.variable: c.after for c in result.changes if c.rule == "suspicious, kept as it is"}
        assert flagged["titer"] == "25"
        assert flagged["aggregates"] == "99"
        batch = result.dataset.only(["B02"]).batches[0]
        np.testing.assert_array_equal(batch.offline.column("titer"), dataset.batches[2].offline.column("titer"))


def test_that_an_upset_batch_keeps_its_values():
    dataset = data()
    vcd = dataset.batches[2].offline.column("vcd")[4:]
    result = cleaned(with_offline(dataset, "B02", "vcd", slice(4, None), vcd * 0.2))
    assert len(rules(result)) <= 1  # the first value of a new course cannot be told from a slip


def test_that_infinity_counts_as_not_measured_and_is_listed():
    dataset = with_online(data(gaps=False), "B01", "ph", 7, np.inf)
    dataset = with_offline(dataset, "B01", "titer", 3, -np.inf)
    result = cleaned(dataset)
    listed = {(c.variable, c.before) for c in rules(result)}
    assert listed == {("ph", "inf"), ("titer", "-inf")}
    batch = result.dataset.only(["B01"]).batches[0]
    assert np.isfinite(batch.online.values).all()
    assert np.isnan(batch.offline.column("titer")[3])


def test_that_constant_and_empty_columns_are_excluded_with_the_reason():
    dataset = data(gaps=False)
    for batch in dataset.batches:
        dataset = with_online(dataset, batch.id, "dissolved_oxygen", slice(None), 40.0)
        dataset = with_offline(dataset, batch.id, "glucose", slice(None), np.nan)
    fitted = fit_cleaning(dataset, PLAN, TRAIN)
    assert fitted.excluded == {
        "dissolved_oxygen": "constant at 40 % in the training batches",
        "glucose": "never measured in the training batches",
    }
    listed = {c.variable: c.after for c in clean(fitted, dataset).changes if c.rule == "excluded from the inputs"}
    assert listed == fitted.excluded


def test_that_the_plain_rule_cuts_a_real_shift_and_takes_one_row_a_column():
    dataset = data(days=6)  # the temperature is shifted on the last day: legitimate, but rare
    assert rules(cleaned(dataset)) == []
    (change,) = [c for c in cleaned(dataset, CleaningPlan(outliers="plain")).changes if "plain" in c.rule]
    assert change.variable == "temperature"
    assert change.count > 1000


def test_that_no_outlier_rule_removes_nothing():
    dataset = with_online(data(), "B05", "temperature", 80, -999.0)
    assert rules(cleaned(dataset, CleaningPlan(outliers="none"))) == []


def test_that_nothing_fitted_depends_on_other_batches():
    dataset = data()
    spoiled = with_online(dataset, "B11", "ph", slice(None), 8.5)
    spoiled = with_offline(spoiled, "B10", "vcd", slice(None), 200.0)
    spoiled = swapped(spoiled, "B10", lambda b: Batch(b.id, EMPTY, b.offline))
    same_fit(fit_cleaning(dataset, PLAN, TRAIN), fit_cleaning(spoiled, PLAN, TRAIN))


def test_that_what_is_fitted_is_arrays_and_plain_values():
    fitted = fit_cleaning(data(), PLAN, TRAIN)
    assert all(type(array) is np.ndarray and array.dtype == np.float64 for array in fitted.arrays.values())


def test_that_three_short_batches_are_too_few_for_fences_but_clean():
    dataset = data(count=3, days=2)
    result = cleaned(with_offline(dataset, "B00", "vcd", 1, 200.0), training=("B00", "B01", "B02"))
    assert rules(result) == []


def test_that_odd_batches_do_not_break_it():
    one_row = Batch("one", Measurements(ONLINE, [3.0], [[37.0, 7.0, 40.0]]), Measurements(("titer",), [5], [[1.0]]))
    dataset = data()
    dataset = Dataset(dataset.variables, (*dataset.batches, one_row, Batch("none", EMPTY, EMPTY)))
    for training in (TRAIN, (*TRAIN, "one", "none"), ("one",), ("none",)):
        result = cleaned(dataset, training=training)
        assert result.dataset.ids == dataset.ids
        assert result.dataset.batches[-1].duration == 0


def test_that_no_training_batch_is_refused():
    with pytest.raises(DataError, match="no training batches"):
        fit_cleaning(data(), PLAN, ("unknown",))


def test_that_unknown_columns_of_a_new_file_pass_untouched():
    fitted = fit_cleaning(data(), PLAN, TRAIN)
    batch = data().batches[0]
    more = Measurements(
        (*batch.online.names, "new"), batch.online.hours, np.column_stack([batch.online.values, batch.online.hours])
    )
    variables = (*VARIABLES, Variable("new", "", "online"))
    after = clean(fitted, Dataset(variables, (Batch("X", more, batch.offline),))).dataset.batches[0]
    np.testing.assert_array_equal(after.online.column("new"), batch.online.hours)


def test_that_the_original_is_left_alone():
    dataset = with_online(data(), "B03", "ph", 200, 7.4)
    before = dataset.batches[3].online.values.copy()
    cleaned(dataset)
    np.testing.assert_array_equal(dataset.batches[3].online.values, before)
    assert changed(dataset.batches[3].online, "ph", 0, 1.0) is not dataset.batches[3].online
