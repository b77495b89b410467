"""Final titer from the plan alone: the process model beside Gaussian processes, on families that its prior never saw.

    python tests/benchmarks/bench_process.py --family quota --prior no_quota.npz --sizes 10 20 50 --seeds 1 2
    python tests/benchmarks/bench_process.py --family quota --prior off --sizes 50 --seeds 1 2

Each set is one random plant, a history of so many noisy batches, narrow (.5) or wide (1.2), and 150 fresh
noisy batches. "true": errors against what the fresh batches' settings give without noise and luck.
"""

import argparse
import time
import warnings
from dataclasses import replace

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler
from threadpoolctl import threadpool_limits

from mabdesk import pretraining
from mabdesk.data.history.plans import History
from mabdesk.models.process.making import make_process_model
from mabdesk.models.process.prior import chosen_prior
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import Planner
from mabdesk.models.response_surface import fit_surface
from mabdesk.progress import SILENT
from mabdesk.virtual_plant import families as plants

FRESH = 150
OURS = ("gaussian_process", "gaussian_process_quadratic")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--family", required=True, choices=plants.FAMILIES)
    parser.add_argument("--prior", default="off")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 20, 50])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--spreads", type=float, nargs="+", default=[0.5, 1.2])
    given = parser.parse_args()
    rows = []
    for size in given.sizes:
        for seed in given.seeds:
            for spread in given.spreads:
                found = measure(given.family, given.prior, size, seed, spread)
                rows.append((size, found))
                said = "  ".join(f"{name} {value:.3f}" for name, value in found.items())
                print(f"{given.family} n={size} seed={seed} spread={spread}: {said}", flush=True)
    for size in given.sizes:
        summarize([found for n, found in rows if n == size], size)


def summarize(sets: list[dict[str, float]], size: int) -> None:
    for against in (OURS, ("plain",)):
        for key in ("", "true "):
            best = np.array([min(found[key + name] for name in against) for found in sets])
            for name in ("process", "network"):
                said = np.array([found[key + name] for found in sets])
                print(
                    f"n={size} {key}{name} / {' or '.join(against)}: {said.mean() / best.mean():.3f}, "
                    f"better in {np.sum(said < best)} of {len(best)}"
                )


def site(family: str, seed: int, spread: float, batches: int) -> tuple[History, History, np.ndarray]:
    """Return a history, and fresh batches with their noise-free final titers, of one random plant."""
    some = plants.draw_plants(family, 1, 1000 + seed).spreading(spread)
    rng = np.random.default_rng((seed, batches))
    settings = plants.draw_settings(some, batches + FRESH, rng)
    states = plants.measured(plants.simulate(some, settings, pretraining.DAYS, rng), rng)
    whole = replace(pretraining.recorded(settings[0], states[0], rng), quality=())
    fresh = np.arange(batches, batches + FRESH)
    true = plants.simulate(some, settings[:, fresh], pretraining.DAYS)[0, :, :, plants.VARIABLES.index("titer")]
    harvest = settings[0, fresh, plants.LEVERS.index("harvest_day")].round().astype(int)
    return whole.take(np.arange(batches)), whole.take(fresh), true[np.arange(FRESH), harvest]


def measure(family: str, prior: str, size: int, seed: int, spread: float) -> dict[str, float]:
    history, fresh, true = site(family, seed, spread, size)
    begun = time.monotonic()
    model = make_process_model(history, (), ProcessOptions(prior=prior), chosen_prior(prior), seed, SILENT)
    took = time.monotonic() - begun
    measured = fresh.samples.final("titer")
    said = Planner(model).plan(fresh.settings, fresh.planned.tags)
    inside = (measured >= said.final_low[:, 0]) & (measured <= said.final_high[:, 0])
    said_of = {"process": said.final[:, 0], "network": said.network[:, 0]}
    for kind in OURS:
        told = (history.levers, history.settings, (), history.planned.tags, history.samples.final("titer"))
        said_of[kind] = fit_surface(kind, *told, seed).predict(fresh.settings, fresh.planned.tags)[0]
    said_of["plain"] = plain(history).predict(fresh.settings)
    found = {name: rmse(values, measured) for name, values in said_of.items()}
    found |= {f"true {name}": rmse(values, true) for name, values in said_of.items()}
    found |= {"sd": float(measured.std()), "share": float(model.shares[0]), "covered": float(inside.mean())}
    return found | {"seconds": took}


def plain(history: History) -> Pipeline:
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(np.ones(len(history.levers)), (1e-2, 1e3)) + WhiteKernel(0.1)
    process = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=3, random_state=0)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        return make_pipeline(MinMaxScaler(), process).fit(history.settings, history.samples.final("titer"))


def rmse(said: np.ndarray, measured: np.ndarray) -> float:
    return float(np.sqrt(np.mean((said - measured) ** 2)))


if __name__ == "__main__":
    main()
