"""The process model by commands, on one small project: without prior, three members, quick."""

import csv
import shutil
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from mabdesk import commands
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

BATCHES = 12


class Planned(NamedTuple):
    project: Path
    model: str


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Planned:
    """A project with a process model and no titer model."""
    folder = tmp_path_factory.mktemp("process")
    campaign, path = folder / "campaign.xlsx", folder / "p.mabdesk"
    commands.new_project(path)
    options = {"prior": "off", "members": 3, "quick": True}
    with Worker() as worker, open_project(path, "w") as project:
        worker.run(Job("simulate-campaign", options={"output": str(campaign), "batches": BATCHES}, seed=2))
        commands.run_step(project, worker, "import", {}, files=[campaign])
        commands.prepare(project, worker, "train-process")
        made = commands.run_step(project, worker, "train-process", options, seed=1)
    return Planned(path, made.id)


@pytest.fixture
def copy(planned, tmp_path):
    return Planned(shutil.copy(planned.project, tmp_path / "p.mabdesk"), planned.model)


@pytest.fixture
def running(tmp_path):
    """A batch on day 5."""
    path = tmp_path / "running.csv"
    rows = [(24 * day, 0.5 * 1.8**day, 98, 5, 0.2 + 0.1 * day**2) for day in range(6)]
    lines = [",".join(map(str, ("RUN-1", *row))) for row in rows]
    header = "Batch,Time (h),VCD (1e6 cells/mL),Viability (%),Glucose (g/L),Titer (g/L)"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return path


def test_that_training_answers_with_rivals_on_the_same_folds(run, planned):
    code, shown, _ = run("show", planned.project, planned.model)
    answer = shown["answer"]
    assert (code, answer["model"], answer["prior"]) == (0, "process", "")
    folds = {row["model"]: row for row in answer["scores"] if (row["output"], row["on"]) == ("titer", "folds")}
    assert {"process", "network", "gaussian_process", "gaussian_process_quadratic", "quadratic", "mean"} <= set(folds)
    assert len({row["n"] for row in folds.values()}) == 1
    assert answer["metrics"] == folds["process"]
    assert answer["verdict"]
    assert answer["simulated"] is True


def test_that_plans_are_told_reported_verified_and_the_same_again(run, copy, tmp_path):
    report = tmp_path / "report.xlsx"
    code, answer, _ = run("predict", copy.project, "--set", "temperature=36.8", "--scenario", "cold: temperature=31")
    assert code == 0
    plan, cold = answer["scenarios"]
    assert plan["setpoints"]["temperature"] == 36.8
    assert plan["titer"] > 0
    assert (cold["name"], cold["inside_experience"]) == ("cold", False)
    assert len(cold["nearest"]) == 3
    assert run("rerun", copy.project, answer["result"])[1]["same"] is True
    assert run("report", copy.project, "-o", report)[0] == 0
    assert run("verify", copy.project, report)[1]["ok"] is True
    sheets = openpyxl.load_workbook(report).sheetnames
    assert {"Process-model-1", "Scenarios-1"} <= set(sheets)


def test_that_a_running_batch_is_forecast_and_written(run, copy, running, tmp_path):
    table = tmp_path / "forecast.csv"
    code, answer, _ = run("predict", copy.project, running, "-o", table)
    assert code == 0
    (end,) = answer["forecasts"]
    assert (end["batch"], end["known_day"]) == ("RUN-1", 5)
    assert end["harvest_day"] > 5
    assert end["titer"] > 2.7  # titer never falls, and day 5 has this much
    with table.open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["variable"] == "titer"]
    assert [float(row["measured"]) for row in rows if row["measured"]] == pytest.approx(
        [0.2 + 0.1 * day**2 for day in range(6)]
    )


def test_that_faults_are_said_together_and_change_nothing(run, copy):
    before = copy.project.read_bytes()
    code, answer, err = run("predict", copy.project, "--set", "temperature=370", "--set", "sparging=3")
    assert code == 2
    told = " ".join(problem["message"] for problem in answer["problems"])
    for said in ("make sense", "no setpoint of this model"):
        assert said in told
        assert said in err
    assert copy.project.read_bytes() == before


def test_that_a_prior_of_nothing_is_refused_and_nothing_is_written(run, tmp_path):
    path = tmp_path / "prior.npz"
    code, answer, _ = run("pretrain", "-o", path, "--families", "logistic", "--leave-out", "logistic")
    assert (code, "logistic" in answer["hint"]) == (2, True)
    assert not path.exists()
