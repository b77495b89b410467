"""Batches as recorded: the plan, with what sensors, pumps and first samples say in its place."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Floats
from mabdesk.data.history_feeding import FeedRecord
from mabdesk.data.history_samples import initial_of
from mabdesk.data.history_sensors import recorded_climate
from mabdesk.data.history_setpoints import listed
from mabdesk.data.plans import BIN_H, CLIMATE, Plans
from mabdesk.data.splitting import TAGS

_SILENT_SHARE = 0.25


def recorded_plans(
    batches: Sequence[Batch], planned: Plans, sensors: Sequence[Floats], feeds: FeedRecord, ends_h: Floats
) -> Plans:
    """Return what was done with n batches; the plan stands in where no record says.

    Args:
        batches: n batches.
        planned: their plans.
        sensors: of each the means of `sensors_of`.
        feeds: what was fed.
        ends_h: (n,) hours of harvest.
    """
    glucose, volume = feeds.over(planned.glucose_feed, planned.volume_feed)
    initial = np.stack([initial_of(batch) for batch in batches])
    return replace(
        planned,
        climate=np.stack([recorded_climate(one, plan) for one, plan in zip(sensors, planned.climate, strict=True)]),
        glucose_feed=glucose,
        volume_feed=volume,
        initial=np.where(np.isfinite(initial), initial, planned.initial),
        harvest_h=np.minimum(ends_h, 24.0 * planned.days),
    )


def silent_sensors(batches: Sequence[Batch], sensors: Sequence[Floats], ends_h: Floats) -> list[str]:
    """Say of which batches a sensor tells nothing over a quarter of the time or more."""
    notes = []
    for column, name in enumerate(CLIMATE):
        silent = [
            i
            for i, (means, end) in enumerate(zip(sensors, ends_h, strict=True))
            if (~np.isfinite(means[: max(1, int(end / BIN_H)), column])).mean() > _SILENT_SHARE
        ]
        if silent:
            label = {"ph": "pH"}.get(name, name.replace("_", " "))
            notes.append(f"Little or no online {label} of {listed(batches, silent)}: the plan stands in for it.")
    return notes


def tag_of(batch: Batch, name: str) -> str:
    """Return a property of a batch, "" where it has none; the names that sites have for it count alike."""
    return next((batch.tags[key] for key in TAGS.get(name, (name,)) if batch.tags.get(key)), "")


def tag_table(batches: Sequence[Batch], names: Collection[str]) -> NDArray[np.str_]:
    """Return (n, t) tags."""
    rows = [[tag_of(batch, name) for name in names] for batch in batches]
    return np.array(rows, dtype=np.str_).reshape(len(batches), len(names))
