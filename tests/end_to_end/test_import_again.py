"""Importing the same file, a changed one, and further batches, as users type it."""

import pytest

from mabdesk.project.project import open_project

HEAD = "Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n"
FIRST = HEAD + "B1,0,1,0\nB1,24,2,0.5\nB2,0,1,0\nB2,24,3,0.4\n"
CHANGED = HEAD + "B1,0,1,0\nB1,24,2,0.7\nB2,0,1,0\nB2,24,3,0.4\nB3,0,1,0\nB3,24,2,0.6\n"


@pytest.fixture
def study(run, tmp_path):
    """A project with one small file in it."""
    file, project = tmp_path / "a.csv", tmp_path / "p.mabdesk"
    file.write_text(FIRST, encoding="utf-8")
    run("new", project)
    code, answer, _ = run("import", project, file)
    assert (code, answer["result"], answer["again"], answer["differences"]) == (0, "dataset-1", "new", None)
    return project, file


def results(project):
    with open_project(project) as opened:
        return [info.id for info in opened.results()]


def titers(project, result):
    with open_project(project) as opened:
        batches = opened.get(result).value.dataset.batches
    return {batch.id: batch.offline.measured("titer")[1].tolist() for batch in batches}


def sources(project, result):
    with open_project(project) as opened:
        return [source.name for source in opened.get(result).value.dataset.sources]


def test_that_an_identical_file_is_recognised_and_nothing_is_kept(run, study):
    project, file = study
    before = project.read_bytes()
    code, answer, _ = run("import", project, file)
    assert (code, answer["again"], answer["result"]) == (0, "identical", "dataset-1")
    assert project.read_bytes() == before
    renamed = file.rename(file.with_name("copy of a.csv"))
    assert run("import", project, renamed)[1]["again"] == "identical"


def test_that_an_identical_file_is_imported_anew_where_that_is_asked_for_or_read_otherwise(run, study):
    project, file = study
    assert run("import", project, file, "--again", "new")[1]["result"] == "dataset-2"
    code, answer, _ = run("import", project, file, "--unreadable", "not-measured")
    assert (code, answer["again"], answer["result"]) == (0, "new", "dataset-3")


def test_that_a_changed_file_is_refused_with_what_differs_and_the_choices(run, study):
    project, file = study
    file.write_text(CHANGED, encoding="utf-8")
    before = project.read_bytes()
    code, answer, said = run("import", project, file)
    assert (code, answer["again"], answer["result"]) == (2, "changed", "")
    sentence = "a.csv differs from what dataset-1 was made from: 1 cell differs, in batch B1. 1 batch is new: B3."
    assert answer["error"] == sentence
    assert sentence in said
    for choice in ("replace", "add", "leave", "new"):
        assert f"--again {choice}" in answer["hint"]
    (value,) = answer["differences"]["values"]
    assert (value["batch"], value["before"], value["after"]) == ("B1", 0.5, 0.7)
    assert (value["cell"], value["cell_before"]) == ("a.csv, cell D3", "a.csv, cell D3")
    assert project.read_bytes() == before


@pytest.mark.parametrize(("choice", "expected", "names"), [
    ("replace", {"B1": [0, 0.7], "B2": [0, 0.4], "B3": [0, 0.6]}, ["a.csv"]),
    ("add", {"B1": [0, 0.5], "B2": [0, 0.4], "B3": [0, 0.6]}, ["a.csv", "a (2).csv"]),
    ("new", {"B1": [0, 0.7], "B2": [0, 0.4], "B3": [0, 0.6]}, ["a.csv"]),
])  # fmt: skip
def test_that_a_changed_file_becomes_a_new_result_as_chosen(run, study, choice, expected, names):
    project, file = study
    file.write_text(CHANGED, encoding="utf-8")
    code, answer, _ = run("import", project, file, "--again", choice)
    assert (code, answer["again"], answer["result"]) == (0, "changed", "dataset-2")
    assert titers(project, "dataset-2") == expected
    assert sources(project, "dataset-2") == names
    assert titers(project, "dataset-1") == {"B1": [0, 0.5], "B2": [0, 0.4]}
    code, answer, _ = run("rerun", project, "dataset-2")
    assert (code, answer["same"]) == (0, True)


def test_that_leaving_a_changed_file_keeps_nothing(run, study):
    project, file = study
    file.write_text(CHANGED, encoding="utf-8")
    code, answer, _ = run("import", project, file, "--again", "leave")
    assert (code, answer["again"], answer["result"]) == (0, "changed", "")
    assert results(project) == ["dataset-1"]


def test_that_replacing_one_of_two_files_keeps_the_other(run, study, tmp_path):
    project, file = study
    other = tmp_path / "b.csv"
    other.write_text(HEAD + "B9,0,1,0\nB9,24,2,0.9\n", encoding="utf-8")
    assert run("import", project, other, "--again", "add")[1]["batches"] == ["B1", "B2", "B9"]
    assert sources(project, "dataset-2") == ["a.csv", "b.csv"]
    file.write_text(CHANGED, encoding="utf-8")
    refused = run("import", project, file)[1]
    assert refused["differences"]["removed"] == []  # compared with what all the files give, not with the one alone
    run("import", project, file, "--again", "replace")
    assert titers(project, "dataset-3") == {"B1": [0, 0.7], "B2": [0, 0.4], "B3": [0, 0.6], "B9": [0, 0.9]}


def test_that_options_of_the_known_dataset_hold_for_what_is_added_to_it(run, tmp_path):
    project, file, more = tmp_path / "p.mabdesk", tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("Batch,Time,Titer (g/L)\nB1,0,0\nB1,24,0.5\n", encoding="utf-8")
    more.write_text("Batch,Time,Titer (g/L)\nB2,0,0\nB2,24,0.4\n", encoding="utf-8")
    run("new", project)
    assert run("import", project, file, "--time-unit", "hours")[0] == 0
    assert run("import", project, more, "--again", "add")[1]["batches"] == ["B1", "B2"]
