"""Files that are broken, hostile or something else: each a sentence, in bounded time."""

import io
import struct
import subprocess
import sys
import time
import zipfile

import openpyxl
import pytest

from mabdesk.data.reading.files import read_bytes, read_files
from mabdesk.errors import ReadingError

HEADER = ["Batch", "Time (h)", "Titer (g/L)"]


def workbook(rows=None):
    book = openpyxl.Workbook()
    book.active.title = "Offline"
    for row in rows or [HEADER, ["B1", 0, 0.1], ["B1", 24, 0.5]]:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rebuilt(extra=(), replaced=None):
    """Give a workbook with further members, or with members replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, (replaced or {}).get(info.filename, old.read(info)))
        for name, content in extra:
            new.writestr(name, content)
    return stream.getvalue()


def sheet(cells):
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{cells}</sheetData></worksheet>"
    )


def refusal(data, name="w.xlsx"):
    begun = time.monotonic()
    with pytest.raises(ReadingError) as caught:
        read_bytes([(name, data)])
    assert time.monotonic() - begun < 20
    assert name in caught.value.message
    assert caught.value.hint
    return str(caught.value)


def test_that_a_missing_file_and_a_folder_are_said_together(tmp_path):
    with pytest.raises(ReadingError) as caught:
        read_files([tmp_path / "none.xlsx", tmp_path])
    assert "none.xlsx does not exist" in str(caught.value)
    assert f"{tmp_path} is a folder" in str(caught.value)


def test_that_a_file_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(workbook())

    def refuse(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(ReadingError, match=r"locked\.xlsx may not be read: it is locked"):
        read_files([path])


def test_fault_20_that_unsafe_archives_are_refused():
    assert "unsafe name" in refusal(rebuilt([("../evil.xml", "x")]))
    assert "unsafe name" in refusal(rebuilt([("/etc/evil", "x")]))
    assert "unsafe name" in refusal(rebuilt([("xl/CON.xml", "x")]))
    assert "same name" in refusal(rebuilt([("xl/Workbook.xml", "x")]))
    link = zipfile.ZipInfo("xl/link")
    link.external_attr = 0o120777 << 16
    assert "unsafe name" in refusal(rebuilt([(link, "/etc/passwd")]))
    assert "zip bomb" in refusal(rebuilt([("xl/media/image1.png", b"\x00" * 50_000_000)]))
    assert "at most 2000" in refusal(rebuilt([(f"xl/x{number}", "") for number in range(2000)]))


def test_fault_20_that_declared_sizes_are_bounded():
    data = bytearray(rebuilt())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 0xF0000000)
    assert "unpacks to" in refusal(bytes(data))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_fault_21_that_entities_are_refused(part):
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        there = part in archive.namelist()
    data = rebuilt(replaced={part: bomb}) if there else rebuilt([(part, bomb)])
    assert "forbidden XML" in refusal(data)


def test_fault_21_that_xml_in_another_encoding_is_refused():
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE l [<!ENTITY a "a">]><worksheet/>'.encode("utf-16")
    assert "not written in UTF-8" in refusal(rebuilt(replaced={"xl/worksheets/sheet1.xml": bomb}))


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    ],
)
def test_fault_21b_that_a_stray_far_cell_is_refused_with_its_name(cells):
    text = refusal(rebuilt(replaced={"xl/worksheets/sheet1.xml": sheet(cells)}))
    assert "sheet Offline reaches to cell XFD1048576" in text


def test_fault_21b_that_a_far_cell_hidden_from_the_scan_breaks_the_reader_alone():
    cells = '<row r="1"><c r="A1"><v>1</v></c><c  r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(ReadingError):
        read_bytes([("w.xlsx", rebuilt(replaced={"xl/worksheets/sheet1.xml": sheet(cells)}))])


def test_fault_21b_that_a_huge_text_is_refused():
    cells = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"a" * 40_000}</t></is></c></row>'
    assert "more than 32,767 characters" in refusal(rebuilt(replaced={"xl/worksheets/sheet1.xml": sheet(cells)}))
    huge = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"a" * 60_000_000}</t></is></c></row>'
    assert "refused" in refusal(rebuilt(replaced={"xl/worksheets/sheet1.xml": sheet(huge)}))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_fault_22_that_a_truncated_workbook_is_refused(share):
    data = workbook()
    assert "incomplete or damaged" in refusal(data[: int(len(data) * share)])


def test_fault_22_that_damaged_bytes_inside_are_refused():
    data = bytearray(workbook())
    start = data.find(b"xl/worksheets/sheet1.xml") + 60
    data[start : start + 40] = bytes(40)
    assert "incomplete or damaged" in refusal(bytes(data))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("w.xlsx", b"", "is empty (0 bytes)"),
        ("w.csv", b"\n\n  \n", "is empty"),
        ("w.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        ("w.xls", OLE, "old Excel format (.xls)"),
        ("w.xlsx", OLE, "old Excel format (.xls)"),
        ("w.xls", b"<html><table><tr><td>Batch</td></tr></table></html>", "HTML page"),
        ("w.xls", b"<?xml version='1.0'?><Workbook/>", "XML file"),
        ("w.xlsx", b"%PDF-1.7 ...", "PDF document"),
        ("w.csv", b"\x89PNG\r\n", "picture"),
        ("w.mabdesk", b"SQLite format 3\x00", "project"),
        ("w.csv", bytes(range(256)) * 4, "binary data"),
        ("w.csv", b"just one column\n1\n2\n", "no comma, semicolon or tab"),
    ],
)
def test_fault_23_that_other_kinds_of_files_are_told_by_their_contents(name, data, sentence):
    assert sentence in refusal(data, name)


def test_fault_23_that_other_archives_are_told():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert "OpenDocument" in refusal(stream.getvalue(), "w.ods")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "without a workbook" in refusal(stream.getvalue())


def test_fault_23_that_a_text_table_named_as_a_workbook_is_read_and_said():
    reading = read_bytes([("w.xlsx", b"Batch,Time (h),Titer (g/L)\nB1,0,0.1\nB1,24,0.5\n")])
    assert reading.dataset.ids == ("B1",)
    assert any("is a text table" in str(problem) for problem in reading.problems)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["Run date", "Remark"], ["x", "y"]], "no table of measurements"),
        ([["Batch", "Cell line"], ["B1", "A"]], "no table of measurements"),
        ([["Time (h)", "Titer (g/L)"], [0, 1], [24, 2]], "no batch column"),
        ([["Batch", "Titer (g/L)"], ["B1", 1], ["B1", 2]], "no time column"),
        ([["Batch", "Time (h)", "pH", "pH"], ["B1", 0, 7, 7]], "stands more than once"),
        ([["Batch", "Time (h)", "Glucose (g/L)", "Glc (mM)"], ["B1", 0, 7, 7]], "both read as glucose"),
        ([HEADER, ["B1", 0, "abc"], ["B1", 1, 1], ["B1", 2, 1]], "sheet Offline, cell C2: holds text, 'abc'"),
        ([HEADER, ["B1", None, 1], ["B1", 24, 1]], "sheet Offline, cell B2: the row has values but no time"),
        ([HEADER, [None, 0, 1], ["B1", 24, 1]], "sheet Offline, cell A2: the row has values but no batch"),
        ([HEADER, ["B1", 0, 1], ["B1", 0, 2]], "cell C3: batch B1 has two values of titer at 0 h"),
        ([HEADER], "no table of measurements"),
        ([], "no table of measurements"),
    ],
)
def test_that_what_a_table_lacks_is_said_with_its_place(rows, sentence):
    assert sentence in refusal(workbook(rows or [[None]]))


def test_fault_36_that_overlapping_files_are_refused_and_copies_read_once():
    first = b"Batch,Time (h),Titer (g/L)\nB1,0,0.1\nB1,24,0.5\n"
    second = b"Batch,Time (h),Titer (g/L)\nB1,36,0.7\nB2,0,0.1\nB2,24,0.4\n"
    with pytest.raises(ReadingError) as caught:
        read_bytes([("a.csv", first), ("b.csv", second)])
    assert "b.csv: holds titer of batches that a.csv holds too (B1)" in str(caught.value)
    reading = read_bytes([("a.csv", first), ("copy.csv", first)])
    assert reading.dataset.ids == ("B1",)
    assert any("same contents as a.csv" in str(problem) for problem in reading.problems)


def test_that_no_file_is_a_sentence():
    with pytest.raises(ReadingError, match="No file"):
        read_bytes([])


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("mabdesk.data.reading.files", ("pandas", "keras", "tensorflow", "openpyxl")),
        ("mabdesk.data.settings, mabdesk.data.batch, mabdesk.data.imported", ("pint", "pandas", "python_calamine")),
        ("mabdesk.data.reading.sources.workbook", ("pint", "pandas", "scipy")),
    ],
)
def test_that_reading_loads_no_more_than_it_needs(modules, heavy):
    code = f"import {modules}, sys; print(set({heavy!r}) & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
