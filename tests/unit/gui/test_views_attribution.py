"""An attribution in bars, maps, tables and words, without a window."""

import dataclasses
import itertools

import fabricated
import numpy as np
import pytest

from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.data.batch import EMPTY, Batch, Dataset, Event, Variable
from mabdesk.gui.numbers import figures
from mabdesk.gui.views import attribution, attribution_maps


@pytest.fixture(scope="module")
def found():
    return fabricated.attribution()


@pytest.fixture(scope="module")
def names(found):
    return attribution.names_of(found, None)


def dataset(lines=("A", "B"), feeds=None):
    """Return batches B00 to B11 of these lines in turn; `feeds` gives the hours of feeds by batch number."""
    feeds = feeds or (lambda _: (48.0, 72.0))
    batches = tuple(
        Batch(
            f"B{n:02}", EMPTY, EMPTY, tuple(Event(hour, "feed") for hour in feeds(n)), {},
            {"cell_line": lines[n % len(lines)]},
        )
        for n in range(12)
    )  # fmt: skip
    return Dataset((Variable("vcd", "1e6/mL", "offline", label="Viable cell density"),), batches)


def ranked(found, names, who="", data=None):
    return attribution.ranked(found, names, attribution.rows_of(found, data, who))


def test_that_variables_bear_the_names_of_the_data_and_readable_ones_else(found):
    assert attribution.names_of(found, dataset())[:3] == ("Viable cell density", "Glucose", "Temperature")
    assert "Dissolved oxygen" in attribution.names_of(found, None)


def test_that_all_groups_and_each_batch_can_be_chosen(found):
    offered = attribution.choices(found, dataset())
    assert offered[0] == ("All batches (12)", "")
    assert ("Learned from (9)", "learned:1") in offered
    assert ("Not seen in training (3)", "learned:0") in offered
    assert ("Line A (6)", "cell_line:A") in offered
    assert offered[-1] == ("B11", "batch:B11")
    assert not any(value.startswith("cell_line") for _, value in attribution.choices(found, dataset(("A",))))


@pytest.mark.parametrize(
    ("who", "count"), [("", 156), ("cell_line:A", 78), ("learned:0", 39), ("batch:B03", 13), ("batch:no such", 0)]
)
def test_that_a_choice_selects_its_windows(found, who, count):
    assert attribution.rows_of(found, dataset(), who).sum() == count


def test_that_the_ranking_is_sorted_and_holds_what_was_found_over_all_windows(found, names):
    ranking = ranked(found, names)
    shares = [one.relative for one in ranking]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    told = {one.variable: one for one in found.ranking}
    assert all(one.low == told[found.variables[one.variable]].low for one in ranking)
    assert {one.name for one in ranking if one.above_floor is False} == {"Stirrer", "Pressure"}


def test_that_a_part_is_ranked_by_its_own_windows_with_the_range_of_its_batches(found, names):
    ranking = ranked(found, names, "cell_line:A", dataset())
    rows = attribution.rows_of(found, dataset(), "cell_line:A")
    sizes = np.abs(found.contributions[rows]).mean(axis=0)
    for one in ranking:
        assert one.relative == pytest.approx(sizes[one.variable] / sizes.sum())
        assert one.low <= one.high
        assert np.isnan(one.refit_low)
        assert one.above_floor is None
    assert all(np.isnan(one.low) for one in ranked(found, names, "batch:B03"))
    assert ranked(found, names, "batch:no such") == ()


def test_that_bars_are_in_percent_and_those_as_shuffled_are_hollow_and_named_so(found, names):
    bars = attribution.ranking_bars(ranked(found, names))
    hollow = [bar for bar in bars if bar.look == "hollow"]
    assert {bar.look for bar in bars} == {"plain", "hollow"}
    assert [bar.name for bar in hollow] == ["Stirrer (as shuffled)", "Pressure (as shuffled)"]
    assert all(bar.end < bar.hatched for bar in hollow)
    assert sum(bar.end for bar in bars) == pytest.approx(100)
    assert bars[0].span_low < bars[0].low < bars[0].end < bars[0].high < bars[0].span_high
    assert "no more than a model of shuffled targets" in hollow[0].said
    assert f"floor (as a share) {figures(hollow[0].hatched)} %" in hollow[0].said


def test_that_without_a_floor_nothing_is_hollow(found, names):
    nan = float("nan")
    without = dataclasses.replace(found, ranking=tuple(dataclasses.replace(one, floor=nan) for one in found.ranking))
    bars = attribution.ranking_bars(ranked(without, names))
    assert {bar.look for bar in bars} == {"plain"}
    assert not any("floor" in bar.said for bar in bars)
    sheet = attribution.ranking_sheet(without, ranked(without, names), "All")
    assert {row[sheet.headers.index("More than shuffled")] for row in sheet.rows} == {None}


def test_that_tables_say_that_it_is_no_cause_and_whether_to_believe_it(found, names):
    bad = fabricated.attribution(reliable=False)
    ranking = ranked(bad, names)
    pair = attribution_maps.difference(bad, "B00", "B01", "")
    everything = np.ones(len(bad.hours), dtype=bool)
    for sheet in (
        attribution.ranking_sheet(bad, ranking, "All"),
        attribution_maps.map_sheet(bad, attribution_maps.heat_map(bad, ranking, everything, True), "All"),
        attribution_maps.prediction_sheet(bad, names, 5),
        attribution_maps.difference_sheet(bad, names, pair),
        attribution_maps.points_sheet(bad, names, 0, everything),
        attribution.tests_sheet(bad),
        attribution.checks_sheet(bad),
    ):
        assert NOT_CAUSE in sheet.notes
        assert any(note.startswith("Not reliable: ") for note in sheet.notes)
        assert all(len(row) == len(sheet.headers) for row in sheet.rows)
        assert sheet.rows


def test_that_doubt_is_said_only_where_a_test_failed(found):
    assert attribution.doubt(found) == ""
    assert attribution.doubt(fabricated.attribution(reliable=False)).startswith("not reliable: Models with other seeds")
    assert attribution.spoken(found.trust[0]).startswith("Completeness: passed. ")
    assert attribution.spoken(found.trust[-1]).startswith("Inert variables: not known. ")


def test_that_the_summary_says_what_was_explained_against_what(found):
    said = attribution.summary(found)
    for part in ("Soft sensor, Linear (ridge): titer", found.baseline_sentence, "0.400 % with 32 steps", "156 windows"):
        assert part in said


def test_that_the_map_is_the_mean_of_the_windows_of_each_day(found, names):
    rows = attribution.rows_of(found, None, "learned:0")
    ranking = attribution.ranked(found, names, rows)
    for signed in (True, False):
        made = attribution_maps.heat_map(found, ranking, rows, signed)
        np.testing.assert_allclose(made.days, np.arange(1, 14))
        values = found.contributions if signed else np.abs(found.contributions)
        day = rows & (found.hours == 5 * 24)
        np.testing.assert_allclose(made.values[:, 4], [values[day, one.variable].mean() for one in ranking])


def test_that_a_day_without_windows_is_empty_and_half_days_have_columns_of_their_own(found, names):
    rows = (found.batch_ids == "B00") & (found.hours != 72)
    made = attribution_maps.heat_map(found, ranked(found, names, "batch:B00"), rows, True)
    assert np.isnan(made.values[:, 2]).all()
    assert np.isfinite(made.values[:, 3]).all()
    halved = dataclasses.replace(found, hours=found.hours / 2)
    made = attribution_maps.heat_map(halved, ranked(found, names), np.ones(len(found.hours), dtype=bool), True)
    np.testing.assert_allclose(np.diff(made.days), 0.5)


def test_that_events_shared_by_most_batches_are_marked_once_and_named_at_the_first():
    ids = [f"B{n:02}" for n in range(12)]
    marks = attribution_maps.marks(dataset(feeds=lambda n: (48.0 + n % 2, 72.0, *([200.0] if n < 3 else []))), ids)
    assert [mark.text for mark in marks] == ["feed \u00d72", ""]
    assert marks[0].hour == pytest.approx(48.5)
    scattered = dataset(feeds=lambda n: (24.0 * n,))
    assert attribution_maps.marks(scattered, ids) == ()
    assert [mark.hour for mark in attribution_maps.marks(scattered, ["B03"])] == [72.0]
    assert attribution_maps.marks(None, ids) == ()


def test_that_the_waterfall_leads_from_the_typical_to_the_predicted_value(found, names):
    bars = attribution_maps.waterfall(found, names, 17)
    assert (bars[0].end, bars[-1].end) == (found.typical[17], found.predicted[17])
    steps = bars[1:-1]
    assert len(steps) == attribution_maps.LARGEST + 2
    assert [bar.name for bar in steps[-2:]] == ["2 others", "Completeness error"]
    assert all(before.end == pytest.approx(after.start) for before, after in itertools.pairwise(bars[:-1]))
    assert steps[-1].end == pytest.approx(found.predicted[17])
    assert all((bar.look == "up") == (bar.end >= bar.start) for bar in steps)


def test_that_daily_windows_tile_the_culture_with_each_step_once(found, names):
    made = attribution_maps.traces(found, names, "B02", 30)
    assert len(made) == attribution_maps.TRACED
    rows = np.flatnonzero(found.batch_ids == "B02")
    largest = int(np.argmax(np.abs(found.contributions[30])))
    assert made[0].name == names[largest]
    assert len(made[0].days) == 13 * 6
    assert (np.diff(made[0].days) > 0).all()
    np.testing.assert_allclose(made[0].values, found.shown[rows][:, :, largest].ravel(), rtol=1e-6)
    np.testing.assert_allclose(made[0].contributions, np.repeat(found.contributions[rows, largest], 6))


def test_that_overlapping_windows_show_every_hour_once(found, names):
    twice = dataclasses.replace(found, hours=found.hours / 2, step_h=4.0)
    days = attribution_maps.traces(twice, names, "B02", 30)[0].days
    assert (np.diff(days) > 0).all()
    np.testing.assert_allclose(np.diff(days), 4 / 24)


def test_that_variables_without_a_course_have_no_trace(found, names):
    shown = found.shown.copy()
    largest = int(np.argmax(np.abs(found.contributions[30])))
    shown[:, :, largest] = np.nan
    made = attribution_maps.traces(dataclasses.replace(found, shown=shown), names, "B02", 30)
    assert names[largest] not in {trace.name for trace in made}


def test_that_two_batches_are_compared_on_days_that_both_have(found, names):
    short = dataclasses.replace(found, hours=np.where(found.batch_ids == "B01", found.hours + 240, found.hours))
    offered = attribution_maps.common_days(short, "B00", "B01")
    assert [text for text, _ in offered] == ["Day 13", "Day 12", "Day 11", "Sum of all days"]
    pair = attribution_maps.difference(short, "B00", "B01", offered[0][1])
    one, other = pair.one[0], pair.other[0]
    assert (short.hours[one], short.hours[other]) == (312.0, 312.0)
    bars = attribution_maps.difference_bars(short, names, pair)
    apart = short.contributions[one] - short.contributions[other]
    assert bars[0].end == pytest.approx(apart[np.argmax(np.abs(apart))])
    assert "Predicted titer on day 13: B00 " in attribution_maps.difference_words(short, pair)
    whole = attribution_maps.difference(short, "B00", "B01", "")
    assert (len(whole.one), whole.day) == (3, "sum of 3 days")
    assert attribution_maps.difference(short, "B00", "B01", "24.0") is None


def test_that_the_points_are_values_at_the_ends_of_windows(found, names):
    rows = attribution.rows_of(found, None, "batch:B04")
    x, y = attribution_maps.points(found, 2, rows)
    np.testing.assert_allclose(x, found.shown[rows, -1, 2])
    np.testing.assert_allclose(y, found.contributions[rows, 2])
    sheet = attribution_maps.points_sheet(found, names, 2, rows)
    assert sheet.headers[2:] == ("Temperature (degC)", "Contribution (g/L)")
    assert [row[1] for row in sheet.rows][:2] == [1.0, 2.0]
