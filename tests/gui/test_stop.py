"""Stop, in every kind of work: idle within two seconds, the project as it was. A benchmark does it a hundred times."""

import functools
import random
import time

import pytest

from mabdesk import commands
from mabdesk.gui import errands
from mabdesk.gui.pages.report import _write
from mabdesk.project.project import open_project

LIMIT_S = 2.0


def start(session, kind: str, folder, campaign) -> None:
    """Begin work of a kind."""
    if kind == "report":
        work = functools.partial(_write, session.project, folder / "report.xlsx", ())
        session.run("report", "Report", work)
    elif kind == "demo":
        session.run("demo", "Demo", functools.partial(errands.demo, folder / "demo", 8, 1))
    elif kind == "import":
        session.run_step("import", {}, files=[campaign])
    elif kind == "predict":
        session.run_step("read-new", {}, files=[campaign])
    else:
        session.run_step(kind, {"quick": True} if kind in {"train", "compare"} else {"outliers": "none"})


@pytest.mark.parametrize("kind", ["import", "clean", "train", "compare", "report", "demo"])
def test_fault_49_that_stop_answers_in_every_kind_of_work_and_changes_nothing(
    kind, session, qtbot, project_copy, small_campaign, tmp_path
):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    before = [info.content_hash for info in session.all_infos]
    drawn = random.Random(kind)
    with qtbot.waitSignal(session.jobs.started, timeout=30_000):
        start(session, kind, tmp_path, small_campaign)
    qtbot.wait(round(1000 * drawn.uniform(0.1, 1.5)))
    asked = time.monotonic()
    stopped = session.jobs.running is not None
    session.jobs.stop()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=5_000)
    assert time.monotonic() - asked < LIMIT_S
    qtbot.wait(50)
    if stopped:
        assert [info.content_hash for info in session.all_infos] == before
        assert not (tmp_path / "report.xlsx").exists()
    session.close_project()
    assert commands.verify(project_copy).ok
    with open_project(project_copy, "w") as project:
        assert not project.notes
