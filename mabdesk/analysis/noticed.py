"""What is odd about the batches of a comparison: said beside its figures, so that nobody reads too much into them."""

from collections.abc import Iterator

import numpy as np

from mabdesk.data.batch import Batch, Dataset
from mabdesk.data.settings import WindowPlan
from mabdesk.data.splitting import listed


def notes_on(dataset: Dataset, plan: WindowPlan) -> tuple[str, ...]:
    """Say which values are infinite, what some batches lack, and whether no setpoint was ever changed."""
    return (*_infinite(dataset, plan), *_missing(dataset, plan), *_same_setpoints(dataset))


def _infinite(dataset: Dataset, plan: WindowPlan) -> Iterator[str]:
    for name in (*plan.inputs, *plan.targets):
        found = {batch.id: int(np.isinf(_column(batch, name)).sum()) for batch in dataset.batches}
        where = [batch for batch, count in found.items() if count]
        if where:
            count = sum(found.values())
            values = f"value of {name} was" if count == 1 else f"values of {name} were"
            yield f"{count} infinite {values} taken as not measured, in {listed(where)}."


def _missing(dataset: Dataset, plan: WindowPlan) -> Iterator[str]:
    for name in (*plan.inputs, *plan.targets):
        setpoint = name not in dataset.names("online", "offline", "target", "quality")
        lacking = [b.id for b in dataset.batches if not setpoint and not np.isfinite(_column(b, name)).any()]
        if lacking:
            what = "these tell nothing of it" if name in plan.targets else "models take it as unknown there"
            share = f"{len(lacking)} of {len(dataset.batches)} batches"
            yield f"{name} was not measured in {share}: {what} ({listed(lacking)})."


def _same_setpoints(dataset: Dataset) -> Iterator[str]:
    values = [{b.setpoints[name] for b in dataset.batches if name in b.setpoints} for name in dataset.names("setpoint")]
    if len(dataset.batches) > 1 and any(values) and all(len(held) <= 1 for held in values):
        yield (
            f"All {len(dataset.batches)} batches had the same setpoints: the figures do not tell how models follow a "
            "change of them."
        )


def _column(batch: Batch, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return all values of a variable, samples after sensors."""
    return np.concatenate([batch.online.column(name), batch.offline.column(name)])
