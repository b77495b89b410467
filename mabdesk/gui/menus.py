"""The menu bar: every action with its key."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QListWidget, QMenu, QMenuBar

from mabdesk.gui import preferences
from mabdesk.gui.dialogs import Dialogs
from mabdesk.gui.job_bar import JobBar
from mabdesk.gui.look import CHOICES
from mabdesk.gui.pages.entries import key_of
from mabdesk.gui.session import Session

THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Target(Protocol):
    """What the menus act on: the main window."""

    dialogs: Dialogs
    job_bar: JobBar
    session: Session
    list: QListWidget

    def menuBar(self) -> QMenuBar: ...  # noqa: D102, N802
    def show_page(self, name: str) -> None: ...  # noqa: D102
    def run_page(self) -> None: ...  # noqa: D102
    def choose_theme(self, choice: str) -> None: ...  # noqa: D102
    def close(self) -> bool: ...  # noqa: D102


class Menus(QObject):
    """Makes the menus of a main window and keeps the list of recent projects."""

    def __init__(self, window: Target, parent: QObject) -> None:
        super().__init__(parent)
        self.window = window
        bar = window.menuBar()
        self.file, self.view = bar.addMenu("&File"), bar.addMenu("&View")
        self.work, self.help = bar.addMenu("&Work"), bar.addMenu("&Help")
        self._fill_file()
        self._fill_view()
        self._fill_work()
        self._add(self.help, "About mabdesk", window.dialogs.about)
        self._add(self.help, "What will train, and why", window.dialogs.tell_device)
        self._add(self.help, "Show the log", window.dialogs.show_log)

    def _fill_file(self) -> None:
        dialogs = self.window.dialogs
        self._add(self.file, "&New project...", dialogs.new_project, QKeySequence.StandardKey.New)
        self._add(self.file, "&Open project...", dialogs.open_project, QKeySequence.StandardKey.Open)
        self.recent = self.file.addMenu("Open &recent")
        self.recent.aboutToShow.connect(self._fill_recent)
        self._add(self.file, "&Import batch records...", dialogs.ask_import, "Ctrl+I")
        self.file.addSeparator()
        self._add(self.file, "Open the &demo", dialogs.open_demo)
        self._add(self.file, "Empty workbook to fill in...", dialogs.save_template)
        self.file.addSeparator()
        self._add(self.file, "Save a &copy...", dialogs.save_copy, QKeySequence.StandardKey.SaveAs)
        self._add(self.file, "&Quit", self.window.close, "Ctrl+Q")

    def _fill_view(self) -> None:
        self._pages: dict[QAction, str] = {}
        for number in range(self.window.list.count()):
            name = self.window.list.item(number).text()
            self._pages[self._add(self.view, name, self._show_page, key_of(number))] = name
        self.view.addSeparator()
        group = QActionGroup(self.view)
        self._themes: dict[QAction, str] = {}
        for choice in CHOICES:
            action = self._add(self.view, THEMES[choice], self._choose_theme)
            action.setCheckable(True)
            action.setChecked(preferences.load().theme == choice)
            group.addAction(action)
            self._themes[action] = choice

    def _fill_work(self) -> None:
        bar = self.window.job_bar
        self._add(self.work, "&Run the page's action", self.window.run_page, "Ctrl+Return")
        self._add(self.work, "&Finish now, keep the best", bar.ask_finish, "Ctrl+Shift+F")
        self._add(self.work, "&Stop what runs", bar.ask_stop, "Esc")

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in preferences.load().recent:
            self.recent.addAction(path).triggered.connect(self._open_recent)
        if self.recent.isEmpty():
            self.recent.addAction("None yet").setEnabled(False)

    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.window.session.open(Path(action.text()))

    def _show_page(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.window.show_page(self._pages[action])

    def _choose_theme(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.window.choose_theme(self._themes[action])

    def _add(
        self, menu: QMenu, text: str, do: Callable[[], object], key: QKeySequence.StandardKey | str = ""
    ) -> QAction:
        action = menu.addAction(text)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(do)
        return action
