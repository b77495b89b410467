"""Predicted and measured courses with the list of batches beside them: one batch, a few, or all in one plot."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.plots.trajectories import TrajectoryGrid

ALL = "All in one plot"
MOST = 6  # panels beside one another that can still be read


class BatchCourses(QWidget):
    """A list of batches, and their courses, with what their bands hold."""

    changed = Signal()  # other batches were chosen, or the dropout band is wanted or not
    batch_clicked = Signal(str)
    export_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Courses by batch")
        self.grid = TrajectoryGrid("Predicted and measured courses")
        self.grid.batch_clicked.connect(self.batch_clicked)
        self.grid.export_requested.connect(self.export_requested)
        self.list = QListWidget()
        self.list.setAccessibleName("Batches to draw")
        self.list.setToolTip(f"Choose a batch, or up to {MOST} with Ctrl or Shift")
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(120)
        self.list.itemSelectionChanged.connect(self._tell)
        self.bands = muted_label("What the bands hold")
        self.dropout = QCheckBox("Dropout band")
        self.dropout.setAccessibleName("Dropout band as in the paper")
        self.dropout.setToolTip(
            "Bars at the samples: dropout left on while predicting, as in the paper; not calibrated"
        )
        self.dropout.toggled.connect(self._tell)
        self.say_of_bands((), False)
        self._lay_out()

    def say_of_bands(self, sentences: Sequence[str], has_dropout: bool) -> None:
        """Say under the plot what the bands hold, or why there are none; offer the dropout band where there is one."""
        text = "\n".join(sentences)
        self.bands.setText(text)
        self.bands.setVisible(bool(text))
        self.dropout.setVisible(has_dropout)

    @property
    def with_dropout(self) -> bool:
        """Whether the dropout band is wanted, and there."""
        return self.dropout.isChecked() and not self.dropout.isHidden()

    def _lay_out(self) -> None:
        side, column = QVBoxLayout(), QVBoxLayout()
        for layout, first, second in ((side, self.list, self.dropout), (column, self.grid, self.bands)):
            layout.setSpacing(GRID // 2)
            layout.addWidget(first, 1)
            layout.addWidget(second)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID // 2, 0, 0)
        row.setSpacing(GRID)
        row.addLayout(side)
        row.addLayout(column, 1)

    def offer(self, batches: Sequence[str], first: Sequence[str]) -> None:
        """List these batches; those of `first` are chosen unless the same batches are listed already."""
        if [self.list.item(row).text() for row in range(1, self.list.count())] == list(batches):
            return
        self.list.blockSignals(True)
        self.list.clear()
        for text in (ALL, *batches) if batches else ():
            item = QListWidgetItem(text)
            item.setToolTip(text)
            self.list.addItem(item)
            item.setSelected(text in first and text != ALL)
        self.list.blockSignals(False)

    def chosen(self) -> tuple[tuple[str, ...], bool]:
        """Return the chosen batches, and whether they go into one plot."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        if 0 in rows:
            return tuple(self.list.item(row).text() for row in range(1, self.list.count())), True
        names = tuple(self.list.item(row).text() for row in rows)
        return names, len(names) > MOST

    def show_figure(self, figure: Figure) -> None:
        """Draw."""
        self.grid.show_figure(figure)
        drawn = {course.group for panel in figure.panels for course in (*panel.courses, *panel.predicted)}
        for group, box in self.grid.legend.boxes.items():  # colors stay with their models, whoever else is drawn
            box.setVisible(group in drawn)

    def highlight(self, batch: str) -> None:
        """Draw a batch above the others."""
        self.grid.highlight(batch)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        self.grid.apply_theme(theme)

    def _tell(self) -> None:
        self.changed.emit()
