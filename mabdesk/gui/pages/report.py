"""The report: which results, what will stand on its sheets, and where it is written."""

import functools
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.jobs import Task
from mabdesk.gui.labels import muted_label
from mabdesk.gui.messages import Action, Message
from mabdesk.gui.pages.entries import REPORT
from mabdesk.gui.pages.page import First, Page
from mabdesk.gui.saving import Exporter, ask_where
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views.results import results_sheet
from mabdesk.progress import Progress
from mabdesk.project.project import Project
from mabdesk.project.results import ResultInfo
from mabdesk.reports.plan import Preview
from mabdesk.worker import Worker

CHOOSABLE = frozenset({"dataset", "cleaned", "model", "evaluation", "search", "transfer", "attribution", "final-test"})


class ReportPage(Page):
    """Chooses results, shows the sheets before they are written, writes, opens."""

    entry = REPORT

    def build(self) -> None:
        """Make the table of results, the preview, and the side."""
        self._rows: tuple[ResultInfo, ...] = ()
        self._previews: tuple[Preview, ...] = ()
        self._known: tuple[str, ...] = ()
        self._written: Path | None = None
        self.table = DataTable("Results for the report", checkable=True)
        self.table.checks_changed.connect(self._chosen_changed)
        self.table.export_requested.connect(self._export_results)
        self.sheets = CalmComboBox()
        self.sheets.setAccessibleName("Sheet of the preview")
        self.sheets.setToolTip("Which sheet of the report to look at")
        self.sheets.currentIndexChanged.connect(self._show_sheet)
        self.preview = DataTable("Preview of the sheet")
        self.preview.export_requested.connect(self._export_preview)
        self.told = muted_label("About the preview")
        self.told.setText("The sheets are shown here before anything is written: press Preview.")
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sheets)
        column.addWidget(self.told)
        column.addWidget(self.preview, 1)
        split = QSplitter()
        split.setOrientation(split.orientation().Vertical)
        split.addWidget(self.table)
        split.addWidget(below)
        split.setSizes([200, 400])
        self.body.addWidget(split)
        self.exporter = Exporter(self.session, self)
        self._build_side()
        self.session.jobs.finished.connect(self._finished)

    def first(self) -> First | None:
        """A project, and something in it."""
        if self.session.project is None:
            return super().first()
        if not self._reportable():
            return First("A report needs results: import batch records first.", "Go to Data", "Data")
        return None

    def refresh(self) -> None:
        """List what can go into the report; the newest of each kind are chosen at first."""
        rows = self._reportable()
        ids = tuple(info.id for info in rows)
        self._rows = rows
        if ids != self._known:
            self._known = ids
            wanted = set(commands.newest(self.session.infos))
            self.table.show_sheet(results_sheet(rows), {n for n, info in enumerate(rows) if info.id in wanted})
            self._chosen_changed()
        else:
            self.table.show_sheet(results_sheet(rows), keep=True)

    def can_run(self) -> str:
        """Something must be chosen; a read-only project can be reported too."""
        return "" if self.chosen() else "Choose at least one result."

    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the chosen results."""
        return tuple(self._rows[row].id for row in self.table.checked() if row < len(self._rows))

    def run(self) -> None:
        """Ask where, and write."""
        project = self.session.project
        if project is None:
            return
        path = ask_where(self, self.session, "Write the report", f"{project.path.stem}-report", "xlsx")
        if path is not None:
            work = functools.partial(_write, project, path, self.chosen())
            self.session.run("report", f"Writing {path.name}", work)

    def show_preview(self) -> None:
        """Ask the worker what would stand on the sheets."""
        if self.session.project is not None and self.chosen():
            work = functools.partial(_preview, self.session.project, self.chosen())
            self.session.run("report-preview", "Making the preview", work)

    def _reportable(self) -> tuple[ResultInfo, ...]:
        return tuple(info for info in self.session.infos if info.kind in CHOOSABLE)

    def _build_side(self) -> None:
        self.side.addWidget(_text("What a chosen result was made from goes into the report with it."))
        self.count = muted_label("What is chosen")
        self.side.addWidget(self.count)
        self.look = QPushButton("Preview")
        self.look.setAccessibleName("Preview")
        self.look.setToolTip("Show what will stand on each sheet; nothing is written")
        self.look.clicked.connect(self.show_preview)
        self.side.addWidget(self.look)
        self.set_primary("Write the report...", "Ask where, and write the report")

    def _chosen_changed(self) -> None:
        chosen = self.chosen()
        whole = commands.with_ancestors(self.session.infos, chosen)
        self.count.setText(f"{len(chosen)} chosen, {len(whole)} results with all that they stem from.")
        self.look.setEnabled(bool(chosen))
        self._refresh_primary()

    def _finished(self, task: Task, value: Any) -> None:
        if task.name == "report-preview":
            self._previews = value
            self.sheets.clear()
            self.sheets.addItems([sheet.title for sheet in value])
            self._show_sheet(0)
        elif task.name == "report":
            self._written = Path(value["path"])
            recorded = "" if value["recorded"] else " The project is read-only: the report is not recorded in it."
            actions = (Action("Open", self._open_file), Action("Open folder", self._open_folder))
            hash_said = f"SHA-256 {value['sha256'][:16]}...; {len(value['results'])} results.{recorded}"
            self.session.say(Message("done", f"Written: {self._written}", hash_said, actions=actions))

    def _show_sheet(self, number: int) -> None:
        if not 0 <= number < len(self._previews):
            return
        sheet = self._previews[number]
        width = max((len(row) for row in sheet.rows), default=0)
        letters = tuple(_letter(column) for column in range(width))
        rows = tuple(tuple("" if cell is None else cell for cell in row) for row in sheet.rows)
        self.preview.show_sheet(Sheet(sheet.title, letters, rows))
        more = f"; the first {len(sheet.rows)} are shown" if sheet.length > len(sheet.rows) else ""
        self.told.setText(f"Sheet {sheet.title}: {sheet.length} rows{more}. Charts are drawn by Excel.")

    def _open_file(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written)))

    def _open_folder(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _export_results(self, kind: str) -> None:
        self.exporter.export(kind, "results", self._results)

    def _export_preview(self, kind: str) -> None:
        self.exporter.export(kind, "preview", self._preview_sheet)

    def _results(self) -> Sheet:
        return self.table.sheet

    def _preview_sheet(self) -> Sheet:
        return self.preview.sheet


def _letter(index: int) -> str:
    return chr(65 + index) if index < 26 else _letter(index // 26 - 1) + chr(65 + index % 26)


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _write(project: Project, path: Path, chosen: tuple[str, ...], worker: Worker, progress: Progress) -> dict[str, Any]:
    commands.check_output(path, ".xlsx", overwrite=True)  # the dialog has asked; a project is refused all the same
    return commands.write_report(project, worker, path, chosen, progress)


def _preview(project: Project, chosen: tuple[str, ...], worker: Worker, progress: Progress) -> tuple[Preview, ...]:
    return commands.preview_report(project, worker, chosen, progress)
