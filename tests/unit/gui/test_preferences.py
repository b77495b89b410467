"""What the window remembers: damage is forgotten, recent projects are few, and cut-off work is told once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mabdesk.gui import preferences
from mabdesk.gui.preferences import MOST_RECENT, Preferences

PROJECT = Path("study.mabdesk").absolute()
TITLE = "Training CNN-LSTM, soft sensor"


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch) -> Path:
    """Let every test begin without preferences."""
    path = tmp_path / "preferences.json"
    monkeypatch.setattr(preferences, "preferences_file", lambda: path)
    return path


@pytest.fixture
def other_process():
    """Another process that ends when its input is closed."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process
        process.stdin.close()


def note(pid: object, project: Path = PROJECT) -> None:
    """Write that work runs in a process, as note_running does in it."""
    preferences.save(Preferences(unfinished={"project": str(project), "title": TITLE, "pid": pid}))


def test_that_missing_preferences_are_the_defaults(file):
    assert not file.exists()
    assert preferences.load() == Preferences(recent=(), theme="system", unfinished={})


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b'{"theme": "dark"',
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"dark"',
        b'{"recent": "x", "theme": 7, "unfinished": []}',
        b'{"recent": {"a": 1}, "theme": ["dark"], "unfinished": "x"}',
    ],
)
def test_that_damaged_preferences_are_the_defaults(damage, file):
    file.write_bytes(damage)
    assert preferences.load() == Preferences()
    preferences.choose_theme("dark")
    assert preferences.load() == Preferences(theme="dark")


def test_that_what_is_not_damaged_is_kept(file):
    file.write_text(json.dumps({"recent": ["a", 3, None, "b"], "theme": "dark", "more": 1}), encoding="utf-8")
    assert preferences.load() == Preferences(recent=("a", "b"), theme="dark")


def test_that_a_recent_project_is_listed_once_the_newest_first(tmp_path):
    first, second = tmp_path / "first.mabdesk", tmp_path / "second.mabdesk"
    for path in (first, second, first):
        preferences.remember(path)
    assert preferences.load().recent == (str(first), str(second))


def test_that_eight_recent_projects_are_remembered_at_most(tmp_path):
    paths = [tmp_path / f"{number}.mabdesk" for number in range(MOST_RECENT + 3)]
    for path in paths:
        preferences.remember(path)
    assert MOST_RECENT == 8
    assert preferences.load().recent == tuple(map(str, reversed(paths[3:])))


def test_that_a_project_is_remembered_by_its_whole_path_whatever_it_is_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    preferences.remember(Path("Läufe 日本.mabdesk"))
    assert preferences.load().recent == (str(tmp_path / "Läufe 日本.mabdesk"),)


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_that_the_theme_is_kept_when_other_things_change(theme):
    preferences.choose_theme(theme)
    preferences.remember(PROJECT)
    preferences.note_running(PROJECT, TITLE)
    preferences.note_idle()
    assert preferences.load() == Preferences(recent=(str(PROJECT),), theme=theme)


def test_that_preferences_that_cannot_be_written_are_forgotten_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(preferences, "preferences_file", lambda: tmp_path / "nowhere" / "preferences.json")
    preferences.remember(PROJECT)
    assert preferences.load() == Preferences()
    assert list(tmp_path.iterdir()) == []


def test_that_work_that_was_cut_off_is_told_once(other_process):
    other_process.stdin.close()
    other_process.wait()
    note(other_process.pid)
    assert preferences.cut_off(PROJECT) == TITLE
    assert preferences.cut_off(PROJECT) == ""
    assert preferences.load().unfinished == {}


def test_that_work_is_not_cut_off_while_its_process_lives(other_process):
    note(other_process.pid)
    assert preferences.cut_off(PROJECT) == ""
    other_process.stdin.close()
    other_process.wait()
    assert preferences.cut_off(PROJECT) == TITLE  # it was not forgotten meanwhile


def test_that_work_of_this_window_is_not_cut_off():
    preferences.note_running(PROJECT, TITLE)
    assert preferences.cut_off(PROJECT) == ""
    assert preferences.load().unfinished["pid"] == os.getpid()
    preferences.note_idle()
    assert preferences.load().unfinished == {}


def test_that_cut_off_work_of_another_project_waits_for_its_own(tmp_path):
    note(None, tmp_path / "other.mabdesk")
    assert preferences.cut_off(PROJECT) == ""
    assert preferences.cut_off(tmp_path / "other.mabdesk") == TITLE


def test_that_a_window_at_rest_does_not_forget_the_work_of_another_one(other_process):
    note(other_process.pid)
    preferences.note_idle()
    assert preferences.load().unfinished["pid"] == other_process.pid


@pytest.mark.parametrize("pid", [None, "17", 1.5])
def test_that_work_of_an_unknown_process_is_taken_as_cut_off(pid):
    note(pid)
    assert preferences.cut_off(PROJECT) == TITLE
