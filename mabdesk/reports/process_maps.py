"""The sheet of a process model's attribution: verdict, trust, ranking, and contributions by sensor and culture day."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from openpyxl.chart import Series
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.process.planned import NOT_PROVEN, LeverImportance, ProcessAttribution
from mabdesk.data.batch import Floats
from mabdesk.data.variables import shown_name
from mabdesk.project.results import Result
from mabdesk.reports.attribution_maps import colors_around_zero, with_unit
from mabdesk.reports.charts import BLUE, GREY, as_bars, bars, column
from mabdesk.reports.evaluation_sheets import fill_settings
from mabdesk.reports.process_sheets import draw
from mabdesk.reports.sheets import heading, note, pairs, table, title, warning

_PASSED = {True: "yes", False: "no", None: "could not be said"}
_KINDS = {"setpoint": "Setpoints", "sensor": "Sensors"}


def fill_process_attribution(sheet: Worksheet, result: Result) -> None:
    """Write what moved an output at harvest, by setpoint and by sensor and day, and whether to believe it."""
    found: ProcessAttribution = result.value
    what = with_unit(shown_name(found.output), found.unit)
    title(sheet, f"What moves {what} at harvest: {result.id}", "Contributions beside the usual plan.")
    if found.reliable:
        note(sheet, f"Verdict: {found.verdict}")
    else:
        warning(sheet, f"{found.verdict[:1].upper()}{found.verdict[1:]} Everything drawn is grey.")
    for text in (NOT_PROVEN, *found.notes):
        note(sheet, text)
    error = f"{100 * found.completeness_error:.2g} %" if math.isfinite(found.completeness_error) else "not known"
    explained = ", ".join(name for name in result.parents if name.startswith("process-model-"))
    about = [("Explained result", explained), ("Batches", len(found.batch_ids)), ("Completeness error", error)]
    pairs(sheet, about, sheet.max_row + 2)
    heading(sheet, "Trust tests")
    rows = [(one.label, _PASSED[one.passed], one.value, one.limit, one.sentence) for one in found.trust]
    table(sheet, ("Test", "Passed", "Measured", "Limit", "In words"), rows)
    _ranking(sheet, found)
    _by_day(sheet, found)
    fill_settings(sheet, result)


def fill_lever_contributions(sheet: Worksheet, result: Result) -> None:
    """Write the contribution of every setpoint to every explained batch."""
    found: ProcessAttribution = result.value
    title(sheet, f"Contributions of setpoints: {result.id}", f"To {shown_name(found.output)} at harvest.")
    if not found.reliable:
        warning(sheet, f"{found.verdict[:1].upper()}{found.verdict[1:]}")
    note(sheet, NOT_PROVEN)
    unit = f", all in {found.unit}" if found.unit else ""
    note(sheet, f"A row's contributions add up to predicted less typical, but for the completeness error{unit}.")
    labels = [shown_name(name) for name in found.levers]
    settings = [with_unit(f"{text}, set", u) for text, u in zip(labels, found.lever_units, strict=True)]
    rows = [
        (name, *map(float, (found.predicted[n], found.typical[n], *found.by_lever[n], *found.settings[n])))
        for n, name in enumerate(found.batch_ids)
    ]
    table(sheet, ("Batch", "Predicted", "Typical", *labels, *settings), rows, row=sheet.max_row + 2, filters=True)


def _ranking(sheet: Worksheet, found: ProcessAttribution) -> None:
    for kind, name in _KINDS.items():
        mine = [one for one in found.ranking if one.kind == kind]
        if mine:
            heading(sheet, f"Ranking: {name.lower()}")
            note(sheet, "Share of the mean |contribution| among its kind. Direction: +1 more of it, more at harvest.")
            note(sheet, "Floor: what models of exchanged outcomes give it anyway.")
            _ranked(sheet, found, mine, name)


def _ranked(sheet: Worksheet, found: ProcessAttribution, mine: Sequence[LeverImportance], name: str) -> None:
    rows = [
        (one.label, one.relative, one.mean_abs, one.direction, one.floor,
         "" if math.isnan(one.floor) else "yes" if one.above_floor else "no")
        for one in mine
    ]  # fmt: skip
    headers = (
        "Variable", "Share", with_unit("Mean |contribution|", found.unit), "Direction",
        with_unit("Floor", found.unit), "Above floor",
    )  # fmt: skip
    placed = table(sheet, headers, rows)
    flaw = "" if found.reliable else ", not reliable"
    chart = bars(f"{name} that move {shown_name(found.output)} at harvest{flaw}", "Share")
    series = Series(column(sheet, 2, placed), title="share")
    as_bars(series, BLUE if found.reliable else GREY)
    chart.series.append(series)
    chart.set_categories(column(sheet, 1, placed))
    chart.y_axis.scaling.min = 0
    draw(sheet, chart, NOT_PROVEN)


def _by_day(sheet: Worksheet, found: ProcessAttribution) -> None:
    """Write the mean contribution and the mean |contribution| by sensor and culture day, on colors."""
    flaw = "" if found.reliable else ", not reliable"
    size = np.abs(found.by_day).mean(axis=0) if len(found.by_day) else found.by_day.sum(axis=0)
    most = float(np.nanmax(size, initial=0.0))
    mean: Floats = found.by_day.mean(axis=0) if len(found.by_day) else size
    for name, values, unsigned in (("Contributions", mean, False), ("Mean |contribution|", size, True)):
        heading(sheet, f"{with_unit(f'{name} by sensor and culture day', found.unit)}{flaw}")
        colors = "grey, darker the larger" if not found.reliable else "blue above the usual course, orange below"
        note(sheet, f"Mean over batches. Colors: {colors}; 0 is white.")
        note(sheet, NOT_PROVEN)
        days = [str(day) for day in range(1, values.shape[1] + 1)]
        rows: list[tuple[Any, ...]] = [
            (shown_name(sensor), *map(float, values[s])) for s, sensor in enumerate(found.sensors)
        ]
        first, last = table(sheet, ("Sensor \\ day", *days), rows)
        if rows and days and most > 0:
            cells = f"B{first}:{get_column_letter(1 + len(days))}{last}"
            sheet.conditional_formatting.add(cells, colors_around_zero(unsigned, found.reliable, most))
