"""A window in a few numbers, for the models that do not read time series: last, mean, change, spread per channel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows

CLIP = 5.0  # standard deviations; beyond, a linear model would run away on a broken sensor
_SAME = 1e-5


@dataclass(frozen=True, eq=False)
class Scaling:
    """Standardization learned on training rows: kept columns (p,) of all, their mean (k,) and deviation (k,)."""

    kept: NDArray[np.bool_]
    mean: Floats
    deviation: Floats

    def apply(self, table: Floats) -> Floats:
        """Return (n, k) standardized and clipped; what is not known becomes the training mean, 0."""
        scaled = (table[:, self.kept] - self.mean) / self.deviation
        return np.clip(np.nan_to_num(scaled, nan=0.0), -CLIP, CLIP)


def known(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return inputs with what is infinite as unknown, NaN: a division by zero upstream says nothing."""
    return np.where(np.isfinite(x), x, np.float32(np.nan))


def summarize(windows: Windows) -> Floats:
    """Return (n, 4 channels): last, mean, last - first, standard deviation of each channel; NaN where unknown."""
    x = known(windows.x).astype(np.float64)
    there = np.isfinite(x)
    count = there.sum(axis=1)
    mean = _ratio(np.where(there, x, 0.0).sum(axis=1), count)
    away = np.where(there, x - mean[:, None, :], 0.0)
    spread = np.sqrt(_ratio((away**2).sum(axis=1), count))
    return np.concatenate([x[:, -1], mean, x[:, -1] - x[:, 0], spread], axis=1)


def fit_scaling(table: Floats) -> Scaling:
    """Learn the standardization; constant, empty and repeated columns are dropped."""
    mean, deviation = column_moments(table)
    kept = deviation > _SAME * np.maximum(np.abs(mean), _SAME)
    kept &= ~_repeats_first_block(table, deviation)
    return Scaling(kept, mean[kept], deviation[kept])


def column_moments(table: Floats) -> tuple[Floats, Floats]:
    """Return mean (p,) and standard deviation (p,) of what is known; 0 for a column without any value."""
    there = np.isfinite(table)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, table, 0.0).sum(axis=0) / count
    away = np.where(there, table - mean, 0.0)
    return mean, np.sqrt((away**2).sum(axis=0) / count)


def scaled_sequences(x: NDArray[np.float32], mean: Floats, deviation: Floats) -> NDArray[np.float32]:
    """Return (n, steps, channels) standardized for a network: unknown values and constant channels are 0."""
    scaled = np.nan_to_num((known(x) - mean) / divisors(mean, deviation), nan=0.0)
    return np.ascontiguousarray(np.clip(scaled, -CLIP, CLIP), dtype=np.float32)


def divisors(mean: Floats, deviation: Floats) -> Floats:
    """Return (channels,) what `scaled_sequences` divides by: infinite for constant channels, which become 0."""
    return np.where(deviation > _SAME * np.maximum(np.abs(mean), _SAME), deviation, np.inf)


def _repeats_first_block(table: Floats, deviation: Floats) -> NDArray[np.bool_]:
    """Mark the means that equal the last values: channels that never vary inside a window (age, initial VCD)."""
    width = table.shape[1] // 4
    apart = np.nan_to_num(np.abs(table[:, width : 2 * width] - table[:, :width]), nan=np.inf)
    same = apart.max(axis=0, initial=0.0) <= _SAME * deviation[:width]
    nothing = np.zeros(width, dtype=bool)
    return np.concatenate([nothing, same, nothing, nothing])


def _ratio(total: Floats, count: NDArray[np.intp]) -> Floats:
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
