"""What a study of transfer finds; light types (numpy alone) for the window, the reports and the project file."""

from dataclasses import dataclass

WORDS = {"cell_line": "cell line", "scale": "scale"}
"""What people call the property that is new."""

SIMPLE_LOCAL = {"pls_local": "pls", "ridge_local": "ridge", "gp_local": "gaussian_process"}
"""Methods that learn from local batches alone by a simple model, and its kind."""

LOCAL = ("local", *SIMPLE_LOCAL)
"""All methods that learn from the new group's batches alone."""


@dataclass(frozen=True)
class TransferScore:
    """One way to a model of a new line or scale, from `batches` of its own, over repeated draws of them.

    `method` is "local", "pooled", "pooled_static", "fine_tuned", "pls_local", "ridge_local" or "gp_local"; errors over
    real samples of the batches of the group that were not local in a draw, the same for all methods within it; means
    over `repeats` draws; `rmse_low`, `rmse_high` the least and the largest of the draws.
    """

    method: str
    label: str
    batches: int
    target: str
    rmse: float
    rmse_low: float
    rmse_high: float
    mae: float
    r2: float
    dts: float
    dts_centered: float
    final_day_rmse: float
    n: int
    repeats: int


@dataclass(frozen=True)
class TransferGain:
    """RMSE(best local) - RMSE(method) at one number of local batches, with its interval.

    The interval covers which batches were local and which were tested, and the choice among the transfers; `low` is
    the least over all local ways. NaN limits: too few batches or draws to tell any.
    """

    method: str
    batches: int
    rival: str
    gain: float
    low: float
    high: float
    recommended: bool


@dataclass(frozen=True, eq=False)
class Transfer:
    """How to come to a model of a new line or scale: learning curves, and what is recommended at each size.

    `by` is "cell_line" or "scale", `group` the new one ("D"); `test_ids` all that were tested in some draw; `advice`
    one sentence a size; `verdict` the sentence.
    """

    by: str
    group: str
    kind: str
    preset: str
    targets: tuple[str, ...]
    units: tuple[str, ...]
    sizes: tuple[int, ...]
    source_batches: int
    test_ids: tuple[str, ...]
    scores: tuple[TransferScore, ...]
    gains: tuple[TransferGain, ...]
    advice: tuple[str, ...]
    verdict: str
    notes: tuple[str, ...] = ()
