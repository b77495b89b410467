"""Parallel coordinates: up is better on every axis, real numbers beside them, error bars, hover, export."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from mabdesk.gui.look import LIGHT
from mabdesk.gui.plots.parallel_coordinates import HINT, Axis, Line, ParallelPlot

AXES = (Axis("RMSE", "g/L"), Axis("R\u00b2", "", True))
LINES = (Line("A", (0.2, 0.9), (0.15, 0.85), (0.3, 0.95)), Line("B", (0.5, 0.7)))


@pytest.fixture
def plot(qtbot):
    made = ParallelPlot("Scores by line")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    made.apply_theme(LIGHT)
    made.show_lines(AXES, LINES)
    return made


def test_that_up_is_better_on_every_axis(plot):
    good, bad = (plot.heights(line) for line in LINES)
    assert (good > bad).all()
    assert bad.tolist() == [0, 0]


def test_that_ticks_are_round_and_within_the_axis_and_told_apart(plot):
    scale = plot._scales[0]
    assert all(scale.low <= tick <= scale.high + 1e-9 for tick in scale.ticks())
    close = ParallelPlot("x")
    close.show_lines((Axis("DTS", "", True),), (Line("A", (0.99991,)), Line("B", (0.99994,))))
    texts = [close._scales[0].text(tick) for tick in close._scales[0].ticks()]
    assert len(set(texts)) == len(texts) > 1
    close.deleteLater()


def test_that_equal_values_stand_in_the_middle_and_missing_ones_nowhere(plot):
    plot.show_lines(AXES, (Line("A", (0.2, math.nan)), Line("B", (0.2, 0.5))))
    heights = plot.heights(plot.lines[0])
    assert heights[0] == pytest.approx(0.5)
    assert np.isnan(heights[1])


def test_that_a_dot_pointed_at_is_read_with_its_error_bar(plot, qtbot):
    qtbot.waitUntil(lambda: plot.view.getPlotItem().vb.width() > 100)
    box = plot.view.getPlotItem().vb
    at = QPointF(plot._places(0)[0], plot.heights(LINES[0])[0])
    plot._moved(box.mapViewToScene(at))
    assert plot.readout.text() == "A: RMSE 0.200 g/L (0.150 to 0.300)"
    plot._moved(box.mapViewToScene(QPointF(0.5, 1.1)))
    assert plot.readout.text() == HINT


def test_that_all_is_in_the_table_the_description_and_the_picture(plot):
    assert plot.table("Scores").rows[0] == ("A", "RMSE", "g/L", 0.2, 0.15, 0.3)
    assert len(plot.table("Scores").rows) == 4
    assert "B: RMSE 0.500 g/L, R\u00b2 0.700" in plot.accessibleDescription()
    assert b"<svg" in plot.picture("svg", "")


def test_that_without_lines_a_sentence_stands_there(plot):
    plot.show_lines((), (), "The batches name no cell line.")
    assert plot.place.text.text() == "The batches name no cell line."
