"""Cleaning: what is estimated (from training batches alone), what is changed, and the list of every change.

Online sensors lose implausible values, frozen stretches and spikes; their gaps are filled. Offline values lose what
breaks with their own batch; their gaps stay, since windows hold the last sample. Targets and quality attributes are
never removed or filled, only flagged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data import gaps, outliers
from mabdesk.data.batch import Batch, Dataset, Floats, Measurements, Variable
from mabdesk.data.settings import CleaningPlan
from mabdesk.errors import DataError

_DAY_H = 24.0
_SAME_PANEL = 0.8
_LEAST_AT_A_DAY = 8
_NORMAL_IQR = 1.349
_LEAST_RELATIVE_SCALE = 0.02


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


def fit_cleaning(dataset: Dataset, plan: CleaningPlan, training_ids: Iterable[str]) -> FittedCleaning:
    """Estimate limits, fences and neighbors from the training batches alone.

    Raises:
        DataError: none of the training batches is in the data.
    """
    training = dataset.only(training_ids)
    if not training.batches:
        raise DataError("Cleaning received no training batches.", "Choose at least one batch to learn from.")
    kept = dataset.names("target", "quality")
    reasons = {variable: _unusable(training, variable) for variable in training.variables}
    online = tuple(v.name for v, reason in reasons.items() if v.role == "online" and not reason)
    offline = tuple(v.name for v, reason in reasons.items() if v.role == "offline" and not reason) + kept
    excluded = {v.name: reason for v, reason in reasons.items() if reason and v.name not in (*online, *offline)}
    pieces = {name: [measured(batch.online, name) for batch in training.batches] for name in online}
    spacing = np.array([_spacing([hours for hours, _ in pieces[name]]) for name in online])
    limits = np.fmax(plan.short_gap_h, 1.5 * spacing)
    arrays = {"gap_limit": limits, **_plausible(dataset, online, offline), **_online_rules(plan, pieces)}
    arrays |= _offline_rules(plan, training, offline)
    fitted = FittedCleaning(
        plan=plan,
        online=online,
        offline=offline,
        kept=kept,
        excluded=excluded,
        panels=_panels(training, offline),
        training_ids=training.ids,
        step_h=_spacing([batch.online.hours for batch in training.batches]),
        reach_h=float(limits.max(initial=0.0)) + outliers.HALF_WIDTH_H,
        arrays=arrays,
    )
    return _with_reference(fitted, training)


def prepare(fitted: FittedCleaning, batch: Batch) -> Prepared:
    """Clean one batch by what was fitted."""
    arrays = fitted.arrays
    hours, there = gaps.rows_with_gaps(batch.online.hours, batch.duration, fitted.step_h)
    raw = np.full((len(hours), len(fitted.online)), np.nan)
    raw[there] = _table(batch.online, fitted.online)
    faults = _online_faults(fitted, hours, raw, hindsight=True)
    clean_now = np.where(_online_faults(fitted, hours, raw, hindsight=False) > 0, np.nan, raw)
    settings = gaps.Filling(arrays["gap_limit"], _reference(fitted), fitted.plan.neighbors)
    hindsight, status = gaps.fill(hours, np.where(faults > 0, np.nan, raw), settings, batch.id, hindsight=True)
    trailing, _ = gaps.fill(hours, clean_now, settings, batch.id, hindsight=False)
    status[(status == gaps.NOT_MEASURED) & (faults > 0)] = gaps.REMOVED
    sampled = _table(batch.offline, fitted.offline)
    doubts = _offline_faults(fitted, batch.offline.hours, sampled)
    loses = (doubts > 0) & ~np.isin(fitted.offline, fitted.kept)
    clean_offline = np.where(loses, np.nan, sampled)
    return Prepared(
        hours, there, raw, hindsight, trailing, faults, status, batch.offline.hours, sampled, clean_offline, doubts
    )


def measured(table: Measurements, name: str) -> tuple[Floats, Floats]:
    """Return hours and finite values of one variable."""
    return table.measured(name)


def _unusable(training: Dataset, variable: Variable) -> str:
    """Return why a column cannot be an input, "" where it can (or is none)."""
    if variable.role not in ("online", "offline"):
        return ""
    tables = [batch.online if variable.role == "online" else batch.offline for batch in training.batches]
    values = np.concatenate([measured(table, variable.name)[1] for table in tables])
    if not len(values):
        return "never measured in the training batches"
    if np.ptp(values) == 0:
        return f"constant at {values[0]:g} {variable.unit}".rstrip() + " in the training batches"
    return ""


def _plausible(dataset: Dataset, online: Sequence[str], offline: Sequence[str]) -> dict[str, Floats]:
    """Return limits (variables, 2) by the catalog; a setpoint of the same name has its own."""
    limits = {(v.name, v.role == "online"): (v.low, v.high) for v in dataset.variables if v.role != "setpoint"}
    return {
        "online_plausible": np.array([limits[name, True] for name in online], dtype=np.float64).reshape(-1, 2),
        "offline_plausible": np.array([limits[name, False] for name in offline], dtype=np.float64).reshape(-1, 2),
    }


def _online_rules(plan: CleaningPlan, pieces: Mapping[str, list[tuple[Floats, Floats]]]) -> dict[str, Floats]:
    limits, frozen = [], []
    for series in pieces.values():
        values = np.concatenate([column for _, column in series])
        if plan.outliers == "plain":
            limits.append(outliers.raw_fences(values, plan.iqr_factor))
        else:
            pooled = np.concatenate([outliers.residuals(hours, column) for hours, column in series])
            limits.append(outliers.fences(pooled, plan.iqr_factor, outliers.noise_floor(values)))
        longest = np.array([outliers.longest_flat(hours, column) for hours, column in series if len(hours)])
        frozen.append(outliers.frozen_after(longest))
    return {
        "online_fence": np.reshape(np.array(limits, dtype=np.float64), (len(pieces), 2)),
        "frozen_after": np.array(frozen, dtype=np.float64),
    }


def _online_faults(fitted: FittedCleaning, hours: Floats, raw: Floats, *, hindsight: bool) -> outliers.Codes:
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


def _offline_rules(plan: CleaningPlan, training: Dataset, offline: Sequence[str]) -> dict[str, Floats]:
    """Return middle and spread at every culture day, and how far a batch moves between its samples."""
    tables = [(batch.offline.hours, _table(batch.offline, offline)) for batch in training.batches]
    hours = np.concatenate([hours for hours, _ in tables])
    values = np.concatenate([table for _, table in tables])
    days = max(int(_days(hours).max(initial=0)) + 1, 1)
    center = np.full((days, len(offline)), np.nan)
    spread = np.full((days, len(offline)), np.nan)
    for column in range(len(offline)):
        _fit_days(hours, values[:, column], center[:, column], spread[:, column])
    fence = np.full((len(offline), 2), np.nan)
    for column in range(len(offline)):
        if plan.outliers == "plain":
            fence[column] = outliers.raw_fences(values[:, column], plan.iqr_factor)
            continue
        moves = [_moves(_scores(h, t[:, column], center[:, column], spread[:, column])) for h, t in tables]
        fence[column] = outliers.fences(np.concatenate(moves), plan.iqr_factor, 1.0)
    return {"offline_center": center, "offline_spread": spread, "offline_fence": fence}


def _fit_days(hours: Floats, values: Floats, center: Floats, spread: Floats) -> None:
    """Fill in the median and robust spread by day; a day with few samples borrows from the days beside it."""
    day = _days(hours)
    there = np.isfinite(values)
    floor = outliers.resolution(values)
    for one in range(len(center)):
        sample = values[there & (day == one)]
        if len(sample) < _LEAST_AT_A_DAY:
            sample = values[there & (np.abs(day - one) <= 1)]
        if len(sample) >= _LEAST_AT_A_DAY:
            low, center[one], high = np.percentile(sample, [25, 50, 75])
            spread[one] = max((high - low) / _NORMAL_IQR, floor, _LEAST_RELATIVE_SCALE * abs(center[one]), 1e-12)


def _scores(hours: Floats, values: Floats, center: Floats, spread: Floats) -> Floats:
    day = _days(hours)
    known = (day >= 0) & (day < len(center))
    day = np.where(known, day, 0)
    return np.asarray(np.where(known, (values - center[day]) / spread[day], np.nan))


def _moves(scores: Floats) -> Floats:
    return np.diff(scores[np.isfinite(scores)])


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
            odd = outliers.jumps(_scores(hours, np.where(wrong, np.nan, sample), center, spread), max(-below, above))
        codes[odd, column] = outliers.OUTLIER
        codes[wrong, column] = outliers.IMPLAUSIBLE
    return codes


def _days(hours: Floats) -> NDArray[np.intp]:
    return np.round(hours / _DAY_H).astype(np.intp)


def _spacing(series: Sequence[Floats]) -> float:
    steps = np.concatenate([np.diff(hours) for hours in series]) if series else np.zeros(0)
    return float(np.median(steps)) if len(steps) else np.nan


def _panels(training: Dataset, offline: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Group variables whose samples mostly coincide; the first of a group decides."""
    there = np.concatenate([np.isfinite(_table(batch.offline, offline)) for batch in training.batches])
    groups: list[list[int]] = []
    for column in range(len(offline)):
        for group in groups:
            both = (there[:, column] & there[:, group[0]]).sum()
            either = (there[:, column] | there[:, group[0]]).sum()
            if either and both >= _SAME_PANEL * either:
                group.append(column)
                break
        else:
            groups.append([column])
    return tuple(tuple(offline[column] for column in group) for group in groups)


def _with_reference(fitted: FittedCleaning, training: Dataset) -> FittedCleaning:
    """Add the training batches' hourly means without their outliers, and the spread between batches."""
    length = int(max((batch.duration for batch in training.batches), default=0.0)) + 1
    means = []
    for batch in training.batches:
        raw = _table(batch.online, fitted.online)
        faults = _online_faults(fitted, batch.online.hours, raw, hindsight=True)
        means.append(gaps.hourly_means(batch.online.hours, np.where(faults > 0, np.nan, raw), length))
    reference = np.array(means).reshape(len(means), length, len(fitted.online))
    scale = np.array([_scale(reference[:, :, column]) for column in range(len(fitted.online))])
    arrays = {**fitted.arrays, "reference": reference, "reference_scale": scale}
    return replace(fitted, arrays=arrays)


def _scale(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return max(float(np.std(there)), 1e-12) if len(there) else 1.0


def _reference(fitted: FittedCleaning) -> gaps.Reference | None:
    if fitted.plan.long_gaps != "knn":
        return None
    return gaps.Reference(fitted.training_ids, fitted.arrays["reference"], fitted.arrays["reference_scale"])


def _table(source: Measurements, names: Sequence[str]) -> Floats:
    """Return (n, names) values; what is not finite counts as not measured."""
    table = np.full((len(source.hours), len(names)), np.nan)
    for column, name in enumerate(names):
        table[:, column] = source.column(name)
    return np.where(np.isfinite(table), table, np.nan)
