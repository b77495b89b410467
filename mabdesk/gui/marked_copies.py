"""Copies of the files that were imported with the changed cells marked: where to, and written in the worker."""

import functools
from collections.abc import Sequence
from pathlib import Path, PurePath

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget

from mabdesk import commands
from mabdesk.data.imported import Reading
from mabdesk.gui.saving import ask_where
from mabdesk.gui.session import Session
from mabdesk.gui.tables import DataTable
from mabdesk.paths import documents
from mabdesk.progress import Progress
from mabdesk.project.project import Project
from mabdesk.worker import Worker

TITLE = "Marked copy of the workbook..."


class MarkedCopies(QObject):
    """An entry in the menus of tables; of several files each gets a copy, all in one folder."""

    def __init__(self, session: Session, parent: QWidget, tables: Sequence[DataTable]) -> None:
        super().__init__(parent)
        self.session, self.window = session, parent
        self.action = QAction(TITLE, self)
        self.action.setToolTip("Write your file again, with colors and comments on the cells that were read otherwise")
        self.action.triggered.connect(self.write)
        self.refresh()
        for table in tables:
            table.button.menu().addSeparator()
            table.button.menu().addAction(self.action)

    def refresh(self) -> None:
        """Offer the copy where imported data are selected, and read."""
        self.action.setEnabled("dataset" in self.session.selection and self.session.value("dataset") is not None)

    def write(self) -> None:
        """Ask where, and write."""
        project, reading = self.session.project, self.session.value("dataset")
        if project is None or not isinstance(reading, Reading):
            return
        names = [source.name for source in reading.dataset.sources]
        paths = self._ask_file(names[0]) if len(names) == 1 else self._ask_folder(names)
        if paths:
            work = functools.partial(_write, project, self.session.selection["dataset"], paths)
            title = f"Writing {next(iter(paths.values())).name}" if len(paths) == 1 else f"Writing {len(paths)} copies"
            self.session.run("marked-copy", title, work)

    def _ask_file(self, name: str) -> dict[str, Path]:
        path = ask_where(self.window, self.session, "Write a marked copy", _stem(name), "xlsx")
        return {name: path} if path is not None else {}

    def _ask_folder(self, names: Sequence[str]) -> dict[str, Path]:
        start = self.session.path.parent if self.session.path is not None else documents()
        chosen = QFileDialog.getExistingDirectory(self.window, "Folder for the marked copies", str(start))
        if not chosen:
            return {}
        paths: dict[str, Path] = {}
        for name in names:
            numbered = (f"{_stem(name)}{ending}.xlsx" for ending in ("", *(f" ({n})" for n in range(2, 1000))))
            candidates = (Path(chosen) / file for file in numbered)
            paths[name] = next(path for path in candidates if not path.exists() and path not in paths.values())
        return paths


def _stem(name: str) -> str:
    return f"{PurePath(name).stem}-marked"


def _write(project: Project, result_id: str, paths: dict[str, Path], worker: Worker, progress: Progress) -> Path:
    """Write every copy; return the one, or the folder of several."""
    written = []
    for number, (name, path) in enumerate(paths.items()):
        part = progress.part(number / len(paths), (number + 1) / len(paths))
        commands.check_output(path, ".xlsx", overwrite=True)  # the dialog has asked; a project is refused all the same
        told = commands.write_marked_copy(project, worker, result_id, path, name, part)
        written.append(Path(told["path"]))
    return written[0] if len(written) == 1 else written[0].parent
