"""Cross-checks and rescaling, on a stub whose prediction is a known sum."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from mabdesk.analysis.correlations import spearman
from mabdesk.analysis.cross_checks import WINDOWS, Explainers, cross_check, occlusion, permutation
from mabdesk.analysis.explained import Contributions, Explained, Grouping
from mabdesk.analysis.rescaling import rescale
from mabdesk.data.batch import Windows
from mabdesk.errors import TrainingError
from mabdesk.progress import SILENT, Progress

CHANNELS = ("ph", "mean_ph", "glucose", "vcd", "still")
GROUPING = Grouping(("ph", "glucose", "vcd", "still", "titer"), (*CHANNELS, "last_titer"), (0, 0, 1, 2, 3, 4))
WEIGHTS, OF_LAST = np.array([2.0, 1.0, -1.0, 0.3, 5.0]), 0.5
STEPS, DAYS = 4, 6


@dataclass(frozen=True)
class Sum:
    """Predicts the weighted sum of the window's last values and the last titer; what is unknown counts as 0."""

    weights: np.ndarray

    def predict(self, windows):
        said = np.nan_to_num(windows.x[:, -1]) @ self.weights + OF_LAST * np.nan_to_num(windows.last[:, 0])
        return SimpleNamespace(mean=said[:, None])


def windows_of(batches=10, seed=0):
    rng = np.random.default_rng(seed)
    ids = np.repeat([f"B{number:02d}" for number in range(batches)], DAYS)
    hours = np.tile(24.0 * np.arange(1, DAYS + 1), batches)
    x = rng.normal(0, 1, (len(ids), STEPS, len(CHANNELS)))
    x[:, :, -1] = 1.0
    last = rng.normal(0, 1, (len(ids), 1))
    measured = np.ones(len(ids), dtype=bool)
    return Windows(CHANNELS, ("titer",), x, last + 1, measured, ids, hours, hours, last, hours - 24)


def contributions(model, windows, baseline):
    """Exact: weight times the way from the baseline."""
    by_step = np.zeros(windows.x.shape)
    by_step[:, -1] = np.nan_to_num(model.weights * (windows.x[:, -1] - baseline.x[:, -1]))
    last = np.nan_to_num(OF_LAST * (windows.last - baseline.last))
    sums = np.concatenate([by_step.sum(axis=1), last], axis=1)[None]
    predicted, typical = (model.predict(one).mean[:, 0] for one in (windows, baseline))
    return Contributions(by_step, last, sums, ("all",), predicted, typical, 1, 0.0)


def explained(windows=None, known=None, model=None):
    model = model or Sum(WEIGHTS)
    windows = windows_of() if windows is None else windows
    still = np.broadcast_to([0.0, 0.0, 0.0, 0.0, 1.0], windows.x.shape)
    baseline = replace(windows, x=still.copy(), last=np.zeros_like(windows.last))
    known = windows if known is None else known
    return Explained(model, windows, baseline, known, 0, GROUPING, contributions(model, windows, baseline))


class Shap:
    """Stands in for shap: says what the stub's prediction is made of, and remembers what it was asked."""

    def __init__(self, factor=1.0):
        self.factor, self.asked = factor, []

    def gradient(self, model, windows, background, group, target, samples, seed):
        self.asked.append((windows, background, group, samples, seed))
        return self.linear(model, windows, background, group, target)

    def linear(self, model, windows, background, group, target):
        by_step = np.zeros(windows.x.shape)
        by_step[:, -1] = self.factor * model.weights * windows.x[:, -1]
        return by_step, OF_LAST * windows.last


def checks_of(found, kind="gp_svr", explainer=None, **keywords):
    explainer = explainer or Shap()
    found = cross_check(found, kind, Explainers(explainer.gradient, explainer.linear), 3, SILENT, **keywords)
    return {one.method: one for one in found}


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        ("cnn_lstm", ["gradient_shap", "occlusion", "permutation"]),
        ("gp_svr", ["gradient_shap", "occlusion", "permutation"]),
        ("ridge", ["gradient_shap", "linear_shap", "occlusion", "permutation"]),
        ("random_forest", ["occlusion", "permutation"]),
    ],
)
def test_that_each_kind_is_checked_by_what_fits_it(kind, methods):
    assert list(checks_of(explained(), kind)) == methods


def test_that_methods_that_see_the_same_agree_and_say_so():
    found = checks_of(explained())
    for one in found.values():
        assert one.spearman == pytest.approx(1.0)
        assert one.windows == WINDOWS
        assert len(one.mean_abs) == len(GROUPING.variables)
    assert "40 windows" in found["gradient_shap"].sentence
    assert "ranks the variables alike (Spearman 1.00)." in found["gradient_shap"].sentence
    assert "Permutation importance of the whole prediction" in found["permutation"].sentence


def test_that_a_method_that_ranks_the_other_way_is_told():
    class Upside(Shap):
        def linear(self, model, windows, background, group, target):
            by_step, last = super().linear(model, windows, background, group, target)
            return by_step / (model.weights * np.array([2.0, 2.0, 0.8, 0.05, 1.0])) ** 2, 10 * last

    one = checks_of(explained(), explainer=Upside())["gradient_shap"]
    assert one.spearman < 0
    assert "otherwise" in one.sentence


def test_that_checked_windows_spread_over_days_and_are_compared_at_their_own_hour():
    explainer = Shap()
    checks_of(explained(windows_of(30)), explainer=explainer)
    windows, background, group, samples, _ = explainer.asked[0]
    _, counts = np.unique(windows.hours, return_counts=True)
    assert len(windows) == WINDOWS
    assert np.ptp(counts) <= 1
    assert len(counts) == DAYS
    assert samples == 30
    for g, one in enumerate(background):
        assert set(one.hours) == set(windows.hours[group == g])
        assert 0 < len(one) <= 25


def test_that_without_a_course_over_time_the_background_is_of_all_hours():
    explainer = Shap()
    checks_of(explained(), explainer=explainer, same_hour=False)
    _, background, group, _, _ = explainer.asked[0]
    assert len(background) == 1
    assert len(set(background[0].hours)) > 1
    assert not group.any()


def test_that_the_same_seed_draws_the_same():
    first, again = (checks_of(explained(windows_of(30))) for _ in range(2))
    assert first == again


def test_that_what_shap_cannot_say_is_a_sentence_and_the_rest_is_checked():
    class Refusing(Shap):
        def gradient(self, *asked):
            raise TrainingError("shap's gradients need TensorFlow.")

    found = checks_of(explained(), explainer=Refusing())
    assert found["gradient_shap"].sentence == ("shap.GradientExplainer: not said. shap's gradients need TensorFlow.")
    assert np.isnan(found["gradient_shap"].spearman)
    assert found["occlusion"].spearman == pytest.approx(1.0)


def test_that_occlusion_is_the_change_of_the_prediction_with_its_sign():
    found = explained()
    rows = np.array([0, 7, 9])
    x, last = found.windows.x[rows, -1], found.windows.last[rows, 0]
    wanted = np.stack([2 * x[:, 0] + x[:, 1], -x[:, 2], 0.3 * x[:, 3], 0 * last, OF_LAST * last], axis=1)
    np.testing.assert_allclose(occlusion(found, rows), wanted, atol=1e-12)


def test_that_occlusion_leaves_unknown_inputs_unknown():
    windows = windows_of()
    windows.x[:, -1, 2] = np.nan
    assert not occlusion(explained(windows), np.arange(5))[:, 1].any()


def test_that_permutation_takes_the_values_of_other_batches_at_the_same_hour():
    windows = windows_of(2)
    found = explained(windows)
    one = windows.take(np.array([3]))
    other = windows.take((windows.hours == one.hours[0]) & (windows.batch_ids != one.batch_ids[0]))
    size = permutation(found, one, [windows.take(windows.hours == one.hours[0])], np.array([0]), 1)
    away = other.x[0, -1] - one.x[0, -1]
    wanted = [
        abs(2 * away[0] + away[1]),
        abs(away[2]),
        abs(0.3 * away[3]),
        0.0,
        OF_LAST * abs(other.last - one.last)[0, 0],
    ]
    np.testing.assert_allclose(size, wanted, atol=1e-12)


def test_that_with_no_other_batch_to_swap_with_permutation_is_not_said():
    one = checks_of(explained(windows_of(1)))["permutation"]
    assert np.isnan(one.spearman)
    assert "not said, for no other batch" in one.sentence


def test_that_fewer_than_three_varying_variables_give_no_ranks():
    windows = windows_of()
    windows.x[:, :, 2:4] = 0.0
    one = checks_of(explained(windows))["occlusion"]
    assert np.isnan(one.spearman)
    assert "3 variables must vary, and 2 did" in one.sentence


def test_that_spearman_shares_ranks_of_ties():
    assert spearman(np.array([1.0, 2.0, 2.0, 3.0]), np.array([10.0, 20.0, 20.0, 30.0])) == pytest.approx(1.0)
    assert np.isnan(spearman(np.array([1.0, 1.0, 1.0]), np.array([1.0, 2.0, 3.0])))
    assert np.isnan(spearman(np.array([1.0, 2.0]), np.array([1.0, 2.0])))


def rescaled(found, model, progress=SILENT):
    def again(windows, baseline):
        return contributions(model, windows, baseline)

    return rescale(again, found.windows, found.baseline, found.grouping, found.contributions, progress)


def test_that_rescaling_keeps_sums_and_signs_and_lifts_what_matters_more():
    found = explained()
    given = rescaled(found, found.model)
    before, after = found.contributions.by_step, given.by_step
    np.testing.assert_allclose(after.sum(axis=(1, 2)), before.sum(axis=(1, 2)), rtol=1e-9, atol=1e-12)
    assert (np.sign(after) == np.sign(before))[before != 0].mean() > 0.95
    assert not after[:, :-1].any()
    np.testing.assert_array_equal(given.last, found.contributions.last)
    row = np.argmax((before[:, -1, 0] > 0) & (before[:, -1, 3] > 0) & (before[:, -1, 0] > 2 * before[:, -1, 3]))
    assert after[row, -1, 0] / after[row, -1, 3] > before[row, -1, 0] / before[row, -1, 3]


def test_that_rescaling_weakens_a_step_that_changes_little():
    """A map that smears everything evenly over the steps, of a model that looks at the last one alone."""
    found = explained()

    def smeared(windows, baseline):
        exact = contributions(found.model, windows, baseline)
        own = exact.by_step.sum(axis=1, keepdims=True) / STEPS
        return replace(exact, by_step=np.repeat(own, STEPS, axis=1))

    given = rescale(smeared, found.windows, found.baseline, GROUPING, smeared(found.windows, found.baseline), SILENT)
    size = np.abs(given.by_step).sum(axis=(0, 2))
    assert size[-1] > 100 * size[:-1].max()


def test_that_rescaling_shows_how_far_it_is_and_costs_a_bounded_number_of_maps():
    found, said, calls = explained(), [], []

    def counted(windows, baseline):
        calls.append(len(windows))
        return contributions(found.model, windows, baseline)

    long = [replace(one, x=np.repeat(one.x, 20, axis=1)) for one in (found.windows, found.baseline)]
    given = contributions(found.model, *long)
    rescale(counted, *long, GROUPING, given, Progress(lambda share, text: said.append((share, text))))
    assert len(calls) <= 24 + len(GROUPING.variables)
    assert said[-1][0] > said[0][0]
    assert "rescaling over time" in said[-1][1]


def test_that_rescaling_of_no_contributions_gives_none():
    found = explained()
    given = rescale(
        lambda windows, baseline: contributions(found.model, windows, windows),
        found.baseline, found.baseline, GROUPING, contributions(found.model, found.baseline, found.baseline), SILENT,
    )  # fmt: skip
    assert not given.by_step.any()
