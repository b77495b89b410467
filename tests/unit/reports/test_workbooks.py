"""The campaign's workbook and the template: what a site would send, read back, and faults of the path."""

import datetime as dt
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from mabdesk.data.batch import EMPTY, Batch, Dataset, Event, Measurements, Variable
from mabdesk.data.reading.files import read_files
from mabdesk.errors import OptionsError, ReadingError
from mabdesk.reports.workbooks import write_campaign, write_template
from mabdesk.virtual_plant.campaign import campaign


@pytest.fixture(scope="module")
def three():
    return campaign(3, seed=2).dataset


@pytest.fixture(scope="module")
def written(three, tmp_path_factory):
    return write_campaign(three, tmp_path_factory.mktemp("campaign") / "W.xlsx")


def rows(path, sheet):
    book = openpyxl.load_workbook(path, read_only=True)
    found = list(book[sheet].values)
    book.close()
    return [(*row, *[None] * (len(found[0]) - len(row))) for row in found]  # trailing empty cells are not in the file


def test_that_the_workbook_says_plainly_that_it_is_simulated(written):
    book = openpyxl.load_workbook(written, read_only=True)
    assert book.sheetnames == ["About", "Batches", "Online", "Offline", "Events"]
    book.close()
    assert rows(written, "About")[0][0].startswith("SIMULATED DATA")


def test_that_headers_carry_units_and_times_are_dates(written, three):
    online, offline = rows(written, "Online"), rows(written, "Offline")
    assert online[0][:4] == ("Batch ID", "Time stamp", "Temperature (°C)", "pH")
    assert {"Lactate (mM)", "Titer (mg/L)", "Glucose (g/L)", "Aggregates (%)"} <= set(offline[0])
    assert any("1e6 cells/mL" in title for title in offline[0])
    assert len(online) == 1 + 3 * 1345
    start = dt.datetime.fromisoformat(three.batches[0].tags["start"])
    assert online[1][:2] == (three.ids[0], start)
    assert online[2][1] - start == dt.timedelta(minutes=15)
    batches = rows(written, "Batches")
    assert "Temperature after shift (°C)" in batches[0]
    assert batches[1][batches[0].index("Start time")] == start
    titer = offline[0].index("Titer (mg/L)")
    measured = [row[titer] for row in offline[1:] if row[0] == three.ids[0] and row[titer] is not None]
    assert measured == pytest.approx(three.batches[0].offline.measured("titer")[1] * 1000)


def test_that_reading_gives_the_same_batches_back(written, three):
    reading = read_files([written])
    assert [p for p in reading.problems if p.severity != "note"] == []
    back = reading.dataset
    assert back.ids == three.ids
    assert [(v.name, v.unit, v.role) for v in back.variables] == [(v.name, v.unit, v.role) for v in three.variables]
    for mine, theirs in zip(three.batches, back.batches, strict=True):
        assert theirs.setpoints == mine.setpoints
        assert theirs.tags["scale"] == mine.tags["scale"]
        assert [event.kind for event in theirs.events] == [event.kind for event in mine.events]
        assert [event.text for event in theirs.events] == [event.text for event in mine.events]
        for table, other in ((mine.online, theirs.online), (mine.offline, theirs.offline)):
            for name in table.names:
                hours, values = table.measured(name)
                assert other.measured(name)[0] == pytest.approx(hours, abs=1e-4)
                assert other.measured(name)[1] == pytest.approx(values, abs=1e-6)


def test_that_the_same_campaign_gives_the_same_bytes(written, three, tmp_path):
    assert write_campaign(three, tmp_path / "again.xlsx").read_bytes() == written.read_bytes()
    assert write_template(tmp_path / "a.xlsx").read_bytes() == write_template(tmp_path / "b.xlsx").read_bytes()


def odd_batches():
    texts = ('=cmd|" /C calc"!A0', "#N/A", "001", "+1", "@x", "a\x07b")
    offline = Measurements(("titer",), [0.0, 24.0], [[np.nan], [1.5]])
    variables = (Variable("titer", "g/L", "target", label="Titer"), Variable("odd", "furlong", "offline"))
    batches = tuple(Batch(text, EMPTY, offline, (Event(1.0, text, text),), {}, {"operator": text}) for text in texts)
    return texts, Dataset(variables, batches)


def test_that_text_stays_text_whatever_it_looks_like(tmp_path):
    texts, dataset = odd_batches()
    path = write_campaign(dataset, tmp_path / "odd.xlsx")
    book = openpyxl.load_workbook(path)
    wanted = [*texts[:-1], "a\ufffdb"]
    assert [row[0].value for row in book["Batches"].iter_rows(min_row=2)] == wanted
    for sheet in ("Batches", "Offline", "Events"):
        assert {row[0].data_type for row in book[sheet].iter_rows(min_row=2)} == {"s"}
    assert [row[0].value for row in book["Offline"].iter_rows(min_row=2)] == [text for text in wanted for _ in range(2)]
    assert [row[2].value for row in book["Offline"].iter_rows(min_row=2)] == [None, 1500] * len(wanted)
    assert [row[3].value for row in book["Events"].iter_rows(min_row=2)] == wanted
    book.close()


def test_that_without_start_times_the_hours_are_written(tmp_path):
    _, dataset = odd_batches()
    path = write_campaign(dataset, tmp_path / "odd.xlsx")
    offline = rows(path, "Offline")
    assert offline[0] == ("Batch ID", "Time (h)", "Titer (mg/L)", "Odd (furlong)")
    assert offline[1][1:] == (0, None, None)
    assert offline[2][1:] == (24, 1500, None)
    assert rows(path, "Batches")[0][:4] == ("Batch ID", "Cell line", "Scale", "Operator")


def test_that_many_columns_are_possible(tmp_path):
    names = [f"v{i}" for i in range(60)]
    table = Measurements(names, [0.0], [np.arange(60.0)])
    dataset = Dataset(tuple(Variable(n, "", "offline") for n in names), (Batch("B", EMPTY, table),))
    assert rows(write_campaign(dataset, tmp_path / "wide.xlsx"), "Offline")[1][2:] == tuple(range(60))


def test_that_the_template_reads_without_complaint_but_for_the_missing_batches(tmp_path):
    path = write_template(tmp_path / "T.xlsx")
    with pytest.raises(ReadingError) as caught:
        read_files([path])
    errors = [p for p in caught.value.problems if p.severity != "note"]
    assert len(errors) == 1
    assert "holds no table of measurements" in str(errors[0])


def test_that_a_filled_in_template_is_read_whole(tmp_path):
    path = write_template(tmp_path / "T.xlsx")
    book = openpyxl.load_workbook(path)
    start = dt.datetime.fromisoformat("2026-03-02T09:00")
    for batch in ("001", "002"):
        for sheet, step, count in (("Online", 0.25, 97), ("Offline", 24, 2)):
            for k in range(count):
                when = start + dt.timedelta(hours=step * k)
                width = book[sheet].max_column - 2
                book[sheet].append([batch, when, *[middle(book[sheet].cell(1, c + 3).value) for c in range(width)]])
        width = book["Batches"].max_column - 4
        own = [middle(book["Batches"].cell(1, c + 5).value) for c in range(width)]
        book["Batches"].append([batch, "A", "200 L", start, *own])
        book["Events"].append([batch, start, "inoculation", ""])
    book.save(path)
    reading = read_files([path])
    assert [p for p in reading.problems if p.severity == "error"] == []
    assert reading.dataset.ids == ("001", "002")
    assert len(reading.dataset.batches[0].setpoints) == 10
    assert len(reading.dataset.names("online", "offline", "target", "quality")) == 18


def middle(title):
    plausible = {"Temp": 36.5, "pH": 7.0, "Osmo": 330, "Viab": 95, "Diss": 40, "Feed start": 3, "Feed volume": 0.04}
    return next((value for start, value in plausible.items() if title.startswith(start)), 5.0)


def test_that_the_template_guides_and_checks(tmp_path):
    book = openpyxl.load_workbook(write_template(tmp_path / "T.xlsx"))
    assert book.sheetnames == ["How to fill in", "Batches", "Online", "Offline", "Events"]
    guide = [row[0].value or "" for row in book["How to fill in"].iter_rows()]
    assert any("Titer in g/L" in line for line in guide)
    checks = book["Offline"].data_validations.dataValidation
    assert len(checks) == book["Offline"].max_column - 2
    lists = [check for check in book["Events"].data_validations.dataValidation if check.type == "list"]
    assert "temperature shift" in lists[0].formula1
    assert {len(row) for row in book["Offline"].iter_rows(min_row=2)} <= {0}


@pytest.mark.parametrize("name", ["missing/W.xlsx", "file/W.xlsx", "W.csv", "W", "folder.xlsx"])
def test_that_impossible_places_are_refused_with_nothing_left(name, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.xlsx").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for write in (lambda path: write_campaign(Dataset((), ()), path), write_template):
        with pytest.raises(OptionsError) as caught:
            write(tmp_path / name)
        assert caught.value.hint
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("broken", ["write_bytes", "replace"])
def test_that_a_folder_that_refuses_leaves_the_old_file_as_it_was(broken, tmp_path, monkeypatch):
    path = tmp_path / "W.xlsx"
    path.write_bytes(b"old")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, broken, refuse)
        with pytest.raises(OptionsError, match="Permission denied") as caught:
            write_template(path)
    assert "Excel" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_folder_without_write_access_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("mabdesk.reports.saving.os.access", lambda *_: False)
    monkeypatch.setattr("mabdesk.reports.workbooks._template_book", lambda: pytest.fail("worked for nothing"))
    with pytest.raises(OptionsError, match="cannot be written to"):
        write_template(tmp_path / "T.xlsx")


def test_that_a_stop_in_the_middle_leaves_nothing(tmp_path, monkeypatch, three):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mabdesk.reports.workbooks.measured_rows", stop)
    with pytest.raises(KeyboardInterrupt):
        write_campaign(three, tmp_path / "W.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_that_the_file_is_a_sound_zip(written):
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(2024, 1, 1, 0, 0, 0)}
