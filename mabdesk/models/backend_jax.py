"""JAX under Keras. Called by `backend` alone; threads and memory are set by the environment (`mabdesk.backends`)."""

import contextlib
import logging

import jax
import jax.numpy as jnp

OutOfMemoryError = jax.errors.JaxRuntimeError
COMPILED = True  # without it every operation is dispatched by Python
BUILT_IN_FIT = True


def prepare(_threads: int, spare_cards: bool) -> None:
    """Fix the precision; leave the cards alone where they are to be spared."""
    logging.getLogger("jax").setLevel(logging.ERROR)
    jax.config.update("jax_default_matmul_precision", "highest")  # no TF32
    if spare_cards:
        with contextlib.suppress(RuntimeError):  # already running
            jax.config.update("jax_platforms", "cpu")


def is_out_of_memory(error: Exception) -> bool:
    """Tell by its code: JAX raises one class for every fault of a device."""
    return "RESOURCE_EXHAUSTED" in str(error)


def cards() -> int:
    """Return how many graphics cards compute."""
    return sum(device.platform == "gpu" for device in jax.devices())


def multiply(rows: int, inside: int, outside: int, times: int) -> None:
    """Multiply matrices, and wait until that is done."""
    left, right = jnp.ones((rows, inside)), jnp.ones((inside, outside))
    for _ in range(times):
        product = left @ right
    product.block_until_ready()
