"""TensorFlow under Keras: the default. Called by `backend` alone."""

import contextlib
import logging

import tensorflow as tf

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
