"""Cleaning: what is estimated (from training batches alone), what is changed, and the list of every change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.settings import CleaningPlan


@dataclass(frozen=True, eq=False)
class FittedCleaning:
    """A plan and all that was estimated for it, in plain values that a codec can store.

    `online` and `offline` name the columns in the order of `arrays`; `excluded` gives the reason why a column is no
    input; `panels` groups offline variables that are sampled together; `step_h` is the usual distance of online rows;
    `reach_h` is how far the hindsight part of cleaning looks ahead. Inside it windows use values known by their end.
    """

    plan: CleaningPlan
    online: tuple[str, ...]
    offline: tuple[str, ...]
    excluded: Mapping[str, str]
    panels: tuple[tuple[str, ...], ...]
    training_ids: tuple[str, ...]
    step_h: float
    reach_h: float
    arrays: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
