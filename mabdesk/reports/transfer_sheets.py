"""The sheet of a study of transfer: what is advised, scores and gains, learning curves and Table 8 as native charts."""

import math
from collections.abc import Sequence

from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.transferred import WORDS, Transfer, TransferGain, TransferScore
from mabdesk.models.settings import label_of
from mabdesk.project.results import Result
from mabdesk.reports.charts import COLORS, ROWS, add_error_bars, as_line, column, scatter, sized
from mabdesk.reports.evaluation_sheets import fill_settings, quick_warning
from mabdesk.reports.parallel import Scenario, fill_parallel
from mabdesk.reports.sheets import heading, note, pairs, table, title, warning

_SCORES = ("RMSE", "MAE", "R2", "DTS", "DTS*", "Final-day RMSE")
_BARS = "Error bars: the least and the largest RMSE of the draws; the other scores are means."


def fill_transfer(sheet: Worksheet, result: Result, quick: bool = False) -> None:
    """Write all that a study of transfer measured and advises."""
    study: Transfer = result.value
    what = f"{WORDS.get(study.by, study.by)} {study.group}"
    title(sheet, f"Transfer to {what}: {result.id}", f"At real samples of test batches of {what}, which no model saw.")
    if quick:
        warning(sheet, quick_warning([result.id]))
    for text in (study.verdict, *study.notes):
        note(sheet, text)
    about = (
        ("Network", label_of(study.kind, study.preset)),
        ("Preset", study.preset.replace("_", " ")),
        ("Batches of other origin", study.source_batches),
        ("Test batches", f"{len(study.test_ids)}: {', '.join(study.test_ids)}"),
    )
    pairs(sheet, about, sheet.max_row + 2)
    heading(sheet, "Advice")
    for text in study.advice:
        note(sheet, text)
    _gains(sheet, study)
    _scores(sheet, study)
    _curves(sheet, study)
    _side_by_side(sheet, study)
    fill_settings(sheet, result)


def said(gain: TransferGain) -> str:
    """Say whether a way is recommended, and why not."""
    if gain.recommended:
        return "yes"
    if not math.isfinite(gain.low):
        return "no: too few batches or draws to say"
    return "no: it hurts" if gain.high < 0 else "no: not shown to help"


def _gains(sheet: Worksheet, study: Transfer) -> None:
    heading(sheet, "Gains")
    note(sheet, "RMSE of the best model from local batches alone less the method's: above 0 the transfer helps.")
    note(sheet, "The interval counts that local and test batches were drawn, and that several transfers were tried.")
    note(sheet, "Recommended only where it lies above 0 for every way that learns from local batches alone.")
    labels = {score.method: score.label for score in study.scores}
    rows = [
        (g.batches, labels.get(g.method, g.method), labels.get(g.rival, g.rival), g.gain, g.low, g.high, said(g))
        for g in study.gains
    ]
    headers = ("Local batches", "Method", "Best local", "Gain", "95 %, low", "95 %, high", "Recommended")
    table(sheet, headers, rows)


def _scores(sheet: Worksheet, study: Transfer) -> None:
    heading(sheet, "Scores")
    note(sheet, "Means over the draws of local batches; low and high: the least and the largest RMSE of the draws.")
    units = dict(zip(study.targets, study.units, strict=True))
    rows = [
        (s.batches, s.label, s.target, units.get(s.target, ""), s.rmse, s.rmse_low, s.rmse_high, s.mae, s.r2, s.dts,
         s.dts_centered, s.final_day_rmse, s.n, s.repeats)
        for s in study.scores
    ]  # fmt: skip
    headers = ("Local batches", "Method", "Target", "Unit", "RMSE", "RMSE, low", "RMSE, high", *_SCORES[1:])
    table(sheet, (*headers, "Samples", "Draws"), rows, filters=True)


def _curves(sheet: Worksheet, study: Transfer) -> None:
    """Write the learning curves of the first target side by side, and draw them with the span of the draws."""
    heading(sheet, f"Learning curves: {study.targets[0]}")
    found = {(s.method, s.batches): s for s in study.scores if s.target == study.targets[0]}
    labels = {score.method: score.label for score in found.values()}
    sizes = sorted({score.batches for score in found.values()})  # the source's model as it is has none
    rows = [(size, *(cell for m in labels for cell in _cells(found.get((m, size))))) for size in sizes]
    titles = [text for label in labels.values() for text in (label, "bar up", "bar down")]
    placed = table(sheet, ("Local batches", *titles), rows)
    chart = scatter(f"Learning curves of {study.targets[0]}", "Local batches", f"RMSE ({study.units[0]})")
    chart.x_axis.number_format, chart.y_axis.number_format = "0", "0.00"
    chart.x_axis.scaling.min = 0
    chart.y_axis.scaling.min = 0
    for place, label in enumerate(labels.values()):
        first = 2 + 3 * place
        line = Series(column(sheet, first, placed), column(sheet, 1, placed), title=label)
        as_line(line, COLORS[place % len(COLORS)], dots=True)
        add_error_bars(line, column(sheet, first + 1, placed), column(sheet, first + 2, placed))
        chart.series.append(line)
    sized(chart, 20.0, 8.5)
    row = sheet.max_row + 2
    sheet.add_chart(chart, f"A{row}")
    note(sheet, "Bars: from the least to the largest RMSE of the draws.", row + ROWS)


def _cells(score: TransferScore | None) -> tuple[float | None, ...]:
    if score is None:
        return None, None, None
    return score.rmse, _length(score.rmse_high - score.rmse), _length(score.rmse - score.rmse_low)


def _length(value: float) -> float:
    return max(value, 0.0) if math.isfinite(value) else 0.0


def _side_by_side(sheet: Worksheet, study: Transfer) -> None:
    """Draw all scores of the methods at the largest number of local batches (Figure 7)."""
    largest = max(study.sizes, default=0)
    there = [s for s in study.scores if s.target == study.targets[0] and s.batches == largest]
    if there:
        fill_parallel(sheet, f"Method at {largest} local batches", _SCORES, _scenarios(there), _BARS)


def _scenarios(scores: Sequence[TransferScore]) -> list[Scenario]:
    none = (math.nan,) * (len(_SCORES) - 1)
    return [
        Scenario(
            s.label,
            (s.rmse, s.mae, s.r2, s.dts, s.dts_centered, s.final_day_rmse),
            (s.rmse_low, *none),
            (s.rmse_high, *none),
        )
        for s in scores
    ]
