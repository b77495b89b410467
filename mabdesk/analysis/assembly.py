"""From predictions of test batches to an evaluation: scores, contest, verdict."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mabdesk.analysis.fitting import Fitted
from mabdesk.analysis.results import Courses, Evaluation, Samples
from mabdesk.analysis.scoring import score_batches, score_models, verdict
from mabdesk.data.batch import Dataset
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models.settings import KINDS, USES_MEASURED_TITER, label_of


def evaluation_of(
    plan: WindowPlan,
    dataset: Dataset,
    folds: int,
    kinds: tuple[str, ...],
    samples: Samples,
    courses: Courses,
    seed: int,
    notes: tuple[str, ...],
) -> Evaluation:
    """Score what models said of batches that they had not seen.

    Raises:
        DataError: nothing was measured there.
    """
    if not np.isfinite(samples.measured).any():
        raise DataError(
            f"The test batches have no sample of {', '.join(plan.targets)} with a window before it.",
            "Import more samples, or choose other test batches.",
        )
    labels = tuple(label_of(kind, plan.preset) for kind in kinds)
    units = units_of(dataset.variables, plan.targets)
    candidate, rivals = _contest(kinds, plan.preset, folds == 1, samples)
    return Evaluation(
        preset=plan.preset,
        folds=folds,
        models=kinds,
        labels=labels,
        targets=plan.targets,
        units=units,
        samples=samples,
        courses=courses,
        scores=score_models(kinds, labels, plan.targets, samples, courses),
        batches=score_batches(kinds, plan.targets, samples),
        verdict=verdict(candidate, rivals, labels, units[0], plan.targets[0], samples, seed, kinds=kinds),
        notes=notes,
    )


def _contest(kinds: tuple[str, ...], preset: str, chosen: bool, samples: Samples) -> tuple[int, list[int]]:
    """Return who must beat whom: the network, the model that was `chosen` (the first), or else the best of all.

    Rivals are the simple models that see no more than it does.
    """
    unfair = set(USES_MEASURED_TITER) if preset == "soft_sensor" else set()
    fair = [i for i, kind in enumerate(kinds) if KINDS[kind].simple and kind not in unfair]
    networks = [i for i, kind in enumerate(kinds) if not KINDS[kind].simple]
    errors = np.nansum(np.square(samples.predicted[:, :, 0] - samples.measured[:, 0]), axis=1)
    candidate = [*networks, *((0,) if chosen else ()), *sorted(fair, key=lambda i: float(errors[i])), 0][0]
    return candidate, [i for i in fair if i != candidate]


def units_of(variables: Sequence[Any], targets: Sequence[str]) -> tuple[str, ...]:
    """Return the units of the targets, "" where a variable is not known."""
    units = {variable.name: variable.unit for variable in variables}
    return tuple(units.get(name, "") for name in targets)


def notes_of_models(fitted: Fitted, prefix: str) -> list[str]:
    """Return what the models say of their training, each with its name and `prefix` before it."""
    pairs = zip(fitted.kinds, fitted.models, strict=True)
    return [f"{prefix}{KINDS[kind].label}: {note}" for kind, model in pairs for note in model.notes()]
