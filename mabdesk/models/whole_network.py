"""A whole prediction as one Keras model: summaries, kernels, networks, mixing, physical scale and offset, in keras.ops.

It says what the model says (a test compares them), by code of its own: explainers that ask the backend for gradients
are then a check of the analytic ones. What is known, and what follows from hours alone, comes in as inputs beside the
values, so that background windows can share them and nothing is attributed to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import TrainingError
from mabdesk.models import backend
from mabdesk.models.blend import Blend
from mabdesk.models.cnn_lstm import CnnLstm
from mabdesk.models.kernel import BENDS, INTERCEPT, LINEAR, WIDTH, KernelFit
from mabdesk.models.linear import Design, LinearFit
from mabdesk.models.model import WindowModel
from mabdesk.models.network import build_network
from mabdesk.models.network_model import NetworkModel
from mabdesk.models.physical import TITER, Target, lead_hours
from mabdesk.models.simple import Summary
from mabdesk.models.summaries import CLIP, divisors
from mabdesk.models.support_vectors import MeanFit, SvrFit

_LEAST_SCALE = 1e-6


@dataclass(frozen=True, eq=False)
class WholeNetwork:
    """`network`: inputs as `feeds` gives them, output (n, 1): the prediction of one target, or (n, targets)."""

    network: keras.Model
    target: Target | None  # scale and offset; None where a network says the target itself

    def feeds(self, windows: Windows) -> list[Floats]:
        """Return values (n, steps, channels), whether they are known, last measured targets (n, targets), context."""
        there = np.isfinite(windows.x)
        filled = np.where(there, windows.x, 0.0)
        last = np.where(np.isfinite(windows.last), windows.last, 0.0)
        return [np.asarray(one, dtype=np.float32) for one in (filled, there, last, self._context(windows))]

    def outputs(self, windows: Windows) -> Floats:
        """Return (n, outputs) in the targets' units."""
        return np.asarray(self.network.predict(self.feeds(windows), batch_size=256, verbose=0), dtype=np.float64)

    def _context(self, windows: Windows) -> Floats:
        """Return (n, targets, 4): start of the offset, whether it follows the last value, lead, a driver's stand-in."""
        found = np.zeros((len(windows), len(windows.targets), 4))
        found[:, :, 2] = 1.0
        for j, name in enumerate(windows.targets if self.target else ()):
            self._context_of(windows, j, name == TITER, found[:, j])
        return found

    def _context_of(self, windows: Windows, j: int, titer: bool, found: Floats) -> None:
        if self.target is None:
            return
        ahead, typical = self.target.forecast and titer, self.target.means[j].at(windows.target_hours)
        follows = np.isfinite(windows.last[:, j]) & ahead
        if ahead:
            found[:, 1], found[:, 2] = follows, lead_hours(windows, j)
        if self.target.drivers[j]:
            found[:, 3] = np.nan_to_num(self.target.curves[j].at(windows.hours), nan=0.0)
        else:
            before = self.target.means[j].at(np.nan_to_num(windows.last_hours[:, j], nan=0.0))
            found[:, 0] = typical - np.where(follows, before, 0.0)


def whole_network(model: WindowModel, windows: Windows, target: int | None = None) -> WholeNetwork:
    """Build the Keras model of a trained model's whole prediction.

    Args:
        model: trained; a network, or a linear or kernel model of window summaries.
        windows: whose channels, targets and steps it is for.
        target: position of the one target that it predicts; None: all.

    Raises:
        TrainingError: the model has no gradients, or Keras computes with something else than TensorFlow.
    """
    if backend.NAME != "tensorflow":
        raise TrainingError(
            f"shap's gradients need TensorFlow; networks are computed by {backend.NAME} here.",
            "Start with Keras' TensorFlow backend for this check; all else works as before.",
        )
    steps, channels = windows.x.shape[1:]
    count = len(windows.targets)
    x, there = keras.Input((steps, channels), name="x"), keras.Input((steps, channels), name="there")
    last, context = keras.Input((count,), name="last"), keras.Input((count, 4), name="context")
    rates, scale = _rates(model, x, there)
    said = rates if scale is None else _InUnits(scale, windows.channels)([rates, x, there, last, context])
    inputs = [x, there, last, context]
    return WholeNetwork(keras.Model(inputs, _Chosen(target)([said, *inputs])), scale)


def _rates(model: Any, x: Any, there: Any) -> tuple[Any, Target | None]:
    """Return what is learned (n, targets), and the scale and offset that turn it into units, if any."""
    if isinstance(model, CnnLstm) and model.base is not None:
        base = _of_fit(model.base, x, there)
        if not model.share.any():
            return base, model.base.design.target
        said = _Networks(model)([x, there])
        return _Mixed(model.share)([base, said]), model.base.design.target
    if isinstance(model, NetworkModel) and not isinstance(model, CnnLstm):
        return _Networks(model)([x, there]), None
    fit = model.fitted if isinstance(model, Summary) else None
    if isinstance(fit, LinearFit | KernelFit | SvrFit | Blend):
        return _of_fit(fit, x, there), fit.design.target
    if isinstance(fit, MeanFit):
        return _of_fit(fit, x, there), fit.ridge.design.target
    raise TrainingError(
        f"A model of the kind {type(model).__name__} has no gradients that shap could ask for.",
        "Choose a network, or a linear or kernel model.",
    )


def _of_fit(fit: Any, x: Any, there: Any) -> Any:
    """Return rates (n, targets) of a fit on window summaries."""
    if isinstance(fit, Blend):
        parts: Sequence[Any] = (fit.process,) if fit.svr is None else (fit.process, fit.svr)
    else:
        parts = (fit.ridge, fit.svr) if isinstance(fit, MeanFit) else (fit,)
    said = [_Rates(part)(_Standardized(part.design)([x, there])) for part in parts]
    return said[0] if len(said) == 1 else _Mixed(np.array(0.5))(said)


class _Double(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Computes in doubles: sums over hundreds of support rows lose too many figures otherwise."""

    def __init__(self) -> None:
        super().__init__(dtype="float64")


class _Mixed(_Double):
    """First + share x (second - first)."""

    def __init__(self, share: Floats) -> None:
        super().__init__()
        self.share = share

    def call(self, inputs: Sequence[Any]) -> Any:
        return inputs[0] + self.share * (inputs[1] - inputs[0])


class _Standardized(_Double):
    """Last, mean, last - first and deviation of every channel, standardized and clipped; unknown is 0."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.scaling = design.scaling

    def call(self, inputs: Sequence[Any]) -> Any:
        x, there = inputs
        count = ops.sum(there, axis=1)
        divisor = ops.maximum(count, 1.0)
        mean = ops.sum(x * there, axis=1) / divisor
        variance = ops.sum(there * ops.square(x - mean[:, None, :]), axis=1) / divisor
        varies = variance > 0.0  # the root has no slope at 0
        spread = ops.where(varies, ops.sqrt(ops.where(varies, variance, 1.0)), 0.0)
        any_known, both = ops.minimum(count, 1.0), there[:, 0] * there[:, -1]
        table = ops.concatenate([x[:, -1], mean, x[:, -1] - x[:, 0], spread], axis=1)
        known = ops.concatenate([there[:, -1], any_known, both, any_known], axis=1)
        kept = np.flatnonzero(self.scaling.kept)
        scaled = (ops.take(table, kept, axis=1) - self.scaling.mean) / self.scaling.deviation
        return ops.clip(scaled * ops.take(known, kept, axis=1), -CLIP, CLIP)


class _Rates(_Double):
    """A straight line, a Gaussian process or support vectors on standardized summaries."""

    def __init__(self, fit: LinearFit | KernelFit | SvrFit) -> None:
        super().__init__()
        self.fit = fit

    def call(self, table: Any) -> Any:
        fit = self.fit
        if isinstance(fit, LinearFit):
            return fit.coefficients[:, 0] + ops.matmul(table, fit.coefficients[:, 1:].T)
        if isinstance(fit, SvrFit):
            cells = ops.exp(-fit.width * _apart(table, fit.vectors))
            return fit.level + fit.spread * (ops.matmul(cells, fit.dual.T) + fit.intercept)
        inputs = max(fit.support.shape[1], 1)
        bends = BENDS * ops.exp(-WIDTH / inputs * _apart(table, fit.support))
        cells = INTERCEPT + LINEAR / inputs * ops.matmul(table, fit.support.T) + bends
        return fit.level + fit.spread * ops.matmul(cells, fit.dual.T)


def _apart(table: Any, rows: Floats) -> Any:
    """Return (n, m) squared distances."""
    squares = ops.sum(ops.square(table), axis=1)[:, None] + np.sum(rows**2, axis=1)
    return squares - 2.0 * ops.matmul(table, rows.T)


class _Networks(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """The mean of a model's networks, in the units of what they learned."""

    def __init__(self, model: NetworkModel) -> None:
        super().__init__()
        self.nets = [build_network(model.shape) for _ in model.members]
        for net, weights in zip(self.nets, model.members, strict=True):
            net.set_weights(weights)
        self.mean = model.input_mean.astype(np.float32)
        self.per_deviation = (1.0 / divisors(model.input_mean, model.input_deviation)).astype(np.float32)
        self.center, self.spread = model.center, model.spread
        self.seen = model.channels

    def call(self, inputs: Sequence[Any]) -> Any:
        x, there = inputs if self.seen is None else [ops.take(one, self.seen, axis=2) for one in inputs]
        scaled = ops.clip((x - self.mean) * self.per_deviation * there, -CLIP, CLIP)
        said = sum(net(scaled, training=False) for net in self.nets) / len(self.nets)
        return self.center + self.spread * ops.cast(said, "float64")


class _InUnits(_Double):
    """Offset + scale x rate: of a target with a driver, max(driver, floor) x lead / unit; else lead / unit."""

    def __init__(self, target: Target, channels: tuple[str, ...]) -> None:
        super().__init__()
        self.scale_of = target
        self.driver_at = [channels.index(name) if name else -1 for name in target.drivers]

    def call(self, inputs: Sequence[Any]) -> Any:
        rates, x, there, last, context = inputs
        start, follows, lead, stand_in = (context[:, :, k] for k in range(4))
        columns = []
        for j, place in enumerate(self.driver_at):
            scale = lead[:, j] / self.scale_of.unit[j]
            if place >= 0:
                there_now, floor = there[:, -1, place], max(float(self.scale_of.floor[j]), _LEAST_SCALE)
                driver = there_now * x[:, -1, place] + (1.0 - there_now) * stand_in[:, j]
                scale = scale * ops.maximum(driver, floor)
            columns.append(start[:, j] + follows[:, j] * last[:, j] + scale * rates[:, j])
        return ops.stack(columns, axis=1)


class _Chosen(_Double):
    """One target's column or all, with nothing added: shap takes the last layer's output for the model's.

    It expects a gradient by every input as well, and one that plays no part would have none.
    """

    def __init__(self, target: int | None) -> None:
        super().__init__()
        self.target = target

    def call(self, inputs: Sequence[Any]) -> Any:
        said, *others = inputs
        chosen = said if self.target is None else said[:, self.target : self.target + 1]
        nothing = [0.0 * ops.sum(one, axis=tuple(range(1, len(one.shape)))) for one in others]
        return chosen + sum(nothing)[:, None]
