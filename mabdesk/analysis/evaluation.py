"""Train, compare, test and apply titer models: whole batches in, honest numbers out. Sees only the protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mabdesk.analysis.fitting import Fitted, MakeModel, SettingsByKind, fit_models, measure
from mabdesk.analysis.results import BatchScore, Courses, Evaluation, Predictions, Samples, Score, Training
from mabdesk.analysis.scoring import score_batches, score_models, verdict
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import drawing_windows, plan_for, sample_windows
from mabdesk.errors import DataError
from mabdesk.models.model import FINISHED_EARLY, TrainedModel, WindowModel
from mabdesk.models.settings import KINDS, label_of
from mabdesk.progress import SILENT, Progress

__all__ = [
    "BatchScore",
    "Courses",
    "Evaluation",
    "Predictions",
    "Samples",
    "Score",
    "Training",
    "apply_model",
    "cross_validate",
    "final_test",
    "train",
]

BESIDE = ("last_value", "mean_trajectory", "ridge", "gaussian_process")
"""Always shown beside a trained model: what costs next to nothing must be beaten."""
LABEL_STRIDE_H = 12.0


def train(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    window_plan: WindowPlan,
    split: Split,
    kind: str,
    settings: Mapping[str, Any],
    seed: int,
    make_model: MakeModel,
    label_stride_h: float = 12.0,
    progress: Progress = SILENT,
) -> Training:
    """Fit cleaning and one model on the training batches, and measure it on the test batches.

    Raises:
        DataError: the batches do not hold what the model needs.
        TrainingError: no finite model came out.
    """
    plan = plan_for(dataset.only([*split.train, *split.validation]), window_plan)
    kinds = (kind, *(name for name in BESIDE if name != kind))
    fitted = fit_models(
        dataset, cleaning_plan, plan, split.train, split.validation, kinds, {kind: settings}, seed, make_model,
        label_stride_h, progress,
    )  # fmt: skip
    samples, courses = measure(fitted, dataset, split.test)
    trained = _trained(fitted, dataset, kind, settings, seed)
    evaluation = _evaluation(plan, dataset, 1, kinds, samples, courses, seed, trained.notes)
    epochs = max((len(curve) for curve in trained.history.values()), default=0)
    return Training(trained, evaluation, epochs)


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
        notes += _notes(fitted, f"Fold {number + 1}, ")
    if len(parts) < len(folds):
        notes.append(f"{FINISHED_EARLY}: {len(parts)} of {len(folds)} folds were measured.")
    samples, courses = _joined(parts)
    return _evaluation(plan, used, len(parts), tuple(kinds), samples, courses, seed, tuple(notes))


def final_test(
    trained: TrainedModel, model: WindowModel, dataset: Dataset, split: Split, make_model: MakeModel
) -> Evaluation:
    """Open the locked batches and measure one trained model on them, beside what costs nothing.

    Raises:
        DataError: no batch is locked.
    """
    if not split.locked:
        raise DataError("No batch was locked away for a final test.", "Split again with a share that is locked away.")
    beside = tuple(name for name in BESIDE if name != trained.kind)
    simple = fit_models(
        dataset, trained.cleaning.plan, trained.window_plan, split.train, split.validation, beside, {}, trained.seed,
        make_model, LABEL_STRIDE_H, SILENT,
    )  # fmt: skip
    kinds = (trained.kind, *beside)
    fitted = replace(simple, cleaning=trained.cleaning, kinds=kinds, models=(model, *simple.models))
    samples, courses = measure(fitted, dataset, split.locked)
    return _evaluation(trained.window_plan, dataset, 1, kinds, samples, courses, trained.seed, trained.notes)


def apply_model(trained: TrainedModel, model: WindowModel, dataset: Dataset) -> Predictions:
    """Predict the batches of a new file: a course every 6 h, and the samples that it has.

    Raises:
        DataError: no variable that the model learned from is there, or no batch is long enough for a window.
    """
    plan, cleaning = trained.window_plan, trained.cleaning
    present = {*dataset.names(), *(name for batch in dataset.batches for name in batch.setpoints)}
    missing = [name for name in plan.inputs if name not in present]
    if len(missing) == len(plan.inputs):
        raise DataError(
            f"The file has none of the model's inputs: {', '.join(plan.inputs)}.",
            "Import a file with the variables that the model was trained on.",
        )
    drawn, samples = drawing_windows(dataset, plan, cleaning), sample_windows(dataset, plan, cleaning)
    if not len(drawn):
        raise DataError(
            f"No batch is {plan.length_h:g} h long: there is no full window to predict from.",
            "Wait for more of the batch, or train with shorter windows.",
        )
    return Predictions(
        preset=plan.preset,
        kind=trained.kind,
        label=label_of(trained.kind, plan.preset),
        targets=trained.targets,
        units=_units(trained.variables, trained.targets),
        batch_ids=drawn.batch_ids,
        hours=drawn.target_hours,
        predicted=model.predict(drawn).mean,
        sample_batch_ids=samples.batch_ids,
        sample_hours=samples.target_hours,
        measured=samples.y,
        at_samples=model.predict(samples).mean,
        notes=(*_missing_note(missing), *_learned_note(dataset.ids, cleaning.training_ids)),
    )


def _missing_note(missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"The file lacks {', '.join(missing)}: the model took the training mean instead. Expect larger errors.",)


def _learned_note(ids: Sequence[str], learned: Sequence[str]) -> tuple[str, ...]:
    known = sorted(set(ids) & set(learned))
    if not known:
        return ()
    text = f"The model learned from {len(known)} of these {len(ids)} batches (by their ids, the first is {known[0]})"
    return (f"{text}: how well it fits them says nothing about new batches.",)


def _trained(fitted: Fitted, dataset: Dataset, kind: str, settings: Mapping[str, Any], seed: int) -> TrainedModel:
    model = fitted.models[0]
    return TrainedModel(
        kind=kind,
        settings=dict(settings),
        seed=seed,
        window_plan=fitted.plan,
        cleaning=fitted.cleaning,
        variables=dataset.variables,
        channels=fitted.training.channels,
        targets=fitted.training.targets,
        arrays=model.arrays(),
        history=model.history(),
        parameters=model.parameters(),
        notes=tuple(_notes(fitted, "")),
    )


def _notes(fitted: Fitted, prefix: str) -> list[str]:
    pairs = zip(fitted.kinds, fitted.models, strict=True)
    return [f"{prefix}{KINDS[kind].label}: {note}" for kind, model in pairs for note in model.notes()]


def _joined(parts: Sequence[tuple[Samples, Courses]]) -> tuple[Samples, Courses]:
    """Put the folds one after the other; the axis of batches' rows comes first but for `predicted` (models, n, t)."""

    def together(name: str, which: int) -> Any:
        return np.concatenate([getattr(part[which], name) for part in parts], axis=1 if name == "predicted" else 0)

    names = ("batch_ids", "hours", "known_hours", "measured", "typical", "predicted", "fold")
    samples = Samples(**{name: together(name, 0) for name in names})
    return samples, Courses(**{name: together(name, 1) for name in ("batch_ids", "hours", "predicted")})


def _evaluation(
    plan: WindowPlan,
    dataset: Dataset,
    folds: int,
    kinds: tuple[str, ...],
    samples: Samples,
    courses: Courses,
    seed: int,
    notes: tuple[str, ...],
) -> Evaluation:
    if not np.isfinite(samples.measured).any():
        raise DataError(
            f"The test batches have no sample of {', '.join(plan.targets)} with a window before it.",
            "Import more samples, or choose other test batches.",
        )
    labels = tuple(label_of(kind, plan.preset) for kind in kinds)
    units = _units(dataset.variables, plan.targets)
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
    unfair = {"last_value"} if preset == "soft_sensor" else set()
    fair = [i for i, kind in enumerate(kinds) if KINDS[kind].simple and kind not in unfair]
    networks = [i for i, kind in enumerate(kinds) if not KINDS[kind].simple]
    errors = np.nansum(np.square(samples.predicted[:, :, 0] - samples.measured[:, 0]), axis=1)
    candidate = [*networks, *((0,) if chosen else ()), *sorted(fair, key=lambda i: float(errors[i])), 0][0]
    return candidate, [i for i in fair if i != candidate]


def _units(variables: Sequence[Any], targets: Sequence[str]) -> tuple[str, ...]:
    units = {variable.name: variable.unit for variable in variables}
    return tuple(units.get(name, "") for name in targets)
