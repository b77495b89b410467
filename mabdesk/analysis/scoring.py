"""From predictions of test batches to scores, a table by batch, and a verdict in one sentence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.results import BatchScore, Courses, Samples, Score
from mabdesk.data.batch import Floats
from mabdesk.models.settings import is_simpler

_RESAMPLES = 2000


def score_models(
    models: Sequence[str], labels: Sequence[str], targets: Sequence[str], samples: Samples, courses: Courses
) -> tuple[Score, ...]:
    """Score every model on every target."""
    pairs = [(m, t) for t in range(len(targets)) for m in range(len(models))]
    return tuple(_score(models[m], labels[m], targets[t], m, t, samples, courses) for m, t in pairs)


def score_batches(models: Sequence[str], targets: Sequence[str], samples: Samples) -> tuple[BatchScore, ...]:
    """Score every model on every target in every batch."""
    rows = []
    for name in np.unique(samples.batch_ids):
        for t, target in enumerate(targets):
            there = (samples.batch_ids == name) & np.isfinite(samples.measured[:, t])
            if there.any():
                rows += [_batch_score(str(name), model, target, m, t, there, samples) for m, model in enumerate(models)]
    return tuple(rows)


def verdict(
    candidate: int,
    rivals: Sequence[int],
    labels: Sequence[str],
    unit: str,
    target: str,
    samples: Samples,
    seed: int,
    *,
    kinds: Sequence[str] = (),
) -> str:
    """Say in one sentence whether the candidate beats the best of its rivals on the first target, and which to use.

    `kinds` tell which of two models is the simpler one; without them it is the rival.
    The interval is a paired bootstrap over batches (2,000 resamples): both models are drawn with the same batches.
    """
    there = np.isfinite(samples.measured[:, 0])
    errors = samples.predicted[:, there, 0] - samples.measured[there, 0]
    overall = np.sqrt(np.mean(errors**2, axis=1))
    name = f"{labels[candidate]}: RMSE of {target} {overall[candidate]:.3f} {unit}".rstrip()
    if not rivals:
        return f"{name}; nothing simpler stood beside it."
    rival = min(rivals, key=lambda m: float(overall[m]))
    low, high = rmse_difference(errors[rival], errors[candidate], samples.batch_ids[there], seed)
    gain = overall[rival] - overall[candidate]
    simpler = candidate if kinds and is_simpler(kinds[candidate], kinds[rival]) else rival
    names = (labels[candidate], labels[rival], labels[simpler])
    return _sentence(names, (overall[candidate], overall[rival]), (gain, low, high), unit)


def rmse_difference(first: Floats, second: Floats, batch_ids: NDArray[np.str_], seed: int) -> tuple[float, float]:
    """Return the 95 % interval of RMSE(first) - RMSE(second), batches resampled; NaN with fewer than 3 batches."""
    names, group = np.unique(batch_ids, return_inverse=True)
    if len(names) < 3:
        return float("nan"), float("nan")
    sums = np.stack([np.bincount(group, weights=values) for values in (first**2, second**2, np.ones(len(group)))])
    drawn = np.random.default_rng(seed).integers(0, len(names), size=(_RESAMPLES, len(names)))
    totals = sums[:, drawn].sum(axis=2)
    differences = np.sqrt(totals[0] / totals[2]) - np.sqrt(totals[1] / totals[2])
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def _sentence(
    names: tuple[str, str, str], errors: tuple[float, float], gain: tuple[float, float, float], unit: str
) -> str:
    name, rival, simpler = names
    difference, low, high = gain
    against = f"RMSE {errors[0]:.3f} against {errors[1]:.3f} {unit}".rstrip()
    if not np.isfinite(low):
        return f"{name} against {rival}: {against}; too few test batches to say which is better."
    if low > 0:
        return f"{name} is better than {rival} by {difference:.3f} {unit} (95 %: {low:.3f} to {high:.3f}); {against}."
    interval = f"{against}, difference {difference:+.3f} (95 %: {low:+.3f} to {high:+.3f})"
    if difference > 0:
        use = f"Until more batches tell, use {simpler}, the simpler model."
        return f"{name} is not shown to be better than {rival}: {interval}. {use}"
    worse = "is worse than" if high < 0 else "is not better than"
    why = ", the simpler model" if simpler == rival else ""
    return f"{name} {worse} {rival}: {interval}. Use {rival}{why}."


def _score(model: str, label: str, target: str, m: int, t: int, samples: Samples, courses: Courses) -> Score:
    there = np.isfinite(samples.measured[:, t])
    ids, hours = samples.batch_ids[there], samples.hours[there]
    measured, predicted = samples.measured[there, t], samples.predicted[m, there, t]
    final = metrics.final_errors(ids, hours, measured, predicted)
    return Score(
        model=model,
        label=label,
        target=target,
        rmse=metrics.rmse(measured, predicted),
        mae=metrics.mae(measured, predicted),
        r2=metrics.r2(measured, predicted),
        dts=_paper_dts(ids, hours, measured, courses, m, t),
        dts_centered=metrics.dts_centered(ids, hours, measured, predicted, samples.typical[there, t]),
        final_day_rmse=metrics.rmse(np.zeros(len(final)), final),
        n=int(there.sum()),
        batches=len(final),
    )


def _paper_dts(ids: NDArray[np.str_], hours: Floats, measured: Floats, courses: Courses, m: int, t: int) -> float:
    truths, guesses = [], []
    for name in np.unique(ids):
        rows, drawn = np.flatnonzero(ids == name), np.flatnonzero(courses.batch_ids == name)
        rows = rows[np.argsort(hours[rows], kind="stable")]
        points = courses.hours[drawn]
        drawn = drawn[np.mod(points - points[:1], metrics.POINT_H) == 0] if len(drawn) else drawn
        truth = metrics.at_points(hours[rows], measured[rows], courses.hours[drawn])
        known = np.isfinite(truth)
        truths.append(truth[known])
        guesses.append(courses.predicted[m, drawn[known], t])
    return metrics.dts(truths, guesses)


def _batch_score(
    batch: str, model: str, target: str, m: int, t: int, there: NDArray[np.bool_], samples: Samples
) -> BatchScore:
    measured, predicted = samples.measured[there, t], samples.predicted[m, there, t]
    final = metrics.final_errors(samples.batch_ids[there], samples.hours[there], measured, predicted)
    return BatchScore(
        batch=batch,
        fold=int(samples.fold[there][0]),
        model=model,
        target=target,
        n=len(measured),
        rmse=metrics.rmse(measured, predicted),
        mae=metrics.mae(measured, predicted),
        final_error=float(final[0]),
    )
