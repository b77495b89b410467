"""Integrated gradients of a whole batch's outcome: by setpoint, and by sensor and day (Sundararajan et al. 2017).

The straight path from the usual plan to the batch's is cut into cells, and what one setpoint gives is the sum of
differences across them: f(middle, its own value at the cell's end) - f(middle, at its beginning). That is the path
integral of central differences whose steps are as wide as the cells: kinks in a cell (a temperature shift moves between
two-hourly bins, a harvest between days) are averaged and not missed, nothing is divided by a small number, and what
does not depart contributes exactly nothing. Cells are halved until the sums are complete.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.levers import days_for, planned_by
from mabdesk.data.history.plans import CLIMATE, STATES, History, Plans
from mabdesk.models.process.ensemble import at_harvest
from mabdesk.models.process.trained import Planner, ProcessModel
from mabdesk.progress import Progress

SENSORS = (*CLIMATE, "glucose_feed", "volume_feed")
FIRST_CELLS, MOST_CELLS = 4, 32
_ROWS = 2048  # plans at once: bounds the memory
_NOTHING = 1e-9  # of a prediction: a smaller departure is rounding

Said = Callable[[NDArray[np.intp], Floats], Floats]
"""`said(rows, shares)`: (c, k) values of batches `rows` (k,), each with its features (k, p) so far on their way."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Contributions (c, n, p) of p features for c ways to predict, the whole first; predicted, typical (c, n).

    `error` is the mean |sum - (predicted - typical)| of the whole as a share of the mean |predicted - typical|.
    """

    by_feature: Floats
    predicted: Floats
    typical: Floats
    cells: int
    error: float


@dataclass(frozen=True, eq=False)
class SetpointPath:
    """From the usual plan to each batch's; tags are the batch's own at both ends, so is what no setpoint sets.

    planner, column (of outputs); settings (n, l), usual (l,), tags (n, t), harvest_h (n,). Gives the whole prediction,
    then that of every network alone: (1 + members, k).
    """

    planner: Planner
    column: int
    settings: Floats
    usual: Floats
    tags: NDArray[np.str_]
    harvest_h: Floats

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Return (n, l): where a batch departs from the usual plan."""
        return np.asarray(self.settings != self.usual)

    def __call__(self, rows: NDArray[np.intp], shares: Floats) -> Floats:
        """Return (1 + members, k)."""
        settings = self.usual + shares * (self.settings[rows] - self.usual)
        return whole_and_members(self.planner, self.column, self.plans(rows, settings), settings)

    def plans(self, rows: NDArray[np.intp], settings: Floats) -> Plans:
        """Lay out settings (k, l) as those of batches `rows`; where harvest is no setpoint it is the batch's own."""
        levers = self.planner.model.levers
        either = np.concatenate([self.settings, self.usual[None]])
        days = max(days_for(levers, either), int(np.ceil(self.harvest_h.max() / 24.0 - 1e-6)))
        plans = planned_by(levers, settings, self.tags[rows], days)
        if "harvest_day" in levers.names:
            return plans
        return replace(plans, harvest_h=self.harvest_h[rows])


@dataclass(frozen=True, eq=False)
class SensorPath:
    """From the usual course of sensors and feeds to each batch's recorded one, a day of a sensor at a time.

    planner, column; recorded (n batches), usual (one batch as long); all else is the batch's own at both ends. Gives
    the networks' mean, then every network: (1 + members, k). Features are sensor by sensor, day by day.
    """

    planner: Planner
    column: int
    recorded: Plans
    usual: Plans

    @property
    def away(self) -> tuple[Floats, Floats, Floats]:
        """Return departures of climate (n, days, 12, 3), of glucose fed and of volume fed (n, days)."""
        r, u = self.recorded, self.usual
        return r.climate - u.climate, r.glucose_feed - u.glucose_feed, r.volume_feed - u.volume_feed

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Return (n, sensors x days): where a batch departs, until its harvest."""
        climate, glucose, volume = self.away
        moved = [(climate != 0).any(axis=2)[:, :, i] for i in range(len(CLIMATE))] + [glucose != 0, volume != 0]
        before = np.arange(self.recorded.days) * 24.0 < self.recorded.harvest_h[:, None]
        return np.concatenate([one & before for one in moved], axis=1)

    def __call__(self, rows: NDArray[np.intp], shares: Floats) -> Floats:
        """Return (1 + members, k)."""
        share = shares.reshape(len(rows), len(SENSORS), self.recorded.days)
        climate, glucose, volume = (one[rows] for one in self.away)
        three = len(CLIMATE)
        plans = replace(
            self.recorded.take(rows),
            climate=self.usual.climate + share[:, :three].transpose(0, 2, 1)[:, :, None] * climate,
            glucose_feed=self.usual.glucose_feed + share[:, three] * glucose,
            volume_feed=self.usual.volume_feed + share[:, three + 1] * volume,
        )
        members = _members(self.planner, self.column, plans, np.ones_like(plans.glucose_feed))
        return np.concatenate([members.mean(axis=0, keepdims=True), members])


def usual_course(recorded: Plans) -> Plans:
    """Return one batch: the median of recorded courses, bin by bin and day by day."""
    one = recorded.take(np.arange(1))
    return replace(
        one,
        climate=np.median(recorded.climate, axis=0, keepdims=True),
        glucose_feed=np.median(recorded.glucose_feed, axis=0, keepdims=True),
        volume_feed=np.median(recorded.volume_feed, axis=0, keepdims=True),
    )


def whole_and_members(planner: Planner, column: int, plans: Plans, settings: Floats) -> Floats:
    """Return (1 + members, k) one output at harvest: what `Planner.run` gives as final, then every network alone."""
    members = _members(planner, column, plans)
    surface = planner.surfaces[column].predict(settings, plans.tags)[0]
    share = float(planner.model.shares[column])
    whole = np.maximum(share * members.mean(axis=0) + (1 - share) * surface, 0.0)
    return np.concatenate([whole[None], members])


def share_out(
    said: Said, moving: NDArray[np.bool_], tolerance: float, progress: Progress, most_cells: int = MOST_CELLS
) -> Shares:
    """Share predicted - typical out over the features of each batch.

    Args:
        said: the model along the path.
        moving: (n, p) where a feature departs at all; the others contribute nothing.
        tolerance: of `Shares.error`; cells are halved until it holds, or `most_cells` were taken.
        progress: who listens.
        most_cells: where to stop at the latest; the error that is left is told.
    """
    rows = np.arange(len(moving))
    ends = [said(rows, np.full(moving.shape, end)) for end in (1.0, 0.0)]
    cells, bar = min(FIRST_CELLS, most_cells), 0.0
    while True:
        # Whether these are the last ones shows only when they are done: each pass gets half of what is left of the bar.
        found = _summed(said, moving, cells, ends[0].shape[0], progress.part(bar, (1 + bar) / 2, f"{cells} cells"))
        error = _missing(found[0], ends[0][0] - ends[1][0], ends[0][0])
        if error <= tolerance or 2 * cells > most_cells:
            progress.update(1.0)
            return Shares(found, ends[0], ends[1], cells, error)
        cells, bar = 2 * cells, (1 + bar) / 2


def _summed(said: Said, moving: NDArray[np.bool_], cells: int, ways: int, progress: Progress) -> Floats:
    """Return (ways, n, p): for every batch and feature the differences across its cells, summed up."""
    batch, feature = np.nonzero(moving)
    found = np.zeros((ways, *moving.shape))
    per = _ROWS // 2
    blocks = [slice(at, at + per) for at in range(0, len(batch), per)]
    for cell in range(cells):
        for number, block in enumerate(blocks):
            mine, place = batch[block], feature[block]
            shares = np.full((2, len(mine), moving.shape[1]), (cell + 0.5) / cells)
            shares[0, np.arange(len(mine)), place] = (cell + 1) / cells
            shares[1, np.arange(len(mine)), place] = cell / cells
            values = said(np.concatenate([mine, mine]), shares.reshape(-1, moving.shape[1]))
            found[:, mine, place] += values[:, : len(mine)] - values[:, len(mine) :]
            progress.update((cell + (number + 1) / len(blocks)) / cells)
    return found


def _missing(by_feature: Floats, departure: Floats, predicted: Floats) -> float:
    missing, size = float(np.abs(by_feature.sum(axis=1) - departure).mean()), float(np.abs(departure).mean())
    nothing = _NOTHING * max(float(np.abs(predicted).mean()), 1.0)
    if size > nothing:
        return missing / size
    return 0.0 if missing <= nothing else float("inf")


def _members(planner: Planner, column: int, plans: Plans, given: Floats | None = None) -> Floats:
    """Return (members, k) what each network says of one output at harvest."""
    courses = planner.ensemble.courses(plans, given)
    chosen = courses.daily[..., STATES.index("titer")] if column == 0 else courses.quality[..., column - 1]
    return at_harvest(chosen[..., None], plans.harvest_h)[..., 0]


@dataclass(frozen=True, eq=False)
class Unfolded:
    """One model's map of the batches `ids`: contributions by setpoint, and by sensor and day."""

    ids: tuple[str, ...]
    setpoints: SetpointPath
    by_setpoint: Shares
    sensors: SensorPath
    by_sensor: Shares

    @property
    def by_lever(self) -> Floats:
        """Return (n, l) contributions to the whole prediction."""
        return np.asarray(self.by_setpoint.by_feature[0])

    @property
    def by_day(self) -> Floats:
        """Return (n, sensors, days) contributions to what the networks say."""
        return np.asarray(self.by_sensor.by_feature[0].reshape(len(self.by_lever), len(SENSORS), -1))


def unfold(
    model: ProcessModel,
    history: History,
    output: str,
    ids: Sequence[str],
    tolerance: float,
    progress: Progress,
    most_cells: tuple[int, int] = (MOST_CELLS, MOST_CELLS),
) -> Unfolded:
    """Share the outcomes of the batches `ids` out.

    Args:
        model: that learned from them.
        history: the batches that it learned from; their recorded courses are what is usual.
        output: titer, or a quality attribute of the model.
        ids: of batches that the model learned from.
        tolerance: of the sums, see `share_out`.
        progress: who listens.
        most_cells: where to stop at the latest, by setpoint and by sensor.
    """
    planner, column, known = Planner(model), model.outputs.index(output), model.known
    rows = np.array([known.ids.index(name) for name in ids], dtype=np.intp)
    usual = np.array(model.levers.usual)
    setpoints = SetpointPath(planner, column, known.settings[rows], usual, known.tags[rows], known.harvest_h[rows])
    recorded = history.recorded
    mine = recorded.take(np.array([history.ids.index(name) for name in ids], dtype=np.intp))
    sensors = SensorPath(planner, column, mine, usual_course(recorded))
    return Unfolded(
        tuple(ids),
        setpoints,
        share_out(setpoints, setpoints.moving, tolerance, progress.part(0.0, 0.3, "setpoints"), most_cells[0]),
        sensors,
        share_out(sensors, sensors.moving, tolerance, progress.part(0.3, 1.0, "sensors by day"), most_cells[1]),
    )
