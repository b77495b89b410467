"""What is found with a process model; light types (numpy alone) for the window, the reports and the project file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import TrustTest
from mabdesk.data.batch import Floats
from mabdesk.models.process.trained import ProcessModel, Trajectories

FROM_SIMULATED = "The prior comes from simulated plants: nothing in it was learned from real batches."
"""Stands beside every result of a model that starts from the shipped prior."""
NOT_PROVEN = (
    "What the model makes of the batches: setpoints that moved together in them cannot be told apart; "
    "a run is the proof."
)
"""Stands beside every attribution of a process model."""


@dataclass(frozen=True)
class OutputScore:
    """One model's errors at harvest, predicted from the plan alone.

    `model` is "process" (networks and Gaussian process together), "network", "gaussian_process",
    "gaussian_process_quadratic", "quadratic" or "mean"; `on` is "folds" (each batch by models that had not seen it) or
    "test" (batches that took no part).
    """

    model: str
    label: str
    output: str
    on: str
    rmse: float
    mae: float
    r2: float
    n: int


@dataclass(frozen=True)
class OutputGain:
    """RMSE(rival) - RMSE(process model) at harvest, on the folds, with its 95 % interval over batches resampled."""

    rival: str
    label: str
    output: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class CourseScore:
    """Errors of one variable's daily course from the plan, out of fold, over real samples.

    `typical_rmse` is that of the training batches' mean trajectory; `sd` the variable's standard deviation.
    """

    variable: str
    unit: str
    rmse: float
    typical_rmse: float
    sd: float
    n: int


@dataclass(frozen=True)
class DayScore:
    """Errors of the final titer forecast on one day of the running batches, out of fold.

    `plan_rmse` from the plan alone; `last_rate_rmse` the last titer and rate drawn on to harvest; `typical_rmse` the
    last titer plus the training batches' mean gain from that day on.
    """

    day: int
    rmse: float
    plan_rmse: float
    last_rate_rmse: float
    typical_rmse: float
    covered: float
    n: int


@dataclass(frozen=True)
class BandScore:
    """Which share of test batches' real samples (of harvests, for `final`) lay inside the band."""

    variable: str
    final: bool
    level: float
    covered: float
    width: float
    n: int


@dataclass(frozen=True)
class ProcessEvaluation:
    """How good a process model is, beside what one would have used instead."""

    outputs: tuple[str, ...]
    units: tuple[str, ...]
    batches: int
    test_batches: int
    scores: tuple[OutputScore, ...]
    gains: tuple[OutputGain, ...]
    courses: tuple[CourseScore, ...]
    days: tuple[DayScore, ...]
    bands: tuple[BandScore, ...]
    verdict: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ProcessTraining:
    """A fitted process model and how good it is."""

    model: ProcessModel
    evaluation: ProcessEvaluation

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what must be known of it."""
        prior = (FROM_SIMULATED,) if self.model.prior else ()
        return (*prior, *self.evaluation.notes, *self.model.notes)


@dataclass(frozen=True)
class Experience:
    """How far a plan lies from what was run.

    outside       names of setpoints outside of what training batches had
    distance      to the nearest batch, in units of the usual distance between a batch and its nearest neighbor
    nearest       ids of the three nearest training batches, their distances and measured titers at harvest
    disagreement  of the networks about the titer at harvest, in units of the usual error
    inside        whether none of these is beyond its limit
    sentence      says so, and why not
    """

    outside: tuple[str, ...]
    distance: float
    nearest: tuple[str, ...]
    nearest_distances: tuple[float, ...]
    nearest_titers: tuple[float, ...]
    disagreement: float
    inside: bool
    sentence: str


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Plans and what becomes of them.

    names (n,) of the scenarios; levers, settings (n, levers), tags (n, t); said of them; experience of each.
    """

    names: tuple[str, ...]
    levers: tuple[str, ...]
    units: tuple[str, ...]
    settings: Floats
    tag_names: tuple[str, ...]
    tags: NDArray[np.str_]
    said: Trajectories
    variable_units: tuple[str, ...]
    experience: tuple[Experience, ...]
    simulated: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Forecast:
    """Where running batches go, given what was measured so far.

    batch_ids (n,); known_h (n,) the newest sample's hour; harvest_h (n,); settings (n, levers) of the plan;
    hours (n, k), samples (n, k, variables) measured so far; said the course given them, planned that of the plan alone.
    """

    batch_ids: tuple[str, ...]
    known_h: Floats
    harvest_h: Floats
    settings: Floats
    hours: Floats
    samples: Floats
    said: Trajectories
    planned: Trajectories
    variable_units: tuple[str, ...]
    experience: tuple[Experience, ...]
    simulated: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeverImportance:
    """How much a setpoint, or a sensor, moves an output at harvest away from that of the usual plan.

    `kind` is "setpoint" or "sensor"; `mean_abs` in the output's unit over the explained batches; `relative` its share
    among those of its kind; `direction` the correlation of its departure with its contribution; `floor` what models of
    exchanged outcomes give (95 % of them are below), NaN where not measured.
    """

    name: str
    label: str
    kind: str
    mean_abs: float
    relative: float
    direction: float
    floor: float

    @property
    def above_floor(self) -> bool:
        """Whether it tells more than with exchanged outcomes; True where no floor is known."""
        return not self.mean_abs <= self.floor


@dataclass(frozen=True, eq=False)
class ProcessAttribution:
    """What moved an output at harvest (titer or a quality attribute), by setpoint, and by sensor and day.

    batch_ids (n,) explained; levers (l,), by_lever (n, l) contributions, settings (n, l), usual (l,);
    sensors (s,) temperature, dissolved oxygen, pH and feeds; by_day (n, s, days) contributions of each sensor's day;
    predicted, typical (n,) in the output's unit: by_lever sums up to predicted - typical, but for
    `completeness_error`; by_day to that of the networks alone.
    """

    output: str
    unit: str
    batch_ids: tuple[str, ...]
    levers: tuple[str, ...]
    lever_units: tuple[str, ...]
    settings: Floats
    usual: Floats
    by_lever: Floats
    sensors: tuple[str, ...]
    by_day: Floats
    predicted: Floats
    typical: Floats
    ranking: tuple[LeverImportance, ...]
    completeness_error: float
    trust: tuple[TrustTest, ...] = ()
    simulated: bool = False
    notes: tuple[str, ...] = ()

    @property
    def reliable(self) -> bool:
        """Whether no trust test failed."""
        return not any(one.passed is False for one in self.trust)

    @property
    def verdict(self) -> str:
        """One sentence: reliable, or "not reliable: ..." with what failed."""
        failed = [one.sentence.rstrip(".") for one in self.trust if one.passed is False]
        if failed:
            return f"not reliable: {'; '.join(failed)}."
        above = [one.label.lower() for one in self.ranking if one.above_floor and one.kind == "setpoint"]
        standing = f" Standing out from exchanged outcomes: {', '.join(above)}." if above else ""
        return f"reliable: all trust tests passed.{standing}"
