"""What shap says of a prediction: expected gradients, linear and tree explainers. The only file that imports shap.

Lundberg and Lee (2017); Erion et al. (2021) for expected gradients; Lundberg et al. (2020) for trees. What is
said of summaries is brought back to steps and channels, through the physical scale: what a product of two factors
changes by is shared as Shapley does, each change times the mean of the other factor, so that the sums are exact.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import shap
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import TrainingError
from mabdesk.models.forest import ForestFit, Trees, with_a_column
from mabdesk.models.linear import Design, LinearFit
from mabdesk.models.model import WindowModel
from mabdesk.models.physical import offsets, scales
from mabdesk.models.simple import Summary
from mabdesk.models.summaries import known

_Columns = Callable[[Floats, Floats], Floats]
"""Contributions (n, k) of the columns of a table (n, k), compared with the one row (1, k)."""


class Whole(Protocol):
    """A Keras model of the whole prediction of one target, and its inputs: values, what is known, last, context."""

    network: Any

    def feeds(self, windows: Windows) -> list[Floats]:
        """Return the inputs of windows (n)."""


def gradient_shap(
    whole: Whole, windows: Windows, background: Sequence[Windows], group: NDArray[np.intp], samples: int, seed: int
) -> tuple[Floats, Floats]:
    """Return expected gradients (n, steps, channels) and (n, targets) of the last measured values.

    Args:
        whole: of one target.
        windows: (n) that are explained.
        background: windows that they are compared with, by group, one at least in each; what a window does not know,
            its background does not either, and hours are the window's own.
        group: (n,) position of each window's background.
        samples: drawn for each window.
        seed: of the draws; the global random state of numpy stays as it was.
    """
    feeds = whole.feeds(windows)
    by_step, last = np.zeros(windows.x.shape), np.zeros(windows.last.shape)
    rows = [one[:1] for one in feeds]
    with _random_state_kept():
        explainer = shap.GradientExplainer(whole.network, rows, batch_size=samples)
        for number, mine in enumerate(_alike(windows, background, feeds, group)):
            # shap looks the background up in this very list: another explainer would trace the network anew.
            rows[:] = _shared(background[group[mine[0]]], windows, feeds, int(mine[0]))
            asked = [one[mine] for one in feeds]
            found = explainer.shap_values(asked, nsamples=samples, rseed=(seed + number) % 2**32)
            by_step[mine], last[mine] = found[0][..., 0], found[2][..., 0]
    return by_step, last


def linear_shap(
    model: WindowModel, windows: Windows, background: Sequence[Windows], group: NDArray[np.intp], target: int
) -> tuple[Floats, Floats]:
    """Return contributions (n, steps, channels) and (n, targets), the mean over each window's background.

    Arguments are those of `gradient_shap`; the model's rate is linear in the window's summaries.

    Raises:
        TrainingError: it is not.
    """
    fit = _fit_of(model)
    if not isinstance(fit, LinearFit):
        raise TrainingError("shap.LinearExplainer needs a linear model.", "Choose ridge, PLS, ElasticNet or linear.")
    coefficients = fit.coefficients[target]

    def columns(table: Floats, typical: Floats) -> Floats:
        explainer = shap.LinearExplainer((coefficients[1:], coefficients[0]), typical)
        return np.asarray(explainer.shap_values(table))

    by_step, last = np.zeros(windows.x.shape), np.zeros(windows.last.shape)
    for g in np.unique(group):
        mine, count = np.flatnonzero(group == g), len(background[g])
        pairs = windows.take(np.repeat(mine, count))
        typical = _aligned(pairs, background[g].take(np.tile(np.arange(count), len(mine))))
        rates = [coefficients[0] + fit.design.table(one) @ coefficients[1:] for one in (pairs, typical)]
        found = _by_channel(fit.design, pairs, typical, target, columns, rates)
        by_step[mine], last[mine] = (one.reshape(len(mine), count, *one.shape[1:]).mean(axis=1) for one in found)
    return by_step, last


def tree_shap(model: WindowModel, windows: Windows, baseline: Windows, target: int) -> tuple[Floats, Floats]:
    """Return contributions (n, steps, channels) and (n, targets) to predicted(windows) - predicted(baseline), exactly.

    Every row is compared with its own baseline row; both have the same hours.

    Raises:
        TrainingError: the model is no random forest.
    """
    fit = _fit_of(model)
    if not isinstance(fit, ForestFit):
        raise TrainingError("shap.TreeExplainer needs a random forest.", "Choose one, or another explainer.")
    cuts = _cuts(fit.trees, max(int(fit.design.scaling.kept.sum()), 1))
    trees = {"trees": _plain_trees(fit, target, cuts)}

    def columns(table: Floats, typical: Floats) -> Floats:
        first, second = (_steps_passed(with_a_column(one), cuts) for one in (table, typical))
        explainer = shap.TreeExplainer(trees, second, feature_perturbation="interventional")
        found = np.asarray(explainer.shap_values(first, check_additivity=False), dtype=np.float64)
        return found.reshape(len(table), -1)[:, : table.shape[1]]

    tables = [with_a_column(fit.design.table(one)) for one in (windows, baseline)]
    rates = [fit.trees.mean(table, fit.roots[target]) for table in tables]
    return _by_channel(fit.design, windows, baseline, target, columns, rates)


def _fit_of(model: Any) -> Any:
    return model.fitted if isinstance(model, Summary) else None


def _by_channel(
    design: Design, windows: Windows, baseline: Windows, target: int, columns: _Columns, rates: Sequence[Floats]
) -> tuple[Floats, Floats]:
    """Explain rates row by row against the baseline, then go back from summaries to channels and into units."""
    tables = design.table(windows), design.table(baseline)
    typical, place = np.unique(tables[1], axis=0, return_inverse=True)
    place = place.reshape(-1)
    found = np.zeros((len(windows), len(design.scaling.kept)))
    with _random_state_kept():
        for number in range(len(typical)):
            mine = np.flatnonzero(place == number)
            if tables[0].shape[1]:
                found[np.ix_(mine, design.scaling.kept)] = columns(tables[0][mine], typical[number : number + 1])
    both = [scales(design.target, one)[:, target] for one in (windows, baseline)]
    by_step = _to_steps(found, windows, baseline) * ((both[0] + both[1]) / 2)[:, None, None]
    driver = design.target.drivers[target]
    if driver:
        by_step[:, -1, windows.channels.index(driver)] += (both[0] - both[1]) * (rates[0] + rates[1]) / 2
    last = np.zeros(windows.last.shape)
    last[:, target] = (offsets(design.target, windows) - offsets(design.target, baseline))[:, target]
    return by_step, last


def _to_steps(columns: Floats, windows: Windows, baseline: Windows) -> Floats:
    """Return (n, steps, channels): last values to the last step, means and deviations evenly over the known steps.

    The difference of last and first goes to both, as far as each differs from the baseline's.
    """
    last, mean, moved, spread = np.split(columns, 4, axis=1)
    x, typical = known(windows.x).astype(np.float64), known(baseline.x).astype(np.float64)
    there = np.isfinite(x) | np.isfinite(typical)
    by_step = (mean + spread)[:, None, :] * there / np.maximum(there.sum(axis=1), 1)[:, None, :]
    away = np.abs(np.nan_to_num(x[:, [0, -1]] - typical[:, [0, -1]], nan=0.0))
    total = away.sum(axis=1)
    share = np.where(total > 0, away[:, 1] / np.where(total > 0, total, 1.0), 0.5)
    by_step[:, -1] += last + moved * share
    by_step[:, 0] += moved * (1 - share)
    return np.asarray(by_step)


def _cuts(trees: Trees, width: int) -> list[Floats]:
    """Return the thresholds of every column, sorted."""
    inside = trees.left != np.arange(len(trees.left))
    return [np.unique(trees.threshold[inside & (trees.feature == column)]) for column in range(width)]


def _steps_passed(table: Floats, cuts: Sequence[Floats]) -> Floats:
    """Return how many thresholds of its column each value (n, k) lies above.

    Trees then compare whole numbers with halves. shap rounds thresholds to float32: with the values themselves, one
    that lies just above a threshold would go left there, and the sums of a few rows would be wrong by some percent.
    """
    inputs = np.asarray(table, dtype=np.float32)  # as in prediction
    columns = [np.searchsorted(cut, values.astype(np.float64)) for cut, values in zip(cuts, inputs.T, strict=True)]
    return np.asarray(np.stack(columns, axis=1), dtype=np.float64)


def _plain_trees(fit: ForestFit, target: int, cuts: Sequence[Floats]) -> list[dict[str, NDArray[Any]]]:
    """Return the trees of one target as shap reads them; a leaf has no children there, and counts from each root."""
    trees = fit.trees
    place = np.full(len(trees.value), -1.0)
    for column, cut in enumerate(cuts):
        mine = trees.feature == column
        place[mine] = np.searchsorted(cut, trees.threshold[mine]) + 0.5
    bounds = np.append(fit.roots.reshape(-1), len(trees.value))
    first, count = target * fit.roots.shape[1], fit.roots.shape[1]
    pairs = [(int(bounds[k]), int(bounds[k + 1])) for k in range(first, first + count)]
    return [_plain_tree(trees, place, start, stop, count) for start, stop in pairs]


def _plain_tree(trees: Trees, place: Floats, start: int, stop: int, count: int) -> dict[str, NDArray[Any]]:
    nodes = slice(start, stop)
    leaf = trees.left[nodes] == np.arange(start, stop)
    left, right = (np.where(leaf, -1, side[nodes] - start).astype(np.int32) for side in (trees.left, trees.right))
    return {
        "children_left": left,
        "children_right": right,
        "children_default": left,
        "features": np.where(leaf, -2, trees.feature[nodes]).astype(np.int32),
        "thresholds": np.where(leaf, -2.0, place[nodes]),
        "values": (trees.value[nodes, None] - trees.value[nodes].mean()) / count,  # shap keeps float32 of them
        "node_sample_weight": np.ones(stop - start),
    }


def _alike(
    windows: Windows, background: Sequence[Windows], feeds: Sequence[Floats], group: NDArray[np.intp]
) -> Iterator[NDArray[np.intp]]:
    """Give the rows that can share one background: same group, same knowledge, same hours."""
    never = [(~np.isfinite(one.x)).all(axis=0) for one in background]
    never_last = [(~np.isfinite(one.last)).all(axis=0) for one in background]
    members: dict[tuple[object, ...], list[int]] = {}
    for row, g in enumerate(group):
        there, last = feeds[1][row] > 0, np.isfinite(windows.last[row])
        # Where no background window knows what this one does, its own value stands in: no other row can share that.
        own = row if (never[g] & there).any() or (never_last[g] & last).any() else -1
        key = (int(g), own, there.tobytes(), last.tobytes(), feeds[3][row].tobytes())
        members.setdefault(key, []).append(row)
    for rows in members.values():
        yield np.array(rows, dtype=np.intp)


def _shared(background: Windows, windows: Windows, feeds: Sequence[Floats], row: int) -> list[Floats]:
    """Return the inputs of a background that knows what this window knows, at its hours."""
    count, one = len(background), np.array([row], dtype=np.intp)
    mine = windows.take(np.repeat(one, count))
    typical = _aligned(mine, background)
    filled = [np.nan_to_num(values, nan=0.0) for values in (typical.x, typical.last)]
    there, context = (np.repeat(feeds[k][one], count, axis=0) for k in (1, 3))
    return [np.asarray(part, dtype=np.float32) for part in (filled[0], there, filled[1], context)]


def _aligned(windows: Windows, background: Windows) -> Windows:
    """Return (n) the windows with the values of the background: unknown where the window's are.

    Where a background window alone does not know, the mean of those that do stands in, or the window's own value.
    """

    def one(mine: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        there = np.isfinite(other)
        count = there.sum(axis=0)
        mean = np.where(there, other, 0.0).sum(axis=0, dtype=np.float64) / np.maximum(count, 1)
        filled = np.where(there, other, np.where(count > 0, mean, mine))
        return np.where(np.isfinite(mine), filled, np.nan)

    x = np.asarray(one(windows.x, background.x), dtype=windows.x.dtype)
    return replace(windows, x=x, last=np.asarray(one(windows.last, background.last)))


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Give numpy's global random state back as it was: shap sets it."""
    before = np.random.get_state()  # noqa: NPY002 - it is the global state that shap changes
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
