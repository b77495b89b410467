"""The What if page: sliders, courses that follow at once, experience in words, pinned plans that are compared."""

import fabricated
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QListWidget
from shown_page import show_page

from mabdesk.gui import saving
from mabdesk.gui.look import DARK
from mabdesk.gui.pages.what_if import NOT_PINNED, WhatIfPage
from mabdesk.gui.plan_desk import PlanDesk, tag_texts, text_of
from mabdesk.gui.range_slider import RangeSlider
from mabdesk.gui.setpoint_sliders import spans_of
from mabdesk.gui.views import planned

USUAL = (36.6, 7.0, 1.5, 0.5, 40.0, 14.0)
TEMPERATURE, PH, OXYGEN = 0, 1, 4


@pytest.fixture
def opened(session, qtbot, project_copy):
    fabricated.keep(project_copy, **{"process-model": fabricated.fabricated_process_training()})
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(WhatIfPage, opened, qtbot)
    qtbot.waitUntil(lambda: bool(made.fan.plots) and not opened.reading)
    return made


def settled(page, qtbot):
    qtbot.waitUntil(lambda: not page._timer.isActive())


def line(page, variable, name=planned.NOW):
    panel = next(panel for panel in page.fan.figure.panels if panel.label == variable)
    return next(course.values for course in panel.predicted if course.group == name)


def move(page, qtbot, row, value):
    page.sliders.rows[row].number.setValue(value)
    settled(page, qtbot)


def test_that_every_setpoint_has_a_slider_wider_than_history_within_what_makes_sense(page):
    spans = spans_of(page.desk.model.levers)
    assert [span.label for span in spans] == list(page.desk.model.levers.labels)
    assert (spans[TEMPERATURE].low, spans[TEMPERATURE].high) == pytest.approx((34.48, 38.12))
    slider = page.sliders.rows[TEMPERATURE].slider
    assert slider.accessibleName() == "Temperature (°C), slider"
    assert "Batches had 35.0 to 37.6; usual 36.6" in slider.toolTip()
    assert page.sliders.values() == USUAL


def test_that_a_setpoint_that_never_varied_is_shown_fixed_with_the_reason(page):
    row = page.sliders.rows[OXYGEN]
    assert not row.number.isEnabled()
    assert row.why.isVisible()
    assert "Dissolved oxygen was 40 in every batch" in row.why.text()


def test_that_a_moved_slider_moves_the_courses_without_drawing_all_anew(page, qtbot, monkeypatch):
    before, finals = line(page, "Titer").copy(), page.summary.finals.text()
    drawn = [plot._line for plot in page.fan.plots]
    page.sliders.rows[TEMPERATURE].slider.setValue(0)
    settled(page, qtbot)
    assert np.nanmax(np.abs(line(page, "Titer") - before)) > 0.05
    assert [plot._line for plot in page.fan.plots] == drawn
    days, values = page.fan.plots[5]._line.getData()
    assert np.allclose(values, line(page, "Titer"), equal_nan=True)
    assert len(days) == 15
    assert page.summary.finals.text() != finals


def test_that_moves_that_come_together_are_planned_once(page, qtbot, monkeypatch):
    planned_plans = []
    plan = page.desk.planner.plan
    monkeypatch.setattr(page.desk.planner, "plan", lambda *args: planned_plans.append(1) or plan(*args))
    for place in range(0, 100, 5):
        page.sliders.rows[PH].slider.setValue(place)
    settled(page, qtbot)
    assert len(planned_plans) <= 2


def test_that_the_final_values_have_bands_and_both_parts_are_said(page):
    assert page.summary.finals.text().startswith("At harvest: Titer ")
    assert "Aggregates" in page.summary.finals.text()
    assert " to " in page.summary.finals.text()
    assert page.summary.parts.text().startswith("Networks ")
    assert "together 60 % of the first and 40 % of the second" in page.summary.parts.text()
    assert page.summary.nearest.text().count(" away)") == 3
    assert "SIMULATED DATA" in page.summary.flags.text()
    assert "simulated plants" in page.summary.flags.text()


def test_that_outside_of_experience_a_word_and_a_sign_say_so_not_color_alone(page, qtbot):
    assert page.summary.experience.text().startswith("\u2713")
    move(page, qtbot, TEMPERATURE, 38.0)
    assert page.summary.experience.text().startswith("\u26a0 Outside experience: temperature 38 °C is above")
    assert page.summary.experience.property("kind") == "warning"
    assert page.sliders.rows[TEMPERATURE].beyond.text().endswith("above what was run: 35.0 to 37.6")
    assert page.table.sheet.rows[0][page.table.sheet.headers.index("Experience")] == "outside"


def test_that_tags_are_chosen_and_change_what_becomes_of_the_plan(page, qtbot):
    box, before = page.sliders.boxes[0], line(page, "Titer")[-1]
    assert (box.accessibleName(), box.currentData()) == ("Cell line", "A")
    box.setCurrentIndex(box.findData("B"))
    settled(page, qtbot)
    assert line(page, "Titer")[-1] < before


def test_that_plans_are_pinned_compared_renamed_taken_and_removed(page, qtbot):
    page.pinned.pin.click()
    move(page, qtbot, TEMPERATURE, 35.5)
    page.pinned.pin.click()
    settled(page, qtbot)
    assert [row[0] for row in page.table.sheet.rows] == [planned.NOW, "Plan 1", "Plan 2"]
    assert list(page.fan.legend.boxes) == [planned.NOW, "Plan 1", "Plan 2"]
    assert line(page, "Titer", "Plan 1")[-1] > line(page, "Titer", "Plan 2")[-1]
    page.pinned.list.item(0).setText("Warm")
    settled(page, qtbot)
    assert [plan.name for plan in page.desk.pinned] == ["Warm", "Plan 2"]
    page.pinned.list.setCurrentRow(0)
    qtbot.keyClick(page.pinned.list, Qt.Key.Key_Return)
    settled(page, qtbot)
    assert page.sliders.values() == USUAL
    qtbot.keyClick(page.pinned.list, Qt.Key.Key_Delete)
    settled(page, qtbot)
    assert list(page.fan.legend.boxes) == [planned.NOW, "Plan 2"]


@pytest.mark.parametrize(
    ("name", "said"), [("a: b", "no colon"), ("", "needs a name"), ("Plan 2", "another plan called Plan 2")]
)
def test_that_a_name_that_cannot_be_kept_is_refused_with_the_reason(page, name, said):
    page.pinned.pin.click()
    page.pinned.pin.click()
    page.pinned.list.item(0).setText(name)
    assert said in page.pinned.said.text()
    assert page.desk.pinned[0].name == "Plan 1"


def test_that_keys_reach_the_sliders_and_home_takes_the_usual_value(page, qtbot):
    slider = page.sliders.rows[PH].slider
    assert slider.focusPolicy() == Qt.FocusPolicy.StrongFocus
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert page.desk.plan.settings[PH] > USUAL[PH]
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert page.desk.plan.settings[PH] == pytest.approx(USUAL[PH], abs=0.002)


def test_that_the_slider_follows_the_mouse_and_the_wheel_needs_the_focus(page, qtbot):
    slider = page.sliders.rows[PH].slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPointF(slider.width() - 6, 10).toPoint())
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton)
    assert slider.value() == slider.maximum()
    assert isinstance(slider, RangeSlider)


def test_that_the_usual_plan_comes_back(page, qtbot):
    move(page, qtbot, TEMPERATURE, 35.5)
    page.pinned.reset.click()
    settled(page, qtbot)
    assert page.sliders.values() == USUAL


def test_that_pinned_plans_are_kept_as_the_step_takes_them(page, monkeypatch):
    asked = []
    monkeypatch.setattr(page.session, "run_step", lambda step, options: asked.append((step, options)))
    assert page.can_run() == NOT_PINNED
    page.pinned.pin.click()
    assert page.can_run() == ""
    page.run()
    step, options = asked[0]
    assert step == "what-if"
    values = "temperature=36.6, ph=7, glucose_feed_rate=1.5, seeding_density=0.5, dissolved_oxygen=40, harvest_day=14"
    assert options["scenarios"] == (f"Plan 1: {values}",)
    assert options["tags"] == ("cell_line=A",)
    assert options["level"] == 0.95


def test_that_plans_of_another_cell_line_are_a_result_of_their_own(page, monkeypatch, qtbot):
    asked = []
    monkeypatch.setattr(page.session, "run_step", lambda step, options: asked.append(options["tags"]))
    page.pinned.pin.click()
    box = page.sliders.boxes[0]
    box.setCurrentIndex(box.findData("B"))
    page.pinned.pin.click()
    page.run()
    assert asked == [("cell_line=A",), ("cell_line=B",)]
    first = page.desk.pinned[0]
    assert text_of(first, ("a", "b", "c", "d", "e", "f")).startswith("Plan 1: a=36.6, b=7")
    assert tag_texts(first, ("cell_line",)) == ("cell_line=A",)


def test_that_the_nearest_batches_are_drawn_as_dots_where_wanted(page, qtbot):
    assert not page.fan.figure.panels[0].courses
    page.nearest.setChecked(True)
    settled(page, qtbot)
    assert len(page.fan.figure.panels[0].courses) == 3
    assert planned.NEAREST in page.fan.legend.boxes


def test_that_another_page_sees_the_same_plans(page):
    page.pinned.pin.click()
    assert PlanDesk.of(page.session) is page.desk
    assert [plan.name for plan in PlanDesk.of(page.session).pinned] == ["Plan 1"]


def test_that_plots_and_table_are_exported(page, qtbot, tmp_path, monkeypatch):
    for number, (widget, kind) in enumerate([(page.fan, "png"), (page.fan, "csv"), (page.table, "csv")]):
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        assert path.stat().st_size > 100
    assert "SIMULATED DATA" in (tmp_path / "1.csv").read_text(encoding="utf-8")


def test_that_both_themes_and_a_small_window_are_drawn(page, qtbot):
    page.pinned.pin.click()
    settled(page, qtbot)
    page.apply_theme(DARK)
    page.resize(700, 380)
    picture = page.grab()
    assert (picture.width(), picture.height()) == (700, 380)


def test_that_without_a_model_the_page_says_what_to_do(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(WhatIfPage, session, qtbot)
    assert page.first().page == "Process model"
    assert not page.sliders.rows
    assert isinstance(page.pinned.list, QListWidget)
