"""The Surface page: a contour map over two setpoints, computed aside, batches as dots, hatching; 3D where it works."""

import fabricated
import numpy as np
import pytest
from fabricated_process import LEVERS
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from shown_page import show_page

from mabdesk.gui import saving
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.pages import surface as surface_page
from mabdesk.gui.pages.surface import SurfacePage
from mabdesk.gui.plots.contour_data import Dots, Map, label_place, nice_levels, stretches
from mabdesk.gui.plots.surface_painting import Eye, paint_surface
from mabdesk.gui.views import surface
from mabdesk.models.process.trained import Planner

WHY = "3D is not available here: no OpenGL."


@pytest.fixture
def opened(session, qtbot, project_copy, monkeypatch):
    monkeypatch.setattr(surface_page, "probe_3d", lambda: WHY)
    fabricated.keep(project_copy, **{"process-model": fabricated.fabricated_process_training()})
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(SurfacePage, opened, qtbot)
    whole(made, qtbot)
    return made


def whole(page, qtbot):
    qtbot.waitUntil(lambda: page.views.map is not None and page.views.map.values.shape == (41, 41), timeout=15_000)


def small_map():
    x, y = np.linspace(0.0, 1.0, 11), np.linspace(10.0, 20.0, 9)
    values = x[None, :] + (y[:, None] - 10) / 10
    dots = Dots(np.array([0.5, 0.9]), np.array([12.0, 18.0]), np.array([0.7, np.nan]), ("B1", "B2"))
    return Map(x, y, values, values > 1.5, dots, ("X (u)", "Y", "Titer (g/L)"), np.full(values.shape, 0.1))


def test_that_the_map_holds_what_the_planner_says_of_every_place(page):
    shown, model = page.views.map, page.desk.model
    assert page.across.currentText() == "Temperature (°C)"
    assert page.up.currentText() == "pH"
    settings = np.array([LEVERS.usual])
    settings[0, 0], settings[0, 1] = shown.x[7], shown.y[30]
    said = Planner(model).plan(settings, np.array([["A"]]))
    assert shown.values[30, 7] == pytest.approx(float(said.final[0, 0]), rel=1e-5)
    assert shown.half[30, 7] == pytest.approx(float(said.final_high[0, 0] - said.final[0, 0]), rel=1e-5)


def test_that_batches_are_dots_with_their_measured_titer(page):
    known, dots = page.desk.model.known, page.views.map.dots
    assert dots.ids == known.ids
    assert np.array_equal(dots.values, known.measured[:, 0])
    assert np.array_equal(dots.x, known.settings[:, 0])


def test_that_places_beyond_what_was_run_are_hatched(page):
    shown = page.views.map
    beyond = (shown.x > LEVERS.high[0] + 1e-6) | (shown.x < LEVERS.low[0] - 1e-6)
    assert beyond.any()
    assert shown.outside[:, beyond].all()
    assert not shown.outside.all()
    assert page.views.contour.hatching.item.path().contains(QPointF(shown.x[-1], shown.y[20]))


def test_that_the_coarse_map_is_there_first(opened, qtbot):
    page, shapes = SurfacePage(opened), []
    qtbot.addWidget(page)
    show = page.views.show_map
    page.views.show_map = lambda shown, *args: (
        shapes.append(shown.values.shape if shown else None),
        show(shown, *args),
    )
    opened.loaded.connect(page.update_page)
    page.show()
    page.update_page()
    whole(page, qtbot)
    assert [shape for shape in shapes if shape] == [(15, 15), (41, 41)]


def test_that_another_output_and_another_pair_are_computed(page, qtbot):
    before = page.views.map
    page.output.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.views.map.words[2] == "Aggregates (%)")
    page.up.setCurrentIndex(page.up.findText("Seeding density (1e6/mL)"))
    qtbot.waitUntil(lambda: page.views.map.words[1] == "Seeding density (1e6/mL)")
    assert page.views.map.words[0] == before.words[0]
    page.across.setCurrentIndex(page.up.currentIndex())
    qtbot.waitUntil(lambda: page.views.map is None)
    assert page.views.contour.place.text.text() == "Choose two different setpoints."


def test_that_a_wish_that_is_no_longer_wanted_is_not_shown(page, qtbot):
    shown = []
    page._show = lambda wish, *args: shown.append(wish.output)
    page.output.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page._wish.output == 1)
    page.output.setCurrentIndex(0)
    qtbot.waitUntil(lambda: shown.count(0) == 2, timeout=15_000)
    assert shown[-2:] == [0, 0]
    assert shown.count(1) <= 1


def test_that_the_others_come_from_the_plan_at_hand_or_a_pinned_one(page, qtbot):
    before = page.views.map.values.copy()
    page.desk.set_plan((36.6, 7.0, 2.2, 0.5, 40.0, 14.0), ("A",))
    qtbot.waitUntil(lambda: not np.allclose(page.views.map.values.max(), before.max()))
    assert "Glucose feed rate 2.2 g/L/d" in page.said.text()
    page.desk.pin()
    page.others.setCurrentIndex(page.others.findText("Usual plan"))
    qtbot.waitUntil(lambda: "Glucose feed rate 1.5 g/L/d" in page.said.text())
    page.others.setCurrentIndex(page.others.findText("Plan 1"))
    qtbot.waitUntil(lambda: "Glucose feed rate 2.2 g/L/d" in page.said.text())


def test_that_a_place_and_a_dot_are_read(page):
    contour, shown = page.views.contour, page.views.map
    box = contour.view.getPlotItem().vb
    contour._moved(box.mapViewToScene(QPointF(shown.dots.x[0], shown.dots.y[0])))
    assert contour.readout.text().startswith("B01: Temperature (°C) ")
    contour._moved(box.mapViewToScene(QPointF(shown.x[0], shown.y[0])))
    assert "outside experience" in contour.readout.text()
    assert "\u00b1" in contour.readout.text()


def test_that_without_opengl_the_map_stands_alone_and_says_why(page, qtbot):
    qtbot.waitUntil(lambda: page.no_3d.text() == WHY)
    assert page.views.solid is None
    assert not page.views.panel.isVisible()


def test_that_map_and_table_are_exported(page, qtbot, tmp_path, monkeypatch):
    contour = page.views.contour
    for number, (widget, kind) in enumerate([(contour, "png"), (contour, "svg"), (page.table, "csv")]):
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        assert path.stat().st_size > 100
    text = (tmp_path / "2.csv").read_text(encoding="utf-8")
    assert "SIMULATED DATA" in text
    assert text.count("\n") > 41 * 41


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    page.resize(700, 380)
    picture = page.grab()
    assert (picture.width(), picture.height()) == (700, 380)


def test_that_without_a_model_the_page_says_what_to_do(session, qtbot, project_copy, monkeypatch):
    monkeypatch.setattr(surface_page, "probe_3d", lambda: WHY)
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(SurfacePage, session, qtbot)
    assert page.first().page == "Process model"


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.05, 3.42), (98.1, 98.4), (-3.0, 5000.0)])
def test_that_contour_levels_are_round_and_inside(low, high):
    levels = nice_levels(low, high)
    assert 3 <= len(levels) <= 8
    assert all(low < level < high for level in levels)
    assert np.allclose(np.diff(levels), levels[1] - levels[0])


def test_that_a_flat_map_has_no_levels_and_still_limits():
    assert nice_levels(2.0, 2.0) == ()
    flat = Map(np.arange(2.0), np.arange(2.0), np.full((2, 2), 3.0), np.zeros((2, 2), bool), Dots(), ("x", "y", "z"))
    assert flat.limits == (2.5, 3.5)


def test_that_numbers_on_contour_lines_keep_apart():
    shown = small_map()
    first = label_place(shown, 1.0, [])
    second = label_place(shown, 1.0, [first])
    assert first[0] + (first[1] - 10) / 10 == pytest.approx(1.0, abs=1e-6)
    assert second != first
    assert label_place(shown, 99.0, []) is None
    assert stretches(np.array([True, False, True, True])) == [(0, 1), (2, 4)]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("around", [-55.0, 30.0, 130.0, 215.0])
def test_that_the_surface_is_painted_from_every_side(qtbot, theme, around):
    image = QImage(300, 260, QImage.Format.Format_ARGB32)
    image.fill(QColor(theme.surface))
    painter = QPainter(image)
    paint_surface(painter, QSize(300, 260), small_map(), Eye(around, 30.0), theme, 2)
    painter.end()
    colors = {image.pixelColor(x, y).name() for x in range(0, 300, 3) for y in range(0, 260, 3)}
    assert len(colors) > 30


def test_that_the_eye_stays_above_the_ground():
    eye = Eye(0.0, 30.0).turned(-10.0, -100.0)
    assert (eye.around, eye.above) == (350.0, 5.0)


def test_that_fewer_than_two_setpoints_that_varied_give_no_pair():
    model = fabricated.fabricated_process_training().model
    assert surface.usual_pair(model) == (0, 1)
    assert surface.choosable(model) == (0, 1, 2, 3, 5)
