"""The settings of every kind of titer model; light, for forms and the command line. Imports no Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mabdesk.models.simple_settings import (
    ElasticNetSettings,
    GaussianProcessSettings,
    GpSvrSettings,
    LastValueSettings,
    LinearSettings,
    MeanIncrementSettings,
    MeanTrajectorySettings,
    PlsSettings,
    RandomForestSettings,
    RidgeSettings,
    RidgeSvrSettings,
    SvrSettings,
)
from mabdesk.options import from_plain, option, to_plain


@dataclass(frozen=True)
class PaperTraining:
    """How the paper trains a network (Zheng et al. 2024, 3.3): absolute titer, Adam, early stopping."""

    dropout: float = option(0.3, "Dropout", "Share of outputs dropped in training", low=0, high=0.9)
    learning_rate: float = option(1e-3, "Learning rate", "Step size of Adam", low=1e-6, high=0.1)
    minibatch: int = option(64, "Minibatch", "Windows in one training step", low=1, high=4096)
    epochs: int = option(100, "Epochs", "Most passes over the training windows", low=1, high=10000)
    patience: int = option(20, "Patience", "Epochs without a better validation loss before stopping", low=1, high=1000)
    quality_weight: float = option(1.0, "Quality weight", "Weight of the quality attribute in the loss", low=0, high=10)
    knowledge: bool = option(
        False,
        "Process knowledge",
        "Also sees culture age, integrated viable cells, previous samples, setpoints and tags; the paper does not",
    )


@dataclass(frozen=True)
class FeedForwardSettings(PaperTraining):
    """Dense layers on the flattened window, trained as in the paper (Table 5's feed-forward network)."""

    dense_1: int = option(128, "First layer", "Units of the first dense layer", low=2, high=1024)
    dense_2: int = option(64, "Second layer", "Units of the second dense layer", low=2, high=1024)


@dataclass(frozen=True)
class LstmSettings(PaperTraining):
    """The paper's network without convolutions (Table 5's LSTM)."""

    lstm_1: int = option(128, "First LSTM", "Units of the first LSTM", low=4, high=512)
    lstm_2: int = option(64, "Second LSTM", "Units of the second LSTM", low=4, high=512)
    dense: int = option(32, "Dense", "Units of the dense layer", low=2, high=256)


@dataclass(frozen=True)
class CnnSettings(PaperTraining):
    """The paper's network without LSTMs: convolutions, then the mean over the window (Table 5's CNN)."""

    filters: int = option(64, "Filters", "Filters of each convolution", low=4, high=512)
    dense: int = option(32, "Dense", "Units of the dense layer", low=2, high=256)


@dataclass(frozen=True)
class PaperSettings(PaperTraining):
    """The paper's network and training (Zheng et al. 2024, Tables 2 and 3): absolute titer, no help from physics."""

    filters: int = option(64, "Filters", "Filters of each convolution", low=4, high=512)
    lstm_1: int = option(128, "First LSTM", "Units of the first LSTM", low=4, high=512)
    lstm_2: int = option(64, "Second LSTM", "Units of the second LSTM", low=4, high=512)
    dense: int = option(32, "Dense", "Units of the dense layer", low=2, high=256)


@dataclass(frozen=True)
class CnnLstmSettings:
    """The paper's network on physical targets, mixed with a simple model as far as held-out batches ask."""

    filters: int = option(64, "Filters", "Filters of each convolution", low=4, high=512)
    lstm_1: int = option(128, "First LSTM", "Units of the first LSTM", low=4, high=512)
    lstm_2: int = option(64, "Second LSTM", "Units of the second LSTM", low=4, high=512)
    dense: int = option(32, "Dense", "Units of the dense layer", low=2, high=256)
    dropout: float = option(0.3, "Dropout", "Share of LSTM outputs dropped in training", low=0, high=0.9)
    learning_rate: float = option(1e-3, "Learning rate", "Highest step size of AdamW", low=1e-6, high=0.1)
    minibatch: int = option(64, "Minibatch", "Windows in one training step", low=1, high=4096)
    epochs: int = option(6, "Epochs", "Passes over the mixtures of training windows", low=1, high=10000)
    warm_up: int = option(
        3, "Warm-up", "Epochs in which the learning rate rises, then falls as a cosine", low=0, high=50
    )
    weight_decay: float = option(1e-4, "Weight decay", "AdamW's pull of the weights to zero", low=0, high=1)
    clip_norm: float = option(1.0, "Gradient norm", "Longer gradients are cut to this norm", low=1e-3, high=1000)
    jitter: float = option(0.5, "Input noise", "One random offset per window and channel in training", low=0, high=5)
    mixing: int = option(
        2,
        "Mixtures",
        "Mixtures of two windows per window that networks learn from; 0: the windows themselves",
        low=0,
        high=10,
    )
    members: int = option(
        4,
        "Networks",
        "Networks averaged; each leaves out a fold of batches, which tells how far to trust it",
        low=2,
        high=20,
    )
    quality_weight: float = option(0.3, "Quality weight", "Weight of the quality attribute in the loss", low=0, high=10)
    noise: float = option(0.2, "Noise", "As for the Gaussian process", low=1e-4, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class Kind:
    """A kind of model: its settings, the name that people read, and whether it sees measured titers by design."""

    settings: type[Any]
    label: str
    simple: bool = True


# In the order of simplicity: fewer things are fitted, and fewer can go wrong.
KINDS: Mapping[str, Kind] = {
    "last_value": Kind(LastValueSettings, "Last value"),
    "mean_trajectory": Kind(MeanTrajectorySettings, "Mean trajectory"),
    "mean_increment": Kind(MeanIncrementSettings, "Last value + usual gain"),
    "linear": Kind(LinearSettings, "Multiple linear regression"),
    "ridge": Kind(RidgeSettings, "Linear (ridge)"),
    "elastic_net": Kind(ElasticNetSettings, "ElasticNet"),
    "pls": Kind(PlsSettings, "PLS"),
    "svr": Kind(SvrSettings, "Support vector regression"),
    "ridge_svr": Kind(RidgeSvrSettings, "Mean of ridge and SVR"),
    "random_forest": Kind(RandomForestSettings, "Random forest"),
    "gaussian_process": Kind(GaussianProcessSettings, "Gaussian process"),
    "gp_svr": Kind(GpSvrSettings, "Mean of GP and SVR"),
    "feed_forward": Kind(FeedForwardSettings, "Feed-forward network", simple=False),
    "lstm": Kind(LstmSettings, "LSTM", simple=False),
    "cnn": Kind(CnnSettings, "CNN", simple=False),
    "cnn_lstm": Kind(CnnLstmSettings, "CNN-LSTM", simple=False),
    "cnn_lstm_paper": Kind(PaperSettings, "CNN-LSTM as in the paper", simple=False),
}
USES_MEASURED_TITER = ("last_value", "mean_increment")
"""Kinds that start from the last measured titer by design: no fair rivals of a soft sensor, which must do without."""
BASE_OF: Mapping[str, str] = {"cnn_lstm": "gp_svr"}
"""What a network is mixed with: always measured beside it, or its merit would be taken for the network's."""
_SIMPLEST_FIRST = tuple(KINDS)


def with_bases(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return these kinds, each after what it is mixed with, where that is not among them."""
    found: list[str] = []
    for kind in kinds:
        base = BASE_OF.get(kind, "")
        found += [base, kind] if base and base not in kinds else [kind]
    return tuple(found)


def is_simpler(kind: str, other: str) -> bool:
    """Tell whether one kind of model is simpler than another: fewer things are fitted, and fewer can go wrong."""
    return _SIMPLEST_FIRST.index(kind) < _SIMPLEST_FIRST.index(other)


QUICK: Mapping[str, Mapping[str, Any]] = {
    "cnn_lstm": {"epochs": 4, "warm_up": 1, "mixing": 1, "members": 2},
    **{kind: {"epochs": 8, "patience": 4} for kind in ("feed_forward", "lstm", "cnn", "cnn_lstm_paper")},
    "random_forest": {"trees": 60},
}


def label_stride() -> Any:
    """Declare how densely training windows are labeled; training and comparing ask alike."""
    return option(
        12.0,
        "Training labels",
        "Training windows between samples, every so many hours, with interpolated titers; 0: real samples only. "
        "Scores always use real samples",
        unit="h",
        low=0,
        high=48,
    )


def settings_from() -> Any:
    """Declare whose settings are used; training and comparing ask alike."""
    return option("", "Settings from", "A search (search-1) whose best settings its model gets; none: the model's own")


def band_level() -> Any:
    """Declare what share of samples a band should hold; training, comparing and predicting ask alike."""
    return option(
        0.95,
        "Band level",
        "Share of samples that a band should hold; 0.95 needs 19 batches, 0.9 needs 9",
        low=0.5,
        high=0.99,
    )


@dataclass(frozen=True)
class TrainOptions:
    """What the train step asks: which model, and how much of it. None leaves the model's own setting."""

    model: str = option("cnn_lstm", "Model", "What kind of model to train", choices=tuple(KINDS))
    quick: bool = option(False, "Quick", "Fewer epochs and networks: a first look, less accurate")
    epochs: int | None = option(
        None, "Epochs", "Passes over the training windows; none: the model's own", low=1, high=10000
    )
    members: int | None = option(None, "Networks", "Networks averaged; none: the model's own", low=2, high=20)
    settings_from: str = settings_from()
    label_stride_h: float = label_stride()
    level: float = band_level()


def label_of(kind: str, preset: str) -> str:
    """Return the name that people read; it says where a soft sensor's rival sees titers that a soft sensor lacks."""
    if kind in USES_MEASURED_TITER and preset == "soft_sensor":
        return f"{KINDS[kind].label} (uses measured titer)"
    return KINDS[kind].label


def settings_for(
    kind: str, quick: bool = False, epochs: int | None = None, members: int | None = None
) -> dict[str, Any]:
    """Return a kind's settings as a plain dictionary, shortened when `quick`, with the overrides that it knows."""
    declared = to_plain(KINDS[kind].settings())
    shortened = dict(QUICK.get(kind, {})) if quick else {}
    given = {"epochs": epochs, "members": members}
    overrides = {name: value for name, value in given.items() if value is not None and name in declared}
    return to_plain(from_plain(KINDS[kind].settings, {**declared, **shortened, **overrides}))
