"""What an explanation needs, checked before any work: the model's own data, its batches, and inputs that vary."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Explained
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.splitting import listed
from mabdesk.errors import DataError, OptionsError
from mabdesk.models.model import TrainedModel

LEAST_BATCHES = 2
_SHOWN = 5


def require_own_data(trained: TrainedModel, dataset: Dataset, split: Split) -> tuple[str, ...]:
    """Return the batches of the data that the model learned from, in the dataset's order.

    Raises:
        DataError: the model is of another dataset or split, or learned from a single batch.
    """
    differences = [*_other_variables(trained, dataset), *_other_batches(trained, dataset, split)]
    if differences:
        raise DataError(
            f"The model was trained on other data than these: {'; '.join(differences)}.",
            "Explain the model on the dataset and split that it was trained with, or train it anew on these.",
        )
    learned = tuple(name for name in dataset.ids if name in trained.cleaning.training_ids)
    if len(learned) < LEAST_BATCHES:
        raise DataError(
            f"The model learned from one batch alone ({listed(learned)}): there is no usual course to compare with.",
            f"Import at least {LEAST_BATCHES} batches and train again; five or more tell something.",
        )
    return learned


def target_of(trained: TrainedModel, asked: str) -> int:
    """Return the position of the target that is explained: the first unless one is named.

    Raises:
        OptionsError: the model has no such target.
    """
    if not asked:
        return 0
    if asked not in trained.targets:
        raise OptionsError(
            f"The model does not predict {asked!r}.", f"It predicts: {', '.join(trained.targets)}. Name one of them."
        )
    return trained.targets.index(asked)


def require_movement(found: Explained, trained: TrainedModel) -> tuple[str, ...]:
    """Return the variables that depart from the usual course somewhere; time alone (culture age) is none.

    Raises:
        DataError: nothing that the model sees ever departs.
    """
    plan = trained.window_plan
    moving = tuple(name for name in _moving(found) if name in {*plan.inputs, *plan.tags, *plan.targets})
    if not moving:
        raise DataError(
            f"Nothing that the model sees ever departs from the usual course: {_listed(plan.inputs)} are constant, or "
            "the same in all batches.",
            "There is nothing to explain. Import batches whose measured variables differ, and train again.",
        )
    return moving


def constant_notes(found: Explained, trained: TrainedModel) -> tuple[str, ...]:
    """Say which inputs contribute nothing because they never vary, or because cleaning left them out."""
    plan, moving = trained.window_plan, set(_moving(found))
    excluded = {name: trained.cleaning.excluded[name] for name in plan.inputs if name in trained.cleaning.excluded}
    left = [f"{name} contributes 0: {reason}." for name, reason in excluded.items()]
    still = [name for name in found.grouping.variables if name in plan.inputs and name not in moving]
    same = f"{_listed(still)}: no contribution, constant or the same in all batches at every hour."
    return (*left, *([same] if still else []))


def _moving(found: Explained) -> list[str]:
    """Return the variables of which some channel differs from its baseline in some window."""
    shown = _differ(found.windows.x, found.baseline.x).any(axis=(0, 1))
    last = _differ(found.windows.last, found.baseline.last).any(axis=0)
    channels = np.concatenate([np.atleast_1d(shown), np.atleast_1d(last)])
    return [
        name for place, name in enumerate(found.grouping.variables) if channels[found.grouping.channels_of(place)].any()
    ]


def _differ(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(one) & np.isfinite(other) & (one != other))


def _other_variables(trained: TrainedModel, dataset: Dataset) -> list[str]:
    """Say which of the model's variables the data lack, or hold in another unit."""
    wanted = {*trained.window_plan.inputs, *trained.targets}
    present = {*dataset.names(), *(name for batch in dataset.batches for name in batch.setpoints)}
    missing = [name for name in (*trained.window_plan.inputs, *trained.targets) if name not in present]
    units = {(one.name, one.role): one.unit for one in dataset.variables}
    other = [
        f"{one.name} is in {units[one.name, one.role]}, not {one.unit}"
        for one in trained.variables
        if one.name in wanted and units.get((one.name, one.role), one.unit) != one.unit
    ]
    lacking = [f"they lack the variables {_listed(tuple(dict.fromkeys(missing)))}"] if missing else []
    more = [f"{len(other) - _SHOWN} more units differ"] if len(other) > _SHOWN else []
    return [*lacking, *other[:_SHOWN], *more]


def _other_batches(trained: TrainedModel, dataset: Dataset, split: Split) -> list[str]:
    """Say which batches the model learned from that are not there, or are locked away."""
    known = trained.cleaning.training_ids
    missing, locked = [one for one in known if one not in dataset.ids], [one for one in known if one in split.locked]
    gone = [f"they lack {len(missing)} of its {len(known)} training batches ({_listed(missing)})"] if missing else []
    return [*gone, *([f"the split locks batches away that it learned from ({_listed(locked)})"] if locked else [])]


def _listed(names: Sequence[str]) -> str:
    """Name five at most."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
