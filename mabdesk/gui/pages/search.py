"""The Search page: every trial as it ends, the best settings, and what they are worth."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTabWidget

from mabdesk.analysis.searched import Search, Trial
from mabdesk.analysis.settings import SearchOptions
from mabdesk.data.batch import Split
from mabdesk.data.settings import WindowPlan
from mabdesk.gui.forms.form import Form
from mabdesk.gui.jobs import Task
from mabdesk.gui.kept_trials import KeptTrials
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other, selected_dataset
from mabdesk.gui.notes import NotesView
from mabdesk.gui.pages.entries import SEARCH
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.convergence import WAITING, ConvergencePlot
from mabdesk.gui.saving import Exporter
from mabdesk.gui.search_actions import SearchActions
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import network, scores, search, trainable

_MS_BETWEEN_DRAWINGS = 150  # kept trials come in a burst
KIND = SearchOptions().model  # names of settings are the same in all kinds that are searched
STARTING = "Cutting windows and folds; the first trial follows."


class SearchPage(Page):
    """Searches the settings of a network; shows the trials live and stored, and leads to training with the best."""

    entry = SEARCH
    step = "search"

    def build(self) -> None:
        """Make the widgets."""
        self._live: Task | None = None
        self._asked = 0  # trials that the search that runs was asked for, once it tells
        self._trials: tuple[Trial, ...] = ()  # drawn now
        self._state: tuple[object, ...] = ()
        self._dataset_id = self._trouble = ""
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.verdict.offer_targets((), ())  # one loss stands for all targets
        self.chart = ConvergencePlot("Convergence of the search")
        self.outer = DataTable("Scores on the outer folds")
        self.notes = NotesView("Notes of the search")
        self.table = DataTable("Trials")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the search")
        for widget, text in ((self.chart, "Trials"), (self.outer, "Outer folds"), (self.notes, "Notes")):
            self.tabs.addTab(widget, text)
        self._lay_out_middle()
        self.form = Form((SearchOptions, WindowPlan), seed=True)
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.actions_box = SearchActions()
        self.kept_trials = KeptTrials(self.session, self)
        self.kept = muted_label("Kept trials")
        self.kept.hide()
        self.beside_primary(self.kept)
        self.beside_primary(self.actions_box)
        self.set_primary("Search", "Try settings of the network on folds of whole batches")
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_MS_BETWEEN_DRAWINGS)
        self._connect()

    def refresh(self) -> None:
        """Show the selected search, unless another one runs."""
        self._offer()
        self._ask_kept()
        info = self.session.shown(self.entry.kinds)
        found = self.session.value(info.id) if info is not None else None
        self.show_used(info)
        self.follower.follow(info)
        state = self._state_now()
        if state == self._state or self._live is not None:
            return
        self._state = state
        if isinstance(found, Search) and info is not None:
            self._show(info.id, found, info.options)
        else:
            self._show_nothing("The result is being read ..." if info else search.NO_SEARCH)

    def run(self) -> None:
        """Search with the settings of the form."""
        self.session.run_step("search", self.follower.ran(), seed=self.form.seed)

    def can_run(self) -> str:
        """Say why nothing can be searched now."""
        values, device = self.form.values(), self.session.device
        no_network = device.problem if device is not None else ""
        why = super().can_run() or next(iter(self.form.problems()), "") or self._trouble or no_network
        if why:
            return why
        dataset = selected_dataset(self.session)
        split = self.session.value("split") if "split" in self.session.selection else None
        no_folds = search.why_no_folds(split, values) if isinstance(split, Split) else ""
        return no_folds or (network.why_not(dataset, values) if dataset is not None else "")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.chart.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, result_id: str, found: Search, options: Mapping[str, Any]) -> None:
        dataset = selected_dataset(self.session)
        unit = search.unit_of(dataset, options)
        self.verdict.show_verdict(found.verdict, search.summary(found), scores.flags(found.notes, dataset))
        self._draw(found.trials, found, unit)
        self.outer.show_sheet(_outer(found))
        self.notes.show_notes((*search.notes(found, unit), *(() if found.nested else (search.NO_OUTER,))))
        self.actions_box.show_search(result_id, found, options)

    def _show_nothing(self, waiting: str) -> None:
        self.verdict.show_verdict(waiting, "", ())
        self._draw((), None, "")
        self.outer.show_sheet(Sheet("", (), ()))
        self.notes.show_notes((), "What is to be known of a search stands here once it has ended.")
        self.actions_box.show_search("", None, {})

    def _draw(self, trials: tuple[Trial, ...], found: Search | None, unit: str, waiting: str = "") -> None:
        self._trials = trials
        self.chart.show_trials(trials, _settings_words, waiting or WAITING)
        self.table.show_sheet(search.trials_sheet(KIND, trials, found, unit) if trials else Sheet("", (), ()))
        self._mark(self.chart.highlighted if any(t.number == self.chart.highlighted for t in trials) else 0)

    # -- while it searches ---------------------------------------------------------------------------------------

    def _started(self, task: Task) -> None:
        if task.name == self.step:
            self._live, self._asked = task, 0
            self.actions_box.show_search("", None, {})
            self.outer.show_sheet(Sheet("", (), ()))
            self.notes.show_notes((), "What is to be known of the search stands here once it has ended.")
            self._draw((), None, "", STARTING)
            self.tabs.setCurrentWidget(self.chart)
            self._say_live()

    def _partial(self, task: Task, kind: str, value: Mapping[str, Any]) -> None:
        if task is self._live and kind == "trial" and search.is_of_search(value):
            self._asked = int(value.get("of", 0))
            self._trials = search.with_trial(self._trials, search.trial_of(value))
            if not self._later.isActive():
                self._later.start()

    def _draw_live(self) -> None:
        if self._live is not None:
            self._draw(self._trials, None, "", STARTING)
            self._say_live()

    def _say_live(self) -> None:
        said = search.so_far(self._trials, self._asked) if self._trials else STARTING
        self.verdict.show_verdict(f"Searching: {said}" if self._trials else said, "", ())

    def _finished(self, task: Task, *_: object) -> None:
        """Let the new result show itself."""
        if task is self._live:
            self._end()
            self.update_page()

    def _cut_off(self, task: Task, *_: object) -> None:
        """Leave the trials that ended in sight: they are kept, and searching again goes on from them."""
        if task is not self._live:
            return
        self._end()
        if not self._trials:
            self.update_page()
            return
        self._draw(self._trials, None, "")
        self.verdict.show_verdict(search.left_words(self._trials, self._asked), "", ())
        self._state = self._state_now()

    def _end(self) -> None:
        self._later.stop()
        self._live, self._state = None, ()
        self.kept_trials.forget()

    # -- what is kept of searches that were cut off ---------------------------------------------------------------

    def _ask_kept(self) -> None:
        if self._live is None and not self.form.problems():
            self.kept_trials.ask(self.form.values(), self.form.seed)

    def _show_kept(self, trials: tuple[Trial, ...]) -> None:
        asked = int(self.form.values()["trials"])
        self.kept.setText(search.kept_words(len(trials), asked))
        self.kept.setVisible(bool(trials))
        nothing = self._live is None and not self._trials and self.session.shown(self.entry.kinds) is None
        if trials and nothing:
            self._draw(trials, None, "")
            self.verdict.show_verdict(search.left_words(trials, asked), "", ())

    # -- inside --------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        jobs = self.session.jobs
        jobs.started.connect(self._started)
        jobs.partial.connect(self._partial)
        jobs.finished.connect(self._finished)
        jobs.failed.connect(self._cut_off)
        jobs.stopped.connect(self._cut_off)
        self.kept_trials.known.connect(self._show_kept)
        self._later.timeout.connect(self._draw_live)
        self.session.opened.connect(self._begin_anew)
        self.actions_box.go_with.connect(self.go_with)
        self.form.changed.connect(self._form_changed)
        self.form.submitted.connect(self.run_if_possible)
        self.chart.trial_clicked.connect(self._mark)
        self.table.row_selected.connect(self._row_selected)
        self.chart.export_requested.connect(self._export_chart)
        self.table.export_requested.connect(self._export_table)
        self.outer.export_requested.connect(self._export_outer)

    def _form_changed(self) -> None:
        self._refresh_primary()
        self._ask_kept()

    def _begin_anew(self) -> None:
        self._dataset_id, self._state = "", ()
        self.kept_trials.forget()
        self.follower.forget()

    def _state_now(self) -> tuple[object, ...]:
        info = self.session.shown(self.entry.kinds)
        there = info is not None and isinstance(self.session.value(info.id), Search)
        return (info.id if info is not None else "", there, selected_dataset(self.session) is None)

    def _row_selected(self, row: int) -> None:
        self._mark(_number(self.table.sheet.rows[row]))

    def _mark(self, number: int) -> None:
        self.chart.highlight(number)
        rows = [_number(row) for row in self.table.sheet.rows]
        self.table.select(rows.index(number) if number in rows else None)

    def _export_chart(self, kind: str) -> None:
        self.exporter.export(kind, "search-convergence", self._sheet, self.chart.picture, self.verdict.words)

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "search-trials", self._sheet, words=self.verdict.words)

    def _sheet(self) -> Sheet:
        return self.table.sheet

    def _export_outer(self, kind: str) -> None:
        self.exporter.export(kind, "search-outer-folds", self._outer, words=self.verdict.words)

    def _outer(self) -> Sheet:
        return self.outer.sheet

    def _offer(self) -> None:
        dataset, now = selected_dataset(self.session), self.session.selection.get("dataset", "")
        if dataset is not None and now != self._dataset_id:
            self._dataset_id = now
            self._trouble = trainable.why_not(dataset)
            for name, choices in trainable.offers(dataset).items():
                self.form.offer(name, choices)
            self._refresh_primary()

    def _lay_out_middle(self) -> None:
        self.body.addWidget(self.verdict)
        self.body.addWidget(one_over_the_other(self.tabs, self.table), 1)


def _outer(found: Search) -> Sheet:
    nested = found.nested
    return scores.scores_sheet(nested, nested.targets[0]) if nested is not None else Sheet("", (), ())


def _settings_words(trial: Trial) -> str:
    return search.settings_words(KIND, trial.settings)


def _number(row: tuple[object, ...]) -> int:
    """Return the number of the trial that a row of the table tells of."""
    return int(str(row[0]))
