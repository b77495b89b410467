"""Predicted beside measured: what charts need of an evaluation, or of a model applied to a new file."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.results import Evaluation, Predictions
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.plots.series import Band, Course, Figure, Panel
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.courses import SAMPLES, marks_of

MEASURED = "Measured"
_UNMARKED = SAMPLES | {"inoculation"}  # that is day 0


@dataclass(frozen=True, eq=False)
class Predicted:
    """One target: samples (n,) measured and predicted by every model, courses (m,) of every model.

    at_samples (models, n) and courses (models, m); low and high (models, m), None where no model gives a band.
    """

    target: str
    unit: str
    labels: tuple[str, ...]
    batches: tuple[str, ...]
    sample_ids: NDArray[np.str_]
    sample_hours: Floats
    measured: Floats
    at_samples: Floats
    course_ids: NDArray[np.str_]
    course_hours: Floats
    courses: Floats
    low: Floats | None = None
    high: Floats | None = None


def of_evaluation(found: Evaluation, target: str) -> Predicted:
    """Take one target of an evaluation."""
    t, samples, courses = found.targets.index(target), found.samples, found.courses
    low, high = getattr(courses, "low", None), getattr(courses, "high", None)
    return Predicted(
        target=target,
        unit=found.units[t],
        labels=found.labels,
        batches=_ids(samples.batch_ids, courses.batch_ids),
        sample_ids=samples.batch_ids,
        sample_hours=samples.hours,
        measured=samples.measured[:, t],
        at_samples=samples.predicted[:, :, t],
        course_ids=courses.batch_ids,
        course_hours=courses.hours,
        courses=courses.predicted[:, :, t],
        low=None if low is None else low[:, :, t],
        high=None if high is None else high[:, :, t],
    )


def of_predictions(found: Predictions, target: str) -> Predicted:
    """Take one target of a model that was applied to a new file."""
    t = found.targets.index(target)
    low, high = getattr(found, "low", None), getattr(found, "high", None)
    return Predicted(
        target=target,
        unit=found.units[t],
        labels=(found.label,),
        batches=_ids(found.batch_ids, found.sample_batch_ids),
        sample_ids=found.sample_batch_ids,
        sample_hours=found.sample_hours,
        measured=found.measured[:, t],
        at_samples=found.at_samples[None, :, t],
        course_ids=found.batch_ids,
        course_hours=found.hours,
        courses=found.predicted[None, :, t],
        low=None if low is None else low[None, :, t],
        high=None if high is None else high[None, :, t],
    )


def figure(
    shown: Predicted, models: Sequence[int], batches: Sequence[str], dataset: Dataset | None, together: bool = False
) -> Figure:
    """Return dots and lines: a panel a batch, or all `together` in one; one batch alone gets its events marked.

    Args:
        shown: what is drawn.
        models: places in `shown.labels`.
        batches: to draw.
        dataset: knows the events; None leaves them out.
        together: one panel for all batches.
    """
    if together:
        panels: tuple[Panel, ...] = (_panel(shown, shown.target, models, batches),) if batches else ()
    else:
        panels = tuple(_panel(shown, batch, models, (batch,)) for batch in batches)
    return Figure(
        panels=panels,
        groups=groups(shown),
        marks=marks_of(dataset, batches[0], _UNMARKED) if len(batches) == 1 and dataset is not None else (),
        empty_text="Choose a batch in the list.",
        simulated=dataset is not None and dataset.simulated,
    )


def groups(shown: Predicted) -> tuple[str, ...]:
    """Return the order of colors: measured, then the models from the best to the worst; far colors come first."""
    missed = np.square(shown.at_samples - shown.measured)
    errors = np.nansum(missed, axis=1) if missed.size else np.zeros(len(shown.labels))
    return (MEASURED, *(shown.labels[m] for m in np.argsort(errors, kind="stable")))


def pairs(shown: Predicted, models: Sequence[int]) -> dict[str, tuple[Floats, Floats, NDArray[np.str_]]]:
    """Return measured, predicted and batch of every real sample, by the models' labels."""
    found = {}
    for m in models:
        there = np.isfinite(shown.measured) & np.isfinite(shown.at_samples[m])
        found[shown.labels[m]] = (shown.measured[there], shown.at_samples[m, there], shown.sample_ids[there])
    return found


def pairs_sheet(shown: Predicted, models: Sequence[int]) -> Sheet:
    """Return every real sample with what these models say of it."""
    unit = f" ({shown.unit})" if shown.unit and shown.unit != "-" else ""
    headers = ["Batch", "Culture day", f"Measured{unit}", *(f"{shown.labels[m]}{unit}" for m in models)]
    there = np.flatnonzero(np.isfinite(shown.measured))
    columns = [(shown.sample_hours[there] / 24).tolist(), shown.measured[there].tolist()]
    columns += [shown.at_samples[m, there].tolist() for m in models]
    rows = tuple(zip(shown.sample_ids[there].tolist(), *columns, strict=True))
    return Sheet(f"Predicted and measured, {shown.target}", tuple(headers), rows)


def file_sheet(found: Predictions, target: str) -> Sheet:
    """Return one row a batch of a new file: its end, the last prediction, the samples and how far they are."""
    shown = of_predictions(found, target)
    unit = f" ({shown.unit})" if shown.unit and shown.unit != "-" else ""
    headers = ("Batch", "Predicted to day", f"Last prediction{unit}", "Samples", f"RMSE{unit}")
    rows = tuple(_file_row(shown, batch) for batch in shown.batches)
    return Sheet(f"Predictions, {target}", headers, rows, found.notes)


def _file_row(shown: Predicted, batch: str) -> tuple[object, ...]:
    drawn = np.flatnonzero(shown.course_ids == batch)
    there = (shown.sample_ids == batch) & np.isfinite(shown.measured)
    missed = shown.at_samples[0, there] - shown.measured[there]
    error = float(np.sqrt(np.mean(missed**2))) if len(missed) else None
    if not len(drawn):
        return (batch, None, None, int(there.sum()), error)
    last = drawn[np.argmax(shown.course_hours[drawn])]
    return (batch, float(shown.course_hours[last]) / 24, float(shown.courses[0, last]), int(there.sum()), error)


def _panel(shown: Predicted, label: str, models: Sequence[int], batches: Sequence[str]) -> Panel:
    measured, predicted, bands = [], [], []
    for batch in batches:
        mine, drawn = shown.sample_ids == batch, shown.course_ids == batch
        measured.append(Course(batch, shown.sample_hours[mine], shown.measured[mine], None, MEASURED))
        for m in models:
            predicted.append(Course(batch, shown.course_hours[drawn], shown.courses[m, drawn], None, shown.labels[m]))
            if shown.low is not None and shown.high is not None and len(batches) == 1:
                low, high = shown.low[m, drawn], shown.high[m, drawn]
                hours, middle = shown.course_hours[drawn], shown.courses[m, drawn]
                bands.append(Band(f"{shown.labels[m]}, band", hours, low, middle, high))
    return Panel(label, shown.unit, tuple(measured), False, tuple(bands), tuple(predicted))


def _ids(*columns: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(str(name) for name in np.unique(np.concatenate(columns)))
