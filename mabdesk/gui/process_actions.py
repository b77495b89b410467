"""What can be done with a process model: forecast running batches of a file, and explain a value at harvest."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.analysis.settings import ExplainProcessOptions
from mabdesk.gui.errands import Kept
from mabdesk.gui.error_spread import chooser, offer
from mabdesk.gui.forms.form import Form
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID
from mabdesk.gui.saving import TABLES
from mabdesk.gui.session import Session
from mabdesk.gui.views import planned
from mabdesk.models.process.trained import ProcessModel
from mabdesk.progress import Progress
from mabdesk.project.store import Project
from mabdesk.worker import Worker

NEEDS_MODEL = "These need a process model."


class ProcessActions(QWidget):
    """A button that forecasts, and one that explains with its settings; and why they cannot be pressed now."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setAccessibleName("With the process model")
        self.forecast = _button("Forecast a running batch...", self._ask_file)
        self.output = chooser("Value that is explained", [])
        self.form = Form((ExplainProcessOptions,))
        self.form.rows["output"].hide()  # the box offers what the model has
        self.explain = _button("Explain", self._explain)
        self.why = muted_label("Why these cannot be done now")
        label = QLabel("Explain the value at harvest")
        label.setBuddy(self.output)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        for widget in (self.forecast, label, self.output, self.form, self.explain, self.why):
            column.addWidget(widget)
        self.form.changed.connect(self.refresh)

    def offer(self, model: ProcessModel | None) -> None:
        """Offer what the model predicts at harvest."""
        outputs = model.outputs if model is not None else ()
        offer(self.output, [(planned.output_name(model, name), name) for name in outputs] if model is not None else [])

    def refresh(self) -> None:
        """Show what can be done now."""
        why = "" if self.session.selected("process-model") is not None else NEEDS_MODEL
        why = why or ("" if self.session.writable else "The project is read-only.")
        _allow(self.forecast, why, "Read a file of running batches and tell where they go until harvest")
        wrong = why or next(iter(self.form.problems()), "")
        _allow(self.explain, wrong, "Tell which setpoints, and which days of which sensors, moved the value at harvest")
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def read(self, path: Path) -> None:
        """Read a file, the way the selected dataset was read, and forecast its batches with the selected model."""
        model, dataset, project = (
            self.session.selected("process-model"), self.session.selected("dataset"), self.session.project,
        )  # fmt: skip
        if model is not None and project is not None:
            reading = dict(dataset.options) if dataset is not None else {}
            do = functools.partial(forecast_file, project, path, reading, model.id)
            self.session.run("forecast", f"Forecasting {path.name}", do)

    def _ask_file(self) -> None:
        folder = str(self.session.path.parent) if self.session.path is not None else ""
        chosen, _ = QFileDialog.getOpenFileName(self, "Running batches to forecast", folder, TABLES)
        if chosen:
            self.read(Path(chosen))

    def _explain(self) -> None:
        values = {**self.form.values(), "output": str(self.output.currentData() or "titer")}
        self.session.run_step("explain-process", values)


def forecast_file(
    project: Project, path: Path, reading: Mapping[str, Any], model: str, worker: Worker, progress: Progress
) -> Kept:
    """Read a file of running batches, forecast them with a process model, and keep both results."""
    before = commands.openings(project)
    results = commands.forecast_file(
        project, worker, path, reading, {}, named={"process-model": model}, progress=progress
    )
    looks = commands.openings(project)[len(before) :]
    said = f"The file holds locked batches, and they were looked at: {' '.join(looks)}" if looks else ""
    return Kept(project, results, project.results(archived=True), said)


def _button(text: str, do: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.clicked.connect(do)
    return button


def _allow(button: QPushButton, why_not: str, tip: str) -> None:
    button.setEnabled(not why_not)
    button.setToolTip(why_not or tip)
    button.setAccessibleDescription(why_not)
