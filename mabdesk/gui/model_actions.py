"""What can be done with a trained model: the final test on locked batches, and applying it to a new file."""

import functools
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox, QPushButton, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.data.batch import Split
from mabdesk.gui import errands
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID
from mabdesk.gui.saving import TABLES
from mabdesk.gui.session import Session
from mabdesk.gui.views.results import result_name

HONEST_ONCE = "A final test is honest once. Every look is written into the audit trail and stands on every report."
FOLLOWED = frozenset({"final-test", "prediction"})


class ModelActions(QWidget):
    """Two buttons, and why they cannot be pressed now; asks before locked batches are opened."""

    go = Signal(str)  # the page that shows what came of it

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setAccessibleName("With the trained model")
        self.question: QMessageBox | None = None
        self._open: QAbstractButton | None = None
        self._followed = False
        self.final = _button("Final test...", self._ask_openings)
        self.apply = _button("Apply to a new file...", self._ask_file)
        self.why = muted_label("Why these cannot be done now")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        for widget in (self.final, self.apply, self.why):
            column.addWidget(widget)
        session.added.connect(self._added)

    def refresh(self) -> None:
        """Show what can be done with the selected model."""
        locked = self._locked()
        why_no_model = "" if self.session.selected("model") is not None else "These need a trained model."
        why_not = why_no_model or ("" if self.session.writable else "The project is read-only.")
        why_no_test = "" if locked else "No batch was locked away for a final test: split again with a locked share."
        _allow(self.final, why_not or why_no_test, f"Open the {locked} locked batches and measure the model on them")
        _allow(self.apply, why_not, "Read a file and predict its batches with this model")
        self.why.setText(why_not or why_no_test)
        self.why.setVisible(bool(self.why.text()))

    def predict(self, path: Path) -> None:
        """Read a file, the way the selected dataset was read, and apply the selected model to it."""
        model, dataset, project = self.session.selected("model"), self.session.selected("dataset"), self.session.project
        if model is not None and project is not None:
            options = dict(dataset.options) if dataset is not None else {}
            do = functools.partial(errands.predict_file, project, path, options, {"model": model.id})
            self._followed = True
            self.session.run("predict", f"Predicting {path.name}", do)

    def _locked(self) -> int:
        split = self.session.value("split") if "split" in self.session.selection else None
        return len(split.locked) if isinstance(split, Split) else 0

    def _ask_openings(self) -> None:
        split = self.session.selection.get("split", "")
        self.session.command(functools.partial(commands.openings, split=split), self._ask_final)

    def _ask_final(self, openings: tuple[str, ...]) -> None:
        model = self.session.selected("model")
        if model is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle("Final test")
        box.setAccessibleName("Final test")
        name = model.label or result_name(model.id)
        box.setText(f"Open the {self._locked()} locked batches and measure {name} on them? {opened_before(openings)}")
        box.setInformativeText(HONEST_ONCE)
        box.setDetailedText("\n".join(openings))
        self._open = box.addButton("Open them", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.buttonClicked.connect(self._answered)
        self.question = box
        box.open()

    def _answered(self, button: QAbstractButton) -> None:
        model = self.session.selected("model")
        if button is self._open and model is not None:
            self._followed = True
            self.session.run_step("final-test", {}, named={"model": model.id})
        if self.question is not None:
            self.question.deleteLater()
            self.question = None

    def _ask_file(self) -> None:
        folder = str(self.session.path.parent) if self.session.path is not None else ""
        chosen, _ = QFileDialog.getOpenFileName(self, "Batches to predict", folder, TABLES)
        if chosen:
            self.predict(Path(chosen))

    def _added(self, result_id: str) -> None:
        info = self.session.info(result_id)
        if self._followed and info is not None and info.kind in FOLLOWED:
            self._followed = False
            self.go.emit("Compare")


def opened_before(openings: tuple[str, ...]) -> str:
    """Say how often locked batches were looked at before."""
    if not openings:
        return "They have not been looked at yet."
    often = "once" if len(openings) == 1 else f"{len(openings)} times"
    return f"They were looked at {often} before."


def _button(text: str, do: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.clicked.connect(do)
    return button


def _allow(button: QPushButton, why_not: str, tip: str) -> None:
    button.setEnabled(not why_not)
    button.setToolTip(why_not or tip)
    button.setAccessibleDescription(why_not)
