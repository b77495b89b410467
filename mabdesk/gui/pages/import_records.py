"""Import: the sheets as they are, colored by what their columns become. The user corrects that before it is kept."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from mabdesk.errors import Problem
from mabdesk.gui import mapping_draft
from mabdesk.gui.again import ImportAgain
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.import_draft import ImportDraft, named
from mabdesk.gui.import_side import ImportSide
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.messages import for_window
from mabdesk.gui.pages.entries import IMPORT
from mabdesk.gui.pages.page import ASK_IMPORT, First, Page
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.sheet_view import SheetTable, legend
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import mapped
from mabdesk.gui.views.mapped import Place

_LEAST = 300


class ImportPage(Page):
    """The sheet above the list of its columns; the selected one is changed at the side."""

    entry = IMPORT
    step = "import"

    def build(self) -> None:
        """Make the sheet, the lists and the forms."""
        self.draft = ImportDraft(self.session, self)
        self.again = ImportAgain(self.session, self)
        self.place: Place | None = None
        self._places: tuple[Place, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self.about = muted_label("What would be read")
        self.sheets = CalmComboBox()
        self.sheets.setAccessibleName("Sheet")
        self.sheets.setToolTip("The sheets of the files; those that are not read say why")
        self.sheets.currentIndexChanged.connect(self._show_sheet)
        self.sheet = SheetTable()
        self.sheet.place_selected.connect(self._place_selected)
        self.legend = QLabel()
        self.legend.setAccessibleName("Legend")
        self.legend.setWordWrap(True)
        self.columns, self.noticed = DataTable("Columns"), DataTable("Noticed in the files", find=True)
        self.columns.row_selected.connect(self._row_selected)
        self.noticed.row_selected.connect(self._problem_selected)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Lists")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.columns, "Columns")
        self.tabs.addTab(self.noticed, "Noticed")
        self.exporter = Exporter(self.session, self)
        for table in (self.columns, self.noticed):
            table.export_requested.connect(self._export)
            table.view.horizontalHeader().setStretchLastSection(True)  # sentences
        self._lay_out_body()
        self._build_side()
        self.draft.changed.connect(self._draft_changed)
        self.session.opened.connect(self._refresh_all)

    def take_files(self, paths: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Look at files that are to be imported."""
        self.place = None
        self.controls.begin(options)
        self.draft.take(paths, self.controls.reading.values())

    def first(self) -> First | None:
        """A project, then files."""
        if self.session.project is None or self.draft.paths:
            return super().first() if self.session.project is None else None
        return First("Choose Excel or CSV files of batch records, or drop them here.", "Choose files...", ASK_IMPORT)

    def can_run(self) -> str:
        """The files must have been looked at, and nothing in them refused."""
        why = super().can_run() or "; ".join(self.controls.reading.problems())
        if why:
            return why
        if self.draft.looking:
            return f"Looking at {named(self.draft.paths)} ..."
        if self.draft.failure or self.draft.preview is None:
            return self.draft.failure or "No files are chosen yet."
        errors = sum(problem.severity == "error" for problem in self.draft.preview.problems)
        many = "1 fault" if errors == 1 else f"{errors} faults"
        return f"{many} to mend first: see Noticed." if errors else ""

    def run(self) -> None:
        """Import the files as they are shown."""
        self.controls.note_import()
        self.again.start(self.draft.paths, self.draft.import_options())

    def refresh(self) -> None:
        """Show the newest preview and the corrections since."""
        preview = self.draft.preview
        self._tell_about()
        if preview is not None and self._drawn != (preview, self.draft.shown):
            new = not self._drawn or self._drawn[0] is not preview
            self._drawn = (preview, self.draft.shown)
            if new:
                self._show_preview()
            self._show_sheet()
        elif preview is None and self._drawn:
            self._empty()
        self.controls.show_selected(self.place)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.sheet.apply_theme(theme)
        self._show_legend()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Ask what was put off."""
        super().showEvent(event)
        self.draft.resume()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for nothing while nobody looks."""
        super().hideEvent(event)
        self.draft.pause()

    def select(self, place: Place | None) -> None:
        """Select a table and a column of it, in the sheet, in the list and at the side."""
        self.place = place
        if place is not None:
            self.sheet.select_place(place)
        self._mark(place)

    # -- inside --------------------------------------------------------------------------------------------------

    def _lay_out_body(self) -> None:
        upper = QWidget()
        upper.setMinimumHeight(_LEAST)  # wrapping texts are not counted by a splitter: they would lie over the sheet
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widget in (self.about, self.sheets):
            column.addWidget(widget)
        column.addWidget(self.sheet, 1)
        column.addWidget(self.legend)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(self.tabs)
        split.setStretchFactor(0, 7)
        split.setStretchFactor(1, 3)
        split.setSizes([460, 220])
        self.body.addWidget(split)

    def _build_side(self) -> None:
        self.controls = ImportSide(self.draft, self)
        self.controls.changed.connect(self._refresh_primary)
        self.controls.files_asked.connect(self._ask_files)
        self.side.addWidget(self.controls)
        self.confirm_all = QPushButton("All doubtful ones are right")
        self.confirm_all.setAccessibleName("All doubtful ones are right")
        self.confirm_all.setToolTip("Confirm every column of this sheet that is marked with ?")
        self.confirm_all.clicked.connect(self._confirm_all)
        self.controls.add_below_column(self.confirm_all)
        self.beside_primary(self.controls.remembering)
        self.set_primary("Import", "Read the files into the project as they are shown here")

    def _ask_files(self) -> None:
        self.action.emit(ASK_IMPORT)

    def _draft_changed(self) -> None:
        if self.isVisible():
            self.update_page()
        else:
            self._refresh_primary()

    def _refresh_all(self) -> None:
        if self.isVisible():
            self.update_page()

    def _tell_about(self) -> None:
        preview = self.draft.preview
        into = self._into()
        known = sum(table.fingerprint in self.draft.known for table in self.draft.shown.tables)
        text = f"{mapped.about(preview, known) if preview is not None else named(self.draft.paths)}. {into}"
        state = " Looking ..." if self.draft.looking else f" {self.draft.failure}" if self.draft.failure else ""
        hint = f" {_here(preview.hint)}" if preview is not None and preview.hint and not state else ""
        self.about.setText(f"{text}{state}{hint}")

    def _into(self) -> str:
        """Say which project the files go into, and what it holds already."""
        name = self.session.path.name if self.session.path is not None else ""
        there = sum(info.kind == "dataset" for info in self.session.infos)
        beside = f", beside {there} {'dataset' if there == 1 else 'datasets'}" if there else ""
        return f"Into {name}{beside}."

    def _show_preview(self) -> None:
        preview = self.draft.preview
        if preview is None:
            return
        names, kept = [mapped.sheet_name(sheet) for sheet in preview.sheets], self.sheets.currentIndex()
        self.sheets.blockSignals(True)
        same = names == [self.sheets.itemText(row) for row in range(self.sheets.count())]
        if not same:
            self.sheets.clear()
            self.sheets.addItems(names)
            first = next((n for n in range(len(names)) if mapped.tables_of(preview, self.draft.shown, n)), 0)
            self.sheets.setCurrentIndex(kept if 0 <= kept < len(names) and self.place is not None else first)
        self.sheets.blockSignals(False)
        said = mapped.noticed(preview)
        self._problems = tuple(replace(problem, message=for_window(problem.message)) for problem in said)
        self.noticed.show_sheet(mapped.noticed_sheet(self._problems))
        self.tabs.setTabText(1, f"Noticed ({len(self._problems)})")

    def _show_sheet(self, *_: object) -> None:
        preview, at = self.draft.preview, self.sheets.currentIndex()
        if preview is None or not 0 <= at < len(preview.sheets):
            return
        shown = self.draft.shown
        self.sheet.show_sheet(preview.sheets[at], mapped.cells_of(preview, shown, at))
        sheet, self._places = mapped.columns_sheet(shown, mapped.tables_of(preview, shown, at))
        self.columns.show_sheet(sheet)
        self.tabs.setTabText(0, f"Columns ({len(sheet.rows)})")
        doubtful = [place for place in self._places if mapping_draft.doubtful(self._column(place))]
        self.confirm_all.setVisible(bool(doubtful))
        self._show_legend()
        if self.place not in self._places and not (self.place and self.place[1] < 0):
            self.place = (doubtful or self._places or (None,))[0]
        self.select(self.place)

    def _empty(self) -> None:
        self._drawn, self._places, self._problems, self.place = (), (), (), None
        self.sheets.clear()
        for table in (self.columns, self.noticed):
            table.show_sheet(Sheet("", (), ()))
        self.sheet.show_sheet(replace(self.sheet.cells.sheet, cells=()), {})
        self.legend.setText("")

    def _show_legend(self) -> None:
        self.legend.setText(legend(self.sheet.cells.became.values(), self.theme))

    def _column(self, place: Place) -> Any:
        return self.draft.shown.tables[place[0]].columns[place[1]]

    def _mark(self, place: Place | None) -> None:
        self.columns.select(self._places.index(place) if place in self._places else None)
        self.controls.show_selected(place)

    def _place_selected(self, place: Place) -> None:
        self.place = place
        self._mark(place)

    def _row_selected(self, row: int) -> None:
        self.select(self._places[row])

    def _problem_selected(self, row: int) -> None:
        preview = self.draft.preview
        found = mapped.place_of(self._problems[row], preview.sheets) if preview is not None else None
        if found is None:
            return
        self.sheets.setCurrentIndex(found[0])
        self.sheet.select_cell(found[1], found[2])
        cell = self.sheet.cells.became.get((found[1], found[2]))
        if cell is not None:
            self._place_selected(cell.place)

    def _confirm_all(self) -> None:
        for table, column in self._places:
            if mapping_draft.doubtful(self._column((table, column))):
                self.draft.edit(mapping_draft.confirm(self.draft.shown, table, column), table)

    def _export(self, kind: str) -> None:
        self.exporter.export(kind, "mapping", functools.partial(_listed, self.tabs))


def _here(hint: str) -> str:
    """Say a reader's hint on this page: faults are listed under Noticed, settings are at the right."""
    named = hint.replace("what is named above in the file", "in the file what is listed under Noticed")
    return for_window(named).replace(" on the Import page", "")


def _listed(tabs: QTabWidget) -> Sheet:
    table = tabs.currentWidget()
    return table.sheet if isinstance(table, DataTable) else Sheet("", (), ())
