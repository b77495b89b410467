"""A form: every setting of one or more settings classes, checked as it is typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from mabdesk.analysis.settings import CompareOptions, ExplainOptions, SearchOptions, TransferOptions
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.settings import CleaningPlan, PhaseRule, ReadingOptions, SplitOptions, WindowPlan
from mabdesk.errors import OptionsError
from mabdesk.gui.forms.fields import (
    CheckField,
    CheckListField,
    Field,
    OfferedField,
    TextField,
    default_words,
    field_for,
    tip,
)
from mabdesk.gui.forms.folding import FoldButton
from mabdesk.gui.look import GRID
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.settings import KINDS, TrainOptions
from mabdesk.options import Option, check, options_of

HEADINGS: Mapping[type, str] = {
    TrainOptions: "Model",
    CompareOptions: "Comparison",
    SearchOptions: "Search",
    TransferOptions: "Transfer",
    ExplainOptions: "Explanation",
    ProcessOptions: "Process model",
    HistoryOptions: "What the records do not say",
    WindowPlan: "What the model sees",
    PhaseRule: "Phases of a culture",
    CleaningPlan: "Cleaning",
    SplitOptions: "Set batches apart",
    ReadingOptions: "How files are read",
}
SEED = Option(
    "seed", "Seed", 1, "Everything random follows from it: same seed, same numbers", "", 0, 2**31, (), int, False
)
RARE = frozenset(
    {
        "label_stride_h", "stride_h", "step_h", "length_h", "tags", "targets", "members", "seed", "epochs",
        "growth_rate", "decline_rate", "decline_viability", "tolerance",
    }
)  # fmt: skip
_FEW = 6
_NETWORKS = tuple(kind for kind, known in KINDS.items() if not known.simple)
MATTERS_ONLY: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "folds": ("folds_by", ("batch",), "Every line or scale is one fold."),
    "horizon_h": ("preset", ("forecast",), "Only the forecast looks ahead."),
    "epochs": ("model", _NETWORKS, "Only networks learn in epochs."),
    "members": ("model", ("cnn_lstm",), "Only the CNN-LSTM averages several networks."),
    "quick": ("model", _NETWORKS, "The simple models are quick anyway."),
    "iqr_factor": ("outliers", ("residual", "plain"), "Nothing is removed where outliers are left."),
    "neighbors": ("long_gaps", ("knn",), "Long gaps stay empty."),
}


class Form(QWidget):
    """Fields for all options of some settings classes; `values` are those of every field, by name."""

    changed = Signal()
    submitted = Signal()  # Enter in a field

    def __init__(self, groups: Sequence[type[Any]], *, seed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups = tuple(groups)
        self.fields: dict[str, Field] = {}
        self.rows: dict[str, _Row] = {}
        declared = [(group, options_of(group)) for group in self.groups]
        few = sum(len(options) for _, options in declared) <= _FEW
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self.rare = QWidget()
        rare = QVBoxLayout(self.rare)
        rare.setContentsMargins(0, 0, 0, 0)
        rare.setSpacing(GRID)
        for group, options in declared:
            all_rare = not few and all(option.name in RARE for option in options)
            (rare if all_rare else column).addWidget(_heading(HEADINGS.get(group, "")))
            for option in options:
                (column if few or option.name not in RARE else rare).addWidget(self._row(option))
        if seed:
            (column if few else rare).addWidget(self._row(SEED))
        if rare.count():
            self.more = FoldButton("More settings", "Show the settings that are rarely changed", self.rare)
            column.addWidget(self.more)
            column.addWidget(self.rare)
        self.set_values({})

    def values(self) -> dict[str, Any]:
        """Return the value of every setting (not the seed); one that is wrong stands there as it was typed.

        One that is wrong but does not matter with the others as they are has its default.
        """
        typed = self._typed()
        idle = [name for name in self._faults(typed) if name in typed and why_idle(name, typed)]
        return {**typed, **{name: self.fields[name].option.default for name in idle}}

    def _typed(self) -> dict[str, Any]:
        return {name: field.value() for name, field in self.fields.items() if name != SEED.name}

    @property
    def seed(self) -> int:
        """The seed, 1 where the form has none or it is wrong."""
        value = self.fields[SEED.name].value() if SEED.name in self.fields else SEED.default
        return int(value) if isinstance(value, int) and value >= 0 else int(SEED.default)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values, and the default of every setting that is not among them."""
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.show_value(values.get(name, field.option.default))
            field.blockSignals(False)
        self._check()

    def offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Say what can be chosen in a list, as (value, label)."""
        field = self.fields.get(name)
        if isinstance(field, CheckListField | OfferedField):
            field.offer(choices)
            self._check()

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong, a sentence a setting."""
        return tuple(row.problem for row in self.rows.values() if row.problem)

    def _row(self, option: Option) -> "_Row":
        field = field_for(option)
        row = _Row(field)
        self.fields[option.name], self.rows[option.name] = field, row
        field.changed.connect(self._changed)
        field.submitted.connect(self.submitted)
        return row

    def _changed(self) -> None:
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        values = self._typed()
        faults = self._faults(values)
        for name, row in self.rows.items():
            row.show_state(faults.get(name, ""), why_idle(name, values))

    def _faults(self, values: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for group in self.groups:
            names = {option.name for option in options_of(group)}
            try:
                check(group(**{name: value for name, value in values.items() if name in names}))
            except OptionsError as error:
                found |= {problem.where.replace("-", "_"): problem.message for problem in error.problems}
        seed = self.fields[SEED.name].value() if SEED.name in self.fields else 1
        if not isinstance(seed, int) or not 0 <= seed <= 2**31:
            found[SEED.name] = f"expected a whole number from 0, received {seed!r}"
        return found


class _Row(QWidget):
    """Label, field, and below them the fault, or the default with the way back to it."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.problem = ""
        option = field.option
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        if isinstance(field, TextField) or not isinstance(field, CheckField):
            unit = f" ({option.unit})" if option.unit else ""
            label = QLabel(f"{option.label}{unit}")
            label.setWordWrap(True)
            label.setToolTip(tip(option))
            label.setBuddy(field)
            wide = isinstance(field, CheckListField)
            grid.addWidget(label, 0, 0, 1, 2 if wide else 1)
            grid.addWidget(field, 1 if wide else 0, 0 if wide else 1, 1, 2 if wide else 1)
        else:
            grid.addWidget(field, 0, 0, 1, 2)
        self.below = QLabel()
        self.below.setWordWrap(True)
        self.below.setAccessibleName(f"About {option.label}")
        self.back = QToolButton()
        self.back.setText("\u21ba")
        self.back.setAutoRaise(True)
        self.back.setAccessibleName(f"Back to the default of {option.label}")
        self.back.setToolTip("Back to the default")
        self.back.clicked.connect(self._reset)
        line = QHBoxLayout()
        line.addWidget(self.below, 1)
        line.addWidget(self.back)
        grid.addLayout(line, 2, 0, 1, 2)

    def show_state(self, problem: str, idle: str) -> None:
        """Say what is wrong, or why the setting does not matter now, or its default where it was changed."""
        option = self.field.option
        self.problem = "" if idle or not problem else f"{option.label}: {problem}"
        changed = self.field.value() != option.default
        empty = (
            "None checked: all that suit." if isinstance(self.field, CheckListField) and not self.field.value() else ""
        )
        text = problem or idle or (f"Default: {default_words(option)}" if changed else empty)
        self.below.setText(f"\u26a0 {text}" if problem and not idle else text)
        self.below.setProperty("kind", "danger" if self.problem else "muted")
        self.below.style().polish(self.below)
        self.below.setVisible(bool(text))
        self.back.setVisible(changed and not idle)
        self.field.setEnabled(not idle)

    def _reset(self) -> None:
        self.field.show_value(self.field.option.default)
        self.field.changed.emit()


def why_idle(name: str, values: Mapping[str, Any]) -> str:
    """Return why a setting does not matter with the others as they are, "" when it does."""
    other, needed, sentence = MATTERS_ONLY.get(name, ("", (), ""))
    return sentence if other in values and values[other] not in needed else ""


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("kind", "muted")
    if not text:  # to show it here, without a parent, would open a window of its own
        label.hide()
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label
