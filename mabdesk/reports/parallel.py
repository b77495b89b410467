"""Parallel coordinates (Figure 7) as a table and a native chart: scores side by side, up is better, error bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.chart import Reference, Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.reports.charts import COLORS, ROWS, add_error_bars, as_line, lines, sized
from mabdesk.reports.sheets import heading, note, table

_GOOD_WHEN_LARGE = ("R2", "DTS", "DTS*")
_NEAR = 1e-9  # of the largest value; values that are nearer to each other are alike


@dataclass(frozen=True)
class Scenario:
    """One line: a value a score, NaN where there is none, and the ends of its error bars."""

    name: str
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


def fill_parallel(sheet: Worksheet, name: str, scores: Sequence[str], found: Sequence[Scenario], bars: str) -> None:
    """Write values and error bars, the heights that are drawn, and the chart.

    Args:
        sheet: where to write, below what is there.
        name: what one line is, such as "Cell line".
        scores: the axes.
        found: the lines.
        bars: what the error bars are, in a sentence.
    """
    heading(sheet, name)
    note(sheet, bars)
    headers = [name, *(text for score in scores for text in (score, f"{score}, low", f"{score}, high"))]
    table(sheet, headers, [(line.name, *_cells(line)) for line in found])
    heading(sheet, f"{name}: heights in the chart")
    note(sheet, "On each axis 0 is the worst and 1 the best end of all error bars.")
    scales = [_Scale.of(score, found, place) for place, score in enumerate(scores)]
    titles = [f"{score}{part}" for part in ("", ", bar up", ", bar down") for score in scores]
    first, _ = table(sheet, (name, *titles), [(line.name, *_heights(scales, line)) for line in found])
    chart = lines(f"{name}: up is better", "", "Height on the axis")
    chart.x_axis.title = None
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    for place, line in enumerate(found):
        values, up, down = (_area(sheet, first + place, shift, len(scores)) for shift in range(3))
        series = Series(values, title=line.name)
        as_line(series, COLORS[place % len(COLORS)], dots=True)
        add_error_bars(series, up, down)
        chart.series.append(series)
    chart.set_categories(_area(sheet, first - 1, 0, len(scores)))
    sized(chart, 20.0, 8.5)
    row = sheet.max_row + 2
    sheet.add_chart(chart, f"A{row}")
    note(sheet, f"{name}: one line each; R2, DTS and DTS* are better when large, errors when small.", row + ROWS)


@dataclass(frozen=True)
class _Scale:
    """What an axis runs over."""

    low: float
    high: float
    upward: bool

    @staticmethod
    def of(score: str, found: Sequence[Scenario], place: int) -> "_Scale":
        each = [(line.values[place], line.lows[place], line.highs[place]) for line in found]
        known = [value for values in each for value in values if math.isfinite(value)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        if high - low <= _NEAR * max(abs(high), abs(low), 1e-300):  # all alike: in the middle of their axis
            room = abs(high) / 10 or 1.0
            low, high = low - room, high + room
        return _Scale(low, high, score in _GOOD_WHEN_LARGE)

    def height(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return share if self.upward else 1 - share


def _cells(line: Scenario) -> list[float]:
    return [v for values in zip(line.values, line.lows, line.highs, strict=True) for v in values]


def _heights(scales: Sequence[_Scale], line: Scenario) -> list[float]:
    """Return the heights of a line on all axes, then the lengths of its bars above them, then those below."""
    heights, up, down = [], [], []
    for scale, value, low, high in zip(scales, line.values, line.lows, line.highs, strict=True):
        height = scale.height(value)
        there = math.isfinite(low) and math.isfinite(high)
        bar = sorted((scale.height(low), scale.height(high))) if there else [height, height]
        heights.append(height)
        up.append(max(bar[1] - height, 0.0))
        down.append(max(height - bar[0], 0.0))
    return [*heights, *up, *down]


def _area(sheet: Worksheet, row: int, part: int, width: int) -> Reference:
    """Return the cells of a row that hold the heights (part 0), or the bars above or below them (1, 2)."""
    return Reference(sheet, min_col=2 + part * width, max_col=1 + (part + 1) * width, min_row=row, max_row=row)
