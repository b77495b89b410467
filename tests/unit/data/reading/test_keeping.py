"""Batches that two files hold, kept from one of them as the user chose."""

import io

import openpyxl
import pytest

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError

HEAD = "Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n"
FIRST = HEAD + "B1,0,1,0\nB1,24,2,0.5\nB2,0,1,0\nB2,24,3,0.4\n"
SECOND = HEAD + "B2,0,9,9\nB2,24,9,9\nB2,48,9,9\nB3,0,1,0\nB3,24,2,0.6\n"


def read(overlapping, first=FIRST, second=SECOND):
    options = ReadingOptions(overlapping=overlapping)
    return read_bytes([("a.csv", first.encode()), ("b.csv", second.encode())], options)


def titers(reading, name):
    (batch,) = (batch for batch in reading.dataset.batches if batch.id == name)
    return batch.offline.measured("titer")[1].tolist()


def test_that_both_files_of_one_batch_are_refused_unless_one_is_chosen():
    with pytest.raises(ReadingError, match=r"b\.csv: holds .* of batches that a\.csv holds too \(B2\)"):
        read("refuse")


@pytest.mark.parametrize(("choice", "kept", "left", "expected"), [
    ("keep_first", "a.csv", "b.csv", [0, 0.4]),
    ("keep_last", "b.csv", "a.csv", [9, 9, 9]),
])  # fmt: skip
def test_that_the_batch_is_kept_from_the_chosen_file_alone(choice, kept, left, expected):
    reading = read(choice)
    assert reading.dataset.ids == ("B1", "B2", "B3")
    assert titers(reading, "B2") == expected
    assert titers(reading, "B1") == [0, 0.5]
    assert titers(reading, "B3") == [0, 0.6]
    (warning,) = (problem for problem in reading.problems if problem.severity == "warning")
    assert str(warning) == f"{left}: holds values of batches that {kept} holds too (B2); those of {kept} are kept"
    changes = [change for change in reading.changes if change.rule.startswith("batch held by two files")]
    assert {(c.rule, c.variable, c.batch) for c in changes} == {
        (f"batch held by two files, kept from {kept}", name, "B2") for name in ("vcd", "titer")
    }
    assert {change.count for change in changes} == {3 if left == "b.csv" else 2}
    assert all(change.cell.startswith(f"{left}, cell ") for change in changes)
    assert reading.cell_of("B2", "titer", 24).startswith(kept)
    assert " and " not in reading.cell_of("B2", "titer", 24)


def test_that_a_variable_that_only_the_other_file_measured_stays():
    first = "Batch,Time (h),VCD (1e6 cells/mL)\nB1,0,1\nB1,24,2\n"
    second = HEAD + "B1,0,9,0\nB1,24,9,0.5\n"
    reading = read("keep_first", first, second)
    (batch,) = reading.dataset.batches
    assert batch.offline.measured("vcd")[1].tolist() == [1, 2]
    assert batch.offline.measured("titer")[1].tolist() == [0, 0.5]


def test_that_an_empty_column_owns_nothing():
    first = HEAD + "B1,0,1,\nB1,24,2,\n"
    reading = read("keep_first", first, HEAD + "B1,0,,0\nB1,24,,0.5\n")
    assert titers(reading, "B1") == [0, 0.5]


def workbook(ph, feed_hour):
    book = openpyxl.Workbook()
    sheets = {
        "Batches": [["Batch", "Scale", "pH setpoint"], ["B1", "200 L", ph]],
        "Offline": [["Batch", "Time (h)", "Titer (g/L)"], ["B1", 0, 0.0], ["B1", 96, ph / 10]],
        "Events": [["Batch", "Time (h)", "Event"], ["B1", feed_hour, "feed"]],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book["Sheet"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("choice", "ph", "hour"), [("keep_first", 7.0, 48.0), ("keep_last", 6.8, 72.0)])
def test_that_setpoints_tags_and_events_come_from_the_same_file(choice, ph, hour):
    files = [("a.xlsx", workbook(7.0, 48)), ("b.xlsx", workbook(6.8, 72))]
    reading = read_bytes(files, ReadingOptions(overlapping=choice))
    (batch,) = reading.dataset.batches
    assert batch.setpoints == {"ph": ph}
    assert [event.hour for event in batch.events] == [hour]
    told = " ".join(str(problem) for problem in reading.problems if problem.severity == "warning")
    assert "holds setpoints and tags of batches" in told
    assert "holds events of batches" in told
    assert sum(change.rule.startswith("batch held by two files") for change in reading.changes) == 3
