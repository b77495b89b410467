"""Predicted and measured courses with the list of batches beside them: one batch, a few, or all in one plot."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.plots.trajectories import TrajectoryGrid

ALL = "All in one plot"
MOST = 6  # panels beside one another that can still be read


class BatchCourses(QWidget):
    """A list of batches, and their courses."""

    changed = Signal()  # other batches were chosen
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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID // 2, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.list)
        row.addWidget(self.grid, 1)

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
