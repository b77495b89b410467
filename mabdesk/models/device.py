"""What trains: processor or graphics card, and why; and how long training will take. Imports no Keras."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mabdesk.data.batch import Dataset
from mabdesk.models.layers import Architecture, architecture, kernel_sizes
from mabdesk.models.settings import KINDS, settings_for
from mabdesk.wording import time_text

LEAST_DRIVER = 525  # of NVIDIA on Linux, for the CUDA 12 that the backends are built with
LEAST_MEMORY_GB = 2.0


@dataclass(frozen=True)
class Device:
    """What will train. `why` is a sentence; `speed` is measured, in multiply-adds of a network a second.

    `problem` is why no network can be trained at all ("" when one can). `backend` is what computes networks, with its
    version.
    """

    kind: str
    name: str
    why: str
    cores: int = 1
    memory_gb: float = 0.0
    driver: str = ""
    speed: float = 0.0
    problem: str = ""
    backend: str = ""


def line(device: Device) -> str:
    """Say the device in a few words."""
    if device.problem:
        return "Device: no networks (why?)"
    return f"Device: {device.kind} (why?)"


def details(device: Device) -> str:
    """Say the device, why it is the one, and the rules that hold on it."""
    memory = f", {device.memory_gb:.1f} GB" if device.memory_gb else ""
    driver = f", driver {device.driver}" if device.driver else ""
    parts = [
        f"{device.kind}: {device.name}{memory}{driver}. {device.why}",
        device.problem,
        f"Networks are computed by {device.backend}." if device.backend else "",
        "Numbers are kept in full float32 (TF32 is off), so that a run can be repeated bit for bit on this device.",
    ]
    if device.kind == "GPU":
        parts.append(
            "GPU memory is taken as it is needed. Where it is not enough, training starts again with half the "
            "minibatch, and then on the CPU; the result says so."
        )
    return "\n\n".join(filter(None, parts))


def multiply_adds(shape: Architecture) -> float:
    """Count the multiply-adds of one window through a network, edges of the convolutions included."""
    width, steps = shape.channels, shape.steps
    total = 0
    if shape.filters:
        sizes = kernel_sizes(steps)
        total += steps * shape.filters * (sizes[0] * width + sum(sizes[1:]) * shape.filters)
        width = shape.filters
    if shape.lstm_1:
        first, second = shape.lstm_1, shape.lstm_2
        total += steps * 4 * (first * (width + first) + second * (first + second))
        width = second
    elif not shape.filters:
        total += steps * width * shape.dense_1 + shape.dense_1 * shape.dense_2
        width = shape.dense_2
    return float(total + width * shape.dense)


@dataclass(frozen=True)
class Extent:
    """How large a dataset is: batches, culture hours of one, samples of one, channels that a model sees.

    `variables` are the measured ones among the channels; 0: not known.
    """

    batches: int
    hours: float
    samples: float
    channels: int
    variables: int = 0


def extent_of(dataset: Dataset) -> Extent:
    """Return how large a dataset is; channels are about what a model makes of its variables."""
    batches = dataset.batches
    names = dataset.names("target")[:1]
    samples = [len(batch.offline.measured(name)[0]) for batch in batches for name in names]
    hours = [batch.duration for batch in batches]
    variables = len(dataset.names("online", "offline"))
    channels = 2 * variables + len(dataset.names("setpoint")) + 4
    count = max(len(batches), 1)
    return Extent(len(batches), sum(hours) / count, sum(samples) / count, channels, variables)


def estimate_seconds(options: Mapping[str, Any], extent: Extent, device: Device) -> float | None:
    """Estimate how long the train or compare step takes; None where nothing is known of the device's speed.

    Args:
        options: the step's, complete or not.
        extent: of the dataset.
        device: with its measured speed.
    """
    kinds = tuple(options.get("models") or (options.get("model", "cnn_lstm"),))
    networks = sum(not KINDS[kind].simple for kind in kinds)
    if networks and not device.speed:
        return None
    folds = int(options.get("folds", 3)) if "models" in options else 1
    share = 0.7 if folds == 1 else 1 - 1 / folds
    one = sum(_kind_seconds(kind, options, extent, share, device.speed) for kind in (*kinds, *_BESIDE))
    cleaning = _CLEANING_S * extent.batches * extent.hours
    fits = folds + ("models" in options and bool(options.get("window_split", True)))
    return _START_S + networks * _TRACING_S + fits * (cleaning + one)


def estimate_text(options: Mapping[str, Any], extent: Extent, device: Device) -> str:
    """Say the estimate: "about 2 min"."""
    seconds = estimate_seconds(options, extent, device)
    return "" if seconds is None else about(seconds)


def about(seconds: float) -> str:
    """Say a duration no finer than an estimate can be."""
    return f"about {time_text(max(5.0 * round(seconds / 5), 5.0))}"


def _kind_seconds(kind: str, options: Mapping[str, Any], extent: Extent, share: float, speed: float) -> float:
    settings = settings_for(kind, bool(options.get("quick")), options.get("epochs"), options.get("members"))
    windows = share * extent.batches * _windows(options, extent)
    if KINDS[kind].simple:
        return float(_SIMPLE_S.get(kind, _LEAST_S) * settings.get("trees", 100) / 100 * windows / 1000)
    steps = max(round(float(options.get("length_h", 24.0)) / float(options.get("step_h", 1.0))), 1)
    channels = extent.channels if settings.get("knowledge", True) else extent.variables or extent.channels
    forward = multiply_adds(architecture(settings, steps, channels, 1))
    members = settings.get("members", 1)
    learned = max(settings.get("mixing", 0), 1) * ((1 - 1 / members) if members > 1 else 1.0) * windows
    epochs = settings["epochs"] * (_BEFORE_PATIENCE_ENDS if "patience" in settings else 1.0)
    return float(members * epochs * learned * _COST * forward / speed)


def _windows(options: Mapping[str, Any], extent: Extent) -> float:
    stride = float(options.get("label_stride_h", 12.0) or 0.0)
    return max(extent.samples, extent.hours / stride if stride else 0.0)


# Fitted to trainings and comparisons of 12 and 50 simulated batches on two cores: tests/benchmarks/bench_estimate.py.
_START_S, _TRACING_S = 0.5, 7.0
_CLEANING_S = 3e-5  # for an hour of a batch
_COST = 4.5  # multiply-adds of a small matrix product that take as long as one of the network in training
_BEFORE_PATIENCE_ENDS = 0.4  # of the epochs
_LEAST_S = 0.1
# For 1000 windows (and 100 trees), with the refits on folds that tell how wide bands must be.
_SIMPLE_S = {
    "linear": 1.4,
    "ridge": 1.4,
    "elastic_net": 4.1,
    "pls": 3.0,
    "svr": 1.2,
    "ridge_svr": 2.5,
    "random_forest": 3.9,
    "gaussian_process": 2.8,
    "gp_svr": 4.5,
}
_BESIDE = ("gaussian_process", "gp_svr")  # fitted beside every trained model
