"""How good a process model is at harvest and day by day, beside what one would have used instead, on the same folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.contest import resampled
from mabdesk.analysis.process.planned import BandScore, CourseScore, OutputGain, OutputScore
from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import History
from mabdesk.models.process.ensemble import at_hours
from mabdesk.models.process.trained import ProcessModel, Trajectories
from mabdesk.models.surfaces import LABELS
from mabdesk.progress import Progress

PROCESS, NETWORK, KEPT = "process", "network", "gaussian_process_quadratic"
RIVALS = ("gaussian_process", KEPT, "quadratic", "mean")
NAMES: Mapping[str, str] = {PROCESS: "Process model", NETWORK: "Networks alone", **LABELS}
_ENDS = (0.025, 0.975)

Folds = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]
MakeSurfaces = Callable[
    [str, Sequence[str], Floats, Sequence[str], NDArray[np.str_], Floats, int, Folds],
    Floats,
]
"""Predictions by surfaces that had not seen the batch, as `models.response_surface.out_of_fold` gives them."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What each model said of the same batches at harvest: `measured` and every entry of `said` (n, outputs)."""

    on: str
    ids: tuple[str, ...]
    measured: Floats
    said: Mapping[str, Floats]


def judged_on_folds(model: ProcessModel, surfaces: MakeSurfaces, progress: Progress) -> Judged:
    """Let every model say what becomes of the known batches, each by models that had not seen it."""
    known = model.known
    folds = [(np.flatnonzero(known.folds != one), np.flatnonzero(known.folds == one)) for one in np.unique(known.folds)]
    said = {PROCESS: known.said, NETWORK: known.network}
    for i, kind in enumerate(RIVALS):
        progress.update(i / len(RIVALS), NAMES[kind])
        # The Gaussian process that is part of the model was fitted on these very folds.
        refitted = kind != KEPT
        said[kind] = (
            _surfaces(surfaces, kind, model, (known.settings, known.tags, known.measured), folds)
            if refitted
            else known.surface
        )
    return Judged("folds", known.ids, known.measured, said)


def judged_on_test(
    model: ProcessModel, test: History, said: Trajectories, surfaces: MakeSurfaces, progress: Progress
) -> Judged:
    """Let every model say what becomes of batches that took no part."""
    known = model.known
    measured = np.stack([test.samples.final(name) for name in model.outputs], axis=1)
    n = len(known.ids)
    fold = [(np.arange(n), np.arange(n, n + len(test)))]
    tables = (
        np.concatenate([known.settings, test.settings]),
        np.concatenate([known.tags, test.planned.tags]),
        np.concatenate([known.measured, np.full_like(measured, np.nan)]),
    )
    found = {PROCESS: said.final, NETWORK: said.network}
    for i, kind in enumerate(RIVALS):
        progress.update(i / len(RIVALS), NAMES[kind])
        found[kind] = said.surface if kind == KEPT else _surfaces(surfaces, kind, model, tables, fold)[n:]
    return Judged("test", test.ids, measured, found)


def _surfaces(
    surfaces: MakeSurfaces,
    kind: str,
    model: ProcessModel,
    tables: tuple[Floats, NDArray[np.str_], Floats],
    folds: Folds,
) -> Floats:
    """Return (n, outputs) of one kind of surface, from settings, tags and measured outputs."""
    settings, tags, measured = tables
    levers = model.levers
    columns = [
        surfaces(kind, levers.names, settings, levers.tag_names, tags, column, model.seed, folds)
        for column in measured.T
    ]
    return np.stack(columns, axis=1)


def output_scores(model: ProcessModel, judged: Judged) -> list[OutputScore]:
    """Score every model on every output, over the batches where all of them say something."""
    rows = []
    for j, output in enumerate(model.outputs):
        there = compared(judged, j)
        for kind, said in judged.said.items():
            measured, mine = judged.measured[there, j], said[there, j]
            figures = (metrics.rmse(measured, mine), metrics.mae(measured, mine), metrics.r2(measured, mine))
            rows.append(OutputScore(kind, NAMES[kind], output, judged.on, *figures, len(measured)))
    return rows


def output_gains(model: ProcessModel, judged: Judged, seed: int) -> list[OutputGain]:
    """Tell how much less the process model errs than each rival, with intervals over batches resampled in pairs."""
    rows = []
    for j, output in enumerate(model.outputs):
        there = compared(judged, j)
        if not there.any():
            continue
        found = resampled(errors_on(judged, j), np.array(judged.ids)[there], seed)
        order = list(judged.said)
        mine = order.index(PROCESS)
        for kind in RIVALS:
            rival = order.index(kind)
            low, high = np.quantile(found.drawn[:, rival] - found.drawn[:, mine], _ENDS)
            gain = float(found.overall[rival] - found.overall[mine])
            rows.append(OutputGain(kind, NAMES[kind], output, gain, float(low), float(high)))
    return rows


def compared(judged: Judged, output: int) -> NDArray[np.bool_]:
    """Return (n,) which batches were measured and have something said by every model."""
    said = np.stack([one[:, output] for one in judged.said.values()])
    return np.isfinite(judged.measured[:, output]) & np.isfinite(said).all(axis=0)


def errors_on(judged: Judged, output: int) -> Floats:
    """Return (models, n compared) errors of one output, models in the order of `said`."""
    there = compared(judged, output)
    return np.stack([one[there, output] - judged.measured[there, output] for one in judged.said.values()])


def course_scores(model: ProcessModel) -> tuple[CourseScore, ...]:
    """Score the daily courses out of fold at real samples, beside the mean course of the other folds' batches."""
    known = model.known
    mine = at_hours(known.courses, known.hours)
    typical = np.full(known.samples.shape, np.nan)
    days = known.courses.shape[1]
    daily = np.stack([_daily(known.hours[i], known.samples[i], days) for i in range(len(known.ids))])
    for fold in np.unique(known.folds):
        rows = known.folds == fold
        mean = _mean_course(daily[~rows])
        typical[rows] = at_hours(np.broadcast_to(mean, (int(rows.sum()), *mean.shape)), known.hours[rows])
    found = []
    for j, variable in enumerate(model.variables):
        there = np.isfinite(known.samples[:, :, j]) & np.isfinite(mine[:, :, j]) & np.isfinite(typical[:, :, j])
        measured = known.samples[:, :, j][there]
        rmse, usual = (metrics.rmse(measured, table[:, :, j][there]) for table in (mine, typical))
        spread = float(measured.std()) if len(measured) else float("nan")
        found.append(CourseScore(variable.name, variable.unit, rmse, usual, spread, len(measured)))
    return tuple(found)


def _daily(hours: Floats, samples: Floats, days: int) -> Floats:
    """Return (days, variables) between the samples of one batch at whole days; NaN outside of them."""
    at = 24.0 * np.arange(days)
    found = np.full((days, samples.shape[1]), np.nan)
    for j, column in enumerate(samples.T):
        there = np.isfinite(column) & np.isfinite(hours)
        if there.any():
            inside = (at >= hours[there][0] - 12.0) & (at <= hours[there][-1] + 12.0)
            found[:, j] = np.where(inside, np.interp(at, hours[there], column[there]), np.nan)
    return found


def _mean_course(daily: Floats) -> Floats:
    """Return (days, variables) means over batches; days without any are as those beside them."""
    there = np.isfinite(daily)
    count = there.sum(axis=0)
    mean = np.where(there, daily, 0.0).sum(axis=0) / np.maximum(count, 1)
    rows = np.arange(len(mean))
    for j in range(mean.shape[1]):
        known = np.flatnonzero(count[:, j])
        mean[:, j] = np.interp(rows, known, mean[known, j]) if len(known) else np.nan
    return np.asarray(mean)


def band_scores(model: ProcessModel, test: History, said: Trajectories) -> tuple[BandScore, ...]:
    """Count which share of the test batches' samples, and of their harvests, lay inside the bands."""
    hours = test.samples.hours
    low, high = (at_hours(_held(table), hours) for table in (said.low, said.high))
    rows = []
    for j, name in enumerate(model.names):
        rows.append(_band(name, False, said.level, test.samples.column(name), low[:, :, j], high[:, :, j]))
    for j, name in enumerate(model.outputs):
        rows.append(
            _band(name, True, said.level, test.samples.final(name), said.final_low[:, j], said.final_high[:, j])
        )
    return tuple(rows)


def _band(name: str, final: bool, level: float, measured: Floats, low: Floats, high: Floats) -> BandScore:
    there = np.isfinite(measured) & np.isfinite(low) & np.isfinite(high)
    if not there.any():
        return BandScore(name, final, level, float("nan"), float("nan"), 0)
    inside = (measured >= low) & (measured <= high)
    width = float((high - low)[there].mean())
    return BandScore(name, final, level, float(inside[there].mean()), width, int(there.sum()))


def _held(table: Floats) -> Floats:
    """Return daily values (n, days, variables) with the last ones held after harvest."""
    there = np.isfinite(table)
    at = np.maximum.accumulate(np.where(there, np.arange(table.shape[1])[None, :, None], 0), axis=1)
    return np.take_along_axis(table, at, axis=1)
