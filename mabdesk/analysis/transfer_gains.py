"""From predictions of a new group's test batches to learning curves, gains over local models, and advice in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mabdesk.analysis.results import Courses, Samples, Score
from mabdesk.analysis.scoring import score_models
from mabdesk.analysis.transferred import TransferGain, TransferScore
from mabdesk.data.batch import Floats

SOURCE = "source"
LOCAL = ("local", "pls_local")
TRANSFERS = ("pooled", "pooled_static", "fine_tuned")
LABELS = {
    SOURCE: "Source model as it is",
    "local": "Network, local batches only",
    "pooled": "Network, pooled",
    "pooled_static": "Network, pooled, line or scale as input",
    "fine_tuned": "Network, fine-tuned",
    "pls_local": "PLS, local batches only",
}
_RESAMPLES = 2000
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


def gains_of(draws: Sequence[Draw], sizes: Sequence[int], seed: int) -> tuple[TransferGain, ...]:
    """Compare every transfer with the best local model of the same number of batches, on the first target."""
    gains = []
    for size in sizes:
        mine = [draw for draw in draws if draw.size == size]
        errors = {method: _mean_rmse(mine, method) for method in (*LOCAL, *TRANSFERS)}
        rivals = [method for method in LOCAL if np.isfinite(errors[method])]
        if rivals:
            rival = min(rivals, key=lambda method: errors[method])
            there = [method for method in TRANSFERS if np.isfinite(errors[method])]
            gains += [_gain(mine, size, method, rival, seed) for method in there]
    return tuple(gains)


def advice_of(size: int, scores: Sequence[TransferScore], gains: Sequence[TransferGain], unit: str) -> str:
    """Say in a sentence or two what to do with so many local batches."""
    mine = [gain for gain in gains if gain.batches == size]
    head = f"{size} local {'batch' if size == 1 else 'batches'}: "
    if not mine:
        return f"{head}no local model stands beside the transfers, so that none can be recommended."
    errors = _errors(scores, size)
    rival = mine[0].rival
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
            f"no transfer is shown to help; use {_named(rival)}: RMSE {errors[rival]:.3f} {unit}. The nearest, "
            f"{_named(best.method)}: {errors[best.method]:.3f}, gain {best.gain:+.3f} (95 %: {best.low:+.3f} to "
            f"{best.high:+.3f})."
        )
    harmful = [_named(gain.method) for gain in mine if gain.high < 0]
    return f"{head}{said}" + (f" It hurts here: {', '.join(harmful)}." if harmful else "")


def verdict_of(words: str, sizes: Sequence[int], scores: Sequence[TransferScore], gains: Sequence[TransferGain]) -> str:
    """Say in one sentence whether transfer helps the new group ("cell line D"), and from how few batches."""
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
        return f"For {words} no transfer is shown to help with {tried} local batches: learn from its own batches alone."
    parts = [f"{_named(method)} with {_listed(at)}" for method, at in shown.items()]
    rest = [size for method, at in chosen.items() if method not in TRANSFERS for size in at]
    end = f"; with {_listed(sorted(rest))} no transfer is shown to help" if rest else ""
    return f"For {words} transfer helps: use {', '.join(parts)} local batches{end}."


def _mean_score(method: str, size: int, target: str, scores: Sequence[Score]) -> TransferScore:
    means = {name: _mean([getattr(score, name) for score in scores]) for name in _FIGURES}
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


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _mean_rmse(draws: Sequence[Draw], method: str) -> float:
    found = [draw for draw in draws if method in draw.methods]
    return _mean([float(np.sqrt(np.nanmean(_squares(draw, method)))) for draw in found])


def _squares(draw: Draw, method: str) -> Floats:
    """Return (n,) squared errors of the first target, NaN where it was not measured."""
    said = draw.samples.predicted[draw.methods.index(method), :, 0]
    return np.asarray(np.square(said - draw.samples.measured[:, 0]))


def _gain(draws: Sequence[Draw], size: int, method: str, rival: str, seed: int) -> TransferGain:
    """Resample the test batches, in pairs and the same for all draws; each draw's RMSE counts alike."""
    both = [draw for draw in draws if method in draw.methods and rival in draw.methods]
    if not both:
        nothing = float("nan")
        return TransferGain(method, size, rival, nothing, nothing, nothing, False)
    names = np.unique(np.concatenate([draw.samples.batch_ids for draw in both]))
    sums = np.stack([[_by_batch(draw, way, names) for way in (rival, method)] for draw in both])  # (d, 2, 2, batches)
    gain = float(_difference(sums.sum(axis=-1)[..., None])[0])
    if len(names) < 3:
        return TransferGain(method, size, rival, gain, float("nan"), float("nan"), False)
    drawn = np.random.default_rng(seed).integers(0, len(names), size=(_RESAMPLES, len(names)))
    differences = _difference(sums[..., drawn].sum(axis=-1))
    low, high = np.nanquantile(differences, [0.025, 0.975])
    wider = few_batches(len(names))
    low, high = gain - wider * (gain - float(low)), gain + wider * (float(high) - gain)
    return TransferGain(method, size, rival, gain, low, high, bool(low > 0))


def few_batches(count: int) -> float:
    """Return by how much an interval of resampled batches must be wider: resampling 3 of them tells too little.

    Student's t over the normal quantile, and the sample's own variance over the population's (Hesterberg 2015, What
    Teachers Should Know About the Bootstrap, 3.4): 2.7 with 3 batches, 1.2 with 10.
    """
    return float(stats.t.ppf(0.975, count - 1) / stats.norm.ppf(0.975) * np.sqrt(count / (count - 1)))


def _by_batch(draw: Draw, method: str, names: np.ndarray) -> Floats:
    """Return (2, batches): sums of squared errors, and their numbers."""
    squares = _squares(draw, method)
    there = np.isfinite(squares)
    group = np.searchsorted(names, draw.samples.batch_ids[there])
    return np.stack([np.bincount(group, squares[there], len(names)), np.bincount(group, minlength=len(names))])


def _difference(totals: Floats) -> Floats:
    """Return (resamples,) mean over draws of RMSE(rival) - RMSE(method); `totals` (draws, 2, 2, resamples)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.sqrt(totals[:, :, 0] / totals[:, :, 1])
    return np.asarray((errors[:, 0] - errors[:, 1]).mean(axis=0))


def _errors(scores: Sequence[TransferScore], size: int) -> dict[str, float]:
    first = scores[0].target
    return {score.method: score.rmse for score in scores if score.batches == size and score.target == first}


def _named(method: str) -> str:
    label = LABELS[method]
    return label if label.startswith("PLS") else label[0].lower() + label[1:]


def _listed(sizes: Sequence[int]) -> str:
    texts = [str(size) for size in sizes]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
