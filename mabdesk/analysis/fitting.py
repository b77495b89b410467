"""One fold: everything is fitted on its training batches, then measured on its test batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mabdesk.analysis.results import Courses, Samples
from mabdesk.analysis.uncertainty import Bands, bands, calibrate, dropout_bands, lowest_of, why_no_band
from mabdesk.data.batch import Dataset, Floats, Windows
from mabdesk.data.cleaning import FittedCleaning, fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import drawing_windows, sample_windows, training_windows
from mabdesk.errors import DataError
from mabdesk.models.curves import fit_curve
from mabdesk.models.model import Calibration, WindowModel
from mabdesk.models.settings import KINDS
from mabdesk.progress import Progress

MakeModel = Callable[[str, Mapping[str, Any], WindowPlan], WindowModel]
SettingsByKind = Mapping[str, Mapping[str, Any]]
_NETWORK_SHARE = 20.0  # of the progress bar, where a simple model has 1
_DROPOUT_SAMPLES, _DROPOUT_SEED = 25, 1  # twice as many cost 5 % of the time that training takes


@dataclass(frozen=True, eq=False)
class Fitted:
    """Models fitted on the same training batches, in the order of `kinds`."""

    cleaning: FittedCleaning
    plan: WindowPlan
    training: Windows
    kinds: tuple[str, ...]
    models: tuple[WindowModel, ...]
    calibrations: tuple[Calibration | None, ...] = ()  # of their bands, in the same order; empty: not calibrated


def fit_models(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    plan: WindowPlan,
    train: Sequence[str],
    validation: Sequence[str],
    kinds: Sequence[str],
    settings: SettingsByKind,
    seed: int,
    make_model: MakeModel,
    label_stride_h: float,
    progress: Progress,
    calibrating: bool = True,
) -> Fitted:
    """Fit cleaning, models and, but for `calibrating` False, their bands; no other batch is looked at.

    Raises:
        DataError: the training batches give no window with a measured target.
    """
    known = dataset.only([*train, *validation])
    cleaning = fit_cleaning(known, cleaning_plan, known.ids)
    both = training_windows(known, plan, cleaning, label_stride_h)
    training, checking = both.of(train), both.of(validation)
    if not training.measured.any():
        raise DataError(
            f"No sample of {', '.join(plan.targets)} in {len(train)} training batches has a window before it.",
            f"Windows cover {plan.length_h:g} h: shorten them, or import longer batches.",
        )
    models = []
    for kind, part in zip(kinds, parts_of(progress, kinds), strict=True):
        model = make_model(kind, settings.get(kind, {}), plan)
        model.fit(training, checking, seed, part)
        models.append(model)
    fitted = Fitted(cleaning, plan, both, tuple(kinds), tuple(models))
    return replace(fitted, calibrations=_calibrations(models, validation)) if calibrating else fitted


def measure(
    fitted: Fitted, dataset: Dataset, test: Sequence[str], fold: int = 0, level: float = 0.95
) -> tuple[Samples, Courses]:
    """Predict the real samples of the test batches, and their courses every 6 h, with bands where there are any."""
    held_out = dataset.only(test)
    windows = sample_windows(held_out, fitted.plan, fitted.cleaning)
    drawn = drawing_windows(held_out, fitted.plan, fitted.cleaning)
    predicted, low, high = _predicted(fitted, windows, dataset, level)
    raw = [_dropout_bands(model, windows, mean, level) for model, mean in zip(fitted.models, predicted, strict=True)]
    samples = Samples(
        batch_ids=windows.batch_ids,
        hours=windows.target_hours,
        known_hours=windows.hours,
        measured=windows.y,
        typical=typical_course(fitted.training, windows),
        predicted=predicted,
        fold=np.full(len(windows), fold, dtype=np.int64),
        low=low,
        high=high,
        raw_low=np.stack([band[0] for band in raw]),
        raw_high=np.stack([band[1] for band in raw]),
    )
    return samples, Courses(drawn.batch_ids, drawn.target_hours, *_predicted(fitted, drawn, dataset, level))


def band_notes(fitted: Fitted, level: float) -> tuple[str, ...]:
    """Say for each model, by its name, why it has no band of this level; nothing for models that have one."""
    return tuple(note for place in range(len(fitted.kinds)) for note in band_note(fitted, place, level))


def band_note(fitted: Fitted, place: int, level: float) -> tuple[str, ...]:
    """Say the same of one model alone."""
    sentence = why_no_band(fitted.calibrations[place], fitted.training.targets, level)
    return (f"{KINDS[fitted.kinds[place]].label}: {sentence}",) if sentence else ()


def _calibrations(models: Sequence[WindowModel], validation: Sequence[str]) -> tuple[Calibration | None, ...]:
    """Learn the bands of each model from the batches that it, or a part of it, had not learned from."""
    found = []
    for model in models:
        held = model.held_out()
        stopped = held is not None and set(held.batch_ids.tolist()) <= set(validation)
        source = "its validation batches" if stopped else "training batches, each predicted by a fit without it"
        found.append(calibrate(held, source))
    return tuple(found)


def _predicted(fitted: Fitted, windows: Windows, dataset: Dataset, level: float) -> tuple[Floats, Floats, Floats]:
    """Return predictions, low and high (models, n, targets)."""
    lowest = lowest_of(dataset.variables, windows.targets)
    found = [model.predict(windows) for model in fitted.models]
    calibrations = fitted.calibrations or (None,) * len(found)
    edges = [bands(calibration, one, level, lowest) for calibration, one in zip(calibrations, found, strict=True)]
    means, lows, highs = [one.mean for one in found], [low for low, _ in edges], [high for _, high in edges]
    return np.stack(means), np.stack(lows), np.stack(highs)


def _dropout_bands(model: WindowModel, windows: Windows, mean: Floats, level: float) -> Bands:
    return dropout_bands(model.dropout_samples(windows, _DROPOUT_SAMPLES, _DROPOUT_SEED), mean, level)


def typical_course(training: Windows, windows: Windows) -> Floats:
    """Return (n, targets): the mean of the training batches at each window's target age."""
    rows = training.take(training.measured)
    columns = [
        fit_curve(rows.target_hours, rows.y[:, j], rows.batch_ids).at(windows.target_hours)
        for j in range(len(rows.targets))
    ]
    return np.stack(columns, axis=1)


def parts_of(progress: Progress, kinds: Sequence[str]) -> list[Progress]:
    """Cut the progress bar by how long each kind takes."""
    weights = np.array([1.0 if KINDS[kind].simple else _NETWORK_SHARE for kind in kinds])
    edges = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    return [progress.part(edges[i], edges[i + 1], KINDS[kind].label) for i, kind in enumerate(kinds)]
