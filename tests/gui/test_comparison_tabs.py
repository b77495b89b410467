"""All views of a comparison, on one with everything in it, on an old one without, and on a file that was predicted."""

import time
from dataclasses import replace

import numpy as np
import pytest
from full_evaluation import PHASE_RULE, dataset_of, full_evaluation, old_evaluation

from mabdesk.analysis.results import Coverage, Predictions
from mabdesk.gui.comparison_tabs import ONE_MODEL, ComparisonTabs
from mabdesk.gui.look import DARK
from mabdesk.gui.views.coverage import NO_BANDS
from mabdesk.gui.views.errors_by_part import NO_PARTS

PAPER, IMPROVED, TRAJECTORY = 4, 3, 0


class Exports(list):
    """Takes what would be written."""

    def export(self, kind, name, sheet, picture=None, words=None):
        self.append((kind, name, sheet(), words))


@pytest.fixture
def tabs(qtbot):
    made = ComparisonTabs(Exports(), lambda: "SIMULATED DATA")
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    return made


@pytest.fixture
def full(tabs):
    found = full_evaluation()
    tabs.show_found(found, "titer", dataset_of(), found.notes, ("B03",))
    tabs.draw((2, IMPROVED))
    return tabs


def look(tabs, view):
    tabs.setCurrentWidget(view)
    return view


def test_that_courses_have_bands_in_their_models_colors_and_say_what_these_hold(full):
    (panel,) = full.courses.grid.figure.panels
    assert [(band.label, band.group) for band in panel.bands] == [
        ("95 % band", "Mean of ridge and SVR"),
        ("95 % band", "CNN-LSTM"),
    ]
    assert full.courses.grid.note.text() == "Shaded: 95 % band"
    assert full.courses.bands.text() == (
        "95 % bands hold, of 360 samples of batches that took no part: Mean of ridge and SVR 94.6 %, "
        "CNN-LSTM 94.6 % (dropout as in the paper 23.1 %)."
    )
    full.draw((IMPROVED,))
    assert full.courses.bands.text() == (
        "95 % band of CNN-LSTM: 94.6 % of 360 samples of batches that took no part; dropout as in the paper: 23.1 %."
    )


def test_that_the_dropout_band_is_drawn_at_the_samples_when_asked_for_and_said_to_be_uncalibrated(full):
    assert not full.courses.dropout.isHidden()
    assert full.courses.grid.figure.panels[0].bars == ()
    full.courses.dropout.setChecked(True)
    (bars,) = full.courses.grid.figure.panels[0].bars
    assert (bars.group, len(bars.hours)) == ("CNN-LSTM", 15)
    assert "Bars: dropout, uncalibrated" in full.courses.grid.note.text()
    rows = full.courses.grid.table("x").rows
    assert {row[3] for row in rows if row[-1] == "bar"} == {
        f"Dropout, uncalibrated, CNN-LSTM, {end}" for end in ("low", "high")
    }


def test_that_a_hidden_model_hides_its_band(full):
    items = len(full.courses.grid.plots[0].items)
    full.courses.grid.legend.boxes["CNN-LSTM"].setChecked(False)
    assert len(full.courses.grid.plots[0].items) == items - 4  # its line, and the three of its band


def test_that_a_model_without_a_band_says_why(full):
    full.draw((TRAJECTORY,))
    assert full.courses.grid.figure.panels[0].bands == ()
    assert full.courses.bands.text() == "Mean trajectory: No 95 % band: it needs 19 batches."
    full.draw((PAPER,))
    assert "Mean trajectory" not in full.courses.bands.text()


def test_that_a_reason_stands_once_however_many_folds_give_it(full):
    notes = tuple(f"Fold {n}, CNN-LSTM as in the paper: No 95 % band: it needs 19 batches." for n in (1, 2, 3))
    found = replace(full_evaluation(), notes=notes, coverage=())
    full.show_found(found, "titer", dataset_of(), notes, ())
    full.draw((PAPER,))
    assert full.courses.bands.text() == "CNN-LSTM as in the paper: No 95 % band: it needs 19 batches."
    full.draw((IMPROVED,))  # whose name is part of the other's
    assert full.courses.bands.text() == ""


def test_that_errors_are_parted_by_phase_and_as_the_user_asks(full):
    spread = look(full, full.spread)
    assert spread.plot.parts == ("inoculation", "growth", "stationary", "decline")
    assert spread.plot.rows == ("Mean of ridge and SVR", "CNN-LSTM")
    assert PHASE_RULE in spread.note.text()
    found = full.found
    wrong = (found.samples.predicted[2] - found.samples.measured)[:, 0]
    growth = next(heap for heap in spread.plot.heaps if heap.part == "growth")
    assert np.allclose(np.sort(growth.values), np.sort(wrong[found.samples.phase == "growth"]))
    for by, parts in (("scale", ("50 L", "200 L", "2000 L")), ("cell_line", ("A", "B", "C"))):
        spread.by.setCurrentIndex(spread.by.findData(by))
        assert spread.plot.parts == parts
    spread.of.setCurrentIndex(spread.of.findData("pls"))
    assert spread.plot.rows == ("PLS",)


def test_that_more_models_than_can_be_told_apart_are_left_out_and_said(full):
    spread = look(full, full.spread)
    full.draw((0, 1, 2, 3, 4))
    spread.by.setCurrentIndex(spread.by.findData("day"))
    assert len(spread.plot.rows) == 2
    assert spread.note.text().startswith("2 of 5 models fit here.")


def test_that_parts_and_bands_are_tables_of_the_checked_models(full):
    look(full, full.parts_place)
    rows = full.parts.sheet.rows
    assert rows[0][:3] == ("Phase", "inoculation", "Mean of ridge and SVR")
    assert {row[2] for row in rows} == {"Mean of ridge and SVR", "CNN-LSTM"}
    assert [row[1] for row in rows if row[0] == "Scale"][::2] == ["50 L", "200 L", "2000 L"]
    look(full, full.bands_place)
    raw = next(row for row in full.bands.sheet.rows if row[1] == "Dropout, as in the paper")
    assert raw[:6] == ("CNN-LSTM", "Dropout, as in the paper", "All samples", "", 95.0, pytest.approx(23.1))


def test_that_lines_scales_and_models_stand_over_the_scores(full):
    groups = look(full, full.groups)
    assert [line.name for line in groups.plot.lines] == ["A", "B", "C"]
    assert groups.plot.lines[0].lows[0] < groups.plot.lines[0].values[0] < groups.plot.lines[0].highs[0]
    groups.by.setCurrentIndex(groups.by.findData("model"))
    assert [line.name for line in groups.plot.lines] == ["Mean of ridge and SVR", "CNN-LSTM"]
    assert not groups.of.isEnabled()
    assert groups.plot.lines[1].values[0] == pytest.approx(full.found.score("cnn_lstm").rmse)


def test_that_an_old_result_still_shows_all_it_has_and_says_what_it_lacks(tabs):
    found = old_evaluation()
    tabs.show_found(found, "titer", None, (), ("B03",))
    tabs.draw((2, IMPROVED))
    assert tabs.courses.grid.figure.panels[0].bands == ()
    assert tabs.courses.bands.isHidden()
    assert tabs.courses.dropout.isHidden()
    assert look(tabs, tabs.spread).plot.place.text.text().startswith("This result knows no phases.")
    tabs.spread.by.setCurrentIndex(tabs.spread.by.findData("day"))
    assert len(tabs.spread.plot.heaps) == 2 * 15
    look(tabs, tabs.parts_place)
    assert tabs.parts_place.text.text() == NO_PARTS
    look(tabs, tabs.bands_place)
    assert tabs.bands_place.text.text() == NO_BANDS
    assert look(tabs, tabs.groups).plot.place.text.text() == "The batches name no cell line."


def test_that_a_model_applied_to_a_file_shows_its_band_and_what_it_holds(tabs):
    hours = np.arange(24, 120, 6.0)
    course = np.linspace(0, 3, len(hours))[:, None]
    ids, none = np.array(["N1"] * len(hours)), np.zeros((0, 1))
    row = Coverage("ridge", "titer", "calibrated", "all", "", 0.9, 0.875, 0.4, 8, 1)
    found = Predictions(
        "soft_sensor", "ridge", "Linear (ridge)", ("titer",), ("g/L",), ids, hours, course, ids[:0], hours[:0], none,
        none, low=course - 0.2, high=course + 0.2, level=0.9, coverage=(row,),
    )  # fmt: skip
    tabs.show_found(found, "titer", None, (), ())
    tabs.draw((0,))
    assert tabs.courses.grid.figure.panels[0].bands[0].label == "90 % band"
    assert tabs.courses.bands.text() == "90 % band of Linear (ridge): 87.5 % of 8 samples of this file."
    assert look(tabs, tabs.spread).plot.place.text.text() == ONE_MODEL
    assert look(tabs, tabs.groups).plot.place.text.text() == ONE_MODEL
    look(tabs, tabs.parts_place)
    assert tabs.parts_place.text.text() == ONE_MODEL


def test_that_every_view_leaves_the_window_with_its_words_and_takes_the_theme(full):
    full.apply_theme(DARK)
    for view in (full.courses, full.parity, full.spread, full.parts_place, full.bands_place, full.groups, full.errors):
        look(full, view)
    for sender in (full.courses, full.parity, full.spread, full.groups, full.parts, full.bands, full.errors):
        sender.export_requested.emit("csv")
    assert len({name for _, name, _, _ in full.exporter}) == 7
    assert all(sheet.rows and words == "SIMULATED DATA" for _, _, sheet, words in full.exporter)


def test_that_nothing_to_show_is_said_in_every_view(full):
    full.show_nothing("No comparison yet.")
    for place in (full.courses.grid.place, full.parts_place, full.bands_place, full.spread.plot.place):
        assert place.text.text() == "No comparison yet."
    for n in range(full.count()):
        full.setCurrentIndex(n)
    assert full.groups.plot.place.text.text() == "No comparison yet."


def test_that_a_view_that_is_not_looked_at_costs_nothing(full):
    look(full, full.notes)
    began = time.process_time()
    for _ in range(20):
        full.draw((0, 1, 2, 3, 4))
    assert time.process_time() - began < 0.1
