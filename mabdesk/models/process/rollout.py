"""Day by day through a batch: a CNN on each day's sensors, an LSTM across days, rates, mass balances.

Written once for two engines: `keras.ops` trains it, numpy (below) predicts with it, so that the window needs no Keras.
Every array bears the members of the ensemble in front, (members, n, ...), because all are computed at once.

State of a culture: viable and dead cells 1e6/mL, glucose, lactate g/L, ammonia mM, volume relative to the start,
titer g/L. Nothing falls below zero, titer never falls, and the glucose balance closes: what was there, diluted, plus
what was fed, less what cells took up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.history.plans import BINS, CLIMATE

Single = NDArray[np.float32]
Weights = Mapping[str, Any]

VIABLE, DEAD, GLUCOSE, LACTATE, AMMONIA, VOLUME, TITER = range(7)
RATES = 7
STATE_INPUTS = 8
FILTERS = 8
DAY_INPUTS = 2 * FILTERS + len(CLIMATE) + 3  # features, means, two feeds, the day
FIXED = ((36.4, 1.0), (41.0, 15.0), (7.0, 0.18))  # center and width of CLIMATE, the same for every plant
_GATE_OPEN = 2.3  # so that feeds go in as planned before anything was learned
_MOST_GATE = 1.1
_DEATH, _UPTAKE, _RELEASE = 0.05, 0.10, 0.05  # 1/day; g/L (mM) a day by 1e6 cells/mL
_LYSIS = 0.98


@dataclass(frozen=True)
class Sizes:
    """How large a network is: cells of the LSTM, of the dense layer, numbers that describe a plant."""

    memory: int = 48
    dense: int = 32
    plant: int = 12
    quality: int = 0
    extra: int = 0

    @property
    def inputs(self) -> int:
        """Count what is known of a day before it begins, without the culture's state."""
        return DAY_INPUTS + self.plant + self.extra

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight, without the members in front."""
        return {
            "conv3": (3 * len(CLIMATE), FILTERS),
            "conv3_bias": (1, FILTERS),
            "conv5": (5 * len(CLIMATE), FILTERS),
            "conv5_bias": (1, FILTERS),
            "lstm_inputs": (self.inputs, 4 * self.memory),
            "lstm_state": (STATE_INPUTS, 4 * self.memory),
            "lstm_memory": (self.memory, 4 * self.memory),
            "lstm_bias": (1, 4 * self.memory),
            "dense_inputs": (self.inputs, self.dense),
            "dense_state": (STATE_INPUTS, self.dense),
            "dense_memory": (self.memory, self.dense),
            "dense_bias": (1, self.dense),
            "rates": (self.dense, RATES),
            "rates_bias": (1, RATES),
            "quality": (self.dense, self.quality),
            "quality_bias": (1, self.quality),
        }


def _relu(x: Single) -> Single:
    return np.maximum(x, np.float32(0))


def _sigmoid(x: Single) -> Single:
    """Return 1 / (1 + exp(-x)), by the tangent, which never overflows."""
    return np.asarray(np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5))


def _softplus(x: Single) -> Single:
    return np.asarray(np.logaddexp(np.float32(0), x))


# What `rollout` needs of `keras.ops`, for arrays of numpy.
NUMPY = SimpleNamespace(
    exp=np.exp,
    tanh=np.tanh,
    sqrt=np.sqrt,
    log=np.log,
    clip=np.clip,
    mean=np.mean,
    maximum=np.maximum,
    minimum=np.minimum,
    matmul=np.matmul,
    moveaxis=np.moveaxis,
    reshape=np.reshape,
    concatenate=np.concatenate,
    stack=np.stack,
    relu=_relu,
    sigmoid=_sigmoid,
    softplus=_softplus,
)


def sensor_windows(climate: NDArray[np.floating[Any]]) -> tuple[Single, Single]:
    """Return what the convolutions of 3 and 5 steps see, (1, n, days x 12, 9) and (1, n, days x 12, 15), from Plans."""
    n, days = climate.shape[:2]
    center, width = (np.array(column) for column in zip(*FIXED, strict=True))
    scaled = np.clip((climate.reshape(n, days * BINS, -1) - center) / width, -6, 6).astype(np.float32)
    found = []
    for steps in (3, 5):
        padded = np.pad(scaled, ((0, 0), (steps // 2, steps // 2), (0, 0)), mode="edge")
        found.append(np.concatenate([padded[:, i : i + days * BINS] for i in range(steps)], axis=2)[None])
    return found[0], found[1]


def rollout(xp: Any, weights: Weights, inputs: Mapping[str, Any], days: int) -> tuple[Any, Any]:
    """Roll n batches out for every member.

    Args:
        xp: the engine, `keras.ops` or NUMPY.
        weights: arrays (members, ...) of `Sizes.shapes`.
        inputs: windows3, windows5 (1, n, days x 12, .) of `sensor_windows`; day_means (1, n, days, 6) scaled means of
            the sensors, both feeds and the day; plant (members, n, days, plant + extra); glucose_feed, volume_feed,
            given (1, n, days): g/L and share a day, and 1 where the feed was recorded, so that it is taken as it is;
            start, scale (members, n, 7) states and what they are divided by; titer_rate (members, n) g/L a
            day by 1e6 cells/mL.
        days: how many.

    Returns:
        States (members, n, days + 1, 7), and quality (members, n, days, k) in standard deviations from its mean.
    """
    known = xp.concatenate(_daily(xp, weights, inputs, days), axis=3)
    to_lstm = _times(xp, known, weights["lstm_inputs"]) + weights["lstm_bias"][:, :, None]
    to_dense = _times(xp, known, weights["dense_inputs"]) + weights["dense_bias"][:, :, None]
    state = inputs["start"] + 0 * to_lstm[:, :, 0, :1]
    memory = 0 * to_lstm[:, :, 0, : weights["lstm_memory"].shape[1]]
    hidden = memory
    states, quality = [state], []
    for day in range(days):
        seen = _seen(xp, state, inputs["scale"])
        hidden, memory = _remember(xp, weights, to_lstm[:, :, day], seen, hidden, memory)
        felt = xp.tanh(
            to_dense[:, :, day] + xp.matmul(seen, weights["dense_state"]) + xp.matmul(hidden, weights["dense_memory"])
        )
        rates = xp.clip(xp.matmul(felt, weights["rates"]) + weights["rates_bias"], -10.0, 10.0)
        state = _balance(xp, state, rates, {name: inputs[name][:, :, day] for name in _FEEDS}, inputs["titer_rate"])
        states.append(state)
        quality.append(xp.matmul(felt, weights["quality"]) + weights["quality_bias"])
    return xp.stack(states, axis=2), xp.stack(quality, axis=2)


_FEEDS = ("glucose_feed", "volume_feed", "given")
SHARED = ("windows3", "windows5", "day_means", *_FEEDS)  # inputs that all members see alike
OWN = ("start", "scale", "titer_rate", "extra")  # inputs that were fitted for each member


def arranged(xp: Any, x: Mapping[str, Any]) -> dict[str, Any]:
    """Put members in front of what `encode` gave, with n in front."""
    shared = {name: x[name][None] for name in SHARED}
    return shared | {name: xp.moveaxis(x[name], 1, 0) for name in OWN}


def _daily(xp: Any, weights: Weights, inputs: Mapping[str, Any], days: int) -> list[Any]:
    """Return what is known of each day beforehand: features of the sensors, means, and the plant."""
    members, n = weights["conv3"].shape[0], inputs["windows3"].shape[1]
    found = []
    for name in ("3", "5"):
        felt = xp.relu(
            _times(xp, inputs[f"windows{name}"], weights[f"conv{name}"]) + weights[f"conv{name}_bias"][:, :, None]
        )
        found.append(xp.mean(xp.reshape(felt, (members, n, days, BINS, FILTERS)), axis=3))
    means = inputs["day_means"] + 0 * found[0][:, :, :, :1]
    return [*found, means, inputs["plant"]]


def _times(xp: Any, rows: Any, matrix: Any) -> Any:
    """Multiply rows (members or 1, n, steps, k) with a matrix for each member, as one product a member."""
    ahead, n, steps, width = rows.shape
    flat = xp.reshape(rows, (ahead, n * steps, width))
    product = xp.matmul(flat, matrix)
    return xp.reshape(product, (matrix.shape[0], n, steps, matrix.shape[2]))


def _seen(xp: Any, state: Any, scale: Any) -> Any:
    """Return what the network sees of a culture: states by their usual spread, and the logarithm of viable cells."""
    scaled = xp.clip(state / scale, -20.0, 20.0)
    return xp.concatenate([scaled, xp.log(state[:, :, :1] + 0.1)], axis=2)


def _remember(xp: Any, weights: Weights, known: Any, seen: Any, hidden: Any, memory: Any) -> tuple[Any, Any]:
    """Return the LSTM's output and memory after one day."""
    total = known + xp.matmul(seen, weights["lstm_state"]) + xp.matmul(hidden, weights["lstm_memory"])
    cells = weights["lstm_memory"].shape[1]
    gates = xp.sigmoid(total[:, :, : 3 * cells])
    fresh = xp.tanh(total[:, :, 3 * cells :])
    memory = gates[:, :, cells : 2 * cells] * memory + gates[:, :, :cells] * fresh
    return gates[:, :, 2 * cells :] * xp.tanh(memory), memory


def _balance(xp: Any, state: Any, rates: Any, feeds: Mapping[str, Any], titer_rate: Any) -> Any:
    """Return the state a day later, from specific rates and what was fed."""
    cells, dead, glucose, lactate, ammonia, volume, titer = (state[:, :, i] for i in range(7))
    gate = feeds["given"] + (1 - feeds["given"]) * _MOST_GATE * xp.sigmoid(rates[:, :, 6] + _GATE_OPEN)
    flow = feeds["volume_feed"] * gate
    kept = xp.exp(-flow)
    later = xp.minimum(cells * xp.exp(xp.clip(0.7 * rates[:, :, 0], -1.5, 1.5)) * kept, 1e3)
    between = xp.sqrt(cells * later + 1e-12)
    available = glucose * kept + feeds["glucose_feed"] * gate * (1 - 0.5 * flow) + 1e-6
    left = available * xp.exp(-_UPTAKE * xp.softplus(rates[:, :, 2]) * between / available)
    return xp.stack(
        [
            later,
            (dead + _DEATH * xp.softplus(rates[:, :, 1]) * between) * kept * _LYSIS,
            left,
            _released(xp, lactate * kept, _RELEASE * rates[:, :, 3] * between),
            _released(xp, ammonia * kept, _RELEASE * rates[:, :, 4] * between),
            volume / kept,
            titer + xp.softplus(rates[:, :, 5]) * titer_rate * between,
        ],
        axis=2,
    )


def _released(xp: Any, there: Any, change: Any) -> Any:
    """Add what was released; what is taken up fades away instead, so that it never falls below zero."""
    taken = there * xp.exp(xp.minimum(change, 0.0) / (there + 0.1))
    return taken + xp.maximum(change, 0.0)
