"""Folds of whole batches inside the training batches, for what a model chooses by itself."""

import numpy as np
from numpy.typing import NDArray

CALIBRATION_FOLDS = 10
"""Folds of whole training batches that tell how wide bands must be. With 5, a refit misses a fifth of the batches: its
errors are larger than the model's own, and bands of 95 % held 96 to 97 % of samples."""


def batch_folds(batch_ids: NDArray[np.str_], folds: int, seed: int) -> NDArray[np.intp]:
    """Return (n,) the fold of every row, whole batches together; fewer folds where there are fewer batches."""
    names = np.unique(batch_ids)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of_name = np.empty(len(names), dtype=np.intp)
    fold_of_name[order] = np.arange(len(names)) % min(folds, len(names))
    return fold_of_name[np.searchsorted(names, batch_ids)]
