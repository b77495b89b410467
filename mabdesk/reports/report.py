"""The Excel report: what was done, with what, by whom, and how good it is; every number from a kept result."""

import io
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Dataset
from mabdesk.progress import SILENT, Progress
from mabdesk.project.results import Result
from mabdesk.reports import (
    attribution_sheets,
    band_sheets,
    cover,
    data_sheets,
    evaluation_sheets,
    model_sheets,
    part_sheets,
    phase_sheets,
    planned_sheets,
    process_maps,
    process_sheets,
    scenario_sheets,
    search_sheets,
    transfer_sheets,
)
from mabdesk.reports.charts import say_simulated
from mabdesk.reports.plan import PLANNED, Preview, ReportPlan, evaluation_of
from mabdesk.reports.sheets import finish

_PREVIEWED = 120


class _Page(NamedTuple):
    """One sheet: its name, landscape or not, one sentence for the contents, and what fills it."""

    name: str
    wide: bool
    sentence: str
    fill: Callable[[Worksheet], None]


def write_report(plan: ReportPlan, progress: Progress = SILENT) -> bytes:
    """Return the workbook's bytes. The same results give the same values in every cell but the cover's id and times."""
    book = _build(plan, progress)
    progress.update(0.95, "packing the workbook")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def preview_report(plan: ReportPlan, progress: Progress = SILENT) -> tuple[Preview, ...]:
    """Return what stands on each sheet, as far as one wants to read before writing it."""
    return tuple(_preview(sheet) for sheet in _build(plan, progress).worksheets)


def _preview(sheet: Worksheet) -> Preview:
    length = sheet.max_row  # before the rows are read: reading beyond the last one makes them
    rows = tuple(tuple(row) for row in sheet.iter_rows(max_row=min(_PREVIEWED, length), values_only=True))
    return Preview(sheet.title, rows, length)


def _build(plan: ReportPlan, progress: Progress) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    _describe(book, plan)
    footer = f"{plan.report_id} · mabdesk {plan.version}{' · SIMULATED DATA' if plan.simulated else ''}"
    pages = _with_cover(plan, _pages(plan))
    for number, page in enumerate(pages):
        progress.update(number / len(pages), f"sheet {page.name}")
        sheet: Worksheet = book.create_sheet(page.name)
        page.fill(sheet)
        if plan.simulated:
            say_simulated(sheet)
        finish(sheet, footer, page.wide)
    return book


def _with_cover(plan: ReportPlan, pages: Sequence[_Page]) -> list[_Page]:
    """Give every sheet a name of its own and put the cover, which lists them, before them."""
    names = ["Cover"]
    for page in pages:
        names.append(_unused(page.name, names))
    renamed = [page._replace(name=name) for page, name in zip(pages, names[1:], strict=True)]
    contents = [(page.name, page.sentence) for page in renamed]
    return [_Page(names[0], True, "", _filler(cover.fill_cover, plan, contents)), *renamed]


def _pages(plan: ReportPlan) -> list[_Page]:
    """List every sheet but the cover."""
    return [
        _Page("Summary", False, "What was found, in sentences.", _filler(cover.fill_summary, plan)),
        *(page for kind in ("dataset", "split", "cleaned") for page in _data_pages(plan, kind)),
        *(page for result in plan.in_order for page in _result_pages(plan, result)),
        _Page(
            "Environment", False, "Versions and machine that made each result.", _filler(cover.fill_environment, plan)
        ),
        _Page("Glossary", False, "What the words mean.", cover.fill_glossary),
    ]


def _data_pages(plan: ReportPlan, kind: str) -> list[_Page]:
    pages = {
        "dataset": (
            ("Data", False, "Files with hashes, and variables.", data_sheets.fill_data),
            ("Batches", True, "One row a batch, as imported.", data_sheets.fill_batches),
            ("Import log", True, "What each column became, and what was noticed.", data_sheets.fill_import_log),
        ),
        "split": (("Split", False, "Which batch serves for what.", data_sheets.fill_split),),
        "cleaned": (("Cleaning log", True, "Every change that cleaning made.", data_sheets.fill_cleaning_log),),
    }[kind]
    results = [result for result in plan.results if result.kind == kind]
    return [_Page(name, wide, about, _filler(fill, result)) for name, wide, about, fill in pages for result in results]


def _result_pages(plan: ReportPlan, result: Result) -> list[_Page]:
    """List the sheets of a result: what it is by itself, then those of the evaluation in it."""
    name, quick = result.id.capitalize(), result.id in plan.quick
    own = {
        "model": _Page(
            name, False, "Settings, inputs and learning curves of the model.", _filler(model_sheets.fill_model, result)
        ),
        "search": _Page(
            name, True, "Every trial of a search, and which settings won.", _filler(search_sheets.fill_search, result)
        ),
        "transfer": _Page(
            name, True, "Ways to a model of what is new, with learning curves.",
            _filler(transfer_sheets.fill_transfer, result, quick),
        ),
    }  # fmt: skip
    evaluation = evaluation_of(result)
    if result.kind == "attribution":
        return _attribution_pages(plan, result, quick)
    if result.kind in PLANNED:
        return _planned_pages(result, quick)
    return [
        *([own[result.kind]] if result.kind in own else []),
        *(_evaluation_pages(result, evaluation, quick, plan.dataset_of(result)) if evaluation is not None else []),
    ]


def _attribution_pages(plan: ReportPlan, result: Result, quick: bool) -> list[_Page]:
    name, said = result.id.capitalize(), "What moved a model's predictions, when, and whether to believe it."
    page = _filler(attribution_sheets.fill_attribution, result, quick, plan.dataset_of(result))
    every = _filler(attribution_sheets.fill_contributions, result)
    return [
        _Page(name, True, said, page),
        _Page(f"{name} windows", True, "Contributions of every variable by batch and day.", every),
    ]


def _planned_pages(result: Result, quick: bool) -> list[_Page]:
    """List the sheets of a process model and of what was asked of it."""
    name = result.id.capitalize()
    if result.kind == "process-model":
        said = "What a batch becomes at other setpoints: errors at harvest beside rivals, courses, bands."
        return [_Page(name, True, said, _filler(process_sheets.fill_process, result, quick))]
    if result.kind == "scenarios":
        said = "What if: plans, what becomes of them, and how far they lie from experience."
        return [_Page(name, True, said, _filler(planned_sheets.fill_what_if, result))]
    if result.kind == "forecast":
        said = "Where running batches go until harvest."
        return [_Page(name, True, said, _filler(planned_sheets.fill_forecast, result))]
    said = "What moves titer or quality at harvest, and whether to believe it."
    every = _filler(process_maps.fill_lever_contributions, result)
    return [
        _Page(name, True, said, _filler(process_maps.fill_process_attribution, result)),
        _Page(f"{name} batches", True, "Contributions of every setpoint by batch.", every),
    ]


def _evaluation_pages(result: Result, evaluation: Evaluation, quick: bool, dataset: Dataset | None) -> list[_Page]:
    name = result.id.capitalize()
    scores = _filler(evaluation_sheets.fill_scores, result, evaluation, quick)
    titer = _filler(evaluation_sheets.fill_titer, result, evaluation)
    return [
        _Page(f"{name} scores", True, "Errors of each model, over all samples and by batch.", scores),
        _Page(f"{name} titer", True, "Every sample: measured, and predicted by each model.", titer),
        _Page(f"{name} charts", True, "Predicted beside measured.", _charts_filler(result, evaluation)),
        *_detail_pages(result, evaluation, dataset),
    ]


def _detail_pages(result: Result, evaluation: Evaluation, dataset: Dataset | None) -> list[_Page]:
    """List the sheets of what results of earlier versions, or data without lines and scales, do not know."""
    known = (
        (evaluation.parts, "parts", "Errors by phase, culture day, cell line and scale.", part_sheets.fill_parts, ()),
        (
            phase_sheets.knows_phases(evaluation), "phases", "How errors spread in each phase: numbers and violins.",
            phase_sheets.fill_phases, (),
        ),
        (evaluation.coverage, "bands", "Bands, and which share they covered.", band_sheets.fill_bands, ()),
        (
            scenario_sheets.groups_in(evaluation, dataset), "scenarios", "Scores by line and scale side by side.",
            scenario_sheets.fill_scenarios, (dataset,),
        ),
    )  # fmt: skip
    return [
        _Page(f"{result.id.capitalize()} {name}", True, sentence, _filler(fill, result, evaluation, *more))
        for there, name, sentence, fill, more in known
        if there
    ]


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
