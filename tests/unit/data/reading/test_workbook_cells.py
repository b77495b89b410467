"""What a workbook's cells are beside their values: shown in percent, merged, durations, dates of 1904, blank rows."""

import datetime as dt
import io
import time

import openpyxl
import pytest
from edited_workbooks import edited
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.reading.sources.archive import open_archive
from mabdesk.data.reading.sources.scan import scan_workbook
from mabdesk.data.reading.sources.styles import percent_styles
from mabdesk.data.reading.sources.workbook import parse_workbook
from mabdesk.data.reading.values.cells import DATE, DURATION, TEXT, Grid, column_of
from mabdesk.errors import ReadingError

HEADER = ["Batch", "Time (h)", "Titer (g/L)"]


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(rows, **formats):
    """Make a workbook of one sheet; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    book.active.title = "S"
    for row in rows:
        book.active.append(row)
    for cell, code in formats.items():
        book.active[cell].number_format = code
    return book


def percent_of(data):
    return scan_workbook("w.xlsx", data)["S"].percent


@pytest.mark.parametrize(
    ("code", "percent"),
    [
        ("0%", True),
        ("0.00%", True),
        ("0.0 %", True),
        ('[Red]0.0%;"-"', True),
        ("General", False),
        ("0.00", False),
        ('0.0" %"', False),
        ("0.0\\%", False),
        ("0.0_%", False),
        ("yyyy-mm-dd", False),
    ],
)
def test_that_formats_in_percent_are_told_from_formats_that_only_write_the_sign(code, percent):
    assert percent_of(saved(sheet_of([["a"], [0.985], [0.5]], A2=code))) == ({0: {1}} if percent else {})


def test_that_only_number_cells_are_shown_in_percent():
    rows = [["a", "b"], [0.985, "98 %"], [None, True], [0.5, 0.25]]
    data = saved(sheet_of(rows, A1="0%", A2="0%", A3="0%", B2="0%", B3="0%", B4="0.0%"))
    grid = Grid("w.xlsx", "S", parse_workbook(data)[0].columns).with_percent(percent_of(data))
    assert [column.percent for column in grid.columns] == [{1}, {3}]
    assert Grid("w", "S", (column_of([1.0]),)).with_percent({0: {0, 7}, 3: {1}}).columns[0].percent == {0}


def test_that_percent_is_found_in_prefixed_and_reordered_xml():
    data = saved(sheet_of([["a"], [0.985]], A2="0.000%"))

    def reorder(text):
        return text.replace('<c r="A2" s="1" t="n">', "<c t='n'  s = '1' r='A2'>")

    assert percent_of(edited(data, "xl/worksheets/sheet1.xml", reorder)) == {0: {1}}
    with open_archive("w.xlsx", data) as archive:
        assert percent_styles("w.xlsx", archive) == {1}


def test_that_a_workbook_without_styles_shows_nothing_in_percent():
    data = saved(sheet_of([["a"], [1]]))
    with open_archive("w.xlsx", edited(data, "xl/styles.xml", lambda _text: "<styleSheet/>")) as archive:
        assert percent_styles("w.xlsx", archive) == frozenset()


def test_that_merged_cells_are_known_by_their_corners():
    book = sheet_of([["a", "b", "c"], [1, 2, 3], [4, 5, 6]])
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("C2:C3")
    (sheet,) = parse_workbook(saved(book))
    assert sorted(sheet.merged) == [(0, 0, 0, 1), (1, 2, 2, 2)]


def test_that_merged_cells_keep_their_place_below_blank_rows_and_columns():
    book = openpyxl.Workbook()
    book.active["C5"] = "title"
    book.active.merge_cells("C5:E6")
    (sheet,) = parse_workbook(saved(book))
    assert sheet.merged == ((4, 2, 5, 4),)
    assert sheet.columns[2].text == {4: "title"}


@pytest.mark.parametrize("mark", ["1", "true"])
def test_that_dates_of_a_workbook_that_counts_from_1904_are_right(mark):
    book = sheet_of([["a"], [dt.datetime(2026, 3, 1, 9, 15)]])  # noqa: DTZ001
    book.epoch = CALENDAR_MAC_1904
    data = edited(saved(book), "xl/workbook.xml", lambda text: text.replace('date1904="1"', f'date1904="{mark}"'))
    column = parse_workbook(data)[0].columns[0]
    assert column.kind.tolist() == [TEXT, DATE]
    assert column.shown(1) == "2026-03-01 09:15:00"


@pytest.mark.parametrize("mac", [False, True])
def test_that_durations_times_of_day_and_truth_values_are_what_the_sheet_shows(mac):
    rows = [[0.5, dt.timedelta(hours=30), dt.time(9, 30), True, 1.25]]
    book = sheet_of(rows, A1="[h]:mm", B1="[h]:mm", E1="[hh]:mm:ss")
    if mac:
        book.epoch = CALENDAR_MAC_1904
    columns = parse_workbook(saved(book))[0].columns
    assert [int(column.kind[0]) for column in columns] == [DURATION, DURATION, DURATION, TEXT, DURATION]
    assert [column.shown(0) for column in columns] == ["12 h", "30 h", "9.5 h", "True", "30 h"]


def blank_rows(last, cell):
    """Return what puts blank formatted rows down to `last` below a sheet's own, with one more cell in the last."""

    def change(text):
        rows = "".join(f'<row r="{row}" s="1" customFormat="1"><c r="A{row}" s="1"/></row>' for row in range(4, 60_000))
        return text.replace("</sheetData>", f'{rows}<row r="{last}">{cell}</row></sheetData>')

    return change


@pytest.mark.parametrize("blank", ['<c r="AZ1048576" s="1"/>', '<c r="AZ1048576" s="1"></c>'])
def test_fault_25_that_blank_formatted_rows_down_to_the_last_one_do_not_count(blank):
    data = saved(sheet_of([HEADER, ["B1", 0, 1], ["B1", 24, 2]], C2="0.00"))
    begun = time.monotonic()
    reading = read_bytes([("w.xlsx", edited(data, "xl/worksheets/sheet1.xml", blank_rows(1_048_576, blank)))])
    assert time.monotonic() - begun < 10
    assert reading.dataset.batches[0].offline.column("titer").tolist() == [1.0, 2.0]
    assert reading.cell_of("B1", "titer", 24.0) == "w.xlsx, sheet S, cell C3"


def test_fault_25_that_a_stray_value_far_below_blank_formatted_rows_is_named():
    data = saved(sheet_of([HEADER, ["B1", 0, 1], ["B1", 24, 2]], C2="0.00"))
    stray = '<c r="AZ1048576" s="1"><v>1</v></c>'
    with pytest.raises(ReadingError, match="sheet S reaches to cell AZ1048576"):
        read_bytes([("w.xlsx", edited(data, "xl/worksheets/sheet1.xml", blank_rows(1_048_576, stray)))])


def test_that_numbers_shown_in_percent_reach_their_column_through_the_door():
    rows = [["Batch", "Time (h)", "Titer (g/L)", "Viability (%)"], ["B1", 0, 1, 0.985], ["B1", 24, 2, 0.97]]
    reading = read_bytes([("w.xlsx", saved(sheet_of(rows, D2="0.0%", D3="0.0%")))])
    assert reading.dataset.batches[0].offline.column("viability").tolist() == [98.5, 97.0]
