"""From settings to a model: the one door to Keras, opened only when a network is asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from mabdesk.data.batch import Windows
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import OptionsError, TrainingError
from mabdesk.models.devices import why_no_networks
from mabdesk.models.model import SettingsSearch, TrainedModel, WindowModel
from mabdesk.models.settings import KINDS
from mabdesk.options import from_plain
from mabdesk.progress import Progress

# By name, because Keras takes 7-13 s to import and scikit-learn 4 s: whoever needs neither waits for neither.
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

__all__ = ["KINDS", "create", "create_search", "fine_tune", "load"]


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
