"""Whether to believe what a process model's map says: five tests, run every time, each with a light and a sentence.

Models of exchanged outcomes are fitted as quickly as one of true outcomes to which they are compared; all of them are
told a few inert setpoints, copies of what other batches had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.correlations import correlation, spearman
from mabdesk.analysis.process.contributions import Unfolded, unfold
from mabdesk.analysis.trusting import floors
from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import History
from mabdesk.models.process.trained import ProcessModel
from mabdesk.progress import Progress

Refit = Callable[[History, int, Progress], ProcessModel]
"""`refit(history, seed, progress)` fits a model to another history, by a quick course."""

TOLERANCE = 0.01  # of sums, as a share of the mean departure
_STABLE, _ALIKE, _LEAST = 0.5, 0.5, 1.1  # correlations; how many times as far
_REFIT_CELLS, _DECOYS = (2, 1), 2
_EXCHANGE_SEED, _DECOY_SEED = 7_000, 9_000


@dataclass(frozen=True, eq=False)
class Trusted:
    """The tests; floors (l,) and (s,) of mean |contribution|, which 95 % of models of exchanged outcomes stay below."""

    tests: tuple[TrustTest, ...]
    setpoint_floor: Floats
    sensor_floor: Floats


@dataclass(frozen=True, eq=False)
class _Refitted:
    """Of one refitted model: R2 out of fold; mean |contribution| of setpoints, decoys last, and of sensors."""

    skill: float
    setpoints: Floats
    sensors: Floats


def trust(
    model: ProcessModel,
    found: Unfolded,
    history: History,
    output: str,
    permuted: int,
    seed: int,
    refit: Refit,
    progress: Progress,
) -> Trusted:
    """Run all tests.

    Args:
        model: that is explained.
        found: its map.
        history: the batches that it learned from.
        output: what is explained.
        permuted: how many models of exchanged outcomes are fitted.
        seed: of what is exchanged, and of decoys.
        refit: fits them.
        progress: who listens.
    """
    decoyed = with_decoys(_told(history, output), seed + _DECOY_SEED)
    ways = [decoyed] + [exchanged(decoyed, seed + _EXCHANGE_SEED + number) for number in range(permuted)]
    made = []
    for number, one in enumerate(ways):
        part = progress.part(number / len(ways), (number + 1) / len(ways), f"refit {number + 1} of {len(ways)}")
        made.append(_refitted(one, output, found.ids, seed, refit, part))
    true, nothing, count = made[0], made[1:], len(history.levers)
    sizes = np.stack([one.setpoints for one in nothing])
    tests = (
        _completeness(found),
        _stability(found),
        _deletion(found),
        _exchanged(_skill(model, output), true, nothing, count, model.prior),
        _inert(true.setpoints, sizes, count),
    )
    return Trusted(tests, floors(sizes[:, :count]), floors(np.stack([one.sensors for one in nothing])))


def exchanged(history: History, seed: int) -> History:
    """Give every batch what was sampled of another: plans and sensors stay, what becomes of them goes."""
    other = _others(len(history), np.random.default_rng(seed))
    begun = replace(history.recorded, initial=history.recorded.initial[other])
    return replace(history, samples=history.samples.take(other), recorded=begun)


def with_decoys(history: History, seed: int) -> History:
    """Add inert setpoints: values of those that varied, each batch with those of another."""
    rng = np.random.default_rng(seed)
    varied = np.flatnonzero(np.ptp(history.settings, axis=0) > 0)
    chosen = np.sort(rng.permutation(varied)[:_DECOYS])
    copies = np.stack([history.settings[_others(len(history), rng), i] for i in chosen], axis=1)
    return replace(
        history,
        levers=(*history.levers, *(f"decoy_{i + 1}" for i in range(len(chosen)))),
        settings=np.concatenate([history.settings, copies], axis=1),
        planned=replace(history.planned, extra=np.concatenate([history.planned.extra, copies], axis=1)),
        recorded=replace(history.recorded, extra=np.concatenate([history.recorded.extra, copies], axis=1)),
    )


def _others(count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return (n,) another row for each."""
    mixed = rng.permutation(count)
    partner = np.empty(count, dtype=np.intp)
    partner[mixed] = np.roll(mixed, 1)
    return partner


def _told(history: History, output: str) -> History:
    """Leave out the quality attributes that are not explained: refits are quicker without."""
    quality = tuple(name for name in history.quality if name == output)
    kept = [i for i, name in enumerate(history.samples.names) if name not in history.quality or name in quality]
    samples = replace(
        history.samples,
        names=tuple(history.samples.names[i] for i in kept),
        values=history.samples.values[:, :, kept],
    )
    return replace(history, samples=samples, quality=quality)


def _refitted(
    history: History, output: str, ids: Sequence[str], seed: int, refit: Refit, progress: Progress
) -> _Refitted:
    model = refit(history, seed, progress.part(0.0, 0.6))
    found = unfold(model, history, output, ids, TOLERANCE, progress.part(0.6, 1.0), _REFIT_CELLS)
    return _Refitted(
        _skill(model, output),
        np.abs(found.by_lever).mean(axis=0),
        np.abs(found.by_day.sum(axis=2)).mean(axis=0),
    )


def _skill(model: ProcessModel, output: str) -> float:
    """Return R2 out of fold, in what was measured of it."""
    column = model.outputs.index(output)
    measured, said = model.known.measured[:, column], model.known.said[:, column]
    there = np.isfinite(measured) & np.isfinite(said)
    spread = float(np.square(measured[there] - measured[there].mean()).sum())
    return 1.0 - float(np.square(measured[there] - said[there]).sum()) / max(spread, 1e-300)


def _completeness(found: Unfolded) -> TrustTest:
    error = max(found.by_setpoint.error, found.by_sensor.error)
    sentence = (
        f"Contributions of setpoints add up to predicted less typical but for {100 * found.by_setpoint.error:.2g} % of "
        f"its mean size in {found.by_setpoint.cells} steps, those of sensors but for "
        f"{100 * found.by_sensor.error:.2g} % in {found.by_sensor.cells} (at most {100 * TOLERANCE:.2g} % is asked)."
    )
    return TrustTest("completeness", "Completeness", error <= TOLERANCE, error, TOLERANCE, sentence)


def _stability(found: Unfolded) -> TrustTest:
    """Ask two halves of the networks, each of which left out other batches."""
    maps = [shares.by_feature[1:] for shares in (found.by_setpoint, found.by_sensor)]
    halves = [(each[::2].mean(axis=0), each[1::2].mean(axis=0)) for each in maps]
    setpoints, sensors = (correlation(*pair) for pair in halves)
    sizes = [np.abs(half).mean(axis=0) for half in halves[0]]
    moving = sizes[0] > 0
    ranks = spearman(sizes[0][moving], sizes[1][moving])
    told = "" if np.isnan(ranks) else f"; their rankings of setpoints by {ranks:.2f}"
    alike = min(setpoints, sensors)
    passed = bool(alike >= _STABLE)
    sentence = (
        f"Maps of two halves of the networks, which left out other batches, {'agree' if passed else 'do not agree'} "
        f"(correlation {setpoints:.2f} by setpoint, {sensors:.2f} by sensor and day, at least {_STABLE:g} is asked"
        f"{told})."
    )
    return TrustTest("stability", "Stability", passed, alike, _STABLE, sentence)


def _deletion(found: Unfolded) -> TrustTest:
    """Set one setpoint after the other to usual: moves must be as contributions say, and far for what is large."""
    path, contributions = found.setpoints, found.by_lever
    batch, lever = np.nonzero(path.moving)
    moving = np.unique(lever)
    if len(moving) < 3:
        sentence = f"Not said: {len(moving)} setpoints contribute, an order takes three."
        return TrustTest("deletion", "Deletion", None, np.nan, _ALIKE, sentence)
    shares = np.ones((len(batch), contributions.shape[1]))
    shares[np.arange(len(batch)), lever] = 0.0
    moves = np.zeros_like(contributions)
    moves[batch, lever] = found.by_setpoint.predicted[0][batch] - path(batch, shares)[0]
    alike = correlation(moves[batch, lever], contributions[batch, lever])
    few = max(len(moving) // 3, 1)
    order = np.argsort(np.abs(contributions[:, moving]), axis=1)
    far = np.take_along_axis(np.abs(moves[:, moving]), order, axis=1)
    times = float(far[:, -few:].mean()) / max(float(far[:, :few].mean()), 1e-300)
    passed = bool(alike >= _ALIKE and times >= _LEAST)
    sentence = (
        f"Setting one setpoint to usual moves predictions as contributions say (correlation {alike:.2f}, at least "
        f"{_ALIKE:g} is asked); the largest third moves them {min(times, 999.0):.2g} times as far as the smallest "
        f"(at least {_LEAST:g} times is asked)."
    )
    return TrustTest("deletion", "Deletion", passed, alike, _ALIKE, sentence)


def _exchanged(skill: float, true: _Refitted, nothing: Sequence[_Refitted], count: int, prior: str) -> TrustTest:
    """Ask whether outcomes can be told from plans at all, and whether that is gone with outcomes of other batches.

    With a prior, what it knows of setpoints stays in models of exchanged outcomes: the size of their contributions is
    told, skill is judged.
    """
    chance = max(one.skill for one in nothing)
    total = float(true.setpoints[:count].sum())
    share = float(np.mean([one.setpoints[:count].sum() for one in nothing])) / max(total, 1e-300)
    passed = bool(skill > max(chance, 0.0) and (share < 1 or prior))
    sizes = f"their contributions are {100 * share:.0f} % as large as with true ones"
    if skill <= 0:
        sentence = (
            "On batches that it had not seen the model errs no less than the training batches' mean does (R2 "
            f"{skill:.2f}): there is nothing to explain."
        )
    elif passed:
        sentence = (
            f"Models of {len(nothing)} exchanged outcomes tell nothing of batches that they had not seen (R2 at most "
            f"{chance:.2f}, with true outcomes {skill:.2f}), and {sizes}."
        )
    else:
        sentence = (
            f"Models of {len(nothing)} exchanged outcomes are much like this one: their R2 on batches that they had "
            f"not seen is up to {chance:.2f}, with true outcomes {skill:.2f}, and {sizes}."
        )
    return TrustTest("permuted_target", "Exchanged outcomes", passed, skill, max(chance, 0.0), sentence)


def _inert(true: Floats, nothing: Floats, count: int) -> TrustTest:
    """Ask whether decoys get more than in models of exchanged outcomes, on average: the size of one is chance."""
    total, value = max(float(true.sum()), 1e-300), float(true[count:].mean())
    limit = float(floors(nothing)[count:].mean())  # all setpoints together tell how far chance spreads
    decoys = len(true) - count
    whose = "setpoint (a copy from other batches) gets" if decoys == 1 else "setpoints (copies from other batches) get"
    sentence = (
        f"{decoys} inert {whose} {100 * value / total:.2g} % of all contributions each; models of exchanged outcomes "
        f"give them up to {100 * limit / total:.2g} %."
    )
    return TrustTest("inert_variables", "Inert setpoints", bool(value <= limit), value, limit, sentence)
