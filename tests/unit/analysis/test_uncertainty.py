import dataclasses
from math import erf

import numpy as np
import pytest

from mabdesk.analysis.results import Samples
from mabdesk.analysis.uncertainty import (
    bands,
    calibrate,
    coverages,
    dropout_bands,
    lowest_of,
    needed,
    quantiles,
    why_no_band,
)
from mabdesk.data.batch import Variable
from mabdesk.models.model import Calibration, HeldOut, Prediction

ANY = np.array([-np.inf])


def held_out(batches=40, seed=0, samples=12, targets=1, spread=0.0, together=0.8):
    """Errors grow with the prediction, and those of one batch go together."""
    rng = np.random.default_rng(seed)
    ids = np.repeat([f"B{i:03d}" for i in range(batches)], samples)
    mean = np.tile(np.linspace(0.2, 4.0, samples), batches)
    common = np.repeat(rng.normal(0, together, batches), samples)
    noise = common + rng.normal(0, np.sqrt(1 - together**2), len(ids))
    measured = mean + (0.05 + 0.1 * mean) * noise
    columns = [np.repeat(column[:, None], targets, axis=1) for column in (measured, mean, np.full(len(ids), spread))]
    return HeldOut(ids, np.tile(24.0 * np.arange(samples), batches), *columns)


def share_inside(held, fresh, level):
    calibration = calibrate(held)
    low, high = bands(calibration, Prediction(fresh.mean, fresh.spread), level, ANY)
    return float(np.mean((low <= fresh.measured) & (fresh.measured <= high)))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("together", [0.0, 0.9])
def test_that_bands_hold_the_asked_share_of_batches_never_seen_even_where_a_batch_errs_as_one(level, together):
    fresh = held_out(400, seed=999, together=together)
    shares = [share_inside(held_out(25, seed, together=together), fresh, level) for seed in range(24)]
    assert level - 0.01 < np.mean(shares) < level + 0.025


def test_that_few_batches_that_err_as_one_are_covered_as_asked_where_pooled_samples_would_cover_too_little():
    rng, honest, naive = np.random.default_rng(1), [], []
    ids = np.repeat(np.arange(12), 3).astype(str)
    for _ in range(300):
        scores = np.repeat(np.abs(rng.normal(size=12)), 3)[:, None]
        calibration = Calibration(ids, np.zeros(36), scores, *np.eye(3)[:, :1])
        honest.append(erf(quantiles(calibration, 0.9)[0] / np.sqrt(2)))
        naive.append(erf(np.quantile(scores, 0.9) / np.sqrt(2)))
    assert 0.89 < np.mean(honest) < 0.94
    assert np.mean(naive) < 0.87


def test_that_a_batch_with_many_samples_counts_no_more_than_others():
    few = held_out(30, seed=3)
    worst = few.batch_ids == "B007"

    def with_worst(times):
        rows = np.concatenate([np.flatnonzero(~worst), *[np.flatnonzero(worst)] * times])
        fields = ("batch_ids", "hours", "measured", "mean", "spread")
        return calibrate(HeldOut(*(getattr(few, name)[rows] for name in fields)))

    once, often = with_worst(1), with_worst(20)
    assert quantiles(often, 0.9) == pytest.approx(quantiles(once, 0.9), rel=1e-3)
    assert often.relative == pytest.approx(once.relative, rel=1e-3)


def test_that_the_width_follows_prediction_and_spread_where_errors_do():
    calibration = calibrate(held_out(200, seed=1))
    assert calibration.floor[0] == pytest.approx(0.06, abs=0.03)
    assert calibration.relative[0] == pytest.approx(0.12, abs=0.03)
    rng = np.random.default_rng(2)
    spread = rng.uniform(0, 2, (2400, 1))
    mean = np.ones((2400, 1))
    held = HeldOut(np.repeat([f"B{i}" for i in range(200)], 12), np.zeros(2400), mean + spread * 0.5, mean, spread)
    assert calibrate(held).stretch[0] == pytest.approx(0.5, abs=0.1)


def test_that_bands_widen_with_the_level_and_never_fall_below_what_is_possible():
    calibration = calibrate(held_out())
    found = Prediction(np.array([[0.01], [1.0], [3.0], [-0.02]]))
    lowest = lowest_of([Variable("titer", "g/L", "target", 0, 50)], ["titer"])
    widths = []
    for level in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        low, high = bands(calibration, found, level, lowest)
        assert low.min() == 0
        assert (high >= low).all()
        widths.append(high[1, 0] - found.mean[1, 0])
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    assert np.isneginf(lowest_of([Variable("charge", "1", "quality")], ["charge", "unknown"])).all()


@pytest.mark.parametrize(("level", "count"), [(0.95, 19), (0.9, 9), (0.8, 4), (0.5, 2), (0.99, 99)])
def test_that_a_level_needs_so_many_batches_and_has_no_band_with_one_fewer(level, count):
    assert needed(level) == count
    enough, short = calibrate(held_out(count)), calibrate(held_out(count - 1))
    assert np.isfinite(quantiles(enough, level)).all()
    assert why_no_band(enough, ["titer"], level) == ""
    low, high = bands(short, Prediction(np.ones((3, 1))), level, ANY)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_that_too_few_batches_are_said_with_what_can_be_had_instead():
    def said(batches, level=0.95):
        return why_no_band(calibrate(held_out(batches), "its validation batches"), ["titer"], level)

    assert said(10) == (
        "No 95 % band: it needs 19 batches that the model did not learn from, received 10 (its validation batches). "
        "A band of 90 % can be had: train or compare at level 0.9."
    )
    assert said(5).endswith("A band of 80 % can be had: train or compare at level 0.8.")
    assert said(3).endswith("Even 80 % needs 4: import more batches.")
    assert said(3, 0.8) == (
        "No 80 % band: it needs 4 batches that the model did not learn from, received 3 (its validation batches). "
        "Import more batches."
    )
    assert why_no_band(None, ["titer"], 0.95).startswith("No 95 % band: every batch was learned from")


def test_that_a_target_measured_in_few_batches_has_no_band_and_the_other_keeps_its_own():
    held = held_out(30, targets=2)
    measured = held.measured.copy()
    measured[np.char.compare_chararrays(held.batch_ids, "B012", ">=", True), 1] = np.nan
    calibration = calibrate(dataclasses.replace(held, measured=measured))
    low, high = bands(calibration, Prediction(np.ones((2, 2))), 0.95, np.zeros(2))
    assert np.isfinite(low[:, 0]).all()
    assert np.isnan(high[:, 1]).all()
    assert why_no_band(calibration, ["titer", "aggregates"], 0.95).startswith("No 95 % band for aggregates: ")
    assert "received 12." in why_no_band(calibration, ["titer", "aggregates"], 0.95)


def test_that_nothing_said_or_a_perfect_fit_breaks_nothing():
    held = held_out(25)
    nothing = dataclasses.replace(held, mean=np.full_like(held.mean, np.nan), spread=np.full_like(held.mean, np.nan))
    assert np.isnan(quantiles(calibrate(nothing), 0.8)).all()
    assert "received 0" in why_no_band(calibrate(nothing), ["titer"], 0.8)
    perfect = calibrate(dataclasses.replace(held, mean=held.measured))
    low, high = bands(perfect, Prediction(np.ones((2, 1))), 0.95, ANY)
    assert high == pytest.approx(low)
    assert calibrate(None) is None
    assert calibrate(held_out(0)) is None


def test_that_the_same_errors_give_the_same_bands_bit_for_bit():
    first, second = calibrate(held_out(seed=5)), calibrate(held_out(seed=5))
    for name in ("scores", "floor", "relative", "stretch"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert np.array_equal(quantiles(first, 0.93), quantiles(second, 0.93))


def test_that_dropout_bands_are_the_mean_and_so_many_deviations():
    drawn = np.random.default_rng(0).normal(2.0, 0.3, (4000, 5, 1))
    low, high = dropout_bands(drawn, np.full((5, 1), 2.0), 0.95)
    assert high - low == pytest.approx(2 * 1.96 * 0.3, rel=0.05)
    assert np.isnan(dropout_bands(None, np.ones((5, 2)), 0.95)[0]).all()


def test_that_coverage_counts_samples_inside_by_day_phase_line_and_scale():
    samples = Samples(
        batch_ids=np.array(["a", "a", "b", "b"]),
        hours=np.array([24.0, 250.0, 25.0, 47.0]),
        known_hours=np.zeros(4),
        measured=np.array([[1.0], [2.0], [3.0], [np.nan]]),
        typical=np.zeros((4, 1)),
        predicted=np.ones((2, 4, 1)),
        fold=np.zeros(4, dtype=np.int64),
        low=np.stack([np.full((4, 1), 0.5), np.full((4, 1), np.nan)]),
        high=np.stack([np.full((4, 1), 2.5), np.full((4, 1), np.nan)]),
        raw_low=np.full((2, 4, 1), 0.9),
        raw_high=np.full((2, 4, 1), 1.1),
        phase=np.array(["growth", "decline", "growth", ""]),
    )
    groups = {"a": {"cell_line": "A", "scale": "50 L"}, "b": {"cell_line": "B"}}
    found = coverages(("ridge", "pls"), ("titer",), samples, groups, 0.9)
    rows = {(row.model, row.band, row.by, row.part): row for row in found}
    whole = rows["ridge", "calibrated", "all", "all"]
    assert (whole.covered, whole.width, whole.n, whole.batches) == (pytest.approx(2 / 3), 2.0, 3, 2)
    assert whole.level == 0.9
    assert [row.part for row in found if row.by == "day" and row.band == "calibrated"] == ["1", "10"]
    assert rows["ridge", "calibrated", "day", "1"].covered == 0.5
    assert rows["ridge", "calibrated", "phase", "growth"].covered == 0.5
    assert rows["ridge", "calibrated", "cell_line", "B"].covered == 0
    assert rows["ridge", "calibrated", "scale", "50 L"].n == 2
    assert ("ridge", "calibrated", "scale", "") not in rows
    assert ("pls", "calibrated", "all", "all") not in rows
    assert rows["pls", "dropout", "all", "all"].covered == pytest.approx(1 / 3)
