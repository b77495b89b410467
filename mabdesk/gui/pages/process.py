"""The Process model page: fits the model of whole batches that plans, and shows how good it is."""

import functools

from mabdesk.analysis.process.planned import Forecast, ProcessAttribution, ProcessTraining
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.gui.forms.form import Form
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other, selected_dataset
from mabdesk.gui.pages.entries import PROCESS_MODEL
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.single_plot import SinglePlot
from mabdesk.gui.plots.trajectories import TrajectoryGrid
from mabdesk.gui.process_actions import ProcessActions
from mabdesk.gui.process_tabs import ProcessTabs
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import process
from mabdesk.models.process.settings import LEAST_BATCHES, ProcessOptions

_LEAST_HEIGHT = 470  # of views and table; below it the page scrolls
READING = "The result is being read ..."


class ProcessModelPage(Page):
    """Shows a process model: its verdict and warnings first, then what stands behind them."""

    entry = PROCESS_MODEL
    step = "train-process"

    def build(self) -> None:
        """Make the widgets."""
        self._state: tuple[object, ...] = ()
        self._dataset_id = ""
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.tabs = ProcessTabs()
        self.table = DataTable("What stands behind the view")
        self.body.addWidget(self.verdict)
        both = one_over_the_other(self.tabs, self.table, 170)
        both.setMinimumHeight(_LEAST_HEIGHT)
        self.body.addWidget(both, 1)
        self.form = Form((ProcessOptions, HistoryOptions), seed=True)
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.model_actions = ProcessActions(self.session)
        self.side.addWidget(self.model_actions)
        self.set_primary("Fit", "Fit the process model on the training batches, and measure it")
        self._connect()

    def refresh(self) -> None:
        """Show the selected model, with its attribution and its forecast where there are some."""
        self._offer()
        kinds = ("process-model", "process-attribution", "forecast")
        infos = [self.session.selected(kind) for kind in kinds]
        values = [self.session.value(info.id) if info is not None else None for info in infos]
        self.show_used(self.session.shown(self.entry.kinds))
        self.follower.follow(infos[0])
        self.model_actions.refresh()
        dataset = selected_dataset(self.session)
        ids = tuple(info.id if info is not None else "" for info in infos)
        state = (ids, tuple(value is not None for value in values), dataset is None, self.session.looked_at)
        if state == self._state:
            return
        before, self._state = self._state, state
        self._show(*values)
        self._turn_to(before)

    def run(self) -> None:
        """Fit with the settings of the form."""
        self.session.run_step("train-process", self.follower.ran(), seed=self.form.seed)

    def can_run(self) -> str:
        """Say why nothing can be fitted now."""
        device, dataset = self.session.device, selected_dataset(self.session)
        no_network = device.problem if device is not None else ""
        why = super().can_run() or next(iter(self.form.problems()), "") or no_network
        if not why and dataset is not None and len(dataset.batches) < LEAST_BATCHES:
            why = f"There are {len(dataset.batches)} batches; a process model needs at least {LEAST_BATCHES}."
        return why

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.tabs.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, value: object, attribution: object, forecast: object) -> None:
        found = value if isinstance(value, ProcessTraining) else None
        self.model_actions.offer(found.model if found is not None else None)
        if found is not None:
            e = found.evaluation
            self.verdict.offer_targets(e.outputs, e.units)
            said = process.flags(found, selected_dataset(self.session))
            self.verdict.show_verdict(e.verdict, process.summary(found), said)
        else:
            self.verdict.offer_targets((), ())
            waiting = READING if self.session.selected("process-model") is not None else process.NO_PROCESS
            self.verdict.show_verdict(waiting, "", ())
        self.tabs.output = self.verdict.chosen or "titer"
        self.tabs.show_found(
            found,
            attribution if isinstance(attribution, ProcessAttribution) else None,
            forecast if isinstance(forecast, Forecast) else None,
        )
        self.tabs.highlight(self.session.highlighted)

    def _turn_to(self, before: tuple[object, ...]) -> None:
        """Show the view of what was just made, or chosen: an attribution, a forecast."""
        info = self.session.info(self.session.looked_at)
        if info is None or not before or before[-1] == info.id:
            return
        view = {"process-attribution": self.tabs.moved, "forecast": self.tabs.running}.get(info.kind)
        if view is not None:
            self.tabs.setCurrentWidget(view)

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.session.opened.connect(self._begin_anew)
        self.form.changed.connect(self._refresh_primary)
        self.form.submitted.connect(self.run_if_possible)
        self.verdict.target.currentIndexChanged.connect(self._output_changed)
        self.tabs.table_changed.connect(self._show_table)
        self.tabs.batch_clicked.connect(self.session.highlight)
        self.session.highlighted_changed.connect(self.tabs.highlight)
        self.tabs.exported.connect(self._export_plot)
        self.table.export_requested.connect(self._export_table)

    def _begin_anew(self) -> None:
        self._state, self._dataset_id = (), ""
        self.follower.forget()

    def _output_changed(self) -> None:
        self.tabs.show_output(self.verdict.chosen or "titer")

    def _show_table(self) -> None:
        self.table.setVisible(self.tabs.currentWidget() is not self.tabs.notes)
        self.table.show_sheet(self.tabs.sheet())

    def _export_plot(self, plot: SinglePlot | TrajectoryGrid, kind: str) -> None:
        name = plot.accessibleName().lower().replace(",", "").replace(" ", "-")
        self.exporter.export(kind, name, functools.partial(self._behind, plot), plot.picture, self.verdict.words)

    def _behind(self, plot: SinglePlot | TrajectoryGrid) -> Sheet:
        """Return the points of a grid of courses, else the table of the view."""
        return plot.table(plot.accessibleName()) if isinstance(plot, TrajectoryGrid) else self.tabs.sheet()

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "process-model", self._sheet, words=self.verdict.words)

    def _sheet(self) -> Sheet:
        return self.table.sheet

    # -- inside --------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the setpoints and tags that the data have."""
        dataset, now = selected_dataset(self.session), self.session.selection.get("dataset", "")
        if dataset is not None and now != self._dataset_id:
            self._dataset_id = now
            self.form.offer("levers", process.levers(dataset))
            self.form.offer("tags", process.tags(dataset))
            self._refresh_primary()
