"""A final value from the setpoints alone, as fitted: what a user would have used instead of the process model.

numpy alone, as the window calls it. How surfaces are fitted stands in `response_surface.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats

Texts = NDArray[np.str_]
LABELS: Mapping[str, str] = {
    "gaussian_process": "Gaussian process on setpoints",
    "gaussian_process_quadratic": "Gaussian process with quadratic part on setpoints",
    "quadratic": "Quadratic response surface",
    "mean": "Mean of the training batches",
}
LEVEL_VARIANCE = 10.0  # of the processes' constant mean a priori, in variances of the target: the batches tell it
_ROWS = 2048  # predicted at once: bounds the memory


@dataclass(frozen=True, eq=False)
class Frame:
    """How settings and tags become inputs (n, d): levers that varied as (value - low) / span, then tags as 0 or 1.

    levers      names of all levers; low, span, used (len(levers),) range in training, and whether the lever varied
    tag_names   names; tag_of, tag_values (k,) one input each: which tag, and the value that makes it 1
    """

    levers: tuple[str, ...]
    low: Floats
    span: Floats
    used: NDArray[np.bool_]
    tag_names: tuple[str, ...]
    tag_of: NDArray[np.intp]
    tag_values: Texts

    @property
    def varied(self) -> int:
        """Return how many levers are inputs."""
        return int(self.used.sum())

    def inputs(self, settings: Floats, tags: Texts) -> Floats:
        """Return (n, d) for settings (n, levers) and tags (n, tag names); a value never seen is 0 everywhere."""
        scaled = (np.asarray(settings, dtype=np.float64)[:, self.used] - self.low[self.used]) / self.span[self.used]
        texts = np.asarray(tags, dtype=np.str_).reshape(len(scaled), len(self.tag_names))
        return np.concatenate([scaled, np.where(texts[:, self.tag_of] == self.tag_values, 1.0, 0.0)], axis=1)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers and names as plain arrays."""
        names = {"levers": _texts(self.levers), "tag_names": _texts(self.tag_names), "tag_values": self.tag_values}
        return {**names, "low": self.low, "span": self.span, "used": self.used, "tag_of": self.tag_of}


@dataclass(frozen=True, eq=False)
class Kernel:
    """Prior covariance of the standardized target: constant + bumps of given lengths (d,) + (offset + x.x')^2.

    signal, quadratic, noise: variances of the bumps, the quadratic part and the measurement; offset as in the formula.
    """

    lengths: Floats
    signal: float
    noise: float
    quadratic: float = 0.0
    offset: float = 0.0

    def bumps(self, first: Floats, second: Floats) -> Floats:
        """Return (n, m): the RBF part alone."""
        here, there = first / self.lengths, second / self.lengths
        apart = np.sum(here**2, axis=1)[:, None] + np.sum(there**2, axis=1) - 2.0 * (here @ there.T)
        return np.asarray(self.signal * np.exp(-0.5 * np.maximum(apart, 0.0)))

    def products(self, first: Floats, second: Floats) -> Floats:
        """Return (n, m): what the quadratic part squares."""
        return np.asarray(self.offset + first @ second.T)

    def between(self, first: Floats, second: Floats) -> Floats:
        """Return (n, m) covariances between rows (n, d) and (m, d), without noise."""
        smooth = LEVEL_VARIANCE + self.bumps(first, second)
        return smooth + self.quadratic * self.products(first, second) ** 2 if self.quadratic else smooth

    def alone(self, inputs: Floats) -> Floats:
        """Return (n,) variances of measured values before any batch was seen."""
        bent = self.quadratic * (self.offset + np.sum(inputs**2, axis=1)) ** 2
        return np.asarray(LEVEL_VARIANCE + self.signal + self.noise + bent)


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process given its batches: support (m, d), dual (m,), whitener (m, m) = inverse Cholesky factor."""

    kernel: Kernel
    support: Floats
    dual: Floats
    whitener: Floats

    def predict(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Return mean (n,) and sd (n,) of a fresh measured value, standardized."""
        cells = self.kernel.between(inputs, self.support)
        known = np.sum((cells @ self.whitener.T) ** 2, axis=1)
        return cells @ self.dual, np.sqrt(np.maximum(self.kernel.alone(inputs) - known, self.kernel.noise))

    def slopes(self, inputs: Floats) -> Floats:
        """Return (n, d) derivatives of the mean."""
        drawn = self.kernel.bumps(inputs, self.support) * self.dual
        found = (drawn @ self.support - drawn.sum(axis=1)[:, None] * inputs) / self.kernel.lengths**2
        bent = 2.0 * self.kernel.quadratic * (self.kernel.products(inputs, self.support) * self.dual)
        return np.asarray(found + bent @ self.support)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays."""
        kernel = self.kernel
        numbers = np.array([kernel.signal, kernel.noise, kernel.quadratic, kernel.offset])
        own = {"support": self.support, "dual": self.dual, "whitener": self.whitener}
        return {**own, "lengths": kernel.lengths, "variances": numbers}


@dataclass(frozen=True, eq=False)
class Polynomial:
    """start + x.linear + z.bends.z; z are the first inputs as 2x - 1: linear (d,), bends (levers, levers) symmetric.

    `sd` is the rms of what it erred on batches left out one by one.
    """

    start: float
    linear: Floats
    bends: Floats
    sd: float

    def predict(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Return mean (n,) and sd (n,), standardized."""
        z = 2.0 * inputs[:, : len(self.bends)] - 1.0
        mean = self.start + inputs @ self.linear + np.sum((z @ self.bends) * z, axis=1)
        return mean, np.full(len(inputs), self.sd)

    def slopes(self, inputs: Floats) -> Floats:
        """Return (n, d) derivatives of the mean."""
        found = np.tile(self.linear, (len(inputs), 1))
        found[:, : len(self.bends)] += 4.0 * (2.0 * inputs[:, : len(self.bends)] - 1.0) @ self.bends
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays."""
        return {"linear": self.linear, "bends": self.bends, "start_sd": np.array([self.start, self.sd])}


@dataclass(frozen=True, eq=False)
class Surface:
    """A fitted surface of one of LABELS; level and spread are the training targets' mean and standard deviation."""

    kind: str
    frame: Frame
    body: Process | Polynomial
    level: float
    spread: float

    @property
    def dropped(self) -> tuple[str, ...]:
        """Return the names of levers that never varied in training: the surface does not depend on them."""
        return tuple(name for name, used in zip(self.frame.levers, self.frame.used, strict=True) if not used)

    def predict(self, settings: Floats, tags: Texts) -> tuple[Floats, Floats]:
        """Return mean (n,) and sd (n,) of a fresh measured value, in the target's unit.

        Args:
            settings: (n, levers) in the levers' own units, in the order of fitting; NaN gives NaN.
            tags: (n, tag names) texts.
        """
        inputs = self.frame.inputs(settings, tags)
        parts = [self.body.predict(inputs[at : at + _ROWS]) for at in range(0, max(len(inputs), 1), _ROWS)]
        mean, sd = (np.concatenate(side) for side in zip(*parts, strict=True))
        return self.level + self.spread * mean, self.spread * sd

    def slopes(self, settings: Floats, tags: Texts) -> Floats:
        """Return (n, levers) derivatives of the mean, target's unit by lever's unit; 0 for dropped levers."""
        inputs, frame = self.frame.inputs(settings, tags), self.frame
        parts = [self.body.slopes(inputs[at : at + _ROWS]) for at in range(0, max(len(inputs), 1), _ROWS)]
        found = np.zeros((len(inputs), len(frame.levers)))
        found[:, frame.used] = self.spread * np.concatenate(parts)[:, : frame.varied] / frame.span[frame.used]
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give everything as plain arrays of numbers and texts, for `surface_from`."""
        own = {"kind": _texts((self.kind,)), "level_spread": np.array([self.level, self.spread])}
        return {**own, **self.frame.arrays(), **self.body.arrays()}


def surface_from(arrays: Mapping[str, NDArray[np.generic]]) -> Surface:
    """Rebuild the surface whose `arrays` these are; it predicts the same, bit for bit."""
    numbers = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    frame = Frame(
        tuple(numbers["levers"].tolist()),
        numbers["low"],
        numbers["span"],
        numbers["used"].astype(np.bool_),
        tuple(numbers["tag_names"].tolist()),
        numbers["tag_of"].astype(np.intp),
        numbers["tag_values"].astype(np.str_),
    )
    body = _process(numbers) if "dual" in numbers else _polynomial(numbers)
    level, spread = numbers["level_spread"].tolist()
    return Surface(str(numbers["kind"][0]), frame, body, level, spread)


def _process(numbers: Mapping[str, NDArray[np.generic]]) -> Process:
    kernel = Kernel(_floats(numbers["lengths"]), *numbers["variances"].tolist())
    return Process(kernel, *(_floats(numbers[name]) for name in ("support", "dual", "whitener")))


def _polynomial(numbers: Mapping[str, NDArray[np.generic]]) -> Polynomial:
    start, sd = numbers["start_sd"].tolist()
    return Polynomial(start, _floats(numbers["linear"]), _floats(numbers["bends"]), sd)


def _floats(values: NDArray[np.generic]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _texts(names: tuple[str, ...]) -> Texts:
    return np.array(names, dtype=np.str_)
