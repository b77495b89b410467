"""The open project: opened, read, changed and closed without the window waiting, and nothing lost on the way."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mabdesk.errors import ProjectError
from mabdesk.gui import preferences
from mabdesk.gui.selection import select, update
from mabdesk.project.project import open_project


def _die_after(code: str) -> None:
    """Run this in another process and let it be killed."""
    ended = subprocess.run([sys.executable, "-c", f"{code}; import os; os.kill(os.getpid(), 9)"], check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.fixture
def heard(session):
    messages = []
    session.said.connect(messages.append)
    return messages


@pytest.fixture
def opened(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


def test_that_an_opened_project_shows_its_newest_results_and_is_remembered(opened, project_copy):
    assert opened.selection == {"dataset": "dataset-1", "split": "split-1", "cleaned": "cleaned-1"}
    assert opened.writable
    assert preferences.load().recent[0] == str(project_copy)


def test_that_a_value_is_read_on_another_thread_and_then_held(opened, qtbot):
    assert opened.value("dataset") is None
    with qtbot.waitSignal(opened.loaded) as came:
        pass
    assert came.args[0] == "dataset-1"
    assert len(opened.value("dataset").dataset.batches) == 8


def test_that_a_step_starts_from_what_is_selected(opened, qtbot):
    with qtbot.waitSignal(opened.added, timeout=60_000):
        opened.run_step("split", {}, seed=7)
    assert opened.selection["split"] == "split-2"
    assert "cleaned" not in opened.selection
    opened.select("split-1")
    assert opened.selection["cleaned"] == "cleaned-1"
    with qtbot.waitSignal(opened.added, timeout=60_000):
        opened.run_step("clean", {"outliers": "none"})
    assert opened.selected("cleaned").parents == ("dataset-1", "split-1")


def test_that_rename_and_archive_are_kept_and_undone(opened, qtbot, project_copy):
    with qtbot.waitSignal(opened.changed):
        opened.command(lambda project: project.rename("cleaned-1", "First look"))
    assert opened.selected("cleaned").label == "First look"
    with qtbot.waitSignal(opened.changed):
        opened.command(lambda project: project.archive("cleaned-1", "a test"))
    assert "cleaned" not in opened.selection
    with qtbot.waitSignal(opened.changed):
        opened.command(lambda project: project.restore("cleaned-1"))
    assert opened.selection["cleaned"] == "cleaned-1"


def test_that_what_belongs_together_is_selected_together(opened):
    infos = opened.infos
    assert select(infos, "dataset-1") == select(infos, "cleaned-1")
    assert select((), "") == {}
    assert update(infos, {"split": "split-1"}, "") == select(infos, "split-1")
    assert update(infos[:1], {"cleaned": "cleaned-1"}) == {"dataset": "dataset-1"}


def test_that_a_file_that_is_no_project_is_told_and_the_open_one_stays(opened, qtbot, heard, tmp_path):
    wrong = tmp_path / "wrong.mabdesk"
    wrong.write_text("not a project", encoding="utf-8")
    with qtbot.waitSignal(opened.said):
        opened.open(wrong)
    assert "not a mabdesk project" in heard[-1].text
    assert opened.path is not None


@pytest.mark.parametrize("what", ["file", "folder"])
def test_fault_11_that_a_read_only_project_is_looked_at_and_nothing_is_left_beside_it(
    what, session, qtbot, heard, project_copy, monkeypatch
):
    folder = project_copy.parent
    _forbid_writing(monkeypatch, project_copy if what == "file" else folder)
    before = sorted(path.name for path in folder.iterdir())
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    assert not session.writable
    assert heard[-1].text.startswith("Read-only")
    assert [action.text for action in heard[-1].actions] == ["Save a copy..."]
    session.value("dataset")
    with qtbot.waitSignal(session.loaded):
        pass
    assert sorted(path.name for path in folder.iterdir()) == before


def _forbid_writing(monkeypatch, place: Path) -> None:
    """Tests may run as root, whom rights do not stop: refuse as the system would."""
    real_open, real_path_open = os.open, Path.open

    def refused(path: object) -> bool:
        return Path(str(path)) == place or (place.is_dir() and place in Path(str(path)).parents)

    def guarded(path, flags, *rest, **named):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and refused(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, flags, *rest, **named)

    def guarded_path(path, mode="r", *rest, **named):
        if set(mode) & set("wax+") and refused(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real_path_open(path, mode, *rest, **named)

    monkeypatch.setattr(os, "open", guarded)
    monkeypatch.setattr(Path, "open", guarded_path)


def test_fault_12_that_a_second_window_reads_and_says_who_writes(session, qtbot, heard, project_copy):
    with open_project(project_copy, "w"), qtbot.waitSignal(session.opened):
        session.open(project_copy)
    assert not session.writable
    assert "is open by" in heard[-1].text


def test_fault_12_that_the_lock_of_a_dead_process_is_cleared(session, qtbot, heard, project_copy):
    _die_after(f"from mabdesk.project.project import open_project; held = open_project({str(project_copy)!r}, 'w')")
    assert project_copy.with_name(project_copy.name + ".lock").exists()
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    assert session.writable
    assert "cleared" in heard[-1].text


def test_fault_9_that_a_result_that_a_full_disk_refuses_is_held_and_kept_elsewhere(
    opened, qtbot, heard, project_copy, tmp_path
):
    real, full = opened.project.add, [True]

    def add(*given, **named):
        if full[0]:
            raise ProjectError("Not saved to small.mabdesk: the disk is full.", "Make room.")
        return real(*given, **named)

    opened.project.add = add
    with qtbot.waitSignal(opened.said, timeout=60_000):
        opened.run_step("clean", {"outliers": "none"})
    assert "still in memory" in heard[-1].hint
    again, elsewhere = heard[-1].actions
    with qtbot.waitSignal(opened.said, timeout=60_000):
        again.do()
    with qtbot.waitSignal(opened.elsewhere_wanted):
        elsewhere.do()
    with qtbot.waitSignal(opened.opened):
        opened.keep_elsewhere(tmp_path / "elsewhere.mabdesk")
    assert opened.path == tmp_path / "elsewhere.mabdesk"
    assert [info.id for info in opened.infos][-1] == "cleaned-2"
    with open_project(project_copy) as before:
        assert [info.id for info in before.results()][-1] == "cleaned-1"


def test_fault_9_that_a_result_is_kept_once_there_is_room_again(opened, qtbot, heard):
    real = opened.project.add
    opened.project.add = _refuse
    with qtbot.waitSignal(opened.said, timeout=60_000):
        opened.run_step("clean", {"outliers": "none"})
    opened.project.add = real
    with qtbot.waitSignal(opened.added, timeout=60_000):
        heard[-1].actions[0].do()
    assert opened.selection["cleaned"] == "cleaned-2"


def _refuse(*given, **named):
    raise ProjectError("Not saved: the disk is full.", "Make room.")


def test_fault_2_that_a_training_that_is_killed_is_told_and_can_run_again(opened, qtbot, heard):
    with qtbot.waitSignal(opened.jobs.progressed, timeout=60_000):
        opened.run_step("train", {"model": "cnn_lstm", "quick": True, "epochs": 500})
    with qtbot.waitSignal(opened.jobs.failed, timeout=30_000):
        os.kill(opened.jobs.worker_pid, signal.SIGKILL)
    assert "SIGKILL" in heard[-1].text
    assert [action.text for action in heard[-1].actions] == ["Run again"]
    assert [info.id for info in opened.infos] == ["dataset-1", "split-1", "cleaned-1"]
    with qtbot.waitSignal(opened.jobs.started, timeout=30_000):
        heard[-1].actions[0].do()
    opened.jobs.stop()
    qtbot.waitUntil(lambda: not opened.jobs.busy, timeout=10_000)


def test_fault_2_that_the_next_start_tells_what_was_cut_off_when_the_window_was_killed(
    session, qtbot, heard, project_copy
):
    _die_after(
        "from pathlib import Path; from mabdesk.gui.preferences import note_running; "
        f"note_running(Path({str(project_copy)!r}), 'Training CNN-LSTM, soft sensor')"
    )
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    assert "Training CNN-LSTM, soft sensor" in heard[-1].text
    assert preferences.cut_off(project_copy) == ""


def test_fault_51_that_a_worker_that_sleeps_a_while_goes_on(opened, qtbot):
    with qtbot.waitSignal(opened.jobs.started, timeout=60_000):
        opened.run_step("clean", {"outliers": "none"})
    os.kill(opened.jobs.worker_pid, signal.SIGSTOP)
    time.sleep(1.0)
    with qtbot.waitSignal(opened.added, timeout=60_000):
        os.kill(opened.jobs.worker_pid, signal.SIGCONT)
    assert opened.selection["cleaned"] == "cleaned-2"


def test_that_closing_leaves_no_thread_and_frees_the_file(qtbot, session, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    session.close_project()
    with open_project(project_copy, "w") as project:
        assert not project.read_only
    assert not [t for t in threading.enumerate() if t.name == "mabdesk-jobs" and not session.jobs]


def test_that_damaged_preferences_are_forgotten_and_nothing_else(user_folders):
    preferences.choose_theme("dark")
    assert preferences.load().theme == "dark"
    preferences.preferences_file().write_text('{"theme": 7, "recent": "x"', encoding="utf-8")
    assert preferences.load() == preferences.Preferences()
    shutil.rmtree(preferences.preferences_file().parent)
