"""A marked copy: colors and comments are added, and not one value changes."""

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from mabdesk.data.batch import Change
from mabdesk.data.imported import ColumnReading
from mabdesk.errors import ReadingError
from mabdesk.reports import marked_copy as copying
from mabdesk.reports import marked_sheet, source_book
from mabdesk.reports.marked_copy import marked_copy
from mabdesk.reports.marking import CHANGE_COLORS, COLUMN_COLORS, Marking, change_kind, column_kind

FILE, SHEET = 'run, cell A1 and "x".xlsx', "Off, cell B2"
LONG = 0.1 + 0.2  # needs 17 digits


def packed(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def original():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    sheet.append(["Batch", "Time", "Glucose (mM)", "Note"])
    sheet.append(["B1", dt.datetime(2024, 3, 1, 9, 15, 0, 123000, dt.UTC).replace(tzinfo=None), LONG, " kept as is "])
    sheet.append(["B1", 45352.123456789012, "<0.1", True])
    sheet.append(["B1", 12345678901234567, "=C2*2", "#N/A"])
    sheet["C2"].number_format = "0.00%"
    sheet["B3"].number_format = "yyyy-mm-dd hh:mm"
    sheet["E2"] = ArrayFormula("E2:E3", "=C2:C3*2")
    sheet["D5"] = "=text"
    sheet["D5"].data_type = "s"
    sheet["C3"].comment = Comment("by the analyst", "Ann")
    sheet.merge_cells("F2:F4")
    sheet["F2"] = "merged"
    chart = LineChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3))
    sheet.add_chart(chart, "H2")
    book.create_sheet("MABDESK")
    return packed(book)


def change(rule, cell, **more):
    return Change(rule, "glucose", "B1", 24.0, cell, **more)


def marking(*changes, file=FILE, sheet=SHEET, files=None, simulated=False):
    columns = (
        ColumnReading(file, sheet, "A1", "Batch", "batch", reason="the header says so"),
        ColumnReading(
            file, sheet, "C1", "Glucose (mM)", "variable", "glucose", "offline", "mM", "g/L", 0.18, 0.0, "known", 0.9
        ),
        ColumnReading(file, sheet, "D1", "Note", "left", reason="no number in it"),
    )
    return Marking(file, "ab" * 32, "dataset-1", changes, columns, files or (file,), simulated)


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def color(cell):
    return f"#{cell.fill.fgColor.rgb[-6:]}"


def texts(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_that_no_value_formula_or_number_format_changes(original):
    changes = [change("censored, taken as not measured", f"{FILE}, sheet {SHEET}, cell C{row}") for row in (2, 3, 4)]
    before, after = opened(original)[SHEET], opened(marked_copy(marking(*changes), original))[SHEET]
    assert after.dimensions == before.dimensions
    for row in before.iter_rows():
        for cell in row:
            other = after[cell.coordinate]
            assert (other.data_type, other.number_format) == (cell.data_type, cell.number_format), cell.coordinate
            if isinstance(cell.value, ArrayFormula):
                assert (other.value.ref, other.value.text) == (cell.value.ref, cell.value.text)
            else:
                assert other.value == cell.value, cell.coordinate
    assert after.merged_cells.ranges == before.merged_cells.ranges


def test_that_every_digit_of_a_number_and_of_a_date_stays(original):
    numbers = {b"0.3": b"0.30000000000000004", b"1.234567890123457e+16": b"12345678901234567"}
    numbers[b"45352.12345678901"] = b"45352.123456789007"
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            for short, whole in numbers.items():
                part = part.replace(b"<v>" + short + b"</v>", b"<v>" + whole + b"</v>")
            new.writestr(name, part)
    with zipfile.ZipFile(io.BytesIO(marked_copy(marking(), stream.getvalue()))) as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))
    for number in numbers.values():
        assert float(number) in {float(found) for found in re.findall(rb"<v>([\d.]+)</v>", sheets)}


def test_that_a_named_cell_is_colored_and_explained(original):
    named = change("censored, taken as not measured", f"{FILE}, sheet {SHEET}, cell C3", before="<0.1")
    cell = opened(marked_copy(marking(named), original))[SHEET]["C3"]
    assert color(cell) == CHANGE_COLORS["censored"][0]
    for part in ("by the analyst", named.rule, "glucose", "batch B1", "24 h", "before: <0.1", "after: (empty)"):
        assert part in cell.comment.text


def test_that_headers_say_what_their_columns_became(original):
    sheet = opened(marked_copy(marking(), original))[SHEET]
    assert [color(sheet[cell]) for cell in ("A1", "C1", "D1")] == [
        COLUMN_COLORS[kind][0] for kind in ("batch", "offline", "left")
    ]
    assert sheet["C1"].comment.text == "mabdesk: became glucose (g/L), offline; values x 0.18; known; confidence 90%"
    assert "left out; no number in it" in sheet["D1"].comment.text


def test_that_several_cells_rows_and_merged_cells_are_marked(original):
    where = f"{FILE}, sheet {SHEET}, "
    changes = (
        change("duplicate row: kept once", f"{where}cell C2 and {where}cell C3"),
        change("row before inoculation left out", f"{where}row 4"),
        change("suspicious, kept as it is", f"{where}cell F3"),
    )
    sheet = opened(marked_copy(marking(*changes), original))[SHEET]
    assert {color(sheet[cell]) for cell in ("C2", "C3")} == {CHANGE_COLORS["duplicate"][0]}
    assert {color(sheet[cell]) for cell in ("A4", "C4", "D4")} == {CHANGE_COLORS["dropped"][0]}
    assert color(sheet["F2"]) == CHANGE_COLORS["suspicious"][0]


def test_that_the_first_sheet_tells_all(original):
    changes = (
        change("unit converted", f"{FILE}, sheet {SHEET}, cell C2", before="=1+1", count=3),
        change("short gap", "", after="5"),
        change("unit converted", "other.csv, cell B2"),
        change("unit converted", f"{FILE}, sheet Gone, cell B2"),
    )
    given = marking(*changes, files=(FILE, "other.csv"), simulated=True)
    book = opened(marked_copy(given, original))
    first = book.worksheets[0]
    assert book.sheetnames == ["mabdesk 2", SHEET, "MABDESK"]
    assert book.active is first
    said = texts(first)
    for part in (FILE, "ab" * 32, "dataset-1", "Charts, pictures and macros of the original are not carried over"):
        assert any(part in text for text in said), part
    assert any(text.startswith("SIMULATED DATA") for text in said)
    assert any(text.startswith("1 changes concern other files") for text in said)
    assert any(text.startswith("1 places") for text in said)
    assert "Every change (3)" in said
    (risky,) = [cell for row in first.iter_rows() for cell in row if cell.value == "=1+1"]
    assert risky.data_type == "s"
    assert not book[SHEET]._charts


def test_that_the_list_and_the_comments_are_bounded_and_say_so(original, monkeypatch):
    monkeypatch.setattr(marked_sheet, "MOST_LISTED", 2)
    monkeypatch.setattr(copying, "MOST_COMMENTS", 4)
    changes = [
        change("unit converted", f"{FILE}, sheet {SHEET}, cell C{row}", before="x" * 40_000) for row in (2, 3, 4)
    ]
    changes += [change("unit converted\x07", f"{FILE}, sheet {SHEET}, cell C2") for _ in range(100)]
    book = opened(marked_copy(marking(*changes), original))
    comments = [cell.comment for row in book[SHEET].iter_rows() for cell in row if cell.comment]
    assert len(comments) == 5  # three headers, one change, and the analyst's own
    assert max(len(comment.text) for comment in comments) <= copying._LONGEST_COMMENT + 50
    assert color(book[SHEET]["C4"]) == CHANGE_COLORS["converted"][0]
    said = texts(book.worksheets[0])
    assert any(f"Sheet {SHEET}: 2 marked cells have no comment" in text for text in said)
    assert any("The list stops at 2 of 103 changes" in text for text in said)


def test_that_a_text_table_becomes_a_sheet_of_the_same_texts():
    data = b'Batch;Glucose;Note\nB1;=1+1;"a;b"\nB2;-0,5;@x\n'
    given = marking(change("decimal comma", "t.csv, cell B3"), file="t.csv", sheet="")
    sheet = opened(marked_copy(given, data)).worksheets[1]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)]
    assert rows == [["Batch", "Glucose", "Note"], ["B1", "=1+1", "a;b"], ["B2", "-0,5", "@x"]]
    assert {cell.data_type for row in sheet.iter_rows(max_col=3) for cell in row} == {"s"}
    assert color(sheet["B3"]) == CHANGE_COLORS["converted"][0]
    assert color(sheet["C1"]) == COLUMN_COLORS["offline"][0]


def test_that_macros_stay_behind(original):
    stream = io.BytesIO(original)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"code")
    written = marked_copy(replace(marking(), file="book.xlsm"), stream.getvalue())
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert not [name for name in archive.namelist() if "vba" in name]
        assert b"macro" not in archive.read("[Content_Types].xml")


def test_that_damaged_large_and_foreign_files_are_refused(original, monkeypatch):
    with pytest.raises(ReadingError):
        marked_copy(marking(), original[: len(original) // 2])
    with pytest.raises(ReadingError):
        marked_copy(marking(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    monkeypatch.setattr(source_book, "MOST_CELLS", 3)
    with pytest.raises(ReadingError, match="at most 3"):
        marked_copy(marking(), original)


def test_that_the_same_copy_has_the_same_bytes(original):
    assert marked_copy(marking(), original) == marked_copy(marking(), original)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("censored, taken as not measured", "censored"),
        ("marked as not measured", "censored"),
        ("text in a cell of numbers, taken as not measured", "dropped"),
        ("outside the plausible range: removed", "dropped"),
        ("thousands mark removed", "converted"),
        ("duplicate time, mean taken", "duplicate"),
        ("suspicious, kept as it is", "suspicious"),
        ("long gap: filled from training batches", "filled"),
        ("a rule of tomorrow", "other"),
    ],
)
def test_that_every_rule_has_its_kind(rule, kind):
    assert change_kind(rule) == kind


@pytest.mark.parametrize(("use", "kind"), [("start", "time"), ("remark", "event"), ("tag", "tag"), ("new", "left")])
def test_that_every_use_has_its_color(use, kind):
    assert column_kind(ColumnReading(FILE, SHEET, "A1", "x", use)) == kind


@pytest.mark.parametrize("colors", [CHANGE_COLORS, COLUMN_COLORS])
def test_that_black_is_readable_on_every_color_and_no_two_are_alike(colors):
    found = [color for color, _ in colors.values()]
    assert len(set(found)) == len(found)
    for color in found:
        red, green, blue = (int(color[n : n + 2], 16) / 255 for n in (1, 3, 5))
        assert 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.4
