"""Cutting batches into windows for a model: what was known at an hour, and the titer then or later."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Dataset, Floats, Windows
from mabdesk.data.cleaning import FittedCleaning, Prepared, prepare
from mabdesk.data.features import layout, step_hours, window_values
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError

FORECAST = "forecast"
LEAST_INSIDE = 0.75
"""Share of a window that must lie after inoculation."""

_LONGEST_INTERPOLATED_H = 72.0


class _Wanted(NamedTuple):
    """Windows of one batch: when they end, when their target is, what it is and whether it was measured."""

    ends: Floats
    target_hours: Floats
    y: Floats
    measured: NDArray[np.bool_]


def plan_for(dataset: Dataset, plan: WindowPlan) -> WindowPlan:
    """Return the plan with inputs and targets filled in from what the data have.

    Targets: titer and the first measured quality attribute. Inputs: all online and offline variables; with the
    forecast preset the titer as well.

    Raises:
        DataError: no titer was measured, a named variable is not there, or an input would give a target away.
    """
    targets = plan.targets or _targets(dataset)
    for name in targets:
        dataset.variable(name)
        if not _measured(dataset, name):
            raise DataError(
                f"The target {name!r} was never measured in {len(dataset.batches)} batches.",
                "Choose a target that the data have, or import samples of it.",
            )
    inputs = plan.inputs or _inputs(dataset, plan, targets)
    _refuse_leaks(dataset, plan, inputs, targets)
    return replace(plan, inputs=tuple(dict.fromkeys(inputs)), targets=tuple(dict.fromkeys(targets)))


def sample_windows(dataset: Dataset, plan: WindowPlan, cleaning: FittedCleaning) -> Windows:
    """Cut one window for every sample of a target, but for those whose window would mostly precede inoculation."""

    def wanted(batch: Batch, ready: Prepared, plan: WindowPlan) -> _Wanted:
        hours, y = _samples(batch, plan.targets)
        return _until(plan, cleaning, ready, hours, y, np.ones(len(hours), dtype=np.bool_))

    return _cut(dataset, plan, cleaning, wanted)


def training_windows(dataset: Dataset, plan: WindowPlan, cleaning: FittedCleaning, stride_h: float = 12.0) -> Windows:
    """Cut windows at every sample and, every `stride_h` hours between samples, at labels interpolated in the batch.

    With a stride of 0 h there are none between samples.
    """
    if stride_h <= 0:
        return sample_windows(dataset, plan, cleaning)

    def wanted(batch: Batch, ready: Prepared, plan: WindowPlan) -> _Wanted:
        hours, y = _samples(batch, plan.targets)
        more, labels = _between(hours, y, stride_h)
        real = np.repeat([True, False], [len(hours), len(more)])
        order = np.argsort(np.concatenate([hours, more]), kind="stable")
        both, values = np.concatenate([hours, more])[order], np.concatenate([y, labels])[order]
        return _until(plan, cleaning, ready, both, values, real[order])

    return _cut(dataset, plan, cleaning, wanted)


def drawing_windows(dataset: Dataset, plan: WindowPlan, cleaning: FittedCleaning, stride_h: float = 6.0) -> Windows:
    """Cut windows every `stride_h` hours from the first full one through the end of the batch; y is NaN."""

    def wanted(batch: Batch, _ready: Prepared, plan: WindowPlan) -> _Wanted:
        ends = np.arange(plan.length_h, batch.duration + 1e-6, stride_h)
        if len(ends) and batch.duration - ends[-1] > 1e-6:
            ends = np.append(ends, batch.duration)
        return _without_targets(plan, np.minimum(ends, batch.duration))

    return _cut(dataset, plan, cleaning, wanted)


def regular_windows(dataset: Dataset, plan: WindowPlan, cleaning: FittedCleaning, stride_h: float = 24.0) -> Windows:
    """Cut windows every `stride_h` hours from the first full one on: at the same hours in every batch; y is NaN."""

    def wanted(batch: Batch, _ready: Prepared, plan: WindowPlan) -> _Wanted:
        ends = np.arange(plan.length_h, batch.duration + 1e-6, stride_h)
        return _without_targets(plan, ends)

    return _cut(dataset, plan, cleaning, wanted)


def _without_targets(plan: WindowPlan, ends: Floats) -> _Wanted:
    """Return windows whose targets nobody measured: now, or a horizon ahead."""
    ahead = plan.horizon_h if plan.preset == FORECAST else 0.0
    return _Wanted(ends, ends + ahead, np.full((len(ends), len(plan.targets)), np.nan), np.zeros(len(ends), bool))


def _cut(
    dataset: Dataset,
    plan: WindowPlan,
    cleaning: FittedCleaning,
    wanted: Callable[[Batch, Prepared, WindowPlan], _Wanted],
) -> Windows:
    """Clean and cut batch by batch: no window can see two batches."""
    plan = plan if plan.inputs and plan.targets else plan_for(dataset, plan)
    channels = layout(plan, cleaning).channels
    if not channels:
        raise DataError("No input is left for the windows.", "Choose inputs that vary in the training batches.")
    parts, xs, lasts, last_hours, ids = [_none(plan)], [_no_values(plan, len(channels))], [], [], []
    for batch in dataset.batches:
        ready = prepare(cleaning, batch)
        part = wanted(batch, ready, plan)
        parts.append(part)
        xs.append(window_values(plan, cleaning, batch, ready, part.ends))
        values, hours = _last(batch, plan.targets, part)
        lasts.append(values)
        last_hours.append(hours)
        ids += [batch.id] * len(part.ends)
    empty = np.zeros((0, len(plan.targets)))
    return Windows(
        channels=channels,
        targets=plan.targets,
        x=np.concatenate(xs),
        y=np.concatenate([part.y for part in parts]),
        measured=np.concatenate([part.measured for part in parts]),
        batch_ids=np.array(ids, dtype=np.str_),
        hours=np.concatenate([part.ends for part in parts]),
        target_hours=np.concatenate([part.target_hours for part in parts]),
        last=np.concatenate([empty, *lasts]),
        last_hours=np.concatenate([empty, *last_hours]),
    )


def _none(plan: WindowPlan) -> _Wanted:
    return _Wanted(np.zeros(0), np.zeros(0), np.zeros((0, len(plan.targets))), np.zeros(0, dtype=np.bool_))


def _no_values(plan: WindowPlan, channels: int) -> NDArray[np.float32]:
    steps = step_hours(plan, np.zeros(1)).shape[1]
    return np.zeros((0, steps, channels), dtype=np.float32)


def _samples(batch: Batch, targets: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Return hours (n,) and values (n, targets) where any target was measured; NaN where one was not."""
    table = np.stack([batch.offline.column(name) for name in targets], axis=1)
    table = np.where(np.isfinite(table), table, np.nan)
    there = np.isfinite(table).any(axis=1)
    return batch.offline.hours[there], table[there]


def _between(hours: Floats, y: Floats, stride_h: float) -> tuple[Floats, Floats]:
    """Interpolate each target between its own samples, on a stride, away from the samples themselves."""
    if len(hours) < 2:
        return np.zeros(0), np.zeros((0, y.shape[1]))
    grid = np.arange(np.ceil(hours[0] / stride_h) * stride_h, hours[-1], stride_h)
    nearest = np.abs(grid[:, None] - hours).min(axis=1, initial=np.inf)
    grid = grid[nearest > stride_h / 4]
    labels = np.stack([_line(hours, column, grid) for column in y.T], axis=1)
    there = np.isfinite(labels).any(axis=1)
    return grid[there], labels[there]


def _line(hours: Floats, values: Floats, grid: Floats) -> Floats:
    there = np.isfinite(values)
    known = hours[there]
    if len(known) < 2:
        return np.full(len(grid), np.nan)
    right = np.clip(np.searchsorted(known, grid), 1, len(known) - 1)
    inside = (grid >= known[0]) & (grid <= known[-1])
    inside &= known[right] - known[right - 1] <= _LONGEST_INTERPOLATED_H
    return np.asarray(np.where(inside, np.interp(grid, known, values[there]), np.nan))


def _until(
    plan: WindowPlan,
    cleaning: FittedCleaning,
    ready: Prepared,
    target_hours: Floats,
    y: Floats,
    measured: NDArray[np.bool_],
) -> _Wanted:
    """Choose where the windows end that must know their targets, and drop those that begin too early."""
    ends = target_hours
    if plan.preset == FORECAST:
        columns = [cleaning.offline.index(name) for name in plan.inputs if name in cleaning.offline]
        sampled = ready.offline_hours[np.isfinite(ready.raw_offline[:, columns]).any(axis=1)]
        ends = _nearest(target_hours - plan.horizon_h, sampled, plan.horizon_h / 4)
    enough = ends >= LEAST_INSIDE * plan.length_h
    return _Wanted(ends[enough], target_hours[enough], y[enough], measured[enough])


def _nearest(hours: Floats, samples: Floats, within_h: float) -> Floats:
    """Move hours to the nearest sample where one is near enough."""
    if not len(samples):
        return hours
    right = np.clip(np.searchsorted(samples, hours), 0, len(samples) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(samples[left] - hours) <= np.abs(samples[right] - hours), samples[left], samples[right])
    return np.asarray(np.where(np.abs(nearest - hours) <= within_h, nearest, hours))


def _last(batch: Batch, targets: tuple[str, ...], part: _Wanted) -> tuple[Floats, Floats]:
    """Return (n, targets) newest measured values and their hours: known at the window's end, older than the target."""
    newest = np.minimum(part.ends, np.nextafter(part.target_hours, -np.inf))
    values = np.full((len(newest), len(targets)), np.nan)
    when = np.full((len(newest), len(targets)), np.nan)
    for column, name in enumerate(targets):
        hours, measured = batch.offline.measured(name)
        row = np.searchsorted(hours, newest, side="right") - 1
        values[:, column] = np.where(row >= 0, np.append(measured, np.nan)[row], np.nan)
        when[:, column] = np.where(row >= 0, np.append(hours, np.nan)[row], np.nan)
    return values, when


def _targets(dataset: Dataset) -> tuple[str, ...]:
    titers = [name for name in dataset.names("target") if _measured(dataset, name)]
    if not titers:
        known = ", ".join(dataset.names("target", "quality", "offline")) or "none"
        raise DataError(
            f"No titer was measured in {len(dataset.batches)} batches.",
            f"A target is needed: name the titer column when importing, or choose another one of: {known}.",
        )
    quality = [name for name in dataset.names("quality") if _measured(dataset, name)]
    return (titers[0], *quality[:1])


def _inputs(dataset: Dataset, plan: WindowPlan, targets: tuple[str, ...]) -> tuple[str, ...]:
    measured = [name for name in dataset.names("online", "offline") if name not in targets]
    titers = [name for name in dataset.names("target") if name in targets]
    return (*measured, *(titers if plan.preset == FORECAST else ()))


def _refuse_leaks(dataset: Dataset, plan: WindowPlan, inputs: tuple[str, ...], targets: tuple[str, ...]) -> None:
    for name in inputs:
        roles = {variable.role for variable in dataset.variables if variable.name == name}
        if not roles:
            dataset.variable(name)
        if roles == {"quality"}:
            raise DataError(
                f"The quality attribute {name!r} cannot be an input.", "It is measured after the fact: leave it out."
            )
        if plan.preset != FORECAST and (name in targets or roles == {"target"}):
            raise DataError(
                f"The input {name!r} gives the soft sensor its answer.",
                "Leave it out, or choose the forecast preset, which may see the last known titer.",
            )


def _measured(dataset: Dataset, name: str) -> bool:
    return any(len(batch.offline.measured(name)[0]) for batch in dataset.batches)
