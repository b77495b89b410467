"""The Import page: sheets colored by what their columns become, corrections, faults with their cells, the import."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from PySide6.QtCore import Qt
from shown_page import show_page

from mabdesk import commands
from mabdesk.commands import tables_of
from mabdesk.data.batch import Source, Variable
from mabdesk.data.mapping import ColumnMapping, FileMapping, TableMapping, from_toml, to_toml
from mabdesk.data.preview import Area, Preview, SheetPreview, TablePreview
from mabdesk.errors import Problem, ReadingError
from mabdesk.gui import import_draft, import_side
from mabdesk.gui.import_draft import Looked
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.pages.import_records import ImportPage
from mabdesk.gui.views import mapped
from mabdesk.paths import mappings_folder

COLUMNS = (
    ColumnMapping("Batch", "batch", reason="header", cell="A2"),
    ColumnMapping("Day", "time", unit="d", reason="header", cell="B2"),
    ColumnMapping("Glucose", "variable", "glucose", "mM", "offline", "name alike", 0.6, "C2"),
    ColumnMapping("Operator", "left", reason="names of people", cell="D2"),
)
AREAS = tuple(
    Area(top, column, bottom, column, known.use, column, header)
    for column, known in enumerate(COLUMNS)
    for top, bottom, header in ((1, 1, True), (2, 3, False))
)
CELLS = (
    ("Run sheet", "", "", ""), ("Batch", "Day", "Glucose", "Operator"), ("B1", "0", "30", "MM"), ("B1", "1", "25"),
)  # fmt: skip
PREVIEW = Preview(
    (Source("a.xlsx", "0" * 64),),
    (SheetPreview("a.xlsx", "Notes", (("hi",),), 1, 1, "it holds no table."), SheetPreview("a.xlsx", "S", CELLS, 4, 4)),
    (TablePreview(TableMapping("f", COLUMNS, "a.xlsx", "S", header_row=2), AREAS, 2),),
    (Problem("a.xlsx, sheet S, cell C4", "is odd", "note"), Problem("a.xlsx", "is old", "warning")),
    ("B1",),
    (Variable("glucose", "g/L", "offline"),),
)  # fmt: skip
REFUSED = replace(PREVIEW, problems=(*PREVIEW.problems, Problem("a.xlsx, sheet S, cell C3", "no number: 'oops'")))


@pytest.fixture
def asked(monkeypatch):
    """Answer every question with a preview made by hand; the options of the questions are kept."""
    questions = []
    answers = [PREVIEW]

    def look(wish, _worker, _progress):
        questions.append(dict(wish.options))
        if isinstance(answers[0], Exception):
            raise answers[0]
        return Looked(wish.number, answers[0])

    monkeypatch.setattr(import_draft, "_look", look)
    return questions, answers


@pytest.fixture
def page(session, qtbot, tmp_path, asked):
    with qtbot.waitSignal(session.opened):
        session.new(tmp_path / "study.mabdesk")
    return show_page(ImportPage, session, qtbot)


def looked(page, qtbot) -> None:
    qtbot.waitUntil(lambda: not page.draft.looking and not page.session.jobs.busy, timeout=20_000)


@pytest.fixture
def shown(page, qtbot):
    page.take_files([Path("a.xlsx")], {})
    looked(page, qtbot)
    return page


def choose(box, key) -> None:
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


def test_that_an_empty_page_asks_for_files(page, qtbot):
    with qtbot.waitSignal(page.action) as action:
        qtbot.mouseClick(page._first_button, Qt.MouseButton.LeftButton)
    assert action.args == ["ask_import"]


def test_that_the_first_sheet_with_a_table_is_shown_and_one_that_is_not_read_says_why(shown):
    assert shown.sheets.currentText() == "a.xlsx > S"
    assert shown.sheets.itemText(0) == "a.xlsx > Notes (not read: it holds no table)"
    assert "1 batch, 1 variable in 1 table." in shown.about.text()
    assert "Into study.mabdesk." in shown.about.text()


def test_that_every_cell_knows_what_it_became(shown):
    became = shown.sheet.cells.became
    assert [became[2, column].tone for column in range(4)] == ["batch", "time", "offline", "left"]
    assert became[1, 2].tag == "? Glucose, offline, mM → g/L"
    assert became[1, 2].doubtful
    assert "60 % ?: name alike" in became[1, 2].tip
    assert (0, 0) not in became
    for word in ("Batch id", "Time", "Offline", "Not read"):
        assert word in shown.legend.text()


def test_that_columns_are_listed_and_the_doubtful_one_is_selected_first(shown):
    rows = shown.columns.sheet.rows
    assert rows[2] == ("C2", "Glucose", "Variable", "Glucose", "mM", "offline", " 60 % ?", "name alike")
    assert shown.columns.current() == 2
    assert shown.controls.column.unit.currentText() == "mM"


def test_that_a_cell_selects_its_column_in_the_list_and_a_row_the_header_in_the_sheet(shown):
    shown.sheet.setCurrentIndex(shown.sheet.cells.index(3, 1))
    assert shown.columns.current() == 1
    assert shown.controls.column.becomes.currentText() == "Time"
    shown.columns.view.selectRow(0)
    now = shown.sheet.currentIndex()
    assert (now.row(), now.column()) == (1, 0)


def test_that_a_correction_is_shown_at_once_and_told_to_the_reader_after_a_pause(shown, qtbot, asked):
    questions, _ = asked
    choose(shown.controls.column.becomes, "tag")
    assert shown.columns.sheet.rows[2][2:4] == ("Tag", "Glucose")
    assert shown.sheet.cells.became[2, 2].tone == "tag"
    assert shown.can_run() == "Looking at a.xlsx ..."
    assert len(questions) == 1
    looked(shown, qtbot)
    assert from_toml(questions[-1]["mapping"]).tables[0].columns[2].use == "tag"
    assert (questions[0]["mapping"], len(questions)) == ("", 2)


def test_that_several_quick_corrections_ask_once(shown, qtbot, asked):
    for unit in ("g/L", "mg/L", "mmol/L"):
        shown.controls.column.unit.setEditText(unit)
        shown.controls.column._measured()
    looked(shown, qtbot)
    assert len(asked[0]) == 2
    assert from_toml(asked[0][-1]["mapping"]).tables[0].columns[2].unit == "mmol/L"


def test_that_a_unit_that_is_on_no_list_is_refused_with_a_sentence(shown):
    shown.controls.column.unit.setEditText("furlong")
    shown.controls.column._measured()
    assert "'furlong' is not on the list of units" in shown.controls.column.fault.text()
    assert not shown.draft.touched


def test_that_confirming_ends_the_doubt_and_offers_to_remember(shown, qtbot):
    assert not shown.controls.remembering.isChecked()
    qtbot.mouseClick(shown.controls.column.confirm, Qt.MouseButton.LeftButton)
    assert not shown.sheet.cells.became[1, 2].doubtful
    assert shown.controls.remembering.isChecked()


def test_that_a_table_is_left_out_and_taken_in_again(shown):
    shown.controls.table.leave.click()
    assert shown.draft.shown.tables[0].layout == "none"
    assert {cell.tone for cell in shown.sheet.cells.became.values()} == {"left"}
    shown.controls.table.leave.click()
    assert shown.draft.shown.tables[0].layout == "rows"


def test_that_errors_stand_first_select_their_cell_and_keep_import_off(shown, qtbot, asked):
    assert shown.primary.isEnabled()
    asked[1][0] = REFUSED
    shown.draft.look()
    looked(shown, qtbot)
    assert [row[0] for row in shown.noticed.sheet.rows] == ["error", "warning", "note"]
    assert shown.can_run() == "1 fault to mend first: see Noticed."
    assert not shown.primary.isEnabled()
    shown.noticed.view.selectRow(0)
    now = shown.sheet.currentIndex()
    assert (now.row(), now.column(), shown.columns.current()) == (2, 2, 2)


def test_that_a_file_that_cannot_be_looked_at_keeps_import_off_and_says_why(page, qtbot, asked):
    asked[1][0] = ReadingError("a.xlsx is cut off.", "Copy it again.")
    page.take_files([Path("a.xlsx")], {})
    looked(page, qtbot)
    assert page.can_run() == "a.xlsx is cut off."
    assert "cut off" in page.about.text()


def test_that_other_reading_options_are_asked_with(shown, qtbot, asked):
    choose(shown.controls.reading.fields["decimal"].box, "comma")
    looked(shown, qtbot)
    assert asked[0][-1]["decimal"] == "comma"
    assert shown.draft.mapping().options == {"decimal": "comma"}


def test_that_nothing_is_asked_while_the_page_is_hidden(shown, qtbot, asked):
    choose(shown.controls.column.becomes, "tag")
    shown.hide()
    assert not shown.draft.timer.isActive()
    shown.show()
    looked(shown, qtbot)
    assert len(asked[0]) == 2


def test_that_a_mapping_is_saved_and_loaded(shown, qtbot, tmp_path, monkeypatch, asked):
    path = tmp_path / "m.toml"
    choose(shown.controls.column.becomes, "tag")
    looked(shown, qtbot)
    shown.draft.edit(shown.draft.shown, 0)
    monkeypatch.setattr(import_side, "ask_where", lambda *_: path)
    with qtbot.waitSignal(shown.session.said):
        shown.controls.save.click()
    kept = from_toml(path.read_text(encoding="utf-8"))
    assert [table.fingerprint for table in kept.tables] == ["f"]
    other = replace(kept.tables[0].columns[2], unit="g/L")
    path.write_text(to_toml(FileMapping((replace(kept.tables[0], columns=(*COLUMNS[:2], other, COLUMNS[3])),))))
    monkeypatch.setattr(import_side.QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    before = len(asked[0])
    shown.controls.load.click()
    qtbot.waitUntil(lambda: len(asked[0]) > before)
    looked(shown, qtbot)
    assert from_toml(asked[0][-1]["mapping"]).tables[0].columns[2].unit == "g/L"


def test_that_import_runs_the_step_with_the_mapping_as_it_is_shown(shown, monkeypatch):
    ran = []
    monkeypatch.setattr(shown.again, "start", lambda files, options: ran.append((files, options)))
    shown.run_if_possible()
    ((files, options),) = ran
    assert files == (Path("a.xlsx"),)
    assert from_toml(options["mapping"]).tables[0].columns == COLUMNS


def test_that_do_not_import_lets_go_of_the_files(shown, qtbot):
    shown.controls.let_go.click()
    assert shown.draft.paths == ()
    assert shown._first is not None
    assert not shown.session.infos


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_that_tones_are_told_apart_in_both_themes(shown, theme):
    shown.apply_theme(theme)
    picture = shown.sheet.grab().toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 3) for y in range(30, 140, 3)}
    assert len(colors) > 8


def test_that_a_place_is_found_by_file_sheet_and_cell():
    for where, place in (
        ("a.xlsx, sheet S, cell B3", (1, 2, 1)), ("a.xlsx, sheet S, row 2", (1, 1, 0)), ("a.xlsx", None),
        ("a.xlsx, sheet S, column C", (1, 0, 2)), ("b.xlsx, sheet S, cell B3", None),
    ):  # fmt: skip
        assert mapped.place_of(Problem(where, "odd"), PREVIEW.sheets) == place, where


def test_that_a_folder_gives_the_tables_in_it_and_nothing_that_excel_keeps_beside_them(tmp_path):
    for name in ("a.xlsx", "~$a.xlsx", "b.csv", "c.png"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in tables_of([tmp_path])] == ["a.xlsx", "b.csv"]


def test_that_remembering_waits_for_the_kept_result_and_asks_the_commands(monkeypatch):
    told = []
    monkeypatch.setattr(commands, "remember", told.append, raising=False)
    import_side._remember(FileMapping())
    assert told == [FileMapping()]


# -- with the reader itself --------------------------------------------------------------------------------------------

TITLED = (
    "Run sheet 2024\nSite,Basel\n\nBatch,Day,Growth,Glucose,Titer\n,d,1e6/mL,mM,g/L\n"
    "B1,0,0.5,30,0\nB1,1,1.1,28,0.1\nB1,2,2.2,25,0.3\n"
)  # fmt: skip
UNNAMED = "Day,VCD (1e6 cells/mL),Titer (g/L)\n0,0.5,0\n1,1.1,0.1\n2,2.2,0.3\n"
TWO_HEADERS = (
    "Batch,Time,VCD,Titer\nid,h,1e6/mL,g/L\nBatch no,Culture time (h),Viable cells (1e6/mL),Product (g/L)\n"
    "B1,0,0.5,0\nB1,24,1.1,0.1\nB1,48,2.2,0.2\n"
)  # fmt: skip


@pytest.fixture
def nothing_remembered(user_folders):
    """Forget what a test had remembered; asked for before the session, whose last write is over by then."""
    yield
    for kept in mappings_folder().glob("*.toml"):
        kept.unlink()


@pytest.fixture
def real(nothing_remembered, session, qtbot, tmp_path):
    """A page in a new project, before the worker; nothing is remembered."""
    with qtbot.waitSignal(session.opened):
        session.new(tmp_path / "study.mabdesk")
    return show_page(ImportPage, session, qtbot)


def give(page, qtbot, path: Path, text: str = "", options=()) -> None:
    if text:
        path.write_text(text, encoding="utf-8")
    page.take_files([path], dict(options))
    looked(page, qtbot)


def across(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "Run 7"
    for row in (
        ("Parameter", "Unit", "Day 0", "Day 1", "Day 2"), ("VCD", "1e6 cells/mL", 0.5, 1.1, 2.2),
        ("Titer", "g/L", 0, 0.1, 0.3),
    ):  # fmt: skip
        sheet.append(row)
    book.save(path)
    return path


def column(page, qtbot, header: str) -> None:
    """Select a column as a user does: its row in the list."""
    headers = [row[1] for row in page.columns.sheet.rows]
    page.columns.view.selectRow(headers.index(header))


def typed(box, text: str) -> None:
    box.setEditText(text)
    box.lineEdit().editingFinished.emit()


def as_variable(page, qtbot, header: str, label: str, unit: str) -> None:
    column(page, qtbot, header)
    typed(page.controls.column.name, label)
    looked(page, qtbot)
    typed(page.controls.column.unit, unit)
    looked(page, qtbot)


def imported(page, qtbot):
    """Press Import and return the new dataset's result."""
    with qtbot.waitSignal(page.session.added, timeout=30_000) as added:
        qtbot.mouseClick(page.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.session.value(added.args[0]) is not None, timeout=20_000)
    return page.session.info(added.args[0]), page.session.value(added.args[0])


def test_that_a_column_with_a_name_of_its_own_is_corrected_to_a_variable_and_imported_so(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "titled.csv", TITLED)
    became = real.sheet.cells.became
    assert (0, 0) not in became  # a title
    assert became[3, 2].tag == "? growth, offline, 1e6/mL"
    assert became[4, 2].header
    assert became[5, 2].tone == "offline"
    assert real.columns.sheet.rows[real.columns.current()][1] == "Growth"  # the doubtful one
    as_variable(real, qtbot, "Growth", "Viable cell density", "1e6 cells/mL")
    assert real.sheet.cells.became[3, 2].tag == "Viable cell density, offline, 1e6 cells/mL"
    assert real.session.infos == ()
    info, reading = imported(real, qtbot)
    (batch,) = reading.dataset.batches
    assert batch.offline.measured("vcd")[1].tolist() == [0.5, 1.1, 2.2]
    assert batch.offline.measured("glucose")[1][0] == pytest.approx(30 * 0.18016, rel=1e-3)
    for text in (info.options["mapping"], reading.mapping):
        (told,) = from_toml(text).tables
        assert [(one.name, one.unit) for one in told.columns][2] == ("vcd", "1e6 cells/mL")
    qtbot.waitUntil(lambda: real.draft.paths == ())


def test_that_what_was_confirmed_is_used_for_the_next_file_and_can_be_forgotten(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "one.csv", TITLED)
    as_variable(real, qtbot, "Growth", "Viable cell density", "1e6 cells/mL")
    assert real.controls.remembering.isChecked()
    imported(real, qtbot)
    qtbot.waitUntil(lambda: bool(list(mappings_folder().glob("*.toml"))))
    qtbot.waitUntil(lambda: real._first is not None)
    with qtbot.waitSignal(real.session.opened):  # in another project: what this one holds counts in itself anyway
        real.session.new(tmp_path / "other.mabdesk")
    give(real, qtbot, tmp_path / "two.csv", TITLED.replace("B1", "B2"))
    assert "read as you confirmed them before" in real.about.text()
    assert real.sheet.cells.became[3, 2].tag == "Viable cell density, offline, 1e6 cells/mL"
    assert real.controls.forget.isVisible()
    qtbot.mouseClick(real.controls.forget, Qt.MouseButton.LeftButton)
    looked(real, qtbot)
    assert "confirmed" not in real.about.text()
    assert real.sheet.cells.became[3, 2].tag == "? growth, offline, 1e6/mL"
    assert not real.controls.forget.isVisible()
    qtbot.waitUntil(lambda: not list(mappings_folder().glob("*.toml")))


def test_that_an_identical_and_a_changed_file_are_remembered_once_they_are_kept(real, qtbot, tmp_path):
    path, said = tmp_path / "one.csv", []
    real.session.said.connect(said.append)
    give(real, qtbot, path, TITLED)
    imported(real, qtbot)
    qtbot.waitUntil(lambda: real.draft.paths == ())
    assert not list(mappings_folder().glob("*.toml"))  # nothing was corrected
    give(real, qtbot, path)
    assert "read as you confirmed them before" in real.about.text()  # in this project
    real.controls.remembering.click()
    real.run_if_possible()
    qtbot.waitUntil(lambda: any("Already imported" in message.text for message in said), timeout=20_000)
    assert real.draft.paths == (path,)  # it is still here: nothing was kept
    assert not list(mappings_folder().glob("*.toml"))
    (anyway,) = next(message.actions for message in said if "Already imported" in message.text)
    with qtbot.waitSignal(real.session.added, timeout=20_000):
        anyway.do()
    qtbot.waitUntil(lambda: bool(list(mappings_folder().glob("*.toml"))))
    qtbot.waitUntil(lambda: real.draft.paths == ())
    for kept in mappings_folder().glob("*.toml"):
        kept.unlink()
    give(real, qtbot, path, TITLED.replace("0.3\n", "0.4\n"))
    real.controls.remembering.click()
    real.run_if_possible()
    qtbot.waitUntil(lambda: real.again.box is not None and real.again.box.isVisible(), timeout=20_000)
    with qtbot.waitSignal(real.session.added, timeout=20_000):
        real.again.box.chosen.emit("replace")
    real.again.box.close()
    qtbot.waitUntil(lambda: bool(list(mappings_folder().glob("*.toml"))))


def test_that_days_across_are_colored_where_they_stand(real, qtbot, tmp_path):
    give(real, qtbot, across(tmp_path / "a.xlsx"), options={"batch_from": "sheet"})
    became = real.sheet.cells.became
    assert became[1, 0].tag == "Viable cell density, offline, 1e6 cells/mL"
    assert [became[1, day].tone for day in (2, 3, 4)] == ["offline"] * 3
    assert [became[2, day].tone for day in (2, 3, 4)] == ["target"] * 3
    assert [became[0, day].tone for day in (2, 3, 4)] == ["time"] * 3
    assert real.controls.table.layout_of.currentText() == "Days side by side"
    _, reading = imported(real, qtbot)
    assert reading.dataset.ids == ("Run 7",)


def test_that_a_table_without_batch_ids_is_refused_until_it_is_said_where_they_are(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "B9.csv", UNNAMED)
    assert "1 fault to mend first" in real.can_run()
    assert "no batch column" in real.noticed.sheet.rows[0][2]
    assert "Batch id from" in real.about.text()  # as the form calls it
    assert "--" not in real.about.text()
    choose(real.controls.table.batch_from, "file")
    looked(real, qtbot)
    assert real.can_run() == ""
    assert imported(real, qtbot)[1].dataset.ids == ("B9",)


def test_that_a_batch_id_can_be_typed_and_stays_typed(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "B9.csv", UNNAMED)
    choose(real.controls.table.batch_from, "title")
    looked(real, qtbot)
    real.controls.table.batch.setText("X1")
    real.controls.table.batch.editingFinished.emit()
    looked(real, qtbot)
    column(real, qtbot, "Day")
    choose(real.controls.column.becomes, "time")
    real.draft.look()
    looked(real, qtbot)
    assert real.controls.table.batch.text() == "X1"
    assert imported(real, qtbot)[1].dataset.ids == ("X1",)


def test_that_another_header_row_is_read_and_a_table_is_left_out_and_taken_in_again(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "two.csv", TWO_HEADERS)
    assert not real.primary.isEnabled()
    real.controls.table.header.setText("3")
    real.controls.table.header.editingFinished.emit()
    looked(real, qtbot)
    assert real.columns.sheet.rows[0][1] == "Batch no"
    assert real.can_run() == ""
    real.controls.table.leave.click()
    looked(real, qtbot)
    assert {cell.tone for cell in real.sheet.cells.became.values()} == {"left"}
    assert not real.primary.isEnabled()
    real.controls.table.leave.click()
    looked(real, qtbot)
    assert real.can_run() == ""
    assert imported(real, qtbot)[1].dataset.batches[0].offline.measured("titer")[1].tolist() == [0, 0.1, 0.2]


def test_that_a_table_without_a_known_time_is_read_once_its_time_is_named(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "b.csv", "Charge,Verlauf [h],VCD [1e6/mL],Titer [g/L]\nB1,0,0.5,0\nB1,24,1.1,0.1\n")
    assert "no time column" in real.noticed.sheet.rows[0][2]
    assert real.sheet.cells.became[1, 3].tone == "target"
    column(real, qtbot, "Verlauf [h]")
    choose(real.controls.column.becomes, "time")
    looked(real, qtbot)
    assert real.can_run() == ""
    assert imported(real, qtbot)[1].dataset.batches[0].offline.measured("titer")[0].tolist() == [0, 24]


def test_that_saying_what_a_column_becomes_takes_its_table_in(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "titled.csv", TITLED)
    real.controls.table.leave.click()
    looked(real, qtbot)
    as_variable(real, qtbot, "Growth", "Viable cell density", "1e6 cells/mL")
    assert not real.controls.table.leave.isChecked()
    assert real.can_run() == ""


def test_that_letting_go_keeps_neither_data_nor_mapping(real, qtbot, tmp_path):
    give(real, qtbot, tmp_path / "titled.csv", TITLED)
    as_variable(real, qtbot, "Growth", "Viable cell density", "1e6 cells/mL")
    qtbot.mouseClick(real.controls.let_go, Qt.MouseButton.LeftButton)
    assert real.session.infos == ()
    assert not list(mappings_folder().glob("*.toml"))


def test_that_the_page_says_which_project_the_files_go_into_and_what_it_holds(session, qtbot, project_copy, asked):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(ImportPage, session, qtbot)
    page.take_files([Path("a.xlsx")], {})
    looked(page, qtbot)
    assert "Into small.mabdesk, beside 1 dataset." in page.about.text()
