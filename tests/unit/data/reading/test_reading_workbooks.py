"""Workbooks: kinds of cells, sheets found by content, the scan before the reader, the reader's own process."""

import datetime as dt
import io
import os
import re
import time

import numpy as np
import openpyxl
import pytest
from edited_workbooks import edited

from mabdesk.data.reading.files import read_bytes, read_files
from mabdesk.data.reading.sources import child
from mabdesk.data.reading.sources.scan import NEVER_CALCULATED, scan_workbook
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError
from mabdesk.progress import Progress

START = dt.datetime.fromisoformat("2026-03-01T09:00")


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def campaign():
    """Two batches as a site would write them; the sheets' names say nothing."""
    batches = [["1", "A", START, 7.0], ["NA", "B", START, 6.9]]
    probe = [[batch, START + dt.timedelta(hours=hour), 98.6] for batch in ("1", "NA") for hour in range(72)]
    samples = [[batch, START + dt.timedelta(days=day), day / 2] for batch in ("1", "NA") for day in range(4)]
    return {
        "About": [["Made by", "site A"], ["Batches", 2]],
        "Overview": [["Batch record export"], [], ["Batch", "Cell line", "Inoculation", "pH"], *batches],
        "Probe data": [["Batch", "Time stamp", "Temp (°F)"], *probe],
        "Lab": [["Batch", "Sample time", "Titer (g/L)"], *samples],
    }


def test_that_sheets_are_found_by_what_their_headers_say():
    reading = read_bytes([("w.xlsx", workbook(**campaign()))])
    first, second = reading.dataset.batches
    assert reading.dataset.ids == ("1", "NA")
    assert (first.setpoints, first.tags["cell_line"]) == ({"ph": 7.0}, "A")
    np.testing.assert_allclose(second.online.column("temperature"), 37.0)
    np.testing.assert_array_equal(first.offline.hours, [0, 24, 48, 72])
    assert [str(p) for p in reading.problems if "sheet About" in str(p)]
    assert not [p for p in reading.problems if p.severity == "warning"]
    (source,) = reading.dataset.sources
    assert (source.name, len(source.sha256)) == ("w.xlsx", 64)


def test_that_number_ids_are_written_as_whole_numbers_and_text_ids_stay():
    rows = [["Batch", "Time (h)", "Titer (g/L)"], *[[b, h, 1.0] for b in (1.0, "001", 2) for h in (0, 24)]]
    assert read_bytes([("w.xlsx", workbook(Data=rows))]).dataset.ids == ("1", "001", "2")


def test_that_time_stamps_keep_their_minutes_to_the_second():
    rows = [["Batch", "Time", "Temp (°C)"], *[["B", START + dt.timedelta(minutes=15 * i), 37] for i in range(1000)]]
    hours = read_bytes([("w.xlsx", workbook(Data=rows))]).dataset.batches[0].online.hours
    np.testing.assert_array_equal(hours, np.arange(1000) / 4)


def test_that_durations_are_hours_and_numbers_kept_as_text_are_listed():
    rows = [["Batch", "Time", "Titer (g/L)"], ["B", dt.timedelta(0), "0.5"], ["B", dt.timedelta(hours=30), "1.5"]]
    reading = read_bytes([("w.xlsx", workbook(Data=rows))])
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 30])
    assert [(c.rule, c.count) for c in reading.changes] == [("number kept as text in the workbook", 2)]


def test_that_an_excel_serial_in_a_date_column_is_a_date_with_a_warning_and_never_hours():
    rows = [["Batch", "Date", "Titer (g/L)"], ["B", 46110.104, 0.5], ["B", 46111.104, 1.5]]
    reading = read_bytes([("w.xlsx", workbook(Data=rows))])
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 24])
    (text,) = [str(problem) for problem in reading.problems if "46110.104" in str(problem)]
    assert "is read as 2026-03-29 02:29:46" in text
    hours = [["Batch", "Time (h)", "Titer (g/L)"], ["B", 46110.104, 0.5], ["B", 46111.104, 1.5]]
    with pytest.raises(ReadingError, match=r"sheet Data, cell B1.*46110.104.*date format"):
        read_bytes([("w.xlsx", workbook(Data=hours))])


@pytest.mark.parametrize("value", ["#DIV/0!", "#N/A", "#VALUE!"])
def test_that_an_error_cell_is_refused_by_name_or_listed_and_never_blank(value):
    rows = [["Batch", "Time (h)", "Titer (g/L)"], ["B", 0, 0.5], ["B", 24, value], ["B", 48, 1.0]]
    data = workbook(Data=rows)
    with pytest.raises(ReadingError) as caught:
        read_bytes([("w.xlsx", data)])
    assert f"w.xlsx, sheet Data, cell C3: holds the error {value}" in str(caught.value)
    taken = read_bytes([("w.xlsx", data)], ReadingOptions(unreadable="not_measured"))
    assert [(c.batch, c.hour, c.before) for c in taken.changes] == [("B", 24.0, value)]


def test_that_a_formula_that_was_never_calculated_is_refused_even_in_a_last_row():
    rows = [["Batch", "Time (h)", "Titer (g/L)"], ["B", 0, 0.5], ["B", "=B2+24", 1], ["B", 48, "=C2*2"]]
    with pytest.raises(ReadingError) as caught:
        read_bytes([("w.xlsx", workbook(Data=rows))])
    assert str(caught.value).count(NEVER_CALCULATED) == 2
    assert "cell B3" in str(caught.value)
    assert "cell C4" in str(caught.value)


def test_that_calculated_formulas_and_faults_outside_the_tables_do_no_harm():
    rows = [["Batch", "Time (h)", "Titer (g/L)"], ["B", 0, 0.5], ["B", 24, "=1+1"]]
    data = workbook(Data=rows, Scratch=[["a note", "#DIV/0!", "=1/0"]])
    data = edited(data, "xl/worksheets/sheet1.xml", lambda text: re.sub(r"<v ?/>|<v></v>", "<v>2</v>", text))
    assert read_bytes([("w.xlsx", data)]).dataset.batches[0].offline.column("titer")[1] == 2


def test_that_the_scan_finds_faults_with_any_quotes_prefixes_and_line_breaks():
    rows = [["Batch", "Time (h)", "Titer (g/L)"], ["B", 0, "#DIV/0!"], ["B", 24, "=1+1"]]

    def awkward(text):
        text = re.sub(r"<(/?)(row|c|f|v)(?=[\s>/])", r"<\1x:\2", text).replace(
            "<worksheet ", "<worksheet xmlns:x='urn:x' "
        )
        return text.replace(' r="', "\n r='").replace('" t="e"', "' t='e'").replace("'A1\"", "'A1'")

    plain = scan_workbook("w.xlsx", workbook(Data=rows))["Data"].faults
    assert plain == {(1, 2): "#DIV/0!", (2, 2): NEVER_CALCULATED}
    odd = scan_workbook("w.xlsx", edited(workbook(Data=rows), "xl/worksheets/sheet1.xml", awkward))["Data"].faults
    assert odd == plain


def test_that_hidden_sheets_are_not_read_and_said():
    book = openpyxl.load_workbook(io.BytesIO(workbook(**campaign())))
    book["Lab"].sheet_state = "hidden"
    reading = read_bytes([("w.xlsx", saved(book))])
    assert reading.dataset.names("target") == ()
    assert any("sheet Lab: is hidden" in str(problem) for problem in reading.problems)


def test_that_files_of_both_kinds_are_read_together_and_progress_ends_at_one(tmp_path):
    fractions = []
    samples = "Batch,Time (h),Titer (g/L)\nB1,0,0\nB1,24,1\n"
    online = [["Batch", "Time (h)", "Temp (°C)"], *[["B1", h, 37 - h % 2] for h in range(30)]]
    (tmp_path / "a.csv").write_text(samples)
    (tmp_path / "b.xlsx").write_bytes(workbook(Online=online))
    reading = read_files(
        [tmp_path / "a.csv", tmp_path / "b.xlsx"], progress=Progress(lambda done, _: fractions.append(done))
    )
    assert reading.dataset.names() == ("temperature", "titer")
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_that_bytes_and_files_give_the_same(tmp_path):
    data = workbook(**campaign())
    (tmp_path / "w.xlsx").write_bytes(data)
    one, other = read_files([tmp_path / "w.xlsx"]), read_bytes([("w.xlsx", data)])
    assert one.problems == other.problems
    assert one.dataset.sources == other.dataset.sources
    np.testing.assert_array_equal(one.dataset.batches[0].online.values, other.dataset.batches[0].online.values)


def abort(_data):
    os.abort()


def eat_memory(_data):
    return len(bytearray(64 * 1024**3))


def sleep_for_long(_data):
    time.sleep(60)


def test_that_a_parser_that_aborts_costs_the_reading_alone():
    with child.parser(abort) as ask, pytest.raises(ReadingError, match=r"w.xlsx broke the reader"):
        ask("w.xlsx", b"data")()


def test_that_a_parser_that_needs_too_much_memory_or_time_is_stopped(monkeypatch):
    monkeypatch.setattr(child, "MOST_SECONDS", 20.0)
    with child.parser(eat_memory) as ask, pytest.raises(ReadingError, match=r"4 GB of memory|broke the reader"):
        ask("w.xlsx", b"data")()
    monkeypatch.setattr(child, "MOST_SECONDS", 0.1)
    begun = time.monotonic()
    with child.parser(sleep_for_long) as ask, pytest.raises(ReadingError, match=r"within 0 seconds"):
        ask("w.xlsx", b"data")()
    assert time.monotonic() - begun < 20
