"""Scores by group agree with those of the comparison; parts know their order; the table tells gains and claims."""

from dataclasses import replace

import numpy as np
import pytest
from full_evaluation import dataset_of, full_evaluation, old_evaluation

from mabdesk.analysis.group_scores import sums_of
from mabdesk.analysis.parts import parts_in_order
from mabdesk.analysis.scoring import score_models
from mabdesk.gui.views import errors_by_part, scores, scores_by_group


def test_that_sums_by_batch_give_the_scores_of_the_comparison():
    found = full_evaluation(8)
    for target in found.targets:
        sums = sums_of(found, target)
        for m, model in enumerate(found.models):
            (line,) = scores_by_group.lines_by_model(sums, found.labels, (m,))
            score = found.score(model, target)
            told = (score.rmse, score.mae, score.r2, score.dts, score.dts_centered)
            assert line.values == pytest.approx(told, rel=1e-6)


def test_that_a_line_of_cells_has_the_scores_of_its_batches_alone():
    found = full_evaluation(9)
    lines = scores_by_group.lines_by_group(sums_of(found, "titer"), 1, "cell_line", dataset_of(9))
    mine = [batch.id for batch in dataset_of(9).batches if batch.tags["cell_line"] == "B"]
    rows, drawn = np.isin(found.samples.batch_ids, mine), np.isin(found.courses.batch_ids, mine)
    samples = replace(
        found.samples, batch_ids=found.samples.batch_ids[rows], hours=found.samples.hours[rows],
        measured=found.samples.measured[rows], typical=found.samples.typical[rows],
        predicted=found.samples.predicted[:, rows],
    )  # fmt: skip
    courses = replace(
        found.courses, batch_ids=found.courses.batch_ids[drawn], hours=found.courses.hours[drawn],
        predicted=found.courses.predicted[:, drawn],
    )  # fmt: skip
    score = score_models(found.models, found.labels, found.targets, samples, courses)[1]
    assert [line.name for line in lines] == ["A", "B", "C"]
    assert lines[1].values == pytest.approx((score.rmse, score.mae, score.r2, score.dts, score.dts_centered))


def test_that_error_bars_are_the_same_each_time_and_need_three_batches():
    found = full_evaluation(8)
    again = [scores_by_group.lines_by_model(sums_of(found, "titer"), found.labels, (1,)) for _ in "ab"]
    assert again[0] == again[1]
    few = sums_of(full_evaluation(2), "titer")
    assert np.isnan(scores_by_group.lines_by_model(few, found.labels, (1,))[0].lows).all()


def test_that_parts_stand_in_the_order_in_which_people_count():
    phases = {"decline", "growth", "", "inoculation", "stationary"}
    assert parts_in_order("phase", phases) == ["inoculation", "growth", "stationary", "decline"]
    assert parts_in_order("scale", {"2000 L", "50 L", "200 L"}) == ["50 L", "200 L", "2000 L"]
    assert parts_in_order("day", {"10", "9", "0"}) == ["0", "9", "10"]
    assert parts_in_order("cell_line", {"K2", "", "K1"}) == ["K1", "K2"]
    assert errors_by_part.with_unknown(["a"], {"a", "unknown"}) == ["a", "unknown"]


def test_that_half_a_day_belongs_to_the_day_that_follows_and_bare_numbers_are_liters():
    found, dataset = full_evaluation(3), dataset_of(3)
    shifted = replace(found, samples=replace(found.samples, hours=found.samples.hours + 12))
    days = errors_by_part.heaps(shifted, "titer", (1,), "day", None)
    assert [heap.part for heap in days] == [str(day) for day in range(1, 16)]
    bare = replace(dataset, batches=tuple(replace(b, tags={"scale_l": "200"}) for b in dataset.batches))
    assert {heap.part for heap in errors_by_part.heaps(found, "titer", (1,), "scale", bare)} == {"200 L"}


def test_that_samples_of_unknown_phase_and_batches_without_a_tag_are_said_to_be_so():
    found = full_evaluation(4)
    phase = found.samples.phase.copy()
    phase[:3] = ""
    found = replace(found, samples=replace(found.samples, phase=phase))
    heaps = errors_by_part.heaps(found, "titer", (1,), "phase", None)
    assert heaps[-1].part == "unknown"
    assert len(heaps[-1].values) == 3
    heaps = errors_by_part.heaps(found, "titer", (1,), "cell_line", dataset_of(3))
    assert [heap.part for heap in heaps] == ["A", "B", "C", "unknown"]


def test_that_the_scores_tell_what_is_gained_on_the_best_simple_model_and_what_random_windows_claim():
    found = full_evaluation()
    sheet = scores.scores_sheet(found, "titer")
    gain, span = sheet.headers.index("Gain on best simple (g/L)"), sheet.headers.index("95 % interval")
    claim = sheet.headers.index("Random windows claim (g/L)")
    row = sheet.rows[found.models.index("pls")]
    assert row[gain] == pytest.approx(found.score("ridge_svr").rmse - found.score("pls").rmse)
    assert " to " in row[span]
    assert row[claim] == pytest.approx(0.6 * found.score("pls").rmse)
    assert {scores.GAIN_NOTE, scores.CLAIM_NOTE} <= set(sheet.notes)
    old = scores.scores_sheet(old_evaluation(), "titer")
    assert len(old.headers) == len(sheet.headers) - 3
    assert old.notes == scores.SCORE_NOTES


def test_that_a_comparison_that_leaves_lines_out_says_so():
    found = replace(full_evaluation(), folds=3, folds_by="cell_line", fold_names=("line A", "line B", "line C"))
    assert "3 folds, each leaving one cell line out: 360 real samples" in scores.summary(found, "titer")


def test_that_of_many_networks_only_the_best_and_the_one_of_the_verdict_are_drawn_at_first():
    kinds = ("pls", "feed_forward", "lstm", "cnn", "cnn_lstm")
    found = replace(full_evaluation(), models=kinds)
    told = [replace(score, model=kinds[n % 5], rmse=rmse) for n, (score, rmse) in enumerate(
        zip(found.scores[:5], (0.2, 0.3, 0.1, 0.4, 0.5), strict=True))]  # fmt: skip
    assert scores.drawn_first(replace(found, scores=tuple(told)), "titer") == ("pls", "lstm", "cnn_lstm")
