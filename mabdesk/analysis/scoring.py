"""From predictions of test batches to scores by model and by batch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.results import BatchScore, Courses, Samples, Score
from mabdesk.data.batch import Floats


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
