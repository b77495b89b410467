"""What a window shows: online means, held samples and their age, and process knowledge, all known at each hour.

A value of a sample is held from its hour on; nothing is drawn towards the next one. Channels hold NaN before
inoculation and until something is known.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data import gaps
from mabdesk.data.batch import Batch, Floats
from mabdesk.data.cleaning_apply import FittedCleaning, Prepared, known_samples
from mabdesk.data.settings import WindowPlan

VCD = "vcd"
AVERAGED = ("temperature", "ph", "dissolved_oxygen")
REMEMBERED = (VCD, "glucose", "lactate")
SAMPLE_AGE = "hours_since_sample"
GROWTH = ("ivcd", "root_ivcd", "initial_vcd")

_DAY_H = 24.0
_EARLIER_H = 16.0


class Layout(NamedTuple):
    """Which variables become which channels; follows from plan and fitted cleaning alone, never from new data."""

    online: tuple[str, ...]
    offline: tuple[str, ...]
    setpoints: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    panels: tuple[tuple[str, ...], ...]
    averaged: tuple[str, ...]
    remembered: tuple[str, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of all channels in order."""
        others = [f"hours_since_{panel[0]}" for panel in self.panels[1:]]
        growth = GROWTH if VCD in self.offline else ()
        return (
            *self.online,
            *self.offline,
            *((SAMPLE_AGE, *others) if self.panels else ()),
            "culture_age",
            *growth,
            *(f"previous_{name}" for name in self.remembered),
            *(f"{name}_setpoint" for name in self.setpoints),
            *(f"{name}={level}" for name, level in self.tags),
            *(f"mean_{name}" for name in self.averaged),
        )


def layout(plan: WindowPlan, fitted: FittedCleaning) -> Layout:
    """Lay out the channels for a plan whose inputs are filled in; excluded columns give none."""
    online = tuple(name for name in plan.inputs if name in fitted.online)
    offline = tuple(name for name in plan.inputs if name in fitted.offline and name not in online)
    known = {*fitted.online, *fitted.offline, *fitted.excluded}
    panels = [tuple(name for name in panel if name in offline) for panel in fitted.panels]
    return Layout(
        online=online,
        offline=offline,
        setpoints=tuple(name for name in plan.inputs if name not in known),
        tags=tuple((name, level) for name in plan.tags for level in fitted.tags.get(name, ())),
        panels=tuple(sorted(filter(None, panels), key=lambda panel: VCD not in panel)),
        averaged=tuple(name for name in AVERAGED if name in online),
        remembered=tuple(name for name in (*REMEMBERED, *plan.targets) if name in offline),
    )


def variable_of(channel: str, inputs: Sequence[str]) -> str:
    """Return the process variable that a channel tells of ("vcd" for "ivcd" and "previous_vcd"), else its own name."""
    if channel in inputs:
        return channel
    if channel in GROWTH:
        return VCD
    for head, tail in (("previous_", ""), ("mean_", ""), ("", "_setpoint")):
        if channel.startswith(head) and channel.endswith(tail) and (head or tail):
            inside = channel[len(head) : len(channel) - len(tail)]
            if inside in inputs:
                return inside
    return channel.split("=", 1)[0]


def window_values(
    plan: WindowPlan, fitted: FittedCleaning, batch: Batch, ready: Prepared, ends: Floats
) -> NDArray[np.float32]:
    """Return (n, steps, channels) for windows of one batch that end at `ends` (n,) hours."""
    shape = layout(plan, fitted)
    times = step_hours(plan, ends)
    online = _online(plan, fitted, shape.online, ready, ends)
    means = _running_means(fitted, shape.averaged, ready, times)
    samples = np.full((*times.shape, len(shape.channels) - online.shape[2] - means.shape[2]), np.nan)
    for known, mine in _by_knowledge(fitted, ready, ends):
        samples[mine] = _from_samples(fitted, shape, batch, known, times[mine])
    values = np.concatenate([online, samples, means], axis=2)
    values[times < 0] = np.nan
    return np.asarray(values, dtype=np.float32)


def _by_knowledge(fitted: FittedCleaning, ready: Prepared, ends: Floats) -> list[tuple[Prepared, NDArray[np.bool_]]]:
    """Group windows by the samples that their end could trust.

    Where later samples changed no judgement the whole batch serves: nothing later than a step's hour is ever held.
    """
    number = np.searchsorted(ready.offline_hours, ends, side="right")
    settled = np.ones(len(ends), dtype=np.bool_)
    groups = []
    for rows in np.unique(number):
        known = known_samples(fitted, ready, int(rows))
        if not np.array_equal(known.doubts, ready.doubts[:rows]):
            settled &= number != rows
            groups.append((known, number == rows))
    return [*groups, (ready, settled)]


def _from_samples(fitted: FittedCleaning, shape: Layout, batch: Batch, known: Prepared, times: Floats) -> Floats:
    """Return (n, steps, channels) of all that comes from samples, in the layout's order."""
    columns = [held(*_sampled(fitted, known, name), times) for name in shape.offline]
    for panel in shape.panels:
        there = np.isfinite(known.offline[:, [fitted.offline.index(name) for name in panel]]).any(axis=1)
        columns.append(times - held(known.offline_hours[there], known.offline_hours[there], times))
    columns.append(times / _DAY_H)
    if VCD in shape.offline:
        hours, values = _sampled(fitted, known, VCD)
        ivcd = integrated(hours, values, times)
        columns += [ivcd, np.sqrt(np.maximum(ivcd, 0.0)), held(hours[:1], values[:1], times)]
    columns += [held(*_sampled(fitted, known, name), times, _EARLIER_H) for name in shape.remembered]
    columns += [np.full(times.shape, batch.setpoints.get(name, np.nan)) for name in shape.setpoints]
    columns += [np.full(times.shape, _is_tagged(fitted, batch, name, level)) for name, level in shape.tags]
    return np.stack(columns, axis=2)


def _is_tagged(fitted: FittedCleaning, batch: Batch, name: str, level: str) -> float:
    """Return 1 for this level, 0 for another known one, NaN for a level that training did not have."""
    own = batch.tags.get(name, "")
    return float(own == level) if own in fitted.tags[name] else np.nan


def step_hours(plan: WindowPlan, ends: Floats) -> Floats:
    """Return (n, steps) the hour at which each step of a window ends; the last is the window's end."""
    steps = max(round(plan.length_h / plan.step_h), 1)
    return np.asarray(ends[:, None] - plan.step_h * np.arange(steps - 1, -1, -1))


def held(hours: Floats, values: Floats, times: Floats, earlier_h: float = 0.0) -> Floats:
    """Return the newest value at each time, NaN before the first.

    With `earlier_h`, the newest that is at least that much older than the newest: the previous day's.
    """
    row = np.searchsorted(hours, times, side="right") - 1
    if earlier_h and len(hours):
        row = np.where(row >= 0, np.searchsorted(hours, hours[row] - earlier_h, side="right") - 1, -1)
    return np.asarray(np.where(row >= 0, np.append(values, np.nan)[row], np.nan))


def integrated(hours: Floats, values: Floats, times: Floats) -> Floats:
    """Return the integral in value x days from inoculation, known at each time: trapezoids, then the last value on."""
    if not len(hours):
        return np.full(times.shape, np.nan)
    between = np.diff(hours) * (values[1:] + values[:-1]) / 2
    area = np.concatenate([[max(hours[0], 0.0) * values[0]], max(hours[0], 0.0) * values[0] + np.cumsum(between)])
    row = np.searchsorted(hours, times, side="right") - 1
    inside = np.maximum(row, 0)
    return np.asarray(np.where(row >= 0, area[inside] + values[inside] * (times - hours[inside]), np.nan) / _DAY_H)


def _online(plan: WindowPlan, fitted: FittedCleaning, names: tuple[str, ...], ready: Prepared, ends: Floats) -> Floats:
    """Average the sensors over each step; near the window's end only what was known by then."""
    columns = [fitted.online.index(name) for name in names]
    times = step_hours(plan, ends)
    limits = fitted.arrays["gap_limit"][columns]
    settled = (times <= ends[:, None] - fitted.reach_h)[:, :, None]
    looked_back = _step_means(ready.hours, ready.hindsight[:, columns], times, plan.step_h, limits)
    known = _step_means(ready.hours, ready.trailing[:, columns], times, plan.step_h, limits)
    return np.asarray(np.where(settled, looked_back, known))


def _step_means(hours: Floats, values: Floats, times: Floats, step_h: float, limits: Floats) -> Floats:
    """Return (n, steps, sensors) means over the step that ends at each time; an empty step shows the last value."""
    total, count = _running(values)
    right = np.searchsorted(hours, times, side="right")
    left = np.searchsorted(hours, times - step_h, side="right")
    number = count[right] - count[left]
    means = (total[right] - total[left]) / np.maximum(number, 1)
    return np.asarray(np.where(number > 0, means, _still_fresh(hours, values, times, right, limits)))


def _still_fresh(hours: Floats, values: Floats, times: Floats, right: NDArray[np.intp], limits: Floats) -> Floats:
    """Return (n, steps, sensors) the last known value where it is no older than a short gap."""
    rows = np.concatenate([np.full((1, values.shape[1]), -1), gaps.last_rows(np.isfinite(values))])[right]
    padded_hours = np.append(hours, -np.inf)
    padded = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])
    fresh = times[:, :, None] - padded_hours[rows] <= limits
    return np.asarray(np.where(fresh, padded[rows, np.arange(values.shape[1])], np.nan))


def _running(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return (n + 1, sensors) sums and counts of the known values before each row."""
    known = np.isfinite(values)
    first = np.zeros((1, values.shape[1]))
    total = np.concatenate([first, np.cumsum(np.where(known, values, 0.0), axis=0)])
    count = np.concatenate([first.astype(np.intp), np.cumsum(known, axis=0)])
    return total, count


def _running_means(fitted: FittedCleaning, names: tuple[str, ...], ready: Prepared, times: Floats) -> Floats:
    """Average the sensors from inoculation on, by what was known at each time."""
    total, count = _running(ready.trailing[:, [fitted.online.index(name) for name in names]])
    row = np.searchsorted(ready.hours, times, side="right")
    return np.asarray(np.where(count[row] > 0, total[row] / np.maximum(count[row], 1), np.nan))


def _sampled(fitted: FittedCleaning, ready: Prepared, name: str) -> tuple[Floats, Floats]:
    column = ready.offline[:, fitted.offline.index(name)]
    there = np.isfinite(column)
    return ready.offline_hours[there], column[there]
