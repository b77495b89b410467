import csv
import json
import shutil
import subprocess
import sys

import openpyxl
import pytest

from mabdesk.cli.main import main
from mabdesk.project.project import open_project


@pytest.fixture
def copy(study, tmp_path):
    """A study of its own, for tests that add to it."""
    return type(study)(*(shutil.copy(path, tmp_path / path.name) for path in study))


def test_that_an_import_answers_with_batches_variables_and_problems(run, study):
    code, answer, _ = run("show", study.project, "dataset-1")
    assert code == 0
    assert set(answer["answer"]) >= {"batches", "variables", "problems", "result"}
    titer = next(v for v in answer["answer"]["variables"] if v["name"] == "titer")
    assert (titer["unit"], titer["role"]) == ("g/L", "target")
    assert "sheet Offline, cell" in titer["source"]
    assert answer["answer"]["simulated"] is True


def test_that_a_dry_run_tells_all_and_keeps_nothing(run, copy):
    before = copy.project.read_bytes()
    code, answer, _ = run("import", copy.project, copy.campaign, "--dry-run")
    assert (code, len(answer["batches"]), answer["result"]) == (0, 14, "")
    assert copy.project.read_bytes() == before


def test_that_training_answers_with_metrics_epochs_and_seconds(run, study):
    _, shown, _ = run("show", study.project, "model-1")
    answer = shown["answer"]
    assert set(answer) >= {"result", "model", "metrics", "epochs", "seconds"}
    assert answer["epochs"] == 2
    assert answer["metrics"]["rmse"] > 0


def test_that_what_was_noted_in_training_is_said_once(run, study, capsys):
    _, shown, _ = run("show", study.project, "model-1")
    assert main(["show", str(study.project), "model-1"]) == 0
    said = capsys.readouterr().out
    assert shown["answer"]["notes"]
    assert [said.count(note) for note in shown["answer"]["notes"]] == [1] * len(shown["answer"]["notes"])


def test_that_a_comparison_answers_with_every_figure_of_every_model(run, study):
    _, shown, _ = run("show", study.project, "evaluation-1")
    answer = shown["answer"]
    assert (answer["task"], answer["folds"]) == ("forecast", 3)
    assert [model["model"] for model in answer["models"]] == ["last_value", "mean_trajectory", "pls"]
    for model in answer["models"]:
        assert set(model) >= {"rmse", "mae", "r2", "dts", "dts_centered", "final_day_rmse"}
        assert model["rmse"] > 0
    assert answer["verdict"]


def test_that_no_locked_batch_is_cleaned_or_compared(study):
    with open_project(study.project) as project:
        locked = set(project.get("split-1").value.locked)
        assert len(locked) == 2
        assert not locked & set(project.get("cleaned-1").value.dataset.ids)
        assert not locked & set(project.get("evaluation-1").value.samples.batch_ids.tolist())
        assert set(project.get("final-test-1").value.samples.batch_ids.tolist()) == locked


def test_that_simulate_run_answers_with_the_truth(run):
    code, answer, _ = run("simulate", "run", "--set", "temperature=36.5", "--set", "ph=6.95")
    assert code == 0
    assert set(answer) >= {"titer", "trajectory", "quality"}
    assert answer["setpoints"]["temperature"] == 36.5
    assert answer["trajectory"]["titer"][-1] == pytest.approx(answer["titer"])
    assert {"aggregates", "galactosylation"} <= set(answer["quality"])


def test_that_a_new_file_is_predicted_and_written_as_csv(run, copy, tmp_path):
    table = tmp_path / "predicted.csv"
    code, answer, _ = run("predict", copy.project, copy.campaign, "--model", "model-1", "-o", table)
    assert code == 0
    with table.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(answer["predictions"])
    assert {row["target"] for row in rows} == {"titer", "aggregates"}
    drawn = [row for row in rows if row["batch"] == rows[0]["batch"] and row["target"] == "titer"]
    assert [float(row["hour"]) for row in drawn] == sorted(float(row["hour"]) for row in drawn)
    assert list(rows[0])[5:] == ["predicted", "low", "high", "measured"]
    assert answer["level"] == 0.95
    assert not answer["coverage"]
    assert all(row["low"] is None for row in answer["predictions"])
    assert any(note.startswith("No 95 % band") for note in answer["notes"])


def test_that_results_done_again_give_the_same_numbers_bit_for_bit(run, copy):
    for result in ("dataset-1", "split-1", "model-1"):
        code, answer, _ = run("rerun", copy.project, result)
        assert (code, answer["same"]) == (0, True), answer["sentence"]


def test_that_verify_accepts_what_was_written_and_names_a_changed_report(run, copy, tmp_path):
    code, answer, _ = run("verify", copy.project, copy.report)
    assert (code, answer["ok"]) == (0, True)
    changed = tmp_path / copy.report.name
    changed.write_bytes(copy.report.read_bytes()[:-1] + b"x")
    code, answer, _ = run("verify", copy.project, changed)
    assert (code, answer["ok"]) == (2, False)
    assert "differs" in answer["checks"][-1]["sentence"]


def test_that_the_audit_trail_tells_every_step(run, study):
    _, answer, _ = run("audit", study.project)
    subjects = [entry["subject"] for entry in answer["entries"] if entry["action"] == "add"]
    assert subjects == ["dataset-1", "split-1", "cleaned-1", "model-1", "evaluation-1", "final-test-1"]


def test_that_an_older_result_can_be_chosen_for_the_report(run, copy, tmp_path):
    code, answer, _ = run("report", copy.project, "-o", tmp_path / "one.xlsx", "--results", "evaluation-1")
    assert (code, answer["results"]) == (0, ["dataset-1", "split-1", "cleaned-1", "evaluation-1"])
    names = openpyxl.load_workbook(tmp_path / "one.xlsx", read_only=True).sheetnames
    assert "Evaluation-1 scores" in names
    assert "Model-1" not in names


def test_that_the_template_reads_without_a_complaint_but_that_it_is_empty(run, tmp_path):
    assert run("template", "-o", tmp_path / "empty.xlsx")[0] == 0
    run("new", tmp_path / "p.mabdesk")
    code, answer, _ = run("import", tmp_path / "p.mabdesk", tmp_path / "empty.xlsx")
    assert code == 2
    assert "batch" in answer["error"].lower()


def test_that_json_is_alone_on_stdout_and_progress_on_stderr(study, tmp_path):
    command = [
        sys.executable,
        "-m",
        "mabdesk",
        "simulate",
        "campaign",
        "-o",
        tmp_path / "c.xlsx",
        "--batches",
        "3",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["batches"] == 3


def test_that_people_get_tables_and_sentences(capsys, study):
    assert main(["show", str(study.project)]) == 0
    assert "evaluation-1" in capsys.readouterr().out
    assert main(["show", str(study.project), "evaluation-1"]) == 0
    assert "DTS*" in capsys.readouterr().out
    assert main(["show", str(study.project), "cleaned-1", "--changes"]) == 0
    assert "outlier" in capsys.readouterr().out


def test_that_without_a_network_the_verdict_is_on_the_best_of_the_simple_models(study):
    with open_project(study.project) as project:
        evaluation = project.get("evaluation-1").value
    best = min(evaluation.models, key=lambda kind: evaluation.score(kind).rmse)
    assert evaluation.verdict.startswith(evaluation.score(best).label)


def test_that_no_project_input_or_older_file_is_written_over(run, copy, tmp_path):
    before = {path: path.read_bytes() for path in copy}
    for target, words in (
        (copy.project, "Let it end in .xlsx"),
        (copy.report, "exists already and is not overwritten"),
        (tmp_path / "report.csv", "Let it end in .xlsx"),
        (tmp_path / "missing" / "r.xlsx", "folder"),
    ):
        code, answer, _ = run("report", copy.project, "-o", target)
        assert code == 2
        assert words in answer["error"] + answer["hint"]
    disguised = shutil.copy(copy.project, tmp_path / "disguised.xlsx")
    assert run("report", copy.project, "-o", disguised, "--overwrite")[0] == 2
    assert run("predict", copy.project, copy.campaign, "-o", copy.campaign)[0] == 2
    assert run("template", "-o", copy.campaign)[0] == 2
    assert {path: path.read_bytes() for path in copy} == before
    assert run("report", copy.project, "-o", copy.report, "--overwrite")[0] == 0


def test_that_every_look_at_locked_batches_is_told_and_counted(run, copy, tmp_path):
    run("final-test", copy.project)
    _, answer, _ = run("predict", copy.project, copy.campaign)
    assert any("learned from" in note for note in answer["notes"])
    _, trail, _ = run("audit", copy.project)
    reasons = [entry["reason"] for entry in trail["entries"] if entry["reason"]]
    assert [reason.split(":")[0] for reason in reasons] == [
        f"Locked batches of split-1 opened, time {number}" for number in (1, 2, 3)
    ]
    run("report", copy.project, "-o", tmp_path / "opened.xlsx")
    cover = openpyxl.load_workbook(tmp_path / "opened.xlsx")["Cover"]
    rows = [[str(cell.value) for cell in row if cell.value] for row in cover.iter_rows()]
    assert ["Locked batches opened", "3 times"] in rows


def test_that_a_quick_run_is_called_so(run, study):
    _, answer, _ = run("show", study.project, "model-1")
    assert any("Quick run" in note for note in answer["answer"]["evaluation_notes"])


def test_that_a_prediction_shows_what_was_noticed_about_its_file(run, copy, tmp_path):
    table = tmp_path / "new.csv"
    rows = [f"N1,{24 * day},{-4 if day == 5 else 1 + day}" for day in range(8)]
    table.write_text("Batch,Time (h),VCD (1e6 cells/mL)\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, answer, _ = run("predict", copy.project, table)
    assert code == 0
    assert any("outside" in problem["message"] for problem in answer["problems"])
    assert any("lacks" in note for note in answer["notes"])


def test_that_a_mistyped_command_is_an_answer_in_json_too(run):
    for arguments in (["bogus"], ["split", "p.mabdesk", "--seed", "abc"], ["report"]):
        code, answer, said = run(*arguments)
        assert code == 2
        assert answer["error"]
        assert "Hint: " in said
