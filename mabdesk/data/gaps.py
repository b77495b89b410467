"""Filling gaps of online sensors: short ones along a line, long ones from training batches at the same hour."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

NOT_MEASURED, MEASURED, REMOVED, INTERPOLATED, NEIGHBORS = range(5)
Status = NDArray[np.int8]

_CHUNK = 2000


class Reference(NamedTuple):
    """Training batches by hour: `ids` of the batches, `values` (batches, hours, sensors), `scale` (sensors,)."""

    ids: tuple[str, ...]
    values: Floats
    scale: Floats


class Filling(NamedTuple):
    """How gaps are filled: the longest one that is bridged (sensors,), and for others where from (None: left empty)."""

    limits: Floats
    reference: Reference | None
    neighbors: int


def rows_with_gaps(hours: Floats, end: float, step: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Add rows where rows are missing, through `end`; return all hours and which of them were there.

    Added rows stand 1.5, 2.5 ... steps after the last one, so that each is known to be missing when its hour comes.
    """
    if not len(hours) or not np.isfinite(step) or step <= 0:
        return hours, np.ones(len(hours), dtype=np.bool_)
    ends = np.append(hours[1:], max(end, float(hours[-1])) + 1e-9)
    added = np.maximum(np.ceil((ends - hours) / step - 1.5), 0).astype(np.intp)
    which = np.repeat(np.arange(len(hours)), added)
    ordinal = np.arange(len(which)) - np.repeat(np.cumsum(added) - added, added)
    everything = np.concatenate([hours, hours[which] + (ordinal + 1.5) * step])
    there = np.concatenate([np.ones(len(hours), dtype=np.bool_), np.zeros(len(which), dtype=np.bool_)])
    order = np.argsort(everything, kind="stable")
    return everything[order], there[order]


def fill(hours: Floats, values: Floats, settings: Filling, batch_id: str, *, hindsight: bool) -> tuple[Floats, Status]:
    """Fill (n, sensors) values; return them with a status per value.

    A short gap is bridged along a line with hindsight, by the last value without; a longer one is filled from training
    batches. Nothing is filled before a sensor's first value.
    """
    limits, reference, neighbors = settings
    known = np.isfinite(values)
    if not len(hours):
        return values, np.zeros(values.shape, dtype=np.int8)
    before = last_rows(known)
    bridged = _hold(hours, values, before, limits)
    if hindsight:
        bridged = _bridge_line(hours, values, known, before, limits, bridged)
    filled = np.where(known, values, bridged)
    status = np.where(known, MEASURED, np.where(np.isfinite(filled), INTERPOLATED, NOT_MEASURED)).astype(np.int8)
    wanted = ~np.isfinite(filled) & (before >= 0)
    if reference is not None and wanted.any():
        guesses = _from_neighbors(hours, values, before, wanted, reference, neighbors, batch_id)
        filled = np.where(wanted, guesses, filled)
        status[wanted & np.isfinite(filled)] = NEIGHBORS
    return filled, status


def last_rows(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return (n, columns) the newest row up to each row in which the column is known, -1 before the first."""
    rows = np.where(known, np.arange(len(known))[:, None], -1)
    return np.maximum.accumulate(rows, axis=0) if len(rows) else rows


def hourly_means(hours: Floats, values: Floats, length: int) -> Floats:
    """Return (length, sensors) means of the measured values by whole hour; NaN where nothing was measured."""
    bins = hours.astype(np.intp)
    inside = (hours >= 0) & (bins < length)
    means = np.full((length, values.shape[1]), np.nan)
    for column in range(values.shape[1]):
        there = inside & np.isfinite(values[:, column])
        count = np.bincount(bins[there], minlength=length)
        total = np.bincount(bins[there], weights=values[there, column], minlength=length)
        means[count > 0, column] = total[count > 0] / count[count > 0]
    return means


def _bridge_line(
    hours: Floats,
    values: Floats,
    known: NDArray[np.bool_],
    before: NDArray[np.intp],
    limits: Floats,
    held: Floats,
) -> Floats:
    """Draw lines across short gaps; a gap that is short until the batch ends shows the last value."""
    after = len(hours) - 1 - last_rows(known[::-1])[::-1]
    possible = (before >= 0) & (after < len(hours))
    left, right = np.where(possible, before, 0), np.where(possible, after, 0)
    gap = hours[right] - hours[left]
    possible &= gap <= limits + 1e-9
    part = (hours[:, None] - hours[left]) / np.where(gap > 0, gap, 1.0)
    low, high = np.take_along_axis(values, left, axis=0), np.take_along_axis(values, right, axis=0)
    to_the_end = (before >= 0) & (after >= len(hours)) & (hours[-1:] - hours[np.maximum(before, 0)] <= limits + 1e-9)
    return np.asarray(np.where(possible, low + part * (high - low), np.where(to_the_end, held, np.nan)))


def _hold(hours: Floats, values: Floats, before: NDArray[np.intp], limits: Floats) -> Floats:
    rows = np.maximum(before, 0)
    fresh = (before >= 0) & (hours[:, None] - hours[rows] <= limits + 1e-9)
    return np.asarray(np.where(fresh, np.take_along_axis(values, rows, axis=0), np.nan))


def _from_neighbors(
    hours: Floats,
    values: Floats,
    before: NDArray[np.intp],
    wanted: NDArray[np.bool_],
    reference: Reference,
    neighbors: int,
    batch_id: str,
) -> Floats:
    """Guess the wanted values from the training batches that were most alike when each sensor was last seen."""
    others = reference.values[[name != batch_id for name in reference.ids]]
    guesses = np.full(values.shape, np.nan)
    if not others.size:
        return guesses
    rows = np.flatnonzero(wanted.any(axis=1))
    for chunk in np.array_split(rows, max(1, len(rows) // _CHUNK)):
        seen = np.maximum(before[chunk], 0)
        held = np.where(before[chunk] >= 0, np.take_along_axis(values, seen, axis=0), np.nan)
        distance = _distances(held, _bins(hours[seen], others), others, reference.scale)
        guesses[chunk] = _nearest_means(others[:, _bins(hours[chunk], others)], distance, neighbors)
    return guesses


def _bins(hours: Floats, others: Floats) -> NDArray[np.intp]:
    return np.clip(hours.astype(np.intp), 0, others.shape[1] - 1)


def _distances(held: Floats, seen_hours: NDArray[np.intp], others: Floats, scale: Floats) -> Floats:
    """Return (batches, rows) mean squared standardized distances over the sensors that both have seen."""
    alike = others[:, seen_hours, np.arange(held.shape[1])]
    square = ((alike - held) / scale) ** 2
    there = np.isfinite(square)
    total = np.where(there, square, 0.0).sum(axis=2)
    count = there.sum(axis=2)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), 1e12))


def _nearest_means(candidates: Floats, distance: Floats, neighbors: int) -> Floats:
    """Return (rows, sensors) means over the nearest batches that have a value; NaN where none has."""
    means = np.full(candidates.shape[1:], np.nan)
    for sensor in range(candidates.shape[2]):
        there = np.isfinite(candidates[:, :, sensor])
        ranked = np.argsort(np.where(there, distance, np.inf), axis=0, kind="stable")[:neighbors]
        nearest = np.take_along_axis(candidates[:, :, sensor], ranked, axis=0)
        count = np.isfinite(nearest).sum(axis=0)
        total = np.where(np.isfinite(nearest), nearest, 0.0).sum(axis=0)
        means[count > 0, sensor] = total[count > 0] / count[count > 0]
    return means
