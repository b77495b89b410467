"""What looks wrong is asked or listed by its cell: odd scales, suspicious values, rows left out."""

import pytest

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError


def read(rows, header="Batch,Time (h),Titer (g/L)", **options):
    return read_bytes([("d.csv", "\n".join([header, *rows]).encode())], ReadingOptions(**options))


def titers(**middles):
    return [
        f"{batch},{hour},{middle * (1 + hour / 240):g}" for batch, middle in middles.items() for hour in (0, 24, 48)
    ]


def warnings(reading):
    return [str(problem) for problem in reading.problems if problem.severity == "warning"]


def refusal(rows, header="Batch,Time (h),Titer (g/L)"):
    with pytest.raises(ReadingError) as caught:
        read(rows, header)
    return str(caught.value)


def test_that_a_batch_on_a_scale_of_a_thousand_is_asked_with_both_readings_and_what_to_choose():
    text = refusal(titers(B1=3, B2=2.9, B12=3000))
    assert "d.csv, cell C8: B12: titer 3,300 g/L is about 1000 times the others'" in text
    assert "is B12 in mg/L?" in text
    assert '--unit "B12: Titer=mg/L"' in text
    assert "--odd-scale keep" in text


def test_that_the_units_own_name_is_asked_where_a_column_in_another_unit_holds_it():
    text = refusal(titers(B1=300, B2=310, B3=0.3), "Batch,Time (h),Titer (mg/L)")
    assert "B3: titer 0.00033 g/L (0.33 mg/L in the file) is about 1/1000 of the others'" in text
    assert '--unit "B3: Titer=g/L"' in text


def test_that_two_batches_are_held_against_each_other_and_both_are_named():
    text = refusal(titers(B1=3, B2=3000))
    assert "B2: titer 3,300 g/L is about 1000 times the 3.3 g/L of B1: is B2 in mg/L?" in text


def test_that_an_odd_scale_is_kept_with_a_warning_where_the_user_says_so():
    reading = read(titers(B1=3, B2=2.9, B12=3000), odd_scale="keep")
    assert any("B12: titer 3,300 g/L is about 1000 times" in text for text in warnings(reading))


def test_that_what_grows_with_the_vessel_is_a_warning_only():
    header = "Batch,Time (h),Culture volume (L)"
    reading = read(titers(B1=2, B2=2.1, B3=2000), header)
    assert any("B3: culture volume 2,200 L is about 1000 times" in text for text in warnings(reading))


@pytest.mark.parametrize(("ratio", "said"), [(10, True), (105, True), (0.1, True), (5, False), (30, False)])
def test_that_factors_of_ten_and_hundred_are_warnings_where_the_others_agree(ratio, said):
    reading = read(titers(B1=0.2, B2=0.22, B3=0.2 * ratio))
    assert any("check its dilution" in text for text in warnings(reading)) is said


def test_that_factors_of_ten_mean_nothing_where_the_others_differ():
    assert not any("dilution" in text for text in warnings(read(titers(B1=0.02, B2=0.2, B3=2))))


def test_that_every_suspicious_cell_is_listed_with_its_text_and_place():
    rows = [f"B1,{24 * day},{value}" for day, value in enumerate(["1000", "2000", "99000", "3000", "-5"])]
    reading = read(rows, "Batch,Time (h),Titer (mg/L)")
    changes = [change for change in reading.changes if change.rule.startswith("suspicious")]
    assert [(c.rule, c.before, c.after, c.batch, c.hour, c.cell, c.count) for c in changes] == [
        ("suspicious: outside 0 to 30 g/L, kept", "99000", "99", "B1", 48.0, "d.csv, cell C4", 1),
        ("suspicious: outside 0 to 30 g/L, kept", "-5", "-0.005", "B1", 96.0, "d.csv, cell C6", 1),
    ]
    assert any("2 values of Titer lie outside" in text for text in warnings(reading))


def test_that_a_column_that_is_suspicious_as_a_whole_is_one_change():
    reading = read([f"B1,{24 * day},{value}" for day, value in enumerate([100, 200, 300, 4])])
    (change,) = [change for change in reading.changes if change.rule.startswith("suspicious")]
    assert (change.count, change.batch, change.before) == (3, "", "100")


def test_that_each_row_before_inoculation_and_each_repeat_is_a_change_with_its_values():
    header = "Batch,Time (h),Titer (g/L),Glucose (g/L)"
    reading = read(["B1,-48,9,5", "B1,-24,8,", "B1,0,1,6", "B1,24,2,5", "B1,24,2,5"], header)
    assert [(c.rule, c.hour, c.cell, c.before, c.count) for c in reading.changes] == [
        ("duplicate row: kept once", 24.0, "d.csv, cell A6", "2; 5", 2),
        ("row before inoculation left out", -48.0, "d.csv, row 2", "9; 5", 2),
        ("row before inoculation left out", -24.0, "d.csv, row 3", "8", 1),
    ]
