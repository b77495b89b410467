"""Dropout left on in prediction (Monte Carlo dropout), by masks that can be drawn again."""

from functools import lru_cache

import keras
import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.models import backend
from mabdesk.models.network import Architecture, StoredDropout, build_halves
from mabdesk.models.training import Weights

MOST_ROWS, _LEAST_ROWS = 512, 64  # of one pass; rows are padded to few sizes, so that little is traced anew

Halves = tuple[keras.Model, keras.Model]


def sampled_outputs(shape: Architecture, weights: Weights, x: NDArray[np.float32], count: int, seed: int) -> Floats:
    """Return (count, n, outputs): what the network says with `count` masks of its dropout, all else as in prediction.

    A mask is the same for all windows, so that what is said of one does not depend on those beside it, and a trajectory
    is drawn by one network; for any one window the samples are spread as with masks of its own. What comes before the
    first dropout is computed once.
    """
    try:
        return _sampled(compiled_halves(shape), shape, weights, x, count, seed)
    except backend.OutOfMemoryError as error:  # the processor gives the same numbers but for last digits
        if not backend.is_out_of_memory(error):
            raise
        with backend.place(on_cpu=True):
            return _sampled(compiled_halves(shape, True), shape, weights, x, count, seed)


@lru_cache(maxsize=16)
def compiled_halves(shape: Architecture, on_cpu: bool = False) -> Halves:
    """Build and compile once per shape; weights and masks are set later, which traces nothing."""
    with backend.place(on_cpu):
        halves = build_halves(shape)
    for half in halves:
        half.compile(jit_compile=backend.COMPILED)
    return halves


def _sampled(
    halves: Halves, shape: Architecture, weights: Weights, x: NDArray[np.float32], count: int, seed: int
) -> Floats:
    first, second = halves
    _set_weights(first, second, weights)
    drops = [layer for layer in second.layers if isinstance(layer, StoredDropout)]
    drawn = np.random.default_rng(seed)
    masks = [[_mask(drop, shape.dropout, drawn) for drop in drops] for _ in range(count)]
    found = np.empty((count, len(x), shape.outputs))
    for start in range(0, len(x), MOST_ROWS):
        rows = slice(start, start + MOST_ROWS)
        between = first.predict_on_batch(padded(x[rows]))
        for k in range(count):
            for drop, mask in zip(drops, masks[k], strict=True):
                drop.mask.assign(mask)
            found[k, rows] = second.predict_on_batch(between)[: len(x[rows])]
    return found


def _set_weights(first: keras.Model, second: keras.Model, weights: Weights) -> None:
    left = list(weights)
    for layer in (*first.layers, *second.layers):
        if not isinstance(layer, StoredDropout):
            count = len(layer.weights)
            layer.set_weights(left[:count])
            left = left[count:]


def _mask(drop: StoredDropout, rate: float, drawn: np.random.Generator) -> NDArray[np.float32]:
    kept = drawn.random(tuple(drop.mask.shape)) >= rate
    return (kept / (1 - rate)).astype(np.float32)


def padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Repeat the last row up to the next of few sizes."""
    size = _LEAST_ROWS
    while size < len(rows):
        size *= 2
    return rows[np.minimum(np.arange(size), len(rows) - 1)]
