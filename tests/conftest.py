"""Rules for every test: the user's folders stay untouched, and nothing is left running."""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mabdesk import commands
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

USER_FOLDERS = {
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "KERAS_HOME": "keras",
    "MPLCONFIGDIR": "matplotlib",
}
PATIENCE_S = 5.0
STUDY_BATCHES = 14


@pytest.fixture(scope="session", autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the whole run, child processes included, a home for settings, logs and caches of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable, folder in USER_FOLDERS.items():
            patch.setenv(variable, str(home / folder))
        yield home


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread, a child process or a window behind. Fixtures of wider scope may keep theirs."""
    before = running()
    yield
    deadline = time.monotonic() + PATIENCE_S
    while (left := running() - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left, f"left behind: {sorted(left)}"


def running() -> set[str]:
    """Name the threads, child processes and windows of this process."""
    # Pools of the numerical libraries live as long as the process, and are daemons.
    threads = {f"thread {thread.name}" for thread in threading.enumerate() if not thread.daemon}
    children = {f"process {child.name}" for child in multiprocessing.active_children()}
    return threads | children | windows()


def windows() -> set[str]:
    """Name the windows on display; Qt is not imported for it."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None:
        return set()
    shown = [widget for widget in widgets.QApplication.topLevelWidgets() if widget.isVisible()]
    return {f"window {widget.windowTitle()!r} {id(widget)}" for widget in shown}


class Study(NamedTuple):
    campaign: Path
    project: Path
    report: Path


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> Study:
    """One finished study that many tests read: simulated, imported, cleaned, trained, compared, tested, reported."""
    folder = tmp_path_factory.mktemp("study")
    made = Study(folder / "campaign.xlsx", folder / "study.mabdesk", folder / "report.xlsx")
    commands.new_project(made.project)
    with Worker() as worker, open_project(made.project, "w") as project:
        options = {"output": str(made.campaign), "batches": STUDY_BATCHES}
        worker.run(Job("simulate-campaign", options=options, seed=3))
        commands.run_step(project, worker, "import", {}, files=[made.campaign])
        commands.run_step(project, worker, "split", {"locked": 0.15})
        commands.run_step(project, worker, "clean", {})
        commands.run_step(project, worker, "train", {"quick": True, "epochs": 2, "preset": "soft_sensor"})
        simple = {"models": ("last_value", "mean_trajectory", "pls"), "folds": 3, "preset": "forecast"}
        commands.run_step(project, worker, "compare", simple)
        commands.run_step(project, worker, "final-test", {})
        commands.write_report(project, worker, made.report)
    return made
