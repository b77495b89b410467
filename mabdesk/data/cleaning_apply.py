"""Cleaning one batch by what was fitted: faults marked, gaps filled, with hindsight and as known at the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data import gaps, outliers, slips
from mabdesk.data.batch import Batch, Floats, Measurements
from mabdesk.data.settings import CleaningPlan


@dataclass(frozen=True, eq=False)
class FittedCleaning:
    """A plan and all that was estimated for it, in plain values that a codec can store.

    `online` names the sensors in use and `offline` the sampled variables (targets too), in the order of `arrays`;
    `kept` are targets and quality attributes, only ever flagged; `excluded` gives the reason why a column is no input;
    `panels` groups offline variables that are sampled together; `step_h` is the usual distance of online rows;
    `reach_h` is how far the hindsight part of cleaning looks ahead. Inside it windows use values known by their end.
    `tags` names what at least two training batches share (cell line, scale): the levels that a model can learn.
    """

    plan: CleaningPlan
    online: tuple[str, ...]
    offline: tuple[str, ...]
    kept: tuple[str, ...]
    excluded: Mapping[str, str]
    panels: tuple[tuple[str, ...], ...]
    training_ids: tuple[str, ...]
    step_h: float
    reach_h: float
    arrays: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Prepared(NamedTuple):
    """One batch made ready: online rows with gaps filled in two ways, offline rows as they were sampled.

    `hindsight` and `trailing` are (n, online sensors), the second known at each row's own hour. `there` (n,) tells
    which rows were in the data; `faults` (n, sensors) are codes of `outliers` found with hindsight, `status` codes of
    `gaps`. `offline` (m, offline variables) with `doubts` as faults; `raw` and `raw_offline` are what was measured.
    """

    hours: Floats
    there: NDArray[np.bool_]
    raw: Floats
    hindsight: Floats
    trailing: Floats
    faults: outliers.Codes
    status: gaps.Status
    offline_hours: Floats
    raw_offline: Floats
    offline: Floats
    doubts: outliers.Codes


def prepare(fitted: FittedCleaning, batch: Batch) -> Prepared:
    """Clean one batch by what was fitted."""
    arrays = fitted.arrays
    hours, there = gaps.rows_with_gaps(batch.online.hours, batch.duration, fitted.step_h)
    raw = np.full((len(hours), len(fitted.online)), np.nan)
    raw[there] = table_of(batch.online, fitted.online)
    faults, faults_now = online_faults(fitted, hours, raw)
    clean_now = np.where(faults_now > 0, np.nan, raw)
    settings = gaps.Filling(arrays["gap_limit"], _reference(fitted), fitted.plan.neighbors)
    hindsight, status = gaps.fill(hours, np.where(faults > 0, np.nan, raw), settings, batch.id, hindsight=True)
    trailing, _ = gaps.fill(hours, clean_now, settings, batch.id, hindsight=False)
    status[(status == gaps.NOT_MEASURED) & (faults > 0)] = gaps.REMOVED
    sampled = table_of(batch.offline, fitted.offline)
    doubts = _offline_faults(fitted, batch.offline.hours, sampled)
    clean_offline = _without(fitted, sampled, doubts)
    return Prepared(
        hours, there, raw, hindsight, trailing, faults, status, batch.offline.hours, sampled, clean_offline, doubts
    )


def online_faults(fitted: FittedCleaning, hours: Floats, raw: Floats) -> tuple[outliers.Codes, outliers.Codes]:
    """Return (n, sensors) codes of `outliers` with hindsight, and as known at each row's own hour."""
    looked_back, known = np.zeros(raw.shape, dtype=np.int8), np.zeros(raw.shape, dtype=np.int8)
    if fitted.plan.outliers != "none":
        for column in range(raw.shape[1]):
            looked_back[:, column], known[:, column] = _sensor_faults(fitted, column, hours, raw[:, column])
    return looked_back, known


def _sensor_faults(
    fitted: FittedCleaning, column: int, hours: Floats, values: Floats
) -> tuple[outliers.Codes, outliers.Codes]:
    """Return both codes for one sensor; each rule sees what the rule before has left."""
    codes = np.zeros(len(values), dtype=np.int8)
    low, high = fitted.arrays["online_plausible"][column]
    rows = np.flatnonzero(np.isfinite(values))
    wrong = (values[rows] < low) | (values[rows] > high)
    codes[rows[wrong]] = outliers.IMPLAUSIBLE
    rows = rows[~wrong]
    wrong = outliers.frozen_values(hours[rows], values[rows], float(fitted.arrays["frozen_after"][column]))
    codes[rows[wrong]] = outliers.FROZEN
    rows = rows[~wrong]
    low, high = fitted.arrays["online_fence"][column]
    known = codes.copy()
    if fitted.plan.outliers == "plain":
        wrong = now = (values[rows] < low) | (values[rows] > high)
    else:
        wrong, now = outliers.spikes(hours[rows], values[rows], low, high)
    codes[rows[wrong]], known[rows[now]] = outliers.OUTLIER, outliers.OUTLIER
    return codes, known


def _offline_faults(fitted: FittedCleaning, hours: Floats, values: Floats) -> outliers.Codes:
    """Return (n, variables) codes of `outliers` for (n, variables) samples, by these samples alone."""
    codes = np.zeros(values.shape, dtype=np.int8)
    if fitted.plan.outliers == "none":
        return codes
    for column in range(values.shape[1]):
        codes[:, column] = _sample_faults(fitted, column, hours, values[:, column])
    return codes


def _sample_faults(fitted: FittedCleaning, column: int, hours: Floats, sample: Floats) -> outliers.Codes:
    """Return (n,) codes for one variable."""
    codes = np.zeros(len(sample), dtype=np.int8)
    low, high = fitted.arrays["offline_plausible"][column]
    wrong = (sample < low) | (sample > high)
    rows = np.flatnonzero(np.isfinite(sample) & ~wrong)
    below, above = fitted.arrays["offline_fence"][column]
    if fitted.plan.outliers == "plain":
        odd = (sample[rows] < below) | (sample[rows] > above)
    else:
        odd = slips.slips(_course(fitted, column), hours[rows], sample[rows])
    codes[rows[odd]] = outliers.OUTLIER
    codes[wrong] = outliers.IMPLAUSIBLE
    return codes


def known_samples(fitted: FittedCleaning, ready: Prepared, rows: int) -> Prepared:
    """Return the batch with its first samples alone, cleaned as it was possible then: a slip shows at the next one."""
    hours, sampled = ready.offline_hours[:rows], ready.raw_offline[:rows]
    doubts = ready.doubts[:rows].copy()
    # A variable in which nothing is ever marked had nothing marked earlier: its values were judged by the same rows.
    for column in np.flatnonzero((ready.doubts == outliers.OUTLIER).any(axis=0)):
        doubts[:, column] = _sample_faults(fitted, int(column), hours, sampled[:, column])
    clean = _without(fitted, sampled, doubts)
    return ready._replace(offline_hours=hours, raw_offline=sampled, offline=clean, doubts=doubts)


def _without(fitted: FittedCleaning, sampled: Floats, doubts: outliers.Codes) -> Floats:
    """Empty what is doubted, but for targets and quality attributes."""
    loses = (doubts > 0) & ~np.isin(fitted.offline, fitted.kept)
    return np.where(loses, np.nan, sampled)


def _course(fitted: FittedCleaning, column: int) -> slips.Course:
    arrays = fitted.arrays
    return slips.Course(
        float(arrays["offline_soft"][column]),
        arrays["offline_center"][:, column],
        arrays["offline_spread"][:, column],
        float(arrays["offline_fence"][column, 1]),
    )


def _reference(fitted: FittedCleaning) -> gaps.Reference | None:
    if fitted.plan.long_gaps != "knn":
        return None
    return gaps.Reference(fitted.training_ids, fitted.arrays["reference"], fitted.arrays["reference_scale"])


def table_of(source: Measurements, names: Sequence[str]) -> Floats:
    """Return (n, names) values; what is not finite counts as not measured."""
    table = np.full((len(source.hours), len(names)), np.nan)
    for column, name in enumerate(names):
        table[:, column] = source.column(name)
    return np.where(np.isfinite(table), table, np.nan)
