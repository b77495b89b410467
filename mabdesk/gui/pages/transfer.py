"""The Transfer page: which way leads to a model of a new cell line or scale, from few batches of its own."""

from PySide6.QtWidgets import QTabWidget

from mabdesk.analysis.settings import TransferOptions
from mabdesk.analysis.transferred import Transfer
from mabdesk.data.batch import Dataset
from mabdesk.data.settings import WindowPlan
from mabdesk.gui.forms.form import SEED, Form
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other, selected_dataset
from mabdesk.gui.notes import NotesView
from mabdesk.gui.pages.entries import TRANSFER
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.learning_curves import LearningCurves
from mabdesk.gui.plots.parallel_coordinates import ParallelPlot
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import network, scores, trainable, transfer


class TransferPage(Page):
    """Shows the learning curves of the ways to a model, what each gains, and what is recommended at each size."""

    entry = TRANSFER
    step = "transfer-learning"

    def build(self) -> None:
        """Make the widgets."""
        self._state: tuple[object, ...] = ()
        self._dataset_id = self._by = self._trouble = ""
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.curves = LearningCurves("Learning curves of the methods")
        self.parallel = ParallelPlot("Methods over the scores", "The methods are drawn here once a study has ended.")
        self.notes = NotesView("Advice and notes")
        self.table = DataTable("Scores of the methods")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the transfer")
        for widget, text in (
            (self.curves, "Learning curves"), (self.parallel, "All scores"), (self.notes, "Advice and notes"),
        ):  # fmt: skip
            self.tabs.addTab(widget, text)
        self._lay_out_middle()
        self.form = Form((TransferOptions, WindowPlan), seed=True)
        self.form.offer("sizes", tuple((size, size) for size in transfer.SIZES))
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.set_primary("Study transfer", "Compare the ways to a model of the new line or scale")
        self._connect()

    def refresh(self) -> None:
        """Show the selected study."""
        self._offer()
        info = self.session.shown(self.entry.kinds)
        found = self.session.value(info.id) if info is not None else None
        self.show_used(info)
        self.follower.follow(info)
        dataset = selected_dataset(self.session)
        there = isinstance(found, Transfer)
        state = (info.id if info else "", there, self.verdict.chosen, dataset is None)
        if state == self._state:
            return
        if isinstance(found, Transfer):
            self._show(found, dataset)
        else:
            self._show_nothing("The result is being read ..." if info else transfer.NO_STUDY)
        self._state = (state[0], there, self.verdict.chosen, state[3])

    def run(self) -> None:
        """Study the transfer with the settings of the form."""
        self.session.run_step("transfer-learning", self.follower.ran(), seed=self.form.seed)

    def can_run(self) -> str:
        """Say why nothing can be studied now."""
        values, device, dataset = self.form.values(), self.session.device, selected_dataset(self.session)
        no_network = device.problem if device is not None else ""
        why = super().can_run() or next(iter(self.form.problems()), "") or self._trouble or no_network
        why = why or transfer.why_not(dataset, values["by"], values["group"], values["sizes"])
        return why or (network.why_not(dataset, values) if dataset is not None else "")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.curves.apply_theme(theme)
        self.parallel.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, found: Transfer, dataset: Dataset | None) -> None:
        self.verdict.offer_targets(found.targets, found.units)
        target = self.verdict.chosen
        self.verdict.show_verdict(found.verdict, transfer.summary(found), scores.flags(found.notes, dataset))
        x, y = transfer.axes(found, target)
        self.curves.show_curves(transfer.curves(found, target), x, y)
        axes, lines, largest = transfer.scenarios(found, target)
        self.parallel.show_lines(axes, lines)
        self.tabs.setTabText(self.tabs.indexOf(self.parallel), f"All scores, {largest} local batches")
        self.table.show_sheet(transfer.scores_sheet(found, target))
        self.notes.show_notes((*found.advice, *found.notes, *transfer.GAIN_NOTES))

    def _show_nothing(self, waiting: str) -> None:
        self.verdict.offer_targets((), ())
        self.verdict.show_verdict(waiting, "", ())
        self.curves.show_curves((), "", "")
        self.parallel.show_lines((), ())
        self.tabs.setTabText(self.tabs.indexOf(self.parallel), "All scores")
        self.table.show_sheet(Sheet("", (), ()))
        self.notes.show_notes((), "The advice for every number of local batches stands here once a study has ended.")

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.session.opened.connect(self._begin_anew)
        self.form.changed.connect(self._form_changed)
        self.form.submitted.connect(self.run_if_possible)
        self.verdict.target.currentIndexChanged.connect(self._target_changed)
        self.curves.export_requested.connect(self._export_curves)
        self.parallel.export_requested.connect(self._export_parallel)
        self.table.export_requested.connect(self._export_table)

    def _begin_anew(self) -> None:
        self._dataset_id, self._state = "", ()
        self.follower.forget()

    def _form_changed(self) -> None:
        """Offer lines where a line is new, scales where a scale is."""
        if self.form.values()["by"] != self._by:
            self._offer_groups()
        self._refresh_primary()

    def _target_changed(self) -> None:
        self.refresh()

    def _export_curves(self, kind: str) -> None:
        self.exporter.export(kind, "transfer-curves", self._curves, self.curves.picture, self.verdict.words)

    def _curves(self) -> Sheet:
        return self.curves.table("Learning curves")

    def _export_parallel(self, kind: str) -> None:
        self.exporter.export(kind, "transfer-scores", self._parallel, self.parallel.picture, self.verdict.words)

    def _parallel(self) -> Sheet:
        return self.parallel.table("Methods over the scores")

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "transfer", self._sheet, words=self.verdict.words)

    def _sheet(self) -> Sheet:
        return self.table.sheet

    # -- inside --------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        dataset, now = selected_dataset(self.session), self.session.selection.get("dataset", "")
        if dataset is not None and now != self._dataset_id:
            self._dataset_id = now
            self._trouble = trainable.why_not(dataset)
            for name, choices in trainable.offers(dataset).items():
                self.form.offer(name, choices)
            self._offer_groups()
            self._refresh_primary()

    def _offer_groups(self) -> None:
        values, dataset = self.form.values(), selected_dataset(self.session)
        changed, self._by = bool(self._by) and values["by"] != self._by, values["by"]
        if changed and values["group"] not in transfer.groups(dataset, self._by):
            self.form.set_values({**values, SEED.name: self.form.seed, "group": ""})
        self.form.offer("group", transfer.offers(dataset, self._by))

    def _lay_out_middle(self) -> None:
        self.body.addWidget(self.verdict)
        self.body.addWidget(one_over_the_other(self.tabs, self.table, 200), 1)
