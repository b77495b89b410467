"""The Process model page: verdict and warnings, how good it is in plots and tables, what moves it, and forecasts."""

from dataclasses import replace
from pathlib import Path

import fabricated
import pytest
from shown_page import show_page

from mabdesk.analysis.process.planned import FROM_SIMULATED
from mabdesk.gui import process_actions, saving
from mabdesk.gui.look import DARK
from mabdesk.gui.pages.entries import PAGES, PROCESS_MODEL, SURFACE, WHAT_IF, key_of
from mabdesk.gui.pages.process import ProcessModelPage
from mabdesk.gui.views import planned, process
from mabdesk.models.process.trained import Planner


@pytest.fixture
def opened(session, qtbot, project_copy):
    training = fabricated.fabricated_process_training()
    made = {
        "process-model": training,
        "process-attribution": fabricated.fabricated_process_attribution(training),
        "forecast": fabricated.fabricated_forecast(training),
    }
    fabricated.keep(project_copy, **made)
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(ProcessModelPage, opened, qtbot)
    qtbot.waitUntil(lambda: made.tabs.forecast is not None and made.tabs.attribution is not None)
    qtbot.waitUntil(lambda: made.tabs.found is not None and not opened.reading)
    return made


def look_at(page, view):
    page.tabs.setCurrentWidget(view)
    return page.table.sheet


def test_that_the_verdict_comes_first_and_the_warnings_stay_in_sight(page):
    found = page.tabs.found
    assert page.verdict.sentence.text() == found.evaluation.verdict
    assert "Learned from 12 batches" in page.verdict.how.text()
    assert "the prior that comes with mabdesk" in page.verdict.how.text()
    assert page.verdict.flags.text().startswith("SIMULATED DATA")
    assert FROM_SIMULATED in page.verdict.flags.text()


def test_that_a_quick_model_without_prior_says_so():
    found = fabricated.fabricated_process_training(prior="")
    found = replace(found, model=replace(found.model, settings={**found.model.settings, "quick": True}))
    said = process.flags(found, None)
    assert process.QUICK in said
    assert FROM_SIMULATED not in said
    assert "started from nothing" in process.summary(found)


def test_that_predicted_and_measured_values_at_harvest_are_dots_with_a_table_of_rivals(page):
    sheet = look_at(page, page.tabs.harvest)
    assert set(page.tabs.harvest.pairs) == {process.MODEL, *process.PARTS}
    measured, _, batches = page.tabs.harvest.pairs[process.MODEL]
    assert len(measured) == len(batches) == 12
    labels = [row[0] for row in sheet.rows if row[1] == "out of fold"]
    assert labels[:3] == ["Process model", "Networks alone", "Gaussian process on setpoints"]
    assert {"Quadratic response surface", "Mean of the training batches"} <= set(labels)
    gains = {row[0]: row[5] for row in sheet.rows if row[1] == "out of fold"}
    assert gains["Gaussian process on setpoints"] == pytest.approx(0.1)
    assert "RMSE (g/L)" in sheet.headers


def test_that_another_output_changes_plot_table_and_units(page):
    page.verdict.target.setCurrentIndex(1)
    assert "aggregates at harvest (%)" in page.tabs.harvest.view.getAxis("bottom").labelText
    assert "RMSE (%)" in page.table.sheet.headers


def test_that_the_course_of_a_batch_stands_beside_what_was_measured(page, qtbot):
    sheet = look_at(page, page.tabs.courses)
    assert sheet.rows[0][:4] == ("Viable cell density", "1e6/mL", 1.0, 2.5)
    box = page.tabs.courses.box
    box.setCurrentIndex(box.findData("B05"))
    figure = page.tabs.courses.grid.figure
    assert {course.batch for panel in figure.panels for course in panel.courses} == {"B05"}
    assert all(len(panel.predicted) == 1 for panel in figure.panels)
    assert page.session.highlighted == "B05"


def test_that_the_error_by_day_stands_beside_the_plans_and_the_last_rates(page):
    sheet = look_at(page, page.tabs.days)
    assert list(page.tabs.days.curves) == ["Forecast", "Plan alone", "Last rate drawn on", "Last titer plus usual gain"]
    assert [row[0] for row in sheet.rows] == list(range(3, 13))
    assert "(g/L)" in page.tabs.days.view.getAxis("left").labelText


def test_that_bands_say_what_they_held(page):
    sheet = look_at(page, page.tabs.bands)
    assert sheet.rows[0][:4] == ("Titer", "harvests", "95 %", "94 %")
    assert page.tabs.bands.bars[0].said.startswith("Titer at harvest: the band held 94 % of 4")
    assert page.tabs.bands.bars[0].hatched == 95


def test_that_what_moves_it_is_ranked_with_floors_and_tested(page):
    sheet = look_at(page, page.tabs.moved)
    moved = page.tabs.moved
    assert [bar.name for bar in moved.bars.bars][:2] == ["Temperature", "pH"]
    looks = {bar.name: bar.look for bar in moved.bars.bars}
    assert (looks["Temperature"], looks["Seeding density"]) == ("plain", "hollow")
    assert len(moved.lights.lights) == 2
    assert moved.map.names[0] == "Temperature"
    assert (moved.map.signed, moved.map.values.shape) == (False, (4, 14))
    assert [row[1] for row in sheet.rows][:1] == ["Setpoint"]
    moved.who.setCurrentIndex(moved.who.findData("B03"))
    assert moved.map.signed


def test_that_an_attribution_that_failed_its_tests_is_grey_and_says_why():
    training = fabricated.fabricated_process_training()
    found = fabricated.fabricated_process_attribution(training, reliable=False)
    assert process.doubt(found).startswith("not reliable: ")
    assert process.doubt(fabricated.fabricated_process_attribution(training)) == ""


def test_that_a_forecast_shows_samples_fan_and_the_dashed_plan(page):
    sheet = look_at(page, page.tabs.running)
    figure = page.tabs.running.grid.figure
    titer = next(panel for panel in figure.panels if panel.label == "Titer")
    assert [course.group for course in titer.predicted] == [planned.FORECAST, planned.PLANNED]
    assert figure.groups[1] == planned.PLANNED  # the second style is dashed
    assert len(titer.courses[0].values) == 7
    assert titer.bands[0].group == planned.FORECAST
    assert page.tabs.running.note.text().startswith("Known until day 6.00: titer at harvest ")
    assert sheet.rows[0][:2] == ("RUN-1", 6.0)


def test_that_running_batches_are_read_from_a_file_and_forecast(page, monkeypatch, qtbot):
    asked = []
    monkeypatch.setattr(page.session, "run", lambda name, title, do: asked.append((name, title, do)))
    page.model_actions.read(Path("run 7.xlsx"))
    name, title, do = asked[0]
    assert (name, title) == ("forecast", "Forecasting run 7.xlsx")
    read = []
    monkeypatch.setattr(process_actions.commands, "forecast_file", lambda *args, **named: read.append(named) or ())
    do(None, None)
    assert read[0]["named"] == {"process-model": "process-model-1"}


def test_that_a_value_is_explained_with_the_settings_beside_it(page, monkeypatch):
    asked = []
    monkeypatch.setattr(page.session, "run_step", lambda step, options: asked.append((step, options)))
    box = page.model_actions.output
    box.setCurrentIndex(box.findData("aggregates"))
    page.model_actions.explain.click()
    assert asked == [("explain-process", {"output": "aggregates", "batches": 24, "permuted": 4})]


def test_that_it_is_fitted_with_the_settings_of_the_form(page, monkeypatch):
    asked = []
    monkeypatch.setattr(page.session, "run_step", lambda step, options, seed: asked.append((step, options, seed)))
    page.form.set_values({"feed_glucose": 300.0})
    page.run()
    step, options, seed = asked[0]
    assert (step, seed) == ("train-process", 1)
    assert (options["prior"], options["feed_glucose"]) == ("shipped", 300.0)
    levers = page.form.fields["levers"].list
    assert "Temperature" in {levers.item(row).text() for row in range(levers.count())}


def test_that_without_a_model_the_page_says_what_to_do(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(ProcessModelPage, session, qtbot)
    assert page.verdict.sentence.text() == process.NO_PROCESS
    assert not page.model_actions.forecast.isEnabled()
    assert page.model_actions.why.text() == process_actions.NEEDS_MODEL
    for number in range(page.tabs.count()):
        page.tabs.setCurrentIndex(number)
    assert page.table.sheet.rows == ()


def test_that_every_plot_and_table_is_exported(page, qtbot, tmp_path, monkeypatch):
    for number, plot in enumerate((*page.tabs.plots, page.table)):
        kind = "csv" if plot is page.table else ("png", "csv")[number % 2]
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            plot.export_requested.emit(kind)
        assert path.stat().st_size > 100
        assert kind == "png" or "SIMULATED DATA" in path.read_text(encoding="utf-8")


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    for number in range(page.tabs.count()):
        page.tabs.setCurrentIndex(number)
        page.resize(700, 380)
        picture = page.grab()
        assert (picture.width(), picture.height()) == (700, 380)


def test_that_a_value_without_band_says_why():
    training = fabricated.fabricated_process_training()
    plan = planned.with_band(3.0, float("nan"), float("nan"), "g/L")
    assert plan == "3.00 g/L (no band: too few batches)"
    said = Planner(training.model).plan(
        fabricated.fabricated_forecast(training).settings, training.model.known.tags[:1]
    )
    assert "Networks" in planned.parts_sentence(training.model, said)


def test_that_the_pages_are_where_the_work_has_them_and_each_has_a_key():
    names = [entry.name for entry in PAGES]
    assert names.index("Explain") < names.index(PROCESS_MODEL.name) < names.index(WHAT_IF.name)
    assert names.index(WHAT_IF.name) < names.index(SURFACE.name) < names.index("Report")
    keys = [key_of(number) for number in range(len(PAGES))]
    assert len(set(keys)) == len(keys)
    assert {entry.load().entry for entry in (PROCESS_MODEL, WHAT_IF, SURFACE)} == {PROCESS_MODEL, WHAT_IF, SURFACE}
