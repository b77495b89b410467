"""What plots of an attribution share: the caption that it is no cause, and grey where it is not to be relied on.

Nothing else is grey in them: whatever has a color of its own loses it with `greyed`.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.data.batch import Floats
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import Theme
from mabdesk.gui.plots.export import Frame, picture_of
from mabdesk.gui.plots.single_plot import SinglePlot

NOT_RELIABLE = "Not reliable: see the lights"
_FAINT = 0.45  # opacity of what is not to be relied on
_GREYS = {False: ("#8C8C8C", "#4C4C4C"), True: ("#7C7C7C", "#C8C8C8")}  # light, dark: above 0, below it
_LETTERS = 30  # of a name on an axis
_BAR, _BESIDE = 12, 58  # dots of a color bar; of its numbers and words


class ExplainedPlot(SinglePlot):
    """The base: a caption under the plot, and above it why it is not to be relied on, where that is so."""

    def __init__(self, name: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.key = ""  # what the marks mean; stands under an exported picture
        self.legend_area.hide()
        self.sentence = ""  # why it is not to be relied on; stands under an exported picture
        self._colored = self.theme
        self.doubt = muted_label("Whether this is to be relied on")
        self.doubt.setWordWrap(False)
        self.doubt.setProperty("kind", "warning")
        self.doubt.hide()
        self.caption = Caption()
        column = self.layout()
        if isinstance(column, QVBoxLayout):
            column.insertWidget(column.indexOf(self.place), self.doubt)
            column.insertWidget(column.indexOf(self.place) + 1, self.caption)

    def show_doubt(self, sentence: str) -> None:
        """Grey the plot for the reason that it is not to be relied on; "" shows it as it is."""
        anew = bool(sentence) is not bool(self.sentence)
        self.sentence = sentence
        self.doubt.setText(NOT_RELIABLE if sentence else "")
        self.doubt.setToolTip(sentence)
        self.doubt.setVisible(bool(sentence))
        if anew:
            self.view.getPlotItem().vb.setOpacity(_FAINT if sentence else 1.0)
            self.apply_theme(self._colored)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors; of them greys alone where the plot is not to be relied on."""
        self._colored = theme
        super().apply_theme(greyed(theme) if self.sentence else theme)

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, "png" or "svg"; it says below that it is no cause, and any doubt."""
        said = "   ".join(filter(None, (words, self.sentence)))
        note = " ".join(filter(None, (NOT_CAUSE, self.key)))
        return picture_of(self.view, kind, Frame(self.theme, self.legend.entries(), said, note))

    def say(self, text: str) -> None:
        """Write the readout; the tooltip holds all of it."""
        self.readout.setText(text)
        self.readout.setToolTip(text)


class Caption(QLabel):
    """What no picture of an attribution says, in as many lines as it needs; plots beside it give way to them."""

    def __init__(self) -> None:
        super().__init__(NOT_CAUSE)
        self.setAccessibleName("What the picture does not say")
        self.setProperty("kind", "muted")
        self.setWordWrap(True)
        self.setToolTip(NOT_CAUSE)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Say no: layouts would count the height of a single line as the least, and cut the plot above."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take the height that the new width needs."""
        super().resizeEvent(event)
        self.setFixedHeight(max(QLabel.heightForWidth(self, self.width()), 1))


def greyed(theme: Theme) -> Theme:
    """Return a theme whose data have no hue."""
    return replace(theme, series=_GREYS[theme.dark])


def _is_grey(theme: Theme) -> bool:
    return theme.series == _GREYS[theme.dark]


def short(name: str, letters: int = _LETTERS) -> str:
    """Cut a name that would take the plot's room."""
    return name if len(name) <= letters else f"{name[: letters - 1]}\u2026"


def diverging(theme: Theme, middle: str = "") -> Any:
    """Return a color map from below 0 over 0 to above: orange and blue, which color-blind people tell apart.

    Near 0 it has the color of the ground, or `middle`: thin lines must be seen there too.
    """
    colors = [theme.series[1], middle or theme.raised, theme.series[0]]
    return pg.ColorMap([0.0, 0.5, 1.0], [pg.mkColor(color) for color in colors])


def sizes(theme: Theme) -> Any:
    """Return a color map for what has no sign."""
    if _is_grey(theme):
        return pg.ColorMap([0.0, 1.0], [pg.mkColor(color) for color in (theme.raised, theme.series[1])])
    return pg.colormap.get("cividis")


def color_bar(plot: Any) -> Any:
    """Put a bar that tells colors at the right of a plot, and return it."""
    bar = pg.ColorBarItem((0, 1), _BAR, pg.colormap.get("cividis"), interactive=False, colorMapMenu=False)
    bar.setImageItem([], insert_in=plot)
    bar.axis.enableAutoSIPrefix(False)
    bar.axis.setWidth(_BESIDE)
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
