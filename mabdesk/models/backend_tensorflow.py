"""TensorFlow under Keras: the default. Called by `backend` alone."""

import contextlib
import logging
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Single = NDArray[np.float32]
OutOfMemoryError = tf.errors.ResourceExhaustedError
COMPILED = False  # XLA made these networks two to three times slower
BUILT_IN_FIT = False


def prepare(threads: int, spare_cards: bool) -> None:
    """Fix threads, order of sums and precision; take a card's memory as it is needed, or leave the cards alone."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with contextlib.suppress(RuntimeError):  # already running, in a process where something else used it first
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(card, True)
    if cards and spare_cards:
        with contextlib.suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")


def is_out_of_memory(_error: Exception) -> bool:
    """Tell that it is: TensorFlow has a class for it."""
    return True


def cards() -> int:
    """Return how many graphics cards compute."""
    return len(tf.config.get_visible_devices("GPU"))


def multiply(rows: int, inside: int, outside: int, times: int) -> None:
    """Multiply matrices; a graphics card works on while Python runs ahead, and the last line waits for it."""
    left, right = tf.ones((rows, inside)), tf.ones((inside, outside))
    for _ in range(times):
        product = tf.linalg.matmul(left, right)
    product.numpy()


def slopes_of(model: keras.Model) -> Callable[[Single, int], tuple[Single, Single]]:
    """Trace one function for any number of rows; the tape watches the inputs alone, not the weights."""
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32), tf.TensorSpec((), tf.int32)]

    @tf.function(input_signature=signature)  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def traced(x: tf.Tensor, output: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            said = model(x, training=False)[:, output]
        return said, tape.gradient(said, x)

    def slopes(x: Single, output: int) -> tuple[Single, Single]:
        said, found = traced(tf.convert_to_tensor(x), tf.constant(output, tf.int32))
        return said.numpy(), found.numpy()

    return slopes
