"""The settings of the analysis steps; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.models.settings import KINDS, band_level, label_stride, settings_from
from mabdesk.options import option

SEARCHED = ("cnn_lstm", "cnn_lstm_paper")
TRANSFERRED = ("cnn_lstm", "cnn_lstm_paper")


@dataclass(frozen=True)
class CompareOptions:
    """What the compare step asks: which models, on which folds of whole batches."""

    models: tuple[str, ...] = option(
        (
            "last_value", "mean_trajectory", "mean_increment", "linear", "ridge", "elastic_net", "pls", "svr",
            "ridge_svr", "random_forest", "gaussian_process", "gp_svr", "cnn_lstm",
        ),
        "Models",
        "What to measure side by side",
        choices=tuple(KINDS),
    )  # fmt: skip
    folds_by: str = option(
        "batch",
        "Folds by",
        "batch: every batch is tested once; cell_line, scale: each fold leaves one line or scale out",
        choices=("batch", "cell_line", "scale"),
    )
    folds: int = option(
        5, "Folds", "With folds by batch: every batch is tested once, by models fitted without it", low=2, high=20
    )
    quick: bool = option(False, "Quick", "Fewer epochs and networks: a first look, less accurate")
    settings_from: str = settings_from()
    window_split: bool = option(
        True, "Random windows", "Also say what a random split of windows, which leaks, would have claimed"
    )
    label_stride_h: float = label_stride()
    level: float = band_level()


@dataclass(frozen=True)
class SearchOptions:
    """What the search step asks."""

    model: str = option("cnn_lstm", "Model", "Whose settings are searched", choices=SEARCHED)
    trials: int = option(
        30, "Trials", "Settings to try; finished ones are kept, and searching again goes on", low=1, high=500
    )
    folds: int = option(3, "Folds", "Folds of whole batches that a trial is measured on", low=2, high=10)
    epochs: int = option(4, "Epochs", "Of every trial: one fixed, cheap budget", low=1, high=200)
    top: int = option(5, "Measured again", "Best trials that are measured again in full on all folds", low=1, high=20)
    outer_folds: int = option(
        0, "Outer folds", "Search anew inside each of so many folds, for an honest verdict; 0: none", low=0, high=10
    )
    label_stride_h: float = label_stride()


@dataclass(frozen=True)
class TransferOptions:
    """What the transfer step asks."""

    by: str = option("cell_line", "New", "What is new: a cell line or a scale", choices=("cell_line", "scale"))
    group: str = option(
        "", "Which one", "The new line or scale (D, 2000 L); none: the one with the fewest batches that is enough"
    )
    model: str = option("cnn_lstm", "Model", "The network that is transferred", choices=TRANSFERRED)
    sizes: tuple[str, ...] = option(
        ("2", "4", "8"), "Local batches", "How many batches of its own are there to learn from"
    )
    repeats: int = option(5, "Draws", "Times that the local batches are drawn anew", low=1, high=20)
    quick: bool = option(False, "Quick", "Fewer epochs and networks: a first look, less accurate")
    label_stride_h: float = label_stride()


@dataclass(frozen=True)
class ExplainOptions:
    """What the explain step asks."""

    target: str = option("", "Target", "What is explained: the titer or the quality attribute; none: the first target")
    baseline: str = option(
        "mean_trajectory",
        "Compared with",
        "mean_trajectory: the training batches' mean at the same culture hour; training_mean: their mean of all hours",
        choices=("mean_trajectory", "training_mean"),
    )
    stride_h: float = option(24.0, "One window every", "Windows that are explained", unit="h", low=1, high=168)
    tolerance: float = option(
        0.01,
        "Completeness",
        "Largest error of the sum of contributions, as a share of the mean departure; steps are added until it holds",
        low=1e-4,
        high=0.2,
    )
    rescaling: bool = option(
        False,
        "Temporal rescaling",
        "Weigh the steps of a window by what leaving them out changes (Ismail et al. 2020): slower",
    )
    refits: int = option(
        4, "Refits", "Models of halves of the batches, with other seeds, in pairs: tells stability", low=2, high=10
    )
    permuted: int = option(
        6,
        "Shuffled targets",
        "Models trained on the target of other batches: what a map shows of nothing",
        low=4,
        high=20,
    )
    checks: bool = option(True, "Cross-checks", "Rank the variables also by shap, occlusion and permutation")


@dataclass(frozen=True)
class WhatIfOptions:
    """Plans to try on a process model."""

    scenarios: tuple[str, ...] = option(
        (), "Scenarios", "Plans as NAME: setpoint=value, setpoint=value; what is not named is as usual"
    )
    tags: tuple[str, ...] = option((), "Tags", "Properties as NAME=VALUE, such as cell_line=A; none: the most frequent")
    level: float = band_level()


@dataclass(frozen=True)
class ForecastOptions:
    """How a running batch is forecast."""

    level: float = band_level()


@dataclass(frozen=True)
class ExplainProcessOptions:
    """What moved an output at harvest."""

    output: str = option("titer", "Output", "Titer, or a quality attribute, at harvest")
    batches: int = option(24, "Batches", "How many batches are explained, evenly chosen", low=4, high=200)
    permuted: int = option(
        4, "Exchanged outcomes", "Models fitted to outcomes of other batches: what chance gives", low=2, high=20
    )
