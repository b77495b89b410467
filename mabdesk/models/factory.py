"""From settings to a model: the one door to Keras, opened only when a network is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import OptionsError, TrainingError
from mabdesk.models.devices import why_no_networks
from mabdesk.models.model import TrainedModel, WindowModel
from mabdesk.models.settings import KINDS
from mabdesk.options import from_plain

# By name, because Keras takes 7-13 s to import and scikit-learn 4 s: whoever needs neither waits for neither.
_CLASSES = {
    "last_value": ("mabdesk.models.baselines", "LastValue"),
    "mean_trajectory": ("mabdesk.models.baselines", "MeanTrajectory"),
    "ridge": ("mabdesk.models.baselines", "Ridge"),
    "gaussian_process": ("mabdesk.models.baselines", "GaussianProcess"),
    "pls": ("mabdesk.models.pls", "Pls"),
    "cnn_lstm": ("mabdesk.models.cnn_lstm", "CnnLstm"),
    "cnn_lstm_paper": ("mabdesk.models.cnn_lstm", "PaperCnnLstm"),
}

__all__ = ["KINDS", "create", "load"]


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


def load(trained: TrainedModel) -> WindowModel:
    """Rebuild a trained model from its plain arrays; it predicts the same numbers."""
    model = create(trained.kind, trained.settings, trained.window_plan)
    model.restore(trained.arrays)
    return model
