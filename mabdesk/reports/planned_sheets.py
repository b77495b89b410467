"""The sheets of plans and of running batches: what becomes of them, how sure that is, and how far from experience."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.process.planned import Experience, Forecast, Scenarios
from mabdesk.data.variables import shown_name
from mabdesk.models.process.trained import Trajectories
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLACK, BLUE, COLORS, VERMILION, as_dots, as_line, column, scatter, unlisted
from mabdesk.reports.evaluation_sheets import fill_settings, percent
from mabdesk.reports.process_sheets import draw
from mabdesk.reports.sheets import heading, note, table, title

MOST_DRAWN = 8
_NEAREST = ("Nearest batch", "Its titer", "Its distance")
_DISTANCE = "Distance: 1 is what usually lies between a batch and its nearest neighbor."


def fill_what_if(sheet: Worksheet, result: Result) -> None:
    """Write and draw what becomes of plans, and how far they lie from what was run."""
    found: Scenarios = result.value
    title(sheet, f"What if: {result.id}", f"Predicted from the plan alone by {_model(result)}.")
    for text in found.notes:
        note(sheet, text)
    heading(sheet, "Plans")
    headers = ("Scenario", *map(_headed, found.levers, found.units), *found.tag_names)
    rows = [(name, *map(float, found.settings[i]), *found.tags[i].tolist()) for i, name in enumerate(found.names)]
    table(sheet, headers, rows, number_format="General")
    heading(sheet, "At harvest")
    headers = ("Scenario", *_final_headers(found.said, found.variable_units), "Inside experience", "In words")
    ends = zip(found.names, found.experience, strict=True)
    table(sheet, headers, [(name, *_finals(found.said, i), *_inside(said)) for i, (name, said) in enumerate(ends)])
    _nearest(sheet, found.names, found.experience)
    _courses(sheet, found)
    fill_settings(sheet, result)


def fill_forecast(sheet: Worksheet, result: Result) -> None:
    """Write where running batches go until harvest, and draw for each the fan with its samples."""
    found: Forecast = result.value
    title(sheet, f"Forecast: {result.id}", f"Given the samples so far, by {_model(result)}.")
    for text in found.notes:
        note(sheet, text)
    heading(sheet, "At harvest")
    unit = _unit(found.said, found.variable_units, "titer")
    headers = (
        "Batch", "Known until day", "Harvest day", *_final_headers(found.said, found.variable_units),
        f"Plan alone ({unit})", "Inside experience", "In words",
    )  # fmt: skip
    rows = [
        (batch, float(found.known_h[i]) / 24, float(found.harvest_h[i]) / 24, *_finals(found.said, i),
         float(found.planned.final[i, 0]), *_inside(_at(found.experience, i)))
        for i, batch in enumerate(found.batch_ids)
    ]  # fmt: skip
    table(sheet, headers, rows)
    _nearest(sheet, found.batch_ids, found.experience)
    for i in range(min(len(found.batch_ids), MOST_DRAWN)):
        _fan(sheet, found, i)
    if len(found.batch_ids) > MOST_DRAWN:
        note(sheet, f"{MOST_DRAWN} of {len(found.batch_ids)} batches are drawn; `mabdesk predict --output` has all.")
    fill_settings(sheet, result)


def _nearest(sheet: Worksheet, names: Sequence[str], experience: Sequence[Experience]) -> None:
    heading(sheet, "Nearest batches that were run")
    if not any(said.nearest for said in experience):
        note(sheet, "None is known.")
        return
    note(sheet, _DISTANCE)
    rows = [
        (name, near, float(titer), float(distance), ", ".join(said.outside) or "none")
        for name, said in zip(names, experience, strict=False)
        for near, titer, distance in zip(said.nearest, said.nearest_titers, said.nearest_distances, strict=True)
    ]
    table(sheet, ("Plan", *_NEAREST, "Setpoints outside"), rows)


def _courses(sheet: Worksheet, found: Scenarios) -> None:
    """Write the daily titer of every scenario with its band, and draw the courses."""
    said, unit = found.said, _unit(found.said, found.variable_units, "titer")
    v = said.names.index("titer")
    heading(sheet, f"Courses of titer ({unit})")
    headers = ["Culture day", *(t for name in found.names for t in (name, f"{name}, low", f"{name}, high"))]
    rows = [
        (float(day), *(float(t[i, d, v]) for i in range(len(found.names)) for t in (said.mean, said.low, said.high)))
        for d, day in enumerate(said.days)
    ]
    placed = table(sheet, headers, rows)
    chart = _titers("Titer of the plans", unit)
    for i, name in enumerate(found.names[:MOST_DRAWN]):
        color = COLORS[i % len(COLORS)]
        chart.series.append(_line(sheet, 2 + 3 * i, placed, name, color))
        for place in (3 + 3 * i, 4 + 3 * i):
            chart.series.append(_line(sheet, place, placed, f"{name}, {percent(said.level)} band", color, thin=True))
    drawn = len(found.names[:MOST_DRAWN])
    unlisted(chart, [place for i in range(drawn) for place in (3 * i + 1, 3 * i + 2)])
    draw(sheet, chart, f"Dashed: {percent(said.level)} bands, where there are any.")


def _fan(sheet: Worksheet, found: Forecast, row: int) -> None:
    """Write and draw the titer of one running batch: samples, forecast with its band, and the plan alone."""
    said, unit = found.said, _unit(found.said, found.variable_units, "titer")
    v, name = said.names.index("titer"), found.batch_ids[row]
    heading(sheet, f"Titer of {name}")
    tables = (said.mean, said.low, said.high, found.planned.mean)
    rows = [(float(day), *(float(t[row, d, v]) for t in tables)) for d, day in enumerate(said.days)]
    headers = ("Culture day", f"Forecast ({unit})", "low", "high", f"Plan alone ({unit})")
    placed = table(sheet, headers, rows)
    there = np.flatnonzero(np.isfinite(found.hours[row]) & np.isfinite(found.samples[row, :, v]))
    measured = [(float(found.hours[row, n]) / 24, float(found.samples[row, n, v])) for n in there]
    sampled = table(sheet, ("Culture day", f"Measured ({unit})"), measured, row=sheet.max_row + 2)
    chart = _titers(f"Forecast of {name}", unit)
    chart.series += [
        _line(sheet, 2, placed, "forecast", BLUE),
        _line(sheet, 3, placed, f"{percent(said.level)} band", BLUE, thin=True),
        _line(sheet, 4, placed, "upper end", BLUE, thin=True),
        _line(sheet, 5, placed, "plan alone", BLACK, thin=True),
    ]
    if measured:
        dots = Series(column(sheet, 2, sampled), column(sheet, 1, sampled), title="measured")
        as_dots(dots, VERMILION)
        chart.series.append(dots)
    unlisted(chart, [2])
    draw(sheet, chart, f"Samples until day {float(found.known_h[row]) / 24:.1f} are known.")


def _titers(name: str, unit: str) -> Any:
    chart = scatter(name, "Culture day", f"Titer ({unit})")
    chart.x_axis.number_format = "0"
    chart.y_axis.scaling.min = 0
    return chart


def _line(sheet: Worksheet, place: int, rows: tuple[int, int], name: str, color: str, thin: bool = False) -> Any:
    line = Series(column(sheet, place, rows), column(sheet, 1, rows), title=name)
    as_line(line, color, points=0.75 if thin else 1.5, dashed=thin)
    return line


def _final_headers(said: Trajectories, units: Sequence[str]) -> Iterator[str]:
    for output in said.outputs:
        yield _headed(shown_name(output), _unit(said, units, output))
        yield from (f"{percent(said.level)} band, low", f"{percent(said.level)} band, high")


def _finals(said: Trajectories, row: int) -> Iterator[float]:
    for j in range(len(said.outputs)):
        yield from (float(ends[row, j]) for ends in (said.final, said.final_low, said.final_high))


def _inside(said: Experience | None) -> tuple[str, str]:
    return ("", "") if said is None else ("yes" if said.inside else "NO", said.sentence)


def _at(experience: Sequence[Experience], row: int) -> Experience | None:
    return experience[row] if row < len(experience) else None


def _headed(name: str, unit: str) -> str:
    text = shown_name(name)
    return text if unit in {"", "-", text} else f"{text} ({unit})"


def _unit(said: Trajectories, units: Sequence[str], name: str) -> str:
    return units[said.names.index(name)]


def _model(result: Result) -> str:
    return next((name for name in result.parents if name.startswith("process-model-")), "a process model")
