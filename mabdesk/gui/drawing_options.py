"""What is drawn of a dataset: variables, colors, golden batches, events, phases, and what cleaning did."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from mabdesk.data.batch import Dataset, Split
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID
from mabdesk.gui.variable_list import VariableList
from mabdesk.gui.views import batches as table_of
from mabdesk.gui.views.courses import PHASE_RULE, Wanted, first_choice, measured_variables

NO_REFERENCE, ALL_DRAWN, TOP_THIRD, CHOSEN = "none", "drawn", "top", "chosen"


class DrawingOptions(QWidget):
    """Tells by `changed` that something else is to be drawn; `wanted` says what."""

    changed = Signal()
    golden_asked = Signal()  # the checked batches shall be the golden ones: see `take_golden`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._golden_ids: tuple[str, ...] = ()
        self.variables = VariableList()
        self.variables.changed.connect(self.changed)
        self.color = self._combo("Color by", "By what batches are colored")
        self.golden = self._combo("Golden batch", "Of which batches the median and the 5-95 % span are drawn")
        self.take = QPushButton("Take the checked batches")
        self.take.setAccessibleName("Take the checked batches as golden")
        self.take.setToolTip("Keep the batches that are checked in the table now as golden ones")
        self.take.clicked.connect(self.golden_asked)
        self.events = self._check("Events of the highlighted batch", "Mark feeds, shifts, harvest ...", True)
        self.phases = self._check("Phases", PHASE_RULE, False)
        self.what_cleaning_did = self._check(
            "What cleaning did", "Removed values hollow, filled ones as small squares", False
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for widget in (
            _heading("Variables"), self.variables, _heading("Color by"), self.color, _heading("Golden-batch envelope"),
            self.golden, self.take, self.events, self.phases, self.what_cleaning_did,
        ):  # fmt: skip
            column.addWidget(widget)

    def offer(self, dataset: Dataset) -> None:
        """Say what another dataset has to choose from."""
        self._golden_ids = ()
        self.variables.offer(measured_variables(dataset), first_choice(dataset))
        self._offer_golden(dataset)

    def offer_groups(self, dataset: Dataset, split: Split | None, cleaned: bool) -> None:
        """Say by what the batches can be colored now, and whether there is a cleaned result."""
        _offer(self.color, table_of.groupings(dataset, split))
        self.what_cleaning_did.setEnabled(cleaned)

    def take_golden(self, dataset: Dataset, batches: Sequence[str]) -> None:
        """Take these batches for the golden ones."""
        self._golden_ids = tuple(batches)
        self._offer_golden(dataset)
        self.golden.setCurrentIndex(max(self.golden.findData(CHOSEN), 0))
        self.changed.emit()  # the same entry may stand for other batches now

    def wanted(self, dataset: Dataset, split: Split | None, batches: tuple[str, ...], highlighted: str) -> Wanted:
        """Return what is to be drawn of these batches."""
        only = batches[0] if len(batches) == 1 else ""
        return Wanted(
            self.variables.chosen(),
            batches,
            table_of.groups_of(dataset, str(self.color.currentData() or ""), split),
            self._reference(dataset, split, batches),
            (highlighted or only) if self.events.isChecked() else "",
            self.phases.isChecked(),
            self.what_cleaning_did.isChecked(),
        )

    def _reference(self, dataset: Dataset, split: Split | None, drawn: tuple[str, ...]) -> tuple[str, ...]:
        """Return the golden batches; locked ones are among them only where the user checked them."""
        choice = str(self.golden.currentData() or NO_REFERENCE)
        if choice == ALL_DRAWN:
            return drawn
        if choice == CHOSEN:
            return self._golden_ids
        seen = dataset.only([name for name in dataset.ids if split is None or name not in split.locked])
        if choice == TOP_THIRD and dataset.names("target"):
            groups = table_of.groups_of(seen, "outcome", None)
            return tuple(name for name, group in groups.items() if group == "high")
        tag, _, value = choice.partition("=")
        return tuple(batch.id for batch in seen.batches if value and batch.tags.get(tag) == value)

    def _offer_golden(self, dataset: Dataset) -> None:
        choices = [(NO_REFERENCE, "None"), (ALL_DRAWN, "All that are drawn")]
        count = len(self._golden_ids)
        choices += [(CHOSEN, f"{count} chosen {'batch' if count == 1 else 'batches'}")] if count else []
        if dataset.names("target"):
            choices.append((TOP_THIRD, "Best third by final titer"))
        for tag, label in table_of.groupings(dataset, None):
            if tag and tag != "outcome":
                values = sorted({batch.tags.get(tag, "") for batch in dataset.batches} - {""})
                choices += [(f"{tag}={value}", f"{label} {value}") for value in values]
        _offer(self.golden, choices)

    def _combo(self, name: str, tip: str) -> CalmComboBox:
        box = CalmComboBox()
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.currentIndexChanged.connect(self._tell)
        return box

    def _check(self, text: str, tip: str, checked: bool) -> QCheckBox:
        box = QCheckBox(text)
        box.setAccessibleName(text)
        box.setToolTip(tip)
        box.setChecked(checked)
        box.toggled.connect(self._tell)
        return box

    def _tell(self, *_: object) -> None:
        self.changed.emit()


def _offer(box: CalmComboBox, choices: Iterable[tuple[str, str]]) -> None:
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for value, label in choices:
        box.addItem(label, value)
    box.setCurrentIndex(max(box.findData(before), 0))
    box.blockSignals(False)


def _heading(text: str) -> QWidget:
    label = muted_label(text)
    label.setText(text)
    return label
