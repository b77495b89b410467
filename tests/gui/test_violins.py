"""Violins: shapes, quantiles, dots where there is little, what is told, exported and pointed at."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from mabdesk.analysis.density import FEWEST, density
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.plots.violins import HINT, Heap, ViolinPlot


def heap(row="PLS", part="growth", count=40, middle=0.0, seed=1):
    return Heap(row, part, np.random.default_rng(seed).normal(middle, 0.2, count), 8)


@pytest.fixture
def plot(qtbot):
    made = ViolinPlot("Errors by part")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    made.apply_theme(LIGHT)
    return made


def test_that_a_density_is_cut_at_the_range_and_widest_where_values_are_dense():
    values = np.concatenate([np.random.default_rng(2).normal(0, 0.1, 200), [0.9]])
    heights, dense = density(values)
    assert (heights[0], heights[-1]) == (values.min(), values.max())
    assert dense.max() == 1
    assert abs(heights[np.argmax(dense)]) < 0.1
    assert (dense >= 0).all()


def test_that_values_that_are_all_alike_have_no_density():
    assert density(np.full(20, 0.3)) is None


def test_that_few_values_are_dots_and_many_a_violin(plot):
    plot.show_heaps([heap(count=FEWEST - 1), heap(part="decline", count=FEWEST)], "Error of titer", "g/L")
    assert [shape is None for shape in plot._shapes] == [True, False]


def test_that_models_stand_in_rows_of_parts_from_light_to_dark(plot):
    heaps = [heap(row, part) for row in ("PLS", "CNN-LSTM") for part in ("inoculation", "growth", "decline")]
    plot.show_heaps(heaps, "Error of titer", "g/L")
    assert plot.places().tolist() == [0, 1, 2, 4, 5, 6]
    lightness = [plot.color(part).lightness() for part in plot.parts]
    assert lightness == sorted(lightness, reverse=True)
    assert list(plot.legend.boxes) == ["inoculation", "growth", "decline"]
    texts = [text for _, text in plot._ticks()]
    assert texts[0] == "40"  # samples stand under every violin
    assert texts[-1].strip() == "CNN-LSTM"


def test_that_one_model_names_its_parts_below(plot):
    plot.show_heaps([heap(part="growth"), heap(part="decline", count=30)], "Error of titer", "g/L")
    assert [text for _, text in plot._ticks()] == ["growth\n40", "decline\n30"]
    assert not plot.legend.boxes


def test_that_a_violin_pointed_at_is_read(plot, qtbot):
    plot.show_heaps([heap(), heap(part="decline", middle=1.0)], "Error of titer", "g/L")
    qtbot.waitUntil(lambda: plot.view.getPlotItem().vb.width() > 100)
    box = plot.view.getPlotItem().vb
    plot._moved(box.mapViewToScene(QPointF(1.1, 0.5)))
    assert plot.readout.text().startswith("PLS, decline: median ")
    assert plot.readout.text().endswith("40 samples of 8 batches")
    plot._moved(box.mapViewToScene(QPointF(-3, 0)))
    assert plot.readout.text() == HINT


def test_that_the_table_has_quantiles_and_the_description_words(plot):
    drawn = heap()
    plot.show_heaps([drawn], "Error of titer", "g/L")
    sheet = plot.table("Errors by phase")
    assert sheet.headers[4:9] == ("5 % (g/L)", "25 % (g/L)", "50 % (g/L)", "75 % (g/L)", "95 % (g/L)")
    assert sheet.rows[0][6] == pytest.approx(np.median(drawn.values))
    assert "PLS, growth: median" in plot.accessibleDescription()


def test_that_without_values_a_sentence_stands_there_and_pictures_leave_the_window(plot):
    plot.show_heaps((), "Error", "", "This result knows no phases.")
    assert plot.place.text.text() == "This result knows no phases."
    plot.show_heaps([heap(), heap(row="CNN-LSTM")], "Error of titer", "g/L")
    plot.apply_theme(DARK)
    assert plot.picture("png", "SIMULATED DATA").startswith(b"\x89PNG")
    assert b"<svg" in plot.picture("svg", "SIMULATED DATA")
