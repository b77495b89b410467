"""Trajectories as a figure: what is chosen, the envelope, phases, events, and what cleaning made of them."""

import itertools

import numpy as np
import pytest

from mabdesk.data.batch import EMPTY, Batch, Dataset, Event, Measurements, Variable
from mabdesk.data.cleaning import Cleaned, Status
from mabdesk.data.gaps import INTERPOLATED, MEASURED, NOT_MEASURED, REMOVED
from mabdesk.data.settings import CleaningPlan
from mabdesk.gui.plots.series import Course
from mabdesk.gui.views.courses import (
    MOST_PANELS,
    Wanted,
    course_of,
    envelope,
    figure_of,
    first_choice,
    marks_of,
    phases_of,
)

DAYS = np.arange(10) * 24.0
VCD = (1, 1.1, 2, 5, 9, 10, 10, 9, 7, 4)  # multiplies by 0.15 1/day or more on days 2 to 4, falls from day 7 on
ROLES = {"temperature": "online", "ph": "online", "titer": "target", "ph_setpoint": "setpoint"}


def variable(name):
    return Variable(name, "g/L", ROLES.get(name, "offline"))


def batch(name="B0", events=(), hours=DAYS, online=None, **offline):
    """Make a batch; `online` and the other named columns give the values of variables."""

    def table(columns):
        values = np.array(list(columns.values()), dtype=float).T
        return Measurements(tuple(columns), hours[: len(values)], values) if columns else EMPTY

    return Batch(name, table(online or {}), table(offline), events)


def dataset(*batches):
    names = dict.fromkeys(name for one in batches for name in (*one.online.names, *one.offline.names))
    return Dataset(tuple(variable(name) for name in names), batches)


def cleaned(data, one, status):
    """Say that cleaning left `one` of a batch, with this status of its online values."""
    offline = np.full(one.offline.values.shape, MEASURED, dtype=np.int8)
    return Cleaned(CleaningPlan(), Dataset(data.variables, (one,)), (), {one.id: Status(status, offline)})


def wanted(variables, batches=("B0",), **rest):
    return Wanted(tuple(variables), tuple(batches), rest.pop("groups", {}), **rest)


def lines(count, hours=DAYS):
    """Make courses that are 1, 2, 3 ... throughout."""
    return [Course(f"B{n}", hours, np.full(len(hours), n + 1.0)) for n in range(count)]


def told_phases(*batches, highlighted="", drawn=None):
    data = dataset(*batches)
    return [(phase.text, phase.start, phase.end) for phase in phases_of(data, drawn or data.ids, highlighted)]


# Envelope


def test_that_an_envelope_is_the_median_between_5_and_95_percent_of_the_batches():
    band = envelope(lines(21), dense=False)
    assert list(band.hours) == list(np.arange(0, 217, 12.0))
    for values, level in ((band.low, 2), (band.middle, 11), (band.high, 20)):
        assert np.allclose(values, level)
    assert band.label == "Median and 5-95 % of 21 batches"


def test_that_two_batches_have_no_envelope():
    assert envelope([], dense=False) is None
    assert envelope(lines(2), dense=False) is None
    nothing = Course("B9", DAYS, np.full(len(DAYS), np.nan))
    assert envelope([*lines(2), nothing, Course("B8", np.zeros(0), np.zeros(0))], dense=False) is None


def test_that_an_envelope_ends_where_fewer_than_three_batches_were_still_measured():
    band = envelope([*lines(2), Course("B2", DAYS[2:5], np.full(3, 3.0))], dense=False)
    assert list(band.hours[np.isfinite(band.middle)]) == list(np.arange(48, 97, 12.0))
    assert np.array_equal(np.isfinite(band.low), np.isfinite(band.high))


def test_that_an_envelope_bridges_two_days_between_samples_and_no_more():
    for pause, bridged in ((48, True), (72, False)):
        hours = np.array([0, 24, 24 + pause, 48 + pause], dtype=float)
        band = envelope(lines(3, hours), dense=False)
        between = (band.hours > 24) & (band.hours < 24 + pause)
        assert np.isfinite(band.middle[between]).all() == bridged
        assert np.isnan(band.middle[between]).all() != bridged
        assert np.isfinite(band.middle[~between]).all()


def test_that_an_envelope_of_sensors_bridges_three_hours_and_no_more():
    hours = np.array([0, 1, 2, 5, 6, 7, 8, 16, 17, 18], dtype=float)
    band = envelope(lines(3, hours), dense=True)
    assert list(band.hours[np.isnan(band.middle)]) == [10, 12, 14]


def test_that_removed_values_have_no_part_in_an_envelope():
    odd = [Course(one.batch, one.hours, one.values.copy(), np.full(10, MEASURED, dtype=np.int8)) for one in lines(3)]
    for one in odd:
        one.values[4], one.status[4] = 1000, REMOVED
    assert np.nanmax(envelope(odd, dense=False).high) < 4


# Phases


def test_that_cell_density_tells_four_phases_in_order():
    assert told_phases(batch(vcd=VCD)) == [
        ("inoculation", 0, 24), ("growth", 24, 96), ("stationary", 96, 144), ("decline", 144, 216),
    ]  # fmt: skip


def test_that_low_viability_begins_the_decline_before_the_cells_are_fewer():
    viability = (98, 98, 97, 97, 96, 79, 78, 70, 60, 50)
    found = told_phases(batch(vcd=VCD, viability=viability))
    assert found[2:] == [("decline", 96, 216)]  # between the samples of days 4 and 5
    assert told_phases(batch(vcd=VCD, viability=np.full(10, 80.0))) == told_phases(batch(vcd=VCD))


def test_that_phases_never_overlap_when_viability_starts_low_or_cells_only_fall():
    for vcd, viability in ((VCD, np.full(10, 75.0)), (tuple(reversed(range(1, 11))), np.full(10, 95.0))):
        found = told_phases(batch(vcd=vcd, viability=viability))
        assert all(before[2] <= after[1] for before, after in itertools.pairwise(found)), found


def test_that_a_batch_that_ends_at_its_peak_has_no_later_phases():
    assert [text for text, _, _ in told_phases(batch(vcd=VCD[:5]))] == ["inoculation", "growth"]
    assert [text for text, _, _ in told_phases(batch(vcd=VCD[:7]))] == ["inoculation", "growth", "stationary"]


def test_that_without_cell_density_there_are_no_phases():
    assert told_phases(batch(titer=DAYS)) == []
    assert told_phases(batch(vcd=np.full(10, np.nan), viability=np.full(10, 90.0))) == []
    assert told_phases(batch(vcd=VCD[:2])) == []  # too few to tell


def test_that_missing_samples_do_not_disturb_the_phases():
    vcd = np.array(VCD, dtype=float)
    vcd[[3, 5]] = np.nan
    assert told_phases(batch(vcd=vcd)) == told_phases(batch(vcd=VCD))


def test_that_phases_are_those_of_the_highlighted_batch_else_of_the_median():
    slow = batch("B9", vcd=(1, 1, 1, 1, 2, 5, 9, 10, 9, 7))
    fast = [batch(f"B{n}", vcd=np.array(VCD) * (1 + n / 10)) for n in range(3)]
    assert told_phases(*fast, slow, highlighted="B9")[:2] == [("inoculation", 0, 72), ("growth", 72, 144)]
    median = told_phases(*fast, slow, drawn=("B0", "B1", "B2"))
    assert [text for text, _, _ in median] == ["inoculation", "growth", "stationary", "decline"]
    assert median[0][2] == 18  # on a grid of half days, two a day
    assert told_phases(*fast, slow, drawn=("B9",), highlighted="unknown")[0][2] == 72


# Events


def test_that_repeated_events_bear_name_and_number_at_the_first_only():
    told = ((0, "inoculation"), (72, "feed"), (80, "sample"), (96, "feed"), (120, "temperature shift"), (130, "feed"))
    data = dataset(batch(events=tuple(Event(hour, kind) for hour, kind in told), vcd=VCD))
    assert [(mark.hour, mark.text) for mark in marks_of(data, "B0")] == [
        (0, "inoculation"), (72, "feed \u00d73"), (96, ""), (120, "temperature shift"), (130, ""),
    ]  # fmt: skip


def test_that_events_are_marked_in_the_order_of_their_hours_in_words_and_only_where_they_have_one():
    events = (Event(96, "feed"), Event(48, "feed"), Event(float("nan"), "harvest"), Event(24, "temperature_shift"))
    data = dataset(batch(events=events, vcd=VCD))
    told = [(24, "temperature shift"), (48, "feed \u00d72"), (96, "")]
    assert [(mark.hour, mark.text) for mark in marks_of(data, "B0")] == told
    assert [mark.hour for mark in marks_of(data, "B0", unmarked={"feed"})] == [24]


def test_that_a_batch_without_events_and_an_unknown_one_have_no_marks():
    data = dataset(batch(vcd=VCD))
    assert marks_of(data, "B0") == marks_of(data, "B7") == marks_of(data, "") == ()


# What is chosen


def test_that_variables_that_tell_most_are_chosen_first():
    data = dataset(batch(zinc=DAYS, titer=DAYS, iron=DAYS, vcd=DAYS, glucose=DAYS, viability=DAYS))
    assert first_choice(data) == ("vcd", "viability", "glucose", "titer")
    assert first_choice(dataset(batch(zinc=DAYS, titer=DAYS, iron=DAYS))) == ("titer", "zinc", "iron")
    assert first_choice(Dataset((variable("ph_setpoint"),), ())) == ()


def test_that_unknown_variables_and_batches_are_ignored():
    data = dataset(batch("B0", vcd=VCD), batch("B1", vcd=VCD, titer=DAYS))
    figure = figure_of(data, None, wanted(("titer", "nothing", "vcd"), ("B1", "B7")))
    assert [panel.axis for panel in figure.panels] == ["Titer (g/L)", "Vcd (g/L)"]
    assert [[course.batch for course in panel.courses] for panel in figure.panels] == [["B1"], ["B1"]]


def test_that_setpoints_are_not_drawn_over_time():
    data = Dataset((variable("ph_setpoint"), variable("vcd")), (batch(vcd=VCD),))
    assert len(figure_of(data, None, wanted(("ph_setpoint", "vcd"))).panels) == 1


def test_that_at_most_six_panels_are_drawn():
    names = [f"metal_{number}" for number in range(9)]
    data = dataset(batch(**dict.fromkeys(names, DAYS)))
    figure = figure_of(data, None, wanted(names))
    assert [panel.label for panel in figure.panels] == [f"Metal {number}" for number in range(6)]
    assert MOST_PANELS == 6


def test_that_nothing_chosen_says_what_to_choose():
    figure = figure_of(dataset(batch(vcd=VCD)), None, wanted((), ()))
    assert (figure.panels, figure.groups) == ((), ("",))
    assert figure.empty_text == "Choose at least one variable and one batch."


def test_that_sensors_are_lines_and_samples_dots_and_a_missing_column_is_empty():
    data = dataset(batch("B0", vcd=VCD, online={"temperature": DAYS}), batch("B1", vcd=VCD))
    samples, sensor = figure_of(data, None, wanted(("vcd", "temperature"), ("B0", "B1"))).panels
    assert (samples.dense, sensor.dense) == (False, True)
    assert len(sensor.courses[0].values) == 10
    assert not np.isfinite(sensor.courses[1].values).any()


def test_that_batches_are_grouped_in_the_order_of_the_groups_names():
    data = dataset(*(batch(f"B{n}", vcd=VCD) for n in range(3)))
    figure = figure_of(data, None, wanted(("vcd",), data.ids, groups={"B0": "second", "B1": "first", "B2": "second"}))
    assert figure.groups == ("first", "second")
    assert [course.group for course in figure.panels[0].courses] == ["second", "first", "second"]


def test_that_the_envelope_is_that_of_the_reference_not_of_what_is_drawn():
    data = dataset(*(batch(f"B{n}", vcd=np.full(10, n + 1.0)) for n in range(5)))
    figure = figure_of(data, None, wanted(("vcd",), ("B4",), reference=("B0", "B1", "B2")))
    (band,) = figure.panels[0].bands
    assert np.allclose(band.middle, 2)
    assert figure_of(data, None, wanted(("vcd",), ("B4",), reference=("B0", "B1"))).panels[0].bands == ()
    assert figure_of(data, None, wanted(("vcd",), ("B4",))).panels[0].bands == ()


def test_that_phases_and_events_are_drawn_where_wanted():
    data = dataset(batch(events=(Event(72, "feed"),), vcd=VCD))
    bare = figure_of(data, None, wanted(("vcd",)))
    assert (bare.marks, bare.phases) == ((), ())
    full = figure_of(data, None, wanted(("vcd",), events_of="B0", phases=True))
    assert [mark.text for mark in full.marks] == ["feed"]
    assert len(full.phases) == 4


@pytest.mark.parametrize(("origin", "simulated"), [("Simulated", True), ("plant 2", False)])
def test_that_simulated_data_are_called_so(origin, simulated):
    one = Batch("B0", EMPTY, EMPTY, tags={"origin": origin})
    assert figure_of(dataset(one), None, wanted(())).simulated is simulated


# Cleaned data


def cleaned_sensor():
    """Make a sensor whose second value was removed and bridged, with a row that cleaning put into a pause."""
    raw = batch(hours=np.array([0.0, 1, 2, 5]), online={"temperature": [37, 99, 37.2, 37.4], "ph": [7, 7, 7, 7]})
    hours = np.array([0.0, 1, 2, 3.5, 5])
    values = np.array([[37, np.nan, 37.2, 37.3, 37.4], [7, 7, 7, np.nan, 7]]).T
    after = Batch("B0", Measurements(("temperature", "ph"), hours, values), EMPTY)
    temperature = [MEASURED, REMOVED, MEASURED, INTERPOLATED, MEASURED]
    ph = [MEASURED, MEASURED, MEASURED, NOT_MEASURED, MEASURED]
    data = dataset(raw)
    return data, cleaned(data, after, np.array([temperature, ph], dtype=np.int8).T)


def test_that_a_cleaned_course_shows_removed_values_in_their_old_places_and_filled_ones_as_filled():
    data, done = cleaned_sensor()
    course = course_of(data.batches[0], variable("temperature"), done, "A")
    assert list(course.hours) == [0, 1, 2, 3.5, 5]
    assert list(course.values) == [37, 99, 37.2, 37.3, 37.4]
    assert list(course.status) == [MEASURED, REMOVED, MEASURED, INTERPOLATED, MEASURED]
    assert (course.batch, course.group) == ("B0", "A")
    ph = course_of(data.batches[0], variable("ph"), done, "A")
    assert list(ph.values) == pytest.approx([7, 7, 7, np.nan, 7], nan_ok=True)
    assert ph.status[3] == NOT_MEASURED


def test_that_what_was_removed_beyond_the_raw_rows_has_no_value():
    data, done = cleaned_sensor()
    codes = done.status["B0"].online
    codes[[3, 4], 0] = REMOVED  # a row that was not there, and the last one
    course = course_of(data.batches[0], variable("temperature"), done, "")
    assert np.isnan(course.values[3])
    assert course.values[4] == 37.4


def test_that_removed_samples_are_shown_too():
    raw = batch(vcd=VCD)
    left = np.array(VCD, dtype=float)
    left[3] = np.nan
    status = np.full((10, 1), MEASURED, dtype=np.int8)
    status[3] = REMOVED
    after = batch(vcd=left)
    done = Cleaned(CleaningPlan(), dataset(after), (), {"B0": Status(np.zeros((0, 0), dtype=np.int8), status)})
    course = course_of(raw, variable("vcd"), done, "")
    assert list(course.values) == list(VCD)
    assert list(np.flatnonzero(course.status == REMOVED)) == [3]


def test_that_batches_and_variables_that_were_not_cleaned_are_drawn_as_they_are():
    _, done = cleaned_sensor()
    other = batch("B1", online={"temperature": DAYS})
    assert course_of(other, variable("temperature"), done, "").status is None
    added = batch("B0", online={"conductivity": DAYS})
    raw = course_of(added, Variable("conductivity", "mS/cm", "online"), done, "")
    assert raw.status is None
    assert list(raw.values) == list(DAYS)


def test_that_statuses_are_shown_only_where_cleaned_data_are_wanted():
    data, done = cleaned_sensor()
    for asked in (True, False):
        (panel,) = figure_of(data, done, wanted(("temperature",), cleaned=asked)).panels
        assert (panel.courses[0].status is not None) is asked
        assert len(panel.courses[0].values) == (5 if asked else 4)
    (panel,) = figure_of(data, None, wanted(("temperature",), cleaned=True)).panels
    assert panel.courses[0].status is None
