"""The sheets of one evaluation: scores of models side by side, and predicted beside measured titer with charts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from openpyxl.chart import ScatterChart, Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Floats
from mabdesk.models.settings import KINDS
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLUE, GREY, ROWS, VERMILION, as_dots, as_line, column, scatter, unlisted
from mabdesk.reports.rival_tables import fill_rivals
from mabdesk.reports.setting_rows import named
from mabdesk.reports.sheets import heading, note, table, title, warning

CHARTED_BATCHES = 6
_FIRST_SAMPLE = 5


def fill_scores(sheet: Worksheet, result: Result, evaluation: Evaluation, quick: bool = False) -> None:
    """Write the verdict, one row a model and target, the settings, and one row a batch."""
    title(sheet, f"Scores: {result.id}", how(result, evaluation))
    if quick:
        warning(sheet, quick_warning([result.id]))
    note(sheet, evaluation.verdict)
    if evaluation.searched_on:
        note(sheet, f"Settings come from {evaluation.searched_on}, which saw these batches: errors look too small.")
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
    fill_rivals(sheet, evaluation)
    fill_settings(sheet, result)
    heading(sheet, "By batch")
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    by_batch = [
        (b.batch, fold_name(evaluation, b.fold), labels[b.model], b.target, b.n, b.rmse, b.mae, b.final_error)
        for b in evaluation.batches
    ]
    columns = ("Batch", "Fold", "Model", "Target", "Samples", "RMSE", "MAE", "Error at the last sample")
    table(sheet, columns, by_batch, filters=True)


def quick_warning(ids: Sequence[str]) -> str:
    """Return the sentence that stands wherever figures of shortened training are shown."""
    return f"QUICK RUN: fewer epochs and networks; a first look, not for decisions: {', '.join(ids)}"


def fill_settings(sheet: Worksheet, result: Result) -> None:
    """Write the settings and the seed that a result was made with."""
    heading(sheet, "Settings")
    if not result.options:
        note(sheet, f"Those of {', '.join(result.parents)}.")
    table(sheet, ("Setting", "Value"), named({**result.options, "seed": result.seed}), number_format="General")


def fill_titer(sheet: Worksheet, result: Result, evaluation: Evaluation) -> None:
    """Write every sample with what each model said, and below it the courses that the charts draw."""
    unit = evaluation.units[0]
    title(sheet, f"Predicted and measured {evaluation.targets[0]}: {result.id}", how(result, evaluation))
    headers = (
        "Batch",
        "Fold",
        "Culture day",
        f"Measured ({unit})",
        *(f"{name} ({unit})" for name in evaluation.labels),
        *_more_headers(evaluation),
    )
    rows = _sample_rows(evaluation)
    table(sheet, headers, rows, row=_FIRST_SAMPLE - 1, filters=True)
    start = heading(sheet, "Courses behind the charts (predicted every 6 h)", _FIRST_SAMPLE + len(rows) + 1)
    courses = [
        (batch, *line) for batch in _charted(rows) for line in zip(*_course_values(evaluation, batch), strict=True)
    ]
    label = evaluation.labels[shown_model(evaluation)]
    band = _band_headers(evaluation) if _has_band(evaluation) else ()
    table(sheet, ("Batch", "Culture day", label, *band), courses, row=start)


def fill_charts(sheet: Worksheet, result: Result, evaluation: Evaluation, data: Worksheet) -> None:
    """Draw predicted and measured titer with native charts over the values of the sheet `data`."""
    title(sheet, f"Charts: {result.id}", how(result, evaluation))
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
        sheet.add_chart(chart, f"{'AI'[number % 2]}{5 + ROWS * (number // 2)}")


def _sample_rows(evaluation: Evaluation) -> list[tuple[Any, ...]]:
    """Return batch, fold, culture day, measured, what each model predicted, band and phase of every real sample."""
    s = evaluation.samples
    return [
        (
            str(s.batch_ids[i]),
            fold_name(evaluation, int(s.fold[i])),
            *_numbers(s.hours[i] / 24, s.measured[i, 0], *s.predicted[:, i, 0]),
            *_more(evaluation, i),
        )
        for i in np.lexsort((s.hours, s.batch_ids))
        if np.isfinite(s.measured[i, 0])
    ]


def _more_headers(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the headers of what only some results know of a sample: the shown model's band, and the phase."""
    samples = evaluation.samples
    band = _band_headers(evaluation) if _is_known(evaluation, samples.low) else ()
    return (*band, *(("Phase",) if samples.phase is not None else ()))


def _more(evaluation: Evaluation, row: int) -> tuple[Any, ...]:
    samples, model = evaluation.samples, shown_model(evaluation)
    phase = (str(samples.phase[row]),) if samples.phase is not None else ()
    if samples.low is None or samples.high is None or not _is_known(evaluation, samples.low):
        return phase
    return (*_numbers(samples.low[model, row, 0], samples.high[model, row, 0]), *phase)


def _band_headers(evaluation: Evaluation) -> tuple[str, str]:
    label, unit = evaluation.labels[shown_model(evaluation)], evaluation.units[0]
    return f"{label}, {percent(evaluation.level)} band, low ({unit})", f"high ({unit})"


def _has_band(evaluation: Evaluation) -> bool:
    """Tell whether the courses of the model that is drawn have a band."""
    return _is_known(evaluation, evaluation.courses.low)


def _is_known(evaluation: Evaluation, ends: Floats | None) -> bool:
    """Tell whether these ends (models, n, targets) of bands say anything of the shown model and the first target."""
    return ends is not None and bool(np.isfinite(ends[shown_model(evaluation), :, 0]).any())


def percent(share: float) -> str:
    """Write a share as people do: 95 %."""
    return f"{100 * share:g} %"


def fold_name(evaluation: Evaluation, fold: int) -> int | str:
    """Return what people read for a fold counted from 0: what it left out, else its number from 1."""
    return evaluation.fold_names[fold] if fold < len(evaluation.fold_names) else fold + 1


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


def _course_values(evaluation: Evaluation, batch: str) -> tuple[tuple[float, ...], ...]:
    """Return culture days, predicted values and, where there is one, the band's ends of one batch, in order of time."""
    c, model = evaluation.courses, shown_model(evaluation)
    there = np.flatnonzero(c.batch_ids == batch)
    there = there[np.argsort(c.hours[there], kind="stable")]
    drawn = [c.predicted, *(ends for ends in (c.low, c.high) if ends is not None and _has_band(evaluation))]
    return _numbers(*c.hours[there] / 24), *(_numbers(*values[model, there, 0]) for values in drawn)


def how(result: Result, evaluation: Evaluation) -> str:
    """Say what was predicted, and on which batches it was measured."""
    what = {
        "train": "test batches, which took no part in fitting",
        "final-test": "locked batches, opened for this test",
    }.get(result.step, folds_in_words(evaluation))
    return f"{evaluation.preset.replace('_', ' ').capitalize()}, at real samples of {what}."


def folds_in_words(evaluation: Evaluation) -> str:
    """Say how the folds were made."""
    if evaluation.folds_by == "batch":
        return f"{evaluation.folds} folds of whole batches; all is fitted inside each fold"
    return f"{evaluation.folds} folds, each with one {evaluation.folds_by.replace('_', ' ')} left out of all fitting"


def shown_model(evaluation: Evaluation) -> int:
    """Return which model the charts show: the network where there is one, else the one with the least error."""
    networks = [i for i, kind in enumerate(evaluation.models) if not KINDS[kind].simple]
    errors = [evaluation.score(kind).rmse for kind in evaluation.models]
    return networks[0] if networks else int(np.argmin(errors))


def _numbers(*values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _parity(data: Worksheet, count: int, evaluation: Evaluation) -> ScatterChart:
    model, unit, rows = shown_model(evaluation), evaluation.units[0], (_FIRST_SAMPLE, _FIRST_SAMPLE + count - 1)
    label, target = evaluation.labels[model], evaluation.targets[0]
    chart = scatter(f"{label}: all samples", f"Measured {target} ({unit})", f"Predicted ({unit})")
    dots = Series(column(data, 5 + model, rows), column(data, 4, rows), title=label)
    as_dots(dots, BLUE)
    line = Series(column(data, 4, rows), column(data, 4, rows), title="perfect")
    as_line(line, GREY)
    chart.series += [dots, line]
    return chart


def _course(
    sheet: Worksheet, batch: str, samples: tuple[int, int], course: tuple[int, int], evaluation: Evaluation
) -> ScatterChart:
    chart = scatter(f"Batch {batch}", "Culture day", f"{evaluation.targets[0].capitalize()} ({evaluation.units[0]})")
    measured = Series(column(sheet, 4, samples), column(sheet, 3, samples), title="measured")
    as_dots(measured, VERMILION)
    predicted = Series(column(sheet, 3, course), column(sheet, 2, course), title="predicted")
    as_line(predicted, BLUE)
    chart.series += [measured, predicted]
    if _has_band(evaluation):
        for number, name in ((4, f"{percent(evaluation.level)} band"), (5, "upper end")):
            end = Series(column(sheet, number, course), column(sheet, 2, course), title=name)
            as_line(end, BLUE, points=0.75, dashed=True)
            chart.series.append(end)
        unlisted(chart, [3])
    return chart
