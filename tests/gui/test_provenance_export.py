"""The Data page writes marked copies: one where the user says, several into a folder, without waiting."""

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtWidgets import QFileDialog
from shown_page import show_page

from mabdesk import commands
from mabdesk.gui.pages.data import DataPage
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

ROWS = ["Batch ID,Time (h),Glucose (mM),Titer (g/L)", *(f"B1,{24 * day},{30 - day},{day / 10}" for day in range(8))]


def shown(session, qtbot, path):
    with qtbot.waitSignal(session.opened):
        session.open(path)
    page = show_page(DataPage, session, qtbot)
    qtbot.waitUntil(lambda: not session.reading and page.table.sheet.rows != ())
    return page


def offered(page):
    """Return the entry in the menu of the table of changes."""
    return next(action for action in page.changed.button.menu().actions() if "Marked copy" in action.text())


@pytest.fixture
def two_files(tmp_path):
    files = [tmp_path / name for name in ("one.csv", "two.csv")]
    for file in files:
        file.write_text("\n".join(ROWS).replace("B1", file.stem) + "\n", encoding="utf-8")
    path = commands.new_project(tmp_path / "two.mabdesk")
    with Worker() as worker, open_project(path, "w") as project:
        commands.run_step(project, worker, "import", {}, files=files)
    return path


def test_that_nothing_is_offered_without_data(session, qtbot):
    assert not offered(show_page(DataPage, session, qtbot)).isEnabled()


def test_that_one_workbook_is_copied_where_the_user_says(session, qtbot, project_copy, tmp_path, monkeypatch):
    target = tmp_path / "copy.xlsx"
    proposed = []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda _p, _t, start, _f: proposed.append(start) or (str(target), "")
    )
    page = shown(session, qtbot, project_copy)
    assert offered(page).isEnabled()
    with qtbot.waitSignal(session.jobs.finished, timeout=60_000):
        offered(page).trigger()
    assert Path(proposed[0]).name == "campaign-marked.xlsx"
    book = openpyxl.load_workbook(target, read_only=True)
    assert book.sheetnames == ["mabdesk", "About", "Batches", "Online", "Offline", "Events"]
    book.close()


def test_that_several_files_go_into_one_folder_and_replace_nothing(session, qtbot, two_files, tmp_path, monkeypatch):
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "one-marked.xlsx").write_bytes(b"mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    page = shown(session, qtbot, two_files)
    said = []
    session.said.connect(said.append)
    with qtbot.waitSignal(session.jobs.finished, timeout=60_000):
        offered(page).trigger()
    assert sorted(path.name for path in folder.iterdir()) == [
        "one-marked (2).xlsx",
        "one-marked.xlsx",
        "two-marked.xlsx",
    ]
    assert (folder / "one-marked.xlsx").read_bytes() == b"mine"
    qtbot.waitUntil(lambda: any(str(folder) in message.text for message in said))


def test_that_canceling_writes_nothing(session, qtbot, project_copy, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    page = shown(session, qtbot, project_copy)
    offered(page).trigger()
    assert not session.jobs.busy
