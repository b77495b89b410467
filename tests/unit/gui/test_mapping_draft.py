"""Corrections of a proposed mapping: what changes with them, and for which tables."""

from dataclasses import replace

from mabdesk.data.mapping import ColumnMapping, FileMapping, TableMapping
from mabdesk.data.preview import Area, Preview, SheetPreview, TablePreview
from mabdesk.gui import mapping_draft
from mabdesk.gui.mapping_draft import CHOSEN, CONFIRMED, SETPOINT, become, change_column, change_table, name_variable
from mabdesk.gui.views import mapped

COLUMNS = (
    ColumnMapping("Batch", "batch", cell="A1"),
    ColumnMapping("Glc", "variable", "glucose", "mM", "offline", "alike", 0.6, "B1"),
    ColumnMapping("Temp SP", "variable", "temperature", "°C", "online", "alike", 0.5, "C1"),
)
MAPPING = FileMapping(
    (
        TableMapping("one", COLUMNS, "a.xlsx", "B1", batch_from="sheet", batch="B1"),
        TableMapping("one", COLUMNS, "a.xlsx", "B2", batch_from="sheet", batch="B2"),
        TableMapping("two", COLUMNS, "a.xlsx", "Other"),
    )
)


def test_that_a_correction_is_certain_and_says_whose_it_is():
    column = change_column(MAPPING, 0, 1, unit="g/L").tables[0].columns[1]
    assert (column.unit, column.confidence, column.reason) == ("g/L", 1.0, CHOSEN)
    assert (column.name, column.header) == ("glucose", "Glc")


def test_that_tables_with_the_same_headers_are_changed_together_and_others_are_not():
    units = [table.columns[1].unit for table in change_column(MAPPING, 0, 1, unit="g/L").tables]
    assert units == ["g/L", "g/L", "mM"]
    assert [t.layout for t in change_table(MAPPING, 1, layout="none").tables] == ["none", "none", "rows"]


def test_that_a_batch_is_named_for_its_own_table_alone():
    assert [table.batch for table in change_table(MAPPING, 1, batch="X").tables] == ["B1", "X", ""]


def test_that_confirming_keeps_what_was_proposed():
    column = mapping_draft.confirm(MAPPING, 2, 1).tables[2].columns[1]
    assert (column.name, column.unit, column.reason) == ("glucose", "mM", CONFIRMED)
    assert not mapping_draft.doubtful(column)


def test_that_a_column_that_becomes_a_setpoint_is_the_catalogs_setpoint():
    column = become(MAPPING, 0, 2, SETPOINT).tables[0].columns[2]
    assert (column.use, column.role) == ("variable", "setpoint")
    assert mapping_draft.becomes(column) == SETPOINT


def test_that_a_column_that_becomes_a_tag_bears_its_header_and_no_role():
    column = become(MAPPING, 0, 1, "tag").tables[0].columns[1]
    assert (column.use, column.name, column.role) == ("tag", "Glc", "")


def test_that_a_label_of_the_catalog_names_its_variable_and_any_other_text_an_own_one():
    found = name_variable(MAPPING, 0, 1, "Lactate").tables[0].columns[1]
    own = name_variable(MAPPING, 0, 1, "Trace metal X").tables[0].columns[1]
    assert (found.name, found.role) == ("lactate", "offline")
    assert (own.name, mapping_draft.label_of(own)) == ("trace_metal_x", "trace_metal_x")


def test_that_units_that_fit_are_offered_with_the_catalogs_own_first():
    offered = mapping_draft.units_for(COLUMNS[1])
    assert offered[0] == "g/L"
    assert "mM" in offered
    assert "°C" not in offered
    assert mapping_draft.units_for(COLUMNS[0]) == ()


def test_that_only_touched_tables_are_told():
    told = mapping_draft.told(MAPPING, ["two"], {"decimal": "comma"})
    assert [table.sheet for table in told.tables] == ["Other"]
    assert told.options == {"decimal": "comma"}


def test_that_an_answer_keeps_what_the_reader_cannot_say():
    typed = change_table(MAPPING, 2, batch_from="title", batch="X9")
    found = FileMapping(tuple(replace(table, batch="") for table in MAPPING.tables[1:]))
    answered = mapping_draft.answered(typed, ["two"], found)
    assert [(table.batch_from, table.batch) for table in answered.tables] == [("sheet", ""), ("title", "X9")]
    without = mapping_draft.answered(typed, ["two"], FileMapping(MAPPING.tables[:1]))
    assert [table.fingerprint for table in without.tables] == ["one", "two"]  # told again where it is found again


def test_that_rows_of_groups_and_of_units_are_parts_of_a_header():
    columns = (ColumnMapping("Batch", "batch", cell="A3"), ColumnMapping("Cells Xv", "variable", "vcd", "", "offline"))
    areas = tuple(
        Area(top, n, bottom, n, "left", n, header)
        for n in (0, 1)
        for top, bottom, header in ((2, 2, True), (4, 5, False))
    )
    cells = (("Xv of runs", "Xv of runs"), ("Batch", "Cells"), ("", "Xv"), ("", "1e6/mL"), ("B1", "1"), ("B1", "2"))
    table = TableMapping("f", columns, "a.csv")
    preview = Preview((), (SheetPreview("a.csv", "", cells, 6, 2),), (TablePreview(table, areas),))
    became = mapped.cells_of(preview, preview.mapping(), 0)
    assert {at for at, cell in became.items() if cell.header} == {(row, n) for row in (1, 2, 3) for n in (0, 1)}
    assert {at for at, cell in became.items() if cell.tag} == {(2, 0), (2, 1)}
