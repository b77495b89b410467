"""Cleaning: faults removed, gaps filled, and the list of every change.

Online sensors lose implausible values, frozen stretches and spikes; their gaps are filled. Offline values lose what
breaks with their own batch; their gaps stay, since windows hold the last sample. Targets and quality attributes are
never removed or filled, only flagged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mabdesk.data import gaps
from mabdesk.data.batch import Batch, Change, Dataset, Floats, Measurements
from mabdesk.data.cleaning_apply import FittedCleaning, Prepared, prepare
from mabdesk.data.cleaning_changes import changes_of
from mabdesk.data.cleaning_fit import fit_cleaning
from mabdesk.data.settings import CleaningPlan

__all__ = ["Cleaned", "FittedCleaning", "Prepared", "Status", "clean", "fit_cleaning", "prepare"]


@dataclass(frozen=True, eq=False)
class Status:
    """What each value of a cleaned batch is: `online` and `offline` hold codes of `gaps`, shaped as the values.

    0 not measured, 1 measured, 2 removed, 3 interpolated, 4 from neighbors.
    """

    online: gaps.Status
    offline: gaps.Status


@dataclass(frozen=True, eq=False)
class Cleaned:
    """Data to look at, every change that was made by which plan, and the status of every value by batch id."""

    plan: CleaningPlan
    dataset: Dataset
    changes: tuple[Change, ...]
    status: Mapping[str, Status]


def clean(fitted: FittedCleaning, dataset: Dataset) -> Cleaned:
    """Apply what was fitted to any batches; columns that are no input stay as they are."""
    ready = [prepare(fitted, batch) for batch in dataset.batches]
    pairs = [_cleaned(fitted, batch, one) for batch, one in zip(dataset.batches, ready, strict=True)]
    return Cleaned(
        plan=fitted.plan,
        dataset=Dataset(dataset.variables, tuple(batch for batch, _ in pairs), dataset.sources),
        changes=changes_of(fitted, dataset, ready),
        status={batch.id: status for batch, status in pairs},
    )


def _cleaned(fitted: FittedCleaning, batch: Batch, ready: Prepared) -> tuple[Batch, Status]:
    online, offline = batch.online, batch.offline
    values = np.full((len(ready.hours), len(online.names)), np.nan)
    values[ready.there] = _finite(online.values)
    status = _raw_status(values)
    for column, name in enumerate(online.names):
        if name in fitted.online:
            values[:, column] = ready.hindsight[:, fitted.online.index(name)]
            status[:, column] = ready.status[:, fitted.online.index(name)]
    sampled = _finite(offline.values)
    sampled_status = _raw_status(sampled)
    for column, name in enumerate(offline.names):
        if name in fitted.offline:
            lost = np.isfinite(sampled[:, column]) & np.isnan(ready.offline[:, fitted.offline.index(name)])
            sampled[lost, column] = np.nan
            sampled_status[lost, column] = gaps.REMOVED
    cleaned = Batch(
        batch.id,
        Measurements(online.names, ready.hours, values),
        Measurements(offline.names, offline.hours, sampled),
        batch.events,
        batch.setpoints,
        batch.tags,
    )
    return cleaned, Status(status, sampled_status)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _raw_status(values: Floats) -> gaps.Status:
    return np.where(np.isfinite(values), gaps.MEASURED, gaps.NOT_MEASURED).astype(np.int8)
