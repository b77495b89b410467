"""The Compare page on a finished study: the verdict, the scores, and the charts that follow each other."""

import shutil
from dataclasses import replace

import pytest
from shown_page import show_page

from mabdesk.gui import saving
from mabdesk.gui.header import Header
from mabdesk.gui.look import DARK
from mabdesk.gui.pages.compare import ComparePage
from mabdesk.gui.pages.entries import COMPARE
from mabdesk.models.device import Device

EVALUATION, FINAL = "evaluation-1", "final-test-1"


@pytest.fixture
def opened(session, qtbot, study, tmp_path):
    path = shutil.copyfile(study.project, tmp_path / "study.mabdesk")
    with qtbot.waitSignal(session.opened):
        session.open(path)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(ComparePage, opened, qtbot)
    opened.select(EVALUATION)
    qtbot.waitUntil(lambda: made.tabs.courses.grid.figure.simulated)
    return made


def model_rows(page):
    return [row[0] for row in page.table.sheet.rows]


def drawn(page):
    return {course.group for panel in page.tabs.courses.grid.figure.panels for course in panel.predicted}


def test_that_the_verdict_and_what_to_be_careful_of_stand_on_top(page, opened, qtbot):
    found = opened.value(EVALUATION)
    assert page.verdict.sentence.text() == found.verdict
    assert "3 folds of whole batches" in page.verdict.how.text()
    assert page.verdict.flags.text() == "SIMULATED DATA"
    opened.select("model-1")
    qtbot.waitUntil(lambda: "QUICK RUN" in page.verdict.flags.text())


def test_that_the_selector_shows_nothing_where_the_page_has_nothing_of_the_chosen_data(opened, qtbot):
    header = Header(opened)
    qtbot.addWidget(header)
    opened.selection = {"dataset": "dataset-1"}
    header.offer(COMPARE.kinds)
    assert header.selector.count() > 0
    assert header.selector.currentIndex() == -1


def test_that_the_result_chosen_last_is_shown_and_the_header_agrees(page, opened, qtbot):
    header = Header(opened)
    qtbot.addWidget(header)
    header.offer(COMPARE.kinds)
    for chosen in (FINAL, "model-1", EVALUATION):
        opened.select(chosen)
        qtbot.waitUntil(lambda chosen=chosen: opened.value(chosen) is not None)
        value = opened.value(chosen)
        found = getattr(value, "evaluation", value)
        assert page.verdict.sentence.text() == found.verdict
        assert header.selector.currentText().startswith(chosen.replace("-", " ").capitalize()[:5])
        assert page.used.text().lower().startswith(chosen.replace("-", " "))


def test_that_scores_of_all_models_are_listed_and_the_checked_ones_drawn(page):
    assert model_rows(page) == ["Last value", "Mean trajectory", "PLS"]
    found = page.session.value(EVALUATION)
    best = min((found.score(model) for model in found.models), key=lambda score: score.rmse)
    assert drawn(page) == {best.label}  # the best simple model: no network was compared
    assert [found.labels[row] for row in page.table.checked()] == [best.label]
    page.table.check({0, 1, 2})
    assert drawn(page) == {"Last value", "Mean trajectory", "PLS"}
    page.tabs.setCurrentWidget(page.tabs.parity)
    assert set(page.tabs.parity.pairs) == drawn(page)
    page.tabs.setCurrentWidget(page.tabs.errors)
    assert len(page.tabs.errors.sheet.headers) == 3 + 2 * 3


def test_that_another_target_changes_scores_charts_and_units(page):
    assert page.verdict.target.count() == 2
    titer = page.table.sheet.rows
    page.table.check({1})
    page.verdict.target.setCurrentIndex(1)
    assert page.table.sheet.rows != titer
    assert page.table.checked() == (1,)
    assert page.tabs.courses.grid.figure.panels[0].unit == page.tabs.found.units[1]
    page.tabs.setCurrentWidget(page.tabs.parity)
    assert page.tabs.found.targets[1] in page.tabs.parity.view.getAxis("left").labelText


def test_that_a_click_on_a_batch_highlights_it_in_every_view_that_is_looked_at(page, opened):
    tabs = page.tabs
    tabs.setCurrentWidget(tabs.errors)
    tabs.errors.row_selected.emit(2)
    batch = tabs.errors.sheet.rows[2][0]
    for view in (tabs.courses, tabs.parity):
        tabs.setCurrentWidget(view)
    assert opened.highlighted == tabs.courses.grid.highlighted == tabs.parity.highlighted == batch
    tabs.courses.grid.batch_clicked.emit(tabs.errors.sheet.rows[4][0])
    tabs.setCurrentWidget(tabs.errors)
    assert tabs.errors.current() == 4


def test_that_one_batch_some_or_all_can_be_drawn(page):
    grid, batches = page.tabs.courses.grid, page.tabs.courses.list
    assert len(grid.figure.panels) == 2  # the best and the worst
    batches.setCurrentRow(3)
    assert [panel.label for panel in grid.figure.panels] == [batches.item(3).text()]
    assert grid.figure.marks
    batches.setCurrentRow(0)
    assert len(grid.figure.panels) == 1
    assert len(grid.figure.panels[0].courses) == batches.count() - 1
    batches.clearSelection()
    assert grid.place.text.text() == "Choose a batch in the list."


def test_that_charts_and_tables_are_exported(page, qtbot, tmp_path, monkeypatch):
    tabs = page.tabs
    tables = [(widget, "csv") for widget in (tabs.courses.grid, tabs.parity, page.table, tabs.errors)]
    for view in (tabs.parity, tabs.errors):
        tabs.setCurrentWidget(view)
    for number, (widget, kind) in enumerate([*tables, (tabs.parity, "png"), (tabs.courses.grid, "svg")]):
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        assert path.stat().st_size > 200


def test_that_the_form_takes_the_settings_of_the_comparison_and_refuses_nothing_checked(page):
    assert page.form.values()["folds"] == 3
    assert page.form.values()["preset"] == "forecast"
    assert page.can_run() == ""
    page.form.set_values({"models": ()})
    assert page.can_run() == "Check at least one model."
    page.form.set_values({"folds": 20})
    assert page.can_run().startswith("20 folds need at least 20 batches")
    page.form.set_values({"folds": 20, "folds_by": "cell_line"})  # then every line is a fold
    assert page.can_run() == ""


def test_that_networks_need_a_processor_that_can_train_them(page, opened):
    opened.device = Device("CPU", "test", "", problem="This processor lacks AVX.")
    page.form.set_values({"models": ("pls", "lstm")})
    assert page.can_run() == "This processor lacks AVX."
    page.form.set_values({"models": ("pls",)})
    assert page.can_run() == ""


def test_that_a_projects_searches_are_offered(page, opened):
    info = replace(opened.info(EVALUATION), id="search-1", kind="search", step="search", label="")
    opened.infos = (*opened.infos, info)
    page.update_page()
    box = page.form.fields["settings_from"].box
    assert box.itemData(1) == "search-1"
    assert box.itemText(1).startswith("Search 1")


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    page.resize(700, 380)
    picture = page.grab()
    assert (picture.width(), picture.height()) == (700, 380)


def test_that_without_results_the_page_says_what_to_do(session, qtbot, cleaned_project, tmp_path):
    with qtbot.waitSignal(session.opened):
        session.open(shutil.copyfile(cleaned_project, tmp_path / "small.mabdesk"))
    page = ComparePage(session)
    qtbot.addWidget(page)
    page.update_page()
    assert page.verdict.sentence.text() == "No comparison yet. Choose models and press Compare."
