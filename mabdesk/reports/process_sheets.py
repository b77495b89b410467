"""The sheet of a process model: verdict, errors at harvest beside rivals, courses, forecasts by day, bands."""

import math
from collections.abc import Sequence

from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.process.planned import OutputGain, ProcessEvaluation, ProcessTraining
from mabdesk.data.variables import shown_name
from mabdesk.models.process.trained import ProcessModel
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLUE, COLORS, GREY, ROWS, as_dots, as_line, column, scatter, sized
from mabdesk.reports.evaluation_sheets import fill_settings, percent, quick_warning
from mabdesk.reports.sheets import heading, note, pairs, table, title, warning

_ON = {"folds": "folds", "test": "test batches"}
_HOW = "Predicted from the plan alone. Folds: every batch by models that had not seen it; test batches took no part."


def fill_process(sheet: Worksheet, result: Result, quick: bool = False) -> None:
    """Write how good a process model is, beside what one would have used instead, and what it was made with."""
    found: ProcessTraining = result.value
    model, e = found.model, found.evaluation
    title(sheet, f"Process model: {result.id}", "What a whole batch becomes at other setpoints.")
    if quick:
        warning(sheet, quick_warning([result.id]))
    for text in (f"Verdict: {e.verdict}", *found.notes):  # what a prior was learned from is among the notes
        note(sheet, text)
    pairs(sheet, _about(model, e), sheet.max_row + 2)
    _setpoints(sheet, model)
    _scores(sheet, e)
    _gains(sheet, e)
    _harvests(sheet, model, e)
    _courses(sheet, e)
    _days(sheet, e)
    _bands(sheet, model, e)
    fill_settings(sheet, result)


def draw(sheet: Worksheet, chart: object, said: str) -> None:
    """Put a chart below what is there, and a sentence below it."""
    sized(chart, 20.0, 8.5)
    row = sheet.max_row + 2
    sheet.add_chart(chart, f"A{row}")  # type: ignore[arg-type]
    note(sheet, said, row + ROWS)


def _about(model: ProcessModel, e: ProcessEvaluation) -> list[tuple[str, object]]:
    shares = zip(model.outputs, model.shares, strict=True)
    return [
        ("Prior", model.prior or "off: the networks started from nothing"),
        ("Batches", e.batches),
        ("Test batches", e.test_batches),
        ("Predicts", ", ".join(shown_name(name) for name in model.names)),
        ("Tags", ", ".join(model.levers.tag_names) or "none"),
        ("Networks' share", ", ".join(f"{shown_name(name)} {100 * float(s):.0f} %" for name, s in shares)),
    ]


def _setpoints(sheet: Worksheet, model: ProcessModel) -> None:
    heading(sheet, "Setpoints in the batches")
    m = model.levers
    told = ["yes" if varied else "no: nothing can be learned of it" for varied in m.varied]
    rows = list(zip(m.labels, m.units, m.usual, m.low, m.high, told, strict=True))
    table(sheet, ("Setpoint", "Unit", "Usual", "Least", "Most", "Varied"), rows)


def _scores(sheet: Worksheet, e: ProcessEvaluation) -> None:
    heading(sheet, "Errors at harvest")
    note(sheet, _HOW)
    rows = [
        (s.label, shown_name(s.output), _unit(e, s.output), _ON.get(s.on, s.on), s.rmse, s.mae, s.r2, s.n)
        for s in e.scores
    ]
    table(sheet, ("Model", "Output", "Unit", "On", "RMSE", "MAE", "R2", "Batches"), rows)


def _gains(sheet: Worksheet, e: ProcessEvaluation) -> None:
    if not e.gains:
        return
    heading(sheet, "Gains over rivals")
    note(sheet, "RMSE of the rival less the process model's, on the folds: above 0 the process model is better.")
    note(sheet, "95 %: batches drawn anew.")
    rows = [(g.label, shown_name(g.output), _unit(e, g.output), g.gain, g.low, g.high, _judged(g)) for g in e.gains]
    headers = ("Rival", "Output", "Unit", "Gain", "95 %, low", "95 %, high", "The process model is")
    table(sheet, headers, rows)


def _judged(gain: OutputGain) -> str:
    if not math.isfinite(gain.low):
        return "too few batches to say"
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else "not shown to be better"


def _harvests(sheet: Worksheet, model: ProcessModel, e: ProcessEvaluation) -> None:
    """Write and draw what was measured at harvest and what was predicted from the plan, out of fold."""
    k, unit = model.known, e.units[0]
    heading(sheet, "Predicted and measured at harvest")
    more = [(f"Measured {shown_name(name)}", f"Predicted {shown_name(name)}") for name in model.quality]
    parts = (f"Measured titer ({unit})", f"Process model ({unit})", f"Networks ({unit})", f"Gaussian process ({unit})")
    rows = [
        (
            name, int(k.folds[n]) + 1, float(k.harvest_h[n]) / 24,
            *map(float, (k.measured[n, 0], k.said[n, 0], k.network[n, 0], k.surface[n, 0])),
            *(float(v) for j in range(1, len(model.outputs)) for v in (k.measured[n, j], k.said[n, j])),
        )
        for n, name in enumerate(k.ids)
    ]  # fmt: skip
    headers = ("Batch", "Fold", "Harvest day", *parts, *(text for both in more for text in both))
    placed = table(sheet, headers, rows)
    if not rows:
        return
    chart = scatter("Titer at harvest", f"Measured ({unit})", f"Predicted from the plan ({unit})")
    dots = Series(column(sheet, 5, placed), column(sheet, 4, placed), title="process model, out of fold")
    as_dots(dots, BLUE)
    line = Series(column(sheet, 4, placed), column(sheet, 4, placed), title="perfect")
    as_line(line, GREY)
    chart.series += [dots, line]
    draw(sheet, chart, "Each batch predicted by models that had not seen it.")


def _courses(sheet: Worksheet, e: ProcessEvaluation) -> None:
    heading(sheet, "Daily courses")
    note(sheet, "From the plan, out of fold, at real samples; beside it the mean trajectory of the training batches.")
    rows = [
        (shown_name(c.variable), c.unit, c.rmse, c.typical_rmse, c.sd, c.rmse / c.sd if c.sd else None, c.n)
        for c in e.courses
    ]
    headers = ("Variable", "Unit", "RMSE", "Mean trajectory's RMSE", "Spread (sd)", "RMSE / spread", "Samples")
    table(sheet, headers, rows)


def _days(sheet: Worksheet, e: ProcessEvaluation) -> None:
    """Write and draw the error of forecasts by the day on which they are made."""
    heading(sheet, "Forecast of a running batch by day")
    if not e.days:
        note(sheet, "No batch has samples to forecast from.")
        return
    unit = e.units[0]
    lines = ("Forecast", "Plan alone", "Last rate drawn on", "Last value + usual gain")
    rows = [
        (d.day, d.rmse, d.plan_rmse, d.last_rate_rmse, d.typical_rmse, percent(round(d.covered, 3)), d.n)
        for d in e.days
    ]
    headers = ("Day", *(f"{name}, RMSE ({unit})" for name in lines), "In the band", "Batches")
    placed = table(sheet, headers, rows)
    chart = scatter("Error of the titer forecast at harvest", "Made on culture day", f"RMSE ({unit})")
    chart.x_axis.number_format, chart.y_axis.number_format = "0", "0.00"
    chart.y_axis.scaling.min = 0
    for place, name in enumerate(lines):
        line = Series(column(sheet, 2 + place, placed), column(sheet, 1, placed), title=name)
        as_line(line, COLORS[place], dots=place == 0, dashed=place > 0)
        chart.series.append(line)
    draw(sheet, chart, "Out of fold: no batch was forecast by models that had seen it.")


def _bands(sheet: Worksheet, model: ProcessModel, e: ProcessEvaluation) -> None:
    heading(sheet, "Bands")
    if model.widths.source:
        note(sheet, model.widths.source)
    if not e.bands:
        note(sheet, "There were no test batches to measure them on.")
        return
    rows = [
        (shown_name(b.variable), _at(b.final), percent(b.level), percent(round(b.covered, 3)), b.width, b.n)
        for b in e.bands
    ]
    table(sheet, ("Variable", "When", "Asked", "Covered", "Mean width", "Samples"), rows)


def _at(final: bool) -> str:
    return "at harvest" if final else "daily"


def _unit(e: ProcessEvaluation, output: str) -> str:
    units: Sequence[str] = e.units
    return units[e.outputs.index(output)]
