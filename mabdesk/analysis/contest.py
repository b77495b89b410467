"""Who is better: paired bootstrap over whole batches, every model against the best simple one, and a verdict."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.results import Difference, Samples
from mabdesk.data.batch import Floats
from mabdesk.models.settings import KINDS, USES_MEASURED_TITER, is_simpler

_RESAMPLES = 2000
_ENDS = (0.025, 0.975)
_LEAST_BATCHES = 3
_CHAMPION = "cnn_lstm"


class Resampled(NamedTuple):
    """RMSE of every model: `overall` (models,), and `drawn` (resamples, models) of batches drawn anew; NaN if few."""

    overall: Floats
    drawn: Floats


class Gain(NamedTuple):
    """RMSE(rival) - RMSE(model) with its 95 % interval; `rival` is the best of those that the model had to beat."""

    rival: int
    value: float
    low: float
    high: float


def resampled(errors: Floats, batch_ids: NDArray[np.str_], seed: int) -> Resampled:
    """Draw whole batches with replacement, the same ones for all models; errors (models, n).

    A batch's samples err together, so that batches, not samples, are what repeats. Fewer than 3 batches tell nothing.
    """
    overall = np.sqrt(np.mean(errors**2, axis=1))
    names, group = np.unique(batch_ids, return_inverse=True)
    if len(names) < _LEAST_BATCHES:
        return Resampled(overall, np.full((1, len(errors)), np.nan))
    columns = (*errors**2, np.ones(len(group)))
    sums = np.stack([np.bincount(group, weights=values, minlength=len(names)) for values in columns])
    times = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), _RESAMPLES)
    totals = times @ sums.T
    return Resampled(overall, np.sqrt(totals[:, :-1] / totals[:, -1:]))


def gain_over(best_of: Sequence[int], model: int, found: Resampled, winner: bool = False) -> Gain:
    """Return how much better a model is than the best of others.

    That rival was chosen as the best on the very samples that it is measured on, which flatters it: its true lead is
    smaller. What choosing anew in each resample flatters it by there tells how much; the interval's upper end takes
    this in, its lower end does not profit. A `winner`, itself chosen as the best, must hold against any rival in
    nearly all resamples to be called better.
    """
    others = np.array(best_of)
    rival = int(others[np.argmin(found.overall[others])])
    value = float(found.overall[rival] - found.overall[model])
    plain = found.drawn[:, rival] - found.drawn[:, model]
    best = found.drawn[:, others].argmin(axis=1)
    chosen = found.drawn[np.arange(len(best)), others[best]] - found.drawn[:, model]
    flattered = chosen - (found.overall[others[best]] - found.overall[model])
    ends = np.stack([np.quantile(plain, _ENDS), value - np.quantile(flattered, _ENDS)[::-1]])
    low = min(float(ends[:, 0].min()), float(np.quantile(chosen, _ENDS[0])) if winner else np.inf)
    return Gain(rival, value, low, float(ends[:, 1].max()))


def fair_rivals(kinds: Sequence[str], preset: str) -> list[int]:
    """Return which models are simple and see no more than a network does."""
    unfair = set(USES_MEASURED_TITER) if preset == "soft_sensor" else set()
    return [i for i, kind in enumerate(kinds) if KINDS[kind].simple and kind not in unfair]


def differences(
    kinds: Sequence[str], preset: str, targets: Sequence[str], samples: Samples, seed: int
) -> tuple[Difference, ...]:
    """Measure every model against the best fair simple one, which itself meets the next best, on each target."""
    fair, rows = fair_rivals(kinds, preset), []
    for t, target in enumerate(targets):
        found = _resampled_on(samples, t, seed)
        for m, kind in enumerate(kinds):
            rivals = [i for i in fair if i != m]
            if rivals and found is not None:
                rival, value, low, high = gain_over(rivals, m, found, KINDS[kind].simple)
                rows.append(Difference(kind, kinds[rival], target, value, low, high))
    return tuple(rows)


def contest(kinds: Sequence[str], preset: str, chosen: bool, samples: Samples) -> tuple[int, list[int]]:
    """Return who must beat whom: the model that was `chosen` (the first), else CNN-LSTM, the best network, or the best.

    Rivals are the simple models that see no more than it does.
    """
    fair = fair_rivals(kinds, preset)
    errors = np.nansum(np.square(samples.predicted[:, :, 0] - samples.measured[:, 0]), axis=1)
    networks = [i for i, kind in enumerate(kinds) if not KINDS[kind].simple]
    order = [*((0,) if chosen else ()), *(i for i in networks if kinds[i] == _CHAMPION)]
    order += [*sorted(networks, key=lambda i: float(errors[i])), *sorted(fair, key=lambda i: float(errors[i])), 0]
    return order[0], [i for i in fair if i != order[0]]


def verdict(
    candidate: int,
    rivals: Sequence[int],
    labels: Sequence[str],
    unit: str,
    target: str,
    samples: Samples,
    seed: int,
    *,
    kinds: Sequence[str] = (),
) -> str:
    """Say in one sentence whether the candidate beats the best of its rivals on the first target, and which to use.

    `kinds` tell which of two models is the simpler one; without them it is the rival.
    """
    found = _resampled_on(samples, 0, seed)
    if found is None or not rivals:
        error = "" if found is None else f": RMSE of {target} {found.overall[candidate]:.3f} {unit}".rstrip()
        return f"{labels[candidate]}{error}; nothing simpler stood beside it."
    winner = bool(kinds) and KINDS[kinds[candidate]].simple
    gain = gain_over(rivals, candidate, found, winner)
    simpler = candidate if kinds and is_simpler(kinds[candidate], kinds[gain.rival]) else gain.rival
    errors = found.overall[candidate], found.overall[gain.rival]
    return _sentence((labels[candidate], labels[gain.rival], labels[simpler]), errors, gain, unit)


def _sentence(names: tuple[str, str, str], errors: tuple[float, float], gain: Gain, unit: str) -> str:
    name, rival, simpler = names
    against = f"RMSE {errors[0]:.3f} against {errors[1]:.3f} {unit}".rstrip()
    if not np.isfinite(gain.low):
        return f"{name} against {rival}: {against}; too few test batches to say which is better."
    if gain.low > 0:
        by = f"{gain.value:.3f} {unit}".rstrip()
        return f"{name} is better than {rival} by {by} (95 %: {gain.low:.3f} to {gain.high:.3f}); {against}."
    figures = f"{against}, gain {gain.value:+.3f} (95 %: {gain.low:+.3f} to {gain.high:+.3f})"
    if gain.value > 0 and simpler == name:
        return f"{name} is not shown to be better than {rival} here, but is simpler: use {name}. {figures}."
    worse = "is worse than" if gain.high < 0 else "is not better than"
    why = ", the simpler model" if simpler == rival else ""
    return f"{name} {worse} {rival} here: use {rival}{why}. {figures}."


def _resampled_on(samples: Samples, target: int, seed: int) -> Resampled | None:
    """Resample the errors on one target; None where it was not measured."""
    there = np.isfinite(samples.measured[:, target])
    if not there.any():
        return None
    errors = samples.predicted[:, there, target] - samples.measured[there, target]
    return resampled(errors, samples.batch_ids[there], seed)
