"""`changes` and `mark`: what importing and cleaning did, handed over as lists and as marked copies."""

import csv
import shutil

import openpyxl
import pytest

from mabdesk import commands
from mabdesk.data.places import split_places
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

HEADER = "Batch ID,Time (h),VCD (1e6 cells/mL),Glucose (mM),Titer (g/L)"


def table(first: int) -> str:
    rows = [
        f"B{batch},{24 * day},{day + 1}.5,{30 - day},{day / 10}"
        for batch in range(first, first + 6)
        for day in range(8)
    ]
    return "\n".join([HEADER, *rows, f"B{first},192,9.5,<0.1,1.2"]) + "\n"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A project with a dataset of two text tables."""
    folder = tmp_path_factory.mktemp("provenance")
    files = [folder / name for name in ("one, cell A1.csv", "two.csv")]
    for number, file in enumerate(files):
        file.write_text(table(1 + 6 * number), encoding="utf-8")
    path = commands.new_project(folder / "small.mabdesk")
    with Worker() as worker, open_project(path, "w") as project:
        commands.run_step(project, worker, "import", {}, files=files)
        commands.run_step(project, worker, "import", {}, files=files[1:])
        commands.run_step(project, worker, "split", {})
        commands.run_step(project, worker, "clean", {})
    return path


@pytest.fixture
def project(imported, tmp_path):
    return shutil.copyfile(imported, tmp_path / "small.mabdesk")


def censored(changes):
    (place,) = {place for change in changes if "censored" in change.rule for place in split_places(change.cell)}
    return place


def test_that_changes_writes_every_change_as_csv_and_as_a_workbook(run, project, tmp_path):
    with open_project(project) as opened:
        expected = opened.get("dataset-2").value.changes
    code, answer, _ = run("changes", project, "-o", tmp_path / "list.csv")
    assert (code, answer["result"], answer["changes"], answer["recorded"]) == (0, "dataset-2", len(expected), True)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    (row,) = [row for row in rows if "censored" in (row["Rule"] or "")]
    assert (row["File"], row["Sheet"], row["Cell"], row["Before"]) == ("two.csv", "", censored(expected).cell, "<0.1")
    code, answer, _ = run("changes", project, "cleaned-1", "-o", tmp_path / "list.xlsx")
    assert (code, answer["result"]) == (0, "cleaned-1")
    assert openpyxl.load_workbook(tmp_path / "list.xlsx")["Changes"].max_row == answer["changes"] + 1


def test_that_mark_writes_a_marked_copy_and_records_it(run, project, tmp_path):
    code, answer, _ = run("mark", project, "-o", tmp_path / "marked.xlsx")
    assert (code, answer["file"], answer["result"]) == (0, "two.csv", "dataset-2")
    sheet = openpyxl.load_workbook(tmp_path / "marked.xlsx")["two"]
    assert "became glucose (g/L), offline; values x 0.18" in sheet["D1"].comment.text
    assert (sheet["D50"].value, sheet["D50"].fill.fill_type) == ("<0.1", "solid")
    assert "censored" in sheet["D50"].comment.text
    with open_project(project) as opened:
        entry = opened.audit_trail()[-1]
    assert (entry.action, entry.subject) == ("export", "dataset-2")
    assert entry.details == {"name": "marked.xlsx", "sha256": answer["sha256"]}
    assert run("verify", project)[0] == 0


def test_that_one_of_several_files_has_to_be_named(run, project, tmp_path):
    output = tmp_path / "marked.xlsx"
    code, answer, _ = run("mark", project, "dataset-1", "-o", output)
    assert code == 2
    assert "one, cell A1.csv" in answer["hint"]
    assert "two.csv" in answer["hint"]
    code, answer, _ = run("mark", project, "dataset-1", "-o", output, "--file", "three.csv")
    assert (code, output.exists()) == (2, False)
    code, answer, _ = run("mark", project, "dataset-1", "-o", output, "--file", "one, cell A1.csv")
    assert (code, answer["file"]) == (0, "one, cell A1.csv")
    assert openpyxl.load_workbook(output)["one, cell A1"]["D50"].fill.fill_type == "solid"


def test_that_cleaned_data_are_marked_in_the_file_they_came_from(run, project, tmp_path):
    code, answer, _ = run("mark", project, "cleaned-1", "-o", tmp_path / "marked.xlsx")
    assert (code, answer["file"], answer["result"]) == (0, "two.csv", "cleaned-1")


@pytest.mark.parametrize("command", ["changes", "mark"])
def test_that_nothing_is_lost_and_no_wrong_result_is_taken(run, project, tmp_path, command):
    there = tmp_path / "there.xlsx"
    there.write_bytes(b"mine")
    for arguments in (
        ("-o", there),
        ("-o", project),
        ("-o", tmp_path / "x.pdf"),
        ("split-1", "-o", tmp_path / "x.xlsx"),
    ):
        code, answer, _ = run(command, project, *arguments)
        assert code == 2, arguments
        assert answer["hint"]
    assert there.read_bytes() == b"mine"
    assert run(command, project, "-o", there, "--overwrite")[0] == 0


def test_that_a_read_only_project_is_handed_over_but_not_recorded(run, project, tmp_path):
    with open_project(project, "w") as writer:
        entries = len(writer.audit_trail())
        code, answer, _ = run("mark", project, "-o", tmp_path / "marked.xlsx")
        assert (code, answer["recorded"]) == (0, False)
        assert len(writer.audit_trail()) == entries
