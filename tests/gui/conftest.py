"""Small projects for the window's tests, made once, and copied for every test that changes them."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mabdesk import commands
from mabdesk.gui.jobs import Jobs
from mabdesk.gui.session import Session
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

BATCHES = 8


@pytest.fixture(autouse=True)
def _collection_on_this_thread() -> Iterator[None]:
    """As in the window (gui/collector.py): Qt's objects are never deleted on another thread."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture(scope="session")
def small_campaign(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("campaign") / "campaign.xlsx"
    with Worker() as worker:
        worker.run(Job("simulate-campaign", options={"output": str(path), "batches": BATCHES}, seed=5))
    return path


@pytest.fixture(scope="session")
def cleaned_project(tmp_path_factory, small_campaign) -> Path:
    """Eight simulated batches: imported, split, cleaned. Not to be changed: see `project_copy`."""
    path = commands.new_project(tmp_path_factory.mktemp("cleaned") / "small.mabdesk")
    with Worker() as worker, open_project(path, "w") as project:
        commands.run_step(project, worker, "import", {}, files=[small_campaign])
        commands.run_step(project, worker, "split", {"locked": 0.2})
        commands.run_step(project, worker, "clean", {})
    return path


@pytest.fixture
def project_copy(cleaned_project, tmp_path) -> Path:
    return Path(shutil.copyfile(cleaned_project, tmp_path / "small.mabdesk"))


@pytest.fixture
def session(qtbot) -> Iterator[Session]:
    """A session without window; nothing is open."""
    made = Session(Jobs())
    yield made
    made.close()
