"""JAX under Keras. Called by `backend` alone; threads and memory are set by the environment (`mabdesk.backends`)."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]
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


def slopes_of(model: keras.Model) -> Callable[[Single, int], tuple[Single, Single]]:
    """Compile one function for each number of rows; weights go in as arguments, so that new ones compile nothing."""

    def total(x: Any, output: Any, trained: list[Any], others: list[Any]) -> tuple[Any, Any]:
        said = model.stateless_call(trained, others, x, training=False)[0][:, output]
        return said.sum(), said

    compiled = jax.jit(jax.grad(total, has_aux=True))

    def slopes(x: Single, output: int) -> tuple[Single, Single]:
        weights = ([v.value for v in kind] for kind in (model.trainable_variables, model.non_trainable_variables))
        found, said = compiled(keras.ops.convert_to_tensor(x), output, *weights)
        return np.asarray(said), np.asarray(found)

    return slopes
