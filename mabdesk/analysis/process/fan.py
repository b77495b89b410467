"""How well a batch is forecast while it runs, measured on batches that models and memory had not seen.

Each known batch is forecast from every day, by a memory learned from the batches of other groups and from its plan's
course out of fold. No network is trained for it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.models.process.calibrating import reach_of
from mabdesk.models.process.ensemble import at_hours
from mabdesk.models.process.remembering import condition, corrected, errors_of, learn_memory
from mabdesk.models.process.trained import Memory, ProcessModel

_GROUPS = 10
_MOST = 150  # batches that are forecast again: more tell no more of a width
_SAME_DAY_H = 6.0


@dataclass(frozen=True, eq=False)
class Fan:
    """Forecasts of m known batches from days 0, 1, ...; NaN where nothing was sampled by then, or nothing is left.

    rows (m,) of the known batches; scores (m, days, k, variables) |errors| of later samples in expected ones; final
    (m, days) titer at harvest forecast, final_scores (m, days) alike.
    """

    rows: NDArray[np.intp]
    scores: Floats
    final: Floats
    final_scores: Floats

    def reach(self, day: float, level: float) -> Floats:
        """Return (variables,) how many expected errors a band reaches that was drawn on this day."""
        table = np.array(
            [
                [reach_of(self.scores[:, d, :, j], level) for j in range(self.scores.shape[3])]
                for d in _days_about(day, self.scores.shape[1])
            ]
        )
        return _averaged(table)

    def final_reach(self, day: float, level: float, without: int | None = None) -> float:
        """Return the same for titer at harvest; `without` one of the m batches."""
        scores = self.final_scores if without is None else np.delete(self.final_scores, without, axis=0)
        table = np.array([[reach_of(scores[:, d, None], level)] for d in _days_about(day, scores.shape[1])])
        return float(_averaged(table)[0])


@dataclass(frozen=True, eq=False)
class Ahead:
    """What samples so far say of the rest: corrected course and expected errors (days + 1, variables).

    `errors` are what was expected in the units of `errors_of`, `sizes` their usual size, assay noise included.
    """

    errors: Floats
    sizes: Floats

    def at_day(self, day: float) -> tuple[Floats, Floats]:
        """Return both (variables,) at a day, between whole ones by distance."""
        days = np.arange(len(self.errors))
        return tuple(  # type: ignore[return-value]
            np.array([np.interp(day, days, column) for column in table.T]) for table in (self.errors, self.sizes)
        )


@lru_cache(maxsize=2)
def fan_of(model: ProcessModel) -> Fan | None:
    """Forecast the known batches again from every day; None where the model has no memory, or batches are too few."""
    memory, known = model.memory, model.known
    if memory is None:
        return None
    columns = [model.names.index(name) for name in memory.names]
    courses, samples = known.courses[:, :, columns], known.samples[:, :, columns]
    rows = np.unique(np.linspace(0, len(known.ids) - 1, min(len(known.ids), _MOST)).astype(int))
    group = np.arange(len(known.ids)) % _GROUPS
    found: dict[int, tuple[Floats, Floats, Floats]] = {}
    for one in np.unique(group[rows]):
        others = group != one
        learned = learn_memory(memory.names, known.hours[others], samples[others], courses[others])
        if learned is None:
            return None
        for i in rows[group[rows] == one]:
            harvest = known.harvest_h[i] / 24.0, known.said[i, 0], known.measured[i, 0]
            found[int(i)] = _again(learned, known.hours[i], samples[i], courses[i], harvest)
    ordered = [found[int(i)] for i in rows]
    return Fan(rows, *(np.stack([one[part] for one in ordered]) for part in range(3)))


def look_ahead(memory: Memory, hours: Floats, errors: Floats, days: int) -> Ahead:
    """Say what samples so far tell of later errors, for `condition`'s arguments."""
    mean, deviation = condition(memory, hours, errors, days)
    at = np.minimum(np.arange(days + 1), memory.scale.shape[1] - 1)
    noise = memory.noise * memory.scale.T[at] ** 2
    return Ahead(mean, np.sqrt(deviation**2 + noise))


def _again(
    memory: Memory, hours: Floats, samples: Floats, course: Floats, harvest: tuple[float, float, float]
) -> tuple[Floats, Floats, Floats]:
    """Forecast one batch from every day; `harvest` is its day, what was said of titer then and what was measured."""
    days, titer = len(course) - 1, memory.names.index("titer")
    base = at_hours(course[None], hours[None])[0]
    errors = errors_of(memory.names, samples, base)
    scores = np.full((days, *samples.shape), np.nan)
    final, final_scores = np.full(days, np.nan), np.full(days, np.nan)
    day, said, measured = harvest
    end_error = _titer_error(measured, said)
    for d in range(days):
        seen = hours <= 24.0 * d + _SAME_DAY_H
        if not np.isfinite(errors[seen]).any() or 24.0 * d + _SAME_DAY_H >= 24.0 * day:
            continue
        ahead = look_ahead(memory, hours[seen], errors[seen], days)
        expected, sizes = (at_hours(table[None], hours[None])[0] for table in (ahead.errors, ahead.sizes))
        scores[d] = np.where(seen[:, None], np.nan, np.abs(errors - expected) / np.maximum(sizes, 1e-9))
        shift, size = ahead.at_day(day)
        final[d] = titer_after(said, shift[titer])
        final_scores[d] = np.abs(end_error - shift[titer]) / max(size[titer], 1e-9)
    return scores, final, final_scores


def titer_after(said: float, error: float) -> float:
    """Return the titer that was said, moved by an error in the units of `errors_of`."""
    return float(corrected(("titer",), np.array([said]), np.array([error]))[0])


def _titer_error(measured: float, said: float) -> float:
    return float(errors_of(("titer",), np.array([measured]), np.array([said]))[0])


def _days_about(day: float, days: int) -> list[int]:
    at = int(np.clip(round(day), 0, days - 1))
    return [max(at - 1, 0), at, min(at + 1, days - 1)]


def _averaged(table: Floats) -> Floats:
    """Return the mean over neighboring days, the middle one counting twice; NaN days do not count."""
    weights = np.array([1.0, 2.0, 1.0])[:, None] * np.isfinite(table)
    total = weights.sum(axis=0)
    return np.where(total > 0, (np.nan_to_num(table) * weights).sum(axis=0) / np.maximum(total, 1e-9), np.nan)
