"""The Excel report: what was done, with what, by whom, and how good it is; every number from a kept result."""

import io
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Evaluation, Training
from mabdesk.progress import SILENT, Progress
from mabdesk.project.results import Result
from mabdesk.reports import cover, data_sheets, evaluation_sheets, model_sheets
from mabdesk.reports.plan import ReportPlan
from mabdesk.reports.sheets import finish


def write_report(plan: ReportPlan, progress: Progress = SILENT) -> bytes:
    """Return the workbook's bytes. The same results give the same values in every cell but the cover's id and times."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _describe(book, plan)
    sheets = list(_sheets(plan))
    for number, (name, wide, fill) in enumerate(sheets):
        progress.update(number / len(sheets), f"sheet {name}")
        sheet: Worksheet = book.create_sheet(_unused(name, book.sheetnames))
        fill(sheet)
        finish(sheet, f"{plan.report_id} · mabdesk {plan.version}{' · SIMULATED DATA' if plan.simulated else ''}", wide)
    progress.update(0.95, "packing the workbook")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _sheets(plan: ReportPlan) -> Sequence[tuple[str, bool, Callable[[Worksheet], None]]]:
    """List name, landscape or not, and filler of every sheet."""
    of_kind = {kind: [r for r in plan.results if r.kind == kind] for kind in {r.kind for r in plan.results}}
    evaluations = [*of_kind.get("evaluation", []), *of_kind.get("final-test", [])]
    models = of_kind.get("model", [])
    sheets: list[tuple[str, bool, Callable[[Worksheet], None]]] = [
        ("Cover", True, lambda sheet: cover.fill_cover(sheet, plan)),
        ("Summary", False, lambda sheet: cover.fill_summary(sheet, plan)),
    ]
    sheets += [("Data", False, _filler(data_sheets.fill_data, r)) for r in of_kind.get("dataset", [])]
    sheets += [("Batches", True, _filler(data_sheets.fill_batches, r)) for r in of_kind.get("dataset", [])]
    sheets += [("Import log", True, _filler(data_sheets.fill_import_log, r)) for r in of_kind.get("dataset", [])]
    sheets += [("Split", False, _filler(data_sheets.fill_split, r)) for r in of_kind.get("split", [])]
    sheets += [("Cleaning log", True, _filler(data_sheets.fill_cleaning_log, r)) for r in of_kind.get("cleaned", [])]
    sheets += [(r.id.capitalize(), False, _filler(model_sheets.fill_model, r)) for r in models]
    for result in itertools.chain(models, evaluations):
        evaluation = _evaluation(result)
        sheets += [
            (f"{result.id.capitalize()} scores", True, _filler(evaluation_sheets.fill_scores, result, evaluation)),
            (f"{result.id.capitalize()} titer", True, _filler(evaluation_sheets.fill_titer, result, evaluation)),
            (f"{result.id.capitalize()} charts", True, _charts_filler(result, evaluation)),
        ]
    sheets += [
        ("Environment", False, lambda sheet: cover.fill_environment(sheet, plan)),
        ("Glossary", False, cover.fill_glossary),
    ]
    return sheets


def _evaluation(result: Result) -> Evaluation:
    value: Evaluation | Training = result.value
    return value.evaluation if isinstance(value, Training) else value


def _charts_filler(result: Result, evaluation: Evaluation) -> Callable[[Worksheet], None]:
    """Charts stand on a sheet of their own and draw from the sheet that was filled just before."""

    def fill(sheet: Worksheet) -> None:
        book = sheet.parent
        if not isinstance(book, Workbook):
            raise TypeError("a sheet of a report belongs to a workbook")
        evaluation_sheets.fill_charts(sheet, result, evaluation, book[book.sheetnames[-2]])

    return fill


def _filler(fill: Callable[..., None], *arguments: object) -> Callable[[Worksheet], None]:
    return lambda sheet: fill(sheet, *arguments)


def _unused(name: str, taken: Sequence[str]) -> str:
    """Return a sheet name of at most 31 characters that no other sheet has."""
    names = (name[: 31 - len(tail)] + tail for tail in itertools.chain([""], (f" {n}" for n in itertools.count(2))))
    return next(candidate for candidate in names if candidate not in taken)


def _describe(book: Workbook, plan: ReportPlan) -> None:
    when = datetime.fromisoformat(plan.created).replace(tzinfo=None)
    properties = book.properties
    properties.title = f"mabdesk report {plan.report_id}"
    properties.creator = properties.lastModifiedBy = plan.user
    properties.description = "SIMULATED DATA" if plan.simulated else f"Project {plan.project}"
    properties.created = properties.modified = when
