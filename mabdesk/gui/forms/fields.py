"""One field of a form for each kind of setting. A field never changes a value by itself: what is wrong is said."""

import math
import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mabdesk.models.settings import KINDS
from mabdesk.options import Option

_ROWS, _MANY = 5, 9  # rows that a list shows; of a long list
_ROW_PIXELS = 22
OFFERED = {"settings_from": "Model's own", "group": "Fewest batches", "target": "First target"}
"""Settings whose values the project's results and data offer, and what an empty one stands for."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")


class Field(QWidget):
    """The base: `value` gives what is in it, or a text that is no valid value; `show_value` puts one in."""

    changed = Signal()
    submitted = Signal()

    def __init__(self, option: Option, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.build()

    def build(self) -> None:
        """Make the widget."""

    def value(self) -> Any:
        """Return what is in it."""

    def show_value(self, value: Any) -> None:
        """Put a value in."""

    def add(self, widget: QWidget) -> None:
        """Name the widget and show it."""
        unit = f" ({self.option.unit})" if self.option.unit else ""
        widget.setAccessibleName(f"{self.option.label}{unit}")
        widget.setAccessibleDescription(self.option.help)
        widget.setToolTip(tip(self.option))
        self.setFocusProxy(widget)
        self.column.addWidget(widget)

    def _tell(self, *_: object) -> None:
        self.changed.emit()

    def _submit(self) -> None:
        self.submitted.emit()


class CheckField(Field):
    """Yes or no."""

    def build(self) -> None:
        """Make the check box; it bears the label itself."""
        self.box = QCheckBox(self.option.label)
        self.box.toggled.connect(self._tell)
        self.add(self.box)

    def value(self) -> bool:
        """Return whether it is checked."""
        return self.box.isChecked()

    def show_value(self, value: Any) -> None:
        """Check it or not."""
        self.box.setChecked(bool(value))


class ChoiceField(Field):
    """One of a few."""

    def build(self) -> None:
        """Make the combo box, with words instead of names."""
        self.box = CalmComboBox()
        for choice in self.option.choices:
            self.box.addItem(words(choice), choice)
        self.box.currentIndexChanged.connect(self._tell)
        self.add(self.box)

    def value(self) -> str:
        """Return the chosen one."""
        return str(self.box.currentData())

    def show_value(self, value: Any) -> None:
        """Choose one."""
        self.box.setCurrentIndex(self.option.choices.index(value) if value in self.option.choices else -1)


class OfferedField(ChoiceField):
    """One of what the project or its data offer, or none of them."""

    def build(self) -> None:
        """Make the combo box; until something is offered there is only the empty choice."""
        super().build()
        self._wanted, self._offered = "", tuple[tuple[str, str], ...]()
        self.offer(())

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """List what can be chosen as (value, label), after the empty choice; what was chosen stays."""
        if self.box.count() and tuple(choices) == self._offered and self.box.findData(self._wanted) >= 0:
            return  # it may be open
        self._offered = tuple(choices)
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(OFFERED.get(self.option.name, "None"), "")
        for value, label in choices:
            self.box.addItem(label, value)
        if self.box.findData(self._wanted) < 0:  # an archived result, or data that are not read yet: said as it is
            self.box.addItem(self._wanted, self._wanted)
        self.box.setCurrentIndex(self.box.findData(self._wanted))
        self.box.blockSignals(False)

    def value(self) -> str:
        """Return the chosen one, "" for none."""
        return str(self.box.currentData() or "")

    def show_value(self, value: Any) -> None:
        """Choose one, whether it is offered or not."""
        self._wanted = str(value or "")
        if self.box.findData(self._wanted) >= 0:
            self.box.setCurrentIndex(self.box.findData(self._wanted))
        else:
            self.offer(self._offered)
            self.changed.emit()

    def _tell(self, *_: object) -> None:
        self._wanted = self.value()
        super()._tell()


class TextField(Field):
    """A number, a text, or a list of texts separated by commas; empty stands for none where that is allowed."""

    def build(self) -> None:
        """Make the line."""
        self.line = QLineEdit()
        self.line.setPlaceholderText("default" if self.option.optional else "")
        self.line.textEdited.connect(self._tell)
        self.line.returnPressed.connect(self._submit)
        self.add(self.line)

    def value(self) -> Any:
        """Return a value of the option's kind, or the text where it is none."""
        text = self.line.text().strip()
        if self.option.kind is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if not text and self.option.optional:
            return None
        if self.option.kind in {int, float}:
            number = parsed(text)
            if number is None:
                return text
            whole = self.option.kind is int and math.isfinite(number) and number == int(number)
            return int(number) if whole else number
        return text

    def show_value(self, value: Any) -> None:
        """Write a value in the user's locale, with every digit it has."""
        if value is None:
            self.line.clear()
        elif isinstance(value, float):
            self.line.setText(written(value))
        else:
            self.line.setText(", ".join(value) if isinstance(value, tuple | list) else str(value))


class CheckListField(Field):
    """Some of a few: the names that the option or the data offer. None checked stands for the option's own choice."""

    def build(self) -> None:
        """Make the list."""
        self.list = QListWidget()
        self.list.setMinimumHeight(2 * _ROW_PIXELS)
        self._wanted: tuple[str, ...] = tuple(self.option.default or ())  # until the data say what there is
        self.list.itemChanged.connect(self._tell)
        self.add(self.list)
        self.offer([(choice, words(choice)) for choice in self.option.choices])

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """List what can be chosen as (value, label); what was checked stays so where it is still there."""
        kept = set(self.value())
        self._wanted = ()
        self.list.blockSignals(True)
        self.list.clear()
        for value, label in choices:
            item = QListWidgetItem(label)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if value in kept else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setMaximumHeight((_MANY if len(choices) > _MANY else _ROWS) * _ROW_PIXELS)
        if len(choices) > _MANY:
            self.list.setMinimumHeight(_MANY * _ROW_PIXELS)

    def value(self) -> tuple[str, ...]:
        """Return the checked values."""
        if not self.list.count():
            return self._wanted
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(str(i.data(Qt.ItemDataRole.UserRole)) for i in items if i.checkState() == Qt.CheckState.Checked)

    def show_value(self, value: Any) -> None:
        """Check these."""
        wanted = set(value or ())
        self._wanted = tuple(value or ())
        for row in range(self.list.count()):
            item = self.list.item(row)
            there = item.data(Qt.ItemDataRole.UserRole) in wanted
            item.setCheckState(Qt.CheckState.Checked if there else Qt.CheckState.Unchecked)


class CalmComboBox(QComboBox):
    """A combo box that the wheel changes only when it has the focus: scrolling past it must change nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def wheelEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the scroll area unless this box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def field_for(option: Option) -> Field:
    """Return the field that suits an option."""
    if option.kind is bool:
        return CheckField(option)
    if option.kind is tuple:
        return CheckListField(option)
    if option.name in OFFERED:
        return OfferedField(option)
    return ChoiceField(option) if option.choices else TextField(option)


def parsed(text: str) -> float | None:
    """Read a number as the user's locale writes it, or with a point; None where it is none."""
    number, good = QLocale().toDouble(text)
    if good and QLocale().groupSeparator() not in text:
        return float(number)
    if QLocale().groupSeparator() == "." and _GROUPED.fullmatch(text):
        return None  # "1.000" is a thousand to some and one to others: not guessed
    number, good = QLocale.c().toDouble(text)
    return float(number) if good and "," not in text else None


def written(value: float) -> str:
    """Write a number as the user's locale does, with every digit it has."""
    return repr(float(value)).removesuffix(".0").replace(".", str(QLocale().decimalPoint()))


def words(name: str) -> str:
    """Say a setting's value as people would."""
    if name in KINDS:
        return KINDS[name].label
    text = name.replace("_", " ")
    return text.upper() if name in {"knn"} else text[:1].upper() + text[1:]


def tip(option: Option) -> str:
    """Return the help, unit, limits and default of an option."""
    limits = ""
    if option.low is not None or option.high is not None:
        low = "" if option.low is None else f"from {written(option.low)} "
        high = "" if option.high is None else f"to {written(option.high)} "
        limits = f" Allowed: {low}{high}{option.unit}".rstrip() + "."
    return f"{option.help}.{limits} Default: {default_words(option)}."


def default_words(option: Option) -> str:
    """Say an option's default."""
    value = option.default
    if value is None or value == ():
        return "as the model or the data have it"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple) and len(value) > _ROWS:
        return f"{len(value)} of {len(option.choices)}"
    if isinstance(value, tuple):
        return ", ".join(words(item) for item in value)
    if isinstance(value, str):
        return words(value) if value else OFFERED.get(option.name, "none").lower()
    return f"{written(value)} {option.unit}".rstrip() if isinstance(value, int | float) else str(value)
