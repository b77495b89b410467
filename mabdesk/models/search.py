"""KerasTuner's Bayesian search over a grid of settings, hardened: it asks and is told, and nothing else.

Only KerasTuner's oracle is used, never its tuner: the tuner swallows every exception, writes files, and would listen to
a chief on the network when told so by the environment. What the oracle itself lacks is mended here.
"""

import hashlib
import itertools
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.oracles import BayesianOptimizationOracle
from numpy.typing import NDArray
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

_OBJECTIVE, _TUNER = "loss", "mabdesk"
# Lengths that the Gaussian process may have, in units of a setting's whole range; KerasTuner's 20 climbs to the best of
# them take seconds for every suggestion, and depend on a random state.
_LENGTHS = np.log(np.geomspace(0.05, 20.0, 25))
_LEAST_LOSS = 1e-12
Settings = dict[str, Any]
Point = tuple[Any, ...]

for _name in [name for name in os.environ if name.startswith("KERASTUNER_")]:
    del os.environ[_name]  # they alone would make KerasTuner join others on the network


class _Oracle(BayesianOptimizationOracle):  # type: ignore[misc]
    """Suggests the untried point of a grid with the lowest confidence bound; never one twice, and stops at the end.

    Every draw derives from the seed and the number of finished trials alone: a search that goes on after a power cut
    suggests what it would have suggested without one. The trial counts as failed when that was said, never by a count
    of failures in a row, which would leave KerasTuner's lock held for good. Nothing is written to disk.
    """

    def __init__(self, space: Mapping[str, Sequence[Any]], first: Mapping[str, Any], seed: int) -> None:
        names = keras_tuner.HyperParameters()
        for name, choices in space.items():
            # The default is what the first trial tries.
            default = first[name] if first.get(name) in choices else choices[len(choices) // 2]
            names.Choice(name, list(choices), default=default)
        super().__init__(
            objective=keras_tuner.Objective(_OBJECTIVE, "min"),
            max_trials=None,
            num_initial_points=2 * len(space),
            seed=1,  # KerasTuner takes 0 for none; nothing is drawn from it here
            hyperparameters=names,
            allow_new_entries=False,
            tune_new_entries=False,
            max_consecutive_failed_trials=2**31,
        )
        self.verbose = 0
        self.root = seed
        self.names = tuple(space)
        self.grid: list[Point] = list(itertools.product(*(tuple(dict.fromkeys(c)) for c in space.values())))
        self.given: Settings | None = None  # what a replayed trial tried
        self.replaced = 0  # suggestions that had been tried already, and another point was taken for

    def populate_space(self, trial_id: str) -> dict[str, Any]:  # noqa: ARG002 - KerasTuner's signature
        """Give the next point to try, or say that none is left."""
        if self.given is not None:
            return {"status": "RUNNING", "values": dict(self.given)}
        untried = self.untried()
        if not untried:
            return {"status": "STOPPED", "values": None}
        return {"status": "RUNNING", "values": self.as_settings(self._next(untried))}

    def as_settings(self, point: Point) -> Settings:
        """Return a point of the grid as settings by name."""
        return dict(zip(self.names, point, strict=True))

    def untried(self) -> list[Point]:
        """Return the points of the grid that were not tried yet."""
        return [point for point in self.grid if not self._duplicate(self.as_settings(point))]

    def save(self) -> None:
        """Write nothing: the project file has every trial."""

    def _save_trial(self, trial: Any) -> None:
        """Write nothing."""

    def _next(self, untried: list[Point]) -> Point:
        draw = np.random.RandomState(self._drawn())
        default = tuple(self.hyperparameters.values[name] for name in self.names)
        if not self.trials and default in untried:
            return default
        done = [trial for trial in self.trials.values() if trial.status == "COMPLETED"]
        if len(done) < self.num_initial_points:
            return untried[draw.randint(len(untried))]
        try:
            bound = self._lower_bound(self._vectors(self.grid))
        except (ValueError, np.linalg.LinAlgError):  # losses that no Gaussian process can be fitted to
            return untried[draw.randint(len(untried))]
        left = set(untried)
        order = [self.grid[place] for place in np.argsort(bound, kind="stable")]
        self.replaced += order[0] not in left
        return next(point for point in order if point in left)

    def _lower_bound(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) KerasTuner's acquisition, low where it is worth trying, for all points at once."""
        x, losses = self._vectorize_trials()
        process = GaussianProcessRegressor(
            kernel=Matern(nu=2.5), optimizer=_likeliest_length, normalize_y=True, alpha=self.alpha
        )
        process.fit(x, np.log(np.maximum(losses, _LEAST_LOSS)))  # one diverged trial must not hide the others
        mean, deviation = process.predict(vectors, return_std=True)
        return np.asarray(mean - self.beta * deviation, dtype=np.float64)

    def _vectors(self, points: Sequence[Point]) -> NDArray[np.float64]:
        choices = self.hyperparameters.space
        rows = [[hp.value_to_prob(value) for hp, value in zip(choices, point, strict=True)] for point in points]
        return np.array(rows, dtype=np.float64)

    def _drawn(self) -> int:
        text = f"{self.root}:{len(self.end_order)}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


class BayesianSearch:
    """Asks KerasTuner's oracle for settings to try, and tells it what came of them; one trial at a time."""

    def __init__(self, space: Mapping[str, Sequence[Any]], first: Mapping[str, Any], seed: int) -> None:
        """Start a search.

        Args:
            space: the choices of every setting, by name.
            first: what is tried first, where the space holds it.
            seed: everything random derives from it and from the number of finished trials.
        """
        self._oracle = _Oracle(space, first, seed)
        self._running: Any = None

    @property
    def replaced(self) -> int:
        """How often the best suggestion had been tried already, so that the next best was taken."""
        return self._oracle.replaced

    def suggest(self) -> Settings | None:
        """Return the settings to try next, None where all were tried."""
        with _quiet():
            trial = self._oracle.create_trial(_TUNER)
        if trial.status != "RUNNING":
            return None
        self._running = trial
        return dict(trial.hyperparameters.values)

    def tell(self, loss: float | None, fault: str = "") -> None:
        """Say what came of the settings that were suggested last: a finite loss, or why there is none."""
        trial, self._running = self._running, None
        with _quiet():
            if loss is not None and math.isfinite(loss):
                self._oracle.update_trial(trial.trial_id, {_OBJECTIVE: loss})
                trial.status = "COMPLETED"
            else:
                trial.status, trial.message = "FAILED", fault
            self._oracle.end_trial(trial)

    def replay(self, settings: Mapping[str, Any], loss: float | None, fault: str = "") -> bool:
        """Take a trial that was finished before; False where the space does not hold it, or it is known already."""
        point = tuple(settings.get(name) for name in self._oracle.names)
        if point not in self._oracle.untried():
            return False
        self._oracle.given = self._oracle.as_settings(point)
        self.suggest()
        self._oracle.given = None
        self.tell(loss, fault)
        return True


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what KerasTuner and the fit of few points warn of: a deprecated call, a length at its limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _likeliest_length(
    fault: Callable[..., float],
    _start: NDArray[np.float64],
    bounds: NDArray[np.float64],  # noqa: ARG001 - scikit-learn's signature
) -> tuple[NDArray[np.float64], float]:
    """Return the logarithm (1,) of the likeliest length and its negative log likelihood, as scikit-learn asks it."""
    faults = [float(fault(np.array([length]), eval_gradient=False)) for length in _LENGTHS]
    best = int(np.argmin(faults))
    return np.array([_LENGTHS[best]]), faults[best]
