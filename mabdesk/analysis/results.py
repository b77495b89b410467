"""What an evaluation finds; light types (numpy alone) for the window, the reports and the project file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.models.model import FINISHED_EARLY, TrainedModel


@dataclass(frozen=True)
class Score:
    """One model's errors on one target, over real samples of test batches alone; NaN where it cannot be said.

    `dts` is the paper's formula, near 1 for any model; `dts_centered` the form that can tell models apart.
    """

    model: str
    label: str
    target: str
    rmse: float
    mae: float
    r2: float
    dts: float
    dts_centered: float
    final_day_rmse: float
    n: int
    batches: int


@dataclass(frozen=True)
class BatchScore:
    """One model's errors on one target in one batch; `final_error` is predicted - measured at the last sample."""

    batch: str
    fold: int
    model: str
    target: str
    n: int
    rmse: float
    mae: float
    final_error: float


@dataclass(frozen=True, eq=False)
class Samples:
    """Every real sample of the test batches, each predicted by models that did not see its batch.

    hours (n,) when it was sampled; known_hours (n,) the newest hour that the models knew; measured (n, targets);
    typical (n, targets) mean of the fold's training batches at that age; predicted (models, n, targets); fold (n,).
    low, high (models, n, targets) calibrated bands, NaN where a model has none; raw_low, raw_high alike from dropout
    samples as in the paper, uncalibrated; phase (n,) of the culture at that hour, by the stated rule.
    """

    batch_ids: NDArray[np.str_]
    hours: Floats
    known_hours: Floats
    measured: Floats
    typical: Floats
    predicted: Floats
    fold: NDArray[np.int64]
    low: Floats | None = None
    high: Floats | None = None
    raw_low: Floats | None = None
    raw_high: Floats | None = None
    phase: NDArray[np.str_] | None = None


@dataclass(frozen=True, eq=False)
class Courses:
    """Predictions every 6 h, for charts: hours (m,) that are predicted; predicted, low, high (models, m, targets)."""

    batch_ids: NDArray[np.str_]
    hours: Floats
    predicted: Floats
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True)
class PartScore:
    """One model's errors on one target in one part of the samples.

    `by` says how they were parted: "phase", "day" (of culture), "cell_line" or "scale"; `part` is the name of the part.
    `bias` is the mean of predicted - measured.
    """

    by: str
    part: str
    model: str
    target: str
    n: int
    batches: int
    rmse: float
    mae: float
    bias: float


@dataclass(frozen=True)
class Coverage:
    """Which share of the real samples of batches that took no part lay inside a model's band.

    `band` is "calibrated" or "dropout" (raw, as in the paper); `by` is "all", "phase", "day", "cell_line" or "scale";
    `level` is the share that was asked for; `width` the mean of high - low in the target's unit.
    """

    model: str
    target: str
    band: str
    by: str
    part: str
    level: float
    covered: float
    width: float
    n: int
    batches: int


@dataclass(frozen=True)
class Difference:
    """RMSE(rival) - RMSE(model) with its 95 % interval, whole batches resampled in pairs; above 0: the model is better.

    `rival` is the best simple model that sees no more than the model does.
    """

    model: str
    rival: str
    target: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Claim:
    """What a random split of windows would have claimed of a model: the leak that whole batches avoid.

    `rmse`, `r2` over real samples in windows held out at random, from batches trained on; the true ones are Score's.
    """

    model: str
    target: str
    rmse: float
    r2: float
    n: int


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Models side by side on the same test batches. `models` are kinds, `labels` what people read."""

    preset: str
    folds: int
    models: tuple[str, ...]
    labels: tuple[str, ...]
    targets: tuple[str, ...]
    units: tuple[str, ...]
    samples: Samples
    courses: Courses
    scores: tuple[Score, ...]
    batches: tuple[BatchScore, ...]
    verdict: str
    notes: tuple[str, ...] = ()
    folds_by: str = "batch"  # or "cell_line", "scale": then every fold leaves one of them out
    fold_names: tuple[str, ...] = ()  # what each fold left out ("line D"); empty for folds of batches
    parts: tuple[PartScore, ...] = ()
    differences: tuple[Difference, ...] = ()
    claims: tuple[Claim, ...] = ()
    level: float = 0.95
    coverage: tuple[Coverage, ...] = ()
    phase_rule: str = ""  # the rule in words
    searched_on: str = ""  # the search whose settings were used, where it saw these batches; "" otherwise

    def score(self, model: str, target: str = "") -> Score:
        """Return one model's score, on the first target unless another is named."""
        wanted = (model, target or self.targets[0])
        return next(score for score in self.scores if (score.model, score.target) == wanted)


@dataclass(frozen=True, eq=False)
class Training:
    """A trained model and how it did on the test batches; time is no part of it, so that a rerun gives the same."""

    model: TrainedModel
    evaluation: Evaluation
    epochs: int = 0


@dataclass(frozen=True, eq=False)
class Predictions:
    """A trained model applied to a file: courses every 6 h, and the samples that the file has (none: empty arrays).

    hours (m,), predicted (m, targets); sample_hours (n,), measured and at_samples (n, targets).
    """

    preset: str
    kind: str
    label: str
    targets: tuple[str, ...]
    units: tuple[str, ...]
    batch_ids: NDArray[np.str_]
    hours: Floats
    predicted: Floats
    sample_batch_ids: NDArray[np.str_]
    sample_hours: Floats
    measured: Floats
    at_samples: Floats
    notes: tuple[str, ...] = ()
    low: Floats | None = None  # (m, targets), and alike at the samples below; None where the model has no band
    high: Floats | None = None
    sample_low: Floats | None = None
    sample_high: Floats | None = None
    level: float = 0.95
    coverage: tuple[Coverage, ...] = ()  # over the samples that the file has


def notes_of(value: Any) -> tuple[str, ...]:
    """Return what a result says of itself: notes of an evaluation, or of a training and its model."""
    if isinstance(value, Training):
        return (*value.evaluation.notes, *value.model.notes)
    return tuple(getattr(value, "notes", ()))


def finished_early(notes: Iterable[str]) -> str:
    """Return the note that tells of a training or comparison that was finished early on request, "" for a whole one."""
    return next((note[note.index(FINISHED_EARLY) :] for note in notes if FINISHED_EARLY in note), "")
