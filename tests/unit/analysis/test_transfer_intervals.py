import numpy as np
import pytest

from mabdesk.analysis.transfer_intervals import interval


def chance(seed, batches, local, draws, of_draws=1.0, of_batches=1.0):
    """Return the interval of a gain that is none: both ways are off by what draws and test batches bring."""
    rng = np.random.default_rng(seed)
    both = 4.0 + rng.normal(0, 0.5, (draws, 2, batches))
    both += of_draws * rng.normal(0, 0.5, (draws, 2, 1)) + of_batches * rng.normal(0, 0.5, (1, 2, batches))
    tested = np.stack([np.roll(np.arange(batches), n * batches // draws) >= local for n in range(draws)])
    return interval(
        np.stack([both**2 * tested[:, None], np.broadcast_to(tested[:, None], both.shape)], axis=2), local, 0.95
    )


@pytest.mark.parametrize("local", [2, 4])
@pytest.mark.parametrize(("of_draws", "of_batches"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_that_chance_is_no_gain_whether_draws_or_test_batches_bring_it(local, of_draws, of_batches):
    found = [chance(seed, 8, local, 3, of_draws, of_batches) for seed in range(300)]
    assert np.mean([one.low > 0 for one in found]) <= 0.05


def test_that_a_clear_gain_is_found_with_eight_batches():
    sums = [chance(seed, 8, 2, 3, 0.3, 0.3) for seed in range(50)]
    assert np.median([one.high - one.low for one in sums]) < 1.2
