"""The virtual plant's equations: published base case, shapes of the sweeps, balances, step size."""

import time

import numpy as np
import pytest

from mabdesk.virtual_plant import kinetics
from mabdesk.virtual_plant.climate import climate
from mabdesk.virtual_plant.kinetics import STANDARD, STEP_H, simulate, specific_rates
from mabdesk.virtual_plant.parameters import SCALES_L, plants
from mabdesk.virtual_plant.setpoints import OPERATING_RANGES, PHYSICAL_LIMITS, PLATFORM, profiles
from mabdesk.virtual_plant.truth import true_run, true_runs


def titers(name, values, **others):
    return np.array([run.titer for run in true_runs([{**others, name: value} for value in values])])


def test_that_the_platform_gives_the_known_base_case():
    run = true_run({})
    course = run.trajectory
    days = [0, 3, 5, 7, 10, 14]
    vcd = [course.column("vcd")[24 * day] for day in days]
    assert vcd == pytest.approx([0.5, 4.4, 10.1, 13.3, 16.4, 16.3], rel=0.03)
    assert course.column("titer")[[7 * 24, 10 * 24, 14 * 24]] == pytest.approx([1.02, 2.23, 3.90], rel=0.03)
    assert course.column("viability")[-1] == pytest.approx(74, abs=2)
    assert course.column("lactate").max() == pytest.approx(2.6, abs=0.2)
    assert run.titer == course.column("titer")[-1]
    assert course.hours[-1] == 336.0


SWEEPS = [
    ("temperature_after_shift", [31.5, 33, 34.5, 36.5], 33),
    ("temperature_shift_day", [2, 3, 4, 7, 14], 4),
    ("ph", [6.7, 6.9, 7.0, 7.15, 7.3], 6.9),
    ("dissolved_oxygen", [20, 35, 50, 65, 80], 50),
    ("glucose_feed_rate", [2, 4, 5.5, 7], 5.5),
    ("feed_volume_rate", [0.02, 0.034, 0.05, 0.06], 0.034),
    ("feed_start_day", [0, 2, 4, 5], 2),
]


@pytest.fixture(scope="module")
def swept():
    """Titer of every setting of all sweeps, simulated side by side."""
    settings = [(name, value) for name, values, _ in SWEEPS for value in values]
    runs = true_runs([{name: value} for name, value in settings])
    return {setting: run.titer for setting, run in zip(settings, runs, strict=True)}


@pytest.mark.parametrize(("name", "values", "best"), SWEEPS)
def test_that_titer_has_its_optimum_inside_the_operating_range(name, values, best, swept):
    found = np.array([swept[name, value] for value in values])
    top = values.index(best)
    assert found.argmax() == top
    assert (np.diff(found[: top + 1]) > 0).all()
    assert (np.diff(found[top:]) < 0).all()
    low, high = OPERATING_RANGES[name]
    assert low <= best <= high


def test_that_sweeps_reproduce_the_known_figures_within_a_few_percent():
    assert titers("temperature_after_shift", [33, 34, 35, 36]) == pytest.approx([4.19, 4.04, 3.33, 2.64], rel=0.04)
    assert titers("ph", [6.7, 6.85, 7.0, 7.15, 7.3]) == pytest.approx([2.61, 3.87, 3.90, 3.11, 1.77], rel=0.05)
    assert titers("seeding_density", [0.3, 0.5, 0.8, 1.2]) == pytest.approx([3.69, 3.90, 3.95, 4.01], rel=0.05)
    both = [{"feed_volume_rate": f, "glucose_feed_rate": 99.086 * f} for f in (0.02, 0.03, 0.04, 0.05, 0.06)]
    assert [r.titer for r in true_runs(both)] == pytest.approx([2.07, 3.11, 3.90, 3.74, 3.74], rel=0.05)


def test_that_larger_vessels_and_other_clones_give_their_known_titers():
    vessels = plants(["A", "A", "A", "B", "C", "D"], [*SCALES_L, 200.0, 200.0, 200.0])
    plan = profiles([dict(PLATFORM)] * 6, STEP_H / 2, STANDARD.operation)
    titer = simulate(plan, vessels, np.full(6, 0.5)).values[kinetics.PRODUCT, -1]
    assert titer[:5] == pytest.approx([4.01, 3.90, 3.65, 4.38, 2.88], rel=0.03)
    assert titer[0] > titer[1] > titer[2]
    assert titer[4] < titer[5] < titer[1]
    assert true_run({}, line="B", scale_l=200).titer == pytest.approx(titer[3])


# Found by a search over all operating ranges with harvest on day 14.
BEST = {
    "temperature": 35.9,
    "temperature_after_shift": 32.4,
    "temperature_shift_day": 7.7,
    "ph": 6.89,
    "dissolved_oxygen": 51.0,
    "glucose_feed_rate": 5.2,
    "feed_volume_rate": 0.0455,
    "feed_start_day": 0.75,
    "seeding_density": 2.2,
}


def test_that_the_best_titer_lies_inside_all_operating_ranges_at_once():
    ends = [{**BEST, name: end} for name in BEST for end in OPERATING_RANGES[name]]
    best, *moved = true_runs([BEST, *ends])
    assert 5.0 < best.titer < 6.0
    assert max(run.titer for run in moved) < 0.997 * best.titer


def test_that_the_best_titer_costs_quality():
    best, platform, gentle = true_runs([BEST, {}, {**BEST, "ph": 7.07, "seeding_density": 1.5}])
    assert best.quality["aggregates"] > 3 > 2.5 > gentle.quality["aggregates"] > platform.quality["aggregates"]
    assert platform.titer < gentle.titer < 0.95 * best.titer
    assert best.quality["galactosylation"] < platform.quality["galactosylation"]


CAUSES = [
    ("temperature", 35.5, 37.0, "aggregates"),
    ("ph", 7.2, 6.8, "aggregates"),
    ("harvest_day", 12, 16, "aggregates"),
    ("harvest_day", 16, 12, "galactosylation"),
    ("temperature_after_shift", 32, 36, "galactosylation"),
    ("ph", 6.8, 7.2, "acidic_variants"),
]


def test_that_quality_follows_its_causes():
    lower = true_runs([{name: value} for name, value, _, _ in CAUSES])
    higher = true_runs([{name: value} for name, _, value, _ in CAUSES])
    for low, high, (name, _, _, attribute) in zip(lower, higher, CAUSES, strict=True):
        assert low.quality[attribute] < high.quality[attribute], name


def test_that_halving_the_step_changes_nothing_that_matters():
    rng = np.random.default_rng(0)
    runs = [dict(PLATFORM)]
    runs += [{name: rng.uniform(*limits) for name, limits in OPERATING_RANGES.items()} for _ in range(20)]
    vessels = plants(["B"] * len(runs), [2000.0] * len(runs))
    seeding = np.array([run["seeding_density"] for run in runs])
    ends = []
    for step in (0.5, 0.25):
        plan = profiles(runs, step / 2, STANDARD.operation)
        ends.append(simulate(plan, vessels, seeding).values[:, -1])
    for row in (kinetics.PRODUCT, kinetics.AGGREGATES, kinetics.GALACTOSE):
        assert ends[0][row] == pytest.approx(ends[1][row], rel=0.005)


def trapezoid(values, hours):
    return np.sum((values[1:] + values[:-1]) / 2 * np.diff(hours)[:, None], axis=0)


def test_that_glucose_product_and_volume_balance():
    runs = [dict(PLATFORM), {**PLATFORM, "glucose_feed_rate": 6.0, "temperature": 36.0}]
    vessels = plants(["A", "D"], [50.0, 2000.0])
    plan = profiles(runs, 0.125, STANDARD.operation)
    states = simulate(plan, vessels, np.array([0.5, 0.5]))
    moments = climate(plan, STANDARD.environment, STANDARD.kinetics, STANDARD.quality)[::2]
    rates = [specific_rates(at, states.values[:, k], vessels) for k, at in enumerate(moments)]
    volume, cells = states.values[kinetics.VOLUME], states.values[kinetics.VIABLE]
    fed = np.array([rate.dilution for rate in rates]) * volume
    eaten = np.array([rate.glucose for rate in rates]) * cells * volume
    made = np.array([rate.product for rate in rates]) * cells * volume / 1000
    glucose = states.values[kinetics.GLUCOSE] * volume
    product = states.values[kinetics.PRODUCT] * volume
    assert volume[-1] - volume[0] == pytest.approx(trapezoid(fed, states.hours), rel=1e-3)
    gained = trapezoid(fed * plan.feed_glucose[::2] - eaten, states.hours)
    assert glucose[-1] - glucose[0] == pytest.approx(gained, abs=1e-3 * trapezoid(eaten, states.hours).min())
    assert product[-1] == pytest.approx(trapezoid(made, states.hours), rel=1e-3)


def test_that_nothing_is_ever_negative_at_the_physical_limits():
    rng = np.random.default_rng(7)
    names = [name for name in PHYSICAL_LIMITS if name != "glucose_feed_rate"]
    drawn = [{name: rng.choice(PHYSICAL_LIMITS[name]) for name in names} for _ in range(60)]
    drawn = [{**run, "glucose_feed_rate": 100 * run["feed_volume_rate"]} for run in drawn]
    for run in true_runs(drawn, line="C", scale_l=2.0):
        values = run.trajectory.values
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert run.trajectory.column("volume").max() <= 2.0 + 1e-6
        assert max(run.quality.values()) <= 100


def test_that_runs_side_by_side_equal_runs_alone():
    runs = [{}, {"ph": 6.8}, {"harvest_day": 10.5}]
    together = true_runs(runs, line="B", scale_l=50)
    for run, given in list(zip(together, runs, strict=True))[1:]:
        alone = true_run(given, line="B", scale_l=50)
        assert np.array_equal(alone.trajectory.hours, run.trajectory.hours)
        assert np.allclose(alone.trajectory.values, run.trajectory.values, rtol=1e-12)
    assert together[2].trajectory.hours[-1] == 252.0


def test_that_a_shift_after_harvest_is_no_shift():
    late = true_run({"temperature_shift_day": 14})
    other = true_run({"temperature_shift_day": 20, "temperature_after_shift": 31})
    assert late.titer == pytest.approx(other.titer)


def test_that_fifty_batches_take_seconds():
    runs = [dict(PLATFORM)] * 50
    plan = profiles(runs, 0.125, STANDARD.operation)
    vessels = plants(["A"] * 50, [200.0] * 50)
    start = time.process_time()
    states = simulate(plan, vessels, np.full(50, 0.5))
    assert time.process_time() - start < 6  # about 1 s on an idle core
    assert len(states.hours) == 1345
