"""What a search for settings finds; light types (numpy alone) for the window, the reports and the project file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mabdesk.analysis.results import Evaluation
from mabdesk.models.settings import KINDS
from mabdesk.options import options_of

SPACE: Mapping[str, tuple[Any, ...]] = {
    "filters": (32, 64, 128),
    "lstm_1": (64, 128, 256),
    "lstm_2": (32, 64, 128),
    "dropout": (0.1, 0.3, 0.5),
    "learning_rate": (1e-4, 1e-3, 1e-2),
}
"""What is searched: Table 3 of the paper (Zheng et al. 2024)."""
METHOD = (
    1  # counts up when a trial of the same settings would give another loss: kept trials of before then count no more
)


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

    @property
    def failures(self) -> tuple[Trial, ...]:
        """The trials that gave no loss."""
        return tuple(trial for trial in self.trials if trial.loss is None)

    @property
    def ranked(self) -> tuple[Trial, ...]:
        """The trials that gave a loss, the best first."""
        return ranked(self.trials)


def ranked(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the trials that gave a loss, the best first; of equals the first that was tried."""
    losses = {trial.number: trial.loss for trial in trials if trial.loss is not None}
    return tuple(sorted((t for t in trials if t.number in losses), key=lambda t: (losses[t.number], t.number)))


def in_words(kind: str, settings: Mapping[str, Any]) -> str:
    """Say settings as people read them: "filters 64, first LSTM 128"."""
    labels = {option.name: option.label for option in options_of(KINDS[kind].settings)}
    ordered = [name for name in labels if name in settings]
    return ", ".join(f"{_inside(labels[name])} {settings[name]:g}" for name in ordered)


def _inside(label: str) -> str:
    """Write a label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]
