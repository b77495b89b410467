"""Splits are by whole batch and depend on seed and ids alone."""

import numpy as np
import pytest

from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable
from mabdesk.data.settings import SplitOptions
from mabdesk.data.splitting import folds_of, grouped_by, grouped_folds, split, strata_of
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


def test_that_three_batches_leave_nothing_to_learn_from():
    with pytest.raises(DataError, match="2 folds need at least 4 batches, received 3: a, b, c"):
        grouped_folds(("a", "b", "c"), 2)
    for fold in grouped_folds(("a", "b", "c", "d"), 2):
        assert fold.train
        assert fold.validation


def tagged(*values, tag="cell_line"):
    batches = [Batch(f"B{i:02d}", EMPTY, EMPTY, tags={tag: value}) for i, value in enumerate(values)]
    return Dataset((TITER,), tuple(batches))


def test_that_each_group_is_left_out_once_and_validated_on_others():
    folds = grouped_by(data(20), "cell_line", 1)
    assert folds.names == ("line A", "line B", "line C", "line D")
    lines = {b.id: b.tags["cell_line"] for b in data(20).batches}
    for fold, line in zip(folds.splits, "ABCD", strict=True):
        assert {lines[name] for name in fold.test} == {line}
        assert line not in {lines[name] for name in (*fold.train, *fold.validation)}
        assert fold.validation
        assert sorted([*fold.train, *fold.validation, *fold.test]) == sorted(lines)
    turned = Dataset((TITER,), data(20).batches[::-1])
    assert grouped_by(turned, "cell_line", 1) == folds


def test_that_scales_are_in_order_whatever_their_tag_and_bare_numbers_are_liters():
    assert grouped_by(tagged(*["2000 L", "200 L", "50 L"] * 2, tag="scale"), "scale").names == (
        "50 L",
        "200 L",
        "2000 L",
    )
    assert grouped_by(tagged(*["2000", "50"] * 3, tag="scale_l"), "scale").names == ("50 L", "2000 L")
    assert grouped_by(tagged(*["line X", "CHO-K1"] * 3, tag="line"), "cell_line").names == ("line CHO-K1", "line X")


def test_that_one_line_alone_and_batches_without_a_line_are_refused_in_a_sentence():
    with pytest.raises(DataError, match="All 6 batches that say their cell line have one, A: none can be left out"):
        folds_of(tagged(*"AAAAAA"), "cell_line", 5, 1)
    with pytest.raises(DataError, match="None of 3 batches says its scale"):
        folds_of(data(3), "scale", 5, 1)
    with pytest.raises(DataError, match="leaves fewer than 3 to learn from") as caught:
        grouped_by(tagged(*"AABB"), "cell_line")
    assert caught.value.hint


def test_that_batches_that_do_not_say_their_line_take_no_part_and_are_named():
    folds = grouped_by(tagged(*"AAAABBBB", ""), "cell_line")
    assert folds.notes == ("1 batch without a cell line took no part: B08.",)
    assert all("B08" not in (*fold.train, *fold.validation, *fold.test) for fold in folds.splits)


def test_that_a_group_whose_others_are_too_few_is_not_left_out():
    folds = grouped_by(tagged(*"AAAAAB"), "cell_line")
    assert folds.names == ("line B",)
    assert folds.notes == ("line A was not left out: 1 batch would be too few to learn from.",)
