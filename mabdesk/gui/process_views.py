"""Views of a process model that hold more than one widget: what moved an output, courses of a chosen batch."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from mabdesk.analysis.process.planned import ProcessAttribution
from mabdesk.gui.error_spread import choices, chooser, offer, one_line
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.bars import BarPlot
from mabdesk.gui.plots.course_fan import WideGrid
from mabdesk.gui.plots.export import Frame, picture_of
from mabdesk.gui.plots.heatmap import HeatMap
from mabdesk.gui.trust_lights import TrustLights
from mabdesk.gui.views import planned, process


class Moved(QWidget):
    """What moved titer or quality at harvest: trust lights, bars of setpoints, map of sensors over days."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What moves the value at harvest")
        self.found: ProcessAttribution | None = None
        self.verdict = one_line("Verdict of the explanation")
        self.lights = TrustLights()
        self.who = chooser("Whose sensors are shown", [])
        self.bars = BarPlot("Ranking of setpoints", process.NO_ATTRIBUTION)
        self.map = HeatMap("Sensors by culture day", process.NO_ATTRIBUTION)
        self.map.caption.hide()  # the bars have it
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.bars)
        split.addWidget(self.map)
        split.setSizes([400, 500])
        row = QHBoxLayout()
        row.addWidget(self.lights, 1)
        row.addWidget(self.who)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.verdict)
        column.addLayout(row)
        column.addWidget(split, 1)
        self.who.currentIndexChanged.connect(self._draw_map)

    def show_found(self, found: ProcessAttribution | None) -> None:
        """Show an attribution; None: what it waits for."""
        self.found = found
        self.verdict.setText(found.verdict if found is not None else "")
        self.verdict.setToolTip(self.verdict.text())
        self.lights.show_tests(found.trust if found is not None else ())
        batches = [(name, name) for name in found.batch_ids] if found is not None else []
        offer(self.who, [("All batches", ""), *batches])
        self.who.setEnabled(found is not None)
        for plot in (self.bars, self.map):
            plot.show_doubt(process.doubt(found) if found is not None else "")
        unit = f" ({found.unit})" if found is not None and found.unit not in {"", "-"} else ""
        what = f"Mean size{unit}"
        self.bars.show_bars(process.bars(found, "setpoint") if found is not None else (), what, process.RANKING_HINT)
        self._draw_map()

    def highlight(self, batch: str) -> None:
        """Show the sensors of this batch where it was explained."""
        place = self.who.findData(batch)
        if batch and place >= 0:
            self.who.setCurrentIndex(place)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        for widget in (self.bars, self.map, self.lights):
            widget.apply_theme(theme)

    def _draw_map(self) -> None:
        found = self.found
        if found is None:
            self.map.show_map((), planned.NONE, planned.NONE.reshape(0, 0), "", False)
            return
        names, days, values, signed = process.sensor_map(found, str(self.who.currentData() or ""))
        self.map.show_map(names, days, values, "" if found.unit == "-" else found.unit, signed)


class ShareBars(BarPlot):
    """Bars that explain nothing, so without the caption of those that do."""

    def __init__(self, name: str, waiting: str) -> None:
        super().__init__(name, waiting)
        self.caption.hide()

    def picture(self, kind: str, words: str) -> bytes:
        """Return what is seen as a picture, with what the marks mean."""
        return picture_of(self.view, kind, Frame(self.theme, (), words, self.key))


class Courses(QWidget):
    """A choice above a grid of trajectories."""

    def __init__(self, name: str, word: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.box = chooser(word, [])
        self.note = one_line("What is shown")
        self.grid = WideGrid(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(choices(((word, self.box),), self.note))
        column.addWidget(self.grid, 1)
