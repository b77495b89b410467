"""What a site's records become before a process model learns from them, and what cannot be known is said."""

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from mabdesk.data.batch import EMPTY, Batch, Dataset, Event, Measurements, Variable
from mabdesk.data.history.experience import levers_of
from mabdesk.data.history.feeds import reading_of
from mabdesk.data.history.histories import check_enough, read_history
from mabdesk.data.history.levers import plan_for_setpoints, unlearned
from mabdesk.data.history.plans import STATES, lay_out
from mabdesk.data.history.running import running_batch
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.errors import DataError, OptionsError
from mabdesk.virtual_plant.campaign import campaign
from mabdesk.virtual_plant.families.sites import FAMILIES, LEVERS, family_campaign

AUTO = HistoryOptions()
DAILY = ("climate", "glucose_feed", "volume_feed")


@pytest.fixture(scope="module")
def simulated():
    return campaign(12, 3)


@pytest.fixture(scope="module")
def history(simulated):
    return read_history(simulated.dataset, AUTO)


@pytest.fixture(scope="module")
def levers(history):
    return levers_of(history, history.ids)


def edited(dataset, change, ids=None):
    """Return the data with some batches (all) changed."""
    batches = [change(b) if ids is None or b.id in ids else b for b in dataset.batches]
    return Dataset(dataset.variables, tuple(batches))


def with_column(table, name, values):
    """Return the table with one column replaced, or added."""
    names = table.names if name in table.names else (*table.names, name)
    columns = {one: table.column(one) for one in names} | {name: np.broadcast_to(values, table.hours.shape)}
    return Measurements(names, table.hours, np.stack([columns[one] for one in names], axis=1))


def without_columns(table, *names):
    kept = [name for name in table.names if name not in names]
    values = np.stack([table.column(name) for name in kept], axis=1) if kept else np.zeros((len(table.hours), 0))
    return Measurements(tuple(kept), table.hours, values)


def until(batch, hour):
    """Return the batch as it was at an hour of it."""
    tables = [
        Measurements(t.names, t.hours[t.hours <= hour], t.values[t.hours <= hour])
        for t in (batch.online, batch.offline)
    ]
    return replace(batch, online=tables[0], offline=tables[1], events=())


def without_setpoints(batch, *names):
    kept = {} if not names else {name: value for name, value in batch.setpoints.items() if name not in names}
    return replace(batch, setpoints=kept)


def plain(name, days=10, vcd=None, online=EMPTY, setpoints=None, **columns):
    """Return a small batch with daily samples and given columns."""
    hours = np.arange(days + 1) * 24.0
    cells = 0.5 * np.exp(0.4 * np.arange(days + 1)) if vcd is None else vcd
    table = {"vcd": cells, "titer": 0.2 * np.arange(days + 1)} | columns
    values = np.stack([np.broadcast_to(column, hours.shape) for column in table.values()], axis=1)
    return Batch(name, online, Measurements(tuple(table), hours, values), (), setpoints or {})


def plain_data(count=8, **named):
    batches = tuple(plain(f"B{i}", setpoints={"ph": 6.9 + 0.02 * i}, **named) for i in range(count))
    return Dataset((Variable("ph", "pH", "setpoint"), Variable("vcd", "1e6/mL", "offline")), batches)


def said(history, *words):
    """Return the one note that has these words."""
    (note,) = [note for note in history.notes if all(word in note for word in words)]
    return note


def test_that_a_campaign_is_read_whole(simulated, history):
    first = simulated.dataset.batches[0]
    assert history.levers == tuple(first.setpoints)
    np.testing.assert_allclose(history.settings[0], list(first.setpoints.values()))
    assert history.samples.names == (*STATES, "aggregates", "galactosylation")
    assert (history.tags, history.simulated, history.feeds_known) == (("cell_line", "scale"), True, True)
    assert history.planned.tags[0].tolist() == [first.tags["cell_line"], first.tags["scale"]]
    for plans in (history.planned, history.recorded):
        assert plans.days == 14
        assert all(
            np.isfinite(getattr(plans, f.name)).all() for f in fields(plans) if f.name not in ("initial", "tags")
        )
    titers = [b.offline.measured("titer")[1][-1] for b in simulated.dataset.batches]
    assert history.samples.final("titer").tolist() == titers


@pytest.mark.parametrize("family", FAMILIES)
def test_that_plants_of_other_families_are_read_as_they_were_planned_and_fed(family):
    made = family_campaign(family, 0, 9)
    read = read_history(made.dataset, AUTO)
    check_enough(read, np.arange(9))
    laid = lay_out(LEVERS, made.settings, read.planned.days)
    for name in (*DAILY, "harvest_h"):
        np.testing.assert_allclose(getattr(read.planned, name), getattr(laid, name), err_msg=name)
    assert said(read, "Feed added is read as the total so far")
    ended = read.recorded.harvest_h / 24
    so_far = np.array([np.nanmax(b.offline.column("feed_volume")) for b in made.dataset.batches])
    filled = np.array([b.offline.column("volume")[0] for b in made.dataset.batches])
    shares = np.array([one[: int(days)].sum() for one, days in zip(read.recorded.volume_feed, ended, strict=True)])
    assert (shares <= 1.1 * so_far / filled).all()
    assert (shares >= 0.5 * so_far / filled).all()


def test_that_the_plan_knows_the_seeding_alone_and_the_record_the_first_sample(simulated, history):
    first = simulated.dataset.batches[0]
    assert history.planned.initial[0, 0] == first.setpoints["seeding_density"]
    assert np.isnan(history.planned.initial[:, 1:]).all()
    assert history.recorded.initial[0, 2] == first.offline.column("glucose")[0]


def test_that_recorded_feeds_close_the_balance_of_volume_which_the_plan_does_not(simulated, history):
    course = [simulated.truth[name].column("volume") for name in history.ids]
    grown = np.array([one[-1] / one[0] for one in course])
    off = [np.abs(np.exp(p.volume_feed.sum(axis=1)) / grown - 1) for p in (history.recorded, history.planned)]
    assert off[0].max() < 0.01
    assert off[1].max() > 2 * off[0].max()


def test_that_a_stuck_valve_and_a_failed_probe_are_told_from_one_another():
    stuck = campaign(5, 1)
    assert stuck.upset.kind == "stuck valve"
    read, row = read_history(stuck.dataset, AUTO), stuck.upset.batch
    day = int(stuck.upset.start_h // 24) + 1
    assert read.recorded.glucose_feed[row, day] < 0.7 * read.planned.glucose_feed[row, day]
    failed = campaign(5, 0)
    assert failed.upset.kind == "probe failure"
    read, row = read_history(failed.dataset, AUTO), failed.upset.batch
    oxygen = read.recorded.climate[row].reshape(-1, 3)[:, 1]
    at = slice(int(failed.upset.start_h // 2) + 1, int(failed.upset.stop_h // 2) - 1)
    np.testing.assert_array_equal(oxygen[at], failed.dataset.batches[row].setpoints["dissolved_oxygen"])


def test_that_short_gaps_of_a_sensor_are_bridged_and_long_ones_show_the_plan():
    hours = np.arange(0, 240, 0.5)
    values = 37.0 + 0.01 * hours / 24
    values[(hours >= 24) & (hours < 30)] = np.nan
    values[(hours >= 48) & (hours < 72)] = np.nan
    one = plain("B", online=Measurements(("temperature",), hours, values[:, None]), setpoints={"temperature": 36.0})
    read = read_history(Dataset((Variable("temperature", "°C", "setpoint"),), (one,)), AUTO)
    temperature = read.recorded.climate[0].reshape(-1, 3)[:, 0]
    np.testing.assert_allclose(temperature[:24], 37.0 + 0.01 * (np.arange(24) * 2 + 0.75) / 24, atol=1e-9)
    assert temperature[24:36].tolist() == [36.0] * 12


def test_that_batches_without_online_data_or_with_an_empty_sensor_show_the_plan(simulated):
    ids = simulated.dataset.ids
    data = edited(simulated.dataset, lambda b: replace(b, online=EMPTY), ids[:1])
    data = edited(data, lambda b: replace(b, online=with_column(b.online, "ph", np.nan)), ids[1:2])
    read = read_history(data, AUTO)
    np.testing.assert_array_equal(read.recorded.climate[0], read.planned.climate[0])
    np.testing.assert_array_equal(read.recorded.climate[1, ..., 2], read.planned.climate[1, ..., 2])
    assert f"{ids[0]}, {ids[1]}" in said(read, "online pH", "the plan stands in")
    assert said(read, "online temperature").startswith(
        f"Little or no online temperature, dissolved oxygen of {ids[0]}:"
    )
    none = read_history(edited(simulated.dataset, lambda b: replace(b, online=EMPTY)), AUTO)
    assert said(none, "Little or no online temperature, dissolved oxygen, pH of any batch")
    np.testing.assert_array_equal(none.recorded.climate, none.planned.climate)


def test_that_a_missing_setpoint_comes_from_the_batchs_own_record(simulated, history):
    one = simulated.dataset.ids[2]
    lost = ("temperature", "temperature_after_shift", "temperature_shift_day", "ph", "seeding_density", "harvest_day")
    read = read_history(edited(simulated.dataset, lambda b: without_setpoints(b, *lost), (one,)), AUTO)
    near = {"temperature": 0.1, "temperature_after_shift": 0.1, "temperature_shift_day": 0.2, "ph": 0.15}
    for i, name in enumerate(history.levers):
        assert read.settings[2, i] == pytest.approx(history.settings[2, i], abs=near.get(name, 0.1)), name
    assert one in said(read, "Temperature shift day", "its own record")


def test_that_a_setpoint_that_no_record_tells_is_the_usual_one_of_training_batches_and_named(simulated, history):
    ids = simulated.dataset.ids
    data = edited(simulated.dataset, lambda b: without_setpoints(b, "feed_start_day"), ids[:1])
    train = ids[:6]
    column = history.levers.index("feed_start_day")
    read = read_history(data, AUTO, train)
    assert read.settings[0, column] == np.median(history.settings[1:6, column])
    assert ids[0] in said(read, "Feed start day", "is not known", "the usual")


def test_that_changing_a_test_batch_changes_nothing_of_the_others(simulated):
    ids = simulated.dataset.ids
    train = ids[:9]
    data = edited(simulated.dataset, lambda b: without_setpoints(b, "feed_start_day", "ph"), (ids[0], ids[10]))

    def spoiled(b):
        wild = {name: 0.7 * value for name, value in b.setpoints.items()}
        offline = Measurements(b.offline.names, b.offline.hours, 1.3 * b.offline.values)
        return replace(b, setpoints={**wild, "own_lever": 1.0}, offline=offline, online=EMPTY)

    before, after = (read_history(d, AUTO, train) for d in (data, edited(data, spoiled, ids[11:])))
    assert (before.levers, before.feeds_known) == (after.levers, after.feeds_known)
    assert levers_of(before, train) == levers_of(after, train)
    rows = np.arange(11)
    np.testing.assert_array_equal(before.settings[rows], after.settings[rows])
    for one, other in ((before.planned, after.planned), (before.recorded, after.recorded)):
        for name in (*DAILY, "initial", "extra", "harvest_h"):
            np.testing.assert_array_equal(getattr(one, name)[rows], getattr(other, name)[rows])
    np.testing.assert_array_equal(before.samples.values[rows], after.samples.values[rows])


def test_that_what_is_usual_or_measured_comes_from_training_batches_alone(simulated):
    """The site does not write pH down; the batch left out has another pH and an attribute that no other has."""
    ids = simulated.dataset.ids
    data = edited(simulated.dataset, lambda b: without_setpoints(b, "ph"))

    def other(b):
        offline = with_column(b.offline, "acidic_variants", 20.0)
        return replace(b, online=with_column(b.online, "ph", 6.2), offline=offline)

    changed = edited(data, other, ids[9:])
    extra = Variable("acidic_variants", "%", "quality")
    changed = Dataset((*changed.variables, extra), changed.batches)
    before, after = (read_history(d, AUTO, ids[:9]) for d in (data, changed))
    assert "ph" not in before.levers
    np.testing.assert_array_equal(before.planned.climate, after.planned.climate)
    assert before.samples.names == after.samples.names


def test_that_a_site_without_setpoints_has_those_that_its_records_tell(simulated, history):
    data = edited(simulated.dataset, without_setpoints)
    read = read_history(data, HistoryOptions(feed_glucose=100.0))
    assert read.levers == (
        "temperature", "temperature_after_shift", "temperature_shift_day", "ph", "dissolved_oxygen",
        "seeding_density", "harvest_day",
    )  # fmt: skip
    assert said(read, "No setpoints are recorded")
    for i, name in enumerate(read.levers):
        own = history.settings[:, history.levers.index(name)]
        assert np.median(np.abs(read.settings[:, i] - own)) < 0.05 * np.abs(own).mean(), name
    known = levers_of(read, read.ids)  # nobody says what is fed, so plans are fed as batches usually were
    plans = plan_for_setpoints(known, [{"ph": 6.9}])
    np.testing.assert_allclose(plans.glucose_feed[0], read.recorded.glucose_feed.mean(axis=0), rtol=1e-9)
    assert 0.5 < plans.volume_feed[0].sum() / history.recorded.volume_feed.sum(axis=1).mean() < 1.5


def test_that_temperature_shifts_are_read_from_sensors_where_setpoints_do_not_say_them(simulated, history):
    lost = ("temperature_after_shift", "temperature_shift_day")
    read = read_history(edited(simulated.dataset, lambda b: without_setpoints(b, *lost)), AUTO)
    assert set(lost) <= set(read.levers)
    shifted = history.settings[:, 0] - history.settings[:, 1] > 0.8
    assert shifted.sum() > 8
    means = [plans.climate.mean(axis=(1, 2))[shifted] for plans in (read.planned, history.planned)]
    np.testing.assert_allclose(*means, atol=0.1)
    assert said(read, "Temperature shifts are not among the setpoints")


def test_that_a_batch_that_was_not_shifted_has_no_shift():
    hours = np.arange(0, 240, 1.0)
    noise = np.random.default_rng(1)

    def one(name, shift, setpoints):
        course = np.where(hours > shift, 34.0, 37.0) + noise.normal(0, 0.05, len(hours))
        return plain(name, online=Measurements(("temperature",), hours, course[:, None]), setpoints=setpoints)

    told = {"temperature": 37.0, "temperature_after_shift": 34.0, "temperature_shift_day": 5.0}
    variables = tuple(Variable(name, "", "setpoint") for name in told)
    batches = (one("A", 120, told), one("B", 168, {"temperature": 37.0}), one("C", 999, {"temperature": 36.9}))
    read = read_history(Dataset(variables, batches), AUTO)
    np.testing.assert_allclose(read.settings[:, 1:], [[34, 5], [34, 7], [36.9, 6]], atol=0.1)
    assert np.ptp(read.planned.climate[2, ..., 0]) == 0


def test_that_a_shift_after_harvest_is_no_shift_and_keeps_the_scale_of_the_days():
    told = {"temperature": 37.0, "temperature_after_shift": 34.0, "temperature_shift_day": 5.0, "harvest_day": 10.0}
    batches = [plain(f"B{i}", setpoints={**told, "temperature_shift_day": day}) for i, day in enumerate((4, 6, 99))]
    read = read_history(Dataset((), tuple(batches)), AUTO)
    assert read.settings[:, 1].tolist() == [34.0, 34.0, 37.0]
    assert read.settings[:, 2].tolist() == [4.0, 6.0, 5.0]
    assert np.ptp(read.planned.climate[2, ..., 0]) == 0
    never = Dataset((), tuple(replace(b, setpoints={**told, "temperature_shift_day": 99.0}) for b in batches))
    assert read_history(never, AUTO).settings[:, 2].tolist() == [99.0] * 3


def test_that_infinite_values_are_not_measured_and_nothing_negative_is_fed():
    data = plain_data(glucose=np.inf, feed_volume=-1.0, volume=np.linspace(-5, 5, 11))
    data = edited(data, lambda b: replace(b, setpoints={**b.setpoints, "glucose_feed_rate": -3.0}))
    read = read_history(data, AUTO)
    assert not np.isinf(read.samples.values).any()
    for plans in (read.planned, read.recorded):
        assert (plans.glucose_feed >= 0).all()
        assert (plans.volume_feed >= 0).all()


def test_that_a_setpoint_that_never_varied_stays_and_is_said(history, levers):
    note = "Harvest day was 14 in every batch: what another harvest day would do cannot be learned."
    assert note in history.notes
    assert "harvest_day" in history.levers
    assert unlearned(levers, [{"harvest_day": 14.0}, {"ph": 7.1}]) == ()
    assert unlearned(levers, [{"harvest_day": 13.0}]) == (note,)


def test_that_levers_can_be_chosen_and_the_others_are_as_usual(simulated, history):
    read = read_history(simulated.dataset, HistoryOptions(levers=("ph", "temperature")))
    assert read.levers == ("temperature", "ph")
    assert read.planned.climate[0, 0, 0, 1] == np.median(history.planned.climate[:, 0, 0, 1])
    again = plan_for_setpoints(levers_of(read, read.ids), [dict(zip(read.levers, read.settings[0], strict=True))])
    for name in (*DAILY, "harvest_h"):
        np.testing.assert_allclose(getattr(again, name), getattr(read.planned, name)[:1], rtol=1e-9, err_msg=name)
    with pytest.raises(OptionsError, match="no setpoint vvm"):
        read_history(simulated.dataset, HistoryOptions(levers=("vvm",)))


def test_that_unknown_setpoints_are_levers_too(simulated):
    data = edited(simulated.dataset, lambda b: replace(b, setpoints={"own": float(b.id[-1]), **b.setpoints}))
    read = read_history(data, AUTO)
    assert read.levers[-1] == "own"
    np.testing.assert_array_equal(read.planned.extra[:, 0], read.settings[:, -1])


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("volume", [True, False])
def test_that_totals_and_single_additions_of_feed_are_told_apart(total, volume):
    added = np.array([0, 0, 0, *[5.0 + 0.2 * i for i in range(8)]])
    so_far = np.cumsum(added)
    columns = {"feed_volume": so_far if total else added} | ({"volume": 100 + so_far} if volume else {})
    setpoints = {"glucose_feed_rate": 4.0, "feed_volume_rate": 0.04, "feed_start_day": 2.0, "working_volume": 100.0}
    one = plain("B", setpoints=setpoints, **columns)
    assert reading_of([one], "feed_volume") == ("total" if total else "since_last_sample")
    read = read_history(Dataset((), (one,)), AUTO)
    assert said(read, "Feed added is read as", "total" if total else "since the sample before")
    np.testing.assert_allclose(read.recorded.volume_feed[0].sum(), np.log(1 + so_far[-1] / 100), rtol=0.01)
    np.testing.assert_allclose(read.recorded.glucose_feed, 100 * read.recorded.volume_feed)
    np.testing.assert_allclose(read.samples.column("volume")[0], 1 + so_far / 100)


def test_that_feed_that_was_given_after_a_sample_belongs_to_the_day_after_it():
    added = np.array([0, 0, 0, 5.0, 5, 0, 6, 6, 0, 5, 0])
    volume = 100 + np.concatenate([[0], np.cumsum(added)[:-1]])
    one = plain("B", feed_volume=added, volume=volume)
    read = read_history(Dataset((), (one,)), AUTO)
    assert said(read, "Feed added is read as what came after the sample")
    np.testing.assert_array_equal(read.recorded.volume_feed[0] > 0, added[:-1] > 0)
    before = replace(one, offline=with_column(one.offline, "volume", 100 + np.cumsum(added)))
    read = read_history(Dataset((), (before,)), AUTO)
    np.testing.assert_array_equal(read.recorded.volume_feed[0] > 0, added[1:] > 0)


def test_that_feed_since_the_sample_before_came_after_feeding_was_planned_to_start():
    columns = {"volume": 100.0, "feed_volume": np.array([0, 0, 0, 3.0, *[4.0] * 7])}
    one = plain("B", setpoints={"feed_start_day": 2.25}, **columns)
    hours = one.offline.hours.copy()
    hours[2] = 44.0  # so that the interval that saw the first feed began on the day before
    late = replace(one, offline=Measurements(one.offline.names, hours, one.offline.values))
    read = read_history(Dataset((), (late,)), AUTO)
    assert read.recorded.volume_feed[0, :3].tolist() == [0.0, 0.0, pytest.approx(0.03)]


def test_that_what_two_feeds_hold_is_not_guessed_from_one_setpoint():
    data = plain_data(volume=100.0, feed_volume=2.0, glucose_feed_volume=1.0)
    told = {"glucose_feed_rate": 4.0, "feed_volume_rate": 0.02}
    read = read_history(edited(data, lambda b: replace(b, setpoints={**b.setpoints, **told})), AUTO)
    np.testing.assert_array_equal(read.recorded.glucose_feed, read.planned.glucose_feed)
    assert said(read, "How much glucose the feed holds is not known", "planned glucose feed stands in")


def test_that_lone_spikes_of_a_sensor_do_not_count():
    hours = np.arange(0, 240, 0.25)
    values = 7.0 + np.random.default_rng(1).normal(0, 0.01, len(hours))
    calm, spiked = values.copy(), values.copy()
    spiked[[100, 400, 700]] = 7.9
    data = [Dataset((), (plain("B", online=Measurements(("ph",), hours, one[:, None])),)) for one in (calm, spiked)]
    before, after = (read_history(one, AUTO).recorded.climate[..., 2] for one in data)
    np.testing.assert_allclose(before, after, atol=0.01)


def test_that_more_feed_than_culture_in_a_day_is_not_believed():
    data = edited(plain_data(feed_volume=2.0, volume=100.0), lambda b: replace(b, offline=with_column(
        b.offline, "feed_volume", 2000.0)), ("B3",))  # fmt: skip
    read = read_history(data, HistoryOptions(feed_glucose=50.0))
    assert said(read, "B3", "Check the units")
    assert read.recorded.volume_feed.max() < 0.05


def test_that_days_beyond_forty_do_not_count():
    read = read_history(Dataset((), (plain("B", days=45, vcd=np.ones(46)),)), AUTO)
    assert read.planned.days == 40
    assert np.nanmax(read.samples.hours) <= 40 * 24 + 12
    assert said(read, "Only the first 40 days of B count")


def test_that_the_feed_record_can_be_said():
    one = plain("B", setpoints={"working_volume": 100.0}, feed_volume=np.arange(11.0))
    for said_so, liters in (("total", 10.0), ("since_last_sample", 55.0)):
        read = read_history(Dataset((), (one,)), HistoryOptions(feed_record=said_so, feed_glucose=200.0))
        np.testing.assert_allclose(read.recorded.volume_feed[0].sum(), np.log(1 + liters / 100), rtol=0.01)


def test_that_two_feeds_are_added_with_what_each_holds():
    columns = {"volume": 100.0, "feed_volume": 2.0, "glucose_feed_volume": 1.0}
    options = HistoryOptions(feed_glucose=50.0, glucose_feed_glucose=400.0)
    read = read_history(plain_data(**columns), options)
    assert read.feeds_known
    np.testing.assert_allclose(read.recorded.volume_feed[:, 1:], 0.03)
    np.testing.assert_allclose(read.recorded.glucose_feed[:, 1:], 0.02 * 50 + 0.01 * 400)


def test_that_a_feed_of_unknown_glucose_is_said_and_glucose_is_not_predicted():
    read = read_history(plain_data(volume=100.0, feed_volume=2.0), AUTO)
    assert not read.feeds_known
    assert said(read, "How much glucose the feed holds is not known")
    assert read.recorded.glucose_feed.sum() == 0
    assert read.recorded.volume_feed.sum() > 0


def test_that_no_feeds_are_nothing_fed_unless_glucose_rises():
    falling, rising = (np.linspace(6, 1, 11), np.array([6, 4, 3, 5, 4, 3, 2, 5, 4, 3, 2.0]))
    batch_fed, fed = (read_history(plain_data(glucose=column), AUTO) for column in (falling, rising))
    assert batch_fed.feeds_known
    assert said(batch_fed, "No feeds are recorded")
    assert not fed.feeds_known
    assert said(fed, "No feeds are recorded", "glucose is not predicted")
    assert not fed.recorded.glucose_feed.any()


def test_that_feeds_in_the_texts_of_events_are_said_to_stay_out():
    data = edited(plain_data(), lambda b: replace(b, events=(Event(72.0, "feed", "300 g glucose"),)))
    assert said(read_history(data, AUTO), "texts of events are not read")


def test_that_viability_and_cells_are_computed_from_one_another():
    cells = np.linspace(1, 11, 11)
    viability = read_history(plain_data(vcd=cells, total_cell_density=1.25 * cells), AUTO)
    np.testing.assert_allclose(viability.samples.column("viability"), 80.0)
    none = np.full(11, np.nan)
    viable = read_history(plain_data(vcd=none, total_cell_density=1.25 * cells, viability=80.0), AUTO)
    np.testing.assert_allclose(viable.samples.column("vcd")[0], cells)
    dead = read_history(plain_data(vcd=none, dead_cell_density=0.25 * cells, viability=80.0), AUTO)
    np.testing.assert_allclose(dead.samples.column("vcd")[0], cells)


def test_that_batches_of_unequal_length_and_irregular_samples_are_padded_behind():
    hours = np.array([-30.0, 0.5, 31.0, 90.0, 170.3])
    table = Measurements(("vcd", "titer"), hours, np.stack([hours + 40, np.where(hours > 0, hours, np.nan)], axis=1))
    short = Batch("S", EMPTY, table, (Event(160.0, "harvest"),), {"ph": 7.1})
    data = plain_data()
    read = read_history(Dataset(data.variables, (*data.batches, short)), AUTO)
    assert read.samples.hours.shape == (9, 11)
    assert read.samples.hours[-1][:4].tolist() == [0.5, 31.0, 90.0, 170.3]  # the last within 12 h of harvest
    assert np.isnan(read.samples.hours[-1][4:]).all()
    assert read.recorded.harvest_h[-1] == read.planned.harvest_h[-1] == 160.0
    assert read.planned.days == 10


def test_that_a_day_of_sensors_after_the_last_sample_belongs_to_the_batch_and_a_week_does_not():
    def one(name, last):
        return plain(name, online=Measurements(("ph",), np.arange(0, last, 1.0), np.full((last, 1), 7.0)))

    read = read_history(Dataset((), (one("A", 250), one("B", 420))), AUTO)
    assert read.recorded.harvest_h.tolist() == [249.0, 240.0]


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ({"temprature": 36.0}, "temprature: is no setpoint of this model; it knows temperature"),
        ({"ph": float("nan")}, "a number is needed"),
        ({"ph": float("inf")}, "a number is needed"),
        ({"ph": "7"}, "received '7'; a number is needed"),
        ({"ph": True}, "a number is needed"),
        ({"ph": 9.5}, "received 9.5 pH; 6 to 8 pH make sense"),
        ({"seeding_density": -1}, "0.01 to 50"),
    ],
)
def test_that_plans_that_make_no_sense_are_refused_with_all_faults(levers, chosen, fault):
    with pytest.raises(OptionsError, match="cannot be planned") as caught:
        plan_for_setpoints(levers, [{**chosen, "dissolved_oxygen": -5.0}])
    assert len(caught.value.problems) == 2
    assert fault in str(caught.value)


def test_that_a_partial_plan_is_completed_with_what_was_usual(history, levers):
    plans = plan_for_setpoints(levers, [{"ph": 6.9}, {"harvest_day": 16.0}], {"cell_line": "B"})
    assert (len(plans), plans.days) == (2, 16)
    assert plans.climate[0, 0, 0, 2] == 6.9
    assert plans.climate[1, 0, 0, 2] == np.median(history.settings[:, history.levers.index("ph")])
    usual_scale = max(set(history.planned.tags[:, 1]), key=history.planned.tags[:, 1].tolist().count)
    assert plans.tags[0].tolist() == ["B", usual_scale]
    assert plans.harvest_h.tolist() == [14 * 24.0, 16 * 24.0]


def test_that_the_window_can_make_plans_without_a_heavy_library():
    code = "import mabdesk.data.history.levers, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pint", "scipy", "pandas", "sklearn", "keras", "PySide6"} & set(loaded)


@pytest.mark.parametrize("hour", [2.0, 130.0, 200.0])
def test_that_a_running_batch_is_as_recorded_so_far_and_as_planned_after(simulated, history, levers, hour):
    data = edited(simulated.dataset.only(simulated.dataset.ids[1:2]), lambda b: until(b, hour))
    read = running_batch(data, levers, AUTO)
    days = int(hour // 24)
    assert read.recorded.days == 14
    assert read.recorded.harvest_h.tolist() == [14 * 24.0]
    np.testing.assert_allclose(read.recorded.climate[0, :days], history.recorded.climate[1, :days])
    np.testing.assert_array_equal(read.recorded.climate[0, days + 1 :], history.planned.climate[1, days + 1 :])
    np.testing.assert_allclose(read.recorded.glucose_feed[0, :days], history.recorded.glucose_feed[1, :days], atol=0.02)
    np.testing.assert_array_equal(
        read.recorded.glucose_feed[0, days + 1 :], history.planned.glucose_feed[1, days + 1 :]
    )
    assert np.nanmax(read.samples.hours) <= hour
    assert read.feeds_known
    assert bool(said(read, "one sample only") if hour < 24 else not read.notes)


def test_that_a_running_batch_without_setpoints_goes_on_as_it_did_last(simulated, history, levers):
    one = simulated.dataset.ids[1:2]
    read = running_batch(edited(simulated.dataset.only(one), lambda b: until(without_setpoints(b), 200)), levers, AUTO)
    truly = dict(zip(history.levers, history.settings[1], strict=True))
    found = dict(zip(read.levers, read.settings[0], strict=True))
    assert found["temperature_after_shift"] == pytest.approx(truly["temperature_after_shift"], abs=0.1)
    assert found["glucose_feed_rate"] == pytest.approx(truly["glucose_feed_rate"], rel=0.1)
    assert found["harvest_day"] == 14.0
    assert one[0] in said(read, "Temperature shift day", "its own record")
    early = running_batch(edited(simulated.dataset.only(one), lambda b: until(without_setpoints(b), 60)), levers, AUTO)
    usual = dict(zip(levers.names, levers.usual, strict=True))
    assert early.settings[0, 1] == usual["temperature_after_shift"]  # a shift may still come


def test_that_a_running_batch_without_a_sample_is_refused_and_a_new_line_is_said(simulated, levers):
    data = simulated.dataset.only(simulated.dataset.ids[:1])
    empty = edited(data, lambda b: replace(until(b, 40), offline=EMPTY))
    with pytest.raises(DataError, match="SIM-001 has no sample of viable cell density or titer yet"):
        running_batch(empty, levers, AUTO)
    with pytest.raises(DataError, match="no running batch"):
        running_batch(Dataset(data.variables, ()), levers, AUTO)
    other = edited(data, lambda b: replace(until(b, 100), tags={"cell_line": "Z", "scale": b.tags["scale"]}))
    assert said(running_batch(other, levers, AUTO), "Cell line", "(Z)", "new to the model")


def test_that_a_batch_past_its_harvest_has_nothing_left_to_forecast(simulated, levers):
    read = running_batch(simulated.dataset.only(simulated.dataset.ids[:1]), levers, AUTO)
    assert said(read, "nothing is left to forecast")


def test_that_too_little_to_train_on_is_refused_with_what_still_works(simulated, history):
    check_enough(history, np.arange(8))
    with pytest.raises(DataError, match=r"needs at least 8 batches with titer; received 5\.") as caught:
        check_enough(history, np.arange(5))
    assert "exploring" in caught.value.hint

    def lacking(*names):
        return edited(simulated.dataset, lambda b: replace(b, offline=without_columns(b.offline, *names)))

    rows = np.arange(12)
    with pytest.raises(DataError, match="needs titer"):
        check_enough(read_history(lacking("titer"), AUTO), rows)
    with pytest.raises(DataError, match="needs viable cell density"):
        check_enough(read_history(lacking("vcd"), AUTO), rows)
    same = edited(plain_data(), lambda b: replace(b, setpoints={"ph": 7.0}))
    with pytest.raises(DataError, match="No setpoint varied"):
        check_enough(read_history(same, AUTO), np.arange(8))


def test_that_cell_counts_alone_are_read_and_refused_for_want_of_titer():
    """Counts of many vessels with total cells and viability only, as instruments export them."""
    hours = np.array([0.4, 20.3, 45.0, 69.1, 93.0])
    values = np.stack([[0.6, 1.1, 2.4, 4.9, 8.8], [98, 97, 98, 96, 95.0]], axis=1)
    table = Measurements(("total_cell_density", "viability"), hours, values)
    read = read_history(Dataset((), tuple(Batch(f"V{i}", EMPTY, table) for i in range(9))), AUTO)
    assert read.samples.names == ("vcd", "viability")
    assert read.levers == ("seeding_density", "harvest_day")
    with pytest.raises(DataError, match="needs titer"):
        check_enough(read, np.arange(9))


def test_that_nothing_to_learn_from_is_refused(simulated):
    with pytest.raises(DataError, match="no batch to learn from"):
        read_history(Dataset(simulated.dataset.variables, ()), AUTO)
    with pytest.raises(DataError, match="no batch to learn from"):
        read_history(simulated.dataset, AUTO, ())
