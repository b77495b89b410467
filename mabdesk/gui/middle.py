"""What pages that show a result share: tabs over a table, and the data that are selected."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from mabdesk.data.batch import Dataset
from mabdesk.data.imported import Reading
from mabdesk.gui.session import Session

_LEAST_HEIGHT = 440  # below it the page scrolls


def one_over_the_other(top: QWidget, below: QWidget, table_height: int = 180) -> QSplitter:
    """Put plots over their table, with a handle between; the plots take what a larger window gives."""
    split = QSplitter(Qt.Orientation.Vertical)
    split.setChildrenCollapsible(False)
    split.addWidget(top)
    split.addWidget(below)
    split.setStretchFactor(0, 1)
    split.setSizes([700 - table_height, table_height])
    split.setMinimumHeight(_LEAST_HEIGHT)
    return split


def selected_dataset(session: Session) -> Dataset | None:
    """Return the selected batches; None where there are none, or while they are being read."""
    reading = session.value("dataset") if "dataset" in session.selection else None
    return reading.dataset if isinstance(reading, Reading) else None
