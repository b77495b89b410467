"""One finished study that many tests read: simulated, imported, cleaned, trained, compared, tested, reported."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mabdesk import commands
from mabdesk.cli.main import main
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

BATCHES = 14


class Study(NamedTuple):
    campaign: Path
    project: Path
    report: Path


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> Study:
    folder = tmp_path_factory.mktemp("study")
    made = Study(folder / "campaign.xlsx", folder / "study.mabdesk", folder / "report.xlsx")
    commands.new_project(made.project)
    with Worker() as worker, open_project(made.project, "w") as project:
        options = {"output": str(made.campaign), "batches": BATCHES}
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


@pytest.fixture
def run(capsys) -> Callable[..., tuple[int, Any, str]]:
    """Run a command in this process; return exit code, what --json printed, and what stood on stderr."""

    def run(*arguments: object) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = main([*map(str, arguments), "--json"])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else None, printed.err

    return run
