"""The side of the Import page: the forms of a column and its table, how files are read, and mappings in files."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QPushButton, QVBoxLayout, QWidget

from mabdesk import commands
from mabdesk.data.mapping import FileMapping, Layout, TableMapping, from_toml, to_toml
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import MabdeskError, ReadingError
from mabdesk.gui import errands, mapping_draft
from mabdesk.gui.forms.folding import FoldButton
from mabdesk.gui.forms.form import Form
from mabdesk.gui.import_draft import ImportDraft
from mabdesk.gui.jobs import Task
from mabdesk.gui.look import GRID
from mabdesk.gui.mapping_form import ColumnForm, TableForm
from mabdesk.gui.messages import Message, of_error
from mabdesk.gui.saving import FILTERS, ask_where
from mabdesk.gui.views.mapped import Place


class ImportSide(QWidget):
    """Tells the draft what the user corrects."""

    changed = Signal()
    files_asked = Signal()

    def __init__(self, draft: ImportDraft, parent: QWidget) -> None:
        super().__init__(parent)
        self.draft, self.session = draft, draft.session
        self.place: Place | None = None
        self._layouts: dict[str, Layout] = {}  # of tables that were left out, to take them in again
        self._importing: tuple[tuple[Path, ...], FileMapping] | None = None
        self._chosen: bool | None = None
        self.column, self.table = ColumnForm(), TableForm()
        self.reading = Form([ReadingOptions])
        self.remembering = QCheckBox("Remember for files of this layout")
        self.remembering.setAccessibleName("Remember for files of this layout")
        self.remembering.setToolTip("The next files with the same headers are read the same way")
        self._lay_out()
        self._connect()

    def begin(self, options: Mapping[str, Any]) -> None:
        """Begin with other files."""
        self.reading.set_values(options)
        self._chosen = None
        self._layouts.clear()
        self.remembering.setChecked(False)

    def show_selected(self, place: Place | None) -> None:
        """Show a column and its table as the draft has them now."""
        tables = self.draft.shown.tables
        self.place = place if place is not None and place[0] < len(tables) else None
        table = tables[self.place[0]] if self.place is not None else None
        there = table is not None and self.place is not None and 0 <= self.place[1] < len(table.columns)
        self.column.show_column(table.columns[self.place[1]] if there and table and self.place else None)
        alike = sum(one.fingerprint == table.fingerprint for one in tables) if table is not None else 1
        self.table.show_table(table, alike)
        self.remembering.setChecked(self.draft.edited if self._chosen is None else self._chosen)
        self.back.setVisible(bool(self.draft.touched))
        self.forget.setVisible(bool(self.draft.known))

    def note_import(self) -> None:
        """What is being imported now is remembered once it is kept, where that is wished."""
        self._importing = self.draft.paths, self.draft.mapping() if self.remembering.isChecked() else FileMapping()

    def add_below_column(self, widget: QWidget) -> None:
        """Put a widget of the page below the form of the selected column."""
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(self.column) + 1, widget)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self.back = _button("Back to the proposal", "Drop all corrections of these files")
        self.forget = _button("Forget what was confirmed", "Propose anew, for these files and for later ones like them")
        self.load = _button("Load mapping...", "Read the files as a mapping says that was saved")
        self.save = _button("Save mapping...", "Write what every column becomes into a file, to load or to share")
        self.others = _button("Choose other files...", "Let go of these files and look at others")
        self.let_go = _button("Do not import", "Let go of these files; nothing of them is kept")
        self.reading.setContentsMargins(GRID, 0, 0, 0)
        for widget in (
            self.column, self.table, self.back, self.forget,
            FoldButton("How files are read", "What is told to the reader of files", self.reading), self.reading,
            self.load, self.save, self.others, self.let_go,
        ):  # fmt: skip
            column.addWidget(widget)

    def _connect(self) -> None:
        self.column.becomes_changed.connect(self._become)
        self.column.name_changed.connect(self._name)
        self.column.unit_changed.connect(self._unit)
        self.column.role_changed.connect(self._role)
        self.column.confirmed.connect(self._confirm)
        self.table.changed.connect(self._table_changed)
        self.table.left_out.connect(self._leave_out)
        self.reading.changed.connect(self._read_as)
        self.remembering.clicked.connect(self._choose)
        self.back.clicked.connect(self.draft.forget_corrections)
        self.forget.clicked.connect(self._forget)
        self.draft.options_changed.connect(self._show_options)
        self.load.clicked.connect(self._ask_load)
        self.save.clicked.connect(self._ask_save)
        self.others.clicked.connect(self.files_asked)
        self.let_go.clicked.connect(self.draft.clear)
        self.session.jobs.finished.connect(self._finished)

    def _edit(self, change: Callable[..., FileMapping], *given: Any, **values: Any) -> None:
        if self.place is not None and self.place[1] >= 0:
            table, column = self.place
            changed = change(self.draft.shown, table, column, *given, **values)
            if changed.tables[table].layout == "none":  # who says what a column becomes wants the table
                changed = mapping_draft.change_table(changed, table, layout=self._layout_of(changed.tables[table]))
            self.draft.edit(changed, table)

    def _become(self, key: str) -> None:
        self._edit(mapping_draft.become, key)

    def _name(self, text: str) -> None:
        self._edit(mapping_draft.name_variable, text)

    def _unit(self, unit: str) -> None:
        self._edit(mapping_draft.change_column, unit=unit)

    def _role(self, role: str) -> None:
        self._edit(mapping_draft.change_column, role=role)

    def _confirm(self) -> None:
        self._edit(mapping_draft.confirm)

    def _table_changed(self, name: str, value: object) -> None:
        if self.place is not None:
            self.draft.edit(mapping_draft.change_table(self.draft.shown, self.place[0], **{name: value}), self.place[0])

    def _leave_out(self, out: bool) -> None:
        if self.place is not None:
            table = self.draft.shown.tables[self.place[0]]
            if out:
                self._layouts[table.fingerprint] = table.layout
            self._table_changed("layout", "none" if out else self._layout_of(table))

    def _layout_of(self, table: TableMapping) -> Layout:
        return self._layouts.get(table.fingerprint, "rows")

    def _read_as(self) -> None:
        if not self.reading.problems():
            self.draft.read_as(self.reading.values())
        self.changed.emit()

    def _choose(self, wanted: bool) -> None:
        self._chosen = wanted

    def _ask_load(self) -> None:
        folder = self.draft.paths[0].parent if self.draft.paths else Path()
        chosen, _ = QFileDialog.getOpenFileName(self, "Load a mapping", str(folder), FILTERS["toml"])
        if chosen:
            self.session.aside(functools.partial(_read, Path(chosen)), self._loaded)

    def _loaded(self, found: FileMapping | MabdeskError) -> None:
        if isinstance(found, MabdeskError):
            self.session.say(of_error(found))
            return
        self.draft.load(found)
        self._chosen = True  # nobody saves a mapping for one file

    def _show_options(self) -> None:
        self.reading.set_values(self.draft.options)

    def _forget(self) -> None:
        self._chosen = None
        self.session.aside(functools.partial(_forget, self.draft.forget_known()), self._quiet)

    def _ask_save(self) -> None:
        name = self.draft.paths[0].stem if self.draft.paths else "mapping"
        path = ask_where(self, self.session, "Save the mapping", name, "toml")
        if path is not None:
            text = to_toml(self.draft.mapping())
            self.session.aside(functools.partial(commands.write_whole, path, text.encode()), self._saved)

    def _saved(self, path: Path) -> None:
        self.session.say(Message("done", f"Written: {path}"))

    def _finished(self, task: Task, value: Any) -> None:
        """What failed or could not be kept may be run, or kept, again: it counts when it is kept."""
        if task.name not in {"import", "keep"} or self._importing is None or not isinstance(value, errands.Kept):
            return
        if value.results[-1].kind != "dataset":
            return
        (paths, mapping), self._importing = self._importing, None
        if mapping.tables:
            self.session.aside(functools.partial(_remember, mapping), self._quiet)
        if paths == self.draft.paths:
            self.draft.clear()

    def _quiet(self, _: object) -> None:
        """Nothing has to be said."""


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button


def _read(path: Path) -> FileMapping | MabdeskError:
    try:
        return from_toml(path.read_text(encoding="utf-8"), path.name)
    except MabdeskError as error:
        return error
    except (OSError, UnicodeError) as error:
        return ReadingError(f"{path} cannot be read: {error}.", "Choose a mapping that mabdesk wrote.")


def _forget(fingerprints: tuple[str, ...]) -> None:
    for fingerprint in fingerprints:
        commands.forget(fingerprint)


def _remember(mapping: FileMapping) -> None:
    commands.remember(mapping)
