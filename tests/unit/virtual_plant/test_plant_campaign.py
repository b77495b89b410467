"""Campaigns: the same seed, what instruments do to the truth, the decoy, the upset."""

import datetime as dt

import numpy as np
import pytest

from mabdesk.data.batch import Measurements
from mabdesk.errors import DataError, OptionsError
from mabdesk.virtual_plant.campaign import campaign
from mabdesk.virtual_plant.instruments import BACKPRESSURE, read, read_online, sample_hours
from mabdesk.virtual_plant.setpoints import OPERATING_RANGES


@pytest.fixture(scope="module")
def fifty():
    return campaign(50, seed=3)


def test_that_the_same_seed_gives_the_same_campaign_bit_for_bit(fifty):
    first, second, other = campaign(2, 11), campaign(2, 11), fifty
    for one, two in zip(first.dataset.batches, second.dataset.batches, strict=True):
        assert one.online.values.tobytes() == two.online.values.tobytes()
        assert one.offline.values.tobytes() == two.offline.values.tobytes()
        assert one.offline.hours.tobytes() == two.offline.hours.tobytes()
        assert (one.setpoints, one.tags, one.events) == (two.setpoints, two.tags, two.events)
    assert first.dataset.batches[0].online.values.tobytes() != other.dataset.batches[0].online.values.tobytes()


def test_that_a_campaign_has_the_agreed_shape(fifty):
    dataset = fifty.dataset
    assert len(set(dataset.ids)) == 50
    assert dataset.names("online") == ("temperature", "ph", "dissolved_oxygen", "agitation", BACKPRESSURE)
    assert dataset.names("target") == ("titer",)
    assert dataset.names("quality") == ("aggregates", "galactosylation")
    assert dataset.variable("ph").role == "online"
    assert {dataset.variable(name).unit for name in ("glucose", "titer")} == {"g/L"}
    for batch in dataset.batches:
        assert batch.online.values.shape == (1345, 5)
        assert 11 <= len(batch.offline.hours) <= 15
        assert (np.diff(batch.offline.hours) > 0).all()
        assert batch.offline.hours[-1] <= 336.0
        assert np.isfinite(batch.offline.column("titer")[-1])
        assert batch.setpoints.keys() == OPERATING_RANGES.keys()


def test_that_it_covers_eighteen_months_four_lines_three_scales(fifty):
    tags = [batch.tags for batch in fifty.dataset.batches]
    assert {tag["cell_line"] for tag in tags} == set("ABCD")
    assert {tag["scale"] for tag in tags} == {"50 L", "200 L", "2000 L"}
    starts = [dt.datetime.fromisoformat(tag["start"]) for tag in tags]
    assert starts == sorted(starts)
    assert 480 < (starts[-1] - starts[0]).days <= 548


def test_that_setpoints_vary_inside_the_operating_ranges(fifty):
    for name, (low, high) in OPERATING_RANGES.items():
        values = np.array([batch.setpoints[name] for batch in fifty.dataset.batches])
        assert (values >= low).all()
        assert (values <= high).all()
        assert name == "harvest_day" or values.std() > 0.03 * (high - low)


def test_that_titers_are_industrial_and_measured_with_a_few_percent_of_noise(fifty):
    ends, errors, plain = [], [], []
    for batch in fifty.dataset.batches:
        hours, titer = batch.offline.measured("titer")
        truth = fifty.true_values(batch.id, "titer", hours)
        ends.append(truth[-1])
        errors.append((titer - truth)[truth > 0.5] / truth[truth > 0.5])
        plain.append(np.column_stack([np.round(hours / 24), titer]))
    assert 3.0 < np.mean(ends) < 4.5
    assert 0.4 < np.std(ends) < 1.0
    assert 0.035 < np.concatenate(errors).std() < 0.045
    table = np.vstack(plain)
    means = {day: table[table[:, 0] == day, 1].mean() for day in np.unique(table[:, 0])}
    residual = table[:, 1] - np.array([means[day] for day in table[:, 0]])
    assert 0.25 < np.sqrt(np.mean(residual**2)) < 0.5  # a mean trajectory is not enough


def test_that_readings_follow_the_truth_with_gaps_and_outliers(fifty):
    lost = np.mean([np.isnan(batch.online.values).mean() for batch in fifty.dataset.batches])
    assert 0.002 < lost < 0.03
    ratios = np.concatenate(
        [
            batch.offline.measured("vcd")[1] / fifty.true_values(batch.id, "vcd", batch.offline.measured("vcd")[0])
            for batch in fifty.dataset.batches
        ]
    )
    assert 0.045 < 1.4826 * np.median(np.abs(ratios - 1)) < 0.07
    assert (np.abs(ratios - 1) > 0.4).any()
    assert any(len(batch.offline.hours) < 15 for batch in fifty.dataset.batches)
    spikes = [np.abs(np.diff(batch.online.measured("temperature")[1])).max() for batch in fifty.dataset.batches]
    assert max(spikes) > 0.8


def test_that_samples_are_late_and_early_by_up_to_two_hours():
    off = np.concatenate([sample_hours(np.random.default_rng(i), 336.0)[1:-1] for i in range(50)])
    off -= 24 * np.round(off / 24)
    assert 0.4 < off.std() < 1.0
    assert np.abs(off).max() <= 2.01


def test_that_the_decoy_has_no_effect_and_tells_nothing(fifty):
    means = [np.nanmean(batch.online.column(BACKPRESSURE)) for batch in fifty.dataset.batches]
    ends = [fifty.true_values(id_, "titer", np.array([336.0]))[0] for id_ in fifty.dataset.ids]
    assert abs(np.corrcoef(means, ends)[0, 1]) < 0.35
    assert np.std(means) > 0.2


def test_that_agitation_follows_the_cells(fifty):
    batch = fifty.dataset.batches[0]
    hours, rpm = batch.online.measured("agitation")
    assert np.corrcoef(rpm, fifty.true_values(batch.id, "vcd", hours))[0, 1] > 0.9


def test_that_events_tell_the_batchs_story(fifty):
    for batch in fifty.dataset.batches:
        kinds = [event.kind for event in batch.events]
        assert kinds.count("inoculation") == kinds.count("harvest") == 1
        assert kinds.count("sample") == len(batch.offline.hours)
        assert kinds.count("feed") >= 8
        shift = [event.hour for event in batch.events if event.kind == "temperature shift"]
        assert shift == [24 * batch.setpoints["temperature_shift_day"]]
        assert [event.hour for event in batch.events] == sorted(event.hour for event in batch.events)


def test_that_one_batch_is_upset_and_its_record_says_so():
    kinds = {}
    for seed in range(1, 12):
        if len(kinds) == 2:
            break
        made = campaign(5, seed)
        kinds.setdefault(made.upset.kind, made)
        told = [i for i, b in enumerate(made.dataset.batches) if any(e.kind == "deviation" for e in b.events)]
        assert told == [made.upset.batch]
    valve, probe = kinds["stuck valve"], kinds["probe failure"]
    batch = valve.dataset.batches[valve.upset.batch]
    volume = valve.true_values(batch.id, "volume", np.array([valve.upset.start_h + 0.5, valve.upset.stop_h - 0.5]))
    assert volume[0] == pytest.approx(volume[1], rel=1e-6)
    online = probe.dataset.batches[probe.upset.batch].online
    dead = (online.hours >= probe.upset.start_h) & (online.hours < probe.upset.stop_h)
    assert (online.column("dissolved_oxygen")[dead] == 0).all()
    assert np.nanmedian(online.column("dissolved_oxygen")[~dead]) > 15


def test_that_one_ph_probe_drifts_badly(fifty):
    rises = []
    for batch in fifty.dataset.batches:
        hours, ph = batch.online.measured("ph")
        rises.append(np.median(ph[hours > 300]) - np.median(ph[hours < 36]))
    assert np.sort(np.abs(rises))[-1] > 0.08
    assert np.median(np.abs(rises)) < 0.03


def test_that_instruments_stay_on_their_scales():
    rng = np.random.default_rng(0)
    assert read("viability", np.full(1000, 99.9), rng).max() == 100
    assert read("titer", np.zeros(1000), rng).min() == 0
    assert np.isnan(read("titer", np.array([np.nan]), rng)).all()


def test_that_drift_is_added_to_the_reading():
    hours = np.arange(0.0, 336.25, 0.25)
    true = Measurements(("ph",), hours, np.full((len(hours), 1), 7.0))
    shown = read_online(true, np.random.default_rng(1), ph_drift=0.5).column("ph")
    assert np.nanmedian(shown[-50:]) - np.nanmedian(shown[:50]) == pytest.approx(0.48, abs=0.08)


@pytest.mark.parametrize("batches", [0, -3, 1001])
def test_that_impossible_numbers_of_batches_are_refused(batches):
    with pytest.raises(OptionsError, match=f"Received {batches} batches"):
        campaign(batches)


def test_that_the_truth_of_an_unknown_batch_is_refused(fifty):
    with pytest.raises(DataError, match="no batch 'B1'"):
        fifty.true_values("B1", "titer", np.zeros(1))


def test_that_the_first_batches_do_not_depend_on_how_many_follow(fifty):
    few, more = campaign(1, 3), fifty
    assert few.upset is None
    assert np.array_equal(few.dataset.batches[0].offline.values, more.dataset.batches[0].offline.values, equal_nan=True)
