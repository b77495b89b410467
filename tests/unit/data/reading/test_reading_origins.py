"""A value can be traced to the cell that it was read from."""

import csv
import io

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.settings import ReadingOptions


def table(rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


HEADER = ["Batch", "Time (h)", "Titer (g/L)", "Glucose (g/L)"]


def test_that_a_value_is_traced_to_its_cell_however_rows_are_ordered():
    rows = [HEADER, ["B2", 24, 0.2, 5], ["B1", 48, 0.5, 4], ["B1", 24, 0.1, 6], ["B1", 0, "", 7]]
    reading = read_bytes([("days.csv", table(rows))], ReadingOptions())
    assert reading.cell_of("B1", "titer", 48.0) == "days.csv, cell C3"
    assert reading.cell_of("B1", "glucose", 0.0) == "days.csv, cell D5"
    assert reading.cell_of("B2", "titer", 24.0) == "days.csv, cell C2"


def test_that_what_was_not_read_from_a_cell_has_none():
    reading = read_bytes([("days.csv", table([HEADER, ["B1", 0, 0.1, 6], ["B1", 24, 0.1, 6]]))], ReadingOptions())
    assert reading.cell_of("B1", "titer", 12.0) == ""
    assert reading.cell_of("B9", "titer", 0.0) == ""
    assert reading.cell_of("B1", "lactate", 0.0) == ""


def test_that_a_mean_of_two_rows_names_both_cells():
    rows = [HEADER, ["B1", 0, 0.1, 6], ["B1", 24, 0.2, 6], ["B1", 24, 0.4, 6]]
    reading = read_bytes([("days.csv", table(rows))], ReadingOptions(duplicates="mean"))
    assert reading.cell_of("B1", "titer", 24.0) == "days.csv, cell C3 and days.csv, cell C4"
