"""Where a running batch goes until harvest, given what was measured so far. No network is trained again.

The plan is rolled out with what sensors and pumps recorded so far; what the samples so far depart from that goes on
as such departures did in the batches that the model learned from. How wide the fan is was measured on those.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mabdesk.analysis.process.applicability import experience
from mabdesk.analysis.process.fan import Fan, fan_of, look_ahead
from mabdesk.analysis.process.planned import DayScore, Forecast
from mabdesk.analysis.process.what_if import learned_level, level_notes, origin_notes
from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import History
from mabdesk.models.process.ensemble import at_hours
from mabdesk.models.process.remembering import corrected, errors_of
from mabdesk.models.process.trained import Memory, Planner, ProcessModel, Trajectories

DAYS = (3, 5, 7, 9, 11)
NO_MEMORY = (
    "The model learned from too few batches to tell how a batch that runs above or below its plan goes on: "
    "the forecast is the plan's course with what was recorded so far."
)
_SAME_DAY_H = 6.0


class _Course(NamedTuple):
    """One batch's rest: mean, low, high (days + 1, variables), then titer at harvest alike."""

    mean: Floats
    low: Floats
    high: Floats
    final: tuple[float, float, float]


def forecast(planner: Planner, history: History, level: float) -> Forecast:
    """Forecast running batches.

    Args:
        planner: of the model.
        history: the batches, as `running_batch` reads them.
        level: of the bands; the next one that the model has learned is taken.
    """
    model = planner.model
    level_taken = learned_level(model, level)
    hours = history.samples.hours
    samples = np.stack([history.samples.column(name) for name in model.names], axis=2)
    known_h = np.max(np.where(np.isfinite(samples).any(axis=2), hours, 0.0), axis=1)
    given = (24.0 * np.arange(1, history.planned.days + 1) <= known_h[:, None] + _SAME_DAY_H).astype(np.float64)
    planned = planner.run(history.planned, history.settings, level_taken)
    rolled = planner.run(history.recorded, history.settings, level_taken, given)
    rolled = replace(rolled, mean=np.where(np.isfinite(planned.mean), rolled.mean, np.nan))
    harvest_h = history.planned.harvest_h
    fan = fan_of(model)
    said = rolled
    if model.memory is not None:
        rows = (_rest(model, fan, rolled, i, hours[i], samples[i], harvest_h[i]) for i in range(len(history)))
        said = _together(rolled, list(rows))
    return Forecast(
        history.ids,
        known_h,
        harvest_h,
        history.settings,
        hours,
        samples,
        _possible(said),
        planned,
        tuple(variable.unit for variable in model.variables),
        experience(model, history.settings, history.planned.tags, planned),
        model.simulated or history.simulated,
        (*origin_notes(model), *history.notes, *level_notes(model, said, level), *_how(model, fan)),
    )


def day_scores(model: ProcessModel, days: tuple[int, ...] = DAYS) -> tuple[DayScore, ...]:
    """Measure forecasts of titer at harvest by day, each known batch by what was learned without it.

    Nothing without a memory. Bands are those of the level that the model was asked for.
    """
    fan = fan_of(model)
    if fan is None:
        return ()
    level = learned_level(model, float(model.settings.get("level", 0.95)))
    return tuple(score for day in days if (score := _day_score(model, fan, day, level)) is not None)


def _how(model: ProcessModel, fan: Fan | None) -> tuple[str, ...]:
    if model.memory is None:
        return (NO_MEMORY,)
    if fan is None:
        return ("Bands are the plan's: there are too few batches to measure how far forecasts err.",)
    batches = f"{len(fan.rows)} batches, each forecast on the same day by what was learned without it"
    return (f"Bands were measured on {batches}.",)


def _rest(
    model: ProcessModel, fan: Fan | None, rolled: Trajectories, row: int, hours: Floats, samples: Floats, end_h: float
) -> _Course:
    """Correct one batch's course by its samples so far."""
    memory: Memory = model.memory  # type: ignore[assignment]
    columns = [model.names.index(name) for name in memory.names]
    there = np.isfinite(samples[:, columns]).any(axis=1)
    mean, low, high = (table[row].copy() for table in (rolled.mean, rolled.low, rolled.high))
    base = mean[:, columns]
    measured = samples[there][:, columns]
    seen = hours[there]
    errors = errors_of(memory.names, measured, at_hours(_held(base)[None], seen[None])[0])
    ahead = look_ahead(memory, seen, errors, len(base) - 1)
    day = float(seen.max() / 24.0) if len(seen) else 0.0
    half = ((high - low) / 2)[:, columns]
    mean[:, columns] = center = corrected(memory.names, base, ahead.errors)
    wide = ahead.sizes * (fan.reach(day, rolled.level) if fan else np.nan)
    low[:, columns] = np.fmax(corrected(memory.names, base, ahead.errors - wide), center - half)
    high[:, columns] = np.fmin(corrected(memory.names, base, ahead.errors + wide), center + half)
    return _Course(mean, low, high, _final(model, fan, rolled, row, (ahead.at_day(end_h / 24.0), day)))


def _final(
    model: ProcessModel,
    fan: Fan | None,
    rolled: Trajectories,
    row: int,
    known: tuple[tuple[Floats, Floats], float],
) -> tuple[float, float, float]:
    """Return titer at harvest with its band, from expected errors and their sizes at harvest, and the day known."""
    memory: Memory = model.memory  # type: ignore[assignment]
    (errors, sizes), day = known
    j = memory.names.index("titer")
    wide = sizes[j] * (fan.final_reach(day, rolled.level) if fan else np.nan)
    base = np.full(3, rolled.final[row, 0])[:, None]
    center, low, high = corrected(("titer",), base, errors[j] + np.array([[0.0], [-wide], [wide]]))[:, 0]
    half = rolled.final_high[row, 0] - rolled.final[row, 0]  # what samples tell never makes less sure than the plan
    return float(center), float(np.fmax(low, center - half)), float(np.fmin(high, center + half))


def _held(course: Floats) -> Floats:
    """Return the course with its last values held after harvest, for samples taken soon after."""
    last = int(np.flatnonzero(np.isfinite(course[:, 0]))[-1])
    return course[np.minimum(np.arange(len(course)), last)]


def _together(rolled: Trajectories, rows: list[_Course]) -> Trajectories:
    final, low, high = (table.copy() for table in (rolled.final, rolled.final_low, rolled.final_high))
    final[:, 0], low[:, 0], high[:, 0] = np.array([one.final for one in rows]).T
    courses = [np.stack(tables) for tables in zip(*(one[:3] for one in rows), strict=True)]
    return replace(
        rolled,
        mean=courses[0],
        low=courses[1],
        high=courses[2],
        final=final,
        final_low=low,
        final_high=high,
    )


def _possible(said: Trajectories) -> Trajectories:
    """Keep what is physically possible: nothing negative, viability at most 100 %, titer never falling."""
    most = np.where(np.array(said.names) == "viability", 100.0, np.inf)
    mean, low, high = (np.clip(table, 0.0, most) for table in (said.mean, said.low, said.high))
    j = said.names.index("titer")
    for table in (mean, low, high):
        table[:, :, j] = np.maximum.accumulate(table[:, :, j], axis=1)
    return replace(said, mean=mean, low=low, high=high, final_low=np.maximum(said.final_low, 0.0))


def _day_score(model: ProcessModel, fan: Fan, day: int, level: float) -> DayScore | None:
    """Return None where no batch can be judged on that day."""
    known, rows = model.known, fan.rows
    if day >= fan.final.shape[1]:
        return None
    measured, forecast_said = known.measured[rows, 0], fan.final[:, day]
    simple = np.array([_simple(model, int(i), day) for i in rows]).reshape(len(rows), 2)
    there = np.isfinite(measured) & np.isfinite(forecast_said) & np.isfinite(simple).all(axis=1)
    if not there.any():
        return None
    reach = np.array([fan.final_reach(day, level, without=i) for i in range(len(rows))])
    inside = fan.final_scores[there, day] <= reach[there]
    errors = np.column_stack([forecast_said, known.said[rows, 0], simple])[there] - measured[there, None]
    mine, plan, last_rate, typical = np.sqrt(np.mean(errors**2, axis=0)).tolist()
    covered = float(inside.mean()) if np.isfinite(reach[there]).all() else float("nan")
    return DayScore(day, mine, plan, last_rate, typical, covered, int(there.sum()))


def _simple(model: ProcessModel, row: int, day: int) -> tuple[float, float]:
    """Return titer at harvest by the last rate drawn on, and by the last titer plus the other batches' mean gain."""
    known, titer = model.known, model.names.index("titer")
    hours, values = known.hours, known.samples[:, :, titer]
    seen = np.flatnonzero(np.isfinite(values[row]) & (hours[row] <= 24.0 * day + _SAME_DAY_H))
    if not len(seen):
        return np.nan, np.nan
    at, last = hours[row, seen[-1]], values[row, seen[-1]]
    rate = 0.0
    if len(seen) > 1:
        rate = max((last - values[row, seen[-2]]) / max(at - hours[row, seen[-2]], 1e-6), 0.0)
    gains = [
        known.measured[i, 0] - np.interp(at, hours[i, there], values[i, there])
        for i in range(len(known.ids))
        if i != row and (there := np.isfinite(values[i])).any()
    ]
    return float(last + rate * max(known.harvest_h[row] - at, 0.0)), float(last + np.mean(gains)) if gains else np.nan
