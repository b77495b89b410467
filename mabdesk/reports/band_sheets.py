"""The sheet of bands: which level was asked for, and which share of samples of batches apart they covered."""

from collections.abc import Sequence

from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.parts import PARTED_BY
from mabdesk.analysis.results import Coverage, Evaluation
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLACK, COLORS, ROWS, as_line, column, scatter, sized
from mabdesk.reports.evaluation_sheets import how, percent
from mabdesk.reports.part_sheets import number_or_text
from mabdesk.reports.sheets import heading, note, table, title

BANDS = {"calibrated": "calibrated", "dropout": "dropout, as in the paper"}
_ABOUT = (
    "Calibrated: set by whole batches that took no part in fitting (conformal).",
    "Dropout: spread of predictions with random masks, not calibrated.",
    "Covered: share of real samples inside the band, of batches that took no part in making it.",
    "Width: mean distance of the band's ends, in the unit of the target.",
)
_PERCENT = 100.0


def fill_bands(sheet: Worksheet, result: Result, evaluation: Evaluation) -> None:
    """Write the level, one row a model, target, band and part, and coverage by culture day with a chart."""
    title(sheet, f"Bands and what they covered: {result.id}", how(result, evaluation))
    note(sheet, f"Level asked for: {percent(evaluation.level)}.")
    for sentence in (*_ABOUT, *(text for text in evaluation.notes if " band" in text)):
        note(sheet, sentence)
    by_day = [c for c in evaluation.coverage if c.by == "day" and c.target == evaluation.targets[0]]
    top = sheet.max_row + 2
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    units = dict(zip(evaluation.targets, evaluation.units, strict=True))
    groups = ["all", *PARTED_BY]
    rows = [
        (
            labels.get(c.model, c.model), c.target, units.get(c.target, ""), BANDS.get(c.band, c.band),
            PARTED_BY.get(c.by, "All"), number_or_text(c.part) if c.by in PARTED_BY else "all samples",
            _PERCENT * c.level, _PERCENT * c.covered, c.width, c.n, c.batches,
        )
        for c in sorted(evaluation.coverage, key=lambda c: groups.index(c.by) if c.by in groups else len(groups))
    ]  # fmt: skip
    headers = (
        "Model", "Target", "Unit", "Band", "By", "Part", "Asked (%)", "Covered (%)", "Mean width", "Samples", "Batches",
    )  # fmt: skip
    table(sheet, headers, rows, row=top + (ROWS if by_day else 0), filters=True)
    if by_day:
        _by_day(sheet, by_day, evaluation, top)


def _by_day(sheet: Worksheet, found: Sequence[Coverage], evaluation: Evaluation, top: int) -> None:
    """Write coverage by day side by side below what is there, and draw it at `top` with the asked level as a line."""
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    target = evaluation.targets[0]
    heading(sheet, f"Coverage by culture day: {target}")
    lines = list(dict.fromkeys((c.model, c.band) for c in found))
    days = sorted({int(c.part) for c in found if c.part.isdigit()})
    share = {(c.model, c.band, c.part): _PERCENT * c.covered for c in found}
    rows = [
        (day, _PERCENT * evaluation.level, *(share.get((*line, str(day))) for line in lines))
        for day in days
    ]  # fmt: skip
    names = [f"{labels.get(model, model)}, {BANDS.get(band, band)}" for model, band in lines]
    placed = table(sheet, ("Culture day", "Asked (%)", *(f"{name} (%)" for name in names)), rows)
    chart = scatter(f"Coverage of {target} by culture day (dashed: dropout)", "Culture day", "Covered (%)")
    chart.x_axis.number_format = chart.y_axis.number_format = "0"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
    asked = Series(column(sheet, 2, placed), column(sheet, 1, placed), title=f"asked: {percent(evaluation.level)}")
    as_line(asked, BLACK)
    chart.series.append(asked)
    models = list(dict.fromkeys(model for model, _ in lines))
    for number, ((model, band), name) in enumerate(zip(lines, names, strict=True), start=3):
        line = Series(column(sheet, number, placed), column(sheet, 1, placed), title=name)
        as_line(line, COLORS[models.index(model) % len(COLORS)], dashed=band == "dropout", dots=band != "dropout")
        chart.series.append(line)
    sized(chart, 25.0, 8.5)
    sheet.add_chart(chart, f"A{top}")
