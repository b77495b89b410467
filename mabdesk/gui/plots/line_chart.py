"""Named curves that grow while one looks: loss by epoch."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.panel_plot import STYLES
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.plots.whole_numbers import WholeNumbers
from mabdesk.gui.sheet import Sheet

Points = list[tuple[float, float]]


class LineChart(SinglePlot):
    """Curves by name over what is counted; an empty chart says what it waits for."""

    def __init__(self, name: str, x: str, y: str, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(name, waiting, parent)
        self.x_name, self.y_name, self.waiting = x, y, waiting
        self.curves: dict[str, Points] = {}
        whole = WholeNumbers("bottom")
        whole.enableAutoSIPrefix(False)
        self.view.setAxisItems({"bottom": whole})
        self.view.setLabel("bottom", x)
        self.view.setLabel("left", y)
        self.log = QCheckBox("Logarithmic")
        self.log.setAccessibleName("Logarithmic scale")
        self.log.setToolTip("Show the values on a logarithmic scale")
        self.log.toggled.connect(self._scale)
        self.bottom.insertWidget(1, self.log)
        self.setAccessibleDescription(waiting)

    def set_curves(self, curves: dict[str, Points]) -> None:
        """Show these curves alone."""
        self.curves = {name: list(points) for name, points in curves.items()}
        self._draw()

    def add_point(self, name: str, x: float, y: float) -> None:
        """Let a curve grow."""
        self.curves.setdefault(name, []).append((x, y))
        self._draw()

    def table(self, title: str) -> Sheet:
        """Return the points."""
        rows = tuple((name, x, y) for name, points in self.curves.items() for x, y in points)
        return Sheet(title, ("Curve", self.x_name, self.y_name), rows)

    def _scale(self, logarithmic: bool) -> None:
        self.view.setLogMode(y=logarithmic)
        self._draw()

    def _draw(self) -> None:
        self.legend.show_groups(tuple(self.curves), self.theme)
        self.view.getPlotItem().clear()
        for number, (name, points) in enumerate(self.curves.items()):
            if name in self.legend.hidden or not points:
                continue
            color = self.theme.series[number % len(self.theme.series)]
            xs, ys = zip(*points, strict=True)
            pen = pg.mkPen(color, width=2, style=STYLES[number % len(STYLES)])
            self.view.plot(xs, ys, pen=pen, symbol="o" if len(points) < 3 else None, symbolBrush=color, symbolSize=6)
        there = any(self.curves.values())
        self.readout.setText(self._newest() if there else "")
        self.place.wait_for("" if there else self.waiting)
        self.setAccessibleDescription(self.readout.text() or self.waiting)

    def _newest(self) -> str:
        ends = {name: points[-1] for name, points in self.curves.items() if points}
        if len({x for x, _ in ends.values()}) == 1:  # all are equally far
            last = next(iter(ends.values()))[0]
            return f"{self.x_name} {last:g}: " + ", ".join(f"{name} {figures(y)}" for name, (_, y) in ends.items())
        return ", ".join(f"{name} {figures(y)} at {self.x_name.lower()} {x:g}" for name, (x, y) in ends.items())

    def _moved(self, place: QPointF) -> None:
        box = self.view.getPlotItem().vb
        if not self.curves or not box.sceneBoundingRect().contains(place):
            return
        x = box.mapSceneToView(place).x()
        said = []
        for name, points in self.curves.items():
            near = min(points, key=lambda point: abs(point[0] - x), default=None)
            if near is not None and name not in self.legend.hidden:
                said.append(f"{name} {figures(near[1])} at {self.x_name.lower()} {near[0]:g}")
        self.readout.setText(", ".join(said))

    def keyPressEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Home shows all."""
        if getattr(event, "key", int)() == Qt.Key.Key_Home:
            self.view.enableAutoRange()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]
