"""Faults 24 and 31 to 35: a million rows, mixed marks, dates, censored cells, units and ids, each by its number."""

import numpy as np
import pytest

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError
from mabdesk.progress import Progress

HEADER = "Batch;Time (h);Titer (g/L)\n"


def read(text, **options):
    return read_bytes([("data.csv", text.encode())], ReadingOptions(**options))


def refusal(text, **options):
    with pytest.raises(ReadingError) as caught:
        read(text, **options)
    return str(caught.value)


def titers(reading, batch=0):
    return reading.dataset.batches[batch].offline.column("titer").tolist()


def test_fault_24_that_a_long_table_is_read_in_pieces_with_its_rows_counted():
    rows = "".join(f"B{row // 20_000};{row % 20_000 / 100};{row % 7}.5\n" for row in range(100_000))
    heard = []
    reading = read_bytes(
        [("long.csv", (HEADER + rows).encode())], progress=Progress(listen=lambda share, text: heard.append(text))
    )
    assert sum(len(batch.online.hours) + len(batch.offline.hours) for batch in reading.dataset.batches) == 100_000
    assert any("rows" in text for text in heard)


def test_fault_31_that_mixed_decimal_marks_are_refused_with_both_readings_named():
    said = refusal(HEADER + "B1;0;1,250\nB1;24;2,500\n")
    assert "cell C2" in said
    assert "decimal or a thousands mark" in said
    assert "--decimal comma" in said
    assert "--decimal point" in said
    assert titers(read(HEADER + "B1;0;1,250\nB1;24;2,500\n", decimal="comma")) == [1.25, 2.5]


def test_fault_31_that_thousands_are_never_lost_in_silence():
    reading = read("Batch;Time (h);LDH (U/L)\nB1;0;1.234,5\nB1;24;2,25\n")
    assert reading.dataset.batches[0].offline.column("ldh").tolist() == [1234.5, 2.25]
    assert {change.rule for change in reading.changes} >= {"thousands mark removed", "decimal comma"}


def test_fault_32_that_ambiguous_dates_are_asked_and_the_answer_is_taken():
    text = "Batch;Date;Titer (g/L)\nB1;03/04/2026;1\nB1;05/04/2026;2\n"
    assert "--dates day_first" in refusal(text)
    assert read(text, dates="day_first").dataset.batches[0].offline.hours.tolist() == [0, 48]
    assert read(text, dates="month_first").dataset.batches[0].offline.hours.tolist() == [0, 61 * 24]


def test_fault_32_that_a_change_of_clocks_counts_with_a_zone_and_is_told_without_one():
    text = "Batch;Date;Titer (g/L)\nB1;2026-03-28 12:00;1\nB1;2026-03-29 12:00;2\n"
    assert read(text).dataset.batches[0].offline.hours.tolist() == [0, 24]
    assert read(text, time_zone="Europe/Berlin").dataset.batches[0].offline.hours.tolist() == [0, 23]


@pytest.mark.parametrize("text", ["<0.1", ">20", "n.d.", "LOD", "#DIV/0!"])
def test_fault_33_that_cells_without_a_number_are_kept_as_what_they_say(text):
    reading = read(HEADER + f"B1;0;1\nB1;24;{text}\nB1;48;3\n", unreadable="not_measured")
    assert titers(reading) == [1, 3]
    (change,) = [change for change in reading.changes if change.before == text]
    assert change.cell == "data.csv, cell C3"
    assert (change.batch, change.hour, change.variable) == ("B1", 24, "titer")


def test_fault_34_that_units_are_converted_when_declared_and_a_factor_of_a_thousand_is_asked():
    scales = (1, 1, 1, 1000)
    rows = "".join(f"B{i};{24 * day};{(1 + day) * scale}\n" for i, scale in enumerate(scales) for day in range(3))
    said = refusal(HEADER + rows)
    assert "B3" in said
    assert "mg/L" in said
    assert "--odd-scale keep" in said
    assert titers(read(HEADER + rows, odd_scale="keep"), 3) == [1000, 2000, 3000]
    told = read(HEADER + rows, mapping='version = 1\n[units]\n"B3: Titer (g/L)" = "mg/L"\n')
    np.testing.assert_allclose(titers(told, 3), [1, 2, 3])
    (change,) = told.changes
    assert (change.batch, change.count, change.before, change.after) == ("B3", 3, "1000", "1 g/L")


def test_fault_35_that_ids_stay_text_and_near_ones_are_pointed_out():
    rows = "".join(f"{name};{hour};1\n" for name in ("001", "1E5", "NA", "B1", "B01") for hour in (0, 24))
    reading = read(HEADER + rows)
    assert reading.dataset.ids == ("001", "1E5", "NA", "B1", "B01")
    assert any("'B1' and 'B01'" in problem.message for problem in reading.problems)
