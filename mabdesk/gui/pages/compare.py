"""The Compare page: models side by side on batches that they had not seen, with a verdict in plain words."""

from mabdesk.analysis.results import Evaluation, Predictions, Training, notes_of
from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.imported import Reading
from mabdesk.data.settings import PhaseRule, WindowPlan
from mabdesk.gui.comparison_tabs import NOTHING, ComparisonTabs
from mabdesk.gui.forms.form import Form
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other
from mabdesk.gui.pages.entries import COMPARE
from mabdesk.gui.pages.page import Page
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import coverage, scores, trainable
from mabdesk.models.settings import KINDS


class ComparePage(Page):
    """Shows an evaluation, a trained model's test, a final test, or a model applied to a new file."""

    entry = COMPARE
    step = "compare"

    def build(self) -> None:
        """Make the widgets."""
        self._state: tuple[object, ...] = ()
        self._listed = ""  # the result whose models are listed: what was checked among them stays
        self._dataset_id = ""
        self._trouble = ""
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.tabs = ComparisonTabs(self.exporter, self._words)
        self.table = DataTable("Scores of the models", checkable=True)
        self.table.setToolTip("The checked models are drawn")
        self._lay_out_middle()
        self.form = Form((CompareOptions, WindowPlan, PhaseRule), seed=True)
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.session.opened.connect(self._begin_anew)
        self.set_primary("Compare", "Measure the checked models on the same folds of whole batches")
        self._connect()

    def refresh(self) -> None:
        """Show the result that was chosen last."""
        self._offer()
        info = self.session.shown(self.entry.kinds)
        value = self.session.value(info.id) if info is not None else None
        self.show_used(info)
        self.follower.follow(info)
        found = value.evaluation if isinstance(value, Training) else value
        self._said = notes_of(value)
        dataset = self._dataset(info.id if info is not None else "")
        state = (info.id if info else "", found is None, self.verdict.chosen, dataset is None)
        if state == self._state:
            return
        if isinstance(found, Evaluation):
            self._show_evaluation(found, dataset)
        elif isinstance(found, Predictions):
            self._show_predictions(found, dataset)
        else:
            waiting = "The result is being read ..." if info else "No comparison yet. Choose models and press Compare."
            self._show_nothing(waiting)
        self._state = (state[0], state[1], self.verdict.chosen, state[3])

    def run(self) -> None:
        """Measure the chosen models."""
        self.session.run_step("compare", self.follower.ran(), seed=self.form.seed)

    def _begin_anew(self) -> None:
        self._dataset_id = ""
        self.follower.forget()

    def can_run(self) -> str:
        """Say why nothing can be compared now."""
        values = self.form.values()
        none = "" if values["models"] else "Check at least one model."
        why = super().can_run() or none or next(iter(self.form.problems()), "") or self._trouble
        if why:
            return why
        device = self.session.device
        if device is not None and device.problem and not all(KINDS[kind].simple for kind in values["models"]):
            return device.problem
        by_batch = values["folds_by"] == "batch" and self._free_batches()
        return trainable.why_no_folds(self._free_batches(), values["folds"]) if by_batch else ""

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.tabs.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show_evaluation(self, found: Evaluation, dataset: Dataset | None) -> None:
        self.verdict.offer_targets(found.targets, found.units)
        target = self.verdict.chosen
        self.verdict.show_verdict(found.verdict, scores.summary(found, target), scores.flags(self._said, dataset))
        drawn = scores.drawn_first(found, target)
        first = scores.told_apart(found, target, drawn[-1] if drawn else found.models[0])
        self.tabs.show_found(found, target, dataset, (*found.notes, *scores.SCORE_NOTES), first)
        if self._listed != self._newest():
            self._listed = self._newest()
            self.table.show_sheet(scores.scores_sheet(found, target), {found.models.index(m) for m in drawn})
        else:
            self.table.show_sheet(scores.scores_sheet(found, target), keep=True)
        self._draw()

    def _show_predictions(self, found: Predictions, dataset: Dataset | None) -> None:
        self.verdict.offer_targets(found.targets, found.units)
        target, self._listed = self.verdict.chosen, ""
        self.tabs.show_found(found, target, dataset, found.notes, ())
        batches = self.tabs.shown.batches if self.tabs.shown is not None else ()
        sentence = f"{found.label} applied to a new file: {len(batches)} {'batch' if len(batches) == 1 else 'batches'}."
        how = " ".join(coverage.sentences(found, target, (0,)))
        self.verdict.show_verdict(sentence, how, [*found.notes, *scores.flags((), dataset)])
        self.table.show_sheet(Sheet("Model", ("Model",), ((found.label,),)), {0})
        self._draw()

    def _show_nothing(self, waiting: str) -> None:
        self._listed = ""
        self.verdict.offer_targets((), ())
        self.verdict.show_verdict(waiting, "", ())
        self.table.show_sheet(NOTHING)
        self.tabs.show_nothing(waiting)

    def _draw(self) -> None:
        self.tabs.draw(self.table.checked() or (0,))
        self._mark()

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.form.changed.connect(self._refresh_primary)
        self.form.submitted.connect(self.run_if_possible)
        self.verdict.target.currentIndexChanged.connect(self._target_changed)
        self.table.checks_changed.connect(self._draw)
        self.tabs.batch_clicked.connect(self.session.highlight)
        self.session.highlighted_changed.connect(self._mark)
        self.table.export_requested.connect(self._export_scores)

    def _target_changed(self) -> None:
        self.refresh()

    def _mark(self, *_: object) -> None:
        self.tabs.highlight(self.session.highlighted)

    def _export_scores(self, kind: str) -> None:
        self.exporter.export(kind, "scores", self._scores, words=self.verdict.words)

    def _scores(self) -> Sheet:
        return self.table.sheet

    def _words(self) -> str | None:
        return self.verdict.words

    # -- inside --------------------------------------------------------------------------------------------------

    def _newest(self) -> str:
        info = self.session.shown(self.entry.kinds)
        return info.id if info is not None else ""

    def _dataset(self, result_id: str) -> Dataset | None:
        info = self.session.info(result_id)
        if info is None:
            return None
        of_file = [parent for parent in info.parents if parent.startswith("new-data")]
        reading = self.session.value(of_file[0] if of_file else "dataset")
        return reading.dataset if isinstance(reading, Reading) else None

    def _offer(self) -> None:
        reading, now = self.session.value("dataset"), self.session.selection.get("dataset", "")
        if isinstance(reading, Reading) and now != self._dataset_id:
            self._dataset_id = now
            self._trouble = trainable.why_not(reading.dataset)
            for name, choices in trainable.offers(reading.dataset).items():
                self.form.offer(name, choices)
            self._refresh_primary()
        self.form.offer("settings_from", trainable.searches(self.session.infos))

    def _free_batches(self) -> int:
        """Count the batches that are not locked away; 0 while that is not known."""
        split = self.session.value("split") if "split" in self.session.selection else None
        return len(split.train) + len(split.validation) + len(split.test) if isinstance(split, Split) else 0

    def _lay_out_middle(self) -> None:
        self.body.addWidget(self.verdict)
        self.body.addWidget(one_over_the_other(self.tabs, self.table), 1)
