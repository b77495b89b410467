"""Models side by side: in every fold all is fitted on its training batches, then its test batches count."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mabdesk.analysis.assembly import evaluation_of, notes_of_models
from mabdesk.analysis.fitting import MakeModel, SettingsByKind, fit_models, measure
from mabdesk.analysis.results import Courses, Evaluation, Samples
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.models.model import FINISHED_EARLY
from mabdesk.progress import SILENT, Progress


def cross_validate(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    window_plan: WindowPlan,
    folds: Sequence[Split],
    kinds: Sequence[str],
    settings: SettingsByKind,
    seed: int,
    make_model: MakeModel,
    label_stride_h: float = 12.0,
    progress: Progress = SILENT,
) -> Evaluation:
    """Measure models side by side: in every fold all is fitted on its training batches, then its test batches count.

    Raises:
        DataError: the batches do not hold what a model needs.
        TrainingError: no finite model came out.
    """
    used = dataset.only([name for fold in folds for name in (*fold.train, *fold.validation, *fold.test)])
    plan = plan_for(used, window_plan)
    parts: list[tuple[Samples, Courses]] = []
    notes: list[str] = []
    for number, fold in enumerate(folds):
        if parts and progress.finish_now():
            break
        part = progress.part(number / len(folds), (number + 1) / len(folds), f"fold {number + 1} of {len(folds)}")
        fitted = fit_models(
            used, cleaning_plan, plan, fold.train, fold.validation, kinds, settings, seed, make_model,
            label_stride_h, part,
        )  # fmt: skip
        if parts and progress.finish_now():
            break  # networks cut short in this fold would count against their kind
        parts.append(measure(fitted, used, fold.test, number))
        notes += notes_of_models(fitted, f"Fold {number + 1}, ")
    if len(parts) < len(folds):
        notes.append(f"{FINISHED_EARLY}: {len(parts)} of {len(folds)} folds were measured.")
    samples, courses = _joined(parts)
    return evaluation_of(plan, used, len(parts), tuple(kinds), samples, courses, seed, tuple(notes))


def _joined(parts: Sequence[tuple[Samples, Courses]]) -> tuple[Samples, Courses]:
    """Put the folds one after the other; the axis of batches' rows comes first but for `predicted` (models, n, t)."""

    def together(name: str, which: int) -> Any:
        return np.concatenate([getattr(part[which], name) for part in parts], axis=1 if name == "predicted" else 0)

    names = ("batch_ids", "hours", "known_hours", "measured", "typical", "predicted", "fold")
    samples = Samples(**{name: together(name, 0) for name in names})
    return samples, Courses(**{name: together(name, 1) for name in ("batch_ids", "hours", "predicted")})
