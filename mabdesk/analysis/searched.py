"""What a search for settings finds; light types (numpy alone) for the window, the reports and the project file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mabdesk.analysis.results import Evaluation


@dataclass(frozen=True)
class Trial:
    """One trial of a search: number from 1, the settings tried, the loss; `fault` in words where it has none."""

    number: int
    settings: Mapping[str, Any]
    loss: float | None
    fault: str = ""


@dataclass(frozen=True)
class Rescored:
    """One of the best trials, measured again on all folds: RMSE of the first target, and its loss there."""

    number: int
    loss: float
    rmse: float


@dataclass(frozen=True, eq=False)
class Search:
    """A search over settings of one kind of model. `loss` is the mean squared error of held-out batches' samples.

    In units of each target's variance. `space` gives every setting's choices; `best` the settings that won after the
    top trials were measured again on all folds; `batch_ids` the batches that the search saw; `budget` in words.
    `nested` are outer folds with a search inside each: what an honest verdict comes from; None where none were asked.
    """

    kind: str
    preset: str
    space: Mapping[str, tuple[Any, ...]]
    trials: tuple[Trial, ...]
    rescored: tuple[Rescored, ...]
    best: Mapping[str, Any]
    duplicates: int
    exhausted: bool
    batch_ids: tuple[str, ...]
    budget: str
    verdict: str
    nested: Evaluation | None = None
    notes: tuple[str, ...] = ()
