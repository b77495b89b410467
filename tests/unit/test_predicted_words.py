"""What `predict` prints and answers of bands."""

import numpy as np

from mabdesk.analysis.results import Coverage, Predictions
from mabdesk.cli import answers, words


def predictions(banded=True, **extra):
    predicted = np.array([[1.0], [2.0]])
    edges = (predicted - 0.25, predicted + 0.5) if banded else (np.full((2, 1), np.nan),) * 2
    return Predictions(
        preset="soft_sensor",
        kind="ridge",
        label="Linear (ridge)",
        targets=("titer",),
        units=("g/L",),
        batch_ids=np.array(["B1", "B1"]),
        hours=np.array([24.0, 48.0]),
        predicted=predicted,
        sample_batch_ids=np.array(["B1"]),
        sample_hours=np.array([24.0]),
        measured=np.array([[1.1]]),
        at_samples=predicted[:1],
        low=edges[0],
        high=edges[1],
        sample_low=edges[0][:1],
        sample_high=edges[1][:1],
        level=0.9,
        **extra,
    )


def test_that_predict_says_the_newest_band_and_what_share_of_samples_it_held():
    row = Coverage("ridge", "titer", "calibrated", "all", "all", 0.9, 0.925, 0.75, 40, 3)
    said = words.predicted(predictions(coverage=(row, Coverage("ridge", "titer", "calibrated", "day", "1", *[1] * 5))))
    assert "90 % band" in said
    assert "1.75 to 2.50" in said
    assert (
        "The 90 % band of titer holds 92.5 % of the file's 40 samples from 3 batches that the model had not seen "
        "(mean width 0.750 g/L)."
    ) in said
    assert said.count("The 90 % band of titer") == 1


def test_that_a_prediction_without_a_band_says_why_and_gives_no_numbers_for_it():
    found = predictions(banded=False, notes=("No 90 % band: it needs 9 batches.",))
    assert "No 90 % band: it needs 9 batches." in words.predicted(found)
    assert " to " not in words.predicted(found).split("\n")[3]
    assert all(row["low"] is None and row["high"] is None for row in answers.predictions(found))


def test_that_rows_of_a_prediction_hold_the_band_and_the_measured_value():
    rows = answers.predictions(predictions())
    assert [row["hour"] for row in rows] == [24, 24, 48]
    assert [row["measured"] for row in rows] == [None, 1.1, None]
    assert [(row["low"], row["predicted"], row["high"]) for row in rows] == [(0.75, 1, 1.5)] * 2 + [(1.75, 2, 2.5)]
