import io
import zipfile

import openpyxl
import pytest

from mabdesk.commands.reporting import with_ancestors
from mabdesk.project.project import open_project
from mabdesk.reports.plan import ReportPlan
from mabdesk.reports.report import write_report


@pytest.fixture(scope="module")
def book(study):
    return openpyxl.load_workbook(study.report)


def plan_of(study, **changes):
    with open_project(study.project) as project:
        ids = with_ancestors(project, ["model-1", "evaluation-1"])
        results = tuple(project.get(name) for name in ids)
    base = {
        "project": "study.mabdesk",
        "report_id": "r-1",
        "created": "2026-01-01T00:00:00+00:00",
        "user": "anna",
        "version": "0",
        "head": "h",
        "results": results,
        "simulated": True,
    }
    return ReportPlan(**{**base, **changes})


def values(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in book
        if sheet.title != "Cover"
    }


def test_that_a_report_has_a_sheet_for_every_question(book):
    assert book.sheetnames == [
        "Cover", "Summary", "Data", "Batches", "Import log", "Split", "Cleaning log", "Model-1",
        "Model-1 scores", "Model-1 titer", "Model-1 charts",
        "Evaluation-1 scores", "Evaluation-1 titer", "Evaluation-1 charts",
        "Final-test-1 scores", "Final-test-1 titer", "Final-test-1 charts",
        "Environment", "Glossary",
    ]  # fmt: skip


def test_that_simulated_data_are_labeled_on_the_cover_and_every_page(book):
    texts = [cell.value for row in book["Cover"].iter_rows() for cell in row if cell.value]
    assert any("SIMULATED DATA" in str(text) for text in texts)
    assert all("SIMULATED DATA" in sheet.oddFooter.left.text for sheet in book)


def test_that_predicted_and_measured_titer_are_drawn_by_native_charts(study):
    with zipfile.ZipFile(study.report) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert sum("scatterChart" in chart for chart in charts) >= 3 * 2
    assert any("Measured titer (g/L)" in chart and "Predicted (g/L)" in chart for chart in charts)


def test_that_scores_in_the_report_are_those_of_the_result(book, study):
    with open_project(study.project) as project:
        score = project.get("evaluation-1").value.score("pls")
    rows = [[cell.value for cell in row] for row in book["Evaluation-1 scores"].iter_rows()]
    row = next(row for row in rows if row[:2] == ["PLS", "titer"])
    assert row[3] == pytest.approx(score.rmse, rel=1e-12)
    assert row[9] == score.n


def test_that_the_same_results_give_the_same_values(study):
    first = values(write_report(plan_of(study)))
    again = values(write_report(plan_of(study, created="2027-05-05T10:00:00+00:00", report_id="r-2", user="ben")))
    assert first == again


def test_that_text_which_looks_like_a_formula_is_stored_as_text(study):
    plan = plan_of(study, project='=cmd|"/c calc"!A1')
    book = openpyxl.load_workbook(io.BytesIO(write_report(plan)))
    cell = next(cell for row in book["Cover"].iter_rows() for cell in row if str(cell.value).startswith("=cmd"))
    assert cell.data_type == "s"


def test_that_sheets_print_with_id_and_page_numbers(book):
    for sheet in book:
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert sheet.page_setup.fitToWidth == 1
