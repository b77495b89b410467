"""Attribution: integrated gradients, what they are compared with, the ranking, and the step that assembles them."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from little_batches import VARIABLES, batch

from mabdesk import workflow
from mabdesk.analysis import explaining, trusting
from mabdesk.analysis.cross_checks import Explainers
from mabdesk.analysis.explained import Explained, Grouping
from mabdesk.analysis.explaining import explain
from mabdesk.analysis.grouping import grouping_of, own_values, units_by_name
from mabdesk.analysis.integrated import aligned, contribute
from mabdesk.analysis.ranking import direction, share_interval
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.analysis.typical_windows import typical_windows
from mabdesk.data.batch import Dataset, Measurements, Split, Windows
from mabdesk.data.cleaning import fit_cleaning
from mabdesk.data.imported import Reading
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for, regular_windows, sample_windows
from mabdesk.errors import DataError, MabdeskError, OptionsError, TrainingError
from mabdesk.job import Job
from mabdesk.models import factory
from mabdesk.models.model import Gradients, Prediction, TrainedModel
from mabdesk.options import to_plain
from mabdesk.progress import SILENT, Progress
from mabdesk.project import codec, known  # noqa: F401 - names the types of results

COARSE = WindowPlan(step_h=4.0)
NAN = np.nan
LEARNED, VALIDATION, TEST, LOCKED = range(7), (7,), (8, 9), (10, 11)
SPLIT = Split(*(tuple(f"B{number:02d}" for number in numbers) for numbers in (LEARNED, VALIDATION, TEST, LOCKED)))


class Linear:
    """Titer is weights (channels,) times what each step shows, plus `by_last` times the last titer; unknown: 0."""

    def __init__(self, weights, by_last=0.0, parts=("only",), scale=(1.0,)):
        self.weights, self.by_last, self.parts, self.scale = np.asarray(weights), by_last, parts, scale
        self.rows = []

    def predict(self, windows):
        there = np.where(np.isfinite(windows.x), windows.x, 0.0)
        titer = there.sum(axis=1, dtype=np.float64) @ self.weights
        titer = np.mean(self.scale) * (titer + self.by_last * np.nan_to_num(windows.last[:, 0]))
        return Prediction(np.stack([titer, np.zeros(len(titer))], axis=1)[:, : len(windows.targets)])

    def gradients(self, windows, target):
        self.rows.append(len(windows))
        x = np.where(np.isfinite(windows.x), self.weights, 0.0) * (target == 0)
        last = np.zeros(windows.last.shape)
        last[:, 0] = np.where(np.isfinite(windows.last[:, 0]), self.by_last, 0.0) * (target == 0)
        return Gradients(self.parts, np.stack([s * x for s in self.scale]), np.stack([s * last for s in self.scale]))


class Bent(Linear):
    """Titer is a steep S of what `Linear` says."""

    steepness = 8.0

    def predict(self, windows):
        return Prediction(np.tanh(self.steepness * super().predict(windows).mean))

    def gradients(self, windows, target):
        said = np.tanh(self.steepness * super().predict(windows).mean[:, 0])
        straight, bend = super().gradients(windows, target), self.steepness * (1 - said**2)
        return Gradients(self.parts, straight.x * bend[:, None, None], straight.last * bend[:, None])


class Broken(Linear):
    """Slopes are not finite where the first channel shows more than 1."""

    def gradients(self, windows, target):
        found = super().gradients(windows, target)
        found.x[:, (windows.x > 1).any(axis=(1, 2))] = np.inf
        return found


class Slopeless(Linear):
    def gradients(self, windows, target):
        return None


def windows_of(x, ids=None, hours=None, last=None, channels=None):
    x = np.asarray(x, dtype=np.float32)
    n, channels = len(x), channels or tuple(f"c{place}" for place in range(x.shape[2]))
    hours = np.arange(1.0, n + 1) * 24 if hours is None else np.asarray(hours, float)
    last = np.full((n, 2), NAN) if last is None else np.asarray(last, float)
    ids = np.array(ids if ids is not None else ["A"] * n, dtype=np.str_)
    y, measured = np.full((n, 2), NAN), np.zeros(n, bool)
    return Windows(channels, ("titer", "aggregates"), x, y, measured, ids, hours, hours, last, last * 0 + 1)


def drawn(n=5, steps=3, channels=4, seed=0):
    rng = np.random.default_rng(seed)
    shape = (n, steps, channels)
    last = rng.normal(3, 1, (2, n, 2))
    return windows_of(rng.normal(size=shape), last=last[0]), windows_of(rng.normal(size=shape), last=last[1])


def words_of(work):
    said = []
    work(Progress(listen=lambda fraction, text: said.append((fraction, text))))
    return said


# Integrated gradients


def test_that_a_linear_model_is_told_exactly():
    windows, baseline = drawn(n=70)
    weights = np.array([1.0, -2.0, 0.5, 0.0])
    found = contribute(Linear(weights, by_last=0.7), windows, baseline, 0, 0.01, SILENT)
    away = windows.x.astype(float) - baseline.x
    np.testing.assert_allclose(found.by_step, weights * away, atol=1e-6)
    np.testing.assert_allclose(found.last[:, 0], 0.7 * (windows.last[:, 0] - baseline.last[:, 0]), atol=1e-9)
    assert not found.last[:, 1].any()
    assert found.interpolation_steps == 16
    assert found.error < 1e-6
    np.testing.assert_allclose(found.by_channel.sum(axis=1), found.predicted - found.typical, atol=1e-5)


def test_that_steps_are_added_until_the_sums_are_complete():
    windows, baseline = drawn(n=70)
    model = Bent([1.0, -2.0, 0.5, 0.3], by_last=0.2)
    rough = contribute(model, windows, baseline, 0, 10.0, SILENT)
    model.rows = []
    fine = contribute(model, windows, baseline, 0, 0.002, SILENT)
    assert rough.interpolation_steps == 16
    assert rough.error > 0.002 >= fine.error
    assert fine.interpolation_steps in (48, 144, 432)
    # No gradient is computed twice; one row asked whether there are any.
    assert sum(model.rows) - 1 == 70 * fine.interpolation_steps
    missing = np.abs(fine.by_channel.sum(axis=1) - (fine.predicted - fine.typical)).mean()
    assert fine.error == pytest.approx(missing / np.abs(fine.predicted - fine.typical).mean())


def test_that_adding_steps_gives_what_as_many_steps_at_once_give():
    windows, baseline = drawn()
    model = Bent([1.0, -2.0, 0.5, 0.3])
    grown = contribute(model, windows, baseline, 0, 1e-9, SILENT)
    at_once = contribute(model, windows, baseline, 0, 10.0, SILENT, first_steps=432)
    assert grown.interpolation_steps == at_once.interpolation_steps == 432
    np.testing.assert_allclose(grown.by_step, at_once.by_step, atol=1e-6)


def test_that_an_error_that_stays_is_told():
    windows, baseline = drawn()
    model = Bent([1.0, -2.0, 0.5, 0.3])
    model.steepness = 3000.0
    found = contribute(model, windows, baseline, 0, 1e-4, SILENT)
    assert found.interpolation_steps == 432
    assert found.error > 1e-4


def test_that_calls_are_large_and_no_larger_than_a_thousand_rows():
    windows, baseline = drawn(n=200)
    model = Linear([1.0, 1.0, 1.0, 1.0])
    contribute(model, windows, baseline, 0, 0.01, SILENT)
    assert model.rows == [1, 1024, 1024, 1024, 128]


def test_that_the_unknown_stays_unknown_and_contributes_nothing():
    windows, baseline = drawn()
    windows.x[0, 1, 2], windows.last[1, 0] = NAN, NAN
    windows.x[4, 0, 0] = np.inf
    baseline.x[2, :, 3], baseline.last[3, 0] = NAN, NAN
    seen = []

    class Watching(Linear):
        def gradients(self, windows, target):
            seen.append(windows)
            return super().gradients(windows, target)

    found = contribute(Watching([1.0, -2.0, 0.5, 2.0], by_last=1.0), windows, baseline, 0, 0.01, SILENT)
    path = seen[1].x.reshape(16, 5, 3, 4)
    assert np.isnan(path[:, 0, 1, 2]).all()
    assert np.isnan(path[:, 4, 0, 0]).all()
    assert np.isnan(seen[1].last.reshape(16, 5, 2)[:, 1, 0]).all()
    assert (path[:, 2, :, 3] == windows.x[2, :, 3]).all()
    assert found.by_step[0, 1, 2] == found.by_step[4, 0, 0] == found.last[1, 0] == found.last[3, 0] == 0
    assert not found.by_step[2, :, 3].any()
    assert found.error < 1e-6
    assert np.isfinite(found.by_step).all()


def test_that_the_baseline_knows_what_the_window_knows():
    windows, baseline = drawn()
    windows.x[0, 0, 0], baseline.x[1, 1, 1] = NAN, NAN
    start = aligned(windows, baseline)
    assert np.isnan(start.x[0, 0, 0])
    assert start.x[1, 1, 1] == windows.x[1, 1, 1]
    assert start.x[2, 2, 2] == baseline.x[2, 2, 2]
    assert start.x.dtype == np.float32


def test_that_the_parts_of_a_model_are_kept_apart_and_their_mean_is_told():
    windows, baseline = drawn()
    whole = contribute(
        Linear([1.0, -2.0, 0.5, 0.0], 0.7, ("one", "two"), (0.5, 1.5)), windows, baseline, 0, 0.01, SILENT
    )
    single = contribute(Linear([1.0, -2.0, 0.5, 0.0], 0.7), windows, baseline, 0, 0.01, SILENT)
    assert whole.parts == ("one", "two")
    assert whole.part_sums.shape == (2, 5, 6)
    np.testing.assert_allclose(whole.by_channel, single.by_channel, atol=1e-9)
    np.testing.assert_allclose(whole.part_sums[1], 3 * whole.part_sums[0], atol=1e-9)
    np.testing.assert_allclose(whole.part_sums.mean(axis=0), whole.by_channel, atol=1e-9)


def test_that_another_target_is_explained_when_asked_for():
    windows, baseline = drawn()
    assert not contribute(Linear([1.0, 1.0, 1.0, 1.0]), windows, baseline, 1, 0.01, SILENT).by_step.any()


def test_that_no_departure_is_no_error():
    windows, _ = drawn()
    assert contribute(Linear([1.0, 1.0, 1.0, 1.0]), windows, windows, 0, 0.01, SILENT).error == 0.0


def test_that_slopes_that_are_not_finite_are_refused_with_their_place():
    windows, baseline = drawn()
    windows.x[:], baseline.x[:] = 0, 0
    windows.x[3] = 50
    with pytest.raises(TrainingError, match=r"gradients are not finite .*batch A") as caught:
        contribute(Broken([1.0, 1.0, 1.0, 1.0]), windows, baseline, 0, 0.01, SILENT)
    assert caught.value.hint


def test_that_predictions_that_are_not_finite_are_refused():
    windows, baseline = drawn()
    with pytest.raises(TrainingError, match="predictions are not finite"):
        contribute(Linear([NAN, 1.0, 1.0, 1.0]), windows, baseline, 0, 0.01, SILENT)


@pytest.mark.parametrize("kind", ["last_value", "mean_trajectory", "mean_increment"])
def test_that_a_model_that_sees_no_variable_is_refused(kind, dataset):
    trained, model = trained_on(dataset, kind)
    with pytest.raises(DataError, match=r"sees no variable.*nothing to explain") as caught:
        explain(trained, model, dataset, SPLIT, ExplainOptions(), 1, factory.create, EXPLAINERS, no_trees)
    assert "Train a model that sees" in caught.value.hint


def test_that_trees_are_explained_by_what_the_caller_gives():
    windows, baseline = drawn()
    model = Slopeless([1.0, -2.0, 0.5, 0.0], 0.7)

    def by_trees(asked, mine, start, target):
        assert asked is model
        assert target == 0
        return model.weights * (mine.x.astype(float) - start.x), np.stack(
            [0.7 * (mine.last[:, 0] - start.last[:, 0]), np.zeros(len(mine))], axis=1
        )

    found = contribute(model, windows, baseline, 0, 0.01, SILENT, by_trees)
    assert found.parts == ("trees",)
    assert found.interpolation_steps == 0
    assert found.error < 1e-6
    np.testing.assert_allclose(found.part_sums[0], found.by_channel)
    with pytest.raises(TrainingError, match="contributions are not finite"):
        contribute(model, windows, baseline, 0, 0.01, SILENT, lambda *_: (np.full((5, 3, 4), NAN), np.zeros((5, 2))))


def test_that_progress_is_told_in_words_and_never_goes_back():
    windows, baseline = drawn(n=70)
    said = words_of(lambda p: contribute(Bent([1.0, -2.0, 0.5, 0.3]), windows, baseline, 0, 1e-9, p))
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("432 steps, integrating gradients, window 65 of 70" in text for _, text in said)


# What windows are compared with


def typical_example():
    x = [[[1.0]], [[3.0]], [[NAN]], [[10.0]], [[20.0]]]
    last = [[1.0, NAN], [3.0, NAN], [NAN, NAN], [NAN, NAN], [5.0, 2.0]]
    mine = windows_of(x, ["A", "B", "C", "A", "B"], [24, 24, 24, 48, 48], last)
    return mine, windows_of([[[7.0]], [[7.0]], [[7.0]]], ["T", "T", "T"], [24, 48, 72])


def test_that_the_mean_trajectory_is_the_mean_of_what_is_known_at_the_same_hour():
    mine, asked = typical_example()
    found = typical_windows(asked, mine, "mean_trajectory")
    assert found.baseline.x[:, 0, 0].tolist() == [2.0, 15.0]
    assert found.baseline.last[:, 0].tolist() == [2.0, 5.0]
    assert np.isnan(found.baseline.last[0, 1])
    assert found.baseline.hours.tolist() == found.windows.hours.tolist() == [24.0, 48.0]
    assert found.baseline.batch_ids.tolist() == ["T", "T"]
    assert "3 training batches at the same culture hour" in found.sentence


def test_that_windows_at_hours_that_no_training_batch_reaches_are_left_out_and_told():
    mine, asked = typical_example()
    found = typical_windows(asked, mine, "mean_trajectory")
    assert any("1 windows are left out (T)" in note for note in found.notes)
    assert any("Fewer than 3 training batches" in note and "48 h" in note for note in found.notes)


def test_that_the_training_mean_is_the_mean_of_all_known_windows():
    mine, asked = typical_example()
    found = typical_windows(asked, mine, "training_mean")
    assert found.baseline.x[:, 0, 0].tolist() == [8.5] * 3
    assert found.baseline.last[:, 0].tolist() == [3.0] * 3
    assert found.baseline.hours.tolist() == asked.hours.tolist()
    assert "all 5 windows of 3 training batches" in found.sentence


def test_that_regular_windows_end_at_the_same_hours_in_every_batch_and_never_at_a_broken_end(dataset):
    short = replace(batch(3, days=4), id="short")
    short = replace(short, online=cut(short.online, 80.5), offline=cut(short.offline, 80.5))
    data = Dataset(VARIABLES, (*dataset.batches, short))
    plan = plan_for(data, COARSE)
    cleaning = fit_cleaning(data, CleaningPlan(), data.ids)
    windows = regular_windows(data, plan, cleaning, 24.0)
    assert windows.of(["B00"]).hours.tolist() == [24.0 * day for day in range(1, 9)]
    assert windows.of(["short"]).hours.tolist() == [24.0, 48.0, 72.0]
    assert (windows.target_hours == windows.hours).all()
    ahead = plan_for(data, replace(COARSE, preset="forecast"))
    forecast = regular_windows(data, ahead, cleaning, 48.0).of(["B00"])
    assert forecast.hours.tolist() == [24.0, 72.0, 120.0, 168.0]
    assert (forecast.target_hours - forecast.hours == ahead.horizon_h).all()


def cut(table, until):
    there = table.hours <= until
    return Measurements(table.names, table.hours[there], table.values[there])


# Channels and variables


def test_that_channels_are_grouped_by_the_variable_they_tell_of():
    channels = ("temperature", "vcd", "culture_age", "ivcd", "previous_vcd", "cell_line=A", "mean_temperature", "titer")
    windows = windows_of(np.zeros((1, 2, 8)), channels=channels)
    found = grouping_of(windows, ("temperature", "vcd", "titer"), np.array([[0.5, 0.0]]))
    assert found.variables == ("temperature", "vcd", "culture_age", "cell_line", "titer")
    assert found.channels[-2:] == ("last_titer", "last_aggregates")
    assert [found.channels[place] for place in found.channels_of(4)] == ["titer", "last_titer"]
    assert found.channel_of[-1] == -1
    by_channel = np.arange(10.0)[None]
    assert found.by_variable(by_channel).tolist() == [[0.0 + 6, 1.0 + 3 + 4, 2.0, 5.0, 7.0 + 8]]
    assert units_by_name(VARIABLES, found.variables) == ("°C", "1e6 cells/mL", "", "", "g/L")


def test_that_a_soft_sensor_has_no_titer_among_its_variables_and_a_forecast_from_it_has():
    windows = windows_of(np.zeros((1, 2, 1)), channels=("vcd",))
    assert grouping_of(windows, ("vcd",), np.zeros((1, 2))).variables == ("vcd",)
    assert grouping_of(windows, ("vcd",), np.array([[0.1, 0.0]])).variables == ("vcd", "titer")


def test_that_own_values_are_the_variables_own_channel():
    windows = windows_of(np.arange(6).reshape(1, 2, 3), channels=("ivcd", "vcd", "feed_setpoint"))
    grouping = Grouping(("vcd", "feed", "age"), windows.channels, (0, 0, 1))
    values = own_values(windows, grouping)
    assert values[0, :, 0].tolist() == [1, 4]
    assert values[0, :, 1].tolist() == [2, 5]
    assert np.isnan(values[0, :, 2]).all()
    assert values.dtype == np.float32


# Ranking


def test_that_the_interval_of_a_share_resamples_whole_batches():
    ids = np.repeat(["A", "B", "C", "D"], 50)
    by_variable = np.ones((200, 2))
    by_variable[:50, 0] = 9
    low, high = share_interval(by_variable, ids, 1)
    # Without batch A the shares are equal, with four times it 0.9: 200 windows alone would look far surer.
    assert low[0] == pytest.approx(0.5)
    assert high[0] > 0.8
    again = share_interval(by_variable, ids, 1)
    assert np.array_equal((low, high), again)
    assert np.isnan(share_interval(by_variable[:50], ids[:50], 1)).all()


def test_that_direction_says_whether_more_of_it_means_more():
    away = np.array([-1.0, 0.0, 1.0, NAN])
    assert direction(away, np.array([-2.0, 0.0, 2.0, 9.0])) == pytest.approx(1.0)
    assert direction(away, np.array([2.0, 0.0, -2.0, 9.0])) == pytest.approx(-1.0)
    assert np.isnan(direction(np.zeros(4), np.arange(4.0)))


# The step


@dataclass
class Given:
    """What the trust tests were handed."""

    found: Explained | None = None
    learn: object = None
    same_hour: bool | None = None
    progress: Progress = SILENT


def not_asked(*_):
    raise AssertionError("nothing here asks shap")


EXPLAINERS, no_trees = Explainers(not_asked, not_asked), not_asked


@pytest.fixture(autouse=True)
def given(monkeypatch):
    """Leave checks and trust tests out, whose own tests stand elsewhere; keep what they were handed."""
    handed = Given()

    def trust(found, learn, options, seed, progress):
        handed.found, handed.learn, handed.progress = found, learn, progress
        v = np.arange(len(found.grouping.variables), dtype=float)
        return trusting.Trusted((), v, v + 1, v + 2, ("Said by the tests.",))

    monkeypatch.setattr(explaining, "trust", trust)

    def cross_check(found, kind, explainers, seed, progress, same_hour):
        handed.same_hour = same_hour
        return ()

    monkeypatch.setattr(explaining, "cross_check", cross_check)
    return handed


class OnChannels(Linear):
    """Titer from named channels alone, whatever others the windows have."""

    def __init__(self, channels, weights):
        super().__init__([weights.get(name, 0.0) for name in channels])


WEIGHTS = {"ivcd": 0.01, "temperature": -0.2, "ph": 0.0, "glucose": 0.05}


def parts_of_a_model(dataset, kind, plan):
    learned = dataset.only([*SPLIT.train, *SPLIT.validation])
    plan = plan_for(learned, plan)
    cleaning = fit_cleaning(learned, CleaningPlan(), learned.ids)
    windows = regular_windows(learned, plan, cleaning)
    return TrainedModel(kind, {}, 1, plan, cleaning, dataset.variables, windows.channels, windows.targets, {})


def trained_on(dataset, kind="ridge", plan=COARSE):
    """Return a description and a stub for kinds with slopes; a real model for the others."""
    trained = parts_of_a_model(dataset, kind, plan)
    if kind == "ridge":
        return trained, OnChannels(trained.channels, WEIGHTS)
    model = factory.create(kind, {}, trained.window_plan)
    windows = sample_windows(dataset.only(SPLIT.train), trained.window_plan, trained.cleaning)
    model.fit(windows, windows.of(()), 1, SILENT)
    return trained, model


def told(dataset, trained=None, model=None, split=SPLIT, seed=1, **options):
    if trained is None:
        trained, model = trained_on(dataset)
    return explain(
        trained, model, dataset, split, ExplainOptions(**options), seed, factory.create, EXPLAINERS, no_trees
    )


def changed(dataset, name, by=5.0):
    """Return the data with every value of one batch moved."""
    batches = []
    for one in dataset.batches:
        if one.id == name:
            on, off = one.online, one.offline
            one = replace(one, online=Measurements(on.names, on.hours, on.values + by * 0.1))
            one = replace(one, offline=Measurements(off.names, off.hours, off.values * (1 + by * 0.05)))
        batches.append(one)
    return Dataset(dataset.variables, tuple(batches), dataset.sources)


def test_that_an_attribution_tells_of_every_window_but_those_of_locked_batches(dataset):
    found = told(dataset)
    assert set(found.batch_ids.tolist()) == set(dataset.ids) - set(SPLIT.locked)
    assert len(found.hours) == 10 * 8
    assert set(found.batch_ids[found.learned].tolist()) == {*SPLIT.train, *SPLIT.validation}
    n, v, steps = 80, len(found.variables), 6
    assert found.contributions.shape == found.disagreement.shape == (n, v)
    assert found.by_step.shape == found.shown.shape == found.usual.shape == (n, steps, v)
    assert found.by_channel.shape == (n, len(found.channels)) == (n, len(found.channel_of))
    assert {found.by_step.dtype, found.shown.dtype, found.usual.dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.predicted - found.typical, atol=1e-5)
    np.testing.assert_allclose(found.by_step.sum(axis=1), found.contributions, atol=1e-5)
    assert "titer" not in found.variables
    assert found.method == "integrated_gradients"
    assert found.units[found.variables.index("temperature")] == "°C"
    assert found.unit == "g/L"


def test_that_the_ranking_follows_the_contributions(dataset, given):
    found = told(dataset)
    first, second = found.ranking[:2]
    assert {first.variable, second.variable} == {"temperature", "vcd"}
    assert [one.mean_abs for one in found.ranking] == sorted((one.mean_abs for one in found.ranking), reverse=True)
    assert sum(one.relative for one in found.ranking) == pytest.approx(1.0)
    assert first.low <= first.relative <= first.high
    by_name = {one.variable: one for one in found.ranking}
    assert by_name["temperature"].direction == pytest.approx(-1.0, abs=0.01)
    assert by_name["vcd"].direction > 0.5
    assert by_name["ph"].mean_abs == 0.0
    place = found.variables.index("vcd")
    assert (by_name["vcd"].floor, by_name["vcd"].refit_low, by_name["vcd"].refit_high) == (place, place + 1, place + 2)
    assert "Said by the tests." in found.notes


def test_that_time_itself_contributes_nothing_beside_the_mean_trajectory(dataset):
    trained, _ = trained_on(dataset)
    model = OnChannels(trained.channels, {"culture_age": 1.0, "temperature": 1.0})
    found = told(dataset, trained, model)
    assert not found.contributions[:, found.variables.index("culture_age")].any()
    beside = told(dataset, trained, model, baseline="training_mean")
    assert beside.contributions[:, found.variables.index("culture_age")].any()
    assert beside.baseline == "training_mean"


def test_that_the_trust_tests_get_what_the_model_learned_from(dataset, given):
    told(dataset)
    assert set(given.learn.windows.batch_ids.tolist()) == {*SPLIT.train, *SPLIT.validation}
    assert given.learn.validation_ids == SPLIT.validation
    assert np.isfinite(given.learn.windows.y).any()
    assert set(given.found.known.batch_ids.tolist()) == {*SPLIT.train, *SPLIT.validation}
    assert given.learn.make(()) is not given.learn.make(())
    assert "more" in given.learn.make(("more",)).plan.inputs


def test_that_refits_are_never_cut_short(dataset, given):
    trained, model = trained_on(dataset)
    impatient = Progress(finish_now=lambda: True)
    explain(trained, model, dataset, SPLIT, ExplainOptions(), 1, factory.create, EXPLAINERS, no_trees, impatient)
    assert not given.progress.finish_now()


def test_that_a_locked_batch_is_never_seen(dataset):
    before, after = told(dataset), told(changed(dataset, SPLIT.locked[0]))
    assert codec.content_hash(before) == codec.content_hash(after)
    assert any("Locked away and not looked at: 2 batches" in note for note in before.notes)


def test_that_a_test_batch_changes_no_baseline(dataset):
    before, after = told(dataset), told(changed(dataset, SPLIT.test[0]))
    np.testing.assert_array_equal(before.usual, after.usual)
    others = before.batch_ids != SPLIT.test[0]
    np.testing.assert_array_equal(before.contributions[others], after.contributions[others])
    assert not np.array_equal(before.contributions, after.contributions)
    learned = told(changed(dataset, SPLIT.train[0]))
    assert not np.array_equal(before.usual, learned.usual)


def test_that_the_same_seed_gives_the_same_bits(dataset):
    first, again, other = told(dataset), told(dataset), told(dataset, seed=2)
    assert codec.content_hash(first) == codec.content_hash(again)
    assert first.ranking != other.ranking
    np.testing.assert_array_equal(first.contributions, other.contributions)


def test_that_an_attribution_survives_the_project_file(dataset):
    found = told(dataset)
    encoded = codec.encode(found)
    again = codec.decode(encoded.json, dict(encoded.blobs).__getitem__)
    assert codec.content_hash(again) == codec.content_hash(found)


def test_that_another_target_can_be_asked_for_and_an_unknown_one_is_refused(dataset):
    with pytest.raises(OptionsError, match="does not predict 'viability'") as caught:
        told(dataset, target="viability")
    assert "titer, aggregates" in caught.value.hint
    found = told(dataset, target="aggregates")
    assert (found.target, found.unit) == ("aggregates", "%")


def test_that_a_batch_that_is_too_short_is_left_out_and_said(dataset):
    short = replace(batch(9), id="B09")
    short = replace(short, online=cut(short.online, 20), offline=cut(short.offline, 20))
    data = Dataset(dataset.variables, (*dataset.batches[:9], short, *dataset.batches[10:]), dataset.sources)
    found = told(data)
    assert "B09" not in found.batch_ids
    assert "Left out, shorter than one window (24 h): B09." in found.notes


def test_that_one_variable_is_explained_with_no_ranking_to_test(dataset):
    trained, model = trained_on(dataset, plan=replace(COARSE, inputs=("temperature",)))
    found = told(dataset, trained, model)
    assert any("no ranking to test" in note for note in found.notes)
    assert next(one for one in found.ranking if one.variable == "temperature").relative == 1.0


def constant(dataset, *names):
    batches = []
    for one in dataset.batches:
        tables = {}
        for kind in ("online", "offline"):
            table = getattr(one, kind)
            values = np.where(np.isin(table.names, names), 7.0, table.values)
            tables[kind] = Measurements(table.names, table.hours, values)
        batches.append(replace(one, **tables))
    return Dataset(dataset.variables, tuple(batches), dataset.sources)


def test_that_a_constant_variable_contributes_nothing_and_is_said(dataset):
    found = told(constant(dataset, "ph"))
    assert "ph" not in [one.variable for one in found.ranking if one.mean_abs > 0]
    assert any("ph contributes 0: constant at 7" in note for note in found.notes)


def test_that_inputs_that_never_vary_are_refused(dataset):
    with pytest.raises(DataError, match=r"ever departs from the usual course") as caught:
        told(constant(dataset, "temperature", "ph", "vcd", "glucose"))
    assert caught.value.hint


def test_that_a_model_of_one_batch_is_refused(dataset):
    split = Split(("B00",), (), ("B01",))
    learned = dataset.only(["B00"])
    plan = plan_for(learned, COARSE)
    cleaning = fit_cleaning(learned, CleaningPlan(), learned.ids)
    channels = regular_windows(learned, plan, cleaning).channels
    trained = TrainedModel("ridge", {}, 1, plan, cleaning, dataset.variables, channels, plan.targets, {})
    with pytest.raises(DataError, match=r"learned from one batch alone \(B00\)") as caught:
        told(dataset, trained, OnChannels(channels, WEIGHTS), split=split)
    assert "at least 2 batches" in caught.value.hint


def test_that_a_model_of_another_dataset_is_refused_with_what_differs(dataset):
    trained, model = trained_on(dataset)
    with pytest.raises(DataError, match=r"lack 2 of its 8 training batches \(B00, B01\)"):
        told(dataset.only(dataset.ids[2:]), trained, model)
    celsius = tuple(replace(v, unit="°F") if v.name == "temperature" else v for v in dataset.variables)
    with pytest.raises(DataError, match=r"temperature is in °F, not °C"):
        told(replace(dataset, variables=celsius), trained, model)
    fewer = tuple(v for v in dataset.variables if v.name not in ("vcd", "ph"))
    with pytest.raises(DataError, match=r"lack the variables ph, vcd"):
        told(replace(dataset, variables=fewer), trained, model)
    with pytest.raises(DataError, match=r"locks batches away that it learned from \(B00\)"):
        told(dataset, trained, model, split=replace(SPLIT, locked=("B00",)))


def test_that_at_most_five_differences_of_a_kind_are_named():
    many = Dataset(VARIABLES, tuple(batch(number) for number in range(12)))
    trained, model = trained_on(many)
    with pytest.raises(MabdeskError, match=r"\(B00, B01, B02, B03, B04 and 3 more\)"):
        told(many.only(many.ids[8:]), trained, model)


def test_that_a_forecast_tells_of_the_last_measured_titer(dataset):
    trained = parts_of_a_model(dataset, "ridge", replace(COARSE, preset="forecast"))
    model = OnChannels(trained.channels, WEIGHTS)
    model.by_last = 1.0
    found = told(dataset, trained, model)
    assert "titer" in found.variables
    assert "last_titer" in found.channels
    assert "last_aggregates" not in found.channels
    assert (found.target_hours - found.hours == 24.0).all()
    np.testing.assert_allclose(found.by_step.sum(axis=1), found.contributions, atol=1e-5)


def test_that_disagreement_is_that_of_the_models_parts(dataset):
    trained, model = trained_on(dataset)
    assert not told(dataset, trained, model).disagreement.any()
    model.parts, model.scale = ("one", "two"), (0.5, 1.5)
    found = told(dataset, trained, model)
    np.testing.assert_allclose(found.disagreement, 0.5 * np.abs(found.contributions), atol=1e-9)
    assert found.parts == ("one", "two")


def test_that_checks_compare_with_what_the_attribution_compares_with(dataset, given):
    told(dataset)
    assert given.same_hour is True
    told(dataset, baseline="training_mean")
    assert given.same_hour is False
    given.same_hour = None
    told(dataset, checks=False)
    assert given.same_hour is None


def test_that_a_forest_is_explained_by_its_trees_and_so_are_its_refits(dataset, given):
    trained = parts_of_a_model(dataset, "random_forest", COARSE)
    weights = OnChannels(trained.channels, WEIGHTS).weights

    def by_trees(model, windows, baseline, target):
        away = windows.x.astype(float) - baseline.x
        return np.where(np.isfinite(away), away * weights, 0.0), np.zeros(windows.last.shape)

    found = explain(
        trained, Slopeless(weights), dataset, SPLIT, ExplainOptions(), 1, factory.create, EXPLAINERS, by_trees
    )
    assert (found.method, found.parts, found.interpolation_steps) == ("tree", ("trees",), 0)
    assert given.learn.by_trees is by_trees
    assert found.completeness_error < 1e-5


def test_that_temporal_rescaling_moves_contributions_and_keeps_their_sums(dataset):
    plain, rescaled = told(dataset, stride_h=48.0), told(dataset, stride_h=48.0, rescaling=True)
    assert rescaled.rescaled
    assert not plain.rescaled
    np.testing.assert_allclose(rescaled.contributions.sum(axis=1), plain.contributions.sum(axis=1), atol=1e-9)
    assert np.abs(rescaled.by_step - plain.by_step).max() > 1e-3


def test_that_the_step_gives_the_same_bits_again_with_its_real_parts(dataset, monkeypatch):
    monkeypatch.setattr(explaining, "trust", trusting.trust)
    trained, model = trained_on(dataset, "linear", replace(COARSE, inputs=("temperature", "ph", "vcd")))
    trained = replace(trained, arrays=model.arrays())
    parents = {"dataset": Reading(dataset, (), (), ()), "split": SPLIT, "model": SimpleNamespace(model=trained)}
    options = {**to_plain(ExplainOptions()), "checks": False, "refits": 2, "permuted": 4, "stride_h": 48.0}
    job, fractions = Job("explain", parents, options, 3, ()), []
    first = workflow.run(job, Progress(listen=lambda fraction, _: fractions.append(fraction)))
    assert first.reliable == ("not reliable" not in first.verdict)
    assert {one.test for one in first.trust} >= {"completeness", "stability", "deletion", "permuted_target"}
    assert fractions == sorted(fractions)
    assert codec.content_hash(workflow.run(job, SILENT)) == codec.content_hash(first)
