"""How densely values lie, for violins."""

import numpy as np

from mabdesk.data.batch import Floats

FEWEST = 5  # values; fewer have no shape to show
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def density(values: Floats, points: int = 64) -> tuple[Floats, Floats] | None:
    """Return heights (points,) within the values' range and how dense they lie there, 1 at most.

    A Gaussian kernel of Silverman's width (1986, eq. 3.31), cut where the values end. None where there are fewer than 5
    values, or all are equal.
    """
    if len(values) < FEWEST:
        return None
    low, high = float(values.min()), float(values.max())
    first, third = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std(ddof=1)), (third - first) / 1.34 or np.inf)
    if high - low <= 1e-12 * max(abs(high), abs(low)) or spread <= 0:
        return None
    width = 0.9 * spread * len(values) ** -0.2
    heights = np.linspace(low, high, points)
    dense = np.exp(-0.5 * ((heights[:, None] - values[None, :]) / width) ** 2).sum(axis=1)
    return heights, dense / dense.max()
