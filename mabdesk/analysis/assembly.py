"""From predictions of test batches to an evaluation: scores, parts, coverage, contest, verdict."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from mabdesk.analysis.contest import contest, differences, verdict
from mabdesk.analysis.fitting import Fitted
from mabdesk.analysis.parts import Groups, groups_of, phases_of_samples, score_parts
from mabdesk.analysis.results import Claim, Courses, Evaluation, Samples
from mabdesk.analysis.scoring import score_batches, score_models
from mabdesk.analysis.uncertainty import coverages
from mabdesk.data.batch import Dataset
from mabdesk.data.phases import UNKNOWN, rule_in_words
from mabdesk.data.settings import PhaseRule, WindowPlan
from mabdesk.data.splitting import listed
from mabdesk.errors import DataError
from mabdesk.models.settings import KINDS, label_of

BY_MODEL = ("predicted", "low", "high", "raw_low", "raw_high")
"""Arrays whose first axis is that of the models."""
Rows = TypeVar("Rows", Samples, Courses)


def evaluation_of(
    plan: WindowPlan,
    dataset: Dataset,
    folds: int,
    kinds: tuple[str, ...],
    samples: Samples,
    courses: Courses,
    seed: int,
    notes: tuple[str, ...],
    level: float = 0.95,
    *,
    phase_rule: PhaseRule | None = None,
    folds_by: str = "batch",
    fold_names: tuple[str, ...] = (),
    claims: tuple[Claim, ...] = (),
    searched_on: str = "",
) -> Evaluation:
    """Score what models said of batches that they had not seen; of a single fold, the first model is the candidate.

    `dataset` holds the test batches as they were imported; `searched_on` names the search that saw some of them.

    Raises:
        DataError: nothing was measured there.
    """
    if not np.isfinite(samples.measured).any():
        raise DataError(
            f"The test batches have no sample of {', '.join(plan.targets)} with a window before it.",
            "Import more samples, or choose other test batches.",
        )
    rule = phase_rule or PhaseRule()
    samples = replace(samples, phase=phases_of_samples(dataset, samples, rule))
    labels, units = tuple(label_of(kind, plan.preset) for kind in kinds), units_of(dataset.variables, plan.targets)
    candidate, rivals = contest(kinds, plan.preset, folds == 1 and not fold_names, samples)
    said = verdict(candidate, rivals, labels, units[0], plan.targets[0], samples, seed, kinds=kinds)
    return Evaluation(
        plan.preset, folds, kinds, labels, plan.targets, units, samples, courses,
        verdict=_cautious(said, searched_on), notes=(*notes, *_without_phase(samples)), searched_on=searched_on,
        folds_by=folds_by, fold_names=fold_names, claims=claims, level=level, phase_rule=rule_in_words(rule),
        **_scored(kinds, labels, plan, samples, courses, groups_of(dataset), level, seed),
    )  # fmt: skip


def _scored(
    kinds: tuple[str, ...],
    labels: tuple[str, ...],
    plan: WindowPlan,
    samples: Samples,
    courses: Courses,
    groups: Groups,
    level: float,
    seed: int,
) -> dict[str, Any]:
    """Return all that is counted, by its name in the evaluation."""
    return {
        "scores": score_models(kinds, labels, plan.targets, samples, courses),
        "batches": score_batches(kinds, plan.targets, samples),
        "parts": score_parts(kinds, plan.targets, samples, groups),
        "differences": differences(kinds, plan.preset, plan.targets, samples, seed),
        "coverage": coverages(kinds, plan.targets, samples, groups, level),
    }


def together(parts: Sequence[Rows]) -> Rows:
    """Put the folds one after the other; what one fold lacks, such as bands, stays away."""
    joined: dict[str, Any] = {}
    for field in fields(parts[0]):
        columns = [getattr(part, field.name) for part in parts]
        if all(column is not None for column in columns):
            joined[field.name] = np.concatenate(columns, axis=1 if field.name in BY_MODEL else 0)
    return type(parts[0])(**joined)


def only_models(part: Rows, places: Sequence[int]) -> Rows:
    """Return the same rows with these models alone."""
    arrays = {name: getattr(part, name, None) for name in BY_MODEL}
    return replace(part, **{name: array[list(places)] for name, array in arrays.items() if array is not None})


def _cautious(said: str, searched_on: str) -> str:
    """Say with a verdict where its settings come from a search that saw the same batches."""
    if not searched_on:
        return said
    return f"{said} Searched on these batches ({searched_on}): expect a somewhat larger error on new ones."


def _without_phase(samples: Samples) -> list[str]:
    """Name the batches of which no sample's phase can be told."""
    if samples.phase is None:
        return []
    told = set(samples.batch_ids[samples.phase != UNKNOWN].tolist())
    without = sorted(set(samples.batch_ids.tolist()) - told)
    why = "too few samples of viable cell density"
    return [f"Phases are unknown ({why}) in {listed(without)}."] if without else []


def units_of(variables: Sequence[Any], targets: Sequence[str]) -> tuple[str, ...]:
    """Return the units of the targets, "" where a variable is not known."""
    units = {variable.name: variable.unit for variable in variables}
    return tuple(units.get(name, "") for name in targets)


def notes_of_models(fitted: Fitted, prefix: str) -> list[str]:
    """Return what the models say of their training, each with its name and `prefix` before it."""
    pairs = zip(fitted.kinds, fitted.models, strict=True)
    return [f"{prefix}{KINDS[kind].label}: {note}" for kind, model in pairs for note in model.notes()]
