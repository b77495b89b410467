"""Times of rows: serials and numbers that are dates, formats of text dates, labels, zones and changed clocks."""

import datetime as dt

import numpy as np
import pytest

from mabdesk.data.reading.batches.clock import at_offset, read_clock
from mabdesk.data.reading.files import read_bytes
from mabdesk.data.reading.headers.headings import heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import Grid, column_of
from mabdesk.data.reading.values.zones import fixed_clock, odd_steps, zone_of
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError

H = 3600.0


def clock_of(header, cells, groups=None, **options):
    """Read one column of times; texts as a text file has them, all else as a workbook has it."""
    texts = all(isinstance(cell, str) for cell in cells)
    column = column_of([None, *cells])
    found = heading(0, header)
    grid = Grid("t.csv", "", (column,), from_text=texts)
    block = Block(grid, 0, (found,), np.arange(1, len(cells) + 1))
    return read_clock(block, [found], ReadingOptions(**options), groups)


def hours(clock):
    assert clock.kind == "stamps", clock.problems
    assert not [problem for problem in clock.problems if problem.severity == "error"]
    return ((clock.values - clock.values[0]) / H).tolist()


def faults(clock):
    return " ".join(str(problem) for problem in clock.problems if problem.severity == "error")


def text_of(seconds):
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Date", [46110.25, 46111.75]), ("Date", [46110, 46111.5]), ("Time", [46110.25, 46111.75]),
        ("Datum", ["46110,25", "46111,75"]), ("Date", ["46110.25", "46111.75"]),
    ],
)  # fmt: skip
def test_that_serials_are_dates_of_the_1900_calendar_with_a_warning_and_a_change(header, cells):
    clock = clock_of(header, cells)
    assert hours(clock) == [0.0, 36.0]
    assert text_of(clock.values[0]).startswith("2026-03-29")
    (problem,) = [problem for problem in clock.problems if problem.severity == "warning"]
    assert "2026-03-29" in problem.message
    assert "46110" in problem.message
    (change,) = clock.changes
    assert (change.rule, change.count) == ("number read as a date", 2)
    assert (change.cell, change.after[:10]) == ("t.csv, cell A2", "2026-03-29")


@pytest.mark.parametrize("cells", [[20240212.0, 20240214.0], ["20240212.0", "20240214.0"], ["20240212", "20240214"]])
def test_that_numbers_that_write_a_date_are_dates(cells):
    clock = clock_of("Date", cells)
    assert hours(clock) == [0.0, 48.0]
    assert text_of(clock.values[0]) == "2024-02-12 00:00"


@pytest.mark.parametrize(("header", "cells"), [("Time (h)", [46110.5, 46111.5]), ("Time", [46110, 46111])])
def test_that_numbers_that_may_be_something_else_are_no_dates(header, cells):
    clock = clock_of(header, cells)
    assert clock.kind == "none"
    assert "46110" in faults(clock)


def test_that_numbers_that_write_no_date_are_refused_in_a_date_column():
    assert "20241399" in faults(clock_of("Date", [20241399.0, 20241400.0]))


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (("12.03.24 08:00", "13.03.24 08:00"), "2024-03-12 08:00"),
        (("12.03.71", "13.03.71"), "1971-03-12 00:00"),
        (("12/03/24", "13/03/24"), "2024-03-12 00:00"),
        (("12-Mar-2024", "13-Mar-2024"), "2024-03-12 00:00"),
        (("12-Mar-24", "13-Mar-24"), "2024-03-12 00:00"),
        (("12. März 2024", "13. März 2024"), "2024-03-12 00:00"),
        (("12 décembre 2024", "13 déc. 2024"), "2024-12-12 00:00"),
        (("12 juil. 2024 08h30", "13 juillet 2024 08h30"), "2024-07-12 08:30"),
        (("Mar 12, 2024", "March 13, 2024"), "2024-03-12 00:00"),
        (("2026-03-01T08:00:00.000Z", "2026-03-02T08:00:00.000Z"), "2026-03-01 08:00"),
        (("12.03.2024 12:30 PM", "13.03.2024 12:30 PM"), "2024-03-12 12:30"),
    ],
)
def test_that_text_dates_are_read_in_many_forms(cells, first):
    clock = clock_of("Date", cells)
    assert hours(clock) == [0.0, 24.0]
    assert text_of(clock.values[0]) == first


@pytest.mark.parametrize("cells", [("03/04/24", "04/04/24"), ("24-03-12", "24-03-13"), ("24/03/12", "24/03/13")])
def test_that_unclear_dates_with_short_years_are_asked(cells):
    assert "choose --dates day_first or --dates month_first" in faults(clock_of("Date", cells))


def test_that_a_name_of_two_months_is_none():
    assert "no date" in faults(clock_of("Date", ("12 jui 2024", "13 jui 2024")))


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Time", ("Day 0", "Day 3"), [0, 72]), ("Sample", ("D0", "D1"), [0, 24]), ("Time", ("d 0", "d 3"), [0, 72]),
        ("Time", ("0 h", "48 h"), [0, 48]), ("Zeit", ("Tag 0", "Tag 3,5"), [0, 84]), ("Temps", ("J0", "J2"), [0, 48]),
        ("Day", ("Day 0", "Day 3"), [0, 72]), ("Time", ("0 d 00:00", "1 d 02:00"), [0, 26]),
        ("Time", ("0d 0h", "3d 4h"), [0, 76]), ("Time (h)", ("0 h", "48 h"), [0, 48]),
    ],
)  # fmt: skip
def test_that_labels_and_spans_are_hours(header, cells, expected):
    clock = clock_of(header, cells)
    assert clock.kind == "hours"
    assert clock.values.tolist() == expected


def test_that_labels_that_differ_or_contradict_the_header_are_faults():
    mixed = clock_of("Time", ("Day 0", "Day 1", "48 h"))
    assert "cell A4" in faults(mixed)
    assert "counts in h and its cells in d" in faults(clock_of("Time (h)", ("Day 0", "Day 1")))


def test_that_times_of_day_need_a_date():
    assert "without a date" in faults(clock_of("Time", ("12:30 PM", "1:30 PM")))
    text = "Batch,Date,Time,Titer (g/L)\nB1,2026-03-12,11:30 AM,0\nB1,2026-03-13,1:00 PM,1\n"
    assert read_bytes([("d.csv", text.encode())]).dataset.batches[0].duration == 25.5


def test_that_offsets_make_times_absolute_on_the_clock_of_the_first():
    clock = clock_of("Time stamp", ("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29T02:30:00Z"))
    assert hours(clock) == [0.0, 1.0, 2.0]
    assert text_of(clock.values[0]) == "2026-03-29 01:30"
    assert clock.offset == H
    assert text_of(at_offset(clock, 0.0).values[0]) == "2026-03-29 00:30"
    assert "only some" in faults(clock_of("Time stamp", ("2026-03-29 01:30+01:00", "2026-03-29 03:30")))


def test_that_a_zone_gives_the_hours_that_passed_and_one_clock_for_all_tables():
    spring = clock_of("Date", ("2026-03-28 12:00", "2026-03-29 12:00"), time_zone="Europe/Berlin")
    autumn = clock_of("Date", ("2026-10-24 12:00", "2026-10-25 12:00"), time_zone="Europe/Berlin")
    assert (hours(spring), hours(autumn)) == ([0.0, 23.0], [0.0, 25.0])
    dates = [dt.datetime.fromisoformat(text) for text in ("2026-03-28 12:00", "2026-03-29 12:00")]
    utc = clock_of("Date", ("2026-03-28T11:00Z", "2026-03-29T10:00Z"), time_zone="Europe/Berlin")
    for other in (clock_of("Date", dates, time_zone="Europe/Berlin"), utc):
        np.testing.assert_array_equal(other.values, spring.values)


def test_that_a_stamp_that_no_clock_showed_is_a_fault_with_its_cell():
    clock = clock_of("Date", ("2026-03-29 01:30", "2026-03-29 02:30"), time_zone="Europe/Berlin")
    text = faults(clock)
    assert "cell A3: 2026-03-29 02:30:00 does not exist in Europe/Berlin: clocks went from 02:00 to 03:00" in text


def test_that_an_hour_that_happened_twice_is_told_apart_by_the_order_of_a_batchs_rows():
    one = ["2026-10-25 01:30", "2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 02:00", "2026-10-25 02:30"]
    one.append("2026-10-25 03:00")
    passed = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert hours(clock_of("Date", one, time_zone="Europe/Berlin")) == passed
    both = [stamp for stamp in one for _ in "AB"]
    clock = clock_of("Date", both, groups=["A", "B"] * len(one), time_zone="Europe/Berlin")
    assert hours(clock)[::2] == hours(clock)[1::2] == passed


@pytest.mark.parametrize("stamps", [("02:30",), ("01:30", "02:30", "03:30"), ("02:30", "02:00", "02:30", "02:00")])
def test_that_a_repeated_hour_is_a_fault_where_the_order_does_not_tell(stamps):
    clock = clock_of("Date", [f"2026-10-25 {stamp}" for stamp in stamps], time_zone="Europe/Berlin")
    assert "happened twice in Europe/Berlin" in faults(clock)
    assert "+02:00 or +01:00" in faults(clock)


def test_that_an_unknown_zone_is_refused_with_those_that_are_near():
    with pytest.raises(ReadingError, match=r"'Berlin' is no time zone.*") as caught:
        clock_of("Date", ("2026-03-28", "2026-03-29"), time_zone="Berlin")
    assert "Europe/Berlin" in caught.value.hint
    with pytest.raises(ReadingError, match="Europe/Berlin"):
        zone_of("Europe/Berln")
    with pytest.raises(ReadingError):
        zone_of("../../etc/passwd")


@pytest.mark.parametrize(
    ("day", "steps"), [("2026-10-25", (1.75, 2.0, 2.25, 2.5, 2.75, 2.0, 2.25)), ("2026-11-01", (1.5, 1.75, 1.0, 1.25))]
)
def test_that_a_clock_that_goes_back_on_a_change_day_is_a_warning_that_names_the_zone(day, steps):
    cells = [dt.datetime.fromisoformat(day) + dt.timedelta(hours=step) for step in steps]
    (problem,) = [p for p in clock_of("Date", cells).problems if p.severity == "warning"]
    assert "--time-zone" in problem.message
    ordinary = [cell + dt.timedelta(days=3) for cell in cells]
    assert not clock_of("Date", ordinary).problems


def test_that_a_skipped_hour_on_a_change_day_is_a_warning_in_rows_that_are_dense():
    base = dt.datetime.fromisoformat("2026-03-29 01:00")
    cells = [base + dt.timedelta(minutes=15 * step) for step in (0, 1, 2, 3, 8, 9, 10)]
    assert any("skip an hour" in problem.message for problem in clock_of("Date", cells).problems)
    back, skips = odd_steps(np.arange(50) * 24 * H)
    assert (back, skips) == ([], [])


def test_that_a_million_stamps_of_a_zone_take_no_time_worth_naming():
    local = np.arange(1_000_000) * 60.0 + 1_770_000_000
    fixed, found = fixed_clock(local, zone_of("Europe/Berlin"), None)
    assert len(found) > 0  # the hour that is missing in spring
    assert np.isfinite(fixed).sum() == len(local) - len(found)
