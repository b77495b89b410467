"""The Clean page: every change counted, listed with its cell, and drawn before and after."""

import re
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from shown_page import show_page

from mabdesk.data.batch import Change
from mabdesk.data.cleaning_changes import OUTLIER
from mabdesk.gui.pages.clean import AFTER, BEFORE, CleanPage
from mabdesk.gui.plots.series import Mark

NOT_CLEANED = "Not cleaned yet: press Clean."


@pytest.fixture
def opened(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(CleanPage, opened, qtbot)
    qtbot.waitUntil(lambda: not opened.reading and made.counts.sheet.rows != ())
    return made


def choose_rule(page, row):
    """Choose a rule, whichever was chosen before."""
    page.counts.view.clearSelection()
    page.counts.view.selectRow(row)


def row_of(page, rule, variable):
    return [row[:2] for row in page.counts.sheet.rows].index((rule, variable))


def outlier_of_a_sensor(page):
    """Return the row of the first rule that removed values of a sensor, and its first change."""
    sensors = page.session.value("dataset").dataset.names("online")
    changes = page.session.value("cleaned").changes
    change = next(change for change in changes if change.rule == OUTLIER and change.variable in sensors)
    return row_of(page, change.rule, change.variable), change


def drawn(page):
    return {(course.batch, course.group) for panel in page.plot.figure.panels for course in panel.courses}


def test_that_counts_by_rule_and_variable_add_up_to_the_changes(page):
    changes = page.session.value("cleaned").changes
    pairs = [row[:2] for row in page.counts.sheet.rows]
    assert len(pairs) == len(set(pairs))
    for rule, variable, count in page.counts.sheet.rows:
        assert count == sum(c.count for c in changes if (c.rule, c.variable) == (rule, variable))
    assert sum(row[2] for row in page.counts.sheet.rows) == sum(change.count for change in changes)


def test_that_choosing_a_rule_lists_its_changes_and_draws_its_variable(page):
    dataset, cleaned = page.session.value("dataset").dataset, page.session.value("cleaned")
    for number, (rule, variable, count) in enumerate(page.counts.sheet.rows):
        choose_rule(page, number)
        assert {row[:2] for row in page.all.sheet.rows} == {(rule, variable)}
        assert sum(row[6] for row in page.all.sheet.rows) == count
        assert [panel.label for panel in page.plot.figure.panels] == [dataset.variable(variable).label]
        assert drawn(page) == {(batch, AFTER) for batch in cleaned.dataset.ids}


def test_that_choosing_a_change_draws_before_and_after_around_its_hour(page):
    row, change = outlier_of_a_sensor(page)
    choose_rule(page, row)
    page.all.view.selectRow(0)
    assert drawn(page) == {(change.batch, BEFORE), (change.batch, AFTER)}
    assert page.plot.figure.groups == (BEFORE, AFTER)
    before, after = page.plot.figure.panels[0].courses
    was = before.values[np.argmin(np.abs(before.hours - change.hour))]
    became = after.values[np.argmin(np.abs(after.hours - change.hour))]
    assert [was, became] == pytest.approx([float(change.before), float(change.after)], rel=1e-5)
    first, last = page.plot.plots[0].viewRange()[0]
    assert first <= change.hour / 24 <= last
    assert last - first <= 3.01  # a day and a half to each side


def test_that_choosing_a_change_marks_the_rule_and_highlights_the_batch(page):
    row, change = outlier_of_a_sensor(page)
    choose_rule(page, row)
    assert page.plot.figure.marks == ()
    page.all.view.selectRow(0)
    assert page.plot.figure.marks == (Mark(change.hour, change.rule),)
    assert page.session.highlighted == change.batch


def test_that_a_change_is_found_by_its_place_however_the_list_is_sorted(page):
    row, _ = outlier_of_a_sensor(page)
    choose_rule(page, row)
    page.all.view.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    page.all.view.selectRow(0)
    latest = max(page.all.sheet.rows, key=lambda listed: listed[3])
    assert page.session.highlighted == latest[2]
    assert page.plot.figure.marks[0].hour / 24 == pytest.approx(latest[3])


def test_that_every_change_names_file_sheet_and_cell_and_the_value_stands_there(page, small_campaign):
    book = load_workbook(small_campaign, data_only=True)
    offline = page.session.value("dataset").dataset.names("offline")
    listed = []
    for number in range(len(page.counts.sheet.rows)):
        choose_rule(page, number)
        listed += page.all.sheet.rows
    assert len(listed) == len(page.session.value("cleaned").changes)
    for _, variable, _, _, before, _, _, cell, _ in listed:
        found = re.fullmatch(r"campaign\.xlsx, sheet (Online|Offline), cell ([A-Z]+\d+)", cell)
        assert found, cell
        if before is not None and variable not in offline:  # of sensors no unit was converted
            assert book[found[1]][found[2]].value == pytest.approx(before, rel=1e-5)


def test_that_locked_batches_are_left_out_of_sight(page):
    locked = page.session.value("split").locked
    assert len(locked) == 2
    assert f"{len(locked)} locked batches were left out of sight." in page.about.text()
    for number in range(len(page.counts.sheet.rows)):
        choose_rule(page, number)
        assert not {batch for batch, _ in drawn(page)} & set(locked)
        assert not {row[2] for row in page.all.sheet.rows} & set(locked)


def test_that_a_project_without_cleaning_says_so(page, qtbot):
    with qtbot.waitSignal(page.session.changed):
        page.session.command(lambda project: project.archive("cleaned-1", "a test"))
    assert page.about.text() == NOT_CLEANED
    assert page.plot.place.text.text() == NOT_CLEANED
    assert (page.counts.sheet.rows, page.all.sheet.rows) == ((), ())
    assert page.used.text() == ""
    assert page.primary.isEnabled()


def test_that_a_cleaning_that_changed_nothing_says_so(page):
    result = page.session._values.get("cleaned-1")
    page.session._values.hold(replace(result, value=replace(result.value, changes=())), ())
    page.update_page()
    assert page.plot.place.text.text() == "Nothing had to be changed."
    assert page.counts.sheet.rows == ()


def test_that_cleaning_without_outliers_gives_a_new_result_that_is_shown(page, qtbot):
    assert OUTLIER in {row[0] for row in page.counts.sheet.rows}
    page.form.set_values({"outliers": "none"})
    with qtbot.waitSignal(page.session.added, timeout=60_000) as came:
        qtbot.mouseClick(page.primary, Qt.MouseButton.LeftButton)
    assert came.args == ["cleaned-2"]
    assert page.used.text().startswith("Cleaned 2: made from Dataset 1, Split 1")
    qtbot.waitUntil(lambda: not page.session.reading)
    rules = {row[0] for row in page.counts.sheet.rows}
    assert rules
    assert not {rule for rule in rules if "outlier" in rule}
    page.session.select("cleaned-1")
    qtbot.waitUntil(lambda: OUTLIER in {row[0] for row in page.counts.sheet.rows})


def test_that_a_wrong_setting_switches_the_button_off_and_says_why(page, qtbot):
    line = page.form.fields["iqr_factor"].line
    line.clear()
    qtbot.keyClicks(line, "0.5")
    assert not page.primary.isEnabled()
    assert "IQR factor" in page.can_run()
    assert page.primary.accessibleDescription() == page.can_run()
    page.form.rows["iqr_factor"].back.click()
    assert page.primary.isEnabled()


def test_that_a_click_on_a_curve_highlights_its_batch(page):
    page.plot.batch_clicked.emit("SIM-003")
    assert page.session.highlighted == "SIM-003"


def test_that_all_changes_are_listed_at_first_and_again_after_a_rule(page):
    whole = len(page.session.value("cleaned").changes)
    assert len(page.all.sheet.rows) == whole
    choose_rule(page, 1)
    assert len(page.all.sheet.rows) < whole
    page.all_rules.click()
    assert len(page.all.sheet.rows) == whole


def test_that_a_change_of_a_whole_column_draws_the_column(page):
    column = page.session.value("dataset").dataset.names("online")[0]
    page._list((Change("excluded from the inputs", column, after="constant", count=0),))
    page._change_selected(0)
    assert page.plot.figure.marks == ()
    assert len(drawn(page)) > 1


def test_that_the_highlighted_batch_is_drawn_above_the_others(page):
    batch = page.session.value("cleaned").dataset.ids[1]
    page.session.highlight(batch)
    assert page.plot.highlighted == batch
