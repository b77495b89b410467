"""The Train page: settings of one titer model, its learning curves while it trains, and how it did on test batches."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from mabdesk.analysis.results import Training, notes_of
from mabdesk.data.settings import WindowPlan
from mabdesk.gui.forms.form import Form
from mabdesk.gui.jobs import Task
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.middle import selected_dataset
from mabdesk.gui.model_actions import ModelActions
from mabdesk.gui.notes import NotesView
from mabdesk.gui.pages.entries import TRAIN
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.export import ExportButton
from mabdesk.gui.plots.line_chart import LineChart
from mabdesk.gui.plots.network_diagram import NetworkDiagram
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import coverage, network, scores, trainable, training_curves
from mabdesk.models.device import estimate_text, extent_of
from mabdesk.models.settings import KINDS, TrainOptions

WAITING = "The loss by epoch is drawn here while a network trains."
_LEAST_HEIGHT = 260  # of the middle; below it the page scrolls
NO_MODEL = "No model yet. Choose one and press Train."
AT_ONCE = "This model is computed in one step: there is no learning curve."


class TrainPage(Page):
    """Trains one model and shows how it learned and what came of it."""

    entry = TRAIN
    step = "train"

    def build(self) -> None:
        """Make the widgets."""
        self._live: Task | None = None
        self._shown_id = self._dataset_id = self._trouble = ""
        self._was_there = False
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.chart = LineChart("Learning curves", "Epoch", "Loss", WAITING)
        self.table = DataTable("Scores on the test batches")
        self.notes = NotesView("Notes of the training")
        self.diagram = NetworkDiagram()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the training")
        self.tabs.addTab(self.chart, "Learning")
        self.tabs.addTab(self._scores(), "Test scores")
        self.tabs.addTab(self._drawing(), "Network")
        self.body.addWidget(self.verdict)
        frame = QSplitter()  # a splitter keeps wrapping texts from asking for their preferred height
        frame.addWidget(self.tabs)
        frame.setMinimumHeight(_LEAST_HEIGHT)
        self.body.addWidget(frame, 1)
        self.form = Form((TrainOptions, WindowPlan), seed=True)
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.session.opened.connect(self._begin_anew)
        self.model_actions = ModelActions(self.session)
        self.side.addWidget(self.model_actions)
        self.estimate = muted_label("Time estimate")
        self.beside_primary(self.estimate)
        self.set_primary("Train", "Fit the model on the training batches")
        self._connect()

    def refresh(self) -> None:
        """Show the selected model."""
        self._offer()
        info = self.session.selected("model")
        found = self.session.value(info.id) if info is not None else None
        self.show_used(info)
        self.model_actions.refresh()
        self._show_estimate()
        there = isinstance(found, Training)
        if (info.id if info else "", there) == (self._shown_id, self._was_there):
            return
        self.follower.follow(info)
        self._shown_id, self._was_there = info.id if info else "", there
        if isinstance(found, Training):
            self._show(found)
        else:
            self._show_nothing("The model is being read ..." if info else NO_MODEL)

    def run(self) -> None:
        """Train with the settings of the form."""
        self.session.run_step("train", self.follower.ran(), seed=self.form.seed)

    def _begin_anew(self) -> None:
        self._dataset_id = ""
        self.follower.forget()

    def can_run(self) -> str:
        """Say why nothing can be trained now."""
        device = self.session.device
        needs = not KINDS[self.form.values()["model"]].simple
        no_network = device.problem if device is not None and needs else ""
        wrong = self._trouble or next(iter(self.form.problems()), "")
        return super().can_run() or wrong or no_network or self._no_plan()

    def _no_plan(self) -> str:
        dataset = selected_dataset(self.session)
        return network.why_not(dataset, self.form.values()) if dataset is not None else ""

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.chart.apply_theme(theme)
        self.diagram.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, found: Training) -> None:
        evaluation = found.evaluation
        self.verdict.offer_targets(evaluation.targets, evaluation.units)
        target = self.verdict.chosen
        dataset = selected_dataset(self.session)
        flags = scores.flags(notes_of(found), dataset)
        how = (scores.summary(evaluation, target), *coverage.sentences(evaluation, target, (0,)))
        self.verdict.show_verdict(evaluation.verdict, " ".join(how), flags)
        self.table.show_sheet(scores.scores_sheet(evaluation, target))
        self._show_network(network.of_model(found.model))
        self.notes.show_notes(tuple(dict.fromkeys(notes_of(found))))
        if self._live is None:
            self._show_history(found)

    def _show_history(self, found: Training) -> None:
        self.chart.waiting = WAITING if found.model.history else AT_ONCE
        self.chart.set_curves(training_curves.curves_of(found.model.history))

    def _show_nothing(self, waiting: str) -> None:
        self.verdict.offer_targets((), ())
        self.verdict.show_verdict(waiting, "", ())
        self.table.show_sheet(Sheet("", (), ()))
        self.notes.show_notes((), "Scores and notes stand here once a model is trained.")
        self._draw_wish()
        if self._live is None:
            self.chart.waiting = WAITING
            self.chart.set_curves({})

    def _show_network(self, shown: network.Network) -> None:
        self.diagram.show_layers(shown.layers, shown.inputs, shown.outputs, shown.note)

    def _draw_wish(self) -> None:
        """Draw the network that the form's settings would train, as long as no model is shown."""
        dataset = selected_dataset(self.session)
        if dataset is not None and not self.form.problems() and not self._was_there:
            self._show_network(network.of_form(dataset, self.form.values()))

    def _show_estimate(self) -> None:
        dataset, device = selected_dataset(self.session), self.session.device
        text = ""
        if dataset is not None and device is not None and not self.form.problems() and not self._trouble:
            time = estimate_text(self.form.values(), extent_of(dataset), device)
            text = f"Training will take {time} on the {device.kind}." if time else ""
        self.estimate.setText(text)
        self.estimate.setVisible(bool(text))

    # -- while it trains -----------------------------------------------------------------------------------------

    def _started(self, task: Task) -> None:
        if task.name == "train":
            self._live = task
            self.verdict.offer_targets((), ())
            self.verdict.show_verdict("A model is being trained; its loss is drawn below.", "", ())
            self.chart.waiting = "Preparing the windows; the first epoch follows."
            self.chart.set_curves({})
            self.tabs.setCurrentWidget(self.chart)

    def _partial(self, task: Task, kind: str, value: Mapping[str, Any]) -> None:
        if task is self._live and kind == "loss":
            for name, epoch, loss in training_curves.points_of(value):
                self.chart.add_point(name, epoch, loss)

    def _ended(self, task: Task, *_: object) -> None:
        if task is self._live:
            self._live = None
            found = self.session.value(self._shown_id) if self._shown_id else None
            if isinstance(found, Training):
                self._show(found)
            else:
                self._show_nothing(NO_MODEL)

    # -- inside --------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        jobs = self.session.jobs
        jobs.started.connect(self._started)
        jobs.partial.connect(self._partial)
        for signal in (jobs.finished, jobs.failed, jobs.stopped):
            signal.connect(self._ended)
        self.model_actions.go.connect(self.go)
        self.form.changed.connect(self._form_changed)
        self.form.submitted.connect(self.run_if_possible)
        self.verdict.target.currentIndexChanged.connect(self._target_changed)
        self.chart.export_requested.connect(self._export_curves)
        self.table.export_requested.connect(self._export_scores)

    def _form_changed(self) -> None:
        self._refresh_primary()
        self._show_estimate()
        self._draw_wish()

    def _target_changed(self) -> None:
        found = self.session.value(self._shown_id)
        if isinstance(found, Training):
            self._show(found)

    def _offer(self) -> None:
        dataset, now = selected_dataset(self.session), self.session.selection.get("dataset", "")
        if dataset is not None and now != self._dataset_id:
            self._dataset_id = now
            self._trouble = trainable.why_not(dataset)
            for name, choices in trainable.offers(dataset).items():
                self.form.offer(name, choices)
            self._refresh_primary()
            self._draw_wish()
        self.form.offer("settings_from", trainable.searches(self.session.infos))

    def _scores(self) -> QWidget:
        split = QSplitter()
        split.setOrientation(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.notes)
        split.setSizes([260, 110])
        return split

    def _drawing(self) -> QWidget:
        area = QScrollArea()
        area.setWidget(self.diagram)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName("Diagram of the network")
        self.export = ExportButton()
        self.export.asked.connect(self._export_network)
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, GRID, 0, 0)
        column.addWidget(area, 1)
        column.addWidget(self.export, 0, Qt.AlignmentFlag.AlignRight)
        return panel

    def _export_network(self, kind: str) -> None:
        self.exporter.export(kind, "network", self.diagram.table, self.diagram.picture)

    def _export_curves(self, kind: str) -> None:
        self.exporter.export(kind, "learning-curves", self._curves, self.chart.picture, self.verdict.words)

    def _curves(self) -> Sheet:
        return self.chart.table("Learning curves")

    def _export_scores(self, kind: str) -> None:
        self.exporter.export(kind, "test-scores", self._sheet, words=self.verdict.words)

    def _sheet(self) -> Sheet:
        return self.table.sheet
