"""The main window: the list of pages, the page that is shown, messages, and the job bar."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mabdesk.commands import WORKBOOKS, tables_of
from mabdesk.gui import preferences
from mabdesk.gui.collector import Collector
from mabdesk.gui.dialogs import Dialogs
from mabdesk.gui.header import Header
from mabdesk.gui.job_bar import JobBar
from mabdesk.gui.jobs import Jobs, Task
from mabdesk.gui.look import GRID, Theme, apply_look, chosen_theme
from mabdesk.gui.menus import Menus
from mabdesk.gui.messages import Message, MessageBar
from mabdesk.gui.pages.entries import PAGES, key_of
from mabdesk.gui.pages.page import Page
from mabdesk.gui.session import Session

TITLE = "mabdesk"
_MS_BETWEEN_PAGES, _ROW = 30, 4 * GRID
SMALLEST = (660, 340)  # 1366 x 768 at 200 %, less the task bar
PROJECT = ".mabdesk"


class MainWindow(QMainWindow):
    """Everything that one sees. It makes the session and closes it; pages are made when they are first shown."""

    def __init__(self, system: QPalette | None = None) -> None:
        super().__init__()
        self._system = system if system is not None else QGuiApplication.palette()
        self.theme: Theme = chosen_theme(preferences.load().theme, self._system)
        self._apply_look()  # before anything is made: widgets keep the font that they are made with
        self.jobs = Jobs(self)
        self.session = Session(self.jobs, self)
        self.dialogs = Dialogs(self.session, self)
        self.pages: dict[str, Page] = {}
        self._unloaded = iter(PAGES)
        self._sure = False
        self._collector = Collector(self)
        self._build()
        self._connect()
        self.show_page(PAGES[0].name)

    # -- pages ---------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.pages[self.list.currentItem().text()]

    def show_page(self, name: str) -> None:
        """Show a page by its name."""
        names = [page.name for page in PAGES]
        if name in names:
            self.list.setCurrentRow(names.index(name))

    def show_page_with(self, name: str, settings: Mapping[str, Any]) -> None:
        """Show a page with these settings in its form."""
        self.show_page(name)
        self.page.take_settings(settings)

    def _row_changed(self, row: int) -> None:
        entry = PAGES[row]
        if entry.name not in self.pages:
            made = self.pages[entry.name] = entry.load()(self.session, self)
            made.go.connect(self.show_page)
            made.go_with.connect(self.show_page_with)
            made.action.connect(self.dialogs.do)
            made.apply_theme(self.theme)
            self.stack.addWidget(made)
        self.list.setFocus()  # what had the focus may be hidden now, and keys would go nowhere
        self.stack.setCurrentWidget(self.pages[entry.name])
        self.header.offer(entry.kinds)
        self.update_page()

    def update_page(self, *_: object) -> None:
        """Let the shown page draw what the session holds now."""
        self.page.update_page()

    def run_page(self) -> None:
        """Do the shown page's primary action."""
        self.page.run_if_possible()

    # -- look ----------------------------------------------------------------------------------------------------

    def choose_theme(self, choice: str) -> None:
        """Take light, dark, or what the system has, and remember it."""
        preferences.choose_theme(choice)
        self.theme = chosen_theme(choice, self._system)
        self._apply_look()
        for page in self.pages.values():
            page.apply_theme(self.theme)

    def _apply_look(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_look(application, self.theme)

    # -- files ---------------------------------------------------------------------------------------------------

    def take(self, paths: Sequence[Path]) -> None:
        """Open what was dropped, or named on the command line: a project, or workbooks (or a folder) to import."""
        if any(path.suffix.lower() not in {PROJECT, *WORKBOOKS} and path.is_dir() for path in paths):
            self.session.aside(functools.partial(tables_of, paths), self._take)
        else:
            self._take(paths)

    def _take(self, paths: Sequence[Path]) -> None:
        projects = [path for path in paths if path.suffix.lower() == PROJECT]
        workbooks = [path for path in paths if path.suffix.lower() in WORKBOOKS]
        others = [path.name for path in paths if path not in projects and path not in workbooks]
        if others:
            self.session.say(
                Message(
                    "warning", f"Received {', '.join(others)}: neither a project nor a table.",
                    "Drop a .mabdesk project, an Excel workbook or a CSV file.",
                )
            )  # fmt: skip
        if projects:
            self.session.open(projects[0])
        elif workbooks:
            self.dialogs.import_files(workbooks)

    def look_at(self, paths: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Show workbooks on the Import page before anything of them is kept."""
        self.show_page("Import")
        self.page.take_files(paths, options)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Accept files."""
        if _files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open or import what was dropped."""
        event.acceptProposedAction()
        self.take(_files(event.mimeData()))

    def begin(self) -> None:
        """Warm the worker process and let it look at the computer; called once the window has painted."""
        self.jobs.start()
        self.dialogs.look_at_device()
        self._load_next()

    def _load_next(self) -> None:
        """Load the code of the pages, one at a time, so that the first look at each is quick."""
        entry = next(self._unloaded, None)
        if entry is not None:
            entry.load()
            QTimer.singleShot(_MS_BETWEEN_PAGES, self._load_next)

    # -- the end -------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask where work is still running; then end everything."""
        if self.jobs.busy and not self._sure and not self._really():
            event.ignore()
            return
        self.session.close()
        self._collector.stop()
        event.accept()

    def close_surely(self) -> None:
        """Close without asking."""
        self._sure = True
        self.close()

    def _really(self) -> bool:
        running = self.jobs.running
        asked = QMessageBox.question(
            self,
            "Close mabdesk?",
            f"{running.title if running else 'Work'} is still running. Close and stop it? Nothing else is lost.",
            QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return asked == QMessageBox.StandardButton.Close

    # -- inside --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle(TITLE)
        self.setAccessibleName("mabdesk main window")
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.header = Header(self.session, self)
        self.messages = MessageBar(self)
        self.job_bar = JobBar(self.jobs, self)
        self.stack = QStackedWidget()
        self.list = self._page_list()
        self.menus = Menus(self, self)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.list)
        middle.addWidget(self.stack, 1)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.messages)
        column.addLayout(middle, 1)
        column.addWidget(self.job_bar)
        self.setCentralWidget(central)
        self.resize(*_comfortable())

    def _page_list(self) -> QListWidget:
        pages = QListWidget()
        pages.setAccessibleName("Pages")
        pages.setFrameShape(QListWidget.Shape.NoFrame)
        pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for number, entry in enumerate(PAGES):
            item = QListWidgetItem(entry.name)
            item.setToolTip(f"{entry.sentence} ({key_of(number)})")
            item.setSizeHint(QSize(0, _ROW))  # not asked of the style: it is applied later
            pages.addItem(item)
        pages.setProperty("kind", "pages")
        pages.setFixedWidth(max(pages.fontMetrics().horizontalAdvance(page.name) for page in PAGES) + 6 * GRID)
        pages.currentRowChanged.connect(self._row_changed)
        return pages

    def _connect(self) -> None:
        session = self.session
        session.said.connect(self.messages.show_message)
        session.changed.connect(self.update_page)
        session.loaded.connect(self.update_page)
        session.opened.connect(self._project_opened)
        self.jobs.started.connect(self._work_started)
        session.added.connect(self._added)
        session.elsewhere_wanted.connect(self.dialogs.save_copy)
        self.header.device_asked.connect(self.dialogs.tell_device)
        self.dialogs.device_known.connect(self.header.show_device)
        self.dialogs.import_asked.connect(self.look_at)

    def _work_started(self, task: Task) -> None:
        """Let go of what was said of earlier work, unless it offers something to do."""
        message = self.messages.message
        if not task.quiet and message is not None and not message.actions:
            self.messages.clear()

    def _project_opened(self) -> None:
        name = self.session.path.name if self.session.path is not None else ""
        self.setWindowTitle(f"{TITLE} - {name}" if name else TITLE)
        self.messages.clear()

    def _added(self, result_id: str) -> None:
        info = self.session.info(result_id)
        shown = [entry.name for entry in PAGES if info is not None and info.kind in entry.kinds]
        if shown and info is not None and info.kind == "dataset":
            self.show_page(shown[0])


def _comfortable() -> tuple[int, int]:
    screen = QGuiApplication.primaryScreen()
    free = screen.availableGeometry() if screen is not None else None
    return (min(1320, free.width()), min(860, free.height() - 40)) if free is not None else (1320, 860)


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
