"""What every page has: title, one sentence, the data in the middle, the options and the primary action at the right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mabdesk.gui.forms.form import SEED, Form
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, LIGHT, Theme
from mabdesk.gui.pages.entries import Entry
from mabdesk.gui.selection import parents_of
from mabdesk.gui.session import Session
from mabdesk.gui.views.results import result_name
from mabdesk.lineage import MADE_BY, find_parents
from mabdesk.project.results import ResultInfo
from mabdesk.steps import STEPS

AUTOMATIC = ("split", "cleaned")  # made by themselves where a later step lacks them
PAGE_OF = {
    "import": "Data", "split": "Data", "clean": "Clean", "train": "Train", "compare": "Compare", "search": "Search",
    "transfer-learning": "Transfer", "explain": "Explain", "train-process": "Process model",
}  # fmt: skip
ASK_IMPORT = "ask_import"
SIDE_WIDTH = 290
_HASH = 12


@dataclass(frozen=True)
class First:
    """What has to be done before a page has something to show: a sentence, and the page or dialog where it is done."""

    sentence: str
    button: str
    page: str


class Page(QWidget):
    """The base of all pages.

    A page builds its middle into `self.body` and its options into `self.side`, sets the primary action with
    `set_primary`, and draws in `refresh`, which is called when the page is shown and whenever the project, its results,
    the selection or a loaded value changes while it is shown. `entry` says what the page is called and what it shows;
    `step` is the step that its primary action runs ("" for none).
    """

    entry = Entry("", "", "")
    step = ""
    needs_project = True
    go = Signal(str)  # the page to show
    go_with = Signal(str, object)  # the page to show, and settings for its form
    action = Signal(str)  # a dialog of the window: new_project, open_project, open_demo, save_template, ask_import

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.theme: Theme = LIGHT
        self.setAccessibleName(f"{self.entry.name} page")
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(GRID)
        self.side = QVBoxLayout()
        self.side.setContentsMargins(0, 0, GRID, 0)
        self.side.setSpacing(GRID)
        self.primary = QPushButton()
        self.used = muted_label("What was used")
        self._first: First | None = None
        self._first_text, self._first_button = QLabel(), QPushButton()
        self._why_not = muted_label("Why this cannot be done now")
        self._lay_out()
        self.build()
        self.side.addStretch(1)
        session.jobs.changed.connect(self._refresh_primary)

    # -- what a page gives ---------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the widgets, once."""

    def refresh(self) -> None:
        """Show what the session holds now; called only while the page is shown. Must be quick."""

    def run(self) -> None:
        """Do the primary action."""

    def take_files(self, paths: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Take files of batch records that are to be imported; only the Import page does."""

    def take_settings(self, settings: Mapping[str, Any]) -> None:
        """Put settings into the page's form, where it has one; the others stay as they are."""
        form = self.findChild(Form)
        if form is not None:
            form.set_values({**form.values(), SEED.name: form.seed, **settings})
            form.changed.emit()

    def first(self) -> First | None:
        """Return what has to be done first, None when the page has something to show.

        By default: a project, then the parents of the page's step (a split and a cleaned result make themselves).
        """
        if self.session.project is None:
            return First("Open a project, make a new one, or open the demo.", "Go to Project", "Project")
        if not self.step or any(self.session.selected(kind) for kind in self.entry.kinds):
            return None
        step = STEPS[self.step]
        named = parents_of(step, self.session.selection)
        missing = find_parents(step, self.session.infos, named).missing
        while missing in AUTOMATIC:
            named = parents_of(MADE_BY[missing], self.session.selection)
            missing = find_parents(MADE_BY[missing], self.session.infos, named).missing
        if not missing:
            return None
        before = MADE_BY[missing]
        return First(
            f"{step.label} needs {article(before.label)} first. {before.sentence}",
            f"Go to {PAGE_OF[before.name]}",
            PAGE_OF[before.name],
        )

    def can_run(self) -> str:
        """Return why the primary action cannot be done now, "" when it can."""
        if self.step and not self.session.writable:
            return "The project is read-only: save a copy elsewhere to go on."
        return ""

    def apply_theme(self, theme: Theme) -> None:
        """Take the colors; a page with widgets that paint themselves hands the theme on."""
        self.theme = theme

    # -- what a page uses ----------------------------------------------------------------------------------------

    def set_primary(self, text: str, tip: str) -> None:
        """Name the primary action; pressing it, or Ctrl+Return, calls `run`."""
        self.primary.setText(text)
        self.primary.setAccessibleName(text)
        self.primary.setToolTip(f"{tip} (Ctrl+Return)")
        self.primary.show()

    def beside_primary(self, widget: QWidget) -> None:
        """Put a widget above the primary action, where it stays in sight while the options scroll."""
        layout = self._side_panel.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(self._why_not), widget)

    def show_used(self, info: ResultInfo | None) -> None:
        """Say which result is shown, what it was made from, with which seed and hash."""
        self.used.setText(used(info) if info is not None else "")

    def update_page(self) -> None:
        """Show what has to be done first, or the page."""
        first = self.first()
        self._stack.setCurrentIndex(0 if first is None else 1)
        self._first = first
        self._side_panel.setVisible(first is None)
        self._refresh_primary()
        if first is None:
            self.refresh()
        else:
            self._first_text.setText(first.sentence)
            self._first_button.setText(first.button)
            self._first_button.setAccessibleName(first.button)

    def run_if_possible(self) -> None:
        """Do the primary action where it can be done now."""
        if self.primary.isVisible() and self.primary.isEnabled():
            self.run()

    # -- inside --------------------------------------------------------------------------------------------------

    def _refresh_primary(self) -> None:
        why_not = self.can_run()
        self.primary.setEnabled(not why_not)
        self.primary.setAccessibleDescription(why_not)
        self._why_not.setText(why_not)
        self._why_not.setVisible(bool(why_not) and bool(self.primary.text()))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addLayout(self._heading())
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(True)
        self._splitter.setHandleWidth(GRID)
        self._splitter.addWidget(self._middle())
        self._side_panel = self._options()
        self._splitter.addWidget(self._side_panel)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setCollapsible(0, False)
        self._splitter.setSizes([900, SIDE_WIDTH])
        layout.addWidget(self._splitter, 1)

    def _heading(self) -> QHBoxLayout:
        title = QLabel(self.entry.name)
        title.setProperty("kind", "title")
        title.setAccessibleName("Page title")
        sentence = muted_label("What this page does")
        sentence.setText(self.entry.sentence)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(title, 0, Qt.AlignmentFlag.AlignBaseline)
        row.addWidget(sentence, 1, Qt.AlignmentFlag.AlignBaseline)
        return row

    def _middle(self) -> QWidget:
        middle, content, waiting = QWidget(), QWidget(), QWidget()
        content.setLayout(self.body)
        self._first_text.setWordWrap(True)
        self._first_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._first_text.setAccessibleName("What to do first")
        self._first_button.setProperty("kind", "primary")
        self._first_button.setToolTip("Go where this is done")
        self._first_button.clicked.connect(self._go_first)
        column = QVBoxLayout(waiting)
        column.addStretch(1)
        column.addWidget(self._first_text)
        column.addSpacing(GRID)
        column.addWidget(self._first_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(scrolled(content, "Page content"))
        self._stack.addWidget(waiting)
        return middle

    def _options(self) -> QWidget:
        panel, inside = QWidget(), QWidget()
        inside.setLayout(self.side)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Options")
        self.primary.setProperty("kind", "primary")
        self.primary.clicked.connect(self.run_if_possible)
        self.primary.hide()
        self._why_not.hide()
        column = QVBoxLayout(panel)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.addWidget(area, 1)
        column.addWidget(self._why_not)
        column.addWidget(self.primary)
        column.addWidget(self.used)
        panel.setMinimumWidth(220)
        return panel

    def _go_first(self) -> None:
        if self._first is not None:
            (self.action if self._first.page == ASK_IMPORT else self.go).emit(self._first.page)


def scrolled(content: QWidget, name: str) -> QScrollArea:
    """Put a widget into an area that scrolls where the window is too small for it."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    return area


def used(info: ResultInfo) -> str:
    """Say what a result was made from, with which seed, and the hash that a rerun gives again."""
    parents = ", ".join(map(result_name, info.parents)) or "files"
    seed = f", seed {info.seed}" if info.seed is not None else ""
    return f"{info.label or result_name(info.id)}: made from {parents}{seed}. Hash {info.content_hash[:_HASH]}."


def article(noun: str) -> str:
    """Put a or an before a word."""
    lower = noun[:1].lower() + noun[1:]
    return f"{'an' if lower[:1] in 'aeiou' else 'a'} {lower}"
