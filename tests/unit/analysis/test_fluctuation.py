"""A mean of many windows is calmer than any of them: the baseline gets the usual fluctuation back."""

import numpy as np
import pytest

from mabdesk.analysis.fluctuation import fluctuating


@pytest.fixture(scope="module")
def noisy():
    """Forty windows of a rising sensor with noise, a steady one, and one that half of the windows lack at a step."""
    rng = np.random.default_rng(1)
    x = np.empty((40, 24, 3), dtype=np.float32)
    x[..., 0] = 7 + 0.01 * np.arange(24) + rng.normal(0, 0.05, (40, 24)) + rng.normal(0, 0.02, (40, 1))
    x[..., 1] = 37.0
    x[..., 2] = rng.normal(0, 1, (40, 24))
    x[::2, 5, 2] = np.nan
    return x


def test_that_the_baseline_fluctuates_as_single_windows_do(noisy):
    mean = np.nanmean(noisy.astype(np.float64), axis=0)
    found = fluctuating(mean, noisy)
    usual = noisy[..., 0].std(axis=1).mean()
    assert mean[:, 0].std() < 0.9 * usual
    assert found[:, 0].std() == pytest.approx(usual, rel=1e-6)


def test_that_level_ends_and_trend_stay_as_they_were(noisy):
    mean = np.nanmean(noisy.astype(np.float64), axis=0)
    found = fluctuating(mean, noisy)
    hours = np.arange(24.0)
    np.testing.assert_allclose(found[[0, -1]], mean[[0, -1]])
    np.testing.assert_allclose(found.mean(axis=0), mean.mean(axis=0), rtol=1e-9)
    assert np.polyfit(hours, found[:, 0], 1)[0] == pytest.approx(np.polyfit(hours, mean[:, 0], 1)[0], rel=0.6)


def test_that_steady_channels_and_few_windows_stay(noisy):
    mean = np.nanmean(noisy.astype(np.float64), axis=0)
    np.testing.assert_array_equal(fluctuating(mean, noisy)[:, 1], mean[:, 1])
    np.testing.assert_array_equal(fluctuating(mean, noisy[:1]), mean)
    np.testing.assert_array_equal(fluctuating(mean[:4], noisy[:, :4]), mean[:4])


def test_that_windows_with_gaps_lend_no_fluctuation(noisy):
    found = fluctuating(np.nanmean(noisy.astype(np.float64), axis=0), noisy)
    assert np.isfinite(found).all()
    assert found[:, 2].std() == pytest.approx(noisy[1::2, :, 2].std(axis=1).mean(), rel=1e-6)
