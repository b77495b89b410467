"""From settings to a model: the one door to Keras, opened only when a network is asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Variable, Windows
from mabdesk.data.history.plans import History
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import OptionsError, TrainingError
from mabdesk.models.devices import why_no_networks
from mabdesk.models.model import SettingsSearch, TrainedModel, WindowModel
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import ProcessModel
from mabdesk.models.settings import KINDS
from mabdesk.options import from_plain
from mabdesk.progress import Progress

# By name, because Keras takes 7-13 s to import, shap 6 s, scikit-learn 4 s: who needs none of them waits for none.
_CLASSES = {
    "last_value": ("mabdesk.models.baselines", "LastValue"),
    "mean_trajectory": ("mabdesk.models.baselines", "MeanTrajectory"),
    "mean_increment": ("mabdesk.models.baselines", "MeanIncrement"),
    "linear": ("mabdesk.models.baselines", "Linear"),
    "ridge": ("mabdesk.models.baselines", "Ridge"),
    "elastic_net": ("mabdesk.models.elastic_net", "ElasticNet"),
    "svr": ("mabdesk.models.support_vectors", "Svr"),
    "ridge_svr": ("mabdesk.models.support_vectors", "RidgeSvr"),
    "random_forest": ("mabdesk.models.forest", "RandomForest"),
    "gp_svr": ("mabdesk.models.blend", "GpSvr"),
    "gaussian_process": ("mabdesk.models.baselines", "GaussianProcess"),
    "pls": ("mabdesk.models.pls", "Pls"),
    "cnn_lstm": ("mabdesk.models.cnn_lstm", "CnnLstm"),
    "feed_forward": ("mabdesk.models.paper_networks", "PaperNetwork"),
    "lstm": ("mabdesk.models.paper_networks", "PaperNetwork"),
    "cnn": ("mabdesk.models.paper_networks", "PaperNetwork"),
    "cnn_lstm_paper": ("mabdesk.models.paper_networks", "PaperNetwork"),
}

_SHAP = "mabdesk.models.explainers"

__all__ = [
    "KINDS",
    "create",
    "create_search",
    "fine_tune",
    "gradient_shap",
    "linear_shap",
    "load",
    "make_process",
    "pretrain",
    "surface_folds",
    "tree_shap",
]


def create(kind: str, settings: Mapping[str, Any], plan: WindowPlan) -> WindowModel:
    """Make an untrained model; `settings` is a plain dictionary, absent names take their default.

    Raises:
        OptionsError: an unknown kind, an unknown setting, or one outside its limits.
        TrainingError: a network is asked for, and TensorFlow cannot be loaded.
    """
    if kind not in KINDS:
        raise OptionsError(f"There is no model {kind!r}.", f"Choose from {', '.join(KINDS)}.")
    fault = "" if KINDS[kind].simple else why_no_networks()
    if fault:
        raise TrainingError(fault, "Choose simple models (ridge, PLS, Gaussian process ...); all else works as before.")
    module, name = _CLASSES[kind]
    model: WindowModel = getattr(import_module(module), name)(from_plain(KINDS[kind].settings, dict(settings)), plan)
    return model


def fine_tune(model: WindowModel, local: Windows, seed: int, progress: Progress) -> WindowModel:
    """Return a copy of a trained network, adapted to windows of a few batches of a new cell line or scale.

    Raises:
        DataError: a target was never measured in them.
        TrainingError: the model has no network, or the loss was never finite.
    """
    tuned: WindowModel = import_module("mabdesk.models.transfer").fine_tune(model, local, seed, progress)
    return tuned


def load(trained: TrainedModel) -> WindowModel:
    """Rebuild a trained model from its plain arrays; it predicts the same numbers."""
    model = create(trained.kind, trained.settings, trained.window_plan)
    model.restore(trained.arrays)
    return model


def create_search(space: Mapping[str, Sequence[Any]], first: Mapping[str, Any], seed: int) -> SettingsSearch:
    """Start a Bayesian search over the choices of every setting; `first` is tried first, where they hold it."""
    search: SettingsSearch = import_module("mabdesk.models.search").BayesianSearch(space, first, seed)
    return search


def gradient_shap(
    model: WindowModel,
    windows: Windows,
    background: Sequence[Windows],
    group: NDArray[np.intp],
    target: int,
    samples: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return shap's expected gradients of one target's whole prediction, by step and channel and by last value.

    Args:
        model: a network, or a linear or kernel model.
        windows: (n) that are explained.
        background: windows that they are compared with, by group.
        group: (n,) position of each window's background.
        target: position of the target.
        samples: drawn for each window.
        seed: of the draws.

    Raises:
        TrainingError: the model has no gradients, or TensorFlow is not what computes networks here.
    """
    fault = why_no_networks()
    if fault:
        raise TrainingError(fault, "Leave this check out; all else works as before.")
    whole = import_module("mabdesk.models.whole_network").whole_network(model, windows, target)
    found: tuple[Floats, Floats] = import_module(_SHAP).gradient_shap(whole, windows, background, group, samples, seed)
    return found


def pretrain(plants: Sequence[History], steps: int, seed: int, progress: Progress) -> bytes:
    """Learn a prior for process models from histories of many plants; returns the content of its file."""
    fault = why_no_networks()
    if fault:
        raise TrainingError(fault, "Nothing can be learned without; the prior that comes with mabdesk is there.")
    pretraining = import_module("mabdesk.models.process.pretraining")
    prior = pretraining.pretrain(list(plants), pretraining.Schooling(steps=steps), seed, progress)
    content: bytes = import_module("mabdesk.models.process.prior").prior_bytes(prior)
    return content


def make_process(
    history: History, variables: tuple[Variable, ...], options: ProcessOptions, seed: int, progress: Progress
) -> ProcessModel:
    """Fit a process model to these batches, from the prior that the options name.

    Raises:
        TrainingError: TensorFlow cannot be loaded, or the loss was not finite.
        DataError: the prior is none.
    """
    fault = why_no_networks()
    if fault:
        raise TrainingError(fault, "The process model needs it; titer models without networks work as before.")
    prior = import_module("mabdesk.models.process.prior").chosen_prior(options.prior)
    making = import_module("mabdesk.models.process.making")
    model: ProcessModel = making.make_process_model(history, variables, options, prior, seed, progress)
    return model


def surface_folds(
    kind: str,
    levers: Sequence[str],
    settings: Floats,
    tag_names: Sequence[str],
    tags: NDArray[np.str_],
    target: Floats,
    seed: int,
    folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> Floats:
    """Return (n,) what response surfaces say of batches that they had not seen, as `response_surface.out_of_fold`."""
    surfaces = import_module("mabdesk.models.response_surface")
    said: Floats = surfaces.out_of_fold(kind, levers, settings, tag_names, tags, target, seed, folds)
    return said


def linear_shap(
    model: WindowModel, windows: Windows, background: Sequence[Windows], group: NDArray[np.intp], target: int
) -> tuple[Floats, Floats]:
    """Return what shap's linear explainer says of one target, as `gradient_shap` does.

    Raises:
        TrainingError: the model is not linear.
    """
    found: tuple[Floats, Floats] = import_module(_SHAP).linear_shap(model, windows, background, group, target)
    return found


def tree_shap(model: WindowModel, windows: Windows, baseline: Windows, target: int) -> tuple[Floats, Floats]:
    """Return exact contributions (n, steps, channels) and (n, targets) of a random forest, row by row.

    They add up to what is predicted of the windows (n) less what is predicted of the baseline (n).

    Raises:
        TrainingError: the model is no random forest.
    """
    found: tuple[Floats, Floats] = import_module(_SHAP).tree_shap(model, windows, baseline, target)
    return found
