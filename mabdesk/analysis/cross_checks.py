"""Other ways to the ranking of variables: shap's explainers, occlusion, permutation; and how well they agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import CrossCheck
from mabdesk.analysis.correlations import LEAST, spearman
from mabdesk.analysis.explained import Explained, mean_abs
from mabdesk.data.batch import Floats, Windows, join
from mabdesk.errors import MabdeskError
from mabdesk.models.model import WindowModel
from mabdesk.progress import Progress

Found = tuple[Floats, Floats]
ByGradients = Callable[[WindowModel, Windows, Sequence[Windows], NDArray[np.intp], int, int, int], Found]
"""`(model, windows, background by group, group of each window, target, samples, seed)`."""
ByLine = Callable[[WindowModel, Windows, Sequence[Windows], NDArray[np.intp], int], Found]
"""`(model, windows, background by group, group of each window, target)`."""

WINDOWS, BACKGROUND, SAMPLES, DONORS = 40, 25, 30, 4
"""Windows that are checked, background windows at an hour, draws a window, other batches a window is swapped with."""
LINEAR = ("linear", "ridge", "elastic_net", "pls")
BY_TREES = ("random_forest",)
_SAME_HOUR = 1e-6


@dataclass(frozen=True)
class Explainers:
    """What explains models by shap: contributions (n, steps, channels) and (n, targets) of the last values."""

    gradient: ByGradients
    linear: ByLine


@dataclass(frozen=True, eq=False)
class _Asked:
    """The windows that are checked: rows of those explained, their background by group, what is known at their hour."""

    found: Explained
    rows: NDArray[np.intp]
    group: NDArray[np.intp]
    known: tuple[Windows, ...]
    varying: NDArray[np.bool_]

    @property
    def windows(self) -> Windows:
        return self.found.windows.take(self.rows)

    @property
    def usual(self) -> Floats:
        """Return (variables,) the mean size of the attribution on these windows."""
        return mean_abs(self.found.by_variable[self.rows])

    def check(self, method: str, label: str, does: str, size: Floats) -> CrossCheck:
        """Compare the sizes (variables,) that another method found."""
        varying = int(self.varying.sum())
        agreement = spearman(size[self.varying], self.usual[self.varying])
        if not np.isfinite(size).all():
            sentence = f"{does}: not said, for no other batch has a window at the same culture hour."
        elif np.isfinite(agreement):
            sentence = f"{does} ranks the variables {_words(agreement)} (Spearman {agreement:.2f})."
        elif varying < LEAST:
            sentence = f"{does}: no ranks to compare; {LEAST} variables must vary, and {varying} did."
        else:
            sentence = f"{does}: no ranks to compare, for all variables matter alike."
        return CrossCheck(method, label, agreement, tuple(size.tolist()), len(self.rows), sentence)


def cross_check(
    found: Explained,
    kind: str,
    explainers: Explainers,
    seed: int,
    progress: Progress,
    same_hour: bool = True,
) -> tuple[CrossCheck, ...]:
    """Rank the variables by other methods, on a few windows drawn over days and batches; each says how it agrees.

    Args:
        found: what is checked.
        kind: of the model.
        explainers: shap's.
        seed: of all draws.
        progress: who listens.
        same_hour: compare with known windows that end at the same hour, as the mean trajectory does; else with all.
    """
    asked = _drawn(found, seed, same_hour)
    checks = []
    if kind not in BY_TREES:
        progress.update(0.0, "shap.GradientExplainer")
        checks.append(_gradient(asked, explainers, seed))
    if kind in LINEAR:
        progress.update(0.5, "shap.LinearExplainer")
        checks.append(_linear(asked, explainers))
    progress.update(0.6, "leaving variables out")
    number = f"{len(asked.rows)} windows"
    left_out = mean_abs(occlusion(found, asked.rows))
    checks.append(asked.check("occlusion", "Occlusion", f"Leaving each variable out of {number}", left_out))
    progress.update(0.7, "swapping variables between batches")
    swapped = permutation(asked.found, asked.windows, asked.known, asked.group, seed)
    does = f"Permutation importance of the whole prediction, on {number}"
    checks.append(asked.check("permutation", "Permutation", does, swapped))
    progress.update(1.0, "cross-checks done")
    return tuple(checks)


def occlusion(found: Explained, rows: NDArray[np.intp]) -> Floats:
    """Return (n, variables): the change of each prediction where a variable is as usual, with the sign of its effect.

    All its channels, and its last measured value, are set to the baseline's; what is unknown in either stays.
    """
    windows, baseline = found.windows.take(rows), found.baseline.take(rows)
    said = _said(found, windows)
    columns = [
        said - _said(found, _swapped(found, windows, baseline, variable))
        for variable in range(len(found.grouping.variables))
    ]
    return np.stack(columns, axis=1)


def permutation(
    found: Explained, windows: Windows, known: Sequence[Windows], group: NDArray[np.intp], seed: int
) -> Floats:
    """Return (variables,): mean |change of the prediction| where a variable is that of another batch at the same hour.

    NaN where no window has another batch to swap with.

    Args:
        found: whose model and grouping.
        windows: (n) whose variables are swapped.
        known: windows to swap with, by group.
        group: (n,) of the windows.
        seed: of the draws.
    """
    mine, others = _donors(windows, known, group, seed)
    count = len(found.grouping.variables)
    if others is None:
        return np.full(count, np.nan)
    asked = windows.take(mine)
    said = _said(found, asked)
    changes = [np.abs(_said(found, _swapped(found, asked, others, v)) - said).mean() for v in range(count)]
    return np.array(changes)


def _gradient(asked: _Asked, explainers: Explainers, seed: int) -> CrossCheck:
    found, background = asked.found, _thinned(asked.known, seed)
    method, label, name = "gradient_shap", "shap, expected gradients", "shap.GradientExplainer"
    does = f"{name} on {len(asked.rows)} windows ({SAMPLES} samples each)"
    try:
        said = explainers.gradient(found.model, asked.windows, background, asked.group, found.target, SAMPLES, seed)
    except MabdeskError as error:
        return _unsaid(asked, method, label, f"{name}: not said. {error.message}")
    return asked.check(method, label, does, _size(found, said))


def _linear(asked: _Asked, explainers: Explainers) -> CrossCheck:
    found, background = asked.found, _thinned(asked.known, 0)
    method, label, name = "linear_shap", "shap, linear", "shap.LinearExplainer"
    try:
        said = explainers.linear(found.model, asked.windows, background, asked.group, found.target)
    except MabdeskError as error:
        return _unsaid(asked, method, label, f"{name}: not said. {error.message}")
    return asked.check(method, label, f"{name} on {len(asked.rows)} windows", _size(found, said))


def _unsaid(asked: _Asked, method: str, label: str, sentence: str) -> CrossCheck:
    nothing = (float("nan"),) * len(asked.found.grouping.variables)
    return CrossCheck(method, label, float("nan"), nothing, 0, sentence)


def _size(found: Explained, said: Found) -> Floats:
    """Return (variables,) the mean size of contributions by step and channel, and by last value."""
    by_step, last = said
    return mean_abs(found.grouping.by_variable(np.concatenate([by_step.sum(axis=1), last], axis=1)))


def _drawn(found: Explained, seed: int, same_hour: bool) -> _Asked:
    """Draw the windows: one of each hour after the other, from batches as they come."""
    windows, drawn = found.windows, np.random.default_rng(seed)
    shuffled = drawn.permutation(len(windows))
    hours = np.round(windows.hours[shuffled] / _SAME_HOUR)
    turn = np.zeros(len(shuffled), dtype=np.intp)
    for hour in np.unique(hours):
        turn[hours == hour] = np.arange(int((hours == hour).sum()))
    rows = np.sort(shuffled[np.argsort(turn, kind="stable")[:WINDOWS]])
    chosen = windows.take(rows)
    if same_hour:
        different, group = np.unique(chosen.hours, return_inverse=True)
        known = tuple(_at(found.known, float(hour)) for hour in different)
    else:
        group, known = np.zeros(len(rows), dtype=np.intp), (found.known,)
    return _Asked(found, rows, np.asarray(group, dtype=np.intp), known, _varying(found, rows))


def _at(known: Windows, hour: float) -> Windows:
    """Return the known windows at the nearest hour that there is."""
    away = np.abs(known.hours - hour)
    return known.take(away <= away.min(initial=np.inf) + _SAME_HOUR)


def _varying(found: Explained, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return (variables,) whether windows and baselines ever differ in it."""
    windows, baseline = found.windows.take(rows), found.baseline.take(rows)
    differs = np.nan_to_num(np.abs(windows.x - baseline.x), nan=0.0).max(axis=(0, 1), initial=0.0) > 0
    differs_last = np.nan_to_num(np.abs(windows.last - baseline.last), nan=0.0).max(axis=0, initial=0.0) > 0
    by_channel = np.concatenate([differs, differs_last]).astype(np.float64)
    return np.asarray(found.grouping.by_variable(by_channel) > 0)


def _thinned(known: Sequence[Windows], seed: int) -> list[Windows]:
    """Return at most so many windows of each group, drawn."""
    drawn = np.random.default_rng(seed)
    return [one.take(np.sort(drawn.permutation(len(one))[:BACKGROUND])) for one in known]


def _donors(
    windows: Windows, known: Sequence[Windows], group: NDArray[np.intp], seed: int
) -> tuple[NDArray[np.intp], Windows | None]:
    """Return the rows of windows, each as often as another batch is drawn for it, and the other batches' windows."""
    drawn, mine, place = np.random.default_rng(seed), [], []
    starts = np.cumsum([0, *(len(one) for one in known)])
    for row, g in enumerate(group):
        others = np.flatnonzero(known[g].batch_ids != windows.batch_ids[row])
        taken = drawn.permutation(others)[:DONORS]
        mine += [row] * len(taken)
        place += (starts[g] + taken).tolist()
    if not mine:
        return np.zeros(0, dtype=np.intp), None
    return np.array(mine, dtype=np.intp), join(*known).take(np.array(place, dtype=np.intp))


def _swapped(found: Explained, windows: Windows, others: Windows, variable: int) -> Windows:
    """Return the windows with one variable's channels and last values of others (n), where both know them."""
    width = windows.x.shape[2]
    x, last = windows.x.copy(), windows.last.copy()
    for place in found.grouping.channels_of(variable):
        if place < width:
            x[:, :, place] = _where_known(x[:, :, place], others.x[:, :, place])
        else:
            last[:, place - width] = _where_known(last[:, place - width], others.last[:, place - width])
    return replace(windows, x=x, last=last)


def _where_known(mine: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return np.where(np.isfinite(mine) & np.isfinite(other), other, mine)


def _said(found: Explained, windows: Windows) -> Floats:
    return np.asarray(found.model.predict(windows).mean[:, found.target])


def _words(agreement: float) -> str:
    if agreement >= 0.9:
        return "alike"
    if agreement >= 0.7:
        return "much alike"
    return "somewhat alike" if agreement >= 0.4 else "otherwise"
