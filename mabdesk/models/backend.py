"""What Keras leaves to its backend: threads, determinism, devices. All else is keras.layers and keras.ops.

One of the modules `backend_tensorflow`, `backend_torch`, `backend_jax` answers, the one that Keras was started with.
"""

import contextlib
import os
import time
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

import keras
import numpy as np
from numpy.typing import NDArray

from mabdesk.models.device import LEAST_MEMORY_GB
from mabdesk.models.devices import nvidia_card

THREADS = 2  # fixed, not "all cores": sums are split by thread, so another count would give other last digits
NAME: str = keras.backend.backend()
Slopes = Callable[[NDArray[np.float32], int], tuple[NDArray[np.float32], NDArray[np.float32]]]


class _Chosen(Protocol):
    """What each of the backends' modules has."""

    OutOfMemoryError: type[Exception]
    COMPILED: bool
    BUILT_IN_FIT: bool

    def prepare(self, threads: int, spare_cards: bool) -> None:
        """Make the backend quiet and repeatable; leave graphics cards alone where they are to be spared."""

    def is_out_of_memory(self, error: Exception) -> bool:
        """Tell whether an OutOfMemoryError is one: some backends raise the same class for other faults."""

    def cards(self) -> int:
        """Return how many graphics cards compute."""

    def multiply(self, rows: int, inside: int, outside: int, times: int) -> None:
        """Multiply matrices of this size so many times, and wait until that is done."""

    def slopes_of(self, model: keras.Model) -> Slopes:
        """Compile what `slopes_of` below promises."""


_chosen = cast(_Chosen, import_module(f"mabdesk.models.backend_{NAME}"))
OutOfMemoryError = _chosen.OutOfMemoryError
COMPILED = _chosen.COMPILED
"""Whether `keras.Model.compile` is to compile each step as a whole (JAX is slow without, TensorFlow with)."""

BUILT_IN_FIT = _chosen.BUILT_IN_FIT
"""Whether the first training of a model draws random numbers to build its rest, which the next would not."""


def prepare() -> None:
    """Make the backend quiet and repeatable; harmless when called again.

    Same numbers hold for the same machine, versions, backend and device; another processor may differ in last digits.
    """
    _chosen.prepare(THREADS, _is_full())


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether an OutOfMemoryError means that memory was not enough."""
    return _chosen.is_out_of_memory(error)


def seed_everything(model: keras.Model, seed: int) -> None:
    """Set the global seeds and those that the model's own layers hold (dropout, input noise)."""
    keras.utils.set_random_seed(seed)
    drawn = np.random.default_rng(seed)
    for variable in model.variables:
        if variable.path.endswith("seed_generator_state"):
            variable.assign(drawn.integers(0, 2**31, size=variable.shape).astype(np.uint32))


def place(on_cpu: bool) -> contextlib.AbstractContextManager[object]:
    """Put what is made inside on the processor, or leave the choice to the backend."""
    return keras.device("cpu:0") if on_cpu else contextlib.nullcontext()


def device_name() -> str:
    """Return the device that trains, in words."""
    cards = _chosen.cards()
    return f"GPU ({cards})" if cards else "CPU"


def slopes_of(model: keras.Model) -> Slopes:
    """Compile (x, output) -> one output (n,) of a network without dropout, and its slopes by x (n, steps, channels).

    Weights that are set later count, and trace nothing. New numbers of rows may: pad them to few.
    """
    return _chosen.slopes_of(model)


def measured_speed() -> float:
    """Measure the multiply-adds a second of products as small as the network's, for the time estimate (0.2 s).

    On the processor its own time counts, so that other programs that run just now do not make it look slow.
    """
    rows, inside, outside, times = 64, 128, 512, 1000
    _chosen.multiply(rows, inside, outside, 1)  # the first one is slower
    on_cpu = device_name() == "CPU"
    clock, threads = (time.process_time, min(THREADS, os.cpu_count() or 1)) if on_cpu else (time.perf_counter, 1)
    begun = clock()
    _chosen.multiply(rows, inside, outside, times)
    return float(rows * inside * outside * times * threads / max(clock() - begun, 1e-3))


def _is_full() -> bool:
    """Tell whether other programs have taken the card's memory."""
    card = nvidia_card()
    return card is not None and card.free_gb < LEAST_MEMORY_GB


prepare()
