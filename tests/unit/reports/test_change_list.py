"""The list of changes as a workbook and as CSV: places in columns of their own, and no formula in it."""

import csv
import io

import openpyxl

from mabdesk.data.batch import Change
from mabdesk.reports.change_list import HEADERS, change_csv, change_rows, change_workbook

FILES = ("a, b.xlsx", "t.csv")
CHANGES = (
    Change("censored, taken as not measured", "glucose", "B1", 24.0, "a, b.xlsx, sheet Off, cell D7", "<0.1"),
    Change("unit converted", "titer", cell="t.csv, cell C2", before="=1+1", after="-3.5", count=12),
    Change("duplicate", "ph", "B1", 1 / 3, "a, b.xlsx, sheet Off, cell D7 and t.csv, cell E8", "", "7"),
    Change("excluded from the inputs", "stirrer", after="constant", count=0),
)


def test_that_places_stand_in_columns_of_their_own():
    rows = [dict(zip(HEADERS, row, strict=True)) for row in change_rows(CHANGES, FILES)]
    assert [(row["File"], row["Sheet"], row["Cell"]) for row in rows] == [
        ("a, b.xlsx", "Off", "D7"),
        ("t.csv", "", "C2"),
        ("a, b.xlsx and t.csv", "Off", "Off, D7 and t.csv, E8"),
        ("", "", ""),
    ]
    assert [row["Culture hour"] for row in rows] == [24.0, None, 0.333333, None]
    assert [row["Values"] for row in rows] == [1, 12, 1, 0]


def test_that_csv_holds_no_formula_and_keeps_negative_numbers():
    data = change_csv(CHANGES, FILES, ("Changes of dataset-1",))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == HEADERS
    assert rows[2][6:8] == ["'=1+1", "-3.5"]
    assert rows[-1] == ["Changes of dataset-1"]


def test_that_the_workbook_holds_text_where_a_formula_stood():
    book = openpyxl.load_workbook(io.BytesIO(change_workbook(CHANGES, FILES, ("Changes of dataset-1",))))
    sheet = book["Changes"]
    assert (sheet["G3"].value, sheet["G3"].data_type) == ("=1+1", "s")
    assert sheet["J3"].value == 12
    assert book["Notes"]["A1"].value == "Changes of dataset-1"
