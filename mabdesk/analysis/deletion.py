"""The deletion test: taking away what a map calls large must move the prediction more than taking away anything."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.explained import Explained, evenly
from mabdesk.data.batch import Floats, Windows

_ORDERS, _LEAST, _MOST_WINDOWS = 5, 1.1, 200


def deletion_test(found: Explained, seed: int) -> TrustTest:
    """Compare the order of the map with random orders.

    Variable by variable is set to its baseline, those that raise the prediction in one pass, those that lower it in
    another (else they cancel); the mean move of the prediction over all stages is set against that of random orders of
    the same variables.
    """
    label = "Deletion"
    moving = np.flatnonzero(np.abs(found.by_variable).max(axis=0, initial=0.0) > 0)
    if len(moving) < 3:
        sentence = f"Not said: {len(moving)} variables contribute, an order takes three."
        return TrustTest("deletion", label, None, np.nan, _LEAST, sentence)
    rows = evenly(len(found.windows), _MOST_WINDOWS)
    own = _moves(found, rows, found.by_variable[rows])
    drawn = np.random.default_rng(seed)
    values = found.by_variable[rows]
    random = [_moves(found, rows, np.sign(values) * drawn.random(values.shape)) for _ in range(_ORDERS)]
    ratio = own / max(float(np.mean(random)), 1e-300)
    passed = bool(ratio >= _LEAST)
    sentence = (
        f"Taking variables away in the order of the map moves predictions {ratio:.2g} times as far as in random order"
        f" (at least {_LEAST:g} times is asked)."
    )
    return TrustTest("deletion", label, passed, float(ratio), _LEAST, sentence)


def with_baseline(found: Explained, rows: NDArray[np.intp], chosen: NDArray[np.bool_]) -> Windows:
    """Return windows in which the chosen variables (rows, variables) show what the baseline shows."""
    windows, baseline = found.windows.take(rows), found.baseline.take(rows)
    of, channels = np.array(found.grouping.channel_of), len(windows.channels)
    gone = chosen[:, of] & (of >= 0)
    x = np.where(gone[:, None, :channels], baseline.x, windows.x)
    x = np.where(np.isfinite(x), x, windows.x)  # what the baseline does not know stays
    last = np.where(gone[:, channels:], baseline.last, windows.last)
    return replace(windows, x=x.astype(np.float32), last=np.where(np.isfinite(last), last, windows.last))


def _moves(found: Explained, rows: NDArray[np.intp], order: Floats) -> float:
    """Return the mean |move| over stages and both signs; the largest of `order` (rows, variables) goes first."""
    start, moved, stages = found.contributions.predicted[rows], 0.0, 0
    for sign in (1, -1):
        places = np.argsort(-sign * order, axis=1)
        helps = np.take_along_axis(sign * order, places, axis=1) > 0
        chosen = np.zeros(order.shape, dtype=np.bool_)
        for stage in range(min(int(helps.sum(axis=1).max(initial=0)), _stages(order.shape[1]))):
            going = helps[:, stage]
            chosen[np.flatnonzero(going), places[going, stage]] = True
            said = found.model.predict(with_baseline(found, rows, chosen)).mean[:, found.target]
            moved += float(np.abs(said - start).mean())
            stages += 1
    return moved / max(stages, 1)


def _stages(variables: int) -> int:
    """Count the stages that tell: later ones have taken nearly all away, in any order."""
    return max(variables // 3, 2)
