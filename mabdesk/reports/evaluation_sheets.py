"""The sheets of one evaluation: scores of models side by side, and predicted beside measured titer with charts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.legend import Legend
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Evaluation
from mabdesk.models.settings import KINDS
from mabdesk.project.results import Result
from mabdesk.reports.setting_rows import named
from mabdesk.reports.sheets import heading, note, table, title, warning

CHARTED_BATCHES = 6
_BLUE, _VERMILION, _GREY = "0072B2", "D55E00", "A8A29E"
_CHART_ROWS, _FIRST_SAMPLE = 18, 5


def fill_scores(sheet: Worksheet, result: Result, evaluation: Evaluation, quick: bool = False) -> None:
    """Write the verdict, one row a model and target, the settings, and one row a batch."""
    title(sheet, f"Scores: {result.id}", _how(result, evaluation))
    if quick:
        warning(sheet, quick_warning([result.id]))
    note(sheet, evaluation.verdict)
    note(sheet, "DTS is the paper's formula and near 1 for any model; DTS* can tell models apart.")
    headers = ("Model", "Target", "Unit", "RMSE", "MAE", "R2", "DTS", "DTS*", "Final-day RMSE", "Samples", "Batches")
    units = dict(zip(evaluation.targets, evaluation.units, strict=True))
    rows = [
        (
            s.label,
            s.target,
            units[s.target],
            s.rmse,
            s.mae,
            s.r2,
            s.dts,
            s.dts_centered,
            s.final_day_rmse,
            s.n,
            s.batches,
        )
        for s in evaluation.scores
    ]
    table(sheet, headers, rows, row=sheet.max_row + 2)
    for text in evaluation.notes:
        note(sheet, text)
    _settings(sheet, result)
    heading(sheet, "By batch")
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    by_batch = [
        (b.batch, b.fold + 1, labels[b.model], b.target, b.n, b.rmse, b.mae, b.final_error) for b in evaluation.batches
    ]
    columns = ("Batch", "Fold", "Model", "Target", "Samples", "RMSE", "MAE", "Error at the last sample")
    table(sheet, columns, by_batch, filters=True)


def quick_warning(ids: Sequence[str]) -> str:
    """Return the sentence that stands wherever figures of shortened training are shown."""
    return f"QUICK RUN: fewer epochs and networks; a first look, not for decisions: {', '.join(ids)}"


def _settings(sheet: Worksheet, result: Result) -> None:
    heading(sheet, "Settings")
    if not result.options:
        note(sheet, f"Those of {', '.join(result.parents)}.")
    table(sheet, ("Setting", "Value"), named({**result.options, "seed": result.seed}), number_format="General")


def fill_titer(sheet: Worksheet, result: Result, evaluation: Evaluation) -> None:
    """Write every sample with what each model said, and below it the courses that the charts draw."""
    unit = evaluation.units[0]
    title(sheet, f"Predicted and measured {evaluation.targets[0]}: {result.id}", _how(result, evaluation))
    headers = (
        "Batch",
        "Fold",
        "Culture day",
        f"Measured ({unit})",
        *(f"{name} ({unit})" for name in evaluation.labels),
    )
    rows = _sample_rows(evaluation)
    table(sheet, headers, rows, row=_FIRST_SAMPLE - 1, filters=True)
    start = heading(sheet, "Courses behind the charts (predicted every 6 h)", _FIRST_SAMPLE + len(rows) + 1)
    courses = [
        (batch, *line) for batch in _charted(rows) for line in zip(*_course_values(evaluation, batch), strict=True)
    ]
    table(sheet, ("Batch", "Culture day", evaluation.labels[_shown_model(evaluation)]), courses, row=start)


def fill_charts(sheet: Worksheet, result: Result, evaluation: Evaluation, data: Worksheet) -> None:
    """Draw predicted and measured titer with native charts over the values of the sheet `data`."""
    title(sheet, f"Charts: {result.id}", _how(result, evaluation))
    rows = _sample_rows(evaluation)
    if not rows:
        note(sheet, "No sample was measured.")
        return
    note(sheet, _which(len(_charted(rows)), len({row[0] for row in rows})))
    charts = [_parity(data, len(rows), evaluation)]
    place = _FIRST_SAMPLE + len(rows) + 3
    for batch in _charted(rows):
        found = [_FIRST_SAMPLE + k for k, row in enumerate(rows) if row[0] == batch]
        length = len(_course_values(evaluation, batch)[0])
        charts.append(_course(data, batch, (found[0], found[-1]), (place, place + length - 1), evaluation))
        place += length
    for number, chart in enumerate(charts):
        sheet.add_chart(chart, f"{'AI'[number % 2]}{5 + _CHART_ROWS * (number // 2)}")


def _sample_rows(evaluation: Evaluation) -> list[tuple[Any, ...]]:
    """Return batch, fold, culture day, measured, and what each model predicted, for every measured sample."""
    s = evaluation.samples
    return [
        (str(s.batch_ids[i]), int(s.fold[i]) + 1, *_numbers(s.hours[i] / 24, s.measured[i, 0], *s.predicted[:, i, 0]))
        for i in np.lexsort((s.hours, s.batch_ids))
        if np.isfinite(s.measured[i, 0])
    ]


def _which(drawn: int, batches: int) -> str:
    """Say which batches are drawn."""
    if drawn == batches:
        return f"All {batches} batches are drawn; every sample is on the sheet before."
    return f"{drawn} of {batches} batches, spread evenly over the list; every sample is on the sheet before."


def _charted(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the batches that get a chart: spread evenly over all of them."""
    batches = list(dict.fromkeys(row[0] for row in rows))
    return (
        [batches[i] for i in np.unique(np.linspace(0, len(batches) - 1, CHARTED_BATCHES).astype(int))] if rows else []
    )


def _course_values(evaluation: Evaluation, batch: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return culture days and predicted values of one batch, in order of time."""
    c = evaluation.courses
    there = np.flatnonzero(c.batch_ids == batch)
    there = there[np.argsort(c.hours[there], kind="stable")]
    return _numbers(*c.hours[there] / 24), _numbers(*c.predicted[_shown_model(evaluation), there, 0])


def _how(result: Result, evaluation: Evaluation) -> str:
    what = {
        "train": "test batches, which took no part in fitting",
        "final-test": "locked batches, opened for this test",
    }.get(result.step, f"{evaluation.folds} folds of whole batches; all is fitted inside each fold")
    return f"{evaluation.preset.replace('_', ' ').capitalize()}, at real samples of {what}."


def _shown_model(evaluation: Evaluation) -> int:
    """Return which model the charts show: the network where there is one, else the one with the least error."""
    networks = [i for i, kind in enumerate(evaluation.models) if not KINDS[kind].simple]
    errors = [evaluation.score(kind).rmse for kind in evaluation.models]
    return networks[0] if networks else int(np.argmin(errors))


def _numbers(*values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _parity(data: Worksheet, count: int, evaluation: Evaluation) -> ScatterChart:
    model, unit, rows = _shown_model(evaluation), evaluation.units[0], (_FIRST_SAMPLE, _FIRST_SAMPLE + count - 1)
    label, target = evaluation.labels[model], evaluation.targets[0]
    chart = _scatter(f"{label}: all samples", f"Measured {target} ({unit})", f"Predicted ({unit})")
    dots = Series(_column(data, 5 + model, rows), _column(data, 4, rows), title=label)
    _as_dots(dots, _BLUE)
    line = Series(_column(data, 4, rows), _column(data, 4, rows), title="perfect")
    _as_line(line, _GREY)
    chart.series += [dots, line]
    return chart


def _course(
    sheet: Worksheet, batch: str, samples: tuple[int, int], course: tuple[int, int], evaluation: Evaluation
) -> ScatterChart:
    chart = _scatter(f"Batch {batch}", "Culture day", f"{evaluation.targets[0].capitalize()} ({evaluation.units[0]})")
    measured = Series(_column(sheet, 4, samples), _column(sheet, 3, samples), title="measured")
    _as_dots(measured, _VERMILION)
    predicted = Series(_column(sheet, 3, course), _column(sheet, 2, course), title="predicted")
    _as_line(predicted, _BLUE)
    chart.series += [measured, predicted]
    return chart


def _column(sheet: Worksheet, column: int, rows: tuple[int, int]) -> Reference:
    return Reference(sheet, min_col=column, min_row=rows[0], max_row=rows[1])


def _scatter(name: str, x: str, y: str) -> ScatterChart:
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.title, chart.x_axis.title, chart.y_axis.title = name, x, y
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.number_format = chart.y_axis.number_format = "0.0"
    chart.x_axis.majorGridlines = None
    chart.legend = Legend()
    chart.legend.position = "b"
    chart.height, chart.width = 8.5, 14.5  # type: ignore[assignment]  # typed by their whole defaults; centimeters
    return chart


def _as_dots(series: Any, color: str) -> None:
    series.marker.symbol, series.marker.size = "circle", 5
    series.marker.graphicalProperties.solidFill = series.marker.graphicalProperties.line.solidFill = color
    series.graphicalProperties.line.noFill = True


def _as_line(series: Any, color: str) -> None:
    series.marker.symbol = "none"
    series.graphicalProperties.line.solidFill = color
    series.graphicalProperties.line.width = 19_050  # 1.5 pt in EMU
    series.smooth = False
