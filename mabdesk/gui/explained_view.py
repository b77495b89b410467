"""What the views of an attribution share: what is shown, choices in a row, and plots below them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from mabdesk.analysis.attributed import Attribution
from mabdesk.data.batch import Dataset
from mabdesk.gui.error_spread import choices, one_line
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.explained_plot import ExplainedPlot
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import attribution

NOTHING = Sheet("", (), ())
_LEAST_WIDTH = 84  # of a choice: three stand side by side in a small window


@dataclass(frozen=True, eq=False)
class Shown:
    """An attribution, what its variables are called, and whose windows are shown: (n,) and in words."""

    found: Attribution
    names: tuple[str, ...]
    rows: attribution.Mask
    who: str
    ranking: tuple[attribution.Ranked, ...]
    dataset: Dataset | None


class ExplainedView(QWidget):
    """The base: choices in a row, plots below. `draw` paints what was given to it, `sheet` is the table behind it."""

    changed = Signal()  # another choice was made: the table changes too
    exported = Signal(object, str)  # ExplainedPlot, kind

    def __init__(self, name: str, plots: Sequence[ExplainedPlot], boxes: Sequence[tuple[str, CalmComboBox]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.plots = tuple(plots)
        self.shown: Shown | None = None
        self.note = one_line("What is shown")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        if boxes:
            column.addLayout(choices(boxes, self.note))
        if len(self.plots) > 1:
            split = QSplitter(Qt.Orientation.Horizontal)
            split.setChildrenCollapsible(False)
            for plot in self.plots:
                split.addWidget(plot)
            split.setSizes([500] * len(self.plots))
            column.addWidget(split, 1)
            for plot in self.plots[1:]:
                plot.caption.hide()
            column.addWidget(self.plots[0].caption)  # once, below both: each alone would break it and take their room
        else:
            column.addWidget(self.plots[0], 1)
        for plot in self.plots:
            plot.export_requested.connect(self._export)
        for _, box in boxes:
            box.setMinimumWidth(_LEAST_WIDTH)
            box.currentIndexChanged.connect(self._chosen)

    def take(self, shown: Shown | None) -> None:
        """Take what is to be shown; `draw` shows it. None: nothing."""
        self.shown = shown
        for plot in self.plots:
            plot.show_doubt(attribution.doubt(shown.found) if shown is not None else "")

    def draw(self) -> None:
        """Draw."""

    def sheet(self) -> Sheet:
        """Return the table behind the plots."""
        return NOTHING

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        for plot in self.plots:
            plot.apply_theme(theme)

    def say(self, text: str) -> None:
        """Write what is shown beside the choices."""
        self.note.setText(text)
        self.note.setToolTip(text)

    def _chosen(self) -> None:
        self.draw()
        self.changed.emit()

    def _export(self, kind: str) -> None:
        self.exported.emit(self.sender(), kind)
