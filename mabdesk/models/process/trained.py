"""A fitted process model as it is kept, and what it says of plans: numpy alone, so that the window can ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Variable
from mabdesk.data.history.levers import Levers, planned_by
from mabdesk.data.history.plans import STATES, Plans
from mabdesk.models.process.ensemble import Ensemble, at_harvest, ensemble_from
from mabdesk.models.surfaces import Surface, surface_from

TITER = STATES.index("titer")
_LEAST_RATIO, _MOST_RATIO = 0.2, 5.0


@dataclass(frozen=True, eq=False)
class KnownBatches:
    """The batches that a model learned from, and what parts of it said of those that they had not seen.

    settings (n, levers); tags (n, t); harvest_h (n,); measured, network, surface, said (n, outputs) at the last sample:
    measured, the networks, the Gaussian process, and both together, out of fold; outputs = titer, then quality.
    courses (n, days + 1, variables) daily, out of fold, from the plan; hours (n, k) and samples (n, k, variables).
    """

    ids: tuple[str, ...]
    settings: Floats
    tags: NDArray[np.str_]
    folds: NDArray[np.int64]
    harvest_h: Floats
    measured: Floats
    network: Floats
    surface: Floats
    said: Floats
    courses: Floats
    hours: Floats
    samples: Floats


@dataclass(frozen=True, eq=False)
class Widths:
    """How wide bands are: half width = reach x root of the sums of squares below.

    levels (l,) that were learned; reach (l, variables), final_reach (l, outputs): NaN where batches are too few;
    daily (days + 1, variables) usual errors by day, out of fold; final (outputs,) alike at the last sample. To their
    squares come those of `stretch` x the members' disagreement, and for `final` of `apart` x |network - surface|.
    """

    levels: Floats
    reach: Floats
    final_reach: Floats
    daily: Floats
    final: Floats
    stretch: float
    apart: float
    source: str = ""


@dataclass(frozen=True, eq=False)
class Memory:
    """How a batch that ran above or below its plan goes on: correlations (p, p) of errors, p = variables x days.

    scale (variables, days + 1) their spread; `names` the variables, those of STATES that follow the plan's course;
    logarithms of ratios for those in `ratios`. share (variables,) of a single sample's error that is noise.
    """

    names: tuple[str, ...]
    ratios: tuple[str, ...]
    scale: Floats
    correlation: Floats
    noise: Floats


@dataclass(frozen=True, eq=False)
class ProcessModel:
    """All that is needed to plan with a fitted process model.

    variables   what it predicts, in order: those of STATES that the site measures, then quality attributes
    shares      (outputs,) the networks' share in titer and quality at harvest; the rest is the Gaussian process's
    prior       what the weights started from, in words; "" for none
    """

    levers: Levers
    variables: tuple[Variable, ...]
    quality: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]
    shares: Floats
    known: KnownBatches
    widths: Widths
    memory: Memory | None
    prior: str
    settings: Mapping[str, Any]
    seed: int
    simulated: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return titer and the quality attributes: what counts at harvest."""
        return ("titer", *self.quality)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of what is predicted."""
        return tuple(variable.name for variable in self.variables)

    def part(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return the arrays below a name."""
        return {name.removeprefix(prefix): value for name, value in self.arrays.items() if name.startswith(prefix)}


@dataclass(frozen=True, eq=False)
class Trajectories:
    """What a model says of n plans.

    days (d,) of culture; mean, low, high (n, d, variables), NaN after harvest, and in bands where there is none;
    final, final_low, final_high (n, outputs) at harvest; network, surface (n, outputs) what each part says of it;
    disagreement (n,) of the members about titer at harvest, as a share of the usual error; usual (outputs,) errors.
    """

    names: tuple[str, ...]
    outputs: tuple[str, ...]
    days: Floats
    mean: Floats
    low: Floats
    high: Floats
    final: Floats
    final_low: Floats
    final_high: Floats
    network: Floats
    surface: Floats
    disagreement: Floats
    level: float


class Planner:
    """Answers for plans. Made once for a model; a plan takes some milliseconds."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.ensemble: Ensemble = ensemble_from(model.part("ensemble/"))
        self.surfaces: tuple[Surface, ...] = tuple(
            surface_from(model.part(f"surface/{name}/")) for name in model.outputs
        )
        self._columns = [(*STATES, *model.quality).index(name) for name in model.names]
        self._outputs = [(*STATES, *model.quality).index(name) for name in model.outputs]

    def plan(self, settings: Floats, tags: NDArray[np.str_], level: float = 0.95) -> Trajectories:
        """Say what becomes of settings (n, levers) with tags (n, t)."""
        return self.run(planned_by(self.model.levers, settings, tags), settings, level)

    def run(self, plans: Plans, settings: Floats, level: float = 0.95, given: Floats | None = None) -> Trajectories:
        """Say what becomes of plans that were laid out; `given` (n, days) is 1 where their feeds were recorded."""
        m = self.model
        courses = self.ensemble.courses(plans, given).both()
        mean, spread = courses.mean(axis=0), courses.std(axis=0)
        network = at_harvest(mean, plans.harvest_h)[:, self._outputs]
        surface = np.stack([one.predict(settings, plans.tags)[0] for one in self.surfaces], axis=1)
        final = np.maximum(m.shares * network + (1 - m.shares) * surface, 0.0)
        mean = self._reconciled(mean, network, final)
        disagreement = at_harvest(spread, plans.harvest_h)[:, self._outputs]
        half = self._half(
            m.widths.final, m.shares * disagreement, np.abs(network - surface), m.widths.final_reach, level
        )
        daily = m.widths.daily[np.minimum(np.arange(plans.days + 1), len(m.widths.daily) - 1)]
        wide = self._half(daily, spread[:, :, self._columns], 0.0, m.widths.reach, level)
        ended = np.arange(plans.days + 1) * 24.0 > plans.harvest_h[:, None] + 24.0 - 1e-6
        shown = np.where(ended[:, :, None], np.nan, mean[:, :, self._columns])
        low, high = self._within(shown, wide)
        return Trajectories(
            m.names, m.outputs, np.arange(plans.days + 1.0), shown, low, high, final,
            np.maximum(final - half, 0.0), final + half, network, surface,
            disagreement[:, 0] / max(float(m.widths.final[0]), 1e-9), level,
        )  # fmt: skip

    def _reconciled(self, mean: Floats, network: Floats, final: Floats) -> Floats:
        """Let the daily course end at the final values: titer in proportion, quality by a shift that grows."""
        found = mean.copy()
        ratio = np.clip(final[:, 0] / np.maximum(network[:, 0], 1e-9), _LEAST_RATIO, _MOST_RATIO)
        found[:, :, TITER] *= ratio[:, None]
        for j, column in enumerate(self._outputs[1:], start=1):
            found[:, :, column] = np.clip(found[:, :, column] + (final - network)[:, j, None], 0.0, 100.0)
        return found

    def _half(self, usual: Floats, spread: Floats, apart: Floats | float, reach: Floats, level: float) -> Floats:
        """Return half widths; NaN where the level was not learned or batches were too few."""
        w = self.model.widths
        at = np.flatnonzero(np.isclose(w.levels, level))
        factor = reach[at[0]] if len(at) else np.full(reach.shape[1], np.nan)
        return np.asarray(factor * np.sqrt(usual**2 + (w.stretch * spread) ** 2 + (w.apart * apart) ** 2))

    def _within(self, mean: Floats, half: Floats) -> tuple[Floats, Floats]:
        """Return low and high inside of what is physically possible; at inoculation titer is nothing."""
        high = np.where(np.array([name == "viability" for name in self.model.names]), 100.0, np.inf)
        return np.maximum(mean - half, 0.0), np.minimum(mean + half, np.maximum(high, mean))
