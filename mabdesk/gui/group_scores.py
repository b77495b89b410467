"""Parallel coordinates of the scores by cell line, scale or model, as the user asks."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mabdesk.analysis.group_scores import Sums, sums_of
from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Dataset
from mabdesk.gui.error_spread import choices, chooser, offer, one_line
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.parallel_coordinates import Line, ParallelPlot
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import scores_by_group

WAITING = {
    "cell_line": "The batches name no cell line.",
    "scale": "The batches name no scale.",
    "model": "Check a model in the table below.",
}


class GroupScores(QWidget):
    """Two choices above the lines: a line for each of what, and of which model (lines and scales are of one)."""

    export_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scores by line, scale and model")
        self.plot = ParallelPlot("Scores by line, scale and model")
        self.plot.export_requested.connect(self.export_requested)
        self.by = chooser("A line for each", list(scores_by_group.BY.items()))
        self.of = chooser("Model", [])
        self.note = one_line("How the error bars are made")
        self.note.setText(scores_by_group.NOTE)
        self.note.setToolTip(scores_by_group.NOTE)
        self.by.currentIndexChanged.connect(self._draw)
        self.of.currentIndexChanged.connect(self._draw)
        self._found: tuple[Evaluation, str, tuple[int, ...], Dataset | None] | None = None
        self._sums: tuple[Evaluation, str, Sums] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(choices((("By", self.by), ("Of", self.of)), self.note))
        column.addWidget(self.plot, 1)

    def show_scores(self, found: Evaluation, target: str, models: Sequence[int], dataset: Dataset | None) -> None:
        """Show what these models (places in `found.models`) scored on one target."""
        self._found = (found, target, tuple(models), dataset)
        offer(self.of, [(found.labels[m], found.models[m]) for m in models])
        self._draw()

    def show_nothing(self, waiting: str) -> None:
        """Show a sentence alone."""
        self._found = self._sums = None
        self.plot.show_lines((), (), waiting)

    def table(self) -> Sheet:
        """Return the scores behind the lines."""
        return self.plot.table(f"Scores by {self.by.currentText().lower()}")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        self.plot.apply_theme(theme)

    def _draw(self) -> None:
        if self._found is None:
            return
        found, target, models, dataset = self._found
        by, kind = str(self.by.currentData()), str(self.of.currentData() or "")
        self.of.setEnabled(by != "model")
        self.of.setToolTip("Model" if by != "model" else "All checked models have a line each")
        lines: tuple[Line, ...] = ()
        if by == "model":
            lines = scores_by_group.lines_by_model(self._sums_of(found, target), found.labels, models)
        elif kind in found.models:
            sums = self._sums_of(found, target)
            lines = scores_by_group.lines_by_group(sums, found.models.index(kind), by, dataset)
        axes = scores_by_group.axes_of(found.units[found.targets.index(target)])
        self.plot.show_lines(axes, lines, WAITING[by])

    def _sums_of(self, found: Evaluation, target: str) -> Sums:
        """Add up once, whoever is drawn."""
        if self._sums is None or self._sums[0] is not found or self._sums[1] != target:
            self._sums = (found, target, sums_of(found, target))
        return self._sums[2]
