"""Plots: what is drawn, read by mouse and by key, hidden, highlighted, and taken out as pictures."""

import itertools
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QLabel

from mabdesk.data.gaps import INTERPOLATED, MEASURED, NEIGHBORS, NOT_MEASURED, REMOVED
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots import network_diagram
from mabdesk.gui.plots.detail import Detail, DetailCurve, thinned
from mabdesk.gui.plots.export import KINDS, ExportButton, Frame, picture_of
from mabdesk.gui.plots.legend import Legend
from mabdesk.gui.plots.line_chart import LineChart
from mabdesk.gui.plots.marks import placed
from mabdesk.gui.plots.network_diagram import NetworkDiagram
from mabdesk.gui.plots.panel_plot import MUTED
from mabdesk.gui.plots.parity import EMPTY, ParityPlot
from mabdesk.gui.plots.parity import HINT as PARITY_HINT
from mabdesk.gui.plots.series import SIMULATED, Band, Course, Figure, Mark, Panel, Phase, joined
from mabdesk.gui.plots.trajectories import HINT, TrajectoryGrid
from mabdesk.gui.plots.waiting import Waiting
from mabdesk.models.layers import Architecture, layers_of

HOURS = np.arange(0.0, 240.0, 24.0)
DENSE_HOURS = np.arange(0.0, 100.0)
SIZE = (600, 400)
PAIRS = {
    "Net": (np.array([1.0, 2, 3]), np.array([1.5, 2.5, 3.5]), np.array(["B0", "B1", "B1"])),
    "Line": (np.array([1.0, 2, 3]), np.array([0.5, 1, 2]), np.array(["B0", "B1", "B1"])),
}
GROUPS = ("Measured", "Net", "Line")


def course(batch, values, group="", status=None, hours=HOURS):
    codes = None if status is None else np.array(status, dtype=np.int8)
    return Course(batch, hours[: len(values)], np.array(values, dtype=float), codes, group)


def courses(count, groups=("",)):
    """Make parallel lines, one above the other."""
    return tuple(course(f"B{n}", HOURS / 24 + 10 * n, groups[n % len(groups)]) for n in range(count))


def figure(*drawn, groups=("",), dense=False, labels=("Titer",), **rest):
    return Figure(tuple(Panel(label, "g/L", drawn, dense) for label in labels), groups, **rest)


def items(plot, kind):
    return [item for item in plot.items if isinstance(item, kind) and item is not plot.marker]


def curves(plot):
    return items(plot, pg.PlotCurveItem)


def dots(plot, symbol):
    return [item for item in items(plot, pg.ScatterPlotItem) if item.opts["symbol"] == symbol]


def pen_color(item):
    return item.opts["pen"].color()


def in_scene(plot, day, value):
    return plot.vb.mapViewToScene(QPointF(day, value))


def in_viewport(view, plot, day, value):
    return view.mapFromScene(in_scene(plot, day, value))


def texts(svg):
    return " ".join(ET.fromstring(svg.decode()).itertext())


@pytest.fixture
def show(qtbot):
    def shown(widget, size=SIZE):
        qtbot.addWidget(widget)
        widget.resize(*size)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return shown


@pytest.fixture
def grid(show):
    return show(TrajectoryGrid("Trajectories"))


@pytest.fixture
def draw(grid, qtbot):
    """Show a figure and give its plots once they have been laid out."""

    def drawn(figure):
        grid.show_figure(figure)
        qtbot.waitUntil(lambda: all(plot.vb.width() > 20 for plot in grid.plots))
        qtbot.waitUntil(lambda: not any(box.isHidden() for box in grid.legend.boxes.values()))
        grid.grab()  # paints, and so takes the ranges
        return grid.plots

    return drawn


def point_at(grid, plot, day, value):
    grid._moved(in_scene(plot, day, value))


# Curves, gaps and statuses


def test_that_fifty_batches_are_drawn_as_one_curve_a_group(draw):
    (plot,) = draw(figure(*courses(50, ("A", "B")), groups=("A", "B")))
    assert len(curves(plot)) == 2
    for curve in curves(plot):
        x, y = curve.getData()
        assert len(x) == 25 * (len(HOURS) + 1)
        assert np.isnan(y).sum() == 25  # one between each batch and the next


def test_that_fifty_dense_batches_are_one_curve_too(draw):
    drawn = [course(f"B{n}", DENSE_HOURS + n, hours=DENSE_HOURS) for n in range(50)]
    (plot,) = draw(figure(*drawn, dense=True))
    plot.setXRange(0, 5)
    (curve,) = curves(plot)
    assert np.isfinite(curve.getData()[1]).sum() == 50 * len(DENSE_HOURS)


def test_that_a_gap_of_a_sensor_stays_a_gap(draw):
    values = np.arange(10.0)
    values[4:6] = np.nan
    (plot,) = draw(figure(course("B", values, hours=DENSE_HOURS), dense=True))
    x, y = curves(plot)[0].getData()
    assert np.array_equal(x[:10] * 24, range(10))
    assert list(np.flatnonzero(np.isnan(y))) == [4, 5, 10]
    assert curves(plot)[0].opts["connect"] == "finite"


def test_that_a_pause_of_a_sensor_is_drawn_as_a_gap(draw):
    hours = np.array([0.0, 1, 2, 3, 10, 11, 12])
    (plot,) = draw(figure(course("B", np.ones(7), hours=hours), dense=True))
    _, y = curves(plot)[0].getData()
    assert list(np.flatnonzero(np.isnan(y))) == [4, 8]


def test_that_a_line_of_samples_passes_those_that_are_missing():
    x, y = joined((course("B", [1, np.nan, 3]),), dense=False)
    assert list(x[:-1]) == [0, 2]
    assert list(y[:-1]) == [1, 3]


@pytest.mark.parametrize("dense", [True, False])
def test_that_removed_values_are_passed_by_the_line_and_drawn_hollow(draw, dense):
    (plot,) = draw(figure(course("B", [1, 2, 50, 4], status=[MEASURED, MEASURED, REMOVED, MEASURED]), dense=dense))
    _, y = curves(plot)[0].getData()
    assert list(y[np.isfinite(y)]) == [1, 2, 4]
    (hollow,) = [item for item in dots(plot, "o") if item.opts["brush"].style() is Qt.BrushStyle.NoBrush]
    assert [list(values) for values in hollow.getData()] == [[2], [50]]
    assert pen_color(hollow) == QColor(LIGHT.danger)


def test_that_filled_values_are_small_squares(draw):
    status = [MEASURED, INTERPOLATED, NEIGHBORS, NOT_MEASURED, MEASURED]
    (plot,) = draw(figure(course("B", [1, 2, 3, np.nan, 5], status=status), dense=True))
    (squares,) = dots(plot, "s")
    assert list(squares.getData()[1]) == [2, 3]
    assert squares.opts["size"] < 5
    assert squares.opts["brush"].color() == QColor(LIGHT.muted)
    assert not dots(plot, "o")  # nothing was removed


def test_that_a_note_says_what_spans_circles_and_squares_mean(grid, draw):
    band = Band("Median and 5-95 % of 4 batches", HOURS, HOURS, HOURS + 1, HOURS + 2)
    odd = course("B", [1, 2, 3], status=[MEASURED, REMOVED, INTERPOLATED])
    draw(Figure((Panel("Titer", "g/L", (odd,), bands=(band,)),)))
    assert grid.note.text() == "Shaded: median and 5-95 % of 4 batches   \u25cb removed   \u25aa filled in"
    draw(figure(course("B", [1, 2], status=[MEASURED, NEIGHBORS])))
    assert grid.note.text() == "\u25aa filled in"
    draw(figure(course("B", [1, 2])))
    assert grid.note.text() == ""


def test_that_a_band_is_shaded_between_its_limits_and_broken_where_it_has_none(draw):
    low, gone = HOURS / 24, np.full(len(HOURS), np.nan)
    low[3] = np.nan
    bands = (Band("a", HOURS, low, low + 1, low + 2), Band("b", HOURS, gone, gone, gone))
    (plot,) = draw(Figure((Panel("Titer", "g/L", courses(1), False, bands),)))
    shaded = items(plot, pg.FillBetweenItem)
    assert [item.brush().color().alpha() for item in shaded] == [51, 51]
    assert shaded[0].path().boundingRect().height() == pytest.approx(11)
    assert shaded[1].path().boundingRect().isEmpty()
    assert list(curves(plot)[2].getData()[1][2:5]) == pytest.approx([3, np.nan, 5], nan_ok=True)


def test_that_predictions_are_one_line_a_model_in_its_color(draw):
    predicted = (course("B0", HOURS, "Net"), course("B1", HOURS, "Net"), course("B0", HOURS, "Line"))
    panel = Panel("Titer", "g/L", courses(2, ("Measured",)), False, (), predicted)
    (plot,) = draw(Figure((panel,), ("Measured", "Net", "Line")))
    thick = [curve for curve in curves(plot) if curve.opts["pen"].width() == 2]
    assert [pen_color(curve).name().upper() for curve in thick] == list(LIGHT.series[1:3])
    plot.draw(LIGHT, (), "B1", (), ())
    assert np.isfinite(curves(plot)[-2].getData()[1]).sum() == len(HOURS)  # of Net, the highlighted batch alone


def test_that_a_panel_without_values_says_so(draw):
    (plot,) = draw(figure(course("B", [np.nan, np.nan])))
    assert [item.toPlainText() for item in items(plot, pg.TextItem)] == ["No values."]


# Reading by mouse and by key


def test_that_pointing_at_a_curve_reads_batch_day_value_unit_and_status(grid, draw):
    status = [MEASURED, MEASURED, REMOVED, MEASURED]
    (plot,) = draw(figure(course("B7", [1, 2, 5, 4], "Line A", status), groups=("Line A",)))
    point_at(grid, plot, 2, 5)
    assert grid.readout.text() == f"B7 (Line A), day {figures(2.0)}, Titer {figures(5.0)} g/L, removed"
    assert [list(values) for values in plot.marker.getData()] == [[2], [5]]
    point_at(grid, plot, 1, 2)
    assert grid.readout.text() == f"B7 (Line A), day {figures(1.0)}, Titer {figures(2.0)} g/L"


def test_that_a_value_without_unit_is_read_without_dash(grid, draw):
    (plot,) = draw(Figure((Panel("pH", "-", (course("B", [7, 7.5]),), False),)))
    point_at(grid, plot, 1, 7.5)
    assert grid.readout.text() == f"B, day {figures(1.0)}, pH {figures(7.5)}"


def test_that_pointing_at_empty_ground_reads_nothing(grid, draw):
    (plot,) = draw(figure(course("B", [0, 10])))
    point_at(grid, plot, 1, 10)
    assert grid.readout.text() != HINT
    point_at(grid, plot, 0.1, 9)
    assert grid.readout.text() == HINT
    assert len(plot.marker.data) == 0


def test_that_pointing_in_another_panel_leaves_the_first(grid, draw):
    first, second = draw(figure(*courses(2), labels=("Titer", "VCD")))
    point_at(grid, first, 2, 2)
    point_at(grid, second, 3, 3)
    assert "VCD" in grid.readout.text()
    assert (len(first.marker.data), len(second.marker.data)) == (0, 1)


def test_that_arrow_keys_walk_along_points_and_batches(grid, draw, qtbot):
    draw(figure(*courses(3)))
    told = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up):
        qtbot.keyClick(grid, key)
        told.append(grid.readout.text().split(", Titer")[0])
    days = [("B0", 1), ("B0", 2), ("B0", 1), ("B1", 1), ("B0", 1), ("B2", 1)]
    assert told == [f"{batch}, day {figures(float(day))}" for batch, day in days]


def test_that_arrow_keys_pass_gaps_and_stop_at_the_ends(grid, draw, qtbot):
    draw(figure(course("B", [np.nan, 1, np.nan, 3, np.nan]), course("C", [np.nan] * 5)))
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key)
        seen.append(grid._pointed[2])
    assert seen == [1, 3, 3, 3]
    assert grid._pointed[1].batch == "B"  # C has nothing to read


def test_that_arrow_keys_start_at_the_highlighted_batch(grid, draw, qtbot):
    draw(figure(*courses(3)))
    grid.highlight("B1")
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.readout.text().startswith(f"B1, day {figures(0.0)}")


def test_that_arrow_keys_do_nothing_where_nothing_is_drawn(grid, draw, qtbot):
    for empty in (Figure(()), figure(course("B", [np.nan, np.nan]))):
        draw(empty)
        qtbot.keyClick(grid, Qt.Key.Key_Right)
        assert grid._pointed is None


def test_that_home_and_a_double_click_show_all(grid, draw, qtbot):
    (plot,) = draw(figure(*courses(3)))
    whole = plot.vb.viewRange()
    for reset in (
        lambda: qtbot.keyClick(grid, Qt.Key.Key_Home),
        lambda: grid._clicked(SimpleNamespace(double=lambda: True)),
    ):
        plot.setRange(xRange=(2, 3), yRange=(2, 3), padding=0)
        reset()
        grid.grab()
        assert np.allclose(plot.vb.viewRange(), whole)


def test_that_a_click_on_a_curve_tells_its_batch_and_one_on_empty_ground_none(grid, draw, qtbot):
    (plot,) = draw(figure(*courses(3)))
    with qtbot.waitSignal(grid.batch_clicked) as came:
        qtbot.mouseClick(grid.view.viewport(), Qt.MouseButton.LeftButton, pos=in_viewport(grid.view, plot, 3, 13))
    assert came.args == ["B1"]
    with qtbot.waitSignal(grid.batch_clicked) as came:
        qtbot.mouseClick(grid.view.viewport(), Qt.MouseButton.LeftButton, pos=in_viewport(grid.view, plot, 1, 26))
    assert came.args == [""]


def test_that_a_right_click_tells_nothing(grid, draw, qtbot):
    (plot,) = draw(figure(*courses(3)))
    with qtbot.assertNotEmitted(grid.batch_clicked):
        qtbot.mouseClick(grid.view.viewport(), Qt.MouseButton.RightButton, pos=in_viewport(grid.view, plot, 3, 13))


# Zoom, legend, highlight, theme


@pytest.mark.parametrize("moved", [0, 3])
def test_that_the_days_of_all_panels_are_linked(grid, draw, moved):
    plots = draw(figure(*courses(2), labels=("Titer", "VCD", "Glucose", "Lactate")))
    plots[moved].setXRange(2, 4, padding=0)
    for plot in plots:
        assert plot.vb.viewRange()[0] == pytest.approx([2, 4], abs=0.1)


def test_that_the_zoom_stays_while_the_panels_are_the_same(grid, draw):
    (plot,) = draw(figure(*courses(3)))
    plot.setRange(xRange=(2, 4), yRange=(1, 5), padding=0)
    (same,) = draw(figure(*courses(5)))
    assert same is plot
    assert np.allclose(plot.vb.viewRange(), [[2, 4], [1, 5]])
    (other,) = draw(figure(*courses(5), labels=("VCD",)))
    assert other.vb.viewRange()[0][1] > 8


def test_that_a_hidden_group_is_not_drawn_and_not_pointed_at(grid, draw):
    (plot,) = draw(figure(*courses(2, ("A", "B")), groups=("A", "B")))
    grid.legend.boxes["B"].setChecked(False)
    (left,) = curves(plot)
    assert np.nanmax(left.getData()[1]) < 10
    assert pen_color(left) == QColor(LIGHT.series[0])
    grid.grab()
    found, _ = plot.nearest(3, 13)
    assert found.batch == "B0"
    grid.legend.boxes["A"].setChecked(False)
    assert (curves(plot), plot.nearest(3, 13)) == ([], None)
    grid.legend.boxes["B"].setChecked(True)
    assert pen_color(curves(plot)[0]) == QColor(LIGHT.series[1])  # its color is still its own


def test_that_the_highlighted_batch_is_drawn_over_dimmed_others(grid, draw):
    (plot,) = draw(figure(*courses(3)))
    grid.highlight("B1")
    behind, above = curves(plot)
    assert pen_color(behind).alpha() == MUTED
    assert pen_color(above).alpha() == 255
    assert above.opts["pen"].widthF() > behind.opts["pen"].widthF()
    assert np.nanmin(above.getData()[1]) == 10
    grid.highlight("")
    assert [pen_color(curve).alpha() for curve in curves(plot)] == [255]


def test_that_highlighting_a_batch_that_is_not_drawn_dims_nothing(grid, draw):
    (plot,) = draw(figure(*courses(3)))
    grid.highlight("B9")
    assert [pen_color(curve).alpha() for curve in curves(plot)] == [255]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_that_every_plot_takes_the_colors_of_the_theme(grid, draw, show, theme):
    (plot,) = draw(figure(*courses(2, ("A", "B")), groups=("A", "B")))
    grid.apply_theme(theme)
    assert [pen_color(curve).name().upper() for curve in curves(plot)] == list(theme.series[:2])
    chart, parity = show(LineChart("Loss", "Epoch", "Loss", "")), show(parity_plot())
    chart.set_curves({"Loss": [(1, 1), (2, 2)]})
    for made in (chart, parity):
        made.apply_theme(theme)
    assert [pen_color(line).name().upper() for line in drawn_lines(chart)] == [theme.series[0]]
    assert {item.opts["brush"].color().name().upper() for item in parity_dots(parity)} == set(theme.series[1:3])
    for made in (grid, chart, parity):
        assert made.view.backgroundBrush().color() == QColor(theme.surface)
    for side in ("left", "bottom"):
        assert plot.getAxis(side).textPen().color() == QColor(theme.text)


def test_that_the_legend_shows_each_group_in_its_color_by_name(grid, draw):
    draw(figure(*courses(2, ("A", "B")), groups=("A", "B")))
    for theme in (LIGHT, DARK):
        grid.apply_theme(theme)
        assert [name for name, _ in grid.legend.entries()] == ["A", "B"]
        for number, (_, swatch) in enumerate(grid.legend.entries()):
            assert swatch.toImage().pixelColor(1, 6).name().upper() == theme.series[number]


def test_that_without_groups_there_is_no_legend(grid, draw):
    draw(figure(*courses(2)))
    assert grid.legend.boxes == {}


def test_that_a_group_stays_hidden_when_others_come(qtbot):
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_groups(("A", "B"), LIGHT)
    with qtbot.waitSignal(legend.changed):
        legend.boxes["B"].setChecked(False)
    legend.show_groups(("A", "B", "C"), LIGHT)
    assert legend.hidden == {"B"}
    assert [name for name, _ in legend.entries()] == ["A", "C"]


# Words


def test_that_words_that_would_meet_go_to_another_row():
    row, taken = placed(0, 50, [])
    assert (row, taken) == (0, [50])
    assert placed(30, 50, taken) == (1, [50, 80])
    assert placed(50, 20, taken) == (0, [70])
    assert placed(60, 50, [50, 80]) == (0, [110, 80])


def test_that_no_two_words_of_a_row_meet():
    rows, taken = {}, []
    random = np.random.default_rng(3)
    for start in np.sort(random.uniform(0, 300, 40)):
        wide = random.uniform(10, 90)
        row, taken = placed(start, wide, taken)
        rows.setdefault(row, []).append((start, start + wide))
    assert len(rows) > 3
    for words in rows.values():
        assert all(after[0] >= before[1] for before, after in itertools.pairwise(words))


def written(label):
    """Give the place of a label's letters in the scene, without the margin around them."""
    margin = label.textItem.document().documentMargin()
    return label.textItem.mapRectToScene(label.textItem.boundingRect().adjusted(margin, margin, -margin, -margin))


@pytest.mark.parametrize("size", [(900, 600), (560, 480)], ids=["wide", "narrow"])
def test_that_words_on_a_plot_neither_meet_nor_run_off_the_panel(grid, draw, size):
    grid.resize(*size)
    marks = [Mark(hour, text) for hour, text in ((0, "start"), (60, "feed \u00d79"), (72, "shift"), (200, "harvest"))]
    marks += [Mark(210, "harvest"), Mark(216, "end")]
    phases = (Phase(0, 20, "lag"), Phase(20, 100, "growth"), Phase(100, 200, "stationary"), Phase(200, 216, "decline"))
    plots = draw(figure(*courses(2), labels="abcd", marks=tuple(marks), phases=phases))
    (labels, *others) = ([label for _, label, _, _ in plot.marks.lines] for plot in plots)
    assert len(labels) == 10
    assert others == [[], [], []]  # lines alone
    panel = plots[0].vb.sceneBoundingRect()
    places = [written(label) for label in labels]
    for number, place in enumerate(places):
        assert panel.adjusted(-1, -1, 1, 1).contains(place), labels[number].format
        assert not any(place.intersects(other) for other in places[number + 1 :]), labels[number].format


def test_that_words_at_the_right_end_stand_left_of_their_line_until_one_zooms_in(draw):
    (plot,) = draw(figure(*courses(2), marks=(Mark(48, "feed"), Mark(216, "harvest"))))
    (_, feed, _, _), (_, harvest, _, _) = plot.marks.lines
    line = in_scene(plot, 9, 0).x()
    assert written(harvest).right() <= line
    assert written(feed).left() >= in_scene(plot, 2, 0).x()
    plot.setXRange(8.9, 12, padding=0)
    assert written(harvest).left() >= in_scene(plot, 9, 0).x()


def test_that_braces_and_tags_are_shown_as_they_are(grid, draw, show):
    odd = "a{x}{} <b>&"
    marks, phases = (Mark(48, odd), Mark(50, "{value")), (Phase(24, 72, "{0}"),)
    (plot,) = draw(
        figure(course("<i>{B}", [1, 2, 3], odd), groups=(odd, "<u>"), labels=(odd,), marks=marks, phases=phases)
    )
    assert sorted(label.toPlainText() for _, label, _, _ in plot.marks.lines) == sorted([odd, "{value", "{0}"])
    assert plot.titleLabel.item.toPlainText() == f"{odd} (g/L)"
    point_at(grid, plot, 1, 2)
    assert grid.readout.text().startswith(f"<i>{{B}} ({odd}), ")
    assert {label.textFormat() for label in (grid.readout, grid.note, grid.place.text)} == {Qt.TextFormat.PlainText}
    svg = texts(grid.picture("svg", "<b>{w}"))
    assert "<b>{w}" in svg
    assert odd in svg
    parity = show(ParityPlot("Parity"))
    parity.show_pairs({}, "<b>{t}", "g/L", ("Measured",))
    assert "&lt;b&gt;{t} (g/L)" in parity.view.getAxis("left").labelText
    parity.grab()


# Empty plots


def test_that_an_empty_figure_says_why_in_the_place_of_the_plot(grid, draw):
    draw(Figure((), empty_text="Choose a <batch>."))
    assert grid.place.text.text() == "Choose a <batch>."
    assert grid.place.currentWidget() is grid.place.text
    assert (grid.readout.text(), grid.accessibleDescription()) == ("", "Choose a <batch>.")
    draw(figure(*courses(2)))
    assert grid.place.currentWidget() is grid.view
    assert grid.readout.text() == HINT
    assert "Titer (g/L) over culture days, of 2 batches." in grid.accessibleDescription()


def test_that_an_empty_chart_and_an_empty_parity_plot_say_what_they_wait_for(show):
    chart = show(LineChart("Loss", "Epoch", "Loss", "Press Train."))
    assert chart.place.text.text() == "Press Train."
    assert chart.place.currentWidget() is chart.place.text
    chart.add_point("Training", 1, 2)
    assert chart.place.currentWidget() is chart.view
    chart.set_curves({})
    assert chart.place.currentWidget() is chart.place.text
    assert chart.accessibleDescription() == "Press Train."
    parity = show(ParityPlot("Parity"))
    assert parity.place.text.text() == EMPTY
    parity.show_pairs(PAIRS, "titer", "g/L", GROUPS)
    assert parity.place.currentWidget() is parity.view
    parity.show_pairs({}, "titer", "g/L", GROUPS)
    assert parity.place.currentWidget() is parity.place.text


def test_that_a_sentence_takes_the_place_of_a_plot_only_while_there_is_one(qtbot):
    plot = QLabel()
    place = Waiting(plot, "Wait.")
    qtbot.addWidget(place)
    assert place.currentWidget() is place.text
    place.wait_for("")
    assert place.currentWidget() is plot


# Dense courses


def noisy(count, group=""):
    values = np.random.default_rng(5).normal(size=count)
    values[count // 3], values[count // 2] = 90, -90
    return Course("B", np.arange(count) / 4, values, None, group)


def test_that_a_thinned_course_keeps_the_extremes_and_short_ones_all():
    dense = noisy(5000)
    thin = thinned(dense)
    assert len(thin.hours) < 700
    assert (thin.values.max(), thin.values.min()) == (90, -90)
    assert np.isin(thin.hours, dense.hours).all()
    assert (np.diff(thin.hours) > 0).all()
    short = noisy(500)
    assert thinned(short) is short


def test_that_a_thinned_course_keeps_its_gaps():
    dense = noisy(5000)
    gaps = [(2003, 2008), (3007, 3111)]  # a short one within a span, and a long one over many
    for first, last in gaps:
        dense.values[first:last] = np.nan
    thin = thinned(dense)
    missing = np.isnan(thin.values)
    inside = [(thin.hours >= first / 4) & (thin.hours < last / 4) for first, last in gaps]
    assert all(one.any() for one in inside)
    assert np.array_equal(missing, inside[0] | inside[1])


def test_that_all_points_of_a_dense_course_are_drawn_where_one_looks_closely(draw):
    dense = noisy(5000)
    (plot,) = draw(figure(dense, dense=True))
    (curve,) = curves(plot)
    plot.setXRange(0, 52)
    assert len(curve.getData()[0]) < 1000
    assert (np.nanmin(curve.getData()[1]), np.nanmax(curve.getData()[1])) == (-90, 90)
    for first in (10, 40):
        plot.setXRange(first, first + 2, padding=0)
        x, y = curve.getData()
        seen = np.isfinite(y) & (x >= first) & (x <= first + 2)
        wanted = (dense.hours >= first * 24) & (dense.hours <= (first + 2) * 24)
        assert np.array_equal(y[seen], dense.values[wanted])
    plot.setXRange(0, 52)
    assert len(curve.getData()[0]) < 1000


def test_that_removed_values_of_a_dense_course_are_never_drawn_by_its_line():
    dense = noisy(5000)
    status = np.where(np.abs(dense.values) > 50, REMOVED, MEASURED).astype(np.int8)
    item = pg.PlotCurveItem()
    detail = Detail(item, (Course("B", dense.hours, dense.values, status),))
    assert np.nanmax(np.abs(detail.coarse[1])) < 10
    detail.follow(0, 20)
    assert np.nanmax(np.abs(item.getData()[1])) < 10


# Taking it out


def parity_plot():
    made = ParityPlot("Parity")
    made.show_pairs(PAIRS, "titer", "g/L", GROUPS)
    return made


def line_chart():
    made = LineChart("Loss", "Epoch", "Loss", "")
    made.set_curves({"Net": [(1, 3), (2, 2)], "Line": [(1, 4), (2, 1)]})
    return made


def trajectory_grid():
    made = TrajectoryGrid("Trajectories")
    made.show_figure(figure(*courses(2, ("Net", "Line")), groups=("Net", "Line")))
    return made


def diagram():
    made = NetworkDiagram()
    made.show_layers(layers_of(Architecture()), ("glucose", "vcd"), ("titer", "aggregates"), "A note.")
    return made


def taken(plot, kind, words):
    return QImage.fromData(plot.picture(kind, words), "PNG")


@pytest.mark.parametrize("make", [trajectory_grid, line_chart, parity_plot])
def test_that_a_picture_has_twice_the_dots_and_room_for_legend_and_words(show, make):
    plot = show(make())
    plain = QImage.fromData(picture_of(plot.view, "png", Frame(LIGHT)), "PNG")
    assert plain.size() == plot.view.viewport().size() * 2
    with_legend, with_words = taken(plot, "png", ""), taken(plot, "png", SIMULATED)
    assert plain.width() == with_legend.width() == with_words.width()
    assert plain.height() < with_legend.height() < with_words.height()
    for picture in (with_legend, with_words):  # the plot itself stands below the legend, whole
        top = with_legend.height() - plain.height()
        assert picture.copy(0, top, plain.width(), plain.height()) == plain


@pytest.mark.parametrize("make", [trajectory_grid, line_chart, parity_plot])
def test_that_a_drawing_names_the_groups_that_are_shown_and_bears_the_words(show, make):
    plot = show(make())
    told = texts(plot.picture("svg", SIMULATED))
    assert all(word in told for word in ("Net", "Line", SIMULATED))
    plot.legend.boxes["Line"].setChecked(False)
    told = texts(plot.picture("svg", ""))
    assert "Net" in told
    assert "Line" not in told
    assert SIMULATED not in told


def test_that_a_picture_of_the_network_is_whole_and_bears_the_words(show):
    network = show(diagram(), (700, 500))
    plain, with_words = taken(network, "png", ""), taken(network, "png", SIMULATED)
    assert plain.size() == QSize(700, network.heightForWidth(700)) * 2
    assert with_words.height() > plain.height()
    told = texts(network.picture("svg", SIMULATED))
    assert all(word in told for word in ("Input", "Convolution", "LSTM", "Outputs", "201,762", "A note.", SIMULATED))


def test_that_a_picture_shows_the_curves_in_the_colors_of_the_theme(grid, draw):
    draw(figure(*courses(2)))
    for theme in (LIGHT, DARK):
        grid.apply_theme(theme)
        picture = taken(grid, "png", "")
        assert picture.pixelColor(0, 0) == QColor(theme.surface)
        small = picture.convertToFormat(QImage.Format.Format_RGB32)
        dots = np.frombuffer(small.constBits(), np.uint32).reshape(small.height(), -1) & 0xFFFFFF
        assert (dots == int(theme.series[0][1:], 16)).sum() > 100


def test_that_a_wide_legend_is_broken_into_rows_in_a_picture(grid, draw):
    names = tuple(f"A group with a long name, number {n}" for n in range(12))
    draw(figure(*courses(12, names), groups=names))
    few = taken(grid, "png", "").height()
    for name in names[2:]:
        grid.legend.boxes[name].setChecked(False)
    assert taken(grid, "png", "").height() < few


def test_that_the_note_stands_in_the_picture(grid, draw):
    draw(figure(course("B", [1, 2], status=[MEASURED, REMOVED])))
    assert "\u25cb removed" in texts(grid.picture("svg", ""))


def test_that_four_ways_out_are_offered_and_told(qtbot):
    button = ExportButton()
    qtbot.addWidget(button)
    actions = button.menu().actions()
    assert [action.text() for action in actions] == list(KINDS.values())
    for action, kind in zip(actions, ("png", "svg", "csv", "xlsx"), strict=True):
        with qtbot.waitSignal(button.asked) as came:
            action.trigger()
        assert came.args == [kind]


@pytest.mark.parametrize("make", [trajectory_grid, line_chart, parity_plot])
def test_that_a_plot_passes_on_what_its_button_asks(show, qtbot, make):
    plot = show(make())
    with qtbot.waitSignal(plot.export_requested) as came:
        plot.button.menu().actions()[2].trigger()
    assert came.args == ["csv"]


def test_that_the_table_holds_hidden_groups_bands_predictions_and_statuses(grid, draw):
    odd = course("B", [1, np.nan, 3], "A", [MEASURED, NOT_MEASURED, REMOVED])
    band = Band("Band", HOURS[:1], HOURS[:1], HOURS[:1] + 1, HOURS[:1] + 2)
    panel = Panel("Titer", "g/L", (odd,), False, (band,), (course("B", [7], "Net"),))
    draw(Figure((panel,), ("A",), simulated=True))
    grid.legend.boxes["A"].setChecked(False)
    sheet = grid.table("Title")
    assert [(row[3], *row[5:]) for row in sheet.rows] == [
        ("A", 0, 1, "measured"), ("A", 48, 3, "removed"), ("Net", 0, 7, "predicted"),
        ("Band, low", 0, 0, "band"), ("Band, middle", 0, 1, "band"), ("Band, high", 0, 2, "band"),
    ]  # fmt: skip
    assert sheet.notes == (SIMULATED,)


def test_that_simulated_data_are_called_so_beside_the_plot(grid, draw):
    draw(figure(*courses(1), simulated=True))
    assert grid.simulated.isVisible()
    draw(Figure((), simulated=True))
    assert not grid.simulated.isVisible()


# Line chart


@pytest.fixture
def chart(show):
    return show(line_chart(), (600, 400))


def drawn_lines(chart):
    return chart.view.getPlotItem().listDataItems()


def move_in(made, x, y):
    made._moved(in_scene(made.view.getPlotItem(), x, y))


def test_that_a_chart_grows_and_reads_its_newest_values(chart):
    for epoch, value in ((3, 1.5), (4, 1.25)):
        chart.add_point("Net", epoch, value)
    assert [list(line.getData()[0]) for line in drawn_lines(chart)] == [[1, 2, 3, 4], [1, 2]]
    assert chart.readout.text() == f"Net {figures(1.25)} at epoch 4, Line {figures(1.0)} at epoch 2"
    chart.set_curves({"Net": [(1, 1)]})
    assert len(drawn_lines(chart)) == 1
    assert chart.table("Loss").rows == (("Net", 1, 1),)


def test_that_pointing_at_a_chart_reads_every_shown_curve_there(chart):
    chart.grab()
    move_in(chart, 1.1, 3)
    assert chart.readout.text() == f"Net {figures(3.0)} at epoch 1, Line {figures(4.0)} at epoch 1"
    chart.legend.boxes["Net"].setChecked(False)
    assert len(drawn_lines(chart)) == 1
    move_in(chart, 1.9, 3)
    assert chart.readout.text() == f"Line {figures(1.0)} at epoch 2"


def test_that_a_chart_is_drawn_logarithmic_on_demand_and_zero_does_no_harm(chart):
    chart.set_curves({"Net": [(1, 100), (2, 10), (3, 0.1), (4, 0.0)]})
    chart.log.setChecked(True)
    (line,) = drawn_lines(chart)
    assert list(line.getData()[1][:3]) == pytest.approx([2, 1, -1])
    chart.grab()
    chart.log.setChecked(False)
    assert list(drawn_lines(chart)[0].getData()[1]) == [100, 10, 0.1, 0]


def test_that_home_shows_the_whole_chart(chart, qtbot):
    chart.grab()
    whole = chart.view.viewRange()
    chart.view.setRange(xRange=(1, 1.5), yRange=(1, 1.5), padding=0)
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    chart.grab()
    assert np.allclose(chart.view.viewRange(), whole)


# Parity plot


@pytest.fixture
def parity(show):
    made = show(parity_plot(), (600, 500))
    made.grab()
    return made


def parity_dots(parity):
    return [item for item in parity.view.getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]


def test_that_dots_stand_by_group_over_the_line_of_equality(parity):
    (line,) = [item for item in parity.view.getPlotItem().items if isinstance(item, pg.InfiniteLine)]
    assert line.angle == 45
    filled = [item for item in parity_dots(parity) if len(item.data)]
    assert [list(item.getData()[1]) for item in filled] == [[1.5, 2.5, 3.5], [0.5, 1, 2]]
    assert len({item.opts["symbol"] for item in filled}) == 2
    assert not parity.legend.boxes["Measured"].isVisible()
    assert "Measured titer (g/L)" in parity.view.getAxis("bottom").labelText


def test_that_pointing_at_a_dot_reads_batch_group_and_both_values(parity):
    move_in(parity, 2, 2.5)
    assert parity.readout.text() == f"B1, Net: measured {figures(2.0)}, predicted {figures(2.5)} g/L"
    move_in(parity, 1, 3)
    assert parity.readout.text() == PARITY_HINT


def test_that_a_click_on_a_dot_tells_its_batch(parity, qtbot):
    plot = parity.view.getPlotItem()
    for at, batch in (((1, 0.5), "B0"), ((3, 3.5), "B1"), ((1, 3), "")):
        with qtbot.waitSignal(parity.batch_clicked) as came:
            pos = in_viewport(parity.view, plot, *at)
            qtbot.mouseClick(parity.view.viewport(), Qt.MouseButton.LeftButton, pos=pos)
        assert came.args == [batch]


def test_that_dots_of_a_hidden_group_are_neither_drawn_nor_pointed_at(parity):
    parity.legend.boxes["Net"].setChecked(False)
    assert len([item for item in parity_dots(parity) if len(item.data)]) == 1
    parity.grab()
    assert parity.nearest(in_scene(parity.view.getPlotItem(), 2, 2.5)) is None


def test_that_dots_of_the_highlighted_batch_stand_out(parity):
    parity.highlight("B1")
    (behind, above, *_) = parity_dots(parity)
    assert (len(behind.data), len(above.data)) == (1, 2)
    assert behind.opts["brush"].color().alpha() == MUTED
    assert above.opts["brush"].color().alpha() == 255
    assert above.opts["size"] > behind.opts["size"]


# Network


def test_that_what_belongs_together_is_one_block_of_the_network(qtbot):
    network = diagram()
    qtbot.addWidget(network)
    kinds = ["Input", *["Convolution"] * 3, "LSTM", "LSTM", "Dense", "Outputs"]
    assert [block.title for block in network.blocks] == kinds
    assert "Batch normalization" in network.blocks[1].tip
    assert network.blocks[0].tip.endswith("glucose, vcd")
    assert network.blocks[-1].tip.endswith("titer, aggregates")
    assert network.note == "201,762 parameters. A note."
    assert network.accessibleDescription().endswith(network.note)
    assert sum(row[-1] for row in network.table().rows) == 201_762


def test_that_the_network_takes_more_rows_where_it_is_narrow(qtbot):
    network = diagram()
    qtbot.addWidget(network)
    heights = [network.heightForWidth(width) for width in (1600, 800, 400, 100)]
    assert heights == sorted(set(heights))


def test_that_without_layers_the_network_is_a_sentence(show):
    network = show(NetworkDiagram(), (600, 200))
    network.show_layers((), note="A model without layers.")
    assert network.accessibleDescription() == "A model without layers."
    assert network.table().rows == ()
    assert "A model without layers." in texts(network.picture("svg", ""))


def test_that_a_block_tells_its_layers_under_the_pointer(show, monkeypatch):
    told = []
    bubble = SimpleNamespace(showText=lambda place, text, widget: told.append(text), hideText=lambda: None)
    monkeypatch.setattr(network_diagram, "QToolTip", bubble)
    network = show(diagram(), (700, 500))
    for place in (QPoint(20, 20), QPoint(690, 490)):
        network.event(QHelpEvent(QHelpEvent.Type.ToolTip, place, network.mapToGlobal(place)))
    assert told == [network.blocks[0].tip]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_that_the_network_is_drawn_in_the_colors_of_the_theme(show, theme):
    network = show(diagram(), (700, 500))
    network.apply_theme(theme)
    picture = taken(network, "png", "")
    assert picture.pixelColor(0, 0) == QColor(theme.surface)
    assert picture.pixelColor(160, 156) == QColor(theme.raised)  # low in the first block


@pytest.mark.parametrize(("count", "monotonic"), [(3122, True), (5000, False)])
def test_that_thinning_makes_no_gaps(count, monotonic):
    hours = np.arange(count) * 0.25
    values = hours if monotonic else np.random.default_rng(1).normal(size=count)
    detail = Detail(DetailCurve(), (Course("B", hours, values),))
    assert np.isnan(detail.coarse[1]).sum() == 1  # the one that ends the course


def test_that_all_days_of_a_dense_panel_can_be_seen_again_after_a_close_look():
    hours = np.arange(0, 336, 0.25)
    detail = Detail(DetailCurve(), (Course("B", hours, np.sin(hours / 50)),))
    detail.follow(0.5, 1.0)
    assert detail.item.xData[np.isfinite(detail.item.xData)].max() < 2
    assert detail.item.dataBounds(0) == (0.0, hours[-1] / 24)


def test_that_no_mark_stays_behind_when_its_group_is_hidden_or_another_figure_is_drawn(grid):
    grid.show_figure(figure(*courses(2, ("a", "b")), groups=("a", "b")))
    plot = grid.plots[0]
    for leave in (lambda: grid.legend.boxes["a"].setChecked(False), lambda: grid.show_figure(grid.figure)):
        grid.legend.boxes["a"].setChecked(True)
        grid._point(plot, (plot.panel.courses[0], 1))
        assert len(plot.marker.data)
        leave()
        assert not len(plot.marker.data)


def test_that_arrow_keys_pass_hidden_groups_and_keep_the_day(grid, qtbot):
    drawn = (
        course("A", HOURS / 24, "a"),
        course("H", HOURS / 24, "hidden"),
        Course("B", HOURS[::2], HOURS[::2], None, "a"),
    )
    grid.show_figure(figure(*drawn, groups=("a", "hidden")))
    grid.legend.boxes["hidden"].setChecked(False)
    grid._point(grid.plots[0], (drawn[0], 4))
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid._pointed[1].batch == "B"
    assert grid._pointed[1].hours[grid._pointed[2]] == HOURS[4]


def test_that_an_ampersand_in_a_group_is_no_key(grid):
    grid.show_figure(figure(*courses(1, ("R&D",)), groups=("R&D",)))
    assert grid.legend.boxes["R&D"].shortcut().isEmpty()
    assert [name for name, _ in grid.legend.entries()] == ["R&D"]
