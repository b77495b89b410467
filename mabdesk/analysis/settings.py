"""The settings of the analysis steps; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.models.settings import KINDS, label_stride
from mabdesk.options import option


@dataclass(frozen=True)
class CompareOptions:
    """What the compare step asks: which models, on how many folds of whole batches."""

    models: tuple[str, ...] = option(
        ("last_value", "mean_trajectory", "ridge", "gaussian_process", "pls", "cnn_lstm"),
        "Models",
        "What to measure side by side",
        choices=tuple(KINDS),
    )
    folds: int = option(5, "Folds", "Every batch is tested once; all is fitted on the other folds", low=2, high=20)
    quick: bool = option(False, "Quick", "Fewer epochs and networks: a first look, less accurate")
    label_stride_h: float = label_stride()
