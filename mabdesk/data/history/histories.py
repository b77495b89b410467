"""A site's batches as a process model learns from them: what was planned, what was done, what was sampled.

Values that are missing come from the batch's own record, else from the batches named in `ids` (those in training):
changing any other batch changes nothing of the rest.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.history.experience import levers_for
from mabdesk.data.history.feeding import feeding_of, feeds_of, told_of_feeds
from mabdesk.data.history.levers import Levers, planned_by
from mabdesk.data.history.plans import History
from mabdesk.data.history.recorded import recorded_plans, silent_sensors, tag_of, tag_table
from mabdesk.data.history.samples import names_of, read_samples
from mabdesk.data.history.sensors import sensors_of
from mabdesk.data.history.setpoints import MOST_DAYS, Settings, ended, listed, own_record, settings_of
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.errors import DataError, OptionsError

LEAST_BATCHES = 8
MASS, VOLUME = "glucose_feed_rate", "feed_volume_rate"


def read_history(dataset: Dataset, options: HistoryOptions, ids: Sequence[str] | None = None) -> History:
    """Read all batches of a dataset as a history.

    `ids` names the batches whose values may stand in for what others lack; by default all.

    Raises:
        DataError: no batches.
        OptionsError: levers that the site does not record.
    """
    batches, usable = dataset.batches, set(dataset.ids if ids is None else ids)
    training, rows = dataset.only(usable), np.array([name in usable for name in dataset.ids], dtype=np.bool_)
    if not rows.any():
        raise DataError("There is no batch to learn from.", "Import batches, or choose some for training.")
    sensors = [sensors_of(batch, MOST_DAYS) for batch in batches]
    settings = settings_of(dataset, usable, list(map(own_record, batches, sensors)))
    chosen = _chosen(settings, options)
    ends, harvests = _ends(dataset, settings)
    days = max(1, math.ceil(float(max(harvests.max(), ends.max())) / 24.0 - 1e-6))
    feeding = feeding_of(training.batches, settings.column(MASS), settings.column(VOLUME), options)
    feeds, volumes = feeds_of(batches, feeding, 24.0 * settings.column("feed_start_day"), ends, days)
    tags = tuple(name for name in options.tags if any(tag_of(b, name) for b in training.batches))
    values = np.stack([settings.column(name) for name in chosen], axis=1) if chosen else np.zeros((len(rows), 0))
    levers = levers_for(settings, chosen, feeds, options, rows, days)
    planned = replace(planned_by(levers, values, tag_table(batches, tags), days), harvest_h=harvests)
    known, notes = told_of_feeds(dataset, usable, settings.names, feeds, feeding, options)
    names, quality = names_of(training, [volumes[i] for i in np.flatnonzero(rows)])
    return History(
        dataset.ids,
        chosen,
        values,
        planned,
        recorded_plans(batches, planned, sensors, feeds, ends),
        read_samples(batches, names + quality, ends, volumes),
        quality,
        tags,
        dataset.simulated,
        (*settings.notes, *notes, *silent_sensors(batches, sensors, ends), *_too_long(dataset), *_constant(levers)),
        known,
    )


def check_enough(history: History, rows: NDArray[np.bool_] | NDArray[np.intp]) -> None:
    """Refuse batches that no process model can be trained on.

    Raises:
        DataError: no titer, fewer than 8 batches with one, no cell counts, no setpoint that varied.
    """
    mine = history.take(rows)
    titers = int(np.isfinite(mine.samples.final("titer")).sum())
    if not titers:
        raise DataError(
            "The process model needs titer; none was measured in the training batches.",
            "Import titer. Without it batches can be explored.",
        )
    if titers < LEAST_BATCHES:
        raise DataError(
            f"The process model needs at least {LEAST_BATCHES} batches with titer; received {titers}.",
            "Add batches. What-if, optimization and Gaussian process surfaces need as many; exploring the batches "
            "works with any number.",
        )
    if not np.isfinite(mine.samples.column("vcd")).any():
        raise DataError(
            "The process model needs viable cell density; none was measured in the training batches.",
            "Import viable cell density, or viability with total cell density.",
        )
    if not len(mine.levers) or not (np.ptp(mine.settings, axis=0) > 0).any():
        raise DataError(
            "No setpoint varied between the training batches: nothing can be learned about setpoints.",
            "Add batches that were run at other setpoints. The titer model works without.",
        )


def _chosen(settings: Settings, options: HistoryOptions) -> tuple[str, ...]:
    unknown = [name for name in options.levers if name not in settings.names]
    if unknown:
        raise OptionsError(
            f"The batches have no setpoint {', '.join(unknown)}.", f"They have: {', '.join(settings.names)}."
        )
    return tuple(name for name in settings.names if not options.levers or name in options.levers)


def _ends(dataset: Dataset, settings: Settings) -> tuple[Floats, Floats]:
    """Return (n,) hours at which batches ended, and at which their harvest was planned (the same if nothing says)."""
    planned = 24.0 * settings.column("harvest_day")
    hours = np.array([ended(batch) for batch in dataset.batches])
    ends = np.where(hours > 0, hours, np.where(np.isfinite(planned), planned, 24.0))
    harvests = np.where(np.isfinite(planned), planned, ends)
    return np.clip(ends, 1.0, 24.0 * MOST_DAYS), np.clip(harvests, 1.0, 24.0 * MOST_DAYS)


def _too_long(dataset: Dataset) -> list[str]:
    rows = [i for i, batch in enumerate(dataset.batches) if ended(batch) > 24.0 * MOST_DAYS]
    return [f"Only the first {MOST_DAYS} days of {listed(dataset.batches, rows)} count."] if rows else []


def _constant(levers: Levers) -> list[str]:
    return [levers.never_varied(i) for i, varied in enumerate(levers.varied) if not varied]
