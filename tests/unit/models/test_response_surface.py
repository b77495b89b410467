"""Response surfaces: what they recover, what they depend on, what they give away, and how they meet odd input."""

import subprocess
import sys
import time

import numpy as np
import pytest

from mabdesk.errors import DataError, OptionsError
from mabdesk.models.response_surface import fit_surface, out_of_fold
from mabdesk.models.surface_kernels import Task, _disbelief
from mabdesk.models.surfaces import LABELS, surface_from

PROCESSES = ("gaussian_process", "gaussian_process_quadratic")
LEVERS = ("temperature", "ph", "feed_volume_rate")
EVERY = pytest.mark.parametrize("kind", LABELS)
TAGS = ("cell_line",)


def settings_of(n, seed=1):
    """Return (n, 3) settings of LEVERS in their own units."""
    return np.random.default_rng(seed).uniform([35.0, 6.8, 0.02], [37.5, 7.2, 0.06], (n, 3))


def lines_of(n, seed=1, names=("A", "B")):
    """Return (n, 1) cell lines."""
    return np.random.default_rng(seed + 100).choice(names, (n, 1))


def smooth(settings):
    """Return what is neither straight nor quadratic."""
    warm, acid, fed = ((settings - [36.25, 7.0, 0.04]) / [1.25, 0.2, 0.02]).T
    return 4.0 * np.exp(-((warm - 0.3) ** 2) - acid**2) + 0.5 * fed


def bowl(settings):
    """Return a quadratic truth."""
    warm, acid, fed = ((settings - [36.25, 7.0, 0.04]) / [1.25, 0.2, 0.02]).T
    return 3.0 + 0.5 * warm - warm**2 - 0.7 * acid**2 + 0.4 * warm * fed + 0.3 * fed


def fitted(kind, n=40, truth=smooth, noise=0.02, seed=1, line_effect=0.5):
    """Return a surface of n batches; line B gives `line_effect` more than the others."""
    settings, lines = settings_of(n, seed), lines_of(n, seed)
    target = truth(settings) + line_effect * (lines[:, 0] == "B")
    target += noise * np.random.default_rng(seed + 200).standard_normal(n)
    return fit_surface(kind, LEVERS, settings, TAGS, lines, target, 1)


def error(surface, truth, line_effect=0.5):
    """Return the RMSE on fresh settings."""
    settings, lines = settings_of(300, 7), lines_of(300, 7)
    wanted = truth(settings) + line_effect * (lines[:, 0] == "B")
    return float(np.sqrt(np.mean((surface.predict(settings, lines)[0] - wanted) ** 2)))


@pytest.mark.parametrize("kind", ["quadratic", "gaussian_process_quadratic"])
def test_that_a_quadratic_truth_is_recovered(kind):
    surface = fitted(kind, 60, bowl, noise=1e-4)
    assert error(surface, bowl) < 0.01
    assert error(fitted("mean", 60, bowl), bowl) > 0.5


@pytest.mark.parametrize("kind", PROCESSES)
def test_that_a_process_follows_a_smooth_truth_far_better_than_mean_and_quadratic_surface(kind):
    found = error(fitted(kind, 60), smooth)
    assert found < 0.15 * error(fitted("mean", 60), smooth)
    assert found < 0.6 * error(fitted("quadratic", 60), smooth)


@pytest.mark.parametrize("kind", PROCESSES)
def test_that_ten_batches_and_nine_levers_do_no_worse_than_the_mean(kind):
    ratios = []
    for seed in range(8):
        chance = np.random.default_rng(seed)
        settings, tags = chance.uniform(size=(310, 9)), np.zeros((310, 0), dtype=np.str_)
        truth = settings @ chance.normal(size=9) + 2.0 * (settings[:, 0] - 0.5) * (settings[:, 1] - 0.5)
        target = truth + 0.1 * chance.standard_normal(310)
        names = tuple(f"lever_{i}" for i in range(9))
        said = [
            fit_surface(one, names, settings[:10], (), tags[:10], target[:10], seed).predict(settings[10:], tags[10:])
            for one in (kind, "mean")
        ]
        errors = [np.sqrt(np.mean((mean - truth[10:]) ** 2)) for mean, _ in said]
        ratios.append(errors[0] / errors[1])
        assert np.abs(said[0][0]).max() < 3 * np.abs(truth).max()
    assert np.mean(ratios) < 0.85
    assert max(ratios) < 1.1


@pytest.mark.parametrize("kind", PROCESSES)
def test_that_the_band_of_a_process_covers_fresh_measurements_and_widens_away_from_the_batches(kind):
    surface = fitted(kind, 40, noise=0.2)
    settings, lines = settings_of(400, 9), lines_of(400, 9)
    measured = smooth(settings) + 0.5 * (lines[:, 0] == "B") + 0.2 * np.random.default_rng(3).standard_normal(400)
    mean, sd = surface.predict(settings, lines)
    assert 0.85 < np.mean(np.abs(measured - mean) < 1.96 * sd) < 0.995
    _, far = surface.predict(settings + np.array([5.0, 1.0, 0.1]), lines)
    assert far.min() > 2 * np.median(sd)


def test_that_the_other_kinds_say_what_they_err_on_batches_left_out():
    settings, lines = settings_of(20), lines_of(20)
    target = bowl(settings) + 0.1 * np.random.default_rng(5).standard_normal(20)
    rows = np.arange(20)
    one_by_one = [(np.delete(rows, row), rows[row : row + 1]) for row in rows]
    said = out_of_fold("mean", LEVERS, settings, TAGS, lines, target, 1, one_by_one)
    _, sd = fit_surface("mean", LEVERS, settings, TAGS, lines, target, 1).predict(settings, lines)
    assert sd == pytest.approx(np.full(20, np.sqrt(np.mean((said - target) ** 2))))
    _, sd = fit_surface("quadratic", LEVERS, settings, TAGS, lines, target, 1).predict(settings, lines)
    said = out_of_fold("quadratic", LEVERS, settings, TAGS, lines, target, 1, one_by_one)
    # The refits scale the levers by other ranges and choose their own ridge: alike, not equal.
    assert sd == pytest.approx(np.full(20, np.sqrt(np.mean((said - target) ** 2))), rel=0.35)


@EVERY
def test_that_slopes_equal_finite_differences(kind):
    surface = fitted(kind)
    settings, lines = settings_of(20, 3), lines_of(20, 3)
    found = surface.slopes(settings, lines)
    assert found.shape == (20, 3)
    for i, step in enumerate((1e-4, 1e-5, 1e-6)):
        apart = np.zeros(3)
        apart[i] = step
        above, below = (surface.predict(settings + sign * apart, lines)[0] for sign in (1, -1))
        assert found[:, i] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("quadratic", [False, True])
def test_that_the_climb_has_the_right_slopes(quadratic):
    chance = np.random.default_rng(2)
    task = Task(chance.uniform(size=(15, 4)), chance.standard_normal(15), np.array([0, 1, 2, 2]), quadratic)
    at = task.priors[:, 0] + 0.3 * chance.standard_normal(len(task.priors))
    _, slopes = _disbelief(at, task)
    for i, slope in enumerate(slopes):
        apart = np.zeros(len(at))
        apart[i] = 1e-5
        assert slope == pytest.approx((_disbelief(at + apart, task)[0] - _disbelief(at - apart, task)[0]) / 2e-5, 1e-4)


@EVERY
def test_that_its_arrays_give_the_same_surface_bit_for_bit(kind):
    surface = fitted(kind)
    again = surface_from({name: np.array(array) for name, array in surface.arrays().items()})
    settings, lines = settings_of(50, 3), lines_of(50, 3)
    for mine, other in zip(surface.predict(settings, lines), again.predict(settings, lines), strict=True):
        assert np.array_equal(mine, other)
    assert np.array_equal(surface.slopes(settings, lines), again.slopes(settings, lines))
    assert (again.kind, again.dropped) == (kind, surface.dropped)


@EVERY
def test_that_a_lever_that_never_varied_is_dropped_by_name(kind):
    settings, lines = settings_of(30), lines_of(30)
    target = smooth(settings)
    settings[:, 1] = 7.0
    surface = fit_surface(kind, LEVERS, settings, TAGS, lines, target, 1)
    other = settings + np.array([0.0, 0.3, 0.0])
    assert surface.dropped == ("ph",)
    assert np.array_equal(surface.predict(settings, lines)[0], surface.predict(other, lines)[0])
    assert not surface.slopes(settings, lines)[:, 1].any()


@EVERY
def test_that_a_tag_value_never_seen_is_between_those_seen_and_less_sure(kind):
    surface = fitted(kind, 40)
    settings = settings_of(30, 3)
    said, sure = {}, {}
    for line in ("A", "B", "never seen"):
        said[line], sure[line] = surface.predict(settings, np.full((30, 1), line))
    middle = (said["A"] + said["B"]) / 2
    if kind != "mean":
        assert np.mean(said["B"] - said["A"]) == pytest.approx(0.5, abs=0.1)
    assert np.abs(said["never seen"] - middle).mean() <= 0.5 * np.abs(said["B"] - said["A"]).mean()
    assert (sure["never seen"] >= sure["A"]).all()
    if kind in PROCESSES:
        assert (sure["never seen"] > 1.5 * sure["A"]).all()


@EVERY
def test_that_the_order_of_the_batches_does_not_matter(kind):
    settings, lines = settings_of(25), lines_of(25)
    target = smooth(settings) + 0.1 * np.random.default_rng(2).standard_normal(25)
    other = np.random.default_rng(8).permutation(25)
    first = fit_surface(kind, LEVERS, settings, TAGS, lines, target, 1).arrays()
    second = fit_surface(kind, LEVERS, settings[other], TAGS, lines[other], target[other], 1).arrays()
    assert all(np.array_equal(first[name], second[name]) for name in first)


@EVERY
def test_that_batches_without_the_target_are_left_out(kind):
    settings, lines = settings_of(25), lines_of(25)
    target = smooth(settings)
    target[20:], settings[22], lines[23:] = np.nan, [50.0, np.nan, 1.0], "Z"
    found = fit_surface(kind, LEVERS, settings, TAGS, lines, target, 1).arrays()
    clean = fit_surface(kind, LEVERS, settings[:20], TAGS, lines[:20], target[:20], 1).arrays()
    assert all(np.array_equal(found[name], clean[name]) for name in found)


@EVERY
def test_that_a_test_batch_has_no_part_in_its_own_fold(kind):
    settings, lines = settings_of(24), lines_of(24)
    target = smooth(settings)
    rows = np.arange(24)
    folds = [(rows[rows % 4 != fold], rows[rows % 4 == fold]) for fold in range(3)]
    said = out_of_fold(kind, LEVERS, settings, TAGS, lines, target, 1, folds)
    changed, moved, named = target.copy(), settings.copy(), lines.astype("<U9")
    changed[0], moved[0], named[0] = 99.0, [20.0, 3.0, 0.5], "Z"
    again = out_of_fold(kind, LEVERS, moved, TAGS, named, changed, 1, folds)
    assert np.array_equal(np.isnan(said), rows % 4 == 3)
    assert again[folds[0][1][1:]] == pytest.approx(said[folds[0][1][1:]], rel=1e-12)
    assert not np.allclose(again[folds[1][1]], said[folds[1][1]])


def test_that_a_fold_with_too_few_measured_targets_says_nothing():
    settings, lines = settings_of(8), lines_of(8)
    target = np.array([1.0, 2.0, 3.0, np.nan, np.nan, np.nan, np.nan, np.nan])
    folds = [(np.arange(3), np.arange(3, 8)), (np.arange(2, 8), np.arange(2))]
    said = out_of_fold("gaussian_process", LEVERS, settings, TAGS, lines, target, 1, folds)
    assert np.isfinite(said[3:]).all()
    assert np.isnan(said[:3]).all()


@EVERY
def test_that_too_few_batches_are_refused_with_their_number(kind):
    target = np.array([1.0, 2.0, np.nan, np.inf])
    with pytest.raises(DataError, match="received 2"):
        fit_surface(kind, LEVERS, settings_of(4), TAGS, lines_of(4), target, 1)


def test_that_missing_settings_and_unknown_kinds_are_named():
    settings = settings_of(5)
    settings[2, 1] = np.nan
    with pytest.raises(DataError, match=r"some batches: ph\."):
        fit_surface("quadratic", LEVERS, settings, TAGS, lines_of(5), np.arange(5.0), 1)
    with pytest.raises(OptionsError, match="cubic"):
        fit_surface("cubic", LEVERS, settings_of(5), TAGS, lines_of(5), np.arange(5.0), 1)


@EVERY
def test_that_constant_targets_three_batches_and_nothing_that_varies_still_give_a_surface(kind):
    settings, lines = settings_of(12), lines_of(12)
    constant = fit_surface(kind, LEVERS, settings, TAGS, lines, np.full(12, 2.5), 1)
    assert constant.predict(settings, lines)[0] == pytest.approx(np.full(12, 2.5), abs=1e-6)
    same, none = np.tile(settings[:1], (12, 1)), np.zeros((12, 0), dtype=np.str_)
    alone = fit_surface(kind, LEVERS, same, (), none, smooth(settings), 1)
    assert alone.dropped == LEVERS
    assert alone.predict(settings, none)[0] == pytest.approx(np.full(12, smooth(settings).mean()))
    assert not alone.slopes(settings, none).any()
    few = fit_surface(kind, LEVERS, settings[:3], TAGS, lines[:3], np.array([1.0, 2.0, 4.0]), 1)
    mean, sd = few.predict(settings, lines)
    assert np.isfinite(mean).all()
    assert (sd > 0).all()
    assert len(few.predict(settings[:0], lines[:0])[0]) == 0


@EVERY
def test_that_repeated_batches_and_huge_units_are_no_obstacle(kind):
    settings, lines = np.repeat(settings_of(8), 4, axis=0), np.repeat(lines_of(8), 4, axis=0)
    target = 1e9 * (smooth(settings) + 0.05 * np.random.default_rng(1).standard_normal(32))
    plain = fit_surface(kind, LEVERS, settings, TAGS, lines, target / 1e9, 1)
    large = fit_surface(kind, LEVERS, settings * 1e6, TAGS, lines, target, 1)
    wanted = 1e9 * plain.predict(settings, lines)[0]
    assert large.predict(settings * 1e6, lines)[0] == pytest.approx(wanted, rel=1e-3)


@EVERY
def test_that_ten_thousand_settings_take_a_moment(kind):
    surface = fitted(kind, 50)
    settings, lines = settings_of(10_000), lines_of(10_000)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        surface.predict(settings, lines)
        took.append(time.perf_counter() - start)
    assert min(took) < 2.0  # 0.02 s on an idle machine


def test_that_predicting_loads_no_heavy_library():
    heavy = ("keras", "tensorflow", "sklearn", "scipy", "pandas", "shap")
    code = f"import mabdesk.models.surfaces, sys; print(sorted(set({heavy!r}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.strip() == "[]"
