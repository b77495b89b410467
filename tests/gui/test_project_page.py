"""The Project page: how to begin, and what a project holds: renamed, archived, run again, verified."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from shown_page import show_page

from mabdesk import commands
from mabdesk.errors import ReadingError
from mabdesk.gui import preferences
from mabdesk.gui.messages import of_error
from mabdesk.gui.pages.project import PAGE_OF_KIND, ProjectPage
from mabdesk.project.project import open_project
from mabdesk.project.verify import Check, Verification

IDS = ("dataset-1", "split-1", "cleaned-1")
NAME, STATE = 1, 8  # columns of the table


@pytest.fixture
def page(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return show_page(ProjectPage, session, qtbot)


@pytest.fixture
def asked(monkeypatch):
    """Answer the question for a text; the questions are kept."""
    questions = []

    def answer(text, good=True):
        monkeypatch.setattr(QInputDialog, "getText", lambda *given: questions.append(given[1:]) or (text, good))
        return questions

    return answer


def press(page, qtbot, name, signal):
    with qtbot.waitSignal(signal, timeout=60_000) as came:
        qtbot.mouseClick(page.buttons[name], Qt.MouseButton.LeftButton)
    return came.args


def choose(page, result_id):
    page.table.view.selectRow([info.id for info in page._rows].index(result_id))


def column(page, number):
    return [row[number] for row in page.table.sheet.rows]


# -- the list ------------------------------------------------------------------------------------------------------


def test_that_the_project_and_all_its_results_are_listed_and_the_newest_is_selected(page, project_copy):
    assert column(page, 0) == ["Dataset 1", "Split 1", "Cleaned 1"]
    assert page.table.current() == 2
    assert str(project_copy) in page.about.text()
    assert "3 results. Every result is kept at once" in page.about.text()


def test_that_where_a_result_comes_from_is_said_back_to_the_files(page):
    words = {
        "dataset-1": "Dataset 1 \u2190 files",
        "split-1": "Split 1 \u2190 Dataset 1 \u2190 files",
        "cleaned-1": "Cleaned 1 \u2190 Split 1 \u2190 Dataset 1 \u2190 files",
    }
    for result_id, said in words.items():
        choose(page, result_id)
        assert page.lineage.text() == said
        assert page.session.info(result_id).content_hash[:12] in page.used.text()


def test_that_looking_at_a_result_selects_it_and_goes_to_its_page(page, qtbot):
    for result_id in IDS:
        choose(page, result_id)
        expected = PAGE_OF_KIND[result_id.partition("-")[0]]
        with qtbot.waitSignal(page.go) as went:
            qtbot.mouseClick(page.primary, Qt.MouseButton.LeftButton)
        assert went.args == [expected]
        assert page.session.looked_at == result_id
        with qtbot.waitSignal(page.go) as went:
            page.table.view.activated.emit(page.table.view.currentIndex())  # Enter, or a double click
        assert went.args == [expected]


def test_that_an_empty_project_says_what_to_do(session, qtbot, tmp_path):
    with qtbot.waitSignal(session.opened):
        session.new(tmp_path / "empty.mabdesk")
    page = show_page(ProjectPage, session, qtbot)
    assert page.lineage.text() == "The project is empty: import data."
    assert not page.primary.isEnabled()
    assert not any(page.buttons[name].isEnabled() for name in ("rename", "archive", "rerun"))


# -- rename and archive --------------------------------------------------------------------------------------------


def test_that_a_result_is_renamed_and_stays_selected(page, qtbot, asked):
    questions = asked("  First look ")
    choose(page, "split-1")
    press(page, qtbot, "rename", page.session.changed)
    assert column(page, NAME) == ["", "First look", ""]
    assert page.table.current() == 1
    assert page.used.text().startswith("First look: made from Dataset 1")
    press(page, qtbot, "rename", page.session.changed)
    assert [question[-1] for question in questions] == ["", "First look"]  # one goes on from the name that there is


@pytest.mark.parametrize("name", ["rename", "archive"])
def test_that_nothing_is_changed_when_the_question_is_cancelled(name, page, qtbot, asked):
    questions = asked("Other", False)
    with qtbot.assertNotEmitted(page.session.changed, wait=50):
        qtbot.mouseClick(page.buttons[name], Qt.MouseButton.LeftButton)
    assert len(questions) == 1
    assert [info.id for info in page.session.infos] == list(IDS)
    assert column(page, NAME) == ["", "", ""]


def test_that_an_archived_result_is_hidden_with_its_reason_and_restored(page, qtbot, asked):
    asked(" a second look ")
    press(page, qtbot, "archive", page.session.changed)
    assert column(page, 0) == ["Dataset 1", "Split 1"]
    trail = []
    page.session.command(lambda project: project.audit_trail("archive"), trail.extend)
    qtbot.waitUntil(lambda: trail != [])
    assert [(entry.subject, entry.reason) for entry in trail] == [("cleaned-1", "a second look")]

    page.archived.setChecked(True)
    assert column(page, STATE) == ["", "", "archived"]
    choose(page, "cleaned-1")
    assert page.buttons["archive"].text() == "Restore"
    press(page, qtbot, "archive", page.session.changed)
    assert column(page, STATE) == ["", "", ""]
    assert page.buttons["archive"].text() == "Archive..."
    page.archived.setChecked(False)
    assert column(page, 0) == ["Dataset 1", "Split 1", "Cleaned 1"]


def test_that_the_question_before_archiving_names_what_stems_from_the_result(page, qtbot, asked):
    questions = asked("", False)
    choose(page, "dataset-1")
    qtbot.mouseClick(page.buttons["archive"], Qt.MouseButton.LeftButton)
    assert "Hide Dataset 1. 2 results stem from it and stay: Split 1, Cleaned 1." in questions[0][1]
    choose(page, "cleaned-1")
    qtbot.mouseClick(page.buttons["archive"], Qt.MouseButton.LeftButton)
    assert "stem" not in questions[1][1]


# -- verify, run again, copy ---------------------------------------------------------------------------------------


def test_that_verifying_says_that_the_project_is_as_it_was_written(page, qtbot):
    (said,) = press(page, qtbot, "verify", page.session.said)
    assert (said.level, said.text) == ("done", "The project is as it was written.")
    assert "audit trail" in said.hint


def test_that_verifying_says_what_is_not_as_it_was_written(page, qtbot, monkeypatch):
    found = Verification(False, (Check("file", True, "It is one."), Check("blobs", False, "Blob 7 was changed.")))
    monkeypatch.setattr(commands, "verify", lambda path: found)
    (said,) = press(page, qtbot, "verify", page.session.said)
    assert said.level == "danger"
    assert "not as it was written" in said.text
    assert "Blob 7 was changed." in said.hint


def test_that_running_a_result_again_says_that_every_number_is_the_same(page, qtbot):
    choose(page, "cleaned-1")
    (said,) = press(page, qtbot, "rerun", page.session.said)
    assert (said.level, said.text) == ("done", "cleaned-1 done again: the same numbers, bit for bit.")
    assert [info.id for info in page.session.infos] == list(IDS)


def test_that_running_a_result_again_says_that_the_numbers_differ(page, qtbot, monkeypatch):
    sentence = "split-1 done again: the numbers differ. Changed since then: numpy 1 -> 2."
    rerun = commands.Rerun("split-1", False, sentence)
    monkeypatch.setattr(commands, "rerun", lambda *_: rerun)
    choose(page, "split-1")
    (said,) = press(page, qtbot, "rerun", page.session.said)
    assert (said.level, said.text) == ("warning", sentence)


def test_that_a_copy_is_asked_of_the_window(page, qtbot):
    assert press(page, qtbot, "report", page.action) == ["save_copy"]


def test_that_a_read_only_project_can_be_looked_at_and_verified_alone(session, qtbot, project_copy):
    with open_project(project_copy, "w"):  # somebody else has it open
        with qtbot.waitSignal(session.opened):
            session.open(project_copy)
        page = show_page(ProjectPage, session, qtbot)
        assert "Read-only." in page.about.text()
        assert page.primary.isEnabled()
        off = {name for name, button in page.buttons.items() if not button.isEnabled()}
        assert off == {"rename", "archive", "rerun"}


# -- start ---------------------------------------------------------------------------------------------------------


def test_that_recent_projects_are_offered_and_one_that_is_gone_is_shown_so(session, qtbot, project_copy, tmp_path):
    gone = tmp_path / "gone.mabdesk"
    preferences.save(preferences.Preferences(recent=(str(gone), str(project_copy))))
    page = show_page(ProjectPage, session, qtbot)
    first, second = (page.start.recent.item(row) for row in range(page.start.recent.count()))
    assert first.text().endswith("not there any more")
    assert first.flags() == Qt.ItemFlag.NoItemFlags
    assert second.text().startswith(f"small.mabdesk    {tmp_path}    changed ")
    assert second.flags() & Qt.ItemFlag.ItemIsEnabled
    with qtbot.waitSignal(session.opened):
        page.start.recent.itemActivated.emit(second)
    assert session.path == project_copy
    assert not page.start.isVisible()
    assert page.table.isVisible()


def test_that_without_recent_projects_no_list_is_shown(session, qtbot):
    preferences.save(preferences.Preferences())
    page = show_page(ProjectPage, session, qtbot)
    assert page.start.isVisible()
    assert not page.start.recent.isVisible()
    assert not page.start.title.isVisible()


def test_that_every_button_of_the_start_asks_the_window_for_its_action(session, qtbot):
    page = show_page(ProjectPage, session, qtbot)
    for button, name in page.start.buttons.items():
        with qtbot.waitSignal(page.action) as came:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert came.args == [name]
        assert button.accessibleDescription() != ""


def test_that_a_hint_names_settings_as_the_forms_do():
    said = of_error(ReadingError("Cell E9 holds text.", "Mend it, or choose --unreadable not_measured."))
    assert "--" not in said.hint
    assert '"Unreadable cells: Not measured" under How files are read' in said.hint
