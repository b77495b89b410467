"""PyTorch under Keras: graphics cards on Windows itself. Called by `backend` alone."""

import contextlib
from collections.abc import Callable

import keras
import numpy as np
import torch
from numpy.typing import NDArray

Single = NDArray[np.float32]
OutOfMemoryError = torch.OutOfMemoryError
COMPILED = False  # torch.compile needs a C++ compiler, which few users have
BUILT_IN_FIT = True
_SPARED: list[bool] = []  # filled once the cards are to be left to other programs


def prepare(threads: int, spare_cards: bool) -> None:
    """Fix threads, order of sums and precision; leave the cards alone where they are to be spared."""
    torch.set_num_threads(threads)
    with contextlib.suppress(RuntimeError):  # already running
        torch.set_num_interop_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a precaution for faulty programs; it costs time
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    if spare_cards and cards():
        keras.device("cpu:0").__enter__()  # never left: Keras took a card as its default when it was imported
        _SPARED.append(True)


def is_out_of_memory(_error: Exception) -> bool:
    """Tell that it is: PyTorch has a class for it."""
    return True


def cards() -> int:
    """Return how many graphics cards compute."""
    return torch.cuda.device_count() if torch.cuda.is_available() and not _SPARED else 0


def multiply(rows: int, inside: int, outside: int, times: int) -> None:
    """Multiply matrices; a graphics card works on while Python runs ahead, and the last line waits for it."""
    device = "cuda" if cards() else "cpu"
    left, right = torch.ones((rows, inside), device=device), torch.ones((inside, outside), device=device)
    for _ in range(times):
        product = left @ right
    product.cpu()


def slopes_of(model: keras.Model) -> Callable[[Single, int], tuple[Single, Single]]:
    """Return a function that asks autograd for the inputs' gradients alone; nothing is compiled."""

    def slopes(x: Single, output: int) -> tuple[Single, Single]:
        inputs = keras.ops.convert_to_tensor(x).requires_grad_(True)
        with torch.enable_grad():
            said = model(inputs, training=False)[:, output]
            (found,) = torch.autograd.grad(said.sum(), inputs)
        return said.detach().cpu().numpy(), found.cpu().numpy()

    return slopes
