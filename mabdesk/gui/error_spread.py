"""Violins of the errors of the checked models, parted as the user asks: by phase, culture day, line or scale."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.analysis.parts import PARTED_BY
from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Dataset
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.plots.violins import ViolinPlot
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import errors_by_part

CHECKED = "Checked models"
_LETTERS = 14  # that a choice shows at least
WAITING = {
    "phase": "This result knows no phases. Compare again to have them.",
    "cell_line": "The batches name no cell line.",
    "scale": "The batches name no scale.",
}


class ErrorSpread(QWidget):
    """Two choices above the violins: parted by what, and of which models."""

    export_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Errors by part")
        self.plot = ViolinPlot("Errors by part")
        self.plot.export_requested.connect(self.export_requested)
        self.by = chooser("Parted by", list(PARTED_BY.items()))
        self.of = chooser("Models drawn", [])
        self.note = one_line("What is left out, and how phases are told")
        self.by.currentIndexChanged.connect(self._draw)
        self.of.currentIndexChanged.connect(self._draw)
        self._found: tuple[Evaluation, str, tuple[int, ...], Dataset | None] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(choices((("By", self.by), ("Of", self.of)), self.note))
        column.addWidget(self.plot, 1)

    def show_errors(self, found: Evaluation, target: str, models: Sequence[int], dataset: Dataset | None) -> None:
        """Show the errors of these models (places in `found.models`) on one target."""
        self._found = (found, target, tuple(models), dataset)
        offer(
            self.of, [(CHECKED, ""), *((label, kind) for kind, label in zip(found.models, found.labels, strict=True))]
        )
        self._draw()

    def show_nothing(self, waiting: str) -> None:
        """Show a sentence alone."""
        self._found = None
        self.note.setText("")
        self.plot.show_heaps((), "", "", waiting)

    def table(self) -> Sheet:
        """Return the quantiles behind the violins."""
        return self.plot.table(f"Errors by {self.by.currentText().lower()}")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        self.plot.apply_theme(theme)

    def _draw(self) -> None:
        if self._found is None:
            return
        found, target, checked, dataset = self._found
        by, kind = str(self.by.currentData()), str(self.of.currentData() or "")
        models = (found.models.index(kind),) if kind in found.models else checked
        heaps = errors_by_part.heaps(found, target, models, by, dataset)
        drawn = len({heap.row for heap in heaps})
        meant = "Error: predicted less measured."
        fewer = f"{drawn} of {len(models)} models fit here." if 0 < drawn < len(models) else ""
        rule = found.phase_rule if by == "phase" else ""
        self.note.setText("   ".join(filter(None, (fewer, meant, rule))))
        self.note.setToolTip(self.note.text())
        what = f"Error of {target.replace('_', ' ')}"
        self.plot.show_heaps(heaps, what, found.units[found.targets.index(target)], WAITING.get(by, ""))


def one_line(name: str) -> QLabel:
    """Make a muted text of one line, cut where there is no room; the tooltip holds all of it."""
    label = muted_label(name)
    label.setWordWrap(False)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def chooser(name: str, entries: Sequence[tuple[str, str]]) -> CalmComboBox:
    """Make a combo box of (value, text)."""
    box = CalmComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumContentsLength(_LETTERS)
    for value, text in entries:
        box.addItem(text, value)
    return box


def offer(box: CalmComboBox, entries: Sequence[tuple[str, str]]) -> None:
    """Offer (text, value); what was chosen stays where it is still there."""
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == list(entries):
        return
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for text, value in entries:
        box.addItem(text, value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.blockSignals(False)


def choices(boxes: Sequence[tuple[str, QWidget]], note: QLabel) -> QHBoxLayout:
    """Lay choices in a row, each with its word, and a note after them."""
    row = QHBoxLayout()
    row.setSpacing(GRID)
    for word, box in boxes:
        label = QLabel(word)
        label.setBuddy(box)
        row.addWidget(label)
        row.addWidget(box)
    row.addWidget(note, 1)
    return row
