"""What a trial of a search is measured by: the errors of a whole prediction on batches that were held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Dataset, Floats, Split, Windows
from mabdesk.data.cleaning import fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import sample_windows, training_windows
from mabdesk.errors import DataError, TrainingError
from mabdesk.models.model import WindowModel
from mabdesk.progress import Progress

QUALITY_WEIGHT = 0.3  # of every target after the first in the loss; the titer has 1


@dataclass(frozen=True, eq=False)
class Fold:
    """Windows of one fold, cut once for all trials: none of the settings that are searched touches them.

    `held_out` are the real samples of the batches that are measured; `variance` (targets,) of the training samples.
    """

    training: Windows
    checking: Windows
    held_out: Windows
    variance: Floats


@dataclass(frozen=True)
class Measured:
    """The weighted mean squared error in units of each target's variance, and the RMSE of the first target."""

    loss: float
    rmse: float


def cut_folds(
    dataset: Dataset, cleaning_plan: CleaningPlan, plan: WindowPlan, splits: Sequence[Split], label_stride_h: float
) -> tuple[Fold, ...]:
    """Fit the cleaning on each fold's training batches and cut its windows.

    Raises:
        DataError: no sample of the first target was measured in training batches of a fold, or in any held-out one.
    """
    folds = tuple(_cut(dataset, cleaning_plan, plan, split, label_stride_h) for split in splits)
    if not any(np.isfinite(fold.held_out.y[:, 0]).any() for fold in folds):
        raise DataError(
            f"The batches have no sample of {plan.targets[0]} with a window before it.",
            f"Windows cover {plan.length_h:g} h: shorten them, or import longer batches.",
        )
    return folds


def measure(
    folds: Sequence[Fold],
    make: Callable[[], WindowModel],
    seed: int,
    progress: Progress,
    weight: float = QUALITY_WEIGHT,
) -> Measured:
    """Fit a fresh model in every fold and measure it on the batches held out.

    Args:
        folds: with their windows.
        make: gives an untrained model.
        seed: the same for every trial, so that they differ in their settings alone.
        progress: who listens.
        weight: of the targets after the first.

    Raises:
        TrainingError: no finite model came out.
    """
    errors, variances = [], []
    for number, fold in enumerate(folds):
        model = make()
        said = f"fold {number + 1} of {len(folds)}"
        model.fit(
            fold.training, fold.checking, seed, progress.part(number / len(folds), (number + 1) / len(folds), said)
        )
        predicted = model.predict(fold.held_out).mean
        if not np.isfinite(predicted).all():
            raise TrainingError(f"The predictions of fold {number + 1} are not finite.", "Lower the learning rate.")
        errors.append(np.square(predicted - fold.held_out.y))
        variances.append(np.broadcast_to(fold.variance, errors[-1].shape))
        if progress.finish_now():
            break  # whoever asked for the end takes no half-measured trial
    return _measured(np.concatenate(errors), np.concatenate(variances), weight)


def _measured(squares: Floats, variances: Floats, weight: float) -> Measured:
    there = np.isfinite(squares).any(axis=0)  # targets that were measured in a held-out batch
    weights = np.where(np.arange(squares.shape[1]) == 0, 1.0, weight)[there]
    relative = np.nanmean((squares / variances)[:, there], axis=0)
    first = squares[np.isfinite(squares[:, 0]), 0]
    rmse = float(np.sqrt(first.mean())) if len(first) else float("nan")
    return Measured(float(weights @ relative / weights.sum()), rmse)


def _cut(dataset: Dataset, cleaning_plan: CleaningPlan, plan: WindowPlan, split: Split, label_stride_h: float) -> Fold:
    known = dataset.only([*split.train, *split.validation])
    cleaning = fit_cleaning(known, cleaning_plan, known.ids)
    both = training_windows(known, plan, cleaning, label_stride_h)
    training = both.of(split.train)
    if not np.isfinite(training.y[training.measured][:, 0]).any():
        raise DataError(
            f"No sample of {plan.targets[0]} in {len(split.train)} training batches has a window before it.",
            f"Windows cover {plan.length_h:g} h: shorten them, import longer batches, or search on fewer folds.",
        )
    held_out = sample_windows(dataset.only(split.test), plan, cleaning)
    return Fold(training, both.of(split.validation), held_out, _variance(both.y[both.measured]))


def _variance(y: Floats) -> Floats:
    """Return (targets,) the variance of measured values; 1 where it cannot be said or is nothing."""
    columns = [column[np.isfinite(column)] for column in y.T]
    found = np.array([float(np.var(column)) if len(column) > 1 else 0.0 for column in columns])
    return np.where(found > 0, found, 1.0)
