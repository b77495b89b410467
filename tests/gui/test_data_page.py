"""The Data page: batches in a table, trajectories as chosen, golden batches, import and split."""

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QListWidget, QPushButton, QWidget
from shown_page import show_page

from mabdesk.data import gaps
from mabdesk.data.batch import Dataset, Measurements
from mabdesk.gui.pages.data import DataPage
from mabdesk.gui.views.batches import USES, groups_of
from mabdesk.gui.views.courses import MOST_PANELS, course_of, envelope
from mabdesk.project.project import open_project


def shown(session, qtbot):
    """Show the page on the open project, all that it asks for being read."""
    page = show_page(DataPage, session, qtbot)
    qtbot.waitUntil(lambda: not session.reading and page.table.sheet.rows != ())
    return page


@pytest.fixture
def page(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return shown(session, qtbot)


@pytest.fixture
def dataset(page):
    return page.session.value("dataset").dataset


def told_by_table(page):
    """Return the batch table as one dictionary a batch, by the headers."""
    return [dict(zip(page.table.sheet.headers, row, strict=True)) for row in page.table.sheet.rows]


def named(page, kind: type[QWidget], name: str):
    """Return the widget of the page that assistive technology calls so."""
    (found,) = (widget for widget in page.findChildren(kind) if widget.accessibleName() == name)
    return found


def choose(page, name, data):
    box = named(page, QComboBox, name)
    assert box.findData(data) >= 0, data
    box.setCurrentIndex(box.findData(data))


def check(page, name, wanted=True):
    named(page, QCheckBox, name).setChecked(wanted)


def variable_items(page):
    variables = named(page, QListWidget, "Variables to draw")
    return [variables.item(row) for row in range(variables.count())]


def choose_variables(page, *names):
    """Check exactly these variables, as clicks would."""
    items = variable_items(page)
    for wanted in (False, True):  # never more than the page allows
        for item in items:
            if (item.data(Qt.ItemDataRole.UserRole) in names) is wanted:
                item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)


def drawn(page):
    """Return the batches that every panel draws."""
    panels = [tuple(course.batch for course in panel.courses) for panel in page.plot.figure.panels]
    assert len(set(panels)) == 1
    return panels[0]


def hold_dataset(page, changed: Dataset):
    """Let the session hold another dataset in the place of the one that was imported."""
    session = page.session
    result = session._values.get("dataset-1")
    session._values.hold(replace(result, value=replace(result.value, dataset=changed)), ())
    page.update_page()


# -- tables --------------------------------------------------------------------------------------------------------


def test_that_the_table_tells_use_tags_days_final_titer_and_setpoints_of_every_batch(page, dataset):
    told = told_by_table(page)
    assert [row["Batch"] for row in told] == list(dataset.ids)
    for row, batch in zip(told, dataset.batches, strict=True):
        assert (row["Cell line"], row["Scale"]) == (batch.tags["cell_line"], batch.tags["scale"])
        assert row["Days"] == pytest.approx(14.0, abs=0.1)
        assert (row["Sensor rows"], row["Samples"]) == (len(batch.online.hours), len(batch.offline.hours))
        assert row["Final titer (g/L)"] == batch.offline.measured("titer")[1][-1]
        assert row["Set ph (pH)"] == batch.setpoints["ph"]
        assert row["Set harvest day (day)"] == batch.setpoints["harvest_day"]


def test_that_the_table_and_the_side_tell_what_each_batch_serves_for(page):
    split = page.session.value("split")
    for use in USES:
        assert tuple(row["Batch"] for row in told_by_table(page) if row["Use"] == use) == getattr(split, use)
    said = "8 batches: 4 train, 1 validation, 1 test, 2 locked. Locked batches are drawn only where you check them."
    assert page.about.text() == said


def test_that_a_pause_of_the_sensors_is_a_gap_with_its_length(page, dataset):
    assert {(row["Gaps"], row["Longest gap (h)"]) for row in told_by_table(page)} == {(0, None)}
    first, *others = dataset.batches
    kept = np.r_[0:100, 200 : len(first.online.hours)]
    paused = Measurements(first.online.names, first.online.hours[kept], first.online.values[kept])
    hold_dataset(page, replace(dataset, batches=(replace(first, online=paused), *others)))
    row = told_by_table(page)[0]
    assert row["Gaps"] == 1
    assert row["Longest gap (h)"] == pytest.approx(first.online.hours[200] - first.online.hours[99])


def test_that_the_other_tabs_list_what_was_noticed_what_columns_became_and_what_was_changed(page):
    reading = page.session.value("dataset")
    assert [page.tabs.tabText(tab) for tab in range(page.tabs.count())] == [
        "Batches",
        f"Noticed ({len(reading.problems)})",
        f"Columns ({len(reading.columns)})",
        f"Changed ({len(reading.changes)})",
    ]
    assert ("note", "campaign.xlsx, sheet About", "holds no table of batches; not read") in page.noticed.sheet.rows
    columns = {row[3]: dict(zip(page.columns.sheet.headers, row, strict=True)) for row in page.columns.sheet.rows}
    assert columns["Batch ID"]["Use"] == "batch"
    assert columns["Batch ID"]["Cell"] == "A1"
    lactate = next(row for row in page.changed.sheet.rows if row[:2] == ("unit converted", "lactate"))
    assert lactate[4].endswith("mM")
    assert lactate[5].endswith("g/L")
    assert lactate[7].startswith("campaign.xlsx, sheet Offline, cell ")


# -- what is drawn -------------------------------------------------------------------------------------------------


def test_that_checking_variables_changes_the_panels(page):
    assert [panel.label for panel in page.plot.figure.panels] == [
        "Viable cell density", "Viability", "Glucose", "Titer"
    ]  # fmt: skip
    choose_variables(page, "titer", "temperature")
    assert [panel.axis for panel in page.plot.figure.panels] == ["Temperature (\u00b0C)", "Titer (g/L)"]
    assert len(page.plot.plots) == 2
    choose_variables(page)
    assert page.plot.place.text.text() == "Choose at least one variable and one batch."


def test_that_a_seventh_variable_is_not_checked(page):
    choose_variables(page)
    for item in variable_items(page):
        item.setCheckState(Qt.CheckState.Checked)
    checked = [item.checkState() == Qt.CheckState.Checked for item in variable_items(page)]
    assert checked[:MOST_PANELS] == [True] * MOST_PANELS
    assert not any(checked[MOST_PANELS:])
    assert len(page.plot.figure.panels) == MOST_PANELS


def test_that_checking_batches_changes_the_curves(page, dataset):
    locked = page.session.value("split").locked
    assert drawn(page) == tuple(name for name in dataset.ids if name not in locked)
    page.table.check(set(range(8)))
    model = page.table.model
    assert model.setData(model.index(1, 0), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert drawn(page) == (dataset.ids[0], *dataset.ids[2:])
    page.table.check({2, 5})
    assert drawn(page) == (dataset.ids[2], dataset.ids[5])


def test_that_of_many_batches_the_first_sixty_are_drawn_and_the_page_says_so(page, dataset):
    many = tuple(replace(dataset.batches[number % 8], id=f"B{number:02}") for number in range(64))
    hold_dataset(page, replace(dataset, batches=many))
    assert len(page.table.sheet.rows) == 64
    assert drawn(page) == tuple(batch.id for batch in many[:60])
    assert page.about.text().endswith("The first 60 are drawn: check others in the table.")
    page.table.check({63})
    assert drawn(page) == ("B63",)


def test_that_batches_are_colored_by_what_is_chosen(page, dataset):
    groups = {
        "cell_line": {batch.id: batch.tags["cell_line"] for batch in dataset.batches},
        "scale": {batch.id: batch.tags["scale"] for batch in dataset.batches},
        "outcome": groups_of(dataset, "outcome", None),
        "use": {row["Batch"]: row["Use"] for row in told_by_table(page)},
        "": dict.fromkeys(dataset.ids, ""),
    }
    page.table.check(set(range(8)))
    for by, expected in groups.items():
        choose(page, "Color by", by)
        for panel in page.plot.figure.panels:
            assert {course.batch: course.group for course in panel.courses} == expected
        assert page.plot.figure.groups == tuple(sorted(set(expected.values())))
        assert set(page.plot.legend.boxes) == set(expected.values()) - {""}


def test_that_the_final_titer_parts_batches_into_thirds(page):
    page.table.check(set(range(8)))
    choose(page, "Color by", "outcome")
    group = {course.batch: course.group for course in page.plot.figure.panels[0].courses}
    titers = {word: [] for word in ("low", "middle", "high")}
    for row in told_by_table(page):
        titers[group[row["Batch"]]].append(row["Final titer (g/L)"])
    assert max(titers["low"]) < min(titers["middle"]) <= max(titers["middle"]) < min(titers["high"])


# -- golden batch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["drawn", "top", "cell_line=C"])
def test_that_the_golden_band_spans_exactly_the_batches_that_are_chosen(choice, page, dataset):
    assert not any(panel.bands for panel in page.plot.figure.panels)
    choose_variables(page, "ph", "titer")
    page.table.check({0, 2, 4, 5})
    locked = set(page.session.value("split").locked)
    if choice == "top":
        page._split, locked = None, set()  # a third of six would be too few
    choose(page, "Golden batch", choice)
    reference = {
        "drawn": [dataset.ids[row] for row in (0, 2, 4, 5)],
        "top": [name for name, third in groups_of(dataset, "outcome", None).items() if third == "high"],
        "cell_line=C": [b.id for b in dataset.batches if b.tags["cell_line"] == "C" and b.id not in locked],
    }[choice]
    for panel, plot, name in zip(page.plot.figure.panels, page.plot.plots, ("ph", "titer"), strict=True):
        own = tuple(course_of(b, dataset.variable(name), None, "") for b in dataset.batches if b.id in reference)
        expected = envelope(own, panel.dense)
        (band,) = panel.bands
        assert band.label == f"Median and 5-95 % of {len(reference)} batches"
        for part in ("hours", "low", "middle", "high"):
            np.testing.assert_array_equal(getattr(band, part), getattr(expected, part))
        assert any(isinstance(item, pg.FillBetweenItem) for item in plot.items)
    assert f"5-95 % of {len(reference)} batches" in page.plot.note.text()


def test_that_checked_batches_can_be_kept_as_golden_ones(page, qtbot):
    page.table.check({1, 2, 3})
    qtbot.mouseClick(named(page, QPushButton, "Take the checked batches as golden"), Qt.MouseButton.LeftButton)
    assert named(page, QComboBox, "Golden batch").currentText() == "3 chosen batches"
    bands = page.plot.figure.panels[0].bands
    page.table.check({0, 4, 5, 6})
    assert [band.label for band in page.plot.figure.panels[0].bands] == ["Median and 5-95 % of 3 batches"]
    np.testing.assert_array_equal(page.plot.figure.panels[0].bands[0].middle, bands[0].middle)
    assert drawn(page) == ("SIM-001", "SIM-005", "SIM-006", "SIM-007")


def test_that_two_batches_make_no_envelope(page):
    page.table.check({0, 2})
    choose(page, "Golden batch", "drawn")
    assert not any(panel.bands for panel in page.plot.figure.panels)


# -- events, phases, cleaning --------------------------------------------------------------------------------------


def test_that_events_of_the_highlighted_batch_are_marked_and_can_be_switched_off(page, dataset):
    assert page.plot.figure.marks == ()
    batch = dataset.batches[2]
    page.session.highlight(batch.id)
    marks = page.plot.figure.marks
    assert [mark.hour for mark in marks] == [event.hour for event in batch.events if event.kind != "sample"]
    feeds = sum(event.kind == "feed" for event in batch.events)
    assert {mark.text for mark in marks} == {
        "", "inoculation", f"feed \u00d7{feeds}", "temperature shift", "harvest"
    }  # fmt: skip
    check(page, "Events of the highlighted batch", False)
    assert page.plot.figure.marks == ()


def test_that_events_are_marked_where_one_batch_alone_is_drawn(page):
    page.table.check({3})
    assert "harvest" in {mark.text for mark in page.plot.figure.marks}


def test_that_phases_can_be_switched_on_and_off(page):
    assert page.plot.figure.phases == ()
    page.session.highlight("SIM-003")
    check(page, "Phases")
    phases = page.plot.figure.phases
    assert [phase.text for phase in phases][:2] == ["inoculation", "growth"]
    assert [phase.start for phase in phases[1:]] == [phase.end for phase in phases[:-1]]
    page.session.highlight("SIM-002")
    assert page.plot.figure.phases != phases
    check(page, "Phases", False)
    assert page.plot.figure.phases == ()


def test_that_what_cleaning_did_tells_measured_filled_and_removed_values_apart(page):
    choose_variables(page, "ph")
    assert all(course.status is None for course in page.plot.figure.panels[0].courses)
    assert page.plot.note.text() == ""
    check(page, "What cleaning did")
    cleaned = page.session.value("cleaned")
    courses = [course for course in page.plot.figure.panels[0].courses if course.status is not None]
    assert {course.batch for course in courses} == set(cleaned.dataset.ids)  # locked ones were not cleaned
    counted = {code: sum(int((course.status == code).sum()) for course in courses) for code in range(5)}
    made = {
        rule: sum(change.count for change in cleaned.changes if change.variable == "ph" and change.rule == rule)
        for rule in ("short gap: interpolated", "long gap: filled from training batches")
    }
    assert counted[gaps.MEASURED] > 1000
    assert [counted[gaps.INTERPOLATED], counted[gaps.NEIGHBORS]] == list(made.values())
    assert page.plot.note.text() == "\u25aa filled in"


def test_that_a_removed_value_stays_to_be_seen_where_it_was_measured(page, dataset):
    offline = dataset.names("offline")
    changes = page.session.value("cleaned").changes
    change = next(change for change in changes if change.variable in offline and "removed" in change.rule)
    choose_variables(page, change.variable)
    check(page, "What cleaning did")
    course = next(course for course in page.plot.figure.panels[0].courses if course.batch == change.batch)
    places = np.flatnonzero(course.status == gaps.REMOVED)
    place = places[np.argmin(np.abs(course.hours[places] - change.hour))]
    assert course.hours[place] == pytest.approx(change.hour)
    assert course.values[place] == pytest.approx(float(change.before), rel=1e-5)
    assert "\u25cb removed" in page.plot.note.text()
    assert {row[-1] for row in page.plot.table("Trajectories").rows} == {"measured", "removed"}


# -- highlight -----------------------------------------------------------------------------------------------------


def test_that_a_selected_row_highlights_its_batch_in_the_session_and_in_the_plot(page):
    page.table.view.selectRow(3)
    assert page.session.highlighted == "SIM-004"
    assert page.plot.highlighted == "SIM-004"


def test_that_a_sorted_row_highlights_the_batch_that_stands_in_it(page):
    titer = page.table.sheet.headers.index("Final titer (g/L)")
    page.table.view.sortByColumn(titer, Qt.SortOrder.DescendingOrder)
    page.table.view.selectRow(0)
    best = max(told_by_table(page), key=lambda row: row["Final titer (g/L)"])
    assert page.session.highlighted == best["Batch"]


def test_that_a_batch_highlighted_elsewhere_is_selected_and_drawn(page):
    page.session.highlight("SIM-006")
    assert page.table.current() == 5
    assert page.plot.highlighted == "SIM-006"
    page.plot.batch_clicked.emit("SIM-002")
    assert (page.session.highlighted, page.table.current()) == ("SIM-002", 1)
    page.session.highlight("")
    assert page.table.current() is None
    assert page.plot.highlighted == ""


# -- import and split ----------------------------------------------------------------------------------------------


def test_that_batches_are_set_apart_anew_with_the_shares_and_the_seed_of_the_form(page, qtbot):
    page.splitting.set_values({"locked": 0.4, "seed": 3})
    with qtbot.waitSignal(page.session.added, timeout=60_000):
        qtbot.mouseClick(page.set_apart, Qt.MouseButton.LeftButton)
    made = page.session.selected("split")
    assert (made.id, made.options["locked"], made.seed) == ("split-2", 0.4, 3)
    qtbot.waitUntil(lambda: not page.session.reading)
    assert [row["Use"] for row in told_by_table(page)].count("locked") == 3
    assert "3 locked" in page.about.text()
    assert not named(page, QCheckBox, "What cleaning did").isEnabled()  # nothing was cleaned with this split


def test_that_a_wrong_share_switches_setting_apart_off(page):
    page.splitting.fields["locked"].line.setText("0.9")
    page.splitting.fields["locked"].line.textEdited.emit("0.9")
    assert not page.set_apart.isEnabled()
    page.splitting.rows["locked"].back.click()
    assert page.set_apart.isEnabled()


def test_that_the_import_button_asks_for_files(page, qtbot):
    with qtbot.waitSignal(page.action) as asked:
        qtbot.mouseClick(page.primary, Qt.MouseButton.LeftButton)
    assert asked.args == ["ask_import"]
    assert not page.session.jobs.busy


def test_that_a_new_import_is_shown(page, qtbot, small_campaign):
    with qtbot.waitSignal(page.session.added, timeout=60_000) as came:
        page.session.run_step("import", {}, files=[small_campaign])
    assert came.args == ["dataset-2"]
    qtbot.waitUntil(lambda: page.about.text() == "8 batches: not set apart yet.")
    assert page.used.text().startswith("Dataset 2: made from files")
    assert {row["Use"] for row in told_by_table(page)} == {""}


def test_that_a_read_only_project_shows_all_and_says_why_nothing_is_imported(session, qtbot, project_copy):
    with open_project(project_copy, "w"):  # somebody else has it open
        with qtbot.waitSignal(session.opened):
            session.open(project_copy)
        page = shown(session, qtbot)
        assert len(drawn(page)) == 6  # two are locked
        assert not page.primary.isEnabled()
        assert page.primary.accessibleDescription() == page.can_run()
        assert page.can_run() == "The project is read-only: save a copy elsewhere to go on."


def test_that_a_batch_highlighted_on_another_page_is_drawn_when_this_one_is_shown_again(page, dataset):
    page.hide()
    page.session.highlight(dataset.ids[2])
    page.show()
    page.update_page()
    assert page.plot.highlighted == dataset.ids[2]
    assert page.table.current() == 2


def test_that_nothing_of_the_project_before_stays_when_an_empty_one_is_opened(page, qtbot, tmp_path):
    with qtbot.waitSignal(page.session.opened):
        page.session.new(tmp_path / "empty.mabdesk")
    page.update_page()
    assert (page.table.sheet.rows, page.about.text()) == ((), "")
    assert "No data yet" in page.plot.place.text.text()
    assert not page.set_apart.isEnabled()


def test_that_batches_are_not_set_apart_in_a_read_only_project(page, monkeypatch):
    assert page.set_apart.isEnabled()
    monkeypatch.setattr(type(page.session), "writable", property(lambda _: False))
    page.update_page()
    assert not page.set_apart.isEnabled()


def test_that_no_locked_batch_is_golden_unless_it_was_checked(page):
    locked = set(page.session.value("split").locked)
    choose(page, "Golden batch", "cell_line=A")
    assert not locked & set(page.wanted().reference)
    page.table.check(set(range(8)))
    choose(page, "Golden batch", "drawn")
    assert locked <= set(page.wanted().reference)
