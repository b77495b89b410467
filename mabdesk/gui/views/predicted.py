"""Predicted beside measured: what charts need of an evaluation, or of a model applied to a new file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.results import Evaluation, Predictions
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.plots.series import Band, Bars, Course, Figure, Panel
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.courses import SAMPLES, marks_of

MEASURED = "Measured"
DROPOUT = "Dropout, uncalibrated"
_UNMARKED = SAMPLES | {"inoculation"}  # that is day 0


@dataclass(frozen=True, eq=False)
class Predicted:
    """One target: samples (n,) measured and predicted by every model, courses (m,) of every model.

    at_samples (models, n) and courses (models, m); low and high (models, m), None where no model gives a band that is
    to hold `level` of the samples; raw_low and raw_high (models, n) alike, from dropout as in the paper.
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
    raw_low: Floats | None = None
    raw_high: Floats | None = None
    level: float = 0.95

    @property
    def has_dropout(self) -> bool:
        """Whether any model has bands from dropout as in the paper."""
        return self.raw_low is not None and bool(np.isfinite(self.raw_low).any())


def of_evaluation(found: Evaluation, target: str) -> Predicted:
    """Take one target of an evaluation."""
    t, samples, courses = found.targets.index(target), found.samples, found.courses
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
        low=_of_target(courses.low, t),
        high=_of_target(courses.high, t),
        raw_low=_of_target(samples.raw_low, t),
        raw_high=_of_target(samples.raw_high, t),
        level=found.level,
    )


def of_predictions(found: Predictions, target: str) -> Predicted:
    """Take one target of a model that was applied to a new file."""
    t = found.targets.index(target)
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
        low=None if found.low is None else found.low[None, :, t],
        high=None if found.high is None else found.high[None, :, t],
        level=found.level,
    )


def figure(
    shown: Predicted,
    models: Sequence[int],
    batches: Sequence[str],
    dataset: Dataset | None,
    together: bool = False,
    dropout: bool = False,
) -> Figure:
    """Return dots and lines: a panel a batch, or all `together` in one; one batch alone gets its events marked.

    Args:
        shown: what is drawn.
        models: places in `shown.labels`.
        batches: to draw.
        dataset: knows the events; None leaves them out.
        together: one panel for all batches, without bands.
        dropout: also bars from dropout as in the paper, where a model has them.
    """
    if together:
        panels: tuple[Panel, ...] = (_panel(shown, shown.target, models, batches),) if batches else ()
    else:
        panels = tuple(_with_bands(_panel(shown, batch, models, (batch,)), shown, models, dropout) for batch in batches)
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
    measured, predicted = [], []
    for batch in batches:
        mine, drawn = shown.sample_ids == batch, shown.course_ids == batch
        measured.append(Course(batch, shown.sample_hours[mine], shown.measured[mine], None, MEASURED))
        hours = shown.course_hours[drawn]
        predicted += [Course(batch, hours, shown.courses[m, drawn], None, shown.labels[m]) for m in models]
    return Panel(label, shown.unit, tuple(measured), False, (), tuple(predicted))


def _with_bands(panel: Panel, shown: Predicted, models: Sequence[int], dropout: bool) -> Panel:
    """Add the bands of a panel of one batch, which bears the batch's name."""
    bands = tuple(band for m in models for band in _bands(shown, m, panel.label))
    bars = tuple(bars for m in models for bars in _bars(shown, m, panel.label)) if dropout else ()
    return replace(panel, bands=bands, bars=bars)


def _bands(shown: Predicted, model: int, batch: str) -> tuple[Band, ...]:
    rows, name = shown.course_ids == batch, shown.labels[model]
    if shown.low is None or shown.high is None or not np.isfinite(shown.low[model, rows]).any():
        return ()
    low, middle, high = shown.low[model, rows], shown.courses[model, rows], shown.high[model, rows]
    return (Band(band_name(shown.level), shown.course_hours[rows], low, middle, high, name),)


def _bars(shown: Predicted, model: int, batch: str) -> tuple[Bars, ...]:
    if shown.raw_low is None or shown.raw_high is None:
        return ()
    low, high = shown.raw_low[model], shown.raw_high[model]
    rows = (shown.sample_ids == batch) & np.isfinite(low) & np.isfinite(high)
    found = Bars(DROPOUT, shown.sample_hours[rows], low[rows], high[rows], shown.labels[model])
    return (found,) if rows.any() else ()


def band_name(level: float) -> str:
    """Say which band it is: "95 % band"."""
    return f"{100 * level:g} % band"


def _of_target(values: Floats | None, target: int) -> Floats | None:
    return None if values is None else values[:, :, target]


def _ids(*columns: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(str(name) for name in np.unique(np.concatenate(columns)))
