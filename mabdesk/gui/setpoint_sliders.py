"""A slider and a number for each setpoint, with the range that was run shaded and the usual value marked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mabdesk.data.history.levers import Levers
from mabdesk.gui.error_spread import chooser
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.numbers import figures
from mabdesk.gui.range_slider import STEPS, CalmSpinBox, RangeSlider

_WIDER = 0.2  # of the range that was run, on both sides


@dataclass(frozen=True)
class Span:
    """One setpoint as a slider shows it: from low to high; `run_low` to `run_high` is what batches had."""

    label: str
    unit: str
    low: float
    high: float
    run_low: float
    run_high: float
    usual: float
    why_fixed: str = ""

    @property
    def decimals(self) -> int:
        """How many decimals tell a hundredth of the range apart."""
        width = self.high - self.low
        return min(max(2 - math.floor(math.log10(width)), 0), 6) if width > 0 else 2


def spans_of(levers: Levers) -> tuple[Span, ...]:
    """Return what sliders show: the range of history, a fifth wider on both sides, within what makes sense."""
    made = []
    for i, label in enumerate(levers.labels):
        low, high = levers.low[i], levers.high[i]
        wider = _WIDER * (high - low)
        fixed = "" if levers.varied[i] else levers.never_varied(i)
        least, most = max(low - wider, levers.least[i]), min(high + wider, levers.most[i])
        unit = "" if levers.units[i] == "-" else levers.units[i]
        made.append(Span(label, unit, least, most, low, high, levers.usual[i], fixed))
    return tuple(made)


class SetpointSliders(QWidget):
    """Rows for setpoints, then combo boxes for tags. `changed` is emitted while a slider moves."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Setpoints of the plan")
        self.theme: Theme = LIGHT
        self.rows: tuple[SliderRow, ...] = ()
        self.boxes: tuple[CalmComboBox, ...] = ()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(GRID // 2)

    def show_levers(self, levers: Levers | None) -> None:
        """Make rows for these setpoints and tags; None: none."""
        while (item := self.column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = tuple(SliderRow(span) for span in spans_of(levers)) if levers is not None else ()
        self.boxes = ()
        for row in sorted(self.rows, key=_is_fixed):
            self.column.addWidget(row)
            row.changed.connect(self.changed)
            row.apply_theme(self.theme)
        if levers is not None:
            self._add_tags(levers)

    def values(self) -> tuple[float, ...]:
        """Return the settings, in the order of the levers."""
        return tuple(row.value() for row in self.rows)

    def tags(self) -> tuple[str, ...]:
        """Return the tags, in the order of their names."""
        return tuple(str(box.currentData() or "") for box in self.boxes)

    def show_values(self, settings: Sequence[float], tags: Sequence[str]) -> None:
        """Show a plan without telling of it."""
        for row, value in zip(self.rows, settings, strict=True):
            row.show_value(value)
        for box, tag in zip(self.boxes, tags, strict=True):
            box.blockSignals(True)
            box.setCurrentIndex(box.findData(tag))
            box.blockSignals(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.theme = theme
        for row in self.rows:
            row.apply_theme(theme)

    def _add_tags(self, levers: Levers) -> None:
        made = []
        for name, values in zip(levers.tag_names, levers.tag_values, strict=True):
            said = name.replace("_", " ").capitalize()
            holder = QWidget()
            line = QHBoxLayout(holder)
            line.setContentsMargins(0, 0, 0, 0)
            label = QLabel(said)
            box = chooser(said, [(value, value or "none") for value in values])
            label.setBuddy(box)
            line.addWidget(label)
            line.addWidget(box, 1)
            box.setEnabled(len(values) > 1)
            box.currentIndexChanged.connect(self.changed)
            self.column.addWidget(holder)
            made.append(box)
        self.boxes = tuple(made)


class SliderRow(QWidget):
    """One setpoint: name, number with unit, slider below; a word where it lies beyond what was run."""

    changed = Signal()

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
        self.label = QLabel(f"{span.label} ({span.unit})" if span.unit else span.label)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.beyond = QLabel()
        self.beyond.setProperty("kind", "warning")
        self.beyond.setAccessibleName(f"{span.label} beyond what was run")
        self.beyond.hide()
        self.number = CalmSpinBox()
        self.slider = RangeSlider(span)
        self.why = muted_label(f"Why {span.label} is fixed")
        self._quiet = False
        self._exact = span.usual
        self._set_up()
        self._lay_out()
        self.show_value(span.usual)

    def value(self) -> float:
        """Return the setting."""
        return self._exact

    def show_value(self, value: float) -> None:
        """Show a setting without telling of it."""
        self._quiet = True
        self._exact = float(value)
        self.number.setValue(value)
        self.slider.setValue(self._place(value))
        self._quiet = False
        self._say()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors."""
        self.slider.theme = theme
        self.slider.update()

    def _set_up(self) -> None:
        span, within = self.span, f" ({self.span.unit})" if self.span.unit else ""
        tip = (
            f"{span.label}: {figures(span.low)} to {figures(span.high)} {span.unit}. Batches had "
            f"{figures(span.run_low)} to {figures(span.run_high)}; usual {figures(span.usual)}."
        )
        self.number.setDecimals(span.decimals)
        self.number.setRange(min(span.low, span.usual), max(span.high, span.usual))
        self.number.setSingleStep(max((span.high - span.low) / 40, 10.0**-span.decimals))
        self.number.setKeyboardTracking(False)
        for widget, what in ((self.number, ""), (self.slider, ", slider")):
            widget.setAccessibleName(f"{span.label}{within}{what}")
            widget.setAccessibleDescription(span.why_fixed or tip)
            widget.setToolTip(span.why_fixed or tip)
            widget.setEnabled(not span.why_fixed)
        self.label.setBuddy(self.number)
        self.number.valueChanged.connect(self._typed)
        self.slider.valueChanged.connect(self._moved)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, GRID // 2)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.number, 0, 1)
        grid.setColumnStretch(0, 1)
        if self.span.why_fixed:
            self.why.setText(self.span.why_fixed)
            grid.addWidget(self.why, 1, 0, 1, 2)
            self.slider.hide()
        else:
            grid.addWidget(self.slider, 1, 0, 1, 2)
            grid.addWidget(self.beyond, 2, 0, 1, 2)
            self.why.hide()

    def _place(self, value: float) -> int:
        width = self.span.high - self.span.low
        return round(STEPS * (value - self.span.low) / width) if width > 0 else 0

    def _typed(self, value: float) -> None:
        if not self._quiet:
            self.show_value(value)
            self.changed.emit()

    def _moved(self, place: int) -> None:
        if not self._quiet:
            span = self.span
            self.show_value(round(span.low + (span.high - span.low) * place / STEPS, span.decimals))
            self.changed.emit()

    def _say(self) -> None:
        room = 1e-9 * max(abs(self.span.run_high), 1.0)
        below, above = self._exact < self.span.run_low - room, self._exact > self.span.run_high + room
        run = f"{figures(self.span.run_low)} to {figures(self.span.run_high)}"
        self.beyond.setText(f"\u26a0 {'below' if below else 'above'} what was run: {run}" if below or above else "")
        self.beyond.setVisible(bool(self.beyond.text()) and not self.span.why_fixed)


def _is_fixed(row: SliderRow) -> bool:
    return bool(row.span.why_fixed)
