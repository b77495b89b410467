"""What plots of an attribution share: the caption that it is no cause, and grey where it is not to be relied on."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.data.batch import Floats
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import Theme
from mabdesk.gui.plots.export import Frame, picture_of
from mabdesk.gui.plots.single_plot import SinglePlot

_FAINT = 0.35  # opacity of what is not to be relied on
_LETTERS = 30  # of a name on an axis
_BAR = 12  # dots of a color bar


class ExplainedPlot(SinglePlot):
    """The base: a caption under the plot, and above it why it is not to be relied on, where that is so."""

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.key = ""  # what the marks mean; stands under an exported picture
        self.legend_area.hide()
        self.doubt = _one_line("Why this is not to be relied on")
        self.doubt.setProperty("kind", "warning")
        self.doubt.hide()
        self.caption = _one_line("What the picture does not say")
        self.caption.setText(NOT_CAUSE)
        self.caption.setWordWrap(True)
        self.caption.setToolTip(NOT_CAUSE)
        column = self.layout()
        if isinstance(column, QVBoxLayout):
            column.insertWidget(column.indexOf(self.place), self.doubt)
            column.insertWidget(column.indexOf(self.place) + 1, self.caption)

    def show_doubt(self, sentence: str) -> None:
        """Grey the plot and say why it is not to be relied on; "" shows it as it is."""
        self.doubt.setText(sentence)
        self.doubt.setToolTip(sentence)
        self.doubt.setVisible(bool(sentence))
        self.view.getPlotItem().vb.setOpacity(_FAINT if sentence else 1.0)

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, "png" or "svg"; it says below that it is no cause, and any doubt."""
        said = "   ".join(filter(None, (words, self.doubt.text())))
        note = " ".join(filter(None, (NOT_CAUSE, self.key)))
        return picture_of(self.view, kind, Frame(self.theme, self.legend.entries(), said, note))

    def say(self, text: str) -> None:
        """Write the readout; the tooltip holds all of it."""
        self.readout.setText(text)
        self.readout.setToolTip(text)


def _one_line(name: str) -> QLabel:
    label = muted_label(name)
    label.setWordWrap(False)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def short(name: str, letters: int = _LETTERS) -> str:
    """Cut a name that would take the plot's room."""
    return name if len(name) <= letters else f"{name[: letters - 1]}\u2026"


def diverging(theme: Theme, middle: str = "") -> Any:
    """Return a color map from below 0 over 0 to above: orange and blue, which color-blind people tell apart.

    Near 0 it has the color of the ground, or `middle`: thin lines must be seen there too.
    """
    colors = [theme.series[1], middle or theme.raised, theme.series[0]]
    return pg.ColorMap([0.0, 0.5, 1.0], [pg.mkColor(color) for color in colors])


def sizes(_theme: Theme) -> Any:
    """Return a color map for what has no sign."""
    return pg.colormap.get("cividis")


def color_bar(plot: Any) -> Any:
    """Put a bar that tells colors at the right of a plot, and return it."""
    bar = pg.ColorBarItem((0, 1), _BAR, pg.colormap.get("cividis"), interactive=False, colorMapMenu=False)
    bar.setImageItem([], insert_in=plot)
    bar.axis.enableAutoSIPrefix(False)
    bar.vb.sigResized.connect(bar.axis.resizeEvent)  # else its label keeps the place that it had at first
    return bar


def name_bar(bar: Any, text: str) -> None:
    """Write beside a color bar what it tells."""
    bar.axis.setLabel(text)
    bar.axis.resizeEvent()  # else the words stay where shorter ones stood


def paint_bar(bar: Any, colors: Any, limits: tuple[float, float], theme: Theme) -> None:
    """Give a color bar its colors, its limits and the theme."""
    bar.setColorMap(colors)
    bar.setLevels(limits)
    for side in ("left", "right", "top", "bottom"):
        bar.getAxis(side).setPen(theme.muted)
        bar.getAxis(side).setTextPen(theme.text)


def limits_of(values: Floats, signed: bool) -> tuple[float, float]:
    """Return the ends of a color map: the same on both sides of 0 where values have signs; never equal."""
    there = values[np.isfinite(values)]
    most = float(np.abs(there).max(initial=0.0)) or 1.0
    return (-most, most) if signed else (0.0, most)


def shades(values: Floats, limits: tuple[float, float], count: int) -> Any:
    """Return (n,) the shade, 0 to `count` - 1, of each value between the limits; NaN stands in the middle."""
    share = (np.nan_to_num(values, nan=sum(limits) / 2) - limits[0]) / (limits[1] - limits[0])
    return np.clip(np.rint(share * (count - 1)), 0, count - 1).astype(int)


def span_of(values: Iterable[float]) -> tuple[float, float] | None:
    """Return the least and the largest of the finite values, None where there is none."""
    there = [value for value in values if math.isfinite(value)]
    return (min(there), max(there)) if there else None
