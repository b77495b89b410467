"""The project: how to begin, and once it is open all that it holds, with where each result came from."""

import functools
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QInputDialog, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.gui.jobs import Task
from mabdesk.gui.labels import muted_label
from mabdesk.gui.messages import Message
from mabdesk.gui.pages.entries import PROJECT
from mabdesk.gui.pages.page import First, Page
from mabdesk.gui.pages.start import StartPane
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views.results import descendants, lineage_words, result_name, results_sheet
from mabdesk.project.results import ResultInfo
from mabdesk.project.store import Project

PAGE_OF_KIND = {
    "dataset": "Data", "split": "Data", "cleaned": "Clean", "model": "Train", "evaluation": "Compare",
    "final-test": "Compare", "prediction": "Compare", "search": "Search", "transfer": "Transfer",
    "attribution": "Explain",
}  # fmt: skip


class ProjectPage(Page):
    """Start, or the list of results with rename, archive, rerun and verify."""

    entry = PROJECT
    needs_project = False

    def build(self) -> None:
        """Make the start pane and the table of results."""
        self.start = StartPane()
        self.start.action.connect(self.action)
        self.start.chosen.connect(self._open)
        self.table = DataTable("Results", find=True)
        self.table.row_selected.connect(self._selected)
        self.table.row_activated.connect(self._look)
        self.table.export_requested.connect(self._export)
        self.exporter = Exporter(self.session, self)
        self.about = muted_label("About the project")
        self.lineage = muted_label("Where the result comes from")
        held = QWidget()
        column = QVBoxLayout(held)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.lineage)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        self.stack.addWidget(held)
        self.body.addWidget(self.stack)
        self._build_side()
        self.session.jobs.finished.connect(self._finished)

    def first(self) -> First | None:
        """Nothing has to come before this page."""
        return None

    def refresh(self) -> None:
        """Show how to begin, or what the project holds."""
        there = self.session.project is not None
        self.stack.setCurrentIndex(1 if there else 0)
        self._side_panel.setVisible(there)
        if not there:
            self.start.refresh()
            return
        self._shown = self.session.all_infos if self.archived.isChecked() else self.session.infos
        row = self.table.current()
        kept = self._rows[row].id if row is not None and row < len(self._rows) else ""
        self._rows: tuple[ResultInfo, ...] = self._shown
        self.table.show_sheet(results_sheet(self._rows))
        ids = [info.id for info in self._rows]
        self.table.select(ids.index(kept) if kept in ids else len(ids) - 1)
        self._show_about()
        self._selected(self.table.current())

    def run(self) -> None:
        """Look at the selected result."""
        self._look(self.table.current())

    def _build_side(self) -> None:
        self._rows = ()
        self.archived = QCheckBox("Show archived results")
        self.archived.setAccessibleName("Show archived results")
        self.archived.setToolTip("Archived results stay in the file; they are only hidden")
        self.archived.toggled.connect(self.refresh)
        self.side.addWidget(self.about)
        self.side.addWidget(self.archived)
        self.buttons = {
            "rename": _button("Rename...", "Give the selected result a name of your own", self._rename),
            "archive": _button("Archive...", "Hide the selected result; it stays in the file", self._archive),
            "rerun": _button(
                "Run it again", "Do the result again and tell whether every number is the same", self._rerun
            ),
            "verify": _button("Verify the project", "Check every hash of the project file", self._verify),
            "report": _button("Save a copy...", "Write the whole project to another file", self._copy),
        }
        for button in self.buttons.values():
            self.side.addWidget(button)
        self.set_primary("Look at it", "Show the selected result on its page")

    def _show_about(self) -> None:
        session = self.session
        path = session.path
        if path is None:
            return
        size = path.stat().st_size / 1e6 if path.exists() else 0.0
        state = "Read-only." if not session.writable else "Every result is kept at once; there is nothing to save."
        self.about.setText(f"{path}\n{size:.1f} MB, {len(session.infos)} results. {state}")

    def _selected(self, row: int | None) -> None:
        info = self._info(row)
        session = self.session
        self.primary.setEnabled(info is not None and not info.archived)
        nothing = "Choose a result." if self._rows else "The project is empty: import data."
        self.lineage.setText(lineage_words(session.all_infos, info.id) if info else nothing)
        self.show_used(info)
        for name in ("rename", "archive", "rerun"):
            self.buttons[name].setEnabled(info is not None and session.writable)
        self.buttons["archive"].setText("Restore" if info is not None and info.archived else "Archive...")

    def can_run(self) -> str:
        """There must be a result to look at."""
        return "" if self.session.infos else "The project is empty: import data on the Data page."

    def _info(self, row: int | None) -> ResultInfo | None:
        return self._rows[row] if row is not None and 0 <= row < len(self._rows) else None

    def _open(self, path: str) -> None:
        self.session.open(Path(path))

    def _look(self, row: int | None) -> None:
        info = self._info(row)
        if info is not None and not info.archived:
            self.session.select(info.id)
            self.go.emit(PAGE_OF_KIND.get(info.kind, "Project"))

    def _rename(self) -> None:
        info = self._info(self.table.current())
        if info is None:
            return
        text, good = QInputDialog.getText(
            self, "Rename", f"Name of {result_name(info.id)}:", QLineEdit.EchoMode.Normal, info.label
        )
        if good:
            self.session.command(functools.partial(_rename, info.id, text.strip()))

    def _archive(self) -> None:
        info = self._info(self.table.current())
        if info is None:
            return
        if info.archived:
            self.session.command(functools.partial(_restore, info.id))
            return
        below = descendants(self.session.infos, info.id)
        stem = "1 result stems" if len(below) == 1 else f"{len(below)} results stem"
        also = f" {stem} from it and stay: {', '.join(map(result_name, below[:4]))}." if below else ""
        reason, good = QInputDialog.getText(
            self, "Archive", f"Hide {result_name(info.id)}.{also} Reason (kept in the audit trail):"
        )
        if good:
            self.session.command(functools.partial(_hide, info.id, reason.strip()))

    def _rerun(self) -> None:
        info, project = self._info(self.table.current()), self.session.project
        if info is not None and project is not None:
            title = f"Running {result_name(info.id)} again"
            self.session.run("rerun", title, functools.partial(_rerun, project, info.id))

    def _verify(self) -> None:
        if self.session.path is not None:
            self.session.aside(functools.partial(commands.verify, self.session.path), self._verified)

    def _verified(self, found: Any) -> None:
        names = ", ".join(check.name for check in found.checks)
        if found.ok:
            self.session.say(Message("done", "The project is as it was written.", f"Checked: {names}."))
        else:
            said = "\n".join(f"{check.name}: {check.sentence}" for check in found.checks if not check.passed)
            self.session.say(Message("danger", "Something in the project is not as it was written.", said))

    def _copy(self) -> None:
        self.action.emit("save_copy")

    def _finished(self, task: Task, value: Any) -> None:
        if task.name == "rerun":
            self.session.say(Message("done" if value.same else "warning", value.sentence))

    def _export(self, kind: str) -> None:
        self.exporter.export(kind, "results", self._sheet)

    def _sheet(self) -> Sheet:
        return self.table.sheet


def _button(text: str, tip: str, do: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.rstrip("."))
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(do)
    return button


def _rename(result_id: str, label: str, project: Project) -> None:
    project.rename(result_id, label)


def _hide(result_id: str, reason: str, project: Project) -> None:
    project.archive(result_id, reason)


def _restore(result_id: str, project: Project) -> None:
    project.restore(result_id)


def _rerun(project: Project, result_id: str, worker: Any, progress: Any) -> commands.Rerun:
    return commands.rerun(project, worker, result_id, progress)
