"""Text tables into datasets: layouts, times, numbers, ids. The same code reads a workbook's sheets."""

import numpy as np
import pytest

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError


def read(text, *, name="data.csv", encoding="utf-8", **options):
    return read_bytes([(name, text.encode(encoding))], ReadingOptions(**options))


def refusal(text, **options):
    with pytest.raises(ReadingError) as caught:
        read(text, **options)
    return str(caught.value)


def messages(reading, *severities):
    return [str(problem) for problem in reading.problems if problem.severity in (severities or ("warning",))]


def offline(rows, header="Batch,Time (h),Titer (g/L)"):
    return "\n".join([header, *rows])


def test_that_canonical_values_roles_and_hours_come_out():
    reading = read(
        "Batch,Day,VCD (1e5 cells/mL),Glucose (mM),NH3 (mg/L),Titer (mg/L)\n"
        "B1,0,5,10,17.031,0\nB1,1,10,20,34.062,250\nB2,0,6,11,0,0\nB2,2,12,5.5,17.031,500\n"
    )
    data = reading.dataset
    assert data.ids == ("B1", "B2")
    assert data.names("offline") == ("vcd", "glucose", "ammonia")
    assert data.names("target") == ("titer",)
    first, second = data.batches
    np.testing.assert_array_equal(first.offline.hours, [0.0, 24.0])
    np.testing.assert_allclose(first.offline.column("vcd"), [0.5, 1.0])
    np.testing.assert_allclose(first.offline.column("glucose"), [1.80156, 3.60312])
    np.testing.assert_allclose(first.offline.column("ammonia"), [1.0, 2.0])
    np.testing.assert_allclose(second.offline.column("titer"), [0.0, 0.5])


def test_that_a_converted_column_is_one_change_with_count_and_example():
    reading = read(offline(["B1,0,0", "B1,24,250", "B2,0,"], "Batch,Time (h),Titer (mg/L)"))
    (change,) = reading.changes
    assert (change.rule, change.variable, change.count) == ("unit converted", "titer", 2)
    assert (change.cell, change.before, change.after) == ("data.csv, cell C2", "0 mg/L", "0 g/L")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_that_encodings_and_separators_are_found(encoding, separator):
    text = "Batch,Time (h),Temperature (°C)\nB1,0,36.5\nB1,1,36.6\n".replace(",", separator)
    reading = read(text, encoding=encoding)
    np.testing.assert_allclose(reading.dataset.batches[0].online.column("temperature"), [36.5, 36.6])


@pytest.mark.parametrize(
    ("ids", "expected"), [(("001", "1E5", "NA"), ("001", "1E5", "NA")), (("1", "01", "null"), ("1", "01", "null"))]
)
def test_that_batch_ids_stay_the_text_that_they_are(ids, expected):
    reading = read(offline([f"{batch},{hour},1" for batch in ids for hour in (0, 24)]))
    assert reading.dataset.ids == expected


def test_that_ids_that_look_alike_are_pointed_out():
    reading = read(offline([f"{batch},{hour},1" for batch in ("B1", "B01", "b-1", "B2") for hour in (0, 24)]))
    assert reading.dataset.ids == ("B1", "B01", "b-1", "B2")
    assert len([text for text in messages(reading) if "are they the same" in text]) == 2


def test_that_title_rows_above_and_a_unit_row_below_the_header_are_understood():
    reading = read("Site A;;\nexported 2026;;\n\nBatch;Time;Glucose\n;h;mM\nB1;0;10\nB1;24;5\n")
    batch = reading.dataset.batches[0]
    np.testing.assert_array_equal(batch.offline.hours, [0, 24])
    np.testing.assert_allclose(batch.offline.column("glucose"), [1.80156, 0.90078])


def test_that_one_table_may_hold_online_and_offline_values():
    rows = [f"B1,{hour / 4},{36.5 + hour % 2},{'1.5' if hour % 96 == 0 else ''},{hour % 7}" for hour in range(200)]
    reading = read("\n".join(["Batch,Time (h),Temp (°C),Titer (g/L),Air valve (mV/V)", *rows]))
    data, batch = reading.dataset, reading.dataset.batches[0]
    assert data.variable("temperature").role == "online"
    assert data.variable("air_valve").role == "online"
    assert data.variable("air_valve").unit == "mV/V"
    np.testing.assert_array_equal(batch.offline.hours, [0, 24, 48])
    assert len(batch.online.hours) == 200


def test_that_a_sensor_value_written_once_a_day_is_an_offline_one():
    reading = read(offline(["B1,0,37,1", "B1,24,36,2", "B1,48,35,3"], "Batch,Time (h),Temp (°C),Titer (g/L)"))
    assert reading.dataset.variable("temperature").role == "offline"


def test_that_probe_and_analyzer_of_one_quantity_stay_apart():
    online = "Batch,Time (h),pH\n" + "\n".join(f"B1,{hour},7.0" for hour in range(30))
    reading = read_bytes(
        [("on.csv", online.encode()), ("off.csv", offline(["B1,0,6.9", "B1,24,6.8"], "Batch,Time (h),pH").encode())]
    )
    batch = reading.dataset.batches[0]
    assert reading.dataset.variable("ph_offline").role == "offline"
    np.testing.assert_allclose(batch.offline.column("ph_offline"), [6.9, 6.8])
    assert batch.online.names == ("ph",)


def test_that_a_batch_table_gives_setpoints_tags_and_harvest_quality():
    batches = (
        "Batch,Cell line,Scale (L),Temperature (°C),Temperature shift (°C),Shift day,Harvest time (h),"
        "Aggregates (%),Remark\n"
        "B1,A,200,36.8,34.5,5,336,1.5,fine\nB2,B,2000,37,33,,288,2.5,\n"
    )
    samples = offline([f"{batch},{day * 24},{day}" for batch in ("B1", "B2") for day in range(13)])
    reading = read_bytes([("batches.csv", batches.encode()), ("offline.csv", samples.encode())])
    first, second = reading.dataset.batches
    assert first.setpoints == {
        "temperature": 36.8, "temperature_after_shift": 34.5, "temperature_shift_day": 5.0, "harvest_day": 14.0,
    }  # fmt: skip
    assert "temperature_shift_day" not in second.setpoints
    assert first.tags == {"cell_line": "A", "scale": "200", "remark": "fine"}
    hours, aggregates = first.offline.measured("aggregates")
    assert (hours.tolist(), aggregates.tolist()) == ([288.0], [1.5])
    assert reading.dataset.variable("aggregates").role == "quality"


def test_that_a_result_of_a_batch_never_becomes_a_setpoint():
    batches = "Batch,Temperature (°C),Peak VCD (1e6/mL),Final viability (%)\nB1,36.8,25,80\nB2,36,20,70\n"
    samples = offline([f"{batch},{hour},1" for batch in ("B1", "B2") for hour in (0, 24)])
    reading = read_bytes([("batches.csv", batches.encode()), ("offline.csv", samples.encode())])
    assert reading.dataset.names("setpoint") == ("temperature",)
    assert len([text for text in messages(reading) if "may be a result" in text]) == 2


def test_that_events_give_inoculation_and_kinds_of_the_field():
    events = "Batch,Event time,Event,Comment\nB1,2026-03-01 09:00,Inoc,\nB1,2026-03-06 09:00,Temp shift,to 34 °C\n"
    samples = "Batch,Sample time,Titer (g/L)\nB1,2026-03-01 10:00,0\nB1,2026-03-02 09:15,0.5\n"
    reading = read_bytes([("events.csv", events.encode()), ("offline.csv", samples.encode())])
    batch = reading.dataset.batches[0]
    assert [(event.hour, event.kind, event.text) for event in batch.events] == [
        (0.0, "inoculation", ""), (120.0, "temperature shift", "to 34 °C"),
    ]  # fmt: skip
    np.testing.assert_array_equal(batch.offline.hours, [1.0, 24.25])
    assert batch.tags["start"] == "2026-03-01 09:00:00"


def test_that_the_start_in_a_batch_table_is_hour_zero_and_else_the_first_row():
    batches = "Batch,Start time\nB1,2026-03-01 08:00\n"
    samples = "Batch,Date,Titer (g/L)\n" + "\n".join(
        f"{batch},2026-03-0{day} 09:00,{day}" for batch in ("B1", "B2") for day in (1, 2)
    )
    reading = read_bytes([("batches.csv", batches.encode()), ("offline.csv", samples.encode())])
    first, second = reading.dataset.batches
    np.testing.assert_array_equal(first.offline.hours, [1, 25])
    np.testing.assert_array_equal(second.offline.hours, [0, 24])
    assert any("first row" in text and "B2" in text for text in messages(reading, "note"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-12 08:00", "2026-03-13 08:00"),
        ("2026-03-12T08:00:00", "2026-03-13T08:00:00"),
        ("12.03.2026 08:00", "13.03.2026 08:00"),
        ("12/03/2026 08:00", "13/03/2026 08:00"),
        ("03/12/2026 8:00 AM", "03/13/2026 8:00 AM"),
        ("12-Mar-2026 08:00", "13-Mar-2026 08:00"),
        ("12. März 2026", "13. März 2026"),
        ("20260312", "20260313"),
    ],
)
def test_that_text_dates_of_one_format_are_read(first, second):
    reading = read(f"Batch;Date;Titer (g/L)\nB1;{first};0\nB1;{second};1\n")
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 24])


def test_that_an_ambiguous_day_and_month_are_asked_and_the_answer_is_taken():
    text = "Batch,Date,Titer (g/L)\nB1,03/04/2026,0\nB1,04/04/2026,1\n"
    message = refusal(text)
    assert "day and month cannot be told apart" in message
    assert "choose --dates day_first or --dates month_first" in message
    day = read(text, dates="day_first").dataset.batches[0]
    month = read(text, dates="month_first").dataset.batches[0]
    assert (day.duration, month.duration) == (24.0, 31 * 24.0)


def test_that_formats_of_dates_are_not_mixed():
    text = refusal("Batch,Date,Titer (g/L)\nB1,2026-03-12,0\nB1,2026-03-13,1\nB1,14.03.2026,1\n")
    assert "cell B4" in text
    assert "'14.03.2026'" in text


def test_that_a_time_without_unit_is_asked_and_the_answer_is_taken():
    text = offline(["B1,0,0", "B1,1,1"], "Batch,Time,Titer (g/L)")
    message = refusal(text)
    assert "does not say what it counts" in message
    assert "choose --time-unit hours, --time-unit days or --time-unit minutes" in message
    assert read(text, time_unit="days").dataset.batches[0].duration == 24.0


def test_that_clock_times_beside_dates_are_joined_and_durations_read():
    joined = read("Batch,Date,Time,Titer (g/L)\nB1,2026-03-12,08:00,0\nB1,2026-03-13,09:30,1\n")
    assert joined.dataset.batches[0].duration == 25.5
    elapsed = read("Batch,Time,Titer (g/L)\nB1,0:00,0\nB1,25:30,1\n")
    assert elapsed.dataset.batches[0].duration == 25.5


def test_that_a_decimal_comma_is_believed_only_when_the_column_proves_it():
    proved = read("Batch;Time (h);Titer (g/L)\nB1;0;0,25\nB1;24;1,5\nB1;48;2\n")
    np.testing.assert_allclose(proved.dataset.batches[0].offline.column("titer"), [0.25, 1.5, 2])
    assert [change.rule for change in proved.changes] == ["decimal comma"]
    assert "cell C2" in refusal("Batch;Time (h);Titer (g/L)\nB1;0;1,250\nB1;24;2,500\n")
    assert "cell C2" in refusal("Batch;Time (h);Titer (g/L)\nB1;0;1,25\nB1;24;2.5\n")
    chosen = read("Batch;Time (h);Titer (g/L)\nB1;0;1,250\nB1;24;2,500\n", decimal="comma")
    np.testing.assert_allclose(chosen.dataset.batches[0].offline.column("titer"), [1.25, 2.5])


def test_that_an_unclear_decimal_mark_names_the_option_to_choose_in_values_and_in_times():
    assert "Choose --decimal comma or --decimal point" in refusal(
        "Batch;Time (h);Titer (g/L)\nB1;0;1,250\nB1;24;2,500\n"
    )
    times = refusal("Batch;Time (h);Titer (g/L)\nB1;1,250;1\nB1;2,500;2\n")
    assert "cell B2" in times
    assert "Choose --decimal comma or --decimal point" in times


def test_that_a_point_may_be_a_thousands_mark_where_the_file_does_not_show_otherwise():
    german = "Batch;Time (h);Osmolality (mOsm/kg);Titer (g/L)\nB1;0;1.250;0,25\nB1;24;300;1,5\n"
    assert "cell C2" in refusal(german)
    unknown = "Batch;Time (h);VCD (cells/mL)\nB1;0;1.250\nB1;24;2.500\n"
    assert "cell C2" in refusal(unknown)
    english = "Batch;Time (h);pH (offline);Titer (g/L)\nB1;0;7.012;0.25\nB1;24;7.105;1.5\n"
    np.testing.assert_allclose(read(english).dataset.batches[0].offline.values, [[7.012, 0.25], [7.105, 1.5]])


GERMAN = "Batch;Time (h);VCD (1e6/mL);Osmolality (mOsm/kg)\nB1;0;0,5;1.234\nB1;24;1,5;2.250,5\nB1;48;2;300\n"


def test_that_thousands_points_are_read_once_the_decimal_comma_is_chosen():
    reading = read(GERMAN, decimal="comma")
    table = reading.dataset.batches[0].offline
    np.testing.assert_allclose(table.column("osmolality"), [1234, 2250.5, 300])
    np.testing.assert_allclose(table.column("vcd"), [0.5, 1.5, 2])
    changes = [(c.rule, c.variable, c.cell, c.before, c.after, c.count) for c in reading.changes]
    assert ("thousands mark removed", "osmolality", "data.csv, cell D2", "1.234", "1234", 2) in changes
    assert ("decimal comma", "osmolality", "data.csv, cell D2", "2.250,5", "2250.5", 2) in changes
    assert len([change for change in changes if change[0] == "thousands mark removed"]) == 1


def test_that_thousands_commas_are_read_once_the_decimal_point_is_chosen():
    text = "Batch;Time (h);Osmolality (mOsm/kg)\nB1;0;1,234\nB1;24;-1,234,567.5\nB1;48;300.5\n"
    reading = read(text, decimal="point")
    np.testing.assert_allclose(reading.dataset.batches[0].offline.column("osmolality"), [1234, -1234567.5, 300.5])
    (change,) = [change for change in reading.changes if not change.rule.startswith("suspicious")]
    assert (change.rule, change.before, change.after, change.count) == ("thousands mark removed", "1,234", "1234", 2)


def test_that_thousands_marks_are_asked_unless_a_text_of_the_column_has_both_marks():
    for values in (("0,5", "1.234"), ("1.234", "2.345"), ("1,234", "2,345"), ("1.234.567", "2.345.678")):
        rows = "\n".join(f"B1;{24 * day};{value}" for day, value in enumerate(values))
        assert "Choose --decimal comma" in refusal(f"Batch;Time (h);Titer (mg/L)\n{rows}\n")
    for values in (("1.234,5", "2.345", "0,5"), ("1,234.5", "2,345", "0.5")):
        rows = "\n".join(f"B1;{24 * day};{value}" for day, value in enumerate(values))
        titers = read(f"Batch;Time (h);Titer (mg/L)\n{rows}\n").dataset.batches[0].offline.column("titer")
        np.testing.assert_allclose(titers, [1.2345, 2.345, 0.0005])


@pytest.mark.parametrize(
    ("text", "mark"), [("0,250", "point"), ("0.250", "comma"), ("1.23", "comma"), ("1,23", "point")]
)
def test_that_the_other_mark_is_no_thousands_mark_where_its_digits_are_no_thousands(text, mark):
    assert repr(text) in refusal(f"Batch;Time (h);Titer (mg/L)\nB1;0;{text}\nB1;24;5\n", decimal=mark)


def test_that_thousands_marks_in_times_are_noted():
    reading = read("Batch;Time (min);Titer (g/L)\nB1;0;1\nB1;1.440;2\n", decimal="comma")
    assert reading.dataset.batches[0].duration == 24.0
    assert any("thousands marks are removed from 1 times" in text for text in messages(reading, "note"))


def test_that_percent_signs_in_cells_are_read_where_the_unit_is_percent():
    reading = read(offline(["B1,0,98%,1", "B1,24,97.5 %,2"], "Batch,Time (h),Viability (%),Titer (g/L)"))
    np.testing.assert_allclose(reading.dataset.batches[0].offline.column("viability"), [98, 97.5])
    assert "5%" in refusal(offline(["B1,0,5%"], "Batch,Time (h),Titer (g/L)"))


def test_that_a_table_in_long_form_whose_names_mean_nothing_is_refused_and_not_read_as_nothing():
    assert "own column" in refusal("Batch,Time (h),Parameter,Value\nB1,0,Abc,5\nB1,0,Xyz,1\nB1,24,Abc,4\n")


@pytest.mark.parametrize("text", ["<0.1", "n.d.", "LOD", "NaN", "inf", ">20", "NA", "-"])
def test_that_what_was_not_measured_is_listed_by_its_cell_and_never_silent(text):
    reading = read(offline(["B1,0,0.5", f"B1,24,{text}", "B1,48,1"]))
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 48])
    (change,) = reading.changes
    assert (change.variable, change.batch, change.hour, change.cell) == ("titer", "B1", 24.0, "data.csv, cell C3")
    assert change.before == text
    assert any("cell C3" in message and repr(text) in message for message in messages(reading))


@pytest.mark.parametrize("text", ["abc", "1.2.3", "5 mg/L", "5*", "1_000", "0x1F", "see note", "#DIV/0!", "1e400"])
def test_that_other_text_in_a_number_cell_is_refused_or_listed(text):
    data = offline(["B1,0,0.5", f"B1,24,{text}", "B1,48,1"])
    if text == "1e400":
        assert read(data).changes[0].rule.startswith("not a finite number")
        return
    message = refusal(data)
    assert "cell C3" in message
    assert text in message
    wanted = "--decimal comma or --decimal point" if "or a thousands mark" in message else "--unreadable not_measured"
    assert wanted in message
    taken = read(data, unreadable="not_measured")
    assert [change.before for change in taken.changes] == [text]


def test_that_unsorted_rows_are_sorted_with_a_note():
    reading = read(offline(["B1,24,2", "B1,0,1", "B1,48,3"]))
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.column("titer"), [1, 2, 3])
    assert any("not in order" in text for text in messages(reading, "note"))


def test_that_rows_pasted_twice_are_kept_once_with_one_warning_by_batch_and_one_change_a_row():
    rows = ["B1,0,1", "B1,24,2", "B1,48,3", "B2,0,1", "B2,24,2", "B1,0,1", "B1,24,2", "B1,24,2", "B2,24,2"]
    reading = read(offline(rows))
    for batch in reading.dataset.batches:
        assert len(set(batch.offline.hours.tolist())) == len(batch.offline.hours)
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 24, 48])
    assert [text for text in messages(reading) if "repeat" in text] == [
        "data.csv: 3 rows of batch B1 repeat earlier rows exactly (first: cell A7); kept once",
        "data.csv: 1 row of batch B2 repeats an earlier row exactly (first: cell A10); kept once",
    ]
    assert [(c.rule, c.batch, c.cell, c.before, c.count) for c in reading.changes] == [
        ("duplicate row: kept once", "B1", "data.csv, cell A7", "1", 1),
        ("duplicate row: kept once", "B1", "data.csv, cell A8", "2", 1),
        ("duplicate row: kept once", "B1", "data.csv, cell A9", "2", 1),
        ("duplicate row: kept once", "B2", "data.csv, cell A10", "2", 1),
    ]
    assert not any("not in order" in text for text in messages(reading, "note"))


def test_that_a_row_pasted_twice_counts_once_in_a_mean():
    reading = read(offline(["B1,0,1", "B1,24,2", "B1,24,2", "B1,24,3"]), duplicates="mean")
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.column("titer"), [1, 2.5])


def test_that_equal_values_at_other_times_or_other_batches_are_no_repeats():
    reading = read(offline(["B1,0,1", "B1,24,1", "B2,0,1", "B2,24,1"]))
    assert not reading.changes
    assert not messages(reading)


def test_that_different_values_at_one_time_are_refused_unless_a_rule_is_chosen():
    text = offline(["B1,0,1", "B1,24,2", "B1,24,3"])
    message = refusal(text)
    assert "cell C4" in message
    assert "cell C3" in message
    assert "choose --duplicates mean or --duplicates first" in message
    mean, first = (read(text, duplicates=rule) for rule in ("mean", "first"))
    assert mean.dataset.batches[0].offline.column("titer")[-1] == 2.5
    assert first.dataset.batches[0].offline.column("titer")[-1] == 2
    assert mean.changes[0].before == "2; 3"


def test_that_rows_before_inoculation_are_left_out_and_listed():
    reading = read(offline(["B1,-24,9", "B1,0,1", "B1,24,2"]))
    np.testing.assert_array_equal(reading.dataset.batches[0].offline.hours, [0, 24])
    (change,) = reading.changes
    assert (change.rule, change.hour, change.count) == ("row before inoculation left out", -24.0, 1)


def test_that_empty_columns_are_dropped_and_constant_ones_kept_with_a_note():
    reading = read(offline(["B1,0,1,,7", "B1,24,2,,7"], "Batch,Time (h),Titer (g/L),Lactate (g/L),Glucose (g/L)"))
    assert "lactate" not in reading.dataset.names()
    assert "glucose" in reading.dataset.names()
    notes = " ".join(messages(reading, "note"))
    assert "'Lactate (g/L)' is empty" in notes
    assert "Glucose is 7 g/L in every row" in notes


def test_that_short_batches_and_missing_titers_are_said_and_kept():
    reading = read(offline(["B1,0,5", "B1,24,6", "B2,0,4"], "Batch,Time (h),VCD (1e6/mL)"))
    assert reading.dataset.ids == ("B1", "B2")
    assert any("batch B2" in text and "one time" in text for text in messages(reading))
    assert any("no titer" in text for text in messages(reading))


def sensors(ends):
    rows = [f"{batch},{hour},37.{hour % 2}" for batch, end in ends.items() for hour in range(end + 1)]
    return offline(rows, "Batch,Time (h),Temperature (°C)")


def test_that_sensors_that_end_long_before_the_batch_are_one_warning_with_the_worst():
    ends = {"B1": 250, "B2": 60, "B3": 288, "B4": 100, "B5": 264}
    samples = offline([f"{batch},{day * 24},{day}" for batch in ends for day in range(13)])
    reading = read_bytes([("online.csv", sensors(ends).encode()), ("offline.csv", samples.encode())])
    (text,) = messages(reading)
    assert text.startswith("sensors of 3 batches end long before their last sample, worst: batch B2 at 60 h of 288 h;")
    assert text.endswith("later windows hold the last value")
    single = read_bytes([("online.csv", sensors({"B1": 60}).encode()), ("offline.csv", samples.encode())])
    assert any("sensors of 1 batch end long before its last sample" in text for text in messages(single))


def test_that_samples_analyzed_a_day_after_the_last_sensor_value_are_no_warning():
    samples = offline([f"B1,{day * 24},{day}" for day in range(13)])
    reading = read_bytes([("online.csv", sensors({"B1": 264}).encode()), ("offline.csv", samples.encode())])
    assert not messages(reading)


def test_that_implausible_values_and_a_factor_between_batches_are_said_and_kept_where_the_user_says_so():
    rows = [
        f"B{batch},{hour},{(1 + hour / 24) * (1000 if batch == 4 else 1)}" for batch in range(5) for hour in (0, 24, 48)
    ]
    reading = read(offline(rows), odd_scale="keep")
    warned = " ".join(messages(reading))
    assert "3 values of Titer lie outside 0 to 30 g/L, the first is 1000" in warned
    assert "B4: titer 2,000 g/L is about 1000 times the others' 2 g/L; kept as it is" in warned
    assert reading.dataset.batches[4].offline.column("titer")[0] == 1000


def test_that_a_header_without_unit_is_read_with_a_warning_and_a_wrong_unit_is_refused():
    reading = read(offline(["B1,0,5", "B1,24,6"], "Batch,Time (h),Glucose"))
    assert any("says no unit" in text and "g/L" in text for text in messages(reading))
    assert "'AU' is not known" in refusal(offline(["B1,0,5", "B1,24,6"], "Batch,Time (h),Glucose (AU)"))
    assert "is no unit of" in refusal(offline(["B1,0,5", "B1,24,6"], "Batch,Time (h),Glucose (rpm)"))


def test_that_columns_with_neither_known_name_nor_unit_are_left_and_named():
    reading = read(offline(["B1,0,5,3", "B1,24,6,4"], "Batch,Time (h),Titer (g/L),TP001"))
    assert reading.dataset.names() == ("titer",)
    assert any("'TP001' is not read" in text for text in messages(reading))


def test_that_texts_that_are_one_for_a_batch_become_tags():
    header = "Batch,Cell_Line,Sample,Time (h),Titer (g/L)"
    reading = read(offline(["B1,CHO-K1,S1,0,5", "B1,CHO-K1,S2,24,6", "B2,CHO-S,S3,0,5", "B2,CHO-S,S4,24,5"], header))
    assert [dict(batch.tags) for batch in reading.dataset.batches] == [{"cell_line": "CHO-K1"}, {"cell_line": "CHO-S"}]


def test_that_several_tables_of_one_campaign_are_joined_by_batch():
    cells = offline(["B1,0,5", "B1,24,6"], "Batch,Time (h),VCD (1e6/mL)")
    titers = offline(["B1,24,0.5", "B1,36,0.8"])
    reading = read_bytes([("cells.csv", cells.encode()), ("titers.csv", titers.encode())])
    table = reading.dataset.batches[0].offline
    np.testing.assert_array_equal(table.hours, [0, 24, 36])
    np.testing.assert_array_equal(table.column("vcd"), [5, 6, np.nan])
    np.testing.assert_array_equal(table.column("titer"), [np.nan, 0.5, 0.8])


def test_that_all_faults_of_all_files_come_together():
    with pytest.raises(ReadingError) as caught:
        read_bytes(
            [("a.csv", offline(["B1,0,x1", "B1,24,x2"]).encode()), ("b.csv", offline(["B2,0,1", ",24,2"]).encode())]
        )
    text = str(caught.value)
    for part in ("a.csv, cell C2", "a.csv, cell C3", "b.csv, cell A3"):
        assert part in text


def test_that_many_faults_of_a_kind_are_counted_and_not_all_listed():
    message = refusal(
        offline(["B1,0,1", *[f"B1,{hour},bad" for hour in range(1, 200)], *[f"B1,{h},1" for h in range(200, 500)]])
    )
    assert message.count("bad") == 20
    assert "179 more" in message


def test_that_every_column_tells_what_it_became():
    reading = read(offline(["B1,0,5,x", "B1,24,6,y"], "Batch,Time (h),Titer (mg/L),Note"))
    uses = [(column.header, column.use, column.variable, column.factor) for column in reading.columns]
    assert uses == [
        ("Batch", "batch", "", 1.0),
        ("Time (h)", "time", "", 1.0),
        ("Titer (mg/L)", "variable", "titer", 0.001),
        ("Note", "remark", "", 1.0),
    ]
    assert reading.columns[2].source == "data.csv, cell C1"
