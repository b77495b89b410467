"""All views of a comparison as tabs: courses, parity, errors, parts, bands, lines and scales, batches, notes."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from mabdesk.analysis.results import Evaluation, Predictions
from mabdesk.data.batch import Dataset
from mabdesk.gui.batch_courses import BatchCourses
from mabdesk.gui.error_spread import ErrorSpread
from mabdesk.gui.group_scores import GroupScores
from mabdesk.gui.look import Theme
from mabdesk.gui.notes import NotesView
from mabdesk.gui.plots.parity import ParityPlot
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.plots.waiting import Waiting
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import coverage, errors_by_part, predicted, scores

NOTHING = Sheet("", (), ())
ONE_MODEL = "Only a comparison shows this. Here a model was applied to a new file."


class ComparisonTabs(QTabWidget):
    """Shows an evaluation, or a model applied to a file, for the models that are asked for.

    Views that are not seen are drawn when they are looked at.
    """

    batch_clicked = Signal(str)

    def __init__(self, exporter: Exporter, words: Callable[[], str | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setAccessibleName("Views of the comparison")
        self.exporter, self.words = exporter, words
        self.shown: predicted.Predicted | None = None
        self.found: Evaluation | Predictions | None = None
        self._dataset: Dataset | None = None
        self._models: tuple[int, ...] = (0,)
        self._stale: set[QWidget] = set()
        self._highlighted = ""
        self.courses = BatchCourses()
        self.parity = ParityPlot("Predicted over measured")
        self.spread = ErrorSpread()
        self.parts = DataTable("Errors by part", find=True)
        self.bands = DataTable("Coverage of the bands", find=True)
        self.groups = GroupScores()
        self.errors = DataTable("Errors by batch")
        self.notes = NotesView("Notes")
        self.parts_place, self.bands_place = Waiting(self.parts), Waiting(self.bands)
        named = (
            (self.courses, "Courses", "Predicted and measured courses of batches"),
            (self.parity, "Parity", "Predicted over measured"),
            (self.spread, "Errors by phase", "How errors are spread by phase, day, line or scale"),
            (self.parts_place, "Parts", "Scores by phase, culture day, cell line and scale"),
            (self.bands_place, "Bands", "How many samples the bands hold"),
            (self.groups, "Lines, scales", "Scores by cell line, scale or model"),
            (self.errors, "Batches", "Errors by batch"),
            (self.notes, "Notes", "What is to be known of this result"),
        )
        for widget, text, tip in named:
            self.setTabToolTip(self.addTab(widget, text), tip)
        self._views: tuple[QWidget, ...] = tuple(widget for widget, _, _ in named)
        self._connect()

    def show_found(
        self,
        found: Evaluation | Predictions,
        target: str,
        dataset: Dataset | None,
        notes: Sequence[str],
        first: Sequence[str],
    ) -> None:
        """Take a result; `draw` shows it. `first` are the batches to draw at first; none: the first two."""
        of = predicted.of_evaluation if isinstance(found, Evaluation) else None
        self.shown = of(found, target) if of else predicted.of_predictions(found, target)  # type: ignore[arg-type]
        self.found, self._dataset = found, dataset
        self.notes.show_notes(notes)
        self.courses.offer(self.shown.batches, first or self.shown.batches[:2])

    def show_nothing(self, waiting: str) -> None:
        """Show a sentence in every view."""
        self.shown = self.found = self._dataset = None
        self._stale = set()
        self.notes.show_notes(())
        self.courses.offer((), ())
        self.courses.say_of_bands((), False)
        self.courses.show_figure(Figure((), empty_text=waiting))
        self.parity.show_pairs({}, "", "", ())
        self.errors.show_sheet(NOTHING)
        for place, table in ((self.parts_place, self.parts), (self.bands_place, self.bands)):
            table.show_sheet(NOTHING)
            place.wait_for(waiting)
        self.spread.show_nothing(waiting)
        self.groups.show_nothing(waiting)

    def draw(self, models: Sequence[int]) -> None:
        """Draw these models."""
        if self.shown is None or self.found is None:
            return
        self._models = tuple(models)
        self._stale = set(self._views)
        self._draw_seen()

    def highlight(self, batch: str) -> None:
        """Show a batch above the others in all views."""
        self._highlighted = batch
        self._mark_seen()

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        for view in (self.courses, self.parity, self.spread, self.groups):
            view.apply_theme(theme)

    # -- drawing -------------------------------------------------------------------------------------------------

    def _draw_seen(self) -> None:
        """Draw the view that is looked at, where it is not as it should be."""
        seen = self.currentWidget()
        if seen in self._stale and self.found is not None and self.shown is not None:
            self._stale.discard(seen)
            if seen is self.courses:
                self._draw_courses()
            elif seen is self.parity:
                pairs = predicted.pairs(self.shown, self._models)
                self.parity.show_pairs(pairs, self.shown.target, self.shown.unit, predicted.groups(self.shown))
            elif seen is self.errors:
                self.errors.show_sheet(self._errors_sheet())
            elif seen is self.bands_place:
                self._show_bands(self.found, self.shown.target)
            elif isinstance(self.found, Evaluation):
                self._show_parts(seen, self.found, self.shown.target)
            else:
                self._show_that_it_is_one_model(seen)
        self._mark_seen()

    def _show_parts(self, seen: QWidget, found: Evaluation, target: str) -> None:
        if seen is self.spread:
            self.spread.show_errors(found, target, self._models, self._dataset)
        elif seen is self.groups:
            self.groups.show_scores(found, target, self._models, self._dataset)
        elif seen is self.parts_place:
            self.parts.show_sheet(errors_by_part.parts_sheet(found, target, self._models))
            self.parts_place.wait_for("" if self.parts.sheet.rows else errors_by_part.NO_PARTS)

    def _mark_seen(self) -> None:
        seen, batch = self.currentWidget(), self._highlighted
        if isinstance(seen, BatchCourses | ParityPlot):
            seen.highlight(batch)
        elif seen is self.errors:
            rows = [row[0] for row in self.errors.sheet.rows]
            self.errors.select(rows.index(batch) if batch in rows else None)

    def _show_bands(self, found: Evaluation | Predictions, target: str) -> None:
        self.bands.show_sheet(coverage.coverage_sheet(found, target, self._models))
        whys = " ".join(coverage.sentences(found, target, self._models))
        self.bands_place.wait_for("" if self.bands.sheet.rows else whys or coverage.NO_BANDS)

    def _show_that_it_is_one_model(self, seen: QWidget) -> None:
        if isinstance(seen, ErrorSpread | GroupScores):
            seen.show_nothing(ONE_MODEL)
        elif seen is self.parts_place:
            self.parts.show_sheet(NOTHING)
            self.parts_place.wait_for(ONE_MODEL)

    def _draw_courses(self) -> None:
        if self.shown is None or self.found is None:
            return
        said = coverage.sentences(self.found, self.shown.target, self._models)
        self.courses.say_of_bands(said, self.shown.has_dropout)
        batches, together = self.courses.chosen()
        dropout = self.courses.with_dropout
        figure = predicted.figure(self.shown, self._models, batches, self._dataset, together, dropout)
        self.courses.show_figure(figure)

    def _errors_sheet(self) -> Sheet:
        if self.shown is None or self.found is None:
            return NOTHING
        if isinstance(self.found, Evaluation):
            return scores.batches_sheet(self.found, self.shown.target, [self.found.models[m] for m in self._models])
        return predicted.file_sheet(self.found, self.shown.target)

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.currentChanged.connect(self._draw_seen)
        self.courses.changed.connect(self._draw_courses)
        self.courses.batch_clicked.connect(self.batch_clicked)
        self.parity.batch_clicked.connect(self.batch_clicked)
        self.errors.row_selected.connect(self._row_selected)
        self.courses.export_requested.connect(self._export_courses)
        self.parity.export_requested.connect(self._export_parity)
        self.spread.export_requested.connect(self._export_spread)
        self.groups.export_requested.connect(self._export_groups)
        self.errors.export_requested.connect(self._export_errors)
        self.parts.export_requested.connect(self._export_parts)
        self.bands.export_requested.connect(self._export_bands)

    def _row_selected(self, row: int) -> None:
        self.batch_clicked.emit(str(self.errors.sheet.rows[row][0]))

    def _export_courses(self, kind: str) -> None:
        grid = self.courses.grid
        self.exporter.export(kind, "predicted-courses", self._courses_sheet, grid.picture, self.words())

    def _courses_sheet(self) -> Sheet:
        return self.courses.grid.table("Predicted and measured courses")

    def _export_parity(self, kind: str) -> None:
        self.exporter.export(kind, "predicted-over-measured", self._pairs_sheet, self.parity.picture, self.words())

    def _pairs_sheet(self) -> Sheet:
        return NOTHING if self.shown is None else predicted.pairs_sheet(self.shown, self._models)

    def _export_spread(self, kind: str) -> None:
        self.exporter.export(kind, "errors-by-phase", self.spread.table, self.spread.plot.picture, self.words())

    def _export_groups(self, kind: str) -> None:
        self.exporter.export(kind, "scores-by-group", self.groups.table, self.groups.plot.picture, self.words())

    def _export_errors(self, kind: str) -> None:
        self._export_table(kind, "errors-by-batch", self.errors)

    def _export_parts(self, kind: str) -> None:
        self._export_table(kind, "errors-by-part", self.parts)

    def _export_bands(self, kind: str) -> None:
        self._export_table(kind, "coverage-of-bands", self.bands)

    def _export_table(self, kind: str, name: str, table: DataTable) -> None:
        self.exporter.export(kind, name, lambda: table.sheet, words=self.words())
