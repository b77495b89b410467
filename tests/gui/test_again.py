"""Importing the same file again in the window: told, compared, and what the user chose done."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from mabdesk import commands
from mabdesk.gui.again import ImportAgain
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

HEAD = "Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n"
FIRST = HEAD + "B1,0,1,0\nB1,24,2,0.5\n"
CHANGED = HEAD + "B1,0,1,0\nB1,24,2,0.7\nB2,0,1,0\nB2,24,2,0.6\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(FIRST, encoding="utf-8")
    return path


@pytest.fixture
def importing(session, qtbot, tmp_path, file):
    """A window whose project holds the file."""
    path = commands.new_project(tmp_path / "p.mabdesk")
    with Worker() as worker, open_project(path, "w") as project:
        commands.run_step(project, worker, "import", {}, files=[file])
    with qtbot.waitSignal(session.opened):
        session.open(path)
    window = QWidget()
    qtbot.addWidget(window)
    made = ImportAgain(session, window)
    made.said = []
    session.said.connect(made.said.append)
    return made


def ids(session):
    return [info.id for info in session.infos]


def ask(importing, qtbot, file):
    """Import a changed file, and return the question that comes."""
    file.write_text(CHANGED, encoding="utf-8")
    importing.start([file], {})
    qtbot.waitUntil(lambda: importing.box is not None and importing.box.isVisible(), timeout=20_000)
    return importing.box


def button(box, name):
    (found,) = (one for one in box.findChild(QDialogButtonBox).buttons() if one.accessibleName() == name)
    return found


def test_that_new_files_are_imported_at_once(importing, qtbot, tmp_path):
    other = tmp_path / "b.csv"
    other.write_text(CHANGED, encoding="utf-8")
    with qtbot.waitSignal(importing.session.added, timeout=20_000):
        importing.start([other], {})
    assert ids(importing.session) == ["dataset-1", "dataset-2"]
    assert importing.box is None


def test_that_an_identical_file_is_told_and_imported_only_where_that_is_asked_for(importing, qtbot, file):
    importing.start([file], {})
    qtbot.waitUntil(lambda: bool(importing.said))
    (message,) = importing.said
    assert (message.level, message.text) == ("note", "Already imported as dataset-1.")
    assert ids(importing.session) == ["dataset-1"]
    (action,) = message.actions
    assert action.text == "Import anyway"
    with qtbot.waitSignal(importing.session.added, timeout=20_000):
        action.do()
    assert ids(importing.session) == ["dataset-1", "dataset-2"]


def test_that_all_options_of_a_form_are_as_good_as_none(importing, qtbot, file):
    importing.start([file], {"duplicates": "refuse", "time_unit": "auto", "overlapping": "refuse"})
    qtbot.waitUntil(lambda: bool(importing.said))
    assert importing.said[0].text == "Already imported as dataset-1."


def test_that_a_changed_file_is_shown_with_sentences_and_cells(importing, qtbot, file):
    box = ask(importing, qtbot, file)
    assert "a.csv is not what dataset-1 was made from." in box.said.text()
    assert "1 cell differs, in batch B1." in box.said.text()
    assert "1 batch is new: B2." in box.said.text()
    assert box.table.sheet.rows == (("B1", "titer", 24.0, 0.5, 0.7, "a.csv, cell D3"),)
    assert [one.accessibleName() for one in box.findChild(QDialogButtonBox).buttons()]
    assert button(box, "Leave").isDefault()
    assert all(button(box, name).focusPolicy() & Qt.FocusPolicy.TabFocus for name in ("Add", "Replace", "Leave"))
    assert ids(importing.session) == ["dataset-1"]
    box.close()
    again = ask(importing, qtbot, file)  # asked anew, whatever became of the first question
    assert again is not box
    again.close()


@pytest.mark.parametrize(("name", "titer"), [("Add", 0.5), ("Replace", 0.7)])
def test_that_what_was_chosen_becomes_a_new_result(importing, qtbot, file, name, titer):
    box = ask(importing, qtbot, file)
    with qtbot.waitSignal(importing.session.added, timeout=20_000):
        qtbot.mouseClick(button(box, name), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: importing.session.value("dataset-2") is not None)
    batches = importing.session.value("dataset-2").dataset.batches
    assert [batch.id for batch in batches] == ["B1", "B2"]
    assert batches[0].offline.measured("titer")[1].tolist() == [0, titer]


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_that_leaving_keeps_nothing(importing, qtbot, file, key):
    box = ask(importing, qtbot, file)
    qtbot.waitUntil(lambda: not importing.session.jobs.busy)
    qtbot.keyClick(box, key)
    assert importing.box is None
    assert not importing.session.jobs.busy
    assert ids(importing.session) == ["dataset-1"]


def test_that_a_changed_file_that_cannot_be_read_is_told(importing, qtbot, file):
    file.write_text(HEAD + "B1,0,1,0\nB1,24,2,lost\n", encoding="utf-8")
    importing.start([file], {})
    qtbot.waitUntil(lambda: bool(importing.said), timeout=20_000)
    assert importing.said[0].level == "danger"
    assert "a.csv, cell D3" in str(importing.said[0])
    assert importing.box is None


def test_that_a_missing_file_is_told(importing, qtbot, tmp_path):
    importing.start([tmp_path / "none.csv"], {})
    qtbot.waitUntil(lambda: bool(importing.said))
    assert "There is no file" in importing.said[0].text
