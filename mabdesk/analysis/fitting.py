"""One fold: everything is fitted on its training batches, then measured on its test batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mabdesk.analysis.results import Courses, Samples
from mabdesk.data.batch import Dataset, Floats, Windows
from mabdesk.data.cleaning import FittedCleaning, fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import drawing_windows, sample_windows, training_windows
from mabdesk.errors import DataError
from mabdesk.models.curves import fit_curve
from mabdesk.models.model import WindowModel
from mabdesk.progress import Progress

MakeModel = Callable[[str, Mapping[str, Any], WindowPlan], WindowModel]
SettingsByKind = Mapping[str, Mapping[str, Any]]
_NETWORK_SHARE = 20.0  # of the progress bar, where a simple model has 1


@dataclass(frozen=True, eq=False)
class Fitted:
    """Models fitted on the same training batches, in the order of `kinds`."""

    cleaning: FittedCleaning
    plan: WindowPlan
    training: Windows
    kinds: tuple[str, ...]
    models: tuple[WindowModel, ...]


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
) -> Fitted:
    """Fit cleaning and models; no other batch of the dataset is looked at.

    Raises:
        DataError: the training batches give no window with a measured target.
    """
    known = dataset.only([*train, *validation])
    cleaning = fit_cleaning(known, cleaning_plan, known.ids)
    both = _labeled(known, plan, cleaning, label_stride_h)
    training, checking = both.of(train), both.of(validation)
    if not training.measured.any():
        raise DataError(
            f"No sample of {', '.join(plan.targets)} in {len(train)} training batches has a window before it.",
            f"Windows cover {plan.length_h:g} h: shorten them, or import longer batches.",
        )
    models = []
    for kind, part in zip(kinds, _parts(kinds, progress), strict=True):
        model = make_model(kind, settings.get(kind, {}), plan)
        model.fit(training, checking, seed, part)
        models.append(model)
    return Fitted(cleaning, plan, both, tuple(kinds), tuple(models))


def measure(fitted: Fitted, dataset: Dataset, test: Sequence[str], fold: int = 0) -> tuple[Samples, Courses]:
    """Predict the real samples of the test batches, and their courses every 6 h."""
    held_out = dataset.only(test)
    windows = sample_windows(held_out, fitted.plan, fitted.cleaning)
    drawn = drawing_windows(held_out, fitted.plan, fitted.cleaning)
    samples = Samples(
        batch_ids=windows.batch_ids,
        hours=windows.target_hours,
        known_hours=windows.hours,
        measured=windows.y,
        typical=typical_course(fitted.training, windows),
        predicted=np.stack([model.predict(windows).mean for model in fitted.models]),
        fold=np.full(len(windows), fold, dtype=np.int64),
    )
    predicted = np.stack([model.predict(drawn).mean for model in fitted.models])
    return samples, Courses(drawn.batch_ids, drawn.target_hours, predicted)


def typical_course(training: Windows, windows: Windows) -> Floats:
    """Return (n, targets): the mean of the training batches at each window's target age."""
    rows = training.take(training.measured)
    columns = [
        fit_curve(rows.target_hours, rows.y[:, j], rows.batch_ids).at(windows.target_hours)
        for j in range(len(rows.targets))
    ]
    return np.stack(columns, axis=1)


def _labeled(dataset: Dataset, plan: WindowPlan, cleaning: FittedCleaning, stride_h: float) -> Windows:
    if stride_h > 0:
        return training_windows(dataset, plan, cleaning, stride_h)
    return sample_windows(dataset, plan, cleaning)


def _parts(kinds: Sequence[str], progress: Progress) -> list[Progress]:
    """Cut the progress bar by how long each kind takes."""
    weights = np.array([_NETWORK_SHARE if kind.startswith("cnn") else 1.0 for kind in kinds])
    edges = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    return [progress.part(edges[i], edges[i + 1], kind.replace("_", " ")) for i, kind in enumerate(kinds)]
