"""Native charts of a report: axes, dots, lines, error bars; the same look on every sheet."""

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend, LegendEntry
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.worksheet.worksheet import Worksheet

BLUE, VERMILION, GREY, BLACK = "0072B2", "D55E00", "A8A29E", "1C1917"
COLORS = ("0072B2", "D55E00", "009E73", "CC79A7", "E69F00", "56B4E9", "7F7F7F", "8C564B")  # Okabe and Ito, two more
RAMP = ("9ECAE1", "6BAED6", "3182BD", "08519C")  # light to dark blue
SIMULATED = "SIMULATED DATA"
ROWS = 18  # of a sheet, under one chart of the usual size
_POINT = 12_700  # EMU


def scatter(name: str, x: str, y: str) -> ScatterChart:
    """Return an empty chart of points and lines over a numeric axis."""
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.x_axis.number_format = chart.y_axis.number_format = "0.0"
    _frame(chart, name, x, y)
    return chart


def lines(name: str, x: str, y: str) -> LineChart:
    """Return an empty chart of lines over names."""
    chart = LineChart()
    chart.y_axis.number_format = "0.0"
    _frame(chart, name, x, y)
    return chart


def bars(name: str, x: str) -> BarChart:
    """Return an empty chart of horizontal bars, the first name on top."""
    chart = BarChart()
    chart.type, chart.gapWidth = "bar", 60
    chart.y_axis.number_format = "0.00"
    _frame(chart, name, "", x)
    chart.x_axis.title = None
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses = "max"  # the value axis stays below, although names run from top to bottom
    chart.y_axis.majorGridlines = None
    return chart


def sized(chart: Any, width: float, height: float) -> None:
    """Set a chart's size in centimeters."""
    chart.width, chart.height = width, height


def as_dots(series: Any, color: str, size: int = 5) -> None:
    """Draw a series as dots alone."""
    _marked(series, color, size)
    series.graphicalProperties.line.noFill = True


def as_line(series: Any, color: str, *, points: float = 1.5, dashed: bool = False, dots: bool = False) -> None:
    """Draw a series as a straight line of so many points' width, with or without dots."""
    if dots:
        _marked(series, color, 6)
    else:
        series.marker = Marker(symbol="none")
    series.graphicalProperties.line.solidFill = color
    series.graphicalProperties.line.width = round(points * _POINT)
    if dashed:
        series.graphicalProperties.line.dashStyle = "dash"
    series.smooth = False


def as_bars(series: Any, color: str) -> None:
    """Draw a series as bars of one color."""
    series.graphicalProperties.solidFill = series.graphicalProperties.line.solidFill = color


def column(sheet: Worksheet, number: int, rows: tuple[int, int]) -> Reference:
    """Return the cells of a column from the first to the last of these rows."""
    return Reference(sheet, min_col=number, min_row=rows[0], max_row=rows[1])


def color_dots(series: Any, colors: Sequence[str]) -> None:
    """Give each dot of a series its own color."""
    for place, color in enumerate(colors):
        marker = Marker(symbol="circle", size=6)
        marker.graphicalProperties.solidFill = marker.graphicalProperties.line.solidFill = color
        series.dPt.append(DataPoint(idx=place, marker=marker))


def add_error_bars(series: Any, above: Reference, below: Reference, *, along: bool = False) -> None:
    """Draw error bars whose lengths above and below each value stand in these cells: vertical, or `along` bars."""
    bars: Any = ErrorBars(
        errDir=None if along else "y",  # Excel writes none for bars, which have one direction alone
        errBarType="both",
        errValType="cust",
        noEndCap=False,
        plus=NumDataSource(NumRef(f=str(above))),
        minus=NumDataSource(NumRef(f=str(below))),
    )
    # openpyxl writes minus before plus; the schema (ECMA-376, CT_ErrBars) has them the other way round.
    bars.__elements__ = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus")
    series.errBars = bars


def write_name(series: Any) -> None:
    """Write a series' name below its dots, and draw nothing else of it."""
    series.marker = Marker(symbol="none")
    series.graphicalProperties.line.noFill = True
    series.dLbls = DataLabelList(
        showSerName=True,
        showVal=False,
        showLegendKey=False,
        showCatName=False,
        showPercent=False,
        showBubbleSize=False,
        dLblPos="b",
    )


def unlisted(chart: Any, places: Sequence[int]) -> None:
    """Leave the series in these places out of the legend."""
    chart.legend.legendEntry = [LegendEntry(idx=place, delete=True) for place in places]


def say_simulated(sheet: Worksheet) -> None:
    """Write into every chart's title that its data are simulated: a chart is copied without its sheet."""
    for chart in sheet._charts:  # type: ignore[attr-defined]  # noqa: SLF001 - openpyxl lists them nowhere else
        run = chart.title.tx.rich.p[0].r[0]
        run.t = f"{run.t} ({SIMULATED})"


def _marked(series: Any, color: str, size: int) -> None:
    series.marker = Marker(symbol="circle", size=size)
    series.marker.graphicalProperties.solidFill = series.marker.graphicalProperties.line.solidFill = color


def _frame(chart: Any, name: str, x: str, y: str) -> None:
    chart.title, chart.x_axis.title, chart.y_axis.title = name, x, y
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.majorGridlines = None
    chart.x_axis.tickLblPos = "low"  # below the plot where values are negative
    chart.legend = Legend()
    chart.legend.position = "b"
    sized(chart, 14.5, 8.5)
