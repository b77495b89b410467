"""A model trained again, on other batches or other titers, and the map of contributions that it gives."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Explained, evenly
from mabdesk.analysis.integrated import ByTrees, contribute
from mabdesk.data.batch import Floats, Windows
from mabdesk.models.curves import fit_curve
from mabdesk.models.model import WindowModel
from mabdesk.progress import Progress

_MOST_WINDOWS = 300  # of a map: it is compared as a whole, and 300 windows of many batches are the map
_TOLERANCE, _FIRST_STEPS = 0.05, 16  # maps are compared by correlations: a rough sum will do
_VALIDATION_SHARE = 0.15
_NEAR_H = 6.0


@dataclass(frozen=True, eq=False)
class Learning:
    """What the model learned from, and how one like it is made.

    `windows` with labels, of training and validation batches; `make(more)` gives an untrained model like it that sees
    the channels `more` as inputs too; `by_trees` explains models without gradients.
    """

    windows: Windows
    validation_ids: tuple[str, ...]
    make: Callable[[tuple[str, ...]], WindowModel]
    by_trees: ByTrees | None = None
    more: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the batches in it."""
        return tuple(np.unique(self.windows.batch_ids).tolist())

    def of(self, windows: Windows) -> "Learning":
        """Return the same with other windows."""
        return replace(self, windows=windows)


@dataclass(frozen=True, eq=False)
class Refit:
    """A map (windows, variables) and how far the model, and the typical course, are from the samples left out.

    Sums of squared errors over real samples; 0 where none were left out.
    """

    by_variable: Floats
    squared_error: float
    typical_error: float


def refit(
    found: Explained, learn: Learning, ids: tuple[str, ...], left_out: tuple[str, ...], seed: int, progress: Progress
) -> Refit:
    """Train on some batches, explain the same windows, and measure on those left out."""
    model, rows = learn.make(learn.more), learn.windows.of(ids)
    checking = _validation(ids, learn.validation_ids, seed)
    apart = np.isin(rows.batch_ids, np.array(checking, dtype=np.str_))
    model.fit(rows.take(~apart), rows.take(apart), seed, progress.part(0.0, 0.7))
    chosen = evenly(len(found.windows), _MOST_WINDOWS)
    windows, baseline = found.windows.take(chosen), found.baseline.take(chosen)
    given = contribute(
        model, windows, baseline, found.target, _TOLERANCE, progress.part(0.7, 1.0), learn.by_trees, _FIRST_STEPS
    )
    errors = _errors(model, rows, learn.windows.of(left_out), found.target) if left_out else (0.0, 0.0)
    return Refit(found.grouping.by_variable(given.by_channel), *errors)


def halves_of(ids: tuple[str, ...], seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part whole batches into two halves at random."""
    mixed = np.random.default_rng(seed).permutation(np.array(ids, dtype=np.str_)).tolist()
    return tuple(mixed[: len(mixed) // 2]), tuple(mixed[len(mixed) // 2 :])


def shuffled(windows: Windows, target: int, seed: int) -> Windows:
    """Give every batch the target's course of another one: the typical course stays, what it depends on goes.

    A forecast starts from the last measured value, so what is gained since then is exchanged. Other targets go along.
    """
    partner = partners(tuple(np.unique(windows.batch_ids).tolist()), seed)
    ahead = bool((windows.target_hours > windows.hours).any())
    start = np.where(np.isfinite(windows.last), windows.last, 0.0) if ahead else np.zeros_like(windows.y)
    gained, y = windows.y - start, np.full_like(windows.y, np.nan)
    for name, other in partner.items():
        mine, theirs = np.flatnonzero(windows.batch_ids == name), np.flatnonzero(windows.batch_ids == other)
        for j in range(y.shape[1]):
            source = theirs[np.isfinite(gained[theirs, j])]
            if len(source):
                place, near = nearest(windows.target_hours[mine], windows.target_hours[source])
                y[mine[near], j] = gained[source[place[near]], j] + start[mine[near], j]
    exchanged = replace(windows, y=y)
    # Where times of sampling differ so much that nothing was near, the target itself must still be there to learn.
    return (
        exchanged if np.isfinite(y[windows.measured, target]).any() else replace(windows, y=_any_order(windows, seed))
    )


def partners(ids: tuple[str, ...], seed: int) -> dict[str, str]:
    """Give every batch another one, each once: one ring in random order."""
    mixed = np.random.default_rng(seed).permutation(np.array(ids, dtype=np.str_)).tolist()
    return dict(zip(mixed, [*mixed[1:], *mixed[:1]], strict=True))


def nearest(hours: Floats, others: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the place of the nearest other hour (n,), and whether it is within 6 h (n,)."""
    apart = np.abs(hours[:, None] - others)
    place = apart.argmin(axis=1)
    return place, apart[np.arange(len(hours)), place] <= _NEAR_H


def _any_order(windows: Windows, seed: int) -> Floats:
    return windows.y[np.random.default_rng(seed).permutation(len(windows))]


def _validation(ids: tuple[str, ...], validation: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """Return which batches early stopping may look at: those of the model's own, or else a few drawn."""
    own = tuple(name for name in ids if name in set(validation))
    if own and len(own) < len(ids):
        return own
    count = min(max(round(_VALIDATION_SHARE * len(ids)), 1), len(ids) - 1)
    return tuple(np.random.default_rng(seed).permutation(np.array(ids, dtype=np.str_))[:count].tolist())


def _errors(model: WindowModel, known: Windows, left_out: Windows, target: int) -> tuple[float, float]:
    """Return squared errors of the model and of the better typical course, over real samples left out."""
    rows = left_out.take(left_out.measured & np.isfinite(left_out.y[:, target]))
    if not len(rows):
        return 0.0, 0.0
    missed = model.predict(rows).mean[:, target] - rows.y[:, target]
    return float(missed @ missed), min(_typical_errors(known.take(known.measured), rows, target))


def _typical_errors(known: Windows, rows: Windows, target: int) -> list[float]:
    """Return squared errors of the mean course, and in a forecast of the last value plus the mean gain."""
    y, wanted = known.y[:, target], rows.y[:, target]
    courses = [fit_curve(known.target_hours, y, known.batch_ids).at(rows.target_hours)]
    if (rows.target_hours > rows.hours).any():
        start = [np.where(np.isfinite(one.last[:, target]), one.last[:, target], 0.0) for one in (known, rows)]
        courses.append(start[1] + fit_curve(known.target_hours, y - start[0], known.batch_ids).at(rows.target_hours))
    return [float(np.square(course - wanted).sum()) for course in courses]
