"""From predictions of a new group's test batches to learning curves, gains over local models, and advice in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.analysis import metrics
from mabdesk.analysis.results import Courses, Samples, Score
from mabdesk.analysis.scoring import score_models
from mabdesk.analysis.transfer_intervals import LEAST_BATCHES, LEAST_DRAWS, Interval, interval
from mabdesk.analysis.transferred import LOCAL, TransferGain, TransferScore
from mabdesk.data.batch import Floats

SOURCE = "source"
TRANSFERS = ("pooled", "pooled_static", "fine_tuned")
LABELS = {
    SOURCE: "Source model as it is",
    "local": "Network, local batches only",
    "pooled": "Network, pooled",
    "pooled_static": "Network, pooled, line or scale as input",
    "fine_tuned": "Network, fine-tuned",
    "pls_local": "PLS, local batches only",
    "ridge_local": "Ridge, local batches only",
    "gp_local": "Gaussian process, local batches only",
}
LEVEL = 0.95  # of the intervals of all transfers at one size together
_FIGURES = ("rmse", "mae", "r2", "dts", "dts_centered", "final_day_rmse")


@dataclass(frozen=True, eq=False)
class Draw:
    """What each way (the first axis of `samples.predicted`) said of the test batches after one draw of local ones."""

    size: int
    methods: tuple[str, ...]
    samples: Samples
    courses: Courses


def scores_of(draws: Sequence[Draw], targets: Sequence[str]) -> tuple[TransferScore, ...]:
    """Score every way at every number of local batches: means over its draws."""
    found: dict[tuple[str, int, str], list[Score]] = {}
    for draw in draws:
        labels = [LABELS[method] for method in draw.methods]
        for score in score_models(draw.methods, labels, targets, draw.samples, draw.courses):
            found.setdefault((score.model, draw.size, score.target), []).append(score)
    keys = [(m, size, t) for t in targets for m in LABELS for size in sorted({draw.size for draw in draws})]
    return tuple(_mean_score(*key, found[key]) for key in keys if key in found)


def gains_of(draws: Sequence[Draw], sizes: Sequence[int]) -> tuple[TransferGain, ...]:
    """Compare every transfer with the best local model of the same number of batches, on the first target.

    Recommended is one whose gain is above 0 for certain over every local way, whichever happened to do best here. The
    intervals hold for all transfers at one size together (Bonferroni), for one is chosen among them.
    """
    gains = []
    for size in sizes:
        mine = [draw for draw in draws if draw.size == size]
        errors = {method: _mean_rmse(mine, method) for method in (*LOCAL, *TRANSFERS)}
        rivals = sorted((m for m in LOCAL if np.isfinite(errors[m])), key=lambda method: errors[method])
        there = [method for method in TRANSFERS if np.isfinite(errors[method])]
        if rivals:
            gains += [_gain(mine, size, method, rivals, 1 - (1 - LEVEL) / len(there)) for method in there]
    return tuple(gains)


def advice_of(size: int, scores: Sequence[TransferScore], gains: Sequence[TransferGain], unit: str) -> str:
    """Say in a sentence or two what to do with so many local batches."""
    mine = [gain for gain in gains if gain.batches == size]
    head = f"{size} local {'batch' if size == 1 else 'batches'}: "
    if not mine:
        return f"{head}no local model stands beside the transfers, so that none can be recommended."
    errors = _errors(scores, size)
    rival = mine[0].rival
    if not any(_is_told(gain) for gain in mine):
        return (
            f"{head}too few to recommend a transfer or to advise against it: {LEAST_BATCHES} test batches and "
            f"{LEAST_DRAWS} draws are needed. Of the local ways {_named(rival)} errs least: RMSE {errors[rival]:.3f} "
            f"{unit}."
        )
    helpful = [gain for gain in mine if gain.recommended]
    if helpful:
        best = min(helpful, key=lambda gain: errors[gain.method])
        said = (
            f"use {_named(best.method)}: RMSE {errors[best.method]:.3f} against {errors[rival]:.3f} {unit} of "
            f"{_named(rival)}, better by {best.gain:.3f} (95 %: {best.low:.3f} to {best.high:.3f})."
        )
    else:
        best = max(mine, key=lambda gain: gain.gain)
        said = (
            f"no transfer is shown to help; until more batches tell, use {_named(rival)}: RMSE {errors[rival]:.3f} "
            f"{unit}. The nearest, {_named(best.method)}: {errors[best.method]:.3f}, gain {best.gain:+.3f} (95 %: "
            f"{best.low:+.3f} to {best.high:+.3f})."
        )
    harmful = [_named(gain.method) for gain in mine if gain.high < 0]
    return f"{head}{said}" + (f" It hurts here: {', '.join(harmful)}." if harmful else "")


def verdict_of(words: str, sizes: Sequence[int], scores: Sequence[TransferScore], gains: Sequence[TransferGain]) -> str:
    """Say in one sentence whether transfer helps the new group ("cell line D"), and from how few batches."""
    if gains and not any(_is_told(gain) for gain in gains):
        return f"For {words} there are too few batches or draws to say whether transfer helps."
    chosen: dict[str, list[int]] = {}
    for size in sizes:
        errors = _errors(scores, size)
        helpful = [gain.method for gain in gains if gain.batches == size and gain.recommended]
        rivals = [gain.rival for gain in gains if gain.batches == size]
        best = min(helpful, key=lambda method: errors[method]) if helpful else next(iter(rivals), "")
        chosen.setdefault(best, []).append(size)
    chosen.pop("", None)
    shown = {method: at for method, at in chosen.items() if method in TRANSFERS}
    if not shown:
        tried = _listed(sizes)
        return f"For {words} no transfer is shown to help with {tried} local batches: use its own until more tell."
    parts = [f"{_named(method)} with {_listed(at)}" for method, at in shown.items()]
    rest = [size for method, at in chosen.items() if method not in TRANSFERS for size in at]
    end = f"; with {_listed(sorted(rest))} no transfer is shown to help" if rest else ""
    return f"For {words} transfer helps: use {', '.join(parts)} local batches{end}."


def _mean_score(method: str, size: int, target: str, scores: Sequence[Score]) -> TransferScore:
    means = {name: metrics.known_mean([getattr(score, name) for score in scores]) for name in _FIGURES}
    known = [score.rmse for score in scores if np.isfinite(score.rmse)] or [float("nan")]
    return TransferScore(
        method=method,
        label=LABELS[method],
        batches=size,
        target=target,
        rmse_low=min(known),
        rmse_high=max(known),
        n=max(score.n for score in scores),
        repeats=len(scores),
        **means,
    )


def _mean_rmse(draws: Sequence[Draw], method: str) -> float:
    found = [draw for draw in draws if method in draw.methods]
    return metrics.known_mean([float(np.sqrt(np.nanmean(_squares(draw, method)))) for draw in found])


def _squares(draw: Draw, method: str) -> Floats:
    """Return (n,) squared errors of the first target, NaN where it was not measured."""
    said = draw.samples.predicted[draw.methods.index(method), :, 0]
    return np.asarray(np.square(said - draw.samples.measured[:, 0]))


def _gain(draws: Sequence[Draw], size: int, method: str, rivals: Sequence[str], level: float) -> TransferGain:
    """Return the gain over the first rival, the best; its lower end is the least over any of them."""
    found = [_over(draws, size, method, rival, level) for rival in rivals]
    best, low = found[0], float(np.min([one.low for one in found]))
    return TransferGain(method, size, rivals[0], best.gain, low, best.high, bool(low > 0))


def _over(draws: Sequence[Draw], size: int, method: str, rival: str, level: float) -> Interval:
    both = [draw for draw in draws if method in draw.methods and rival in draw.methods]
    if not both:
        return Interval(float("nan"), float("nan"), float("nan"))
    names = np.unique(np.concatenate([draw.samples.batch_ids for draw in both]))
    sums = np.stack([[_by_batch(draw, way, names) for way in (rival, method)] for draw in both])
    return interval(sums, size, level)


def _by_batch(draw: Draw, method: str, names: np.ndarray) -> Floats:
    """Return (2, batches): sums of squared errors, and their numbers."""
    squares = _squares(draw, method)
    there = np.isfinite(squares)
    group = np.searchsorted(names, draw.samples.batch_ids[there])
    return np.stack([np.bincount(group, squares[there], len(names)), np.bincount(group, minlength=len(names))])


def _errors(scores: Sequence[TransferScore], size: int) -> dict[str, float]:
    first = scores[0].target
    return {score.method: score.rmse for score in scores if score.batches == size and score.target == first}


def _is_told(gain: TransferGain) -> bool:
    return bool(np.isfinite(gain.low))


def _named(method: str) -> str:
    label = LABELS[method]
    return label if label.startswith("PLS") else label[0].lower() + label[1:]


def _listed(sizes: Sequence[int]) -> str:
    texts = [str(size) for size in sizes]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
