"""What moved titer or a quality attribute at harvest: setpoint by setpoint, and sensor by sensor and day by day."""

from collections.abc import Sequence

import numpy as np

from mabdesk.analysis.correlations import correlation
from mabdesk.analysis.explained import evenly
from mabdesk.analysis.process.contributions import SENSORS, Unfolded, unfold
from mabdesk.analysis.process.planned import FROM_SIMULATED, LeverImportance, ProcessAttribution
from mabdesk.analysis.process.training import CLEANING, HISTORY, read_cleaned
from mabdesk.analysis.process.trust import TOLERANCE, Refit, Trusted, trust
from mabdesk.analysis.settings import ExplainProcessOptions
from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.history.plans import History
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.settings import CleaningPlan
from mabdesk.errors import DataError, OptionsError
from mabdesk.models.process.trained import ProcessModel
from mabdesk.options import from_plain
from mabdesk.progress import Progress

SENSOR_LABELS = ("Temperature", "Dissolved oxygen", "pH", "Glucose fed", "Feed volume")
_OWN_TAGS = (
    "Each batch is compared with the usual setpoints (medians of the training batches) on its own {tags}: what these "
    "make of it is no setpoint's contribution."
)
_BOTH_SAY = (
    "Contributions of setpoints are those to networks and Gaussian process together; those of sensors to the networks, "
    "as the Gaussian process sees no sensors. Sensors are compared with the median course of the training batches."
)
_IN_FLOOR = (
    "What networks are told beforehand (a longer culture makes more titer{prior}) moves models of exchanged outcomes "
    "too: a setpoint below their floor may matter, but these batches do not show it."
)


def explain_process(
    model: ProcessModel,
    history: History,
    options: ExplainProcessOptions,
    seed: int,
    refit: Refit,
    progress: Progress,
) -> ProcessAttribution:
    """Share outcomes at harvest out, and test whether to believe it. The order of the batches does not matter.

    Args:
        model: fitted.
        history: the batches that it learned from, read as for training; others are left out.
        options: which output, of how many batches, evenly chosen among those it learned from.
        seed: of outcomes exchanged and decoys drawn.
        refit: gives a model of another history by a quick course.
        progress: who listens.

    Raises:
        OptionsError: the model has no such output.
        DataError: a batch that the model learned from is not in the history.
    """
    _check_output(model, options.output)
    mine = _learned(model, history)
    ids = tuple(mine.ids[row] for row in evenly(len(mine), options.batches))
    found = unfold(model, mine, options.output, ids, TOLERANCE, progress.part(0.0, 0.3, "explaining"))
    trusted = trust(model, found, mine, options.output, options.permuted, seed, refit, progress.part(0.3, 1.0))
    return _attribution(model, found, trusted, ids, options.output)


def _check_output(model: ProcessModel, output: str) -> None:
    if output not in model.outputs:
        raise OptionsError(
            f"The process model predicts no {output!r} at harvest.", f"Choose from {', '.join(model.outputs)}."
        )


def _attribution(
    model: ProcessModel, found: Unfolded, trusted: Trusted, ids: tuple[str, ...], output: str
) -> ProcessAttribution:
    ranking = (
        *_ranked(model.levers.names, model.levers.labels, "setpoint", *_setpoints(found), trusted.setpoint_floor),
        *_ranked(SENSORS, SENSOR_LABELS, "sensor", *_sensors(found), trusted.sensor_floor),
    )
    return ProcessAttribution(
        output,
        next(variable.unit for variable in model.variables if variable.name == output),
        ids,
        model.levers.names,
        model.levers.units,
        found.setpoints.settings,
        found.setpoints.usual,
        found.by_lever,
        SENSORS,
        found.by_day,
        found.by_setpoint.predicted[0],
        found.by_setpoint.typical[0],
        ranking,
        max(found.by_setpoint.error, found.by_sensor.error),
        trusted.tests,
        model.simulated,
        _notes(model),
    )


def learned_history(model: ProcessModel, dataset: Dataset) -> History:
    """Read the batches that a model learned from, cleaned and read as in training.

    Raises:
        DataError: one of them is not in the dataset.
    """
    _check_there(model, dataset.ids)
    cleaning: CleaningPlan = from_plain(CleaningPlan, model.settings.get(CLEANING, {}))
    options: HistoryOptions = from_plain(HistoryOptions, model.settings.get(HISTORY, {}))
    return read_cleaned(dataset, cleaning, options, model.known.ids, model.known.ids)


def _check_there(model: ProcessModel, ids: Sequence[str]) -> None:
    missing = sorted(set(model.known.ids) - set(ids))
    if missing:
        raise DataError(
            f"{len(missing)} of the batches that the model learned from are missing: {', '.join(missing[:5])}.",
            "Explain the model with the dataset that it was trained on.",
        )


def _learned(model: ProcessModel, history: History) -> History:
    """Return the batches that the model learned from, ordered by id."""
    _check_there(model, history.ids)
    row_of = {name: row for row, name in enumerate(history.ids)}
    return history.take(np.array([row_of[name] for name in sorted(model.known.ids)], dtype=np.intp))


def _setpoints(found: Unfolded) -> tuple[Floats, list[float]]:
    """Return mean |contribution| (l,), and how it goes with the departure."""
    away = found.setpoints.settings - found.setpoints.usual
    return np.abs(found.by_lever).mean(axis=0), [_direction(away[:, i], c) for i, c in enumerate(found.by_lever.T)]


def _sensors(found: Unfolded) -> tuple[Floats, list[float]]:
    """Return mean |contribution of all days together| (s,), and how a day's goes with its departure."""
    climate, glucose, volume = found.sensors.away
    away = [*np.moveaxis(climate.mean(axis=2), 2, 0), glucose, volume]
    moving = found.sensors.moving.reshape(found.by_day.shape)
    ways = [_direction(one[moving[:, i]], found.by_day[:, i][moving[:, i]]) for i, one in enumerate(away)]
    return np.abs(found.by_day.sum(axis=2)).mean(axis=0), ways


def _direction(away: Floats, contribution: Floats) -> float:
    if len(away) < 2 or np.ptp(away) == 0 or np.ptp(contribution) == 0:
        return float("nan")
    return correlation(away, contribution)


def _ranked(
    names: Sequence[str], labels: Sequence[str], kind: str, sizes: Floats, ways: Sequence[float], floor: Floats
) -> list[LeverImportance]:
    """Return one kind, the largest first."""
    total = max(float(sizes.sum()), 1e-300)
    made = [
        LeverImportance(name, label, kind, float(size), float(size) / total, way, float(least))
        for name, label, size, way, least in zip(names, labels, sizes, ways, floor, strict=True)
    ]
    return sorted(made, key=lambda one: -one.mean_abs)


def _notes(model: ProcessModel) -> tuple[str, ...]:
    prior = (FROM_SIMULATED,) if model.prior else ()
    tags = " and ".join(name.replace("_", " ") for name in model.levers.tag_names)
    own = (_OWN_TAGS.format(tags=tags),) if tags else ()
    told = _IN_FLOOR.format(prior=", and what was learned from simulated plants" if model.prior else "")
    return (*prior, *own, _BOTH_SAY, told)
