"""Text tables of any size and shape: every cell stays in its row and column, quotes swallow nothing."""

import csv
import io
import itertools
import tracemalloc

import numpy as np
import pytest
from numpy.dtypes import StringDType

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.reading.sources import text
from mabdesk.data.reading.sources.content import kind_of
from mabdesk.data.reading.sources.text import read_text
from mabdesk.data.reading.values import numbers
from mabdesk.data.reading.values.cells import EMPTY, TEXT, compact_column
from mabdesk.data.reading.values.numbers import Marks, looks_like_numbers, read_numbers
from mabdesk.data.reading.values.texts import Texts
from mabdesk.errors import ReadingError
from mabdesk.progress import Progress

HEADER = "Batch,Time (h),Titer (g/L)"


def rows_of(written, encoding="utf-8"):
    grid, _ = read_text("t.csv", written.encode(encoding))
    return [tuple(column.text.get(row, "") for column in grid.columns) for row in range(grid.rows)]


def refusal(written):
    with pytest.raises(ReadingError) as caught:
        read_text("t.csv", written.encode() if isinstance(written, str) else written)
    assert caught.value.hint
    return caught.value.message


def table(rows, end="\n"):
    return end.join([HEADER, *(f"B{row % 3},{row},{row / 8}" for row in range(rows))]) + end


@pytest.mark.parametrize("at_once", [1, 3, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_cells_are_those_of_a_plain_reader_whatever_the_line_ends(monkeypatch, end, at_once):
    monkeypatch.setattr(text, "_ROWS_AT_ONCE", at_once)
    lines = [
        HEADER, "B1,0,1", "", "B1,1", "B1,2,3,extra,more", '"B,1",3,"5"" tube"', "B1,4,5\" tube",
        f'"two{end}lines",5,6', " B1 ,\u00a06,", ",,", "NA,nan,NULL", '"",7,""', "",
    ]  # fmt: skip
    written = end.join(lines)
    expected = csv.reader(io.StringIO(written, newline=""))
    columns = itertools.zip_longest(*expected, fillvalue="")
    assert rows_of(written) == [tuple(map(str.strip, row)) for row in zip(*columns, strict=True)]


def test_that_a_row_longer_than_all_before_keeps_its_cells_and_its_place():
    rows = rows_of(table(300) + "B9,1,2,a,b\n" + "B9,2\n")
    assert {len(row) for row in rows} == {5}
    assert rows[301:] == [("B9", "1", "2", "a", "b"), ("B9", "2", "", "", "")]
    assert rows[1] == ("B0", "0", "0.0", "", "")


def test_that_blank_lines_keep_the_numbers_of_rows():
    reading = read_bytes([("t.csv", f"made by X,,\n\n\n{HEADER}\nB1,0,1\n\n\nB1,24,250\n".encode())])
    assert reading.cell_of("B1", "titer", 24.0) == "t.csv, cell C8"


def test_that_the_line_that_tells_the_separator_is_no_row_of_the_table():
    rows = rows_of("sep=;\nBatch;Time (h);Titer, raw (g/L)\nB1;0;1,5\n")
    assert rows == [("", "", ""), ("Batch", "Time (h)", "Titer, raw (g/L)"), ("B1", "0", "1,5")]
    assert "says in its first line that 'a' separates columns" in refusal("sep=a\nB;1\n")


@pytest.mark.parametrize(("written", "row"), [('B1,0,"1\n', 5), ('"B1,0,1\n', 5), ('B1,0,""1"\nB1,1,"2\n', 6)])
def test_that_a_quote_that_is_never_closed_is_refused_with_its_row(written, row):
    begun = table(3)
    assert f't.csv, row {row}: a quote (") opens there and swallows the rows below it' in refusal(
        begun + written + "".join(f"B2,{hour},2\n" for hour in range(300))
    )


@pytest.mark.parametrize(
    "closing", ['B2,9,"remark"\n', 'B2,9,5"\n', '"B2",9,1\n'], ids=["a quoted cell", "inches", "a quoted id"]
)
def test_that_a_quote_closed_far_below_is_refused_with_its_row(closing):
    written = table(3) + 'B1,0,"1\n' + "B2,1,2\nB2,2,2\nB2,3,2\n" + closing + "B2,10,2\n"
    assert "row 5: a quote" in refusal(written)


def test_that_remarks_of_several_lines_are_read():
    rows = rows_of(f'{HEADER},Remark\nB1,0,1,"foam, then\nantifoam, 2 mL, twice\nand ""ok"""\nB1,1,2,\n')
    assert rows[1][3] == 'foam, then\nantifoam, 2 mL, twice\nand "ok"'
    assert rows[2][0] == "B1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_that_encodings_are_recognized_with_and_without_a_mark(encoding):
    written = "Batch\tTime (h)\tTemperature (°C)\tµ (1/d)\r\nBöhm\t0\t36,5\t0,1\r\n"
    data = written.encode(encoding)
    assert kind_of("t.txt", data) == "text"
    assert rows_of(written, encoding) == [
        ("Batch", "Time (h)", "Temperature (°C)", "µ (1/d)"),
        ("Böhm", "0", "36,5", "0,1"),
    ]


def test_that_binary_data_are_no_text_of_two_bytes():
    with pytest.raises(ReadingError, match="binary data"):
        kind_of("t.csv", np.arange(2000, dtype="<u2").tobytes())
    assert "holds binary data in line 3" in refusal(b"a,b\n1,2\n3,\x00\x00\x00\n")
    assert "cut off" in refusal("a,b\n1,2\n".encode("utf-16-le")[:-1])


def test_that_a_table_of_one_column_and_one_of_too_many_cells_are_refused(monkeypatch):
    assert "no comma, semicolon or tab" in refusal("Batch\nB1\nB2\n")
    monkeypatch.setattr(text, "MOST_CELLS", 1000)
    assert "t.csv has 402 rows and 3 columns; at most 1,000 cells are read" in refusal(table(401))


def test_that_rows_are_counted_while_they_are_read(monkeypatch):
    monkeypatch.setattr(text, "_ROWS_AT_ONCE", 100)
    heard = []
    read_text("t.csv", table(499).encode(), Progress(lambda fraction, said: heard.append((fraction, said))))
    assert heard == [(share / 5, f"{share * 100} rows") for share in range(1, 6)]


def test_that_a_cell_takes_few_bytes():
    data = table(60_000).encode()
    read_text("t.csv", table(10).encode())
    tracemalloc.start()
    grid, _ = read_text("t.csv", data)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3 * 60_000 * 25
    assert grid.rows == 60_001


def test_that_compact_texts_are_a_mapping_of_rows():
    texts = Texts(np.array(["a", "", "b", "a long text that needs room of its own"], dtype=StringDType()))
    assert list(texts) == [0, 2, 3]
    assert len(texts) == 3
    assert dict(texts) == dict(texts.items()) == {0: "a", 2: "b", 3: "a long text that needs room of its own"}
    assert list(texts.values()) == list(dict(texts).values())
    assert (2 in texts, 1 in texts, 9 in texts, texts.get(-1)) == (True, False, False, None)
    assert texts.at(np.array([3, 1])) == ["a long text that needs room of its own", ""]


@pytest.mark.parametrize("decimal", ["point", "comma", "auto"])
def test_that_columns_read_at_once_give_what_each_cell_gives(monkeypatch, decimal):
    random = np.random.default_rng(1)
    pieces = ["1", "22", "-3", "+4", "0", ",", ".", "e5", ",5", "1.", "E-3", "1,250", "1.250", "7,25", "8.5"]
    for _ in range(300):
        cells = ["".join(random.choice(pieces, random.integers(1, 3))) for _ in range(random.integers(1, 4))]
        column = compact_column(np.array(cells, dtype=StringDType()))
        marks, rows = Marks(decimal), np.arange(len(cells))
        fast, numeric = read_numbers(column, rows, marks), looks_like_numbers(column, rows)
        with monkeypatch.context() as slow:
            slow.setattr(numbers, "_at_once", lambda _texts, _comma: None)
            slow.setattr(numbers, "_all_digits", lambda _texts: False)
            each = read_numbers(column, rows, marks)
            assert looks_like_numbers(column, rows) == numeric, cells
        np.testing.assert_array_equal(fast.values, each.values, str(cells))
        for name in ("findings", "from_text", "decimal_comma"):
            assert getattr(fast, name) == getattr(each, name), cells


def test_that_many_cells_are_shown_as_one_by_one():
    grid, _ = read_text("t.csv", b"a,b\n1,\n,x\n")
    column = grid.columns[1]
    assert column.kind.tolist() == [TEXT, EMPTY, TEXT]
    assert column.shown_at(np.arange(3)) == [column.shown(row) for row in range(3)] == ["b", "", "x"]
