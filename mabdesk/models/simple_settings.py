"""The settings of the simple kinds of titer model; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.options import option


@dataclass(frozen=True)
class LastValueSettings:
    """Nothing to set: the last measured titer is the prediction."""


@dataclass(frozen=True)
class MeanTrajectorySettings:
    """Nothing to set: the training mean at the same culture age is the prediction."""


@dataclass(frozen=True)
class RidgeSettings:
    """Linear model on what a window shows, for titer per scale (IVCD or VCD x lead) where VCD is measured."""

    alpha: float = option(30.0, "Ridge penalty", "Larger pulls the coefficients to zero", low=1e-6, high=1e6)
    physical: bool = option(
        True,
        "Physical target",
        "Predict titer per integrated viable cells (soft sensor) or titer gained per cells and time (forecast)",
    )


@dataclass(frozen=True)
class GaussianProcessSettings:
    """Gaussian process on the same inputs: a straight line plus smooth bends, in closed form."""

    noise: float = option(0.2, "Noise", "Share of the target's variance that no input explains", low=1e-4, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class GpSvrSettings:
    """Mean of Gaussian process and support vector regression, the CNN-LSTM's other part."""

    noise: float = option(0.2, "Noise", "As for the Gaussian process", low=1e-4, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class PlsSettings:
    """Partial least squares on the same inputs as the ridge."""

    max_components: int = option(12, "Most components", "The number used is chosen inside training", low=1, high=40)
    folds: int = option(4, "Inner folds", "Folds of whole training batches that choose it", low=2, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class MeanIncrementSettings:
    """Nothing to set: the last measured value plus what training batches gained between the two ages on average."""


@dataclass(frozen=True)
class LinearSettings:
    """Multiple linear regression by least squares, the paper's simplest model."""

    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class ElasticNetSettings:
    """Linear model whose penalty also drops inputs; its strength is chosen on whole batches inside training."""

    l1_share: float = option(0.5, "L1 share", "1 drops inputs (lasso), 0 shrinks them (ridge)", low=0.01, high=1)
    folds: int = option(4, "Inner folds", "Folds of whole training batches that choose the strength", low=2, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class RandomForestSettings:
    """Random forest on the same inputs."""

    trees: int = option(100, "Trees", "Trees averaged", low=10, high=1000)
    least_leaf: int = option(3, "Least leaf", "Fewest windows in a leaf", low=1, high=50)
    share: float = option(0.33, "Share of inputs", "Inputs tried at each split", low=0.05, high=1)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class SvrSettings:
    """Support vector regression with radial basis functions on the same inputs."""

    penalty: float = option(10.0, "Penalty C", "Larger follows the training windows more closely", low=1e-3, high=1e4)
    tube: float = option(0.1, "Tube", "Errors below this share of the spread cost nothing", low=0, high=1)
    width: float = option(0.05, "Width", "Of the squared distance per input: larger bends more", low=1e-3, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")


@dataclass(frozen=True)
class RidgeSvrSettings:
    """Mean of ridge and support vector regression: cheap, and hard to beat."""

    alpha: float = option(30.0, "Ridge penalty", "As for the ridge", low=1e-6, high=1e6)
    penalty: float = option(10.0, "Penalty C", "As for the support vector regression", low=1e-3, high=1e4)
    tube: float = option(0.1, "Tube", "As for the support vector regression", low=0, high=1)
    width: float = option(0.05, "Width", "As for the support vector regression", low=1e-3, high=10)
    physical: bool = option(True, "Physical target", "As for the ridge: the better form of the target")
