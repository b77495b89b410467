"""The sheet of how errors spread in each phase of the culture (Figure 3): numbers, and violins as a native chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.chart import ScatterChart, Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.density import SHARES, density
from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Floats
from mabdesk.data.phases import PHASES
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLACK, GREY, RAMP, as_dots, as_line, column, scatter, sized, unlisted, write_name
from mabdesk.reports.evaluation_sheets import how
from mabdesk.reports.part_sheets import phases_in_words
from mabdesk.reports.sheets import heading, note, table, title

MOST_MODELS = 8  # that can be told apart side by side
_POINTS, _HALF = 20, 0.42  # heights of an outline; half the width of the widest place
_ROWS = 26  # of the sheet, under the chart
_STEP = len(PHASES) + 1  # places between two models
_WIDTH, _HEIGHT = 25.0, 12.0  # centimeters


@dataclass(frozen=True, eq=False)
class Heap:
    """Errors (n,) of one model in one phase, predicted less measured, from so many batches."""

    model: int
    phase: str
    errors: Floats
    batches: int

    @property
    def quantiles(self) -> list[float]:
        """The errors below which 5, 25, 50, 75 and 95 % lie."""
        return [float(value) for value in np.quantile(self.errors, SHARES)]


def knows_phases(evaluation: Evaluation) -> bool:
    """Tell whether the phase of at least one sample is known."""
    phase = evaluation.samples.phase
    return phase is not None and bool(np.isin(phase, PHASES).any())


def fill_phases(sheet: Worksheet, result: Result, evaluation: Evaluation) -> None:
    """Write quantiles of the errors a target, model and phase; draw those of the first target, with what is drawn."""
    title(sheet, f"Spread of errors by phase: {result.id}", how(result, evaluation))
    note(sheet, phases_in_words(evaluation))
    note(sheet, "Errors: predicted less measured. Samples of an unknown phase are left out.")
    rows = [
        (target, evaluation.units[t], evaluation.labels[heap.model], heap.phase, *heap.quantiles,
         float(heap.errors.mean()), len(heap.errors), heap.batches)
        for t, target in enumerate(evaluation.targets)
        for heap in heaps(evaluation, t)
    ]  # fmt: skip
    shares = [f"{100 * share:g} %" if share != 0.5 else "Median" for share in SHARES]
    headers = ("Target", "Unit", "Model", "Phase", *shares, "Mean", "Samples", "Batches")
    table(sheet, headers, rows, row=sheet.max_row + 2, filters=True)
    drawn = [heap for heap in heaps(evaluation, 0) if heap.model < MOST_MODELS]
    if drawn:
        _draw(sheet, evaluation, drawn)


def heaps(evaluation: Evaluation, target: int) -> list[Heap]:
    """Return the errors on one target of every model in every phase that has samples."""
    samples, found = evaluation.samples, []
    if samples.phase is None:
        return []
    for model in range(len(evaluation.models)):
        errors = samples.predicted[model, :, target] - samples.measured[:, target]
        for phase in PHASES:
            rows = np.isfinite(errors) & (samples.phase == phase)
            if rows.any():
                found.append(Heap(model, phase, errors[rows], len(np.unique(samples.batch_ids[rows]))))
    return found


def _draw(sheet: Worksheet, evaluation: Evaluation, drawn: Sequence[Heap]) -> None:
    """Write the values behind the violins below the printed part of the sheet, and draw them above."""
    top = heading(sheet, f"Errors of {evaluation.targets[0]} by phase")
    note(sheet, "Box: quartiles; dot: median; whiskers: 5 to 95 %. From light to dark: the phases in their order.", top)
    sheet.print_area = f"A1:L{top + _ROWS}"
    heading(sheet, "Values behind the chart", top + _ROWS + 1)
    unit = evaluation.units[0]
    chart = scatter(f"Error of {evaluation.targets[0]} by phase", "", f"Predicted less measured ({unit})")
    chart.x_axis.delete, chart.x_axis.title = True, None
    places = {phase: _outlines(sheet, [heap for heap in drawn if heap.phase == phase]) for phase in PHASES}
    for phase, rows in places.items():
        if rows[1] >= rows[0]:
            _add(chart, sheet, 2, rows, phase, RAMP[PHASES.index(phase)])
    _add_boxes(chart, sheet, drawn)
    _add_names(chart, sheet, evaluation, drawn)
    sized(chart, _WIDTH, _HEIGHT)
    sheet.add_chart(chart, f"A{top + 1}")


def _place(heap: Heap) -> float:
    return float(heap.model * _STEP + PHASES.index(heap.phase))


def _outlines(sheet: Worksheet, phase: Sequence[Heap]) -> tuple[int, int]:
    """Write the outlines of one phase's violins, an empty row after each, and return the first and the last row."""
    rows = [row for heap in phase for row in _outline(heap)]
    return table(sheet, ("Place", "Error"), rows) if rows else (1, 0)


def _outline(heap: Heap) -> Iterator[tuple[float | None, float | None]]:
    shape = density(heap.errors, _POINTS)
    if shape is None:
        return
    heights, dense = shape[0].tolist(), (shape[1] * _HALF).tolist()
    right = [(_place(heap) + wide, high) for high, wide in zip(heights, dense, strict=True)]
    left = [(_place(heap) - wide, high) for high, wide in zip(heights, dense, strict=True)]
    yield from [*right, *reversed(left), right[0], (None, None)]


def _add_boxes(chart: ScatterChart, sheet: Worksheet, drawn: Sequence[Heap]) -> None:
    """Add whiskers, boxes and medians; two rows a violin, and an empty one that parts the lines."""
    rows: list[tuple[float | None, ...]] = []
    for heap in drawn:
        low, first, middle, third, high = heap.quantiles
        rows += [(_place(heap), low, first, middle), (_place(heap), high, third, None), (None,) * 4]
    names = ("5 to 95 %", "quartiles", "median")
    placed = table(sheet, ("Place", *names), rows)
    for number, (name, points) in enumerate(zip(names[:2], (1.0, 4.5), strict=True), start=2):
        _add(chart, sheet, number, placed, name, BLACK, points)
    dots = Series(column(sheet, 4, placed), column(sheet, 1, placed), title=names[2])
    as_dots(dots, "FFFFFF", 4)
    dots.marker.graphicalProperties.line.solidFill = BLACK
    chart.series.append(dots)


def _add_names(chart: ScatterChart, sheet: Worksheet, evaluation: Evaluation, drawn: Sequence[Heap]) -> None:
    """Add the line of no error, and the models' names below their violins."""
    models = sorted({heap.model for heap in drawn})
    bottom = min(float(heap.errors.min()) for heap in drawn)
    middle = (len(PHASES) - 1) / 2
    rows: list[tuple[Any, ...]] = [(model * _STEP + middle, bottom, evaluation.labels[model]) for model in models]
    first, last = table(sheet, ("Place", "Lowest", "Model"), rows)
    ends = table(sheet, ("Place", "No error"), [(-1.0, 0.0), (float((models[-1] + 1) * _STEP - 1), 0.0)])
    _add(chart, sheet, 2, ends, "no error", GREY, 1.0)
    unlisted_ones = [len(chart.series) - 1]
    for row in range(first, last + 1):
        name = Series(
            column(sheet, 2, (row, row)), column(sheet, 1, (row, row)), title=evaluation.labels[models[row - first]]
        )
        write_name(name)
        unlisted_ones.append(len(chart.series))
        chart.series.append(name)
    unlisted(chart, unlisted_ones)
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = ends_of(models)


def ends_of(models: Sequence[int]) -> tuple[float, float]:
    """Return where the axis of places begins and ends."""
    return -1.0, float((models[-1] + 1) * _STEP - 1)


def _add(
    chart: ScatterChart,
    sheet: Worksheet,
    number: int,
    rows: tuple[int, int],
    name: str,
    color: str,
    points: float = 1.5,
) -> None:
    line = Series(column(sheet, number, rows), column(sheet, 1, rows), title=name)
    as_line(line, color, points=points)
    chart.series.append(line)
