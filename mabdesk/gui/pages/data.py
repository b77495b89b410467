"""The data: batches in a table, their trajectories above it, and what was noticed when they were read."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QTabWidget

from mabdesk.data.batch import Dataset, Split
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.imported import Reading
from mabdesk.data.settings import SplitOptions
from mabdesk.gui.drawing_options import DrawingOptions
from mabdesk.gui.forms.folding import FoldButton
from mabdesk.gui.forms.form import Form
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.marked_copies import MarkedCopies
from mabdesk.gui.pages.entries import DATA
from mabdesk.gui.pages.page import ASK_IMPORT, First, Page
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.plots.trajectories import TrajectoryGrid
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import batches as table_of
from mabdesk.gui.views.changes import changes_sheet
from mabdesk.gui.views.courses import Wanted, figure_of

MOST_DRAWN = 60


class DataPage(Page):
    """Batch table, trajectories, import and split."""

    entry = DATA
    step = "import"

    def build(self) -> None:
        """Make the plot above the tables, and the side."""
        self._drawn_for: tuple[object, ...] = (None, None, None)
        self._dataset: Dataset | None = None
        self._split: Split | None = None
        self._cleaned: Cleaned | None = None
        self.plot = TrajectoryGrid("Trajectories")
        self.plot.batch_clicked.connect(self.session.highlight)
        self.plot.export_requested.connect(self._export_plot)
        self.table = DataTable("Batches", checkable=True, find=True)
        self.table.checks_changed.connect(self.draw)
        self.table.row_selected.connect(self._row_selected)
        self.table.export_requested.connect(self._export_batches)
        self.noticed, self.columns, self.changed = (
            DataTable(name, find=True) for name in ("Noticed at import", "Columns", "Changed at import")
        )
        for table in (self.noticed, self.columns, self.changed):
            table.export_requested.connect(self._export_other)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Tables")
        self.tabs.setDocumentMode(True)
        for table, text in (
            (self.table, "Batches"), (self.noticed, "Noticed"), (self.columns, "Columns"), (self.changed, "Changed"),
        ):  # fmt: skip
            self.tabs.addTab(table, text)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.plot)
        split.addWidget(self.tabs)
        split.setStretchFactor(0, 7)
        split.setStretchFactor(1, 3)
        split.setSizes([500, 200])
        self.body.addWidget(split)
        self.exporter = Exporter(self.session, self)
        self.marked_copies = MarkedCopies(self.session, self, (self.columns, self.changed))
        self._build_side()
        self.session.opened.connect(self._begin_anew)
        self.session.highlighted_changed.connect(self._highlighted)

    def first(self) -> First | None:
        """Importing makes a project where none is open, so nothing has to come first but the records themselves."""
        return super().first() if self.session.project is None else None

    def refresh(self) -> None:
        """Show the selected dataset; the widgets are filled again only when it is another one."""
        reading: Reading | None = self.session.value("dataset")
        split: Split | None = self.session.value("split") if "split" in self.session.selection else None
        cleaned = self.session.value("cleaned") if "cleaned" in self.session.selection else None
        self.show_used(self.session.selected("dataset"))
        self.marked_copies.refresh()
        waiting = "dataset" in self.session.selection
        self._waiting.setText("" if reading else "Reading the data ..." if waiting else "No data yet: import a file.")
        self._waiting.setVisible(reading is None)
        before, self._drawn_for = self._drawn_for, (reading, split, cleaned)
        if reading is None:
            self._show_nothing()
        elif any(now is not then for now, then in zip(self._drawn_for, before, strict=True)):
            self._fill(reading, split, cleaned, reading is not before[0])
        elif self.plot.highlighted != self.session.highlighted:  # on another page, meanwhile
            self._mark(self.session.highlighted)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.plot.apply_theme(theme)

    def run(self) -> None:
        """Ask for files, to be looked at on the Import page."""
        self.action.emit(ASK_IMPORT)

    def _begin_anew(self) -> None:
        self.splitting.set_values({})  # what was chosen for one study is not for the next

    def _refresh_primary(self) -> None:
        super()._refresh_primary()
        there = "dataset" in self.session.selection and self.session.writable
        self.set_apart.setEnabled(there and not self.splitting.problems())

    def draw(self) -> None:
        """Draw what is chosen."""
        if self._dataset is not None:
            self.plot.show_figure(figure_of(self._dataset, self._cleaned, self.wanted()))
            self.plot.highlight(self.session.highlighted)

    def wanted(self) -> Wanted:
        """Return what is chosen in the side and in the table."""
        assert self._dataset is not None  # noqa: S101 - the callers look
        return self.drawing.wanted(self._dataset, self._split, self._checked(), self.session.highlighted)

    def _checked(self) -> tuple[str, ...]:
        ids = self._dataset.ids if self._dataset is not None else ()
        return tuple(ids[row] for row in self.table.checked() if row < len(ids))

    def _fill(self, reading: Reading, split: Split | None, cleaned: Cleaned | None, new: bool) -> None:
        dataset = reading.dataset
        before, self._split = self._split, split
        self._dataset, self._cleaned = dataset, cleaned
        sheet = table_of.batches_sheet(dataset, split)
        locked = {row for row, name in enumerate(dataset.ids) if split is not None and name in split.locked}
        if new:
            self.table.show_sheet(sheet, set(range(min(len(dataset.batches), MOST_DRAWN))) - locked)
            self.drawing.offer(dataset)
            for table, other in (
                (self.noticed, table_of.noticed_sheet(reading)),
                (self.columns, table_of.columns_sheet(reading)),
                (self.changed, changes_sheet(reading.changes, "Changed at import")),
            ):
                table.show_sheet(other)
                self.tabs.setTabText(self.tabs.indexOf(table), f"{other.title.split()[0]} ({len(other.rows)})")
        else:
            self.table.show_sheet(sheet, set(self.table.checked()) - (locked if split is not before else set()))
        self.drawing.offer_groups(dataset, split, cleaned is not None)
        many = f" The first {MOST_DRAWN} are drawn: check others in the table." if len(sheet.rows) > MOST_DRAWN else ""
        uses = ", ".join(f"{len(getattr(split, use))} {use}" for use in table_of.USES) if split else "not set apart yet"
        unseen = " Locked batches are drawn only where you check them." if locked else ""
        self.about.setText(f"{len(sheet.rows)} batches: {uses}.{unseen}{many}")
        self._mark(self.session.highlighted)

    def _show_nothing(self) -> None:
        self._dataset = self._split = self._cleaned = None
        for table in (self.table, self.noticed, self.columns, self.changed):
            table.show_sheet(Sheet("", (), ()))
        self.about.setText("")
        self.plot.show_figure(Figure((), empty_text=self._waiting.text()))

    def _take_golden(self) -> None:
        if self._dataset is not None:
            self.drawing.take_golden(self._dataset, self._checked())

    def _build_side(self) -> None:
        self._waiting = muted_label("What is being done")
        self.about = muted_label("About the batches")
        self.drawing = DrawingOptions()
        self.drawing.changed.connect(self.draw)
        self.drawing.golden_asked.connect(self._take_golden)
        for widget in (self._waiting, self.about, self.drawing):
            self.side.addWidget(widget)
        self.splitting = Form([SplitOptions], seed=True)
        self.splitting.changed.connect(self._refresh_primary)
        self.splitting.submitted.connect(self._run_split)
        self.set_apart = QPushButton("Set batches apart")
        self.set_apart.setAccessibleName("Set batches apart")
        self.set_apart.setToolTip("Draw whole batches for training, validation, test, and the final test")
        self.set_apart.clicked.connect(self._run_split)
        self.splitting.setContentsMargins(GRID, 0, 0, 0)
        self.side.addWidget(FoldButton("How batches are set apart", "Shares, locked batches, seed", self.splitting))
        self.side.addWidget(self.splitting)
        self.side.addWidget(self.set_apart)
        self.set_primary("Import batch records...", "Look at Excel or CSV files, then read them into the project")

    def _run_split(self) -> None:
        if self.set_apart.isEnabled():
            self.session.run_step("split", self.splitting.values(), seed=self.splitting.seed)

    def _row_selected(self, row: int) -> None:
        if self._dataset is not None:
            self.session.highlight(self._dataset.ids[row])

    def _highlighted(self, batch: str) -> None:
        if self.isVisible():
            self._mark(batch)

    def _mark(self, batch: str) -> None:
        if self._dataset is not None:
            self.draw()
            self.table.select(self._dataset.ids.index(batch) if batch in self._dataset.ids else None)

    def _export_plot(self, kind: str) -> None:
        self.exporter.export(kind, "trajectories", self._plotted, self.plot.picture)

    def _plotted(self) -> Sheet:
        return self.plot.table("Trajectories")

    def _export_batches(self, kind: str) -> None:
        self.exporter.export(kind, "batches", self._batches)

    def _batches(self) -> Sheet:
        return self.table.sheet

    def _export_other(self, kind: str) -> None:
        self.exporter.export(kind, "import", self._other)

    def _other(self) -> Sheet:
        shown = self.tabs.currentWidget()
        return shown.sheet if isinstance(shown, DataTable) else Sheet("", (), ())
