"""The lines on top of a result: what came of it in plain words, how it was measured, and what to be careful of."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.look import GRID


class Verdict(QWidget):
    """Shows a sentence, the way it was measured, and warnings (SIMULATED DATA, quick run) that stay in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Verdict")
        self.sentence = _label("Verdict")
        font = self.sentence.font()
        font.setBold(True)
        self.sentence.setFont(font)
        self.how = _label("How it was measured")
        self.how.setProperty("kind", "muted")
        self.flags = _label("Warning")
        self.flags.setProperty("kind", "warning")
        self.target = CalmComboBox()
        self.target.setAccessibleName("Target")
        self.target.setToolTip("The target whose scores and predictions are shown")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.sentence)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.how, 1)
        row.addWidget(self.target, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addWidget(self.flags)

    def show_verdict(self, sentence: str, how: str, flags: Sequence[str]) -> None:
        """Show these words; empty ones take no room."""
        for label, text in ((self.sentence, sentence), (self.how, how), (self.flags, "   ".join(flags))):
            label.setText(text)
            label.setVisible(bool(text))
        self._fit()

    def offer_targets(self, targets: Sequence[str], units: Sequence[str]) -> None:
        """Let the user choose among targets where there are several; the chosen one stays where it is still there."""
        texts = [f"{t.replace('_', ' ')} ({u})" if u else t for t, u in zip(targets, units, strict=True)]
        if [self.target.itemData(i) for i in range(self.target.count())] != list(targets):
            chosen = self.target.currentData()
            self.target.blockSignals(True)
            self.target.clear()
            for name, text in zip(targets, texts, strict=True):
                self.target.addItem(text, name)
            self.target.setCurrentIndex(max(self.target.findData(chosen), 0))
            self.target.blockSignals(False)
        self.target.setVisible(len(targets) > 1)
        self._fit()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Say no: the area that scrolls a page would give everything in it its preferred height."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take the height that the new width needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            self.setFixedHeight(max(layout.totalHeightForWidth(self.width()), 1))
            layout.activate()

    @property
    def words(self) -> str | None:
        """The warnings, for what leaves the window; None where no result is shown."""
        return self.flags.text() or None

    @property
    def chosen(self) -> str:
        """The chosen target, "" where none was offered."""
        return str(self.target.currentData() or "")


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return label
