"""How alike two maps, or two rankings, are."""

import numpy as np
from scipy.stats import rankdata

from mabdesk.data.batch import Floats

LEAST = 3
"""Values without which there are no ranks to compare."""


def correlation(one: Floats, other: Floats) -> float:
    """Return Pearson's correlation over all entries; 0 where one of both never varies."""
    a, b = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def spearman(first: Floats, second: Floats) -> float:
    """Return the rank correlation; NaN with fewer than three values, or where either is all alike."""
    if len(first) < LEAST or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return float("nan")
    ranks = [np.asarray(rankdata(one), dtype=np.float64) for one in (first, second)]
    if any(np.ptp(one) == 0 for one in ranks):
        return float("nan")
    return correlation(ranks[0], ranks[1])
