"""What the process model and what is asked of it print, answer and write, and which commands mean it."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from reports import made_process
from reports import made_results as made

from mabdesk.analysis.process.planned import FROM_SIMULATED, NOT_PROVEN
from mabdesk.cli import answers, planned_rows, planning, verbs, words
from mabdesk.cli.arguments import build
from mabdesk.cli.tables import to_json
from mabdesk.commands.openings import opening
from mabdesk.commands.planning import forecast_file, trained_kind
from mabdesk.data.batch import Split
from mabdesk.errors import MabdeskError, OptionsError, ProjectError
from mabdesk.project.project import create, open_project
from mabdesk.project.results import Draft

KEYS = {
    "process-model": {
        "result", "model", "prior", "metrics", "batches", "test_batches", "setpoints", "outputs", "scores", "gains",
        "courses", "days", "bands", "verdict", "evaluation_notes", "notes", "seconds", "simulated",
    },
    "scenarios": {"level", "outputs", "scenarios", "notes", "simulated", "result"},
    "forecast": {"level", "outputs", "forecasts", "trajectory", "notes", "simulated", "result"},
    "process-attribution": {
        "model", "output", "unit", "batches", "importance", "completeness_error", "trust", "reliable", "verdict",
        "association", "notes", "simulated", "result",
    },
}  # fmt: skip
FOUND = {
    "process-model": made_process.training,
    "scenarios": made_process.scenarios,
    "forecast": made_process.forecast,
    "process-attribution": made_process.attribution,
}


def kept(kind, value=None, **options):
    return made.result(kind, kind, FOUND[kind]() if value is None else value, ("process-model-1",), **options)


def told(kind, value=None):
    return json.loads(to_json(answers.of(kept(kind, value))))


def typed(*arguments):
    return build().parse_args(list(map(str, arguments)))


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "p.mabdesk"
    create(path).close()
    return path


def add(path, *kinds):
    with open_project(path, "w") as project:
        for kind in kinds:
            value = FOUND[kind]() if kind in FOUND else made.evaluation()  # what it is, nobody looks at
            project.add(Draft(kind, kind, value))


def refused(*arguments):
    given = typed(*arguments)
    with pytest.raises(MabdeskError) as raised:
        given.verb(given)
    return str(raised.value)


@pytest.mark.parametrize("kind", KEYS)
def test_that_an_answer_has_the_keys_of_the_contract(kind):
    assert set(told(kind)) == KEYS[kind]


def test_that_metrics_are_the_titers_at_harvest_on_the_folds():
    answer = told("process-model")
    assert (answer["model"], answer["prior"], answer["simulated"]) == ("process", made_process.PRIOR, True)
    assert (answer["metrics"]["output"], answer["metrics"]["on"]) == ("titer", "folds")
    assert answer["metrics"]["rmse"] == pytest.approx(0.1)
    assert answer["gains"][2]["low"] is None  # NaN is no JSON
    assert FROM_SIMULATED in answer["notes"]
    assert not set(answer["notes"]) & set(answer["evaluation_notes"])


def test_that_scenarios_answer_with_ends_experience_and_courses():
    plan, cooler = told("scenarios")["scenarios"]
    assert plan["setpoints"] == {"temperature": 36.5, "ph": 7.0, "dissolved_oxygen": 40.0, "harvest_day": 13.0}
    assert (plan["titer"], plan["low"], plan["high"]) == (3.0, 2.5, 3.5)
    assert plan["quality"] == {"aggregates": {"value": 2.0, "low": 1.5, "high": 2.5}}
    assert (cooler["inside_experience"], cooler["outside"]) == (False, ["temperature"])
    assert cooler["nearest"][0] == {"batch": "B4", "distance": 4.0, "titer": 1.5}
    titers = [row for row in plan["trajectory"] if row["variable"] == "titer"]
    assert [row["culture_day"] for row in titers] == list(range(14))  # none after harvest
    assert titers[13]["predicted"] == pytest.approx(3.0)


def test_that_a_forecast_answers_with_the_plan_beside_it_and_its_samples():
    answer = told("forecast")
    (end,) = answer["forecasts"]
    assert (end["batch"], end["known_day"], end["harvest_day"]) == ("RUN-0", 6, 13)
    assert (end["titer"], end["planned_titer"]) == (pytest.approx(3.3), 3)
    assert end["experience"]["inside_experience"] is True
    measured = [row for row in answer["trajectory"] if row["measured"] is not None]
    assert {row["variable"] for row in measured} == {"vcd", "titer"}  # aggregates have no sample
    assert len(measured) == 14


def test_that_an_attribution_answers_with_its_ranking_and_no_nan():
    answer = told("process-attribution", made_process.attribution(reliable=False))
    first = answer["importance"][0]
    assert (first["variable"], first["kind"], first["relative"]) == ("temperature", "setpoint", 0.6)
    assert [row["above_floor"] for row in answer["importance"]] == [True, True, None, False, True]
    assert [row["passed"] for row in answer["trust"]] == [True, False, None]
    assert (answer["reliable"], answer["association"]) == (False, NOT_PROVEN)


def test_that_people_read_rivals_gains_days_bands_and_where_the_prior_comes_from():
    said = words.of(kept("process-model"))
    assert said.startswith("SIMULATED DATA.")
    for text in (
        made_process.PRIOR, made_process.VERDICT, FROM_SIMULATED, "Gaussian process", "+0.100 g/L (+0.020 to +0.150)",
        "Forecast on day", "The 95 % band of titer at harvest holds 100.0 % of 3 test batches.",
    ):  # fmt: skip
        assert text in said
    assert "Prior: off." in words.of(kept("process-model", made_process.training(prior="")))


def test_that_people_read_what_lies_outside_experience_and_which_batches_are_near():
    said = words.of(kept("scenarios"))
    assert "temperature 36.5 °C, ph 7, dissolved_oxygen 40 %" in said
    assert "Outside experience: temperature 33 °C" in said
    assert "Nearest: B4 (titer 1.50, distance 4.0)" in said
    (row,) = (line for line in said.splitlines() if line.startswith("=cooler  "))
    assert row.endswith("NO")


def test_that_people_read_where_a_running_batch_is_and_goes():
    said = words.of(kept("forecast"))
    (row,) = (line for line in said.splitlines() if line.startswith("RUN-0  "))
    assert row.split()[1:4] == ["6.00", "13.0", "3.30"]
    assert "Feeds of RUN-0 are as planned." in said


def test_that_a_plan_without_a_band_shows_none():
    found = made_process.scenarios()
    nothing = np.full_like(found.said.final, np.nan)
    bare = replace(found, said=replace(found.said, final_low=nothing, final_high=nothing))
    assert "nan" not in words.of(kept("scenarios", bare))
    assert told("scenarios", bare)["scenarios"][0]["low"] is None


def test_that_an_unreliable_attribution_says_so_before_its_ranking():
    said = words.of(kept("process-attribution", made_process.attribution(reliable=False)))
    assert said.index("NOT RELIABLE") < said.index("temperature")
    assert NOT_PROVEN in said
    assert "NOT RELIABLE" not in words.of(kept("process-attribution"))


def test_that_every_contribution_is_a_row_by_setpoint_and_by_sensor_and_day():
    found = made_process.attribution()
    rows = list(planned_rows.attribution_rows(found))
    setpoints = [row for row in rows if row["kind"] == "setpoint"]
    assert (len(setpoints), len(rows) - len(setpoints)) == (9 * 4, 9 * 2 * 14)
    assert setpoints[0]["contribution"] == pytest.approx(found.by_lever[0, 0])
    assert rows[0].keys() == rows[-1].keys()  # one header for all


def test_that_results_are_shown_from_the_project_as_they_were_kept(project, capsys):
    add(project, "process-model", "scenarios", "forecast", "process-attribution")
    for kind, keys in KEYS.items():
        given = typed("show", project, f"{kind}-1")
        assert set(json.loads(to_json(given.verb(given)))["answer"]) == keys
    assert made_process.VERDICT in capsys.readouterr().out
    typed("show", project).verb(typed("show", project))
    assert "scenarios-1" in capsys.readouterr().out


def test_that_train_takes_the_options_of_its_model_and_refuses_those_of_the_other(project):
    assert "--prior" in refused("train", project, "--prior", "off")
    assert "--model process" in refused("train", project, "--model", "ridge", "--feed-glucose", "50")
    said = refused("train", project, "--model", "process", "--epochs", "3", "--preset", "forecast")
    assert "--epochs, --preset" in said
    assert "leave them out" in said


def test_that_an_unknown_model_is_refused_with_all_that_there_are(project):
    said = refused("train", project, "--model", "proces")
    assert "There is no model proces" in said
    assert "cnn_lstm" in said
    assert said.rstrip(".").endswith("process")


def test_that_train_dispatches_to_the_process_model(project, monkeypatch):
    asked = []
    monkeypatch.setattr(verbs, "step", lambda given: asked.append(given) or {})
    for arguments in (("--model", "process", "--prior", "own.npz", "--quick", "--levers", "temperature,ph"), ()):
        given = typed("train", project, *arguments)
        given.verb(given)
    process, plain = asked
    assert (process.step, plain.step) == ("train-process", "train")
    assert process.prior.endswith("own.npz")
    assert process.prior != "own.npz"  # whoever does it again may be elsewhere
    assert process.levers == ("temperature", "ph")


def test_that_a_file_and_setpoints_together_are_refused_and_so_is_neither(project):
    assert "both the file" in refused("predict", project, "f.xlsx", "--set", "ph=7")
    assert "neither a file nor setpoints" in refused("predict", project)
    assert "--decimal" in refused("predict", project, "--set", "ph=7", "--decimal", "comma")
    assert "no number after =" in refused("predict", project, "--set", "ph=high")


def test_that_the_titer_model_stays_the_default_and_a_process_model_alone_is_taken(project):
    def kind(wanted=None):
        with open_project(project, "r") as there:
            return trained_kind(there, wanted)

    assert kind() == "model"  # which will be missing, and said so
    add(project, "process-model")
    assert kind() == "process-model"
    add(project, "model", "scenarios")
    assert (kind(), kind("process-model-1")) == ("model", "process-model")
    with pytest.raises(ProjectError, match="no trained model"):
        kind("scenarios-1")


def test_that_a_plan_needs_a_process_model(project):
    add(project, "model")
    assert "cannot tell what becomes of a plan" in refused("predict", project, "--set", "ph=7", "--model", "model-1")
    assert "mabdesk train-process" not in (said := refused("predict", project, "--set", "ph=7"))
    assert "--model process" in said


def test_that_options_of_the_other_kind_are_refused_in_predict_and_explain(project):
    add(project, "model", "process-model")
    assert "--feed-glucose" in refused("predict", project, "f.xlsx", "--feed-glucose", "50")
    assert "--output-of" in refused("explain", project, "--output-of", "titer")
    assert "--refits" in refused("explain", project, "--model", "process-model-1", "--refits", "2")


def test_that_where_both_kinds_are_a_file_goes_to_the_titer_model_and_a_line_says_how_to_forecast(
    project, monkeypatch, capsys
):
    asked = []
    monkeypatch.setattr(verbs, "predict", lambda given: asked.append("predict") or {})
    monkeypatch.setattr(planning, "_forecast", lambda given: asked.append("forecast") or {})
    add(project, "process-model")
    for arguments in ((), ("--model", "process-model-1")):
        given = typed("predict", project, "f.xlsx", *arguments)
        given.verb(given)
        add(project, "model")
    assert asked == ["forecast", "forecast"]
    given = typed("predict", project, "f.xlsx")
    given.verb(given)
    assert asked[2:] == ["predict"]
    assert "--model process-model-1" in capsys.readouterr().err


def test_that_a_forecast_takes_what_the_training_was_told_of_feeds(project, monkeypatch, tmp_path):
    with open_project(project, "w") as there:
        told = {"feed_glucose": 60.0, "feed_record": "total", "prior": "off"}
        there.add(Draft("process-model", "train-process", made_process.training(), options=told))
        asked = []

        def run(_project, _worker, name, options, *, named=None, **_more):
            asked.append((name, dict(options), dict(named or {})))
            return kept("forecast")

        monkeypatch.setattr("mabdesk.commands.planning.run_step", run)
        monkeypatch.setattr("mabdesk.commands.planning.with_remembered", lambda *_given: ({}, ()))
        path = tmp_path / "running.csv"
        path.write_text("Batch", encoding="utf-8")
        forecast_file(there, None, path, {}, {"feed_record": "after_sample", "level": 0.8})
    name, options, named = asked[1]
    assert (name, named["process-model"]) == ("forecast", "process-model-1")
    assert options == {"feed_glucose": 60.0, "feed_record": "after_sample", "level": 0.8}


def test_that_a_forecast_of_locked_batches_is_told_as_an_opening(project):
    split = Split(("B0",), (), (), ("B8",))
    data = made.plan().results[0].value
    with open_project(project, "w") as there:
        there.add(Draft("split", "split", split))
        there.add(Draft("process-model", "train-process", made_process.training(), ("split-1",)))
        ids = {"new-data": "new-data-1", "process-model": "process-model-1"}
        seen = replace(data, dataset=replace(data.dataset, batches=(replace(data.dataset.batches[0], id="B8"),)))
        assert "split-1 opened, time 1: B8" in opening(there, "forecast", ids, {"new-data": seen})
        assert opening(there, "forecast", ids, {"new-data": data}) == ""


def test_that_setpoints_become_one_plan_beside_the_scenarios(project, monkeypatch, tmp_path):
    asked = {}

    def run(_project, _worker, name, options, *, named=None, **_more):
        asked.update(step=name, options=dict(options), named=dict(named or {}))
        return kept("scenarios")

    monkeypatch.setattr("mabdesk.commands.run_step", run)
    table = tmp_path / "plans.csv"
    given = typed(
        "predict", project, "--set", "temperature=36.5", "--set", "ph=7", "--scenario", "cooler: temperature=33",
        "--tag", "cell_line=B", "--level", "0.8", "-o", table, "--json",
    )  # fmt: skip
    given.verb(given)
    assert asked["step"] == "what-if"
    assert asked["options"] == {
        "scenarios": ("plan: temperature=36.5, ph=7", "cooler: temperature=33"), "tags": ("cell_line=B",), "level": 0.8,
    }  # fmt: skip
    with table.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3 * 14
    assert {row["scenario"] for row in rows} == {"plan", "'=cooler"}  # no formula in a spreadsheet


def test_that_pretrain_writes_what_the_job_gives_and_says_hash_and_origin(monkeypatch, tmp_path, capsys):
    jobs = []
    monkeypatch.setattr("mabdesk.worker.Worker.run", lambda _self, job, _progress: jobs.append(job) or b"weights")
    path = tmp_path / "prior.npz"
    given = typed("pretrain", "-o", path, "--plants", "3", "--steps", "5", "--leave-out", "quota", "--seed", "4")
    answer = given.verb(given)
    assert path.read_bytes() == b"weights"
    (job,) = jobs
    assert (job.step, job.seed) == ("pretrain", 4)
    assert {name: job.options[name] for name in ("families", "leave_out", "plants", "steps", "own")} == {
        "families": (), "leave_out": "quota", "plants": 3, "steps": 5, "own": [],
    }  # fmt: skip
    assert (answer["simulated"], answer["bytes"]) == (True, 7)
    said = capsys.readouterr().out
    assert answer["sha256"] in said
    assert "learned from simulated plants" in said
    assert "name of the file to write" in refused("pretrain", "-o", tmp_path / "prior.txt")


def test_that_pretrain_takes_the_newest_data_of_a_project_and_refuses_an_empty_one(project, tmp_path):
    assert "holds no batches yet" in refused("pretrain", "-o", tmp_path / "p.npz", "--add", project)


def test_that_only_options_that_mean_something_are_accepted():
    with pytest.raises(OptionsError, match="mean nothing here"):
        planning.train(typed("train", "p.mabdesk", "--model", "process", "--label-stride-h", "6"))
