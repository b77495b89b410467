"""Batches as recorded: the plan, with what sensors, pumps and first samples say in its place."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Floats
from mabdesk.data.history.feeding import FeedRecord
from mabdesk.data.history.plans import BIN_H, CLIMATE, Plans
from mabdesk.data.history.samples import initial_of
from mabdesk.data.history.sensors import recorded_climate
from mabdesk.data.history.setpoints import listed
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
    """Say of which batches sensors tell nothing over a quarter of the time or more."""
    silent: dict[tuple[int, ...], list[str]] = {}
    for column, name in enumerate(CLIMATE):
        rows = tuple(i for i, end in enumerate(ends_h) if _silence(sensors[i][:, column], end) > _SILENT_SHARE)
        silent.setdefault(rows, []).append("pH" if name == "ph" else name.replace("_", " "))
    notes = []
    for rows, names in silent.items():
        if rows:
            which = listed(batches, rows) if len(rows) < len(batches) else "any batch"
            notes.append(f"Little or no online {', '.join(names)} of {which}: the plan stands in for it.")
    return notes


def _silence(means: Floats, end_h: float) -> float:
    return float((~np.isfinite(means[: max(1, int(end_h / BIN_H))])).mean())


def tag_of(batch: Batch, name: str) -> str:
    """Return a property of a batch, "" where it has none; the names that sites have for it count alike."""
    return next((batch.tags[key] for key in TAGS.get(name, (name,)) if batch.tags.get(key)), "")


def tag_table(batches: Sequence[Batch], names: Collection[str]) -> NDArray[np.str_]:
    """Return (n, t) tags."""
    rows = [[tag_of(batch, name) for name in names] for batch in batches]
    return np.array(rows, dtype=np.str_).reshape(len(batches), len(names))
