"""Windows are causal, stay inside their batch, and end where a target was sampled."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_batches import OFFLINE, ONLINE, VARIABLES, batch, data, swapped, with_offline, without_online

from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable
from mabdesk.data.cleaning import fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import drawing_windows, plan_for, sample_windows, training_windows
from mabdesk.errors import DataError

PLAN = CleaningPlan()
DATA = data()
FITTED = fit_cleaning(DATA, PLAN, DATA.ids[:8])
SOFT = plan_for(DATA, WindowPlan())
FORECAST = plan_for(DATA, WindowPlan(preset="forecast"))
FINE = replace(SOFT, step_h=0.25)
CUTTERS = (sample_windows, training_windows, drawing_windows)


def untidy(name="X", seed=99, days=8):
    """Give a batch with gaps, spikes, a frozen stretch, missing rows and a slipped sample."""
    original = batch(name, seed, days)
    online = original.online.values.copy()
    noise = np.random.default_rng(seed)
    online[noise.random(online.shape) < 0.01] *= 1.2
    online[150:170, 0] = np.nan
    online[350:362] = np.nan
    online[400:450, 2] = 41.0
    keep = np.delete(np.arange(len(online)), np.r_[220:226, 500:540])
    offline = original.offline.values.copy()
    offline[3, 0] *= 4
    offline[5, 1] = np.nan
    return replace(
        original,
        online=Measurements(ONLINE, original.online.hours[keep], online[keep]),
        offline=Measurements(OFFLINE, original.offline.hours, offline),
    )


def only(one):
    return Dataset(VARIABLES, (one,))


def scrambled_after(one, hour, noise):
    """Change every value later than an hour: some vanish, some are wild."""

    def later(table):
        values = table.values.copy()
        rows = table.hours > hour
        values[rows] = noise.choice([np.nan, np.inf, 0.0, 7.2, 36.0, 44.0, 5000.0], size=values[rows].shape)
        return Measurements(table.names, table.hours, values)

    return replace(one, online=later(one.online), offline=later(one.offline))


def cut_after(one, hour):
    """Give the batch as it was known at an hour."""

    def until(table):
        rows = table.hours <= hour
        return Measurements(table.names, table.hours[rows], table.values[rows])

    return replace(one, online=until(one.online), offline=until(one.offline))


@pytest.mark.parametrize("plan", [SOFT, FORECAST, FINE], ids=["soft sensor", "forecast", "quarter hours"])
@pytest.mark.parametrize("rule", ["residual", "plain", "none"])
def test_that_nothing_later_than_a_window_changes_it(plan, rule):
    one = untidy()
    fitted = fit_cleaning(DATA, CleaningPlan(outliers=rule), DATA.ids[:8])
    windows = drawing_windows(only(one), plan, fitted, 4.75)
    noise = np.random.default_rng(0)
    for number in range(0, len(windows), 2):
        hour = windows.hours[number]
        for other in (scrambled_after(one, hour, noise), cut_after(one, hour)):
            again = drawing_windows(only(other), plan, fitted, 4.75)
            row = np.flatnonzero(np.abs(again.hours - hour) < 1e-9)
            if not len(row):  # the shortened batch ends before this hour
                continue
            np.testing.assert_array_equal(again.x[row[0]], windows.x[number])
            np.testing.assert_array_equal(again.last[row[0]], windows.last[number])
            np.testing.assert_array_equal(again.last_hours[row[0]], windows.last_hours[number])


def test_that_no_online_value_after_a_sample_enters_its_window():
    one = untidy()
    windows = sample_windows(only(one), SOFT, FITTED)
    for number, hour in enumerate(windows.hours):
        again = sample_windows(only(scrambled_online(one, hour)), SOFT, FITTED)
        np.testing.assert_array_equal(again.x[number], windows.x[number])


def scrambled_online(one, hour):
    values = one.online.values.copy()
    values[one.online.hours > hour] = 30.0
    return replace(one, online=Measurements(one.online.names, one.online.hours, values))


def test_that_earlier_values_do_matter():
    one = untidy()
    windows = sample_windows(only(one), SOFT, FITTED)
    again = sample_windows(only(scrambled_online(one, 100.0)), SOFT, FITTED)
    late = windows.hours > 130
    assert (again.x[late] != windows.x[late]).any(axis=(1, 2)).all()


def test_that_soft_sensor_windows_end_at_real_samples():
    windows = sample_windows(DATA, SOFT, FITTED)
    assert windows.targets == ("titer", "aggregates")
    assert windows.measured.all()
    np.testing.assert_array_equal(windows.hours, windows.target_hours)
    for batch_id in DATA.ids:
        offline = DATA.only([batch_id]).batches[0].offline
        mine = windows.of([batch_id])
        np.testing.assert_array_equal(mine.target_hours, offline.hours[1:])
        np.testing.assert_array_equal(mine.y[:, 0], offline.column("titer")[1:])
        np.testing.assert_array_equal(mine.last[:, 0], offline.column("titer")[:-1])
        np.testing.assert_array_equal(mine.last_hours[:, 0], offline.hours[:-1])


def test_that_forecast_windows_end_at_the_sample_a_day_before():
    windows = sample_windows(DATA, FORECAST, FITTED)
    mine = windows.of(["B03"])
    hours = DATA.batches[3].offline.hours
    np.testing.assert_array_equal(mine.target_hours, hours[2:])
    np.testing.assert_array_equal(mine.hours, hours[1:-1])
    np.testing.assert_array_equal(mine.last_hours[:, 0], hours[1:-1])
    np.testing.assert_allclose(mine.final("titer"), mine.last[:, 0], rtol=1e-6)


def test_that_a_forecast_without_a_sample_near_ends_exactly_at_its_horizon():
    one = batch("X", 5)
    keep = np.arange(len(one.offline.hours)) != 4
    one = replace(one, offline=Measurements(OFFLINE, one.offline.hours[keep], one.offline.values[keep]))
    windows = sample_windows(only(one), FORECAST, FITTED)
    after = windows.target_hours == one.offline.hours[4]
    np.testing.assert_allclose(windows.hours[after], one.offline.hours[4] - 24)


def test_that_inputs_follow_the_preset():
    assert SOFT.inputs == ("temperature", "ph", "dissolved_oxygen", "vcd", "glucose")
    assert FORECAST.inputs == (*SOFT.inputs, "titer")
    channels = sample_windows(DATA, SOFT, FITTED).channels
    assert not [name for name in channels if "titer" in name or "aggregates" in name]
    wanted = ("culture_age", "ivcd", "root_ivcd", "hours_since_sample", "mean_ph", "initial_vcd", "previous_glucose")
    assert set(wanted) <= set(channels)
    assert len(set(channels)) == len(channels)


def test_that_the_shape_follows_length_and_step():
    assert sample_windows(DATA, SOFT, FITTED).x.shape[1:] == (24, 17)
    assert sample_windows(DATA, FINE, FITTED).x.shape[1:] == (96, 17)
    assert sample_windows(DATA, FINE, FITTED).x.dtype == np.float32


def test_that_a_step_is_the_mean_of_its_online_values():
    dataset = data(gaps=False)
    fitted = fit_cleaning(dataset, PLAN, dataset.ids)
    windows = drawing_windows(dataset.only(["B00"]), replace(SOFT, length_h=24.0), fitted, 24.0)
    ph = dataset.batches[0].online.column("ph")
    row = np.flatnonzero(windows.hours == 72.0)[0]
    expected = ph[4 * 48 + 1 : 4 * 72 + 1].reshape(24, 4).mean(axis=1)
    np.testing.assert_allclose(windows.x[row, :, 1], expected, rtol=1e-6)


def test_that_samples_are_held_from_their_hour_on_with_their_age():
    windows = drawing_windows(DATA.only(["B02"]), FINE, FITTED, 24.0)
    offline = DATA.batches[2].offline
    row = np.flatnonzero(windows.hours == 96.0)[0]
    times = 96.0 - 0.25 * np.arange(95, -1, -1)
    held = np.searchsorted(offline.hours, times, side="right") - 1
    np.testing.assert_allclose(windows.x[row, :, windows.channels.index("vcd")], offline.column("vcd")[held], rtol=1e-6)
    age = windows.x[row, :, windows.channels.index("hours_since_sample")]
    np.testing.assert_allclose(age, times - offline.hours[held], atol=1e-4)


def test_that_a_slip_is_seen_until_the_next_sample_unmasks_it():
    hours, vcd = DATA.batches[2].offline.hours, DATA.batches[2].offline.column("vcd")
    dataset = with_offline(DATA, "B02", "vcd", 5, 3 * vcd[5])
    windows = sample_windows(dataset.only(["B02"]), SOFT, FITTED)
    seen = windows.x[:, :, windows.channels.index("vcd")]
    assert seen[4, -1] == pytest.approx(3 * vcd[5])
    assert windows.hours[4] == hours[5]
    for later in range(5, len(windows)):
        assert not np.isclose(seen[later], 3 * vcd[5]).any()
    honest = np.array([0, 1, 2, 3, 4, 6, 7, 8])
    total = np.trapezoid(vcd[honest], hours[honest]) / 24
    np.testing.assert_allclose(windows.final("ivcd")[-1], total, rtol=1e-5)


def test_that_ivcd_is_the_trapezoid_and_then_the_last_value_on():
    windows = drawing_windows(DATA.only(["B02"]), SOFT, FITTED, 5.0)
    hours, vcd = DATA.batches[2].offline.hours, DATA.batches[2].offline.column("vcd")
    for end, value in zip(windows.hours, windows.final("ivcd"), strict=True):
        known = hours <= end
        total = np.trapezoid(vcd[known], hours[known]) + vcd[known][-1] * (end - hours[known][-1])
        np.testing.assert_allclose(value, total / 24, rtol=1e-5)
    np.testing.assert_allclose(windows.final("root_ivcd"), np.sqrt(windows.final("ivcd")), rtol=1e-5)
    np.testing.assert_allclose(windows.final("initial_vcd"), vcd[0], rtol=1e-6)
    np.testing.assert_allclose(windows.final("culture_age"), windows.hours / 24, rtol=1e-6)


def test_that_the_previous_day_is_the_sample_before():
    windows = sample_windows(DATA.only(["B02"]), SOFT, FITTED)
    glucose = DATA.batches[2].offline.column("glucose")
    np.testing.assert_allclose(windows.final("glucose"), glucose[1:], rtol=1e-6)
    np.testing.assert_allclose(windows.final("previous_glucose"), glucose[:-1], rtol=1e-6)


def test_that_means_run_from_inoculation():
    windows = drawing_windows(DATA.only(["B02"]), SOFT, FITTED, 24.0)
    hours, values = DATA.batches[2].online.measured("dissolved_oxygen")
    expected = [values[hours <= end].mean() for end in windows.hours]
    np.testing.assert_allclose(windows.final("mean_dissolved_oxygen"), expected, atol=0.1)


def test_that_training_windows_without_a_stride_are_those_of_the_samples():
    windows, samples = training_windows(DATA, SOFT, FITTED, 0.0), sample_windows(DATA, SOFT, FITTED)
    np.testing.assert_array_equal(windows.hours, samples.hours)
    assert windows.measured.all()


def test_that_training_windows_add_interpolated_labels_between_samples_only():
    windows = training_windows(DATA, SOFT, FITTED)
    real = windows.take(windows.measured)
    np.testing.assert_array_equal(real.y, sample_windows(DATA, SOFT, FITTED).y)
    added = windows.take(~windows.measured)
    assert len(added) > 0.7 * len(real)
    for number in range(len(added)):
        offline = DATA.only([added.batch_ids[number]]).batches[0].offline
        hour = added.target_hours[number]
        assert offline.hours[0] < hour < offline.hours[-1]
        assert np.abs(offline.hours - hour).min() > 3
        np.testing.assert_allclose(added.y[number, 0], np.interp(hour, offline.hours, offline.column("titer")))


def test_that_no_label_is_drawn_across_a_long_pause():
    dataset = data()
    dataset = with_offline(dataset, "B00", "titer", slice(2, 7), np.nan)
    dataset = with_offline(dataset, "B00", "aggregates", slice(2, 7), np.nan)
    hours = dataset.batches[0].offline.hours
    added = training_windows(dataset.only(["B00"]), SOFT, FITTED)
    inside = (added.target_hours > hours[1]) & (added.target_hours < hours[7])
    assert not inside.any()


def test_that_a_missing_target_is_nan_and_the_other_still_counts():
    dataset = with_offline(DATA, "B04", "titer", 3, np.nan)
    mine = sample_windows(dataset.only(["B04"]), SOFT, FITTED)
    assert np.isnan(mine.y[2, 0])
    assert np.isfinite(mine.y[2, 1])
    assert mine.last_hours[3, 0] == dataset.batches[4].offline.hours[2]


def test_that_drawing_windows_reach_from_the_first_full_one_to_the_end():
    windows = drawing_windows(DATA.only(["B01"]), SOFT, FITTED, 6.0)
    assert windows.hours[0] == 24.0
    assert windows.hours[-1] == DATA.batches[1].duration
    assert np.isnan(windows.y).all()
    assert not windows.measured.any()
    ahead = drawing_windows(DATA.only(["B01"]), FORECAST, FITTED, 6.0)
    np.testing.assert_array_equal(ahead.target_hours, ahead.hours + 24)


@pytest.mark.parametrize("cutter", CUTTERS)
def test_that_windows_of_a_batch_do_not_depend_on_other_batches(cutter):
    together = cutter(DATA, FORECAST, FITTED)
    alone = cutter(DATA.only(["B05"]), FORECAST, FITTED)
    np.testing.assert_array_equal(together.of(["B05"]).x, alone.x)
    assert len(set(together.batch_ids)) == len(DATA.ids)


@pytest.mark.parametrize("cutter", CUTTERS)
def test_that_odd_batches_do_not_break_it(cutter):
    one_sample = Batch("one", EMPTY, Measurements(("titer",), [30.0], [[1.0]]))
    one_row = Batch("row", Measurements(ONLINE, [40.0], [[37.0, 7.0, 40.0]]), Measurements(("titer",), [40], [[1.0]]))
    dataset = Dataset(VARIABLES, (Batch("none", EMPTY, EMPTY), one_sample, one_row, batch("long", 3, 20)))
    windows = cutter(dataset, SOFT, FITTED)
    assert windows.x.shape == (len(windows), 24, 17)
    assert not windows.of(["none"]).hours.size
    assert len(windows.of(["long"])) >= 20
    assert np.isfinite(windows.of(["long"]).x[:, :, 0]).mean() > 0.98
    nothing = cutter(dataset.only(["none"]), FORECAST, FITTED)
    assert nothing.x.shape == (0, 24, 19)
    assert nothing.y.shape == nothing.last.shape == (0, 2)


def test_that_a_batch_without_sensors_shows_its_samples():
    dataset = swapped(DATA, "B06", without_online)
    mine = sample_windows(dataset, SOFT, FITTED).of(["B06"])
    assert len(mine) == 8
    assert np.isnan(mine.x[:, :, :3]).all()
    np.testing.assert_allclose(mine.final("vcd"), dataset.batches[6].offline.column("vcd")[1:], rtol=1e-6)


def test_that_a_site_without_sensors_has_no_sensor_channels():
    batches = tuple(without_online(b) for b in DATA.batches)
    dataset = Dataset(tuple(v for v in VARIABLES if v.role != "online"), batches)
    plan = plan_for(dataset, WindowPlan())
    windows = sample_windows(dataset, plan, fit_cleaning(dataset, PLAN, dataset.ids))
    assert windows.channels[:2] == ("vcd", "glucose")
    assert not [name for name in windows.channels if name.startswith("mean_")]


def test_that_without_vcd_what_needs_it_is_left_out():
    dataset = Dataset(tuple(v for v in VARIABLES if v.name != "vcd"), DATA.batches)
    windows = sample_windows(dataset, plan_for(dataset, WindowPlan()), fit_cleaning(dataset, PLAN, dataset.ids))
    assert not [name for name in windows.channels if "vcd" in name]
    assert "culture_age" in windows.channels


def test_that_an_excluded_column_gives_no_channel():
    dataset = DATA
    for name in DATA.ids:
        dataset = with_offline(dataset, name, "glucose", slice(None), 5.0)
    windows = sample_windows(dataset, plan_for(dataset, WindowPlan()), fit_cleaning(dataset, PLAN, dataset.ids))
    assert not [name for name in windows.channels if "glucose" in name]


def test_that_variables_sampled_apart_have_their_own_age():
    batches = []
    for one in DATA.batches:
        values = np.column_stack([one.offline.values, np.where(np.arange(9) % 3, np.nan, 300 + np.arange(9.0))])
        batches.append(replace(one, offline=Measurements((*OFFLINE, "osmolality"), one.offline.hours, values)))
    dataset = Dataset((*VARIABLES, Variable("osmolality", "mOsm/kg", "offline")), tuple(batches))
    windows = sample_windows(dataset, plan_for(dataset, WindowPlan()), fit_cleaning(dataset, PLAN, dataset.ids))
    assert "hours_since_osmolality" in windows.channels
    mine = windows.of(["B00"])
    np.testing.assert_allclose(mine.final("hours_since_sample"), 0)
    assert mine.final("hours_since_osmolality")[1] == pytest.approx(dataset.batches[0].offline.hours[2], abs=1e-4)


def test_that_a_setpoint_is_a_channel_only_when_named():
    assert "temperature_setpoint" not in sample_windows(DATA, SOFT, FITTED).channels
    dataset = Dataset((*VARIABLES, Variable("seeding_density", "1e6/mL", "setpoint")), DATA.batches)
    dataset = swapped(dataset, "B00", lambda b: replace(b, setpoints={"seeding_density": 0.5}))
    plan = plan_for(dataset, WindowPlan(inputs=("ph", "vcd", "seeding_density")))
    windows = sample_windows(dataset, plan, FITTED)
    assert set(windows.of(["B00"]).final("seeding_density_setpoint")) == {0.5}
    assert np.isnan(windows.of(["B01"]).final("seeding_density_setpoint")).all()


def test_that_no_titer_at_all_is_refused_with_a_hint():
    bare = Dataset(tuple(v for v in VARIABLES if v.role != "target"), DATA.batches)
    with pytest.raises(DataError, match="No titer was measured in 12 batches") as caught:
        plan_for(bare, WindowPlan())
    assert "vcd" in caught.value.hint
    empty = DATA
    for name in DATA.ids:
        empty = with_offline(empty, name, "titer", slice(None), np.nan)
    with pytest.raises(DataError, match="No titer"):
        plan_for(empty, WindowPlan())


def test_that_titer_alone_is_the_target_without_a_quality_attribute():
    dataset = Dataset(tuple(v for v in VARIABLES if v.role != "quality"), DATA.batches)
    assert plan_for(dataset, WindowPlan()).targets == ("titer",)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (WindowPlan(inputs=("vcd", "titer")), "gives the soft sensor its answer"),
        (WindowPlan(inputs=("vcd", "aggregates")), "cannot be an input"),
        (WindowPlan(preset="forecast", inputs=("aggregates",)), "cannot be an input"),
        (WindowPlan(inputs=("unknown",)), "no variable 'unknown'"),
        (WindowPlan(targets=("unknown",)), "no variable 'unknown'"),
        (WindowPlan(targets=("ph",)), "never measured"),
    ],
)
def test_that_a_plan_with_leaks_or_unknown_names_is_refused(plan, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        plan_for(DATA, plan)
    assert caught.value.hint


def test_that_another_sampled_variable_can_be_the_target():
    plan = plan_for(DATA, WindowPlan(targets=("glucose",)))
    assert "glucose" not in plan.inputs
    assert "titer" not in plan.inputs
    windows = sample_windows(DATA, plan, FITTED)
    np.testing.assert_array_equal(windows.of(["B00"]).y[:, 0], DATA.batches[0].offline.column("glucose")[1:])


def test_that_a_new_file_without_some_columns_gets_the_same_channels():
    one = DATA.batches[0]
    bare = Batch("X", Measurements(("ph",), one.online.hours, one.online.column("ph")[:, None]), EMPTY)
    windows = drawing_windows(Dataset(VARIABLES[1:2], (bare,)), SOFT, FITTED, 6.0)
    assert windows.channels == sample_windows(DATA, SOFT, FITTED).channels
    assert len(windows) > 20
    assert np.isnan(windows.x[:, :, windows.channels.index("vcd")]).all()


def test_that_what_batches_share_is_a_channel_and_an_unknown_level_is_unknown():
    windows = sample_windows(DATA, SOFT, FITTED)
    first, line = str(windows.batch_ids[0]), windows.final("cell_line=A")[0]
    own = next(batch for batch in DATA.batches if batch.id == first).tags["cell_line"]
    assert (line, windows.final("cell_line=B")[0]) == ((1, 0) if own == "A" else (0, 1))
    new = replace(DATA.batches[0], tags={"cell_line": "new"})
    other = sample_windows(Dataset(DATA.variables, (new,)), SOFT, FITTED)
    assert np.isnan(other.final("cell_line=A")).all()
