"""What an attribution finds; light types (numpy alone) for the window, the reports and the project file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

NOT_CAUSE = "Association, not cause: what the model uses, not what would happen if a setpoint were changed."
"""Stands beside every picture of an attribution."""


@dataclass(frozen=True)
class Importance:
    """How much one variable moves a prediction away from the typical one, as Table 6 of the paper ranks them.

    `mean_abs` is the mean of |contribution| over all explained windows, in the target's unit; `relative` its share of
    the sum over variables, with a 95 % interval (`low`, `high`) over whole batches resampled, and the least and largest
    share over refits with other seeds and batches (NaN without refits). `direction` is the correlation of a batch's
    departure from the usual course with its contribution: +1 more of it, more titer; NaN where it never departs.
    `floor` is what a model of shuffled targets gives (95 % of them are below), as `mean_abs`; NaN where unknown.
    """

    variable: str
    unit: str
    mean_abs: float
    relative: float
    low: float
    high: float
    refit_low: float
    refit_high: float
    direction: float
    floor: float

    @property
    def above_floor(self) -> bool:
        """Whether it tells more than a variable does to a model of shuffled targets; True where no floor is known."""
        return not self.mean_abs <= self.floor


@dataclass(frozen=True)
class CrossCheck:
    """Another way to the ranking, and how well both agree: Spearman's rank correlation over variables.

    `method` is "gradient_shap", "linear_shap", "tree_shap", "occlusion" or "permutation"; `mean_abs` are its values in
    the order of the attribution's variables; `windows` how many it looked at. NaN where there is no ranking to compare.
    """

    method: str
    label: str
    spearman: float
    mean_abs: tuple[float, ...]
    windows: int
    sentence: str


@dataclass(frozen=True)
class TrustTest:
    """A light: `test` is "completeness", "stability", "deletion", "permuted_target" or "inert_variables".

    `passed` None: it could not be said, the sentence tells why. `value` was measured, `limit` had to be reached.
    """

    test: str
    label: str
    passed: bool | None
    value: float
    limit: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Attribution:
    """Contributions of variables to the predictions of one target, beside the prediction of a baseline window.

    `method` is "integrated_gradients" or "tree"; `baseline` "mean_trajectory" or "training_mean".
    variables (v,) with their units; channels (c,) of the model's windows, `channel_of` (c,) the variable of each;
    batch_ids, hours, target_hours, learned (n,): windows ordered by batch and hour, and whether the model learned from
    the batch; predicted, typical (n,) of window and baseline, in the target's unit;
    contributions (n, v): their sum over v is predicted - typical, but for the completeness error; by_channel (n, c);
    by_step (n, steps, v): the same, by step of the window, float32;
    shown, usual (n, steps, v): the variable's own values in window and baseline, NaN where it has none, float32;
    disagreement (n, v): standard deviation over the parts of the model (networks, or Gaussian process and SVR).
    """

    kind: str
    label: str
    preset: str
    target: str
    unit: str
    method: str
    baseline: str
    baseline_sentence: str
    rescaled: bool
    step_h: float
    variables: tuple[str, ...]
    units: tuple[str, ...]
    channels: tuple[str, ...]
    channel_of: tuple[int, ...]
    batch_ids: NDArray[np.str_]
    hours: Floats
    target_hours: Floats
    learned: NDArray[np.bool_]
    predicted: Floats
    typical: Floats
    contributions: Floats
    by_channel: Floats
    by_step: NDArray[np.float32]
    shown: NDArray[np.float32]
    usual: NDArray[np.float32]
    disagreement: Floats
    parts: tuple[str, ...]
    ranking: tuple[Importance, ...]
    interpolation_steps: int
    completeness_error: float
    checks: tuple[CrossCheck, ...] = ()
    trust: tuple[TrustTest, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reliable(self) -> bool:
        """Whether no trust test failed."""
        return not any(one.passed is False for one in self.trust)

    @property
    def verdict(self) -> str:
        """One sentence: reliable, or "not reliable: ..." with what failed; and what could not be said."""
        failed = [one.sentence.rstrip(".") for one in self.trust if one.passed is False]
        if failed:
            return f"not reliable: {'; '.join(failed)}."
        unsaid = [one.label.lower() for one in self.trust if one.passed is None]
        if unsaid or not self.trust:
            return f"not tested in full: {', '.join(unsaid) or 'no trust test was run'}."
        return f"reliable: all trust tests passed.{self._standing_out()}"

    def _standing_out(self) -> str:
        """Say which variables show more than shuffled targets give, where that was measured."""
        if not any(np.isfinite(one.floor) for one in self.ranking):
            return ""
        above = [one.variable.replace("_", " ") for one in self.ranking if one.above_floor]
        if above:
            return f" Standing out from shuffled targets: {', '.join(above)}."
        return " The map as a whole repeats, but no single variable stands out from shuffled targets: do not rank them."
