"""What can be done with the best settings of a search: train with them, or measure them beside the other models."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from mabdesk.analysis.searched import Search
from mabdesk.gui.look import GRID
from mabdesk.gui.views import search


class SearchActions(QWidget):
    """Two buttons that go to another page with the settings of the shown search; not seen where there is none."""

    go_with = Signal(str, object)  # the page to show, and settings for its form

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("With the best settings")
        self._settings: dict[str, dict[str, Any]] = {}
        self.train = _button("Train with these settings")
        self.compare = _button("Compare with these settings")
        self.train.setToolTip("Go to Train with the best settings of this search")
        self.compare.setToolTip("Go to Compare, where the model gets the best settings of this search")
        self.train.clicked.connect(self._train)
        self.compare.clicked.connect(self._compare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.train)
        column.addWidget(self.compare)
        self.hide()

    def show_search(self, result_id: str, found: Search | None, options: Mapping[str, Any]) -> None:
        """Offer the best settings of this search, made with these options; None: there are none yet."""
        there = found is not None and bool(found.best)
        self._settings = {}
        if found is not None and there:
            self._settings = {
                "Train": search.for_training(result_id, found, options),
                "Compare": search.for_comparing(result_id, found, options),
            }
        self.setVisible(there)

    def _train(self) -> None:
        self.go_with.emit("Train", self._settings["Train"])

    def _compare(self) -> None:
        self.go_with.emit("Compare", self._settings["Compare"])


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    return button
