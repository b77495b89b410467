"""Bad input at the command line: a sentence of what was received and what to do, exit code 2, nothing half-made.

Numbers in names are those of the fault table in the design notes: 16-19, 22, 26-30, 37, 38.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from mabdesk.cli.main import main
from mabdesk.project.project import open_project


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    path = tmp_path_factory.mktemp("campaign") / "six.xlsx"
    assert main(["simulate", "campaign", "-o", str(path), "--batches", "6", "--quiet"]) == 0
    return path


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "p.mabdesk"
    assert main(["new", str(path)]) == 0
    return path


@pytest.fixture
def told(capsys):
    """Run a command that must be refused; return what it said."""

    def told(*arguments):
        capsys.readouterr()
        code = main([*map(str, arguments), "--quiet"])
        said = capsys.readouterr().err
        assert code == 2, said
        assert "Traceback" not in said
        assert "Hint: " in said
        return said

    return told


def changed(source: Path, target: Path, change) -> Path:
    """Copy a workbook with something done to it."""
    book = openpyxl.load_workbook(source)
    change(book)
    book.save(target)
    return target


def column(sheet, words):
    return next(cell.column for cell in sheet[1] if words in str(cell.value))


def keep_batches(book, count):
    for sheet in book.worksheets:
        if sheet.title == "About":
            continue
        kept = [f"SIM-{number + 1:03d}" for number in range(count)]
        rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] in kept]
        sheet.delete_rows(2, sheet.max_row)
        for row in rows:
            sheet.append(row)


def test_that_a_missing_file_is_named(told, project, tmp_path):
    assert "There is no file" in told("import", project, tmp_path / "none.xlsx")


def test_that_a_folder_is_not_taken_for_a_file(told, project, tmp_path):
    assert "is a folder" in told("import", project, tmp_path)


def test_that_a_missing_project_is_named(told, tmp_path):
    assert "none.mabdesk" in told("train", tmp_path / "none.mabdesk")


def test_that_fault_18_a_file_that_is_no_project_is_refused_unchanged(told, tmp_path):
    path = tmp_path / "p.mabdesk"
    path.write_bytes(b"just text, no project at all")
    told("clean", path)
    assert path.read_bytes() == b"just text, no project at all"


def test_that_a_project_is_never_overwritten(told, project):
    before = project.read_bytes()
    assert "exists already" in told("new", project)
    assert project.read_bytes() == before


def test_that_fault_22_a_truncated_workbook_is_refused_and_nothing_kept(told, project, campaign, tmp_path):
    short = tmp_path / "short.xlsx"
    short.write_bytes(campaign.read_bytes()[:20_000])
    assert "short.xlsx" in told("import", project, short)
    with open_project(project) as kept:
        assert not kept.results()
        assert not kept.sources()


def test_that_a_step_without_its_parents_says_what_comes_first(told, project):
    assert "mabdesk import" in told("train", project)
    assert "mabdesk import" in told("report", project, "-o", project.with_suffix(".xlsx"))
    assert not project.with_suffix(".xlsx").exists()


def test_that_an_unknown_result_is_answered_with_the_known_ones(told, project):
    assert "no result 'model-7'" in told("show", project, "model-7")
    assert "no result 'model-7'" in told("rerun", project, "model-7")


def test_that_a_setting_outside_its_limits_is_refused_before_any_work(told, project):
    said = told("clean", project, "--iqr-factor", "99")
    assert "iqr-factor: received 99; the most allowed is 10" in said
    assert "choose from residual, plain, none" in told("clean", project, "--outliers", "magic")


def test_that_a_setpoint_that_is_no_number_or_unknown_is_refused(told):
    assert "no number after =" in told("simulate", "run", "--set", "ph=acid")
    assert "no = found" in told("simulate", "run", "--set", "ph")
    assert "temperatur" in told("simulate", "run", "--set", "temperatur=36")


def test_that_fault_44_a_report_or_workbook_for_a_missing_folder_leaves_nothing(told, project, tmp_path):
    assert "missing" in told("simulate", "campaign", "-o", tmp_path / "missing" / "c.xlsx", "--batches", "2")
    assert [path.name for path in tmp_path.iterdir()] == ["p.mabdesk"]


def test_that_fault_37_fewer_than_five_batches_are_kept_but_not_trained_on(told, project, campaign, tmp_path, capsys):
    few = changed(campaign, tmp_path / "few.xlsx", lambda book: keep_batches(book, 3))
    assert main(["import", str(project), str(few), "--quiet"]) == 0
    said = told("train", project)
    assert "5 batches are needed, received 3" in said
    with open_project(project) as kept:
        assert [info.id for info in kept.results()] == ["dataset-1"]


def test_that_fault_38_without_any_titer_the_data_are_kept_but_not_trained_on(told, project, campaign, tmp_path):
    def without_titer(book):
        sheet = book["Offline"]
        where = column(sheet, "Titer")
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, where).value = None

    bare = changed(campaign, tmp_path / "bare.xlsx", without_titer)
    assert main(["import", str(project), str(bare), "--quiet"]) == 0
    assert "titer" in told("train", project).lower()


def test_that_text_in_a_number_cell_is_named_by_its_cell(told, project, campaign, tmp_path):
    def spoil(book):
        sheet = book["Offline"]
        sheet.cell(7, column(sheet, "Glucose")).value = "see notebook"

    said = told("import", project, changed(campaign, tmp_path / "spoilt.xlsx", spoil))
    assert "see notebook" in said
    assert "sheet Offline, cell" in said


def test_that_faults_26_and_27_constant_empty_and_odd_columns_do_not_stop_the_work(project, campaign, tmp_path, capsys):
    def odd(book):
        sheet = book["Offline"]
        last = sheet.max_column
        for row, (constant, empty) in enumerate(
            [("Sodium (mM)", "Potassium (mM)")] + [(5.0, None)] * (sheet.max_row - 1)
        ):
            sheet.cell(row + 1, last + 1).value = constant
            sheet.cell(row + 1, last + 2).value = empty
        sheet.cell(3, column(sheet, "Glucose")).value = None

    path = changed(campaign, tmp_path / "odd.xlsx", odd)
    assert main(["import", str(project), str(path), "--quiet"]) == 0
    assert main(["split", str(project), "--locked", "0", "--quiet"]) == 0
    assert main(["train", str(project), "--model", "ridge", "--quiet"]) == 0
    with open_project(project) as kept:
        assert np.isfinite(kept.get("model-1").value.evaluation.score("ridge").rmse)


def test_that_a_report_open_for_writing_in_a_read_only_place_is_refused(told, project, tmp_path):
    target = tmp_path / "folder.xlsx"
    target.mkdir()
    assert main(["import", str(project), str(_tiny(tmp_path)), "--quiet"]) == 0
    said = told("report", project, "-o", target)
    assert "folder.xlsx" in said
    assert not list(target.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ on Windows")
def test_that_ctrl_c_leaves_no_file_no_result_and_no_process(project, campaign, tmp_path):
    assert main(["import", str(project), str(campaign), "--quiet"]) == 0
    before = project.read_bytes()
    copy = shutil.copy(project, tmp_path / "copy.mabdesk")
    command = [sys.executable, "-m", "mabdesk", "simulate", "campaign", "-o", tmp_path / "c.xlsx", "--batches", "500"]
    # A shell that runs the tests in the background lets them ignore Ctrl-C; a user's terminal does not.
    options: dict[str, Any] = {"start_new_session": True, "preexec_fn": _heed_ctrl_c}
    with subprocess.Popen(command, stderr=subprocess.PIPE, **options) as running:
        time.sleep(4)
        started = time.monotonic()
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=10)
        assert time.monotonic() - started < 2
    assert running.returncode == 130
    assert b"Stopped; nothing half-made was left." in said
    assert b"Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.mabdesk", "p.mabdesk"]
    assert Path(copy).read_bytes() == before


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _tiny(folder: Path) -> Path:
    path = folder / "tiny.csv"
    rows = [f"B{batch},{24 * day},{1 + day},{0.1 * day}" for batch in range(2) for day in range(3)]
    path.write_text("Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path
