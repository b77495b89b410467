"""Figure 2 of the paper: every trial of a search as a dot colored by its loss, and the best loss so far as a line."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QWidget

from mabdesk.analysis.searched import Trial
from mabdesk.data.batch import Floats
from mabdesk.gui.look import Theme
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.single_plot import SinglePlot

TRIALS, BEST, FAILED = "Trials", "Best so far", "Failed"
WAITING = "Every trial is drawn here as a dot as soon as it ends."
HINT = "A dot a trial, colored by its loss; the line is the best so far. Point at a dot to read it."
ALL_FAILED = "No trial gave a loss; the table says why."
_SHADES = 64  # of dots: every other one is painted anew, which takes its time
_NEAR, _ICON, _DOT, _BAR = 15, 12, 9, 14  # dots of the screen
_ROOM = 0.06  # of the losses' span, kept free above and below; failed trials stand in twice that below


class ConvergencePlot(SinglePlot):
    """Loss over trials. A click on a dot tells its trial; failed trials are marked at the bottom."""

    trial_clicked = Signal(int)  # number of the trial, 0 for none

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, WAITING, parent)
        self.trials: tuple[Trial, ...] = ()
        self.highlighted = 0
        self._zoomed = False  # by hand: then new trials leave the view as it is
        self._say: Callable[[Trial], str] = _settings_words
        self.view.setLabel("bottom", "Trial")
        self.view.setLabel("left", "Loss")
        box = self.view.getPlotItem().vb
        box.setMouseMode(pg.ViewBox.RectMode)
        box.sigRangeChangedManually.connect(self._zoomed_by_hand)
        self.colors = pg.colormap.get("viridis")
        self.brushes = [pg.mkBrush(color) for color in self.colors.mapToQColor(np.linspace(0, 1, _SHADES))]
        self.bar = pg.ColorBarItem(
            (0, 1), _BAR, self.colors, interactive=False, orientation="vertical", colorMapMenu=False
        )
        self.bar.setImageItem([], insert_in=self.view.getPlotItem())
        self.bar.axis.enableAutoSIPrefix(False)
        self.log = QCheckBox("Logarithmic")
        self.log.setAccessibleName("Logarithmic scale")
        self.log.setToolTip("Show the losses on a logarithmic scale")
        self.log.toggled.connect(self._scale)
        self.bottom.insertWidget(1, self.log)
        self.view.scene().sigMouseClicked.connect(self._clicked)

    def show_trials(
        self, trials: Sequence[Trial], say: Callable[[Trial], str] | None = None, waiting: str = ""
    ) -> None:
        """Show these trials, in the order in which they ended.

        Args:
            trials: of one search.
            say: writes a trial's settings for the readout.
            waiting: stands in the plot's place where there is no trial.
        """
        self._zoomed = self._zoomed and len(trials) >= len(self.trials) > 0  # another search: all of it
        self.trials, self._say = tuple(trials), say or _settings_words
        failed = bool(self.trials) and not len(self._places()[0])
        self.place.wait_for(ALL_FAILED if failed else "" if self.trials else waiting or WAITING)
        self._draw()

    def highlight(self, number: int) -> None:
        """Ring the dot of a trial; 0 rings none."""
        if number != self.highlighted:
            self.highlighted = number
            self._draw()

    def best_so_far(self) -> tuple[Floats, Floats]:
        """Return numbers of trials (n,) and the least loss up to each (n,); failed trials change nothing."""
        numbers, losses = self._places()
        return numbers, np.minimum.accumulate(losses) if len(losses) else losses

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        for axis in (self.bar.getAxis(side) for side in ("left", "right", "top", "bottom")):
            axis.setPen(theme.muted)
            axis.setTextPen(theme.text)
        super().apply_theme(theme)

    # -- inside --------------------------------------------------------------------------------------------------

    def _places(self) -> tuple[Floats, Floats]:
        there = [(t.number, t.loss) for t in self.trials if t.loss is not None and math.isfinite(t.loss)]
        pairs = np.array(there, dtype=float).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def _failed(self) -> Floats:
        return np.array([float(t.number) for t in self.trials if t.loss is None or not math.isfinite(t.loss)])

    def _heights(self, losses: Floats) -> Floats:
        """Return where losses stand on the axis."""
        heights: Floats = np.log10(np.maximum(losses, 1e-12)) if self.log.isChecked() else losses
        return heights

    def _ends(self) -> tuple[float, float, float]:
        """Return the least and the largest height, and the height at which failed trials are marked."""
        heights = self._heights(self._places()[1])
        low, high = (float(heights.min()), float(heights.max())) if len(heights) else (0.0, 1.0)
        if high - low < 1e-9 * max(abs(high), 1e-300):
            low, high = low - abs(low) / 10 - 1e-9, high + abs(high) / 10 + 1e-9
        return low, high, low - 2 * _ROOM * (high - low)

    def _scale(self, logarithmic: bool) -> None:
        self.view.getAxis("left").setLogMode(logarithmic)
        self.bar.axis.setLogMode(logarithmic)
        self._zoomed = False
        self._draw()

    def _zoomed_by_hand(self, *_: object) -> None:
        self._zoomed = True

    def _draw(self) -> None:
        self.legend.show_groups((TRIALS, BEST, FAILED) if self.trials else (), self.theme)
        failed, (numbers, losses) = self._failed(), self._places()
        for group, box in self.legend.boxes.items():
            box.setIcon(self._icon(group))
            box.setVisible(group != FAILED or bool(len(failed)))
        self.view.getPlotItem().clear()
        low, high, bottom = self._ends()
        self.bar.setLevels((low, high))
        heights = self._heights(losses)
        if BEST not in self.legend.hidden:
            self._add_best()
        if TRIALS not in self.legend.hidden and len(numbers):
            shades = np.rint((heights - low) / (high - low) * (_SHADES - 1)).astype(int)
            self._add(numbers, heights, "o", _DOT, [self.brushes[shade] for shade in shades])
        if FAILED not in self.legend.hidden and len(failed):
            self._add(failed, np.full(len(failed), bottom), "x", _DOT, pg.mkBrush(self.theme.danger))
        self._ring(bottom)
        if not self._zoomed:
            self._fit()
        self.readout.setText(HINT if self.trials else "")
        self.setAccessibleDescription(self._described(numbers, losses, failed))

    def _add(self, x: Floats, y: Floats, symbol: str, size: int, brush: Any) -> None:
        pen = pg.mkPen(self.theme.muted, width=1)  # the ends of the color map are near the ground of one theme each
        self.view.addItem(pg.ScatterPlotItem(x, y, symbol=symbol, size=size, pen=pen, brush=brush))

    def _add_best(self) -> None:
        """Draw steps: the best stays until a better trial ends."""
        numbers, best = self.best_so_far()
        if len(numbers):
            last = float(max(t.number for t in self.trials))
            x = np.append(np.repeat(numbers, 2)[1:], last)
            y = np.repeat(self._heights(best), 2)
            self.view.addItem(pg.PlotCurveItem(x, y, pen=pg.mkPen(self.theme.text, width=2)))

    def _ring(self, bottom: float) -> None:
        for trial in self.trials:
            if trial.number == self.highlighted:
                good = trial.loss is not None and math.isfinite(trial.loss)
                y = float(self._heights(np.array([trial.loss]))[0]) if good else bottom
                pen = pg.mkPen(self.theme.text, width=2)
                self.view.addItem(pg.ScatterPlotItem([trial.number], [y], size=_DOT + 7, pen=pen, brush=None))

    def _fit(self) -> None:
        low, high, bottom = self._ends()
        room = _ROOM * (high - low)
        last = max((t.number for t in self.trials), default=1)
        box = self.view.getPlotItem().vb
        least = bottom - room if len(self._failed()) else low - room
        box.setRange(xRange=(0.5, last + 0.5), yRange=(least, high + room), padding=0)

    def _icon(self, group: str) -> QIcon:
        picture = QPixmap(_ICON, _ICON)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        if group == BEST:
            painter.setPen(pg.mkPen(self.theme.text, width=2))
            painter.drawLine(0, _ICON // 2, _ICON, _ICON // 2)
        else:
            painter.translate(_ICON / 2, _ICON / 2)
            color = self.theme.danger if group == FAILED else self.colors.mapToQColor(0.35)
            drawSymbol(painter, "x" if group == FAILED else "o", _ICON - 2, pg.mkPen(None), pg.mkBrush(color))
        painter.end()
        return QIcon(picture)

    def nearest(self, place: QPointF) -> Trial | None:
        """Return the trial whose dot is pointed at (a place in the scene)."""
        box = self.view.getPlotItem().vb
        at, (width, height) = box.mapSceneToView(place), box.viewPixelSize()
        bottom, best, found = self._ends()[2], float(_NEAR**2), None
        for trial in self.trials:
            good = trial.loss is not None and math.isfinite(trial.loss)
            if (TRIALS if good else FAILED) in self.legend.hidden:
                continue
            y = float(self._heights(np.array([trial.loss]))[0]) if good else bottom
            far = ((trial.number - at.x()) / (width or 1)) ** 2 + ((y - at.y()) / (height or 1)) ** 2
            if far < best:
                best, found = far, trial
        return found

    def _moved(self, place: QPointF) -> None:
        found = self.nearest(place) if self.trials else None
        self.readout.setText(self._said(found) if found is not None else HINT if self.trials else "")

    def _said(self, trial: Trial) -> str:
        good = trial.loss is not None and math.isfinite(trial.loss)
        came = f"loss {figures(float(trial.loss or 0))}" if good else f"failed: {trial.fault or 'no loss'}"
        return f"Trial {trial.number}, {came}. {self._say(trial)}"

    def _described(self, numbers: Floats, losses: Floats, failed: Floats) -> str:
        if not self.trials:
            return WAITING
        count = f"{len(self.trials)} trials" if len(self.trials) > 1 else "1 trial"
        best = (
            f"; best loss {figures(float(losses.min()))} in trial {int(numbers[losses.argmin()])}"
            if len(losses)
            else ""
        )
        return f"{count}{best}; {len(failed)} failed."

    def _clicked(self, event: Any) -> None:
        if event.double():
            self._zoomed = False
            self._fit()
        elif event.button() == Qt.MouseButton.LeftButton:
            found = self.nearest(event.scenePos()) if self.trials else None
            self.trial_clicked.emit(found.number if found else 0)


def _settings_words(trial: Trial) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in trial.settings.items())
