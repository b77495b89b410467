"""Splits are by whole batch and depend on seed and ids alone."""

import numpy as np
import pytest

from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable
from mabdesk.data.settings import SplitOptions
from mabdesk.data.splitting import grouped_folds, split, strata_of
from mabdesk.errors import DataError

TITER = Variable("titer", "g/L", "target")


def batch(name, line="A", titer=1.0):
    return Batch(name, EMPTY, Measurements(("titer",), [0, 24], [[0.0], [titer]]), tags={"cell_line": line})


def data(count=50, lines="ABCD"):
    return Dataset((TITER,), tuple(batch(f"B{i:02d}", lines[i % len(lines)]) for i in range(count)))


def test_that_every_batch_is_used_once():
    parts = split(data(), SplitOptions(), 1)
    ids = [*parts.train, *parts.validation, *parts.test, *parts.locked]
    assert sorted(ids) == sorted(data().ids)
    assert (len(parts.locked), len(parts.test), len(parts.validation)) == (5, 9, 5)


def test_that_the_order_in_the_file_does_not_matter_but_the_seed_does():
    original = data()
    turned = Dataset(original.variables, original.batches[::-1])
    assert split(original, SplitOptions(), 1) == split(turned, SplitOptions(), 1)
    assert split(original, SplitOptions(), 1) != split(original, SplitOptions(), 2)


def test_that_shares_are_spread_over_cell_lines():
    original = data(80)
    strata = strata_of(original)
    for seed in range(10):
        parts = split(original, SplitOptions(locked=0.2, test=0.25), seed)
        for part in (parts.locked, parts.test):
            counts = [sum(strata[name] == line for name in part) for line in "ABCD"]
            assert max(counts) - min(counts) <= 2


@pytest.mark.parametrize("count", [0, 1, 4])
def test_that_fewer_than_five_batches_are_refused_with_their_names(count):
    with pytest.raises(DataError, match=rf"5 batches are needed, received {count}") as caught:
        split(data(count), SplitOptions(), 0)
    assert caught.value.hint
    assert count == 0 or "B00" in caught.value.message


def test_that_batches_without_titer_do_not_count_and_only_train():
    original = data(8)
    blank = tuple(batch(f"N{i}", titer=np.nan) for i in range(3))
    blank = tuple(Batch(b.id, EMPTY, EMPTY) for b in blank)
    parts = split(Dataset((TITER,), original.batches + blank), SplitOptions(), 0)
    assert {"N0", "N1", "N2"} <= set(parts.train)
    with pytest.raises(DataError, match=r"measured titer \(titer\) are needed, received 4"):
        split(Dataset((TITER,), original.batches[:4] + blank), SplitOptions(), 0)


def test_that_five_batches_leave_something_for_every_use():
    parts = split(data(5), SplitOptions(), 3)
    assert len(parts.train) >= 2
    assert len(parts.validation) == len(parts.test) == 1


def test_that_no_locked_share_locks_nothing():
    assert split(data(10), SplitOptions(locked=0.0), 0).locked == ()


def test_that_each_batch_is_tested_in_exactly_one_fold():
    ids = data(23).ids
    folds = grouped_folds(ids, 5, seed=4, validation_share=0.2, strata=strata_of(data(23)))
    assert sorted(name for fold in folds for name in fold.test) == sorted(ids)
    for fold in folds:
        assert fold.validation
        assert sorted([*fold.train, *fold.validation, *fold.test]) == sorted(ids)
    assert folds == grouped_folds(ids[::-1], 5, seed=4, validation_share=0.2, strata=strata_of(data(23)))


def test_that_more_folds_than_batches_are_refused():
    with pytest.raises(DataError, match="5 folds need at least 5 batches, received 3"):
        grouped_folds(("a", "b", "c"), 5)
