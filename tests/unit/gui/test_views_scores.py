"""What the Compare page shows of an evaluation, on a small one made by hand."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mabdesk.analysis.results import Courses, Evaluation, Predictions, Samples
from mabdesk.analysis.scoring import score_batches, score_models
from mabdesk.data.batch import EMPTY, Batch, Dataset, Event
from mabdesk.gui.views import predicted, scores

KINDS = ("last_value", "ridge", "cnn_lstm")
LABELS = ("Last value (uses measured titer)", "Linear (ridge)", "CNN-LSTM")


def evaluation(batches=5, targets=("titer", "aggregates"), bias=(0.01, 0.2, 0.4)) -> Evaluation:
    """Make one in which every model misses by its own bias, grown with the number of the batch."""
    names = np.repeat([f"B{number:02d}" for number in range(batches)], 8)
    hours = np.tile(np.arange(8) * 24.0 + 48, batches)
    measured = np.stack([hours / 100 * (t + 1) for t in range(len(targets))], axis=1)
    grown = 1 + np.repeat(np.arange(batches), 8)
    guess = np.stack([measured + wrong * grown[:, None] for wrong in bias])
    samples = Samples(names, hours, hours, measured, measured + 0.1, guess, np.repeat(np.arange(batches) % 2, 8))
    courses = Courses(names, hours, guess)
    return Evaluation(
        "soft_sensor", 2, KINDS, LABELS, targets, ("g/L", "%")[: len(targets)], samples, courses,
        score_models(KINDS, LABELS, targets, samples, courses), score_batches(KINDS, targets, samples),
        "CNN-LSTM is worse than Linear (ridge).", ("Quick run: fewer epochs.",),
    )  # fmt: skip


def test_that_a_model_is_said_in_words_to_be_the_best():
    sheet = scores.scores_sheet(evaluation(), "titer")
    assert sheet.headers[:3] == ("Model", "Best in", "RMSE (g/L)")
    assert [row[1] for row in sheet.rows] == ["all but DTS", "", ""]
    assert sheet.rows[0][-2:] == (40, 5)


def test_that_models_as_good_as_each_other_share_the_first_place_and_nan_has_none():
    found = evaluation()
    same = [replace(score, rmse=1.0, r2=float("nan")) for score in scores.scores_of(found, "titer")]
    assert all("RMSE" in words and "R\u00b2" not in words for words in scores.best_in(same).values())


def test_that_the_best_simple_model_is_drawn_beside_the_network_but_none_that_sees_the_answer():
    assert scores.drawn_first(evaluation(), "titer") == ("ridge", "cnn_lstm")
    forecast = replace(evaluation(), preset="forecast")
    assert scores.drawn_first(forecast, "titer") == ("last_value", "cnn_lstm")


def test_that_a_first_look_shows_the_best_and_the_worst_batch():
    assert scores.told_apart(evaluation(), "titer", "cnn_lstm") == ("B00", "B04")
    assert scores.told_apart(evaluation(batches=1), "titer", "cnn_lstm") == ("B00",)
    assert len(scores.told_apart(evaluation(batches=50), "titer", "cnn_lstm", 4)) == 4


def test_that_errors_by_batch_show_the_chosen_models():
    sheet = scores.batches_sheet(evaluation(), "aggregates", ["cnn_lstm"])
    assert sheet.headers == ("Batch", "Fold", "Samples", "RMSE (%), CNN-LSTM", "Final error (%), CNN-LSTM")
    assert sheet.rows[1][:3] == ("B01", 2, 8)
    assert sheet.rows[1][3:] == pytest.approx((0.8, 0.8))


def test_that_folds_samples_and_quick_runs_are_told():
    found = evaluation()
    assert scores.summary(found, "titer") == (
        "Soft sensor. 2 folds of whole batches: 40 real samples of 5 batches that the models had not seen."
    )
    assert scores.is_quick(found.notes)
    assert not scores.is_quick(("Fold 1, CNN-LSTM: fine.",))


def test_that_a_panel_a_batch_has_dots_and_a_line_a_model():
    shown = predicted.of_evaluation(evaluation(), "titer")
    figure = predicted.figure(shown, (1, 2), ("B00", "B03"), None)
    assert [panel.label for panel in figure.panels] == ["B00", "B03"]
    assert [course.group for course in figure.panels[0].predicted] == ["Linear (ridge)", "CNN-LSTM"]
    assert len(figure.panels[0].courses[0].values) == 8
    assert figure.groups == ("Measured", *LABELS)  # from the best to the worst
    together = predicted.figure(shown, (2,), shown.batches, None, together=True)
    assert [len(panel.courses) for panel in together.panels] == [5]
    assert predicted.figure(shown, (2,), (), None).panels == ()


def test_that_events_stand_on_the_plot_of_one_batch_each_kind_named_once():
    events = (Event(0, "inoculation"), Event(72, "feed"), Event(96, "feed"), Event(100, "temperature_shift"))
    events += (Event(120, "sample"), Event(float("nan"), "deviation"))
    dataset = Dataset((), (Batch("B00", EMPTY, EMPTY, events, {}, {"origin": "simulated"}),))
    shown = predicted.of_evaluation(evaluation(), "titer")
    one = predicted.figure(shown, (1,), ("B00",), dataset)
    assert [(mark.hour, mark.text) for mark in one.marks] == [
        (72, "feed \u00d72"),
        (96, ""),
        (100, "temperature shift"),
    ]
    assert one.simulated
    assert predicted.figure(shown, (1,), ("B00", "B01"), dataset).marks == ()


def test_that_a_band_is_drawn_where_a_model_gives_one():
    @dataclass(frozen=True, eq=False)
    class Banded(Courses):
        low: object = None
        high: object = None

    found = evaluation()
    courses = found.courses
    banded = Banded(courses.batch_ids, courses.hours, courses.predicted, courses.predicted - 1, courses.predicted + 1)
    shown = predicted.of_evaluation(replace(found, courses=banded), "titer")
    (panel,) = predicted.figure(shown, (2,), ("B00",), None).panels
    assert np.allclose(panel.bands[0].high - panel.bands[0].low, 2)


def test_that_only_measured_samples_are_pairs():
    found = evaluation()
    measured = found.samples.measured.copy()
    measured[:30, 0] = np.nan
    shown = predicted.of_evaluation(replace(found, samples=replace(found.samples, measured=measured)), "titer")
    truth, guess, batches = predicted.pairs(shown, (1,))["Linear (ridge)"]
    assert len(truth) == len(guess) == len(batches) == 10
    assert len(predicted.pairs_sheet(shown, (1, 2)).rows) == 10


def test_that_a_new_file_without_samples_still_has_its_courses():
    none = np.zeros(0)
    applied = Predictions(
        "soft_sensor", "ridge", "Linear (ridge)", ("titer",), ("g/L",), np.array(["N1"] * 4), np.arange(4) * 6.0 + 24,
        np.arange(4.0)[:, None], np.zeros(0, dtype=np.str_), none, none[:, None], none[:, None], ("It lacks pH.",),
    )  # fmt: skip
    shown = predicted.of_predictions(applied, "titer")
    (panel,) = predicted.figure(shown, (0,), ("N1",), None).panels
    assert list(panel.predicted[0].values) == [0, 1, 2, 3]
    sheet = predicted.file_sheet(applied, "titer")
    assert sheet.rows == (("N1", 42 / 24, 3.0, 0, None),)
    assert sheet.notes == ("It lacks pH.",)
