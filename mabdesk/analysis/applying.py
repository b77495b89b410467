"""Apply a trained model to the batches of a new file."""

from collections.abc import Sequence

import numpy as np

from mabdesk.analysis.assembly import units_of
from mabdesk.analysis.parts import groups_of
from mabdesk.analysis.results import Coverage, Predictions, Samples
from mabdesk.analysis.uncertainty import Bands, bands, coverages, lowest_of, why_no_band
from mabdesk.data.batch import Dataset, Floats, Windows
from mabdesk.data.splitting import listed
from mabdesk.data.windowing import drawing_windows, sample_windows
from mabdesk.errors import DataError
from mabdesk.models.model import TrainedModel, WindowModel
from mabdesk.models.settings import label_of


def apply_model(trained: TrainedModel, model: WindowModel, dataset: Dataset, level: float = 0.95) -> Predictions:
    """Predict the batches of a new file: a course every 6 h, and the samples that it has, with bands of this level.

    Raises:
        DataError: no variable that the model learned from is there, or no batch is long enough for a window.
    """
    plan, cleaning = trained.window_plan, trained.cleaning
    missing = _missing_inputs(trained, dataset)
    drawn, samples = drawing_windows(dataset, plan, cleaning), sample_windows(dataset, plan, cleaning)
    if not len(drawn):
        raise DataError(
            f"No batch is {plan.length_h:g} h long: there is no full window to predict from.",
            "Wait for more of the batch, or train with shorter windows.",
        )
    lowest = lowest_of(trained.variables, trained.targets)
    course, found = model.predict(drawn), model.predict(samples)
    low, high = bands(trained.calibration, course, level, lowest)
    sample_low, sample_high = bands(trained.calibration, found, level, lowest)
    return Predictions(
        preset=plan.preset,
        kind=trained.kind,
        label=label_of(trained.kind, plan.preset),
        targets=trained.targets,
        units=units_of(trained.variables, trained.targets),
        batch_ids=drawn.batch_ids,
        hours=drawn.target_hours,
        predicted=course.mean,
        sample_batch_ids=samples.batch_ids,
        sample_hours=samples.target_hours,
        measured=samples.y,
        at_samples=found.mean,
        notes=_notes(trained, dataset, missing, level),
        low=low,
        high=high,
        sample_low=sample_low,
        sample_high=sample_high,
        level=level,
        coverage=_coverage(trained, dataset, samples, found.mean, (sample_low, sample_high), level),
    )


def _missing_inputs(trained: TrainedModel, dataset: Dataset) -> list[str]:
    """Return the model's inputs that the data lack."""
    inputs = trained.window_plan.inputs
    present = {*dataset.names(), *(name for batch in dataset.batches for name in batch.setpoints)}
    missing = [name for name in inputs if name not in present]
    if len(missing) == len(inputs):
        raise DataError(
            f"The file has none of the model's inputs: {', '.join(inputs)}.",
            "Import a file with the variables that the model was trained on.",
        )
    return missing


def _coverage(
    trained: TrainedModel, dataset: Dataset, windows: Windows, predicted: Floats, band: Bands, level: float
) -> tuple[Coverage, ...]:
    """Measure the band on the file's own samples, but for batches that the model learned from."""
    new = ~np.isin(windows.batch_ids, np.array(trained.cleaning.training_ids, dtype=np.str_))
    samples = Samples(
        batch_ids=windows.batch_ids[new],
        hours=windows.target_hours[new],
        known_hours=windows.hours[new],
        measured=windows.y[new],
        typical=np.full_like(windows.y[new], np.nan),
        predicted=predicted[None, new],
        fold=np.zeros(int(new.sum()), dtype=np.int64),
        low=band[0][None, new],
        high=band[1][None, new],
    )
    return coverages((trained.kind,), trained.targets, samples, groups_of(dataset), level)


def _notes(trained: TrainedModel, dataset: Dataset, missing: Sequence[str], level: float) -> tuple[str, ...]:
    no_band = why_no_band(trained.calibration, trained.targets, level)
    learned = _learned_note(dataset.ids, trained.cleaning.training_ids)
    return (*_missing_note(missing), *learned, *([no_band] if no_band else []))


def _missing_note(missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"The file lacks {', '.join(missing)}: the model took the training mean instead. Expect larger errors.",)


def _learned_note(ids: Sequence[str], learned: Sequence[str]) -> tuple[str, ...]:
    known = sorted(set(ids) & set(learned))
    if not known:
        return ()
    text = f"The model learned from {len(known)} of these {len(ids)} batches (known by their ids: {listed(known)})"
    return (f"{text}: how well it fits them says nothing about new batches.",)
