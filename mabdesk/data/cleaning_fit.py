"""Estimating limits, fences and neighbors for cleaning; everything comes from training batches alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data import gaps, outliers, slips
from mabdesk.data.batch import Dataset, Floats, Variable
from mabdesk.data.cleaning_apply import FittedCleaning, online_faults, table_of
from mabdesk.data.settings import CleaningPlan
from mabdesk.errors import DataError

_SAME_PANEL = 0.8
# What people weigh in jumps as it should, from nothing to twice the usual: no laboratory value.
_AMOUNTS = ("L", "mL", "kg", "g")


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
    pieces = {name: [batch.online.measured(name) for batch in training.batches] for name in online}
    spacing = np.array([_spacing([hours for hours, _ in pieces[name]]) for name in online])
    limits = np.fmax(plan.short_gap_h, 1.5 * spacing)
    arrays = {"gap_limit": limits, **_plausible(dataset, online, offline), **_online_rules(plan, pieces)}
    arrays |= _offline_rules(plan, training, offline)
    step_h = _spacing([batch.online.hours for batch in training.batches])
    fitted = FittedCleaning(
        plan=plan,
        online=online,
        offline=offline,
        kept=kept,
        excluded=excluded,
        panels=_panels(training, offline),
        training_ids=training.ids,
        step_h=step_h,
        reach_h=float(limits.max(initial=0.0) + np.fmax(outliers.HALF_WIDTH_H, 1.5 * step_h)),
        arrays=arrays,
        tags=_shared_tags(training),
    )
    return _with_reference(fitted, training)


def _unusable(training: Dataset, variable: Variable) -> str:
    """Return why a column cannot be an input, "" where it can (or is none)."""
    if variable.role not in ("online", "offline"):
        return ""
    tables = [batch.online if variable.role == "online" else batch.offline for batch in training.batches]
    values = np.concatenate([table.measured(variable.name)[1] for table in tables])
    if not len(values):
        return "never measured in the training batches"
    if np.ptp(values) == 0:
        return f"constant at {values[0]:g} {variable.unit}".rstrip() + " in the training batches"
    return ""


def _shared_tags(training: Dataset) -> dict[str, tuple[str, ...]]:
    """Return the levels of each tag that differs, where two or more training batches share the level."""
    counts = Counter((name, level) for batch in training.batches for name, level in batch.tags.items() if level)
    names = sorted({name for name, _ in counts})
    levels = {name: sorted(level for tag, level in counts if tag == name and counts[tag, level] > 1) for name in names}
    return {name: tuple(found) for name, found in levels.items() if len(found) > 1}


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


def _offline_rules(plan: CleaningPlan, training: Dataset, offline: Sequence[str]) -> dict[str, Floats]:
    """Return the usual course of every sampled variable, as arrays with the variables along the last axis."""
    last = max((float(batch.offline.hours[-1]) for batch in training.batches if len(batch.offline.hours)), default=0.0)
    days = max(round(last / 24.0), 0) + 1
    units = {variable.name: variable.unit for variable in training.variables if variable.role != "setpoint"}
    soft, center, spread, fence = [], [], [], []
    for name in offline:
        series = [batch.offline.measured(name) for batch in training.batches]
        course = slips.fit_course(series, days, plan.iqr_factor)
        soft.append(course.soft)
        center.append(course.center)
        spread.append(course.spread)
        if plan.outliers == "plain":
            fence.append(outliers.raw_fences(np.concatenate([values for _, values in series]), plan.iqr_factor))
        else:
            limit = np.inf if units[name] in _AMOUNTS else course.fence
            fence.append((-limit, limit))
    return {
        "offline_soft": np.array(soft, dtype=np.float64),
        "offline_center": np.array(center, dtype=np.float64).reshape(len(offline), days).T,
        "offline_spread": np.array(spread, dtype=np.float64).reshape(len(offline), days).T,
        "offline_fence": np.array(fence, dtype=np.float64).reshape(len(offline), 2),
    }


def _spacing(series: Sequence[Floats]) -> float:
    steps = np.concatenate([np.diff(hours) for hours in series]) if series else np.zeros(0)
    return float(np.median(steps)) if len(steps) else np.nan


def _panels(training: Dataset, offline: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Group variables whose samples mostly coincide; the first of a group decides."""
    there = np.concatenate([np.isfinite(table_of(batch.offline, offline)) for batch in training.batches])
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
        raw = table_of(batch.online, fitted.online)
        faults, _ = online_faults(fitted, batch.online.hours, raw)
        means.append(gaps.hourly_means(batch.online.hours, np.where(faults > 0, np.nan, raw), length))
    reference = np.array(means).reshape(len(means), length, len(fitted.online))
    scale = np.array([_scale(reference[:, :, column]) for column in range(len(fitted.online))])
    arrays = {**fitted.arrays, "reference": reference, "reference_scale": scale}
    return replace(fitted, arrays=arrays)


def _scale(values: Floats) -> float:
    """Return what one unit of distance is for (batches, hours) means of a sensor.

    The spread between batches at the same hour, made larger for a sensor whose deviations do not persist in a batch:
    noise must not choose the neighbors.
    """
    deviations = values - _medians(values)
    there = np.isfinite(deviations)
    if not there.any():
        return 1.0
    number = np.maximum(there.sum(axis=1), 1)
    by_batch = (np.where(there, deviations, 0.0).sum(axis=1) / number)[there.any(axis=1)]
    total, lasting = float(np.std(deviations[there])), float(np.std(by_batch))
    return max(total * total / max(lasting, 0.01 * total, 1e-12), 1e-12)


def _medians(values: Floats) -> Floats:
    """Return the medians of columns without their NaN; NaN where there is nothing. Sorting puts NaN last."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(values).sum(axis=0)
    column = np.arange(values.shape[1])
    below, above = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)
    return np.asarray((ordered[below, column] + ordered[above, column]) / 2)
