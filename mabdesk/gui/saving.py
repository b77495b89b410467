"""Files that leave the window: where to, and written whole or not at all, off the window's thread."""

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from mabdesk import commands
from mabdesk.data.imported import Reading
from mabdesk.gui.csv_text import csv_bytes
from mabdesk.gui.messages import Message
from mabdesk.gui.plots.series import SIMULATED
from mabdesk.gui.session import Session
from mabdesk.gui.sheet import Sheet
from mabdesk.job import Job
from mabdesk.paths import documents
from mabdesk.progress import Progress
from mabdesk.worker import Worker

TABLES = "Batch records (*.xlsx *.xlsm *.xls *.xlsb *.ods *.csv *.txt *.tsv);;All files (*)"
FILTERS = {
    "png": "Picture (*.png)",
    "svg": "Drawing (*.svg)",
    "csv": "Table (*.csv)",
    "xlsx": "Excel workbook (*.xlsx)",
    "mabdesk": "mabdesk project (*.mabdesk)",
    "toml": "Mapping (*.toml)",
}


def ask_where(parent: QWidget, session: Session, title: str, name: str, ending: str) -> Path | None:
    """Ask where to save; None when the user cancels. Excel and mabdesk files are asked before they are replaced."""
    folder = session.path.parent if session.path is not None else documents()
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(folder / f"{name}.{ending}"), FILTERS[ending])
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == f".{ending}" else path.with_name(f"{path.name}.{ending}")


def ask_files(parent: QWidget, session: Session) -> list[Path]:
    """Ask which files of batch records to read; an empty list when the user cancels."""
    folder = session.path.parent if session.path is not None else documents()
    chosen, _ = QFileDialog.getOpenFileNames(parent, "Import batch records", str(folder), TABLES)
    return [Path(path) for path in chosen]


class Exporter(QObject):
    """Writes what a plot or a table shows: painted at once, written off the window's thread."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.window = session, parent

    def export(
        self,
        kind: str,
        name: str,
        sheet: Callable[[], Sheet],
        picture: Callable[[str, str], bytes] | None = None,
        words: str | None = None,
    ) -> None:
        """Ask where, and write.

        Args:
            kind: png, svg, csv or xlsx.
            name: of the file, without ending.
            sheet: gives the table behind a picture.
            picture: gives a picture of a kind with words below it, where there is one.
            words: what a picture or a table that leaves the window must say of itself (SIMULATED DATA, QUICK RUN);
                None: what the selected dataset asks for.
        """
        path = ask_where(self.window, self.session, "Export", name, kind)
        if path is None:
            return
        said = self._words() if words is None else words
        if kind in {"png", "svg"} and picture is not None:
            self._aside(commands.write_whole, path, picture(kind, said))
            return
        marked = _marked(sheet(), said)
        if kind == "csv":
            self._aside(_write_csv, path, marked)
        elif self.session.jobs.busy:  # a process of its own: nobody waits for a training to write a table
            self._aside(_write_workbook_aside, path, marked)
        else:
            self.session.run("export", f"Writing {path.name}", functools.partial(_write_workbook, path, marked))

    def _aside(self, write: Callable[[Path, Any], Path], path: Path, content: bytes | Sheet) -> None:
        self.session.aside(functools.partial(write, path, content), self._written)

    def _words(self) -> str:
        reading = self.session.value("dataset") if "dataset" in self.session.selection else None
        return SIMULATED if isinstance(reading, Reading) and reading.dataset.simulated else ""

    def _written(self, path: Path) -> None:
        self.session.say(Message("done", f"Written: {path}"))


def _marked(sheet: Sheet, words: str) -> Sheet:
    return sheet if not words or words in sheet.notes else replace(sheet, notes=(words, *sheet.notes))


def _write_csv(path: Path, sheet: Sheet) -> Path:
    return commands.write_whole(path, csv_bytes(sheet))


def _write_workbook(path: Path, sheet: Sheet, worker: Worker, progress: Progress) -> Path:
    options: dict[str, Any] = {"title": sheet.title, "headers": sheet.headers, "rows": sheet.rows, "notes": sheet.notes}
    return commands.write_whole(path, worker.run(Job("table", options=options), progress))


def _write_workbook_aside(path: Path, sheet: Sheet) -> Path:
    with Worker() as worker:
        return _write_workbook(path, sheet, worker, Progress())
