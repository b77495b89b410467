"""What differs between two readings: batches, cells, setpoints, tags and events, in sentences."""

import json
import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from mabdesk.cli.tables import to_json
from mabdesk.data.batch import Batch, Dataset, Event, Measurements, Variable
from mabdesk.data.differences import MOST_LISTED, SAME, differences
from mabdesk.data.imported import Reading
from mabdesk.data.reading.files import read_bytes

HOURS = np.arange(0.0, 96.0, 24.0)
VARIABLES = (Variable("vcd", "1e6 cells/mL", "offline"), Variable("titer", "g/L", "target"))
HEAD = "Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n"


def batch(name, scale=1.0, hours=HOURS):
    values = scale * np.column_stack([1 + hours, 0.01 * hours])
    return Batch(name, Measurements((), [], []), Measurements(("vcd", "titer"), hours, values))


def reading(*batches, variables=VARIABLES):
    return Reading(Dataset(variables, batches), (), (), ())


def with_value(one, row, column, value):
    values = one.offline.values.copy()
    values[row, column] = value
    return replace(one, offline=replace(one.offline, values=values))


def read(text, name="a.csv"):
    return read_bytes([(name, (HEAD + text).encode())])


def test_that_equal_readings_differ_in_nothing():
    found = differences(reading(batch("B1")), reading(batch("B1")))
    assert found.none
    assert found.sentences == (SAME,)
    assert not found.changed


def test_that_rounding_beyond_nine_figures_is_no_difference():
    assert differences(reading(batch("B1")), reading(batch("B1", 1 + 1e-12))).none
    near = replace(batch("B1"), offline=replace(batch("B1").offline, hours=HOURS + 4e-7))
    assert differences(reading(batch("B1")), reading(near)).none
    assert differences(reading(batch("B1")), reading(batch("B1", 1 + 1e-8))).count == 7  # zero stays zero


def test_that_a_value_that_differs_is_listed_with_both_values_and_both_cells():
    found = differences(read("B1,0,1,0\nB1,24,2,0.5\n"), read("B1,0,1,0\nB1,24,2,0.7\n", "b.csv"))
    (value,) = found.values
    assert (value.batch, value.variable, value.hour, value.before, value.after) == ("B1", "titer", 24, 0.5, 0.7)
    assert (value.cell, value.cell_before) == ("b.csv, cell D3", "a.csv, cell D3")
    assert (found.count, found.changed) == (1, ("B1",))
    assert found.sentences == ("1 cell differs, in batch B1.",)


def test_that_values_that_came_and_went_have_none_on_the_other_side():
    was = reading(with_value(batch("B1"), 1, 1, np.nan))
    now = reading(with_value(batch("B1"), 2, 0, np.nan))
    found = {(v.variable, v.hour): (v.before, v.after) for v in differences(was, now).values}
    assert found == {("titer", 24.0): (None, 0.24), ("vcd", 48.0): (49.0, None)}


def test_that_rows_are_aligned_by_hour_not_by_place():
    later = batch("B1", hours=np.array([0.0, 12.0, 24.0, 48.0, 72.0]))
    found = differences(reading(batch("B1")), reading(later))
    assert {(v.variable, v.hour, v.before) for v in found.values} == {("vcd", 12.0, None), ("titer", 12.0, None)}
    back = differences(reading(later), reading(batch("B1")))
    assert {(v.hour, v.after) for v in back.values} == {(12.0, None)}


def test_that_a_variable_that_moved_to_the_sensors_is_compared_all_the_same():
    one = batch("B1")
    moved = replace(one, online=one.offline, offline=one.online)
    assert differences(reading(one), reading(moved)).none


def test_that_batches_new_and_gone_are_named():
    was = reading(batch("B03"), batch("B05"), batch("B07"))
    now = reading(batch("B03", 2), batch("B07", 3), batch("B21"), batch("B22"))
    found = differences(was, now)
    assert (found.added, found.removed, found.changed) == (("B21", "B22"), ("B05",), ("B03", "B07"))
    assert found.sentences == (
        "14 cells differ, in batches B03 and B07.",
        "2 batches are new: B21 and B22.",
        "1 batch is gone: B05.",
    )


def test_that_setpoints_tags_events_and_units_are_counted_and_listed():
    events = (Event(0.0, "inoculation"), Event(72.0, "feed", "5 %"), Event(72.0, "feed", "5 %"))
    was = replace(batch("B1"), setpoints={"ph": 7.0, "harvest_day": 14.0}, tags={"scale": "200 L"}, events=events)
    moved = (Event(0.0000001, "inoculation"), Event(72.0, "feed", "5 %"), Event(80.0, "feed", "5 %"))
    now = replace(batch("B1"), setpoints={"ph": 6.9}, tags={"scale": "2000 L"}, events=moved)
    other = (VARIABLES[0], replace(VARIABLES[1], unit="mg/L"))
    found = differences(reading(was), reading(now, variables=other))
    assert [(f.kind, f.name, f.before, f.after) for f in found.facts] == [
        ("unit", "titer", "g/L", "mg/L"),
        ("setpoint", "ph", "7", "6.9"),
        ("setpoint", "harvest_day", "14", ""),
        ("tag", "scale", "200 L", "2000 L"),
        ("event", "feed", "72 h, 5 %", ""),
        ("event", "feed", "", "80 h, 5 %"),
    ]
    assert (found.fact_count, found.count, found.changed) == (6, 0, ("B1",))
    assert found.sentences == (
        "2 setpoints differ, in batch B1.",
        "1 tag differs, in batch B1.",
        "2 events differ, in batch B1.",
        "The unit of titer is mg/L now; it was g/L.",
    )


def test_that_many_batches_are_named_in_part():
    names = [f"B{number}" for number in range(9)]
    found = differences(reading(*map(batch, names)), reading(*(batch(name, 2) for name in names)))
    assert found.sentences[0].endswith("in batches B0, B1, B2, B3, B4 and 4 more.")


def test_that_differences_pickle_and_become_json():
    found = differences(read("B1,0,1,0\nB1,24,2,\n"), read("B1,0,1,0\nB1,24,2,0.7\n"))
    assert pickle.loads(pickle.dumps(found)) == found
    plain = json.loads(to_json(found))
    assert plain["values"][0]["before"] is None
    assert plain["sentences"] == ["1 cell differs, in batch B1."]


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_that_fifty_batches_of_quarter_hourly_sensors_take_no_time(shift):
    hours = np.arange(1345) / 4
    values = np.random.default_rng(1).normal(size=(1345, 5))
    names = tuple("abcde")
    variables = tuple(Variable(name, "", "online") for name in names)

    def whole(offset):
        table = Measurements(names, hours + offset, values + offset)
        return reading(*(Batch(f"B{n}", table, Measurements((), [], [])) for n in range(50)), variables=variables)

    was, now = whole(0.0), whole(shift)
    begun = time.perf_counter()
    found = differences(was, now)
    assert time.perf_counter() - begun < 0.8
    assert found.none == (shift == 0)
    assert len(found.values) == (MOST_LISTED if shift else 0)
