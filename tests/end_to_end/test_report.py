import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from openpyxl import Workbook

from mabdesk.commands.reporting import with_ancestors
from mabdesk.errors import Problem
from mabdesk.project.project import open_project
from mabdesk.reports.plan import ReportPlan
from mabdesk.reports.report import preview_report, write_report
from mabdesk.reports.sheets import table


@pytest.fixture(scope="module")
def book(study):
    return openpyxl.load_workbook(study.report)


def plan_of(study, **changes):
    with open_project(study.project) as project:
        ids = with_ancestors(project.results(), ["model-1", "evaluation-1"])
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


def test_that_the_preview_counts_the_rows_that_are_written(study):
    plan = plan_of(study)
    written = openpyxl.load_workbook(io.BytesIO(write_report(plan)))
    assert {p.title: p.length for p in preview_report(plan)} == {s.title: s.max_row for s in written.worksheets}


def values(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in book
        if sheet.title != "Cover"
    }


def test_that_a_report_has_a_sheet_for_every_question(book):
    sheets = ("scores", "titer", "charts", "parts", "phases", "bands", "scenarios")
    bare = [name for name in sheets if name != "bands"]  # too few batches for a band of simple models
    assert book.sheetnames == [
        "Cover", "Summary", "Data", "Batches", "Import log", "Split", "Cleaning log",
        *(f"Evaluation-1 {name}" for name in bare), "Model-1", *(f"Model-1 {name}" for name in sheets),
        *(f"Final-test-1 {name}" for name in sheets),
        "Environment", "Glossary",
    ]  # fmt: skip


def test_that_simulated_data_are_labeled_on_the_cover_and_every_page(book):
    texts = [cell.value for row in book["Cover"].iter_rows() for cell in row if cell.value]
    assert any("SIMULATED DATA" in str(text) for text in texts)
    assert all("SIMULATED DATA" in sheet.oddFooter.left.text for sheet in book)


def texts_of(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_that_quick_runs_are_flagged_wherever_their_figures_stand(book):
    said = {name: [t for t in texts_of(book[name]) if t.startswith("QUICK RUN")] for name in book.sheetnames}
    assert [t.rsplit(": ", 1)[1] for t in said["Cover"]] == ["model-1, final-test-1"]
    assert said["Summary"] == said["Cover"]
    assert len(said["Model-1 scores"]) == len(said["Final-test-1 scores"]) == 1
    assert not said["Evaluation-1 scores"]


def test_that_results_made_alike_share_a_column_of_the_environment(book):
    headers = [cell.value for cell in book["Environment"][4] if cell.value]
    assert headers == ["dataset-1, split-1, cleaned-1, model-1, evaluation-1, final-test-1"]


def test_that_the_cover_links_to_every_other_sheet(book):
    links = [cell.hyperlink.location for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]


def test_that_the_cover_tells_each_opening_of_the_locked_batches(study):
    def cover(**changes):
        return texts_of(openpyxl.load_workbook(io.BytesIO(write_report(plan_of(study, **changes))))["Cover"])

    never = cover()
    assert never[never.index("Locked batches opened") + 1] == "never"
    twice = cover(openings=("For model-1 by anna", "For model-2 by ben"))
    assert twice[twice.index("Locked batches opened") + 1 :][:3] == [
        "2 times", "For model-1 by anna", "For model-2 by ben",
    ]  # fmt: skip


def test_that_scores_tell_their_settings(book):
    texts = texts_of(book["Evaluation-1 scores"])
    settings = texts[texts.index("Settings") :]
    assert settings[settings.index("models") + 1] == "last_value, mean_trajectory, pls"
    assert settings[settings.index("label stride h") + 1] == "12"
    assert "seed" in settings
    assert "None" not in settings


def test_that_changes_of_a_whole_column_are_marked_as_examples_and_values_are_numbers(book):
    rows = [[cell.value for cell in row] for row in book["Cleaning log"].iter_rows()]
    head = next(i for i, row in enumerate(rows) if row[6] == "After (as used for looking)")
    assert "example" in rows[head - 1][0]
    changes = rows[head + 1 :]
    assert all((row[2] or "").startswith("e.g. ") == (row[7] > 1) for row in changes if row[2])
    assert all(isinstance(row[6], int | float) for row in changes if row[0] == "short gap: interpolated")


def test_that_the_charts_say_which_batches_are_drawn(book):
    assert any("is on the sheet before" in text for text in texts_of(book["Evaluation-1 charts"]))


def test_that_warnings_of_import_open_the_summary(study):
    results = plan_of(study).results
    reading = next(r for r in results if r.kind == "dataset")
    problems = tuple(Problem("a.xlsx, cell B2", f"fault {n}", "warning") for n in range(12))
    noticed = replace(reading, value=replace(reading.value, problems=problems))
    changed = tuple(noticed if r.kind == "dataset" else r for r in results)
    texts = texts_of(openpyxl.load_workbook(io.BytesIO(write_report(plan_of(study, results=changed))))["Summary"])
    start = texts.index("Open warnings from import")
    assert texts[start + 1] == "dataset-1, warning: a.xlsx, cell B2: fault 0"
    assert texts[start + 10] == "3 more are on the sheet Import log."
    assert texts[start + 11].startswith("evaluation-1: ")


def test_that_what_rounding_leaves_of_zero_is_zero():
    sheet = Workbook().create_sheet()
    table(sheet, ("Name", "DTS*"), [("a", -5.84e-16), ("b", -0.25)], row=1)
    assert [str(sheet.cell(row, 2).value) for row in (2, 3)] == ["0.0", "-0.25"]


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
