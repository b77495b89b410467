"""The Compare page: models side by side on batches that they had not seen, with a verdict in plain words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QTabWidget

from mabdesk.analysis.results import Evaluation, Predictions, Training, notes_of
from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.imported import Reading
from mabdesk.data.settings import WindowPlan
from mabdesk.gui.batch_courses import BatchCourses
from mabdesk.gui.forms.form import Form
from mabdesk.gui.look import Theme
from mabdesk.gui.notes import NotesView
from mabdesk.gui.pages.entries import COMPARE
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.parity import ParityPlot
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import predicted, scores, trainable

_LEAST_HEIGHT = 440  # of the middle; below it the page scrolls


class ComparePage(Page):
    """Shows an evaluation, a trained model's test, a final test, or a model applied to a new file."""

    entry = COMPARE
    step = "compare"

    def build(self) -> None:
        """Make the widgets."""
        self._shown: predicted.Predicted | None = None
        self._state: tuple[object, ...] = ()
        self._listed = ""  # the result whose models are listed: what was checked among them stays
        self._dataset_id = ""
        self._trouble = ""
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.courses = BatchCourses()
        self.parity = ParityPlot("Predicted over measured")
        self.errors = DataTable("Errors by batch")
        self.notes = NotesView("Notes")
        self.table = DataTable("Scores of the models", checkable=True)
        self.table.setToolTip("The checked models are drawn")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the comparison")
        for widget, text in (
            (self.courses, "Courses"), (self.parity, "Predicted over measured"),
            (self.errors, "Errors by batch"), (self.notes, "Notes"),
        ):  # fmt: skip
            self.tabs.addTab(widget, text)
        self._lay_out_middle()
        self.form = Form((CompareOptions, WindowPlan), seed=True)
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
        why = super().can_run() or next(iter(self.form.problems()), "") or self._trouble
        values = self.form.values()
        if why:
            return why
        if not values["models"]:
            return "Check at least one model."
        return trainable.why_no_folds(self._free_batches(), values["folds"]) if self._free_batches() else ""

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.courses.apply_theme(theme)
        self.parity.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show_evaluation(self, found: Evaluation, dataset: Dataset | None) -> None:
        self.verdict.offer_targets(found.targets, found.units)
        target = self.verdict.chosen
        self.verdict.show_verdict(found.verdict, scores.summary(found, target), scores.flags(self._said, dataset))
        self._shown = predicted.of_evaluation(found, target)
        self._found: Evaluation | Predictions = found
        drawn = scores.drawn_first(found, target)
        first = scores.told_apart(found, target, drawn[-1] if drawn else found.models[0])
        if self._listed != self._newest():
            self._listed = self._newest()
            self.table.show_sheet(scores.scores_sheet(found, target), {found.models.index(m) for m in drawn})
        else:
            self.table.show_sheet(scores.scores_sheet(found, target), keep=True)
        self.notes.show_notes((*found.notes, *scores.SCORE_NOTES))
        self.courses.offer(self._shown.batches, first)
        self._draw()

    def _show_predictions(self, found: Predictions, dataset: Dataset | None) -> None:
        self.verdict.offer_targets(found.targets, found.units)
        target = self.verdict.chosen
        self._shown, self._found, self._listed = predicted.of_predictions(found, target), found, ""
        count = len(self._shown.batches)
        sentence = f"{found.label} applied to a new file: {count} {'batch' if count == 1 else 'batches'}."
        self.verdict.show_verdict(sentence, "", [*found.notes, *scores.flags((), dataset)])
        self.table.show_sheet(Sheet("Model", ("Model",), ((found.label,),)), {0})
        self.notes.show_notes(found.notes)
        self.courses.offer(self._shown.batches, self._shown.batches[:2])
        self._draw()

    def _show_nothing(self, waiting: str) -> None:
        self._shown, self._listed = None, ""
        self.verdict.offer_targets((), ())
        self.verdict.show_verdict(waiting, "", ())
        self.table.show_sheet(Sheet("", (), ()))
        self.errors.show_sheet(Sheet("", (), ()))
        self.notes.show_notes(())
        self.courses.offer((), ())
        self.courses.show_figure(Figure((), empty_text=waiting))
        self.parity.show_pairs({}, "", "", ())

    def _draw(self) -> None:
        shown = self._shown
        if shown is None:
            return
        models = self.table.checked() or (0,)
        self._draw_courses()
        pairs = predicted.pairs(shown, models)
        self.parity.show_pairs(pairs, shown.target, shown.unit, predicted.groups(shown))
        self.errors.show_sheet(self._errors_sheet(models))
        self._mark()

    def _draw_courses(self) -> None:
        if self._shown is None:
            return
        models = self.table.checked() or (0,)
        info = self.session.shown(self.entry.kinds)
        dataset = self._dataset(info.id) if info is not None else None
        batches, together = self.courses.chosen()
        self.courses.show_figure(predicted.figure(self._shown, models, batches, dataset, together))

    def _errors_sheet(self, models: tuple[int, ...]) -> Sheet:
        target = self._shown.target if self._shown is not None else ""
        if isinstance(self._found, Evaluation):
            return scores.batches_sheet(self._found, target, [self._found.models[m] for m in models])
        return predicted.file_sheet(self._found, target)

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.form.changed.connect(self._refresh_primary)
        self.form.submitted.connect(self.run_if_possible)
        self.verdict.target.currentIndexChanged.connect(self._target_changed)
        self.table.checks_changed.connect(self._draw)
        self.courses.changed.connect(self._draw_courses)
        self.courses.batch_clicked.connect(self.session.highlight)
        self.parity.batch_clicked.connect(self.session.highlight)
        self.errors.row_selected.connect(self._row_selected)
        self.session.highlighted_changed.connect(self._mark)
        self.courses.export_requested.connect(self._export_courses)
        self.parity.export_requested.connect(self._export_parity)
        self.table.export_requested.connect(self._export_scores)
        self.errors.export_requested.connect(self._export_errors)

    def _target_changed(self) -> None:
        self.refresh()

    def _row_selected(self, row: int) -> None:
        self.session.highlight(str(self.errors.sheet.rows[row][0]))

    def _mark(self, *_: object) -> None:
        batch = self.session.highlighted
        self.courses.highlight(batch)
        self.parity.highlight(batch)
        rows = [row[0] for row in self.errors.sheet.rows]
        self.errors.select(rows.index(batch) if batch in rows else None)

    def _export_courses(self, kind: str) -> None:
        grid = self.courses.grid
        self.exporter.export(kind, "predicted-courses", self._courses_sheet, grid.picture, self.verdict.words)

    def _courses_sheet(self) -> Sheet:
        return self.courses.grid.table("Predicted and measured courses")

    def _export_parity(self, kind: str) -> None:
        self.exporter.export(
            kind, "predicted-over-measured", self._pairs_sheet, self.parity.picture, self.verdict.words
        )

    def _pairs_sheet(self) -> Sheet:
        if self._shown is None:
            return Sheet("", (), ())
        return predicted.pairs_sheet(self._shown, self.table.checked() or (0,))

    def _export_scores(self, kind: str) -> None:
        self.exporter.export(kind, "scores", self._scores, words=self.verdict.words)

    def _scores(self) -> Sheet:
        return self.table.sheet

    def _export_errors(self, kind: str) -> None:
        self.exporter.export(kind, "errors-by-batch", self._errors, words=self.verdict.words)

    def _errors(self) -> Sheet:
        return self.errors.sheet

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

    def _free_batches(self) -> int:
        """Count the batches that are not locked away; 0 while that is not known."""
        split = self.session.value("split") if "split" in self.session.selection else None
        return len(split.train) + len(split.validation) + len(split.test) if isinstance(split, Split) else 0

    def _lay_out_middle(self) -> None:
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.tabs)
        split.addWidget(self.table)
        split.setStretchFactor(0, 1)
        split.setSizes([520, 180])
        split.setMinimumHeight(_LEAST_HEIGHT)
        self.body.addWidget(self.verdict)
        self.body.addWidget(split, 1)
