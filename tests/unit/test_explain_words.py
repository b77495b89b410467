"""What `explain` prints, answers and writes; the keys of its answer are a contract."""

import argparse
import csv
import json
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from reports import made_results as made

from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.cli import answers, demo, explaining, verbs, words
from mabdesk.cli.arguments import build
from mabdesk.cli.tables import to_json
from mabdesk.errors import ProjectError
from mabdesk.project.project import create, open_project
from mabdesk.project.results import Draft


def kept(found, *parents, **options):
    return made.result("attribution", "explain", found, ("dataset-1", "model-1", *parents), **options)


def told(found):
    return json.loads(to_json(answers.of(kept(found))))


def test_that_the_answer_has_the_keys_of_the_contract_and_no_nan():
    found, answer = made.attribution(), told(made.attribution())
    assert set(answer) == {
        "model", "task", "target", "unit", "method", "baseline", "importance", "completeness_error",
        "interpolation_steps", "windows", "batches", "trust", "checks", "reliable", "verdict", "notes", "association",
        "result",
    }  # fmt: skip
    assert [set(row) for row in answer["importance"]] == [
        {"variable", "unit", "relative", "low", "high", "mean_abs", "refit_low", "refit_high", "direction", "floor",
         "above_floor"},
    ] * len(made.VARIABLES)  # fmt: skip
    assert set(answer["trust"][0]) == {"test", "passed", "value", "limit", "sentence"}
    assert set(answer["checks"][0]) == {"method", "spearman", "windows", "sentence"}
    assert (answer["windows"], answer["batches"]) == (96, 8)
    assert answer["importance"][1]["refit_low"] is None  # NaN is no JSON
    assert [row["above_floor"] for row in answer["importance"]] == [True, True, True, None, True, False]
    assert [row["passed"] for row in answer["trust"]] == [True, True, None]
    assert (answer["association"], answer["result"]) == (NOT_CAUSE, "attribution-1")
    assert answer["verdict"] == found.verdict


def test_that_an_unreliable_attribution_says_so_before_its_ranking_and_answers_false():
    found = made.attribution(reliable=False)
    said = words.of(kept(found))
    assert said.index("NOT RELIABLE") < said.index("vcd")
    assert found.verdict in said
    assert told(found)["reliable"] is False
    assert "NOT RELIABLE" not in words.of(kept(made.attribution()))


def test_that_people_read_the_ranking_the_lights_the_checks_and_that_it_is_no_cause():
    said = words.of(kept(made.attribution(reliable=False)))
    lines = said.splitlines()
    first = next(line for line in lines if line.startswith("vcd"))
    assert first.split() == [
        "vcd",
        "0.514",
        "0.489",
        "to",
        "0.617",
        "0.463",
        "to",
        "0.566",
        "0.173",
        "+0.80",
        "0.0100",
        "yes",
    ]
    assert next(line for line in lines if line.startswith("glucose")).split()[5] == "-"  # without refits
    assert "[ok] Completeness: Contributions add up to 0.4 %." in lines
    assert "[no] Permuted target: The permuted model shows the same ranking, rank correlation 0.91." in lines
    assert "[?]  Inert variables: No inert variable is known." in lines
    assert "Occlusion: Agrees with occlusion." in lines
    assert "Permutation: No ranking to compare with." in lines
    assert "Compared with: the mean of 30 training batches at the same culture hour." in lines
    assert NOT_CAUSE in lines


def test_that_every_contribution_is_written_with_the_newest_value_and_no_formula(tmp_path):
    path = tmp_path / "a.csv"
    answers.write_csv(path, explaining.contributions(made.attribution()))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = made.attribution()
    assert len(rows) == len(found.hours) * len(found.variables)
    vcd, glucose, *_, unseen, _ = rows[6 * 13 : 6 * 14]
    assert (vcd["batch"], float(vcd["culture_day"]), vcd["variable"], vcd["unit"]) == ("B1", 2, "vcd", "1e6/mL")
    assert (float(vcd["shown"]), float(vcd["usual"])) == (1, 0.5)
    assert (float(glucose["shown"]), float(glucose["usual"])) == (2, 1.5)  # the last step at which it was measured
    assert (unseen["variable"], unseen["shown"], unseen["usual"]) == ("'=sum", "", "")
    assert float(vcd["contribution"]) == pytest.approx(found.contributions[13, 0])
    total = sum(float(row["contribution"]) for row in rows[6 * 13 : 6 * 14])
    assert float(vcd["predicted"]) - float(vcd["typical"]) == pytest.approx(total, abs=1e-4)


class _Steps:
    """Stands for the commands that run steps: remembers what was asked and keeps a made-up attribution."""

    def __init__(self, monkeypatch):
        self.asked = []
        monkeypatch.setattr("mabdesk.commands.run_step", self.run)
        monkeypatch.setattr("mabdesk.commands.prepare", lambda *_args, **_named: ())

    def run(self, _project, _worker, name, options, *, seed=1, named=None, **_more):
        self.asked.append((name, dict(options), seed, dict(named or {})))
        return kept(made.attribution())


class _NoWorker:
    def __enter__(self):
        return self

    def __exit__(self, *_story):
        return None


def test_that_explain_asks_for_the_named_model_and_writes_where_it_is_told(tmp_path, monkeypatch, capsys):
    steps, path = _Steps(monkeypatch), tmp_path / "a.csv"
    monkeypatch.setattr(verbs, "Worker", _NoWorker)
    with create(tmp_path / "p.mabdesk") as project:
        for _ in range(2):
            project.add(Draft("model", "train", made.evaluation()), "made up", ())
    given = build().parse_args(
        ["explain", str(tmp_path / "p.mabdesk"), "--model", "model-2", "--refits", "3", "--baseline", "training-mean",
         "--seed", "5", "--output", str(path)]
    )  # fmt: skip
    answer = given.verb(given)
    assert steps.asked == [("explain", {"refits": 3, "baseline": "training_mean"}, 5, {"model": "model-2"})]
    assert answer["result"] == "attribution-1"
    assert "Kept as attribution-1." in capsys.readouterr().out
    assert path.exists()
    with pytest.raises(Exception, match="exists"):
        given.verb(given)


@pytest.mark.parametrize("command", [["explain", "--model"], ["final-test", "--of"], ["predict", "new.csv", "--model"]])
def test_that_a_result_which_is_no_model_is_refused_by_name(tmp_path, monkeypatch, command):
    monkeypatch.setattr(verbs, "Worker", _NoWorker)
    with create(tmp_path / "p.mabdesk") as project:
        project.add(Draft("evaluation", "compare", made.evaluation()), "made up", ())
    name, *more = command
    given = build().parse_args([name, str(tmp_path / "p.mabdesk"), *more, "evaluation-1"])
    with pytest.raises(ProjectError, match="evaluation-1 is no trained model"):
        given.verb(given)


def test_that_show_tells_all_of_a_kept_attribution(tmp_path, capsys):
    path = tmp_path / "p.mabdesk"
    with create(path) as project:
        found = made.attribution()
        project.add(Draft("attribution", "explain", found, (), {"refits": 4}, 1), "made up", ())
    given = build().parse_args(["show", str(path), "attribution-1"])
    answer = given.verb(given)
    assert json.loads(to_json(answer))["answer"]["verdict"] == found.verdict
    assert found.verdict in capsys.readouterr().out
    with open_project(path, "r") as project:
        again = project.get("attribution-1").value
    assert [(one.variable, one.relative) for one in again.ranking] == [
        (one.variable, one.relative) for one in found.ranking
    ]
    assert again.trust[0] == found.trust[0]
    assert np.array_equal(again.by_step, found.by_step)


def test_that_the_demo_explains_the_soft_sensor_with_fewer_refits_when_quick(monkeypatch):
    asked, count = [], {}

    def run(_project, _worker, name, options, *, named=None, **_more):
        asked.append((name, dict(options), dict(named or {})))
        count[name] = count.get(name, 0) + 1
        kinds = {"train": "model", "explain": "attribution"}
        result = made.result(kinds.get(name, name), name, None, (), **options)
        return replace(result, id=f"{result.kind}-{count[name]}")

    monkeypatch.setattr("mabdesk.commands.run_step", run)
    monkeypatch.setattr("mabdesk.cli.words.of", lambda _result: "said")
    monkeypatch.setattr("mabdesk.cli.words.imported", lambda _reading: "read")
    monkeypatch.setattr(demo, "ProgressLine", lambda _quiet: nullcontext())
    for quick, options in ((True, {"refits": 2, "permuted": 4}), (False, {})):
        asked.clear()
        count.clear()
        demo._study(argparse.Namespace(quick=quick, json=True, quiet=True, seed=1), None, None, None)
        assert asked[-1] == ("explain", options, {"model": "model-1"})
        assert ("train", {"preset": "soft_sensor", "quick": quick}, {}) == next(
            one for one in asked if one[0] == "train"
        )
