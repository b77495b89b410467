"""All views of an attribution as tabs: ranking, heatmap, one prediction, two batches, over value, checks."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution
from mabdesk.gui.explained_view import NOTHING, ExplainedView, Shown
from mabdesk.gui.explained_views import MapView, OverValue, Prediction, Ranking, TwoBatches
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.notes import NotesView
from mabdesk.gui.plots.explained_plot import ExplainedPlot
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import attribution

FILES = ("ranking", "contributions-by-day", "one-prediction", "difference-of-batches", "contribution-over-value")


class Checks(QWidget):
    """Every trust test and every other way to the ranking, with its sentence, and the notes."""

    export_requested = Signal(str, str)  # kind, which table

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Checks")
        self.tests, self.others = DataTable("Trust tests"), DataTable("Cross-checks")
        self.notes = NotesView("Notes of the explanation")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        for widget in (self.tests, self.others, self.notes):
            split.addWidget(widget)
        split.setSizes([200, 190, 110])
        for table in (self.tests, self.others):
            table.view.horizontalHeader().setStretchLastSection(True)  # a sentence
        self.tests.export_requested.connect(self._export_tests)
        self.others.export_requested.connect(self._export_others)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.addWidget(split)

    def show_found(self, found: Attribution | None, waiting: str) -> None:
        """Show the tests and checks of an attribution."""
        self.tests.show_sheet(attribution.tests_sheet(found) if found is not None else NOTHING)
        self.others.show_sheet(attribution.checks_sheet(found) if found is not None else NOTHING)
        self.notes.show_notes((NOT_CAUSE, *found.notes) if found is not None else (), waiting)

    def _export_tests(self, kind: str) -> None:
        self.export_requested.emit(kind, "trust-tests")

    def _export_others(self, kind: str) -> None:
        self.export_requested.emit(kind, "cross-checks")


class ExplainedTabs(QTabWidget):
    """Shows an attribution. Views that are not seen are drawn when they are looked at."""

    batch_clicked = Signal(str)
    table_changed = Signal()  # `sheet` is another one

    def __init__(self, exporter: Exporter, words: Callable[[], str | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setAccessibleName("Views of the explanation")
        self.exporter, self.words = exporter, words
        self.ranking, self.map, self.prediction = Ranking(), MapView(), Prediction()
        self.difference, self.over_value, self.checks = TwoBatches(), OverValue(), Checks()
        self.views: tuple[ExplainedView, ...] = (
            self.ranking, self.map, self.prediction, self.difference, self.over_value,
        )  # fmt: skip
        named: tuple[tuple[QWidget, str, str], ...] = (
            (self.ranking, "Ranking", "Which variables move predictions most"),
            (self.map, "Heatmap", "Which variables matter on which culture day"),
            (self.prediction, "One prediction", "How one predicted value comes about"),
            (self.difference, "Two batches", "Why the predictions of two batches differ"),
            (self.over_value, "Over value", "What a variable contributes at which of its values"),
            (self.checks, "Checks", "Whether to believe it: trust tests and other ways to the ranking"),
        )
        for widget, text, tip in named:
            self.setTabToolTip(self.addTab(widget, text), tip)
        self._stale: set[QWidget] = set()
        self._highlighted = ""
        self._connect()

    @property
    def sheet(self) -> Sheet:
        """The table behind the view that is looked at; behind the checks, which are tables, the ranking."""
        seen = self.currentWidget()
        return seen.sheet() if isinstance(seen, ExplainedView) else self.ranking.sheet()

    def show_found(self, shown: Shown | None, waiting: str = "") -> None:
        """Show an attribution; None: nothing but what it waits for."""
        for view in self.views:
            view.take(shown)
        self.prediction.choose(self._highlighted)
        self.checks.show_found(shown.found if shown is not None else None, waiting)
        self._stale = set(self.views)
        self._draw_seen()

    def highlight(self, batch: str) -> None:
        """Show a batch above the others in all views."""
        self._highlighted = batch
        self.over_value.plot.highlight(batch)
        if self.prediction.choose(batch):
            self._stale.add(self.prediction)
            if self.currentWidget() is self.prediction:
                self._draw_seen()

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        for view in self.views:
            view.apply_theme(theme)

    # -- inside --------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.currentChanged.connect(self._draw_seen)
        self.over_value.plot.batch_clicked.connect(self.batch_clicked)
        self.checks.export_requested.connect(self._export_checks)
        for view in self.views:
            view.changed.connect(self.table_changed)
            view.exported.connect(self._export)

    def _draw_seen(self) -> None:
        """Draw the view that is looked at, where it is not as it should be."""
        seen = self.currentWidget()
        if isinstance(seen, ExplainedView) and seen in self._stale:
            self._stale.discard(seen)
            seen.draw()
        self.table_changed.emit()

    def _export(self, plot: ExplainedPlot, kind: str) -> None:
        view = next(view for view in self.views if plot in view.plots)
        self.exporter.export(kind, FILES[self.views.index(view)], view.sheet, plot.picture, self.words())

    def _export_checks(self, kind: str, which: str) -> None:
        table = self.checks.tests if which == "trust-tests" else self.checks.others
        self.exporter.export(kind, which, lambda: table.sheet, words=self.words())
