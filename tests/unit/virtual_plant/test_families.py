"""The families of plants that a prior learns from: plausible, reproducible, and different in structure."""

from dataclasses import replace

import numpy as np
import pytest

from mabdesk.data.history.plans import KNOWN_LEVERS, NEVER
from mabdesk.errors import OptionsError
from mabdesk.virtual_plant.families import (
    FAMILIES,
    LEVERS,
    VARIABLES,
    course,
    draw_plants,
    draw_settings,
    family_campaign,
    measured,
    simulate,
    simulation,
)

DAYS = 12
LEVER = {name: i for i, name in enumerate(LEVERS)}
IS = {name: i for i, name in enumerate(VARIABLES)}


@pytest.fixture(scope="module")
def sites():
    """Eight plants of every family with six batches each, and what becomes of them."""
    found = {}
    for name in FAMILIES:
        plants = draw_plants(name, 8, 3)
        settings = draw_settings(plants, 6, np.random.default_rng(4))
        found[name] = (plants, settings, course(plants, settings, DAYS))
    return found


def moved(settings, **values):
    changed = settings.copy()
    for name, value in values.items():
        changed[..., LEVER[name]] = value
    return changed


def of(states, name):
    return states[..., IS[name]]


@pytest.mark.parametrize("name", FAMILIES)
def test_that_states_are_plausible(name, sites):
    states = sites[name][2].states
    assert states.shape == (8, 6, DAYS + 1, len(VARIABLES))
    assert np.isfinite(states).all()
    assert (states >= 0).all()
    for percent in ("viability", "aggregates", "galactosylation", "acidic_variants"):
        assert (of(states, percent) <= 100).all()
    final = states[:, :, -1]
    assert 1.0 < np.median(of(final, "titer")) < 6.0
    assert (of(final, "titer").mean(axis=1) > 0.2).all()
    assert (of(states, "titer") < 20).all()
    assert (of(states, "vcd") < 60).all()
    assert ((of(states, "volume") > 0.75) & (of(states, "volume") < 3)).all()
    np.testing.assert_allclose(of(states, "volume")[..., 0], 1.0)
    assert 0.5 < np.median(of(final, "aggregates")) < 8
    assert 15 < np.median(of(final, "galactosylation")) < 70
    assert 8 < np.median(of(final, "acidic_variants")) < 30


@pytest.mark.parametrize("name", FAMILIES)
def test_that_the_books_of_volume_and_glucose_close(name, sites):
    books, states = sites[name][2].books, sites[name][2].states
    volume, fed, lost, glucose_fed, glucose_gone = np.moveaxis(books, -1, 0)
    np.testing.assert_allclose(volume, 1.0 + fed - lost, rtol=1e-9)
    there = of(states, "glucose") * volume
    np.testing.assert_allclose(there, there[..., :1] + glucose_fed - glucose_gone, atol=0.02)
    assert (np.diff(glucose_gone, axis=-1) >= 0).all()
    assert (fed[..., -1] > 0).any(axis=1).mean() > 0.8


@pytest.mark.parametrize("name", FAMILIES)
def test_that_the_same_seed_gives_the_same_numbers_and_a_smaller_draw_is_the_start_of_a_larger_one(name, sites):
    plants, settings, _ = sites[name]
    fewer = draw_plants(name, 5, 3)
    np.testing.assert_array_equal(fewer.center, plants.center[:5])
    for constant, values in fewer.constants.items():
        np.testing.assert_array_equal(values, plants.constants[constant][:5])
    first, second, other = (simulate(plants, settings, DAYS, np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, second)
    apart = of(first, "titer")[..., -1] / of(other, "titer")[..., -1]
    assert 0.03 < np.std(np.log(apart)) < 0.4


@pytest.mark.parametrize("name", FAMILIES)
def test_that_chunks_do_not_matter(name, sites, monkeypatch):
    plants, settings, _ = sites[name]
    whole = simulate(plants, settings, DAYS, np.random.default_rng(7))
    monkeypatch.setattr(simulation, "_RUNS", 24)
    np.testing.assert_allclose(simulate(plants, settings, DAYS, np.random.default_rng(7)), whole, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", FAMILIES)
def test_that_settings_make_physical_sense_and_stay_in_the_box(name):
    plants = draw_plants(name, 30, 5)
    settings = draw_settings(plants, 20, np.random.default_rng(1))
    warm, after, day, harvest = (
        settings[..., LEVER[lever]]
        for lever in ("temperature", "temperature_after_shift", "temperature_shift_day", "harvest_day")
    )
    assert (after <= warm).all()
    never = (day == NEVER).all(axis=1)
    assert 0.1 < never.mean() < 0.6  # a third of all plants; these are thirty
    np.testing.assert_array_equal(after[never], warm[never])
    np.testing.assert_array_equal(harvest, np.round(harvest))
    assert ((harvest >= 9) & (harvest <= 16)).all()
    free = [LEVER[lever] for lever in ("ph", "dissolved_oxygen", "seeding_density", "temperature")]
    away = np.abs(settings - plants.center[:, None])[..., free]
    assert (away <= plants.reach[:, None][..., free] + 1e-9).all()
    varied = (np.ptp(settings, axis=1) > 0).sum(axis=1)
    assert varied.min() >= 3
    assert (varied <= 5).mean() > 0.05
    assert (varied >= 7).mean() > 0.3


def test_that_instruments_are_noisy_but_not_biased(sites):
    states = sites["quota"][2].states
    shown = measured(np.repeat(states, 40, axis=1), np.random.default_rng(2)) / np.maximum(
        np.repeat(states, 40, axis=1), 1e-9
    )
    late = shown[:, :, 8:]
    for name, cv in {"vcd": 0.05, "titer": 0.04, "volume": 0.005, "aggregates": 0.04}.items():
        assert of(late, name).mean() == pytest.approx(1.0, abs=0.01)
        assert of(late, name).std() == pytest.approx(cv, rel=0.1)


def test_that_each_family_is_fed_in_its_own_way(sites):
    """A pump is throttled by degrees, a bolus is whole or half, an operator leaves days out."""
    share = {}
    for name, (plants, settings, _) in sites.items():
        books = course(plants, moved(settings, feed_start_day=2.0), DAYS).books
        before = books[..., 3:-1, 0]  # bolus and top-up take the volume that they find
        share[name] = np.diff(books[..., 3:, 1], axis=-1) / before / settings[..., None, LEVER["feed_volume_rate"]]
    whole = np.isclose(share["quota"], 1.0, atol=1e-6) | np.isclose(share["quota"], 0.5, atol=1e-6)
    assert whole.all()
    assert (share["logistic"] > 0.15).all()
    assert 0.05 < (share["logistic"] < 0.9).mean() < 0.9
    assert (share["mixed_cycle"] == 0).mean() > 0.05


def test_that_only_logistic_growth_needs_no_nutrients(sites):
    """Without nutrients a quota lasts for a while and cycling cells are arrested; a capacity knows none at all."""
    for name, lacking in {"quota": {"start_nutrient": 1e-3}, "mixed_cycle": {"hunger": 1e3}}.items():
        plants, settings, _ = sites[name]
        hungry = {constant: np.full(len(plants), value) for constant, value in lacking.items()}
        starved = replace(plants, constants={**plants.constants, **hungry})
        cells = of(simulate(starved, moved(settings, feed_start_day=NEVER), 6), "vcd")
        assert (cells[..., 6] / cells[..., 5]).max() < 1.05
        assert ((cells[..., 1] / cells[..., 0] > 1.1).mean() > 0.8) == (name == "quota")
    assert not [constant for constant in sites["logistic"][0].constants if "nutrient" in constant]


def test_that_only_a_quota_plants_productivity_lags_behind_a_temperature_shift(sites):
    """The day after a shift, production goes on at nearly the old rate; elsewhere it changes at once."""
    jumps = {}
    for name, (plants, settings, _) in sites.items():
        still = moved(settings, temperature=36.8, temperature_after_shift=36.8, temperature_shift_day=7.0)
        cold = moved(still, temperature_after_shift=33.0)
        made = [np.diff(of(simulate(plants, s, 12), "titer"), axis=-1) for s in (still, cold)]
        change = np.abs(np.log(np.maximum(made[1], 1e-4) / np.maximum(made[0], 1e-4)))
        jumps[name] = np.median(change[..., 7] / np.maximum(change[..., 11], 0.05))
    assert jumps["quota"] < 0.6 * jumps["logistic"]


def test_that_only_cells_with_a_cycle_stay_arrested_after_cold(sites):
    """A cold culture that is warmed up grows on at once, but for the plants whose cells cold has arrested."""
    lost = {}
    for name, (plants, settings, _) in sites.items():
        nurtured = moved(settings, ph=7.0, dissolved_oxygen=40.0, feed_start_day=NEVER, seeding_density=0.3)
        warmed = moved(nurtured, temperature=32.5, temperature_after_shift=36.5, temperature_shift_day=3.0)
        warm = moved(nurtured, temperature=36.5, temperature_after_shift=36.5, temperature_shift_day=3.0)
        cells = [of(simulate(plants, s, 5), "vcd") for s in (warmed, warm)]
        early = cells[1][..., 1] / cells[1][..., 0]
        lost[name] = np.median(np.log(cells[0][..., 5] / cells[0][..., 4]) / np.log(early))
    assert lost["mixed_cycle"] < lost["logistic"] - 0.1
    assert lost["mixed_cycle"] < lost["quota"] - 0.1


def test_that_an_unknown_family_is_refused():
    with pytest.raises(OptionsError, match="nobody"):
        draw_plants("nobody", 1, 1)


@pytest.mark.parametrize("name", FAMILIES)
def test_that_a_campaign_is_a_sites_dataset(name):
    campaign, again = (family_campaign(name, 2, batches=5, plant_index=1) for _ in range(2))
    dataset = campaign.dataset
    assert dataset.simulated
    assert all(batch.tags == {"origin": "simulated"} for batch in dataset.batches)
    assert set(dataset.names("setpoint")) <= set(KNOWN_LEVERS)
    assert dataset.names("target") == ("titer",)
    assert dataset.names("quality") == ("aggregates", "galactosylation", "acidic_variants")
    for one, two, settings in zip(dataset.batches, again.dataset.batches, campaign.settings, strict=True):
        assert one.offline.values.tobytes() == two.offline.values.tobytes()
        assert one.online.values.tobytes() == two.online.values.tobytes()
        assert one.offline.hours[-1] == one.online.hours[-1] == 24.0 * settings[LEVER["harvest_day"]]
        for lever, value in one.setpoints.items():
            assert value == settings[LEVER[lever]]
        grown = one.offline.column("volume") - one.offline.column("volume")[0]
        fed = one.offline.column("feed_volume")
        assert np.abs(grown - fed).max() < 0.35 * one.offline.column("volume")[0]
        assert (np.diff(fed) >= 0).all()
        warm = one.online.column("temperature")
        assert warm[0] == pytest.approx(settings[LEVER["temperature"]], abs=0.3)
        if settings[LEVER["temperature_shift_day"]] < settings[LEVER["harvest_day"]] - 1:
            assert warm[-1] == pytest.approx(settings[LEVER["temperature_after_shift"]], abs=0.3)


@pytest.mark.parametrize("name", FAMILIES)
def test_that_the_truth_of_a_campaign_is_near_what_was_measured(name):
    campaign = family_campaign(name, 2, batches=4, spread=1.2)
    settings, shown, truth = campaign.fresh(40, 9)
    np.testing.assert_array_equal(truth, campaign.true_final(settings))
    assert 0.03 < np.std(np.log(shown / truth)) < 0.3
    assert np.corrcoef(shown, truth)[0, 1] > 0.6
    last = [batch.offline.column("titer")[-1] for batch in campaign.dataset.batches]
    np.testing.assert_allclose(last, campaign.true_final(campaign.settings), rtol=0.5)


def test_that_a_wide_campaign_moves_its_setpoints_further():
    narrow, wide = (family_campaign("logistic", 4, batches=4, spread=spread) for spread in (0.5, 1.2))
    away = [np.abs(c.settings - c.plant.center)[:, LEVER["ph"]].mean() for c in (narrow, wide)]
    assert wide.plant.reach[0, LEVER["ph"]] == pytest.approx(2.4 * narrow.plant.reach[0, LEVER["ph"]])
    assert away[0] <= away[1]
