"""What Keras leaves to its backend: threads, determinism, devices. All else here is keras.layers and keras.ops."""

import contextlib
import logging
import os
import time

import keras
import numpy as np
import tensorflow as tf

from mabdesk.models.device import LEAST_MEMORY_GB
from mabdesk.models.devices import nvidia_card

OutOfMemoryError = tf.errors.ResourceExhaustedError
THREADS = 2  # fixed, not "all cores": sums are split by thread, so another count would give other last digits


def prepare() -> None:
    """Make the backend quiet and repeatable; harmless when called again.

    Same numbers hold for the same machine, versions and device; another processor may differ in last digits.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with contextlib.suppress(RuntimeError):  # already running, in a process where something else used it first
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(card, True)
    if cards and _is_full():
        with contextlib.suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")


def _is_full() -> bool:
    """Tell whether other programs have taken the card's memory."""
    card = nvidia_card()
    return card is not None and card.free_gb < LEAST_MEMORY_GB


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
    found = tf.config.get_visible_devices("GPU")
    return f"GPU ({len(found)})" if found else "CPU"


def measured_speed() -> float:
    """Measure the multiply-adds a second of products as small as the network's, for the time estimate (0.2 s).

    On the processor its own time counts, so that other programs that run just now do not make it look slow.
    """
    rows, inside, outside, times = 64, 128, 512, 1000
    left, right = tf.ones((rows, inside)), tf.ones((inside, outside))
    tf.linalg.matmul(left, right).numpy()  # the first one is slower
    on_cpu = device_name() == "CPU"
    clock, threads = (time.process_time, min(THREADS, os.cpu_count() or 1)) if on_cpu else (time.perf_counter, 1)
    begun = clock()
    for _ in range(times):
        product = tf.linalg.matmul(left, right)
    product.numpy()  # a graphics card works on while Python runs ahead; this waits for it
    return float(rows * inside * outside * times * threads / max(clock() - begun, 1e-3))


prepare()
