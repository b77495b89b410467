"""What the parts of an explanation share: windows, their baselines, and contributions by channel and by variable."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.models.model import WindowModel


@dataclass(frozen=True, eq=False)
class Contributions:
    """Contributions to the prediction of one target, in its unit; with them, predicted - typical is explained.

    by_step (n, steps, channels); last (n, targets) of the last measured targets that the model starts from; part_sums
    (parts, n, channels + targets) of each part of the model, in the order of `by_channel`; predicted, typical (n,) of
    windows and baselines; `error` the mean |sum - (predicted - typical)| as a share of the mean |predicted - typical|.
    """

    by_step: Floats
    last: Floats
    part_sums: Floats
    parts: tuple[str, ...]
    predicted: Floats
    typical: Floats
    interpolation_steps: int
    error: float

    @property
    def by_channel(self) -> Floats:
        """Return (n, channels + targets): sums over the window's steps, then the last measured targets."""
        return np.concatenate([self.by_step.sum(axis=1), self.last], axis=1)


@dataclass(frozen=True)
class Grouping:
    """Which variable each channel tells of: `channels` are the windows', then "last_<target>" for every target.

    `channel_of` is -1 for the last value of a target that is no variable here: a soft sensor does not look at it.
    """

    variables: tuple[str, ...]
    channels: tuple[str, ...]
    channel_of: tuple[int, ...]

    def by_variable(self, by_channel: Floats) -> Floats:
        """Sum (..., channels + targets) to (..., variables)."""
        members = np.zeros((len(self.channels), len(self.variables) + 1))
        members[np.arange(len(self.channels)), list(self.channel_of)] = 1.0
        return np.asarray(by_channel @ members[:, :-1])  # the last column takes the channels of no variable

    def channels_of(self, variable: int) -> list[int]:
        """Return the positions of a variable's channels, those of the last measured targets included."""
        return [place for place, mine in enumerate(self.channel_of) if mine == variable]


@dataclass(frozen=True, eq=False)
class Explained:
    """A model, the windows that are explained (n), their baselines row by row (n), and what came out.

    `known`: windows of the batches that the model learned from, ending at the same hours as those explained.
    """

    model: WindowModel
    windows: Windows
    baseline: Windows
    known: Windows
    target: int
    grouping: Grouping
    contributions: Contributions

    @property
    def by_variable(self) -> Floats:
        """Return (n, variables) contributions."""
        return self.grouping.by_variable(self.contributions.by_channel)


def mean_abs(by_variable: Floats) -> Floats:
    """Return (variables,): the mean size of the contributions (n, variables)."""
    return np.asarray(np.abs(by_variable).mean(axis=0))


def evenly(count: int, most: int) -> NDArray[np.intp]:
    """Spread at most so many rows evenly over all of them; they are ordered by batch and hour."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
