"""Cleaning one batch by what was fitted: faults marked, gaps filled, with hindsight and as known at the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data import gaps, outliers
from mabdesk.data.batch import Batch, Floats, Measurements
from mabdesk.data.settings import CleaningPlan

_DAY_H = 24.0


@dataclass(frozen=True, eq=False)
class FittedCleaning:
    """A plan and all that was estimated for it, in plain values that a codec can store.

    `online` names the sensors in use and `offline` the sampled variables (targets too), in the order of `arrays`;
    `kept` are targets and quality attributes, only ever flagged; `excluded` gives the reason why a column is no input;
    `panels` groups offline variables that are sampled together; `step_h` is the usual distance of online rows;
    `reach_h` is how far the hindsight part of cleaning looks ahead. Inside it windows use values known by their end.
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
    faults = online_faults(fitted, hours, raw, hindsight=True)
    clean_now = np.where(online_faults(fitted, hours, raw, hindsight=False) > 0, np.nan, raw)
    settings = gaps.Filling(arrays["gap_limit"], _reference(fitted), fitted.plan.neighbors)
    hindsight, status = gaps.fill(hours, np.where(faults > 0, np.nan, raw), settings, batch.id, hindsight=True)
    trailing, _ = gaps.fill(hours, clean_now, settings, batch.id, hindsight=False)
    status[(status == gaps.NOT_MEASURED) & (faults > 0)] = gaps.REMOVED
    sampled = table_of(batch.offline, fitted.offline)
    doubts = _offline_faults(fitted, batch.offline.hours, sampled)
    loses = (doubts > 0) & ~np.isin(fitted.offline, fitted.kept)
    clean_offline = np.where(loses, np.nan, sampled)
    return Prepared(
        hours, there, raw, hindsight, trailing, faults, status, batch.offline.hours, sampled, clean_offline, doubts
    )


def online_faults(fitted: FittedCleaning, hours: Floats, raw: Floats, *, hindsight: bool) -> outliers.Codes:
    """Return (n, sensors) codes of `outliers`; each rule sees what the rule before has left."""
    codes = np.zeros(raw.shape, dtype=np.int8)
    if fitted.plan.outliers == "none":
        return codes
    for column in range(raw.shape[1]):
        low, high = fitted.arrays["online_plausible"][column]
        values = raw[:, column]
        rows = np.flatnonzero(np.isfinite(values))
        wrong = (values[rows] < low) | (values[rows] > high)
        codes[rows[wrong], column] = outliers.IMPLAUSIBLE
        rows = rows[~wrong]
        wrong = outliers.frozen_values(hours[rows], values[rows], float(fitted.arrays["frozen_after"][column]))
        codes[rows[wrong], column] = outliers.FROZEN
        rows = rows[~wrong]
        low, high = fitted.arrays["online_fence"][column]
        if fitted.plan.outliers == "plain":
            wrong = (values[rows] < low) | (values[rows] > high)
        else:
            wrong = outliers.spikes(hours[rows], values[rows], low, high, hindsight=hindsight)
        codes[rows[wrong], column] = outliers.OUTLIER
    return codes


def _offline_faults(fitted: FittedCleaning, hours: Floats, values: Floats) -> outliers.Codes:
    codes = np.zeros(values.shape, dtype=np.int8)
    if fitted.plan.outliers == "none":
        return codes
    arrays = fitted.arrays
    for column in range(values.shape[1]):
        low, high = arrays["offline_plausible"][column]
        sample = values[:, column]
        wrong = (sample < low) | (sample > high)
        below, above = arrays["offline_fence"][column]
        if fitted.plan.outliers == "plain":
            odd = (sample < below) | (sample > above)
        else:
            center, spread = arrays["offline_center"][:, column], arrays["offline_spread"][:, column]
            odd = outliers.jumps(scores(hours, np.where(wrong, np.nan, sample), center, spread), max(-below, above))
        codes[odd, column] = outliers.OUTLIER
        codes[wrong, column] = outliers.IMPLAUSIBLE
    return codes


def scores(hours: Floats, values: Floats, center: Floats, spread: Floats) -> Floats:
    """Return how far (n,) samples are from other batches at the same culture day, in robust standard deviations."""
    day = culture_days(hours)
    known = (day >= 0) & (day < len(center))
    day = np.where(known, day, 0)
    return np.asarray(np.where(known, (values - center[day]) / spread[day], np.nan))


def culture_days(hours: Floats) -> NDArray[np.intp]:
    """Return the nearest culture day of each hour."""
    return np.round(hours / _DAY_H).astype(np.intp)


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
