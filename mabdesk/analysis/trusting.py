"""Whether to believe a map of contributions: five tests, run every time, each with a light and a sentence.

What a model is told of the target's physics (titer grows with integrated cells) is in the map of any model, one of
shuffled targets included. So maps are judged by what they show beyond those of shuffled targets, and models by batches
that they did not learn from. On simulated campaigns of 50 batches the maps of two halves of the batches correlated by
0.6 to 0.97 with true titers, whereas ranks of variables did so as much with shuffled targets as with true ones: most
variables matter little, and their order is chance. Ranks are told; maps are what is judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.correlations import correlation, spearman
from mabdesk.analysis.decoys import with_decoys
from mabdesk.analysis.deletion import deletion_test
from mabdesk.analysis.explained import Explained, mean_abs
from mabdesk.analysis.refits import Learning, Refit, halves_of, refit, shuffled
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.data.batch import Floats
from mabdesk.progress import Progress

LEAST_BATCHES = 6  # that a model learned from: a half of fewer tells nothing
_STABLE, _BEYOND = 0.5, 0.1  # correlations
_SHUFFLE_SEED, _DECOY_SEED = 7_000, 9_000
_RANGE = 0.95


@dataclass(frozen=True, eq=False)
class Trusted:
    """The tests; floor (v,) mean |contribution| to models of shuffled targets; shares over refits (v,); notes."""

    tests: tuple[TrustTest, ...]
    floor: Floats
    refit_low: Floats
    refit_high: Floats
    notes: tuple[str, ...] = ()


def trust(found: Explained, learn: Learning, options: ExplainOptions, seed: int, progress: Progress) -> Trusted:
    """Run all tests; those that need more batches say so instead of passing."""
    own = (_completeness(found, options.tolerance), deletion_test(found, seed))
    batches, unknown = len(learn.ids), np.full(len(found.grouping.variables), np.nan)
    if batches < LEAST_BATCHES:
        why = f"Not said: models of halves need at least {LEAST_BATCHES} batches, this one learned from {batches}."
        unsaid = (
            TrustTest("stability", "Stability", None, np.nan, _STABLE, why),
            TrustTest("permuted_target", "Shuffled targets", None, np.nan, _BEYOND, why),
            TrustTest("inert_variables", "Inert variables", None, np.nan, np.nan, why),
        )
        return Trusted((own[0], unsaid[0], own[1], *unsaid[1:]), unknown, unknown, unknown)
    pairs, nothing, decoyed = _refitted(found, learn, options, seed, progress)
    count = len(found.grouping.variables)
    halves = [half for pair in pairs for half in pair]
    sizes = np.stack([mean_abs(half.by_variable) for half in halves])
    shares = sizes / np.maximum(sizes.sum(axis=1, keepdims=True), 1e-300)
    floor = floors(np.stack([mean_abs(one.by_variable)[:count] for one in nothing]))
    tests = (
        own[0],
        _stability(found, pairs),
        own[1],
        _permuted(pairs, nothing, count),
        _inert(decoyed, nothing, count),
    )
    return Trusted(tests, floor, shares.min(axis=0), shares.max(axis=0))


def without_floors(trusted: Trusted) -> Trusted:
    """Return the tests alone, for a map on another scale than that of the refits."""
    unknown = np.full_like(trusted.floor, np.nan)
    note = (
        "Temporal rescaling weighs contributions anew: read from it when in a window something mattered, and rank "
        "variables without it. Sizes are not compared with those of refits and of shuffled targets."
    )
    return replace(trusted, floor=unknown, refit_low=unknown, refit_high=unknown, notes=(note,))


def _refitted(
    found: Explained, learn: Learning, options: ExplainOptions, seed: int, progress: Progress
) -> tuple[list[tuple[Refit, Refit]], list[Refit], Refit]:
    """Return pairs of models of two halves, models of shuffled targets, and one of true titers with decoys."""
    pairs, permuted = (options.refits + 1) // 2, options.permuted
    steps = 2 * pairs + permuted + 1
    parts = iter(progress.part(n / steps, (n + 1) / steps, f"model {n + 1} of {steps}") for n in range(steps))
    made = []
    for number in range(pairs):
        first, second = halves_of(learn.ids, seed + number)
        made.append(
            (
                refit(found, learn, first, second, seed + number, next(parts)),
                refit(found, learn, second, first, seed + number, next(parts)),
            )
        )
    beside, told = with_decoys(found, learn, seed + _DECOY_SEED)
    nothing = []
    for number in range(permuted):
        windows = shuffled(told.windows, found.target, seed + _SHUFFLE_SEED + number)
        nothing.append(refit(beside, told.of(windows), told.ids, (), seed, next(parts)))
    return made, nothing, refit(beside, told, told.ids, (), seed, next(parts))


def _completeness(found: Explained, tolerance: float) -> TrustTest:
    error, steps = found.contributions.error, found.contributions.interpolation_steps
    ways = f" in {steps} steps" if steps else ""
    passed = bool(error <= tolerance)
    sentence = (
        f"Contributions add up to predicted less typical but for {100 * error:.2g} % of its mean size{ways} "
        f"(at most {100 * tolerance:.2g} % is asked)."
    )
    return TrustTest("completeness", "Completeness", passed, float(error), tolerance, sentence)


def _stability(found: Explained, pairs: Sequence[tuple[Refit, Refit]]) -> TrustTest:
    alike = float(np.mean([correlation(one.by_variable, other.by_variable) for one, other in pairs]))
    moving = mean_abs(found.by_variable) > 0
    ranks = float(
        np.mean([spearman(mean_abs(a.by_variable)[moving], mean_abs(b.by_variable)[moving]) for a, b in pairs])
    )
    told = "" if np.isnan(ranks) else f"; their rankings by {ranks:.2f}"
    passed = bool(alike >= _STABLE)
    sentence = (
        f"Maps of models of two halves of the batches, with other seeds, {'agree' if passed else 'do not agree'} "
        f"(correlation {alike:.2f}, at least {_STABLE:g} is asked{told})."
    )
    return TrustTest("stability", "Stability", passed, alike, _STABLE, sentence)


def _permuted(pairs: Sequence[tuple[Refit, Refit]], nothing: Sequence[Refit], count: int) -> TrustTest:
    """Ask two things: is there skill on batches not learned from, and does the map show more than shuffled targets do?

    From the maps of two halves, means of different models of shuffled targets are taken away, so that what all have in
    common, and the noise of what is taken away, correlates with nothing.
    """
    halves = [half for pair in pairs for half in pair]
    skill = float(
        1 - sum(half.squared_error for half in halves) / max(sum(half.typical_error for half in halves), 1e-300)
    )
    beyond = float(np.mean([_beyond(one, other, nothing, count) for one, other in pairs]))
    passed = bool(skill > 0 and beyond >= _BEYOND)
    if skill <= 0:
        sentence = (
            "Models of half the batches predict the other half no better than the typical course does (their squared "
            f"error is {1 - skill:.2f} times as large): there is nothing to explain."
        )
    elif passed:
        sentence = (
            "Models of both halves of the batches show the same beyond what models of shuffled targets show "
            f"(correlation {beyond:.2f}, at least {_BEYOND:g} is asked), and each predicts the other half with "
            f"{100 * skill:.0f} % less squared error than the typical course."
        )
    else:
        sentence = (
            f"Models of {len(nothing)} shuffled targets give much the same map: what goes beyond it is not alike in "
            f"models of both halves of the batches (correlation {beyond:.2f}, at least {_BEYOND:g} is asked)."
        )
    return TrustTest("permuted_target", "Shuffled targets", passed, beyond if skill > 0 else skill, _BEYOND, sentence)


def _beyond(one: Refit, other: Refit, nothing: Sequence[Refit], count: int) -> float:
    maps = np.stack([refitted.by_variable[:, :count] for refitted in nothing])
    first, second = maps[::2].mean(axis=0), maps[1::2].mean(axis=0)
    return float(
        np.mean(
            [
                correlation(one.by_variable - first, other.by_variable - second),
                correlation(one.by_variable - second, other.by_variable - first),
            ]
        )
    )


def _inert(decoyed: Refit, nothing: Sequence[Refit], count: int) -> TrustTest:
    """Ask whether decoys get more than in models of shuffled targets, on average: the size of one is chance."""
    total = max(float(mean_abs(decoyed.by_variable).sum()), 1e-300)
    sizes = mean_abs(decoyed.by_variable)[count:]
    many, value = len(sizes), float(sizes.mean()) if len(sizes) else 0.0
    limit = float(floors(np.stack([[mean_abs(one.by_variable)[count:].mean()] for one in nothing]))[0]) if many else 0.0
    passed = bool(value <= limit)
    if not many:
        return TrustTest(
            "inert_variables", "Inert variables", None, np.nan, np.nan,
            "Not said: no measured variable could be copied from other batches to stand in for an inert one.",
        )  # fmt: skip
    whose = "variable (a copy from other batches) gets" if many == 1 else "variables (copies from other batches) get"
    sentence = (
        f"{many} inert {whose} {100 * value / total:.2g} % of all contributions each; models of shuffled targets give "
        f"them up to {100 * limit / total:.2g} %."
    )
    return TrustTest("inert_variables", "Inert variables", passed, value, limit, sentence)


def floors(sizes: Floats) -> Floats:
    """Return (v,) what 95 % of models of shuffled targets stay below, from the sizes (models, v) of a few of them.

    Sizes spread by a factor, so their logarithms are taken for normal; a few models tell each variable's mean, and all
    variables together the spread around it.
    """
    moving = (sizes > 0).all(axis=0)
    logs = np.log(np.where(moving, sizes, 1.0))
    models, variables = len(sizes), int(moving.sum())
    spare = max(variables * (models - 1), 1)
    spread = np.sqrt(np.square(logs - logs.mean(axis=0)).sum() / spare)
    reach = stats.t.ppf(_RANGE, spare) * spread * np.sqrt(1 + 1 / models)
    return np.asarray(np.where(moving, np.exp(logs.mean(axis=0) + reach), sizes.max(axis=0)))
