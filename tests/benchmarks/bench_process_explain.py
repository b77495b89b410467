"""Attribution of a process model where the truth is known: only temperature and pH act. Do these lead?

    python tests/benchmarks/bench_process_explain.py [--seeds 1 2 3 4 5] [--batches 40] [--members 5] [--explained 12]

Outcomes are those of the virtual plant with every setpoint but temperature, temperature after the shift and pH held at
the platform, while plans and sensors of the others vary freely. Trained from scratch, by the quick course. Prints for
each seed the rankings of setpoints and of sensors, and whether those that act lead.
"""

import argparse
import time

import numpy as np

from mabdesk.analysis.process.contributions import SENSORS, unfold
from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import KNOWN_LEVERS, History, Samples, lay_out
from mabdesk.models.factory import make_process
from mabdesk.models.process.settings import OFF, ProcessOptions
from mabdesk.progress import SILENT
from mabdesk.virtual_plant.setpoints import OPERATING_RANGES, PLATFORM
from mabdesk.virtual_plant.truth import true_runs

ACTING = ("temperature", "temperature_after_shift", "ph")
# Neither glucose nor volume: measured beside feeds that do nothing they would contradict their balances.
MEASURED = {"vcd": 0.05, "viability": 0.01, "lactate": 0.04, "ammonia": 0.05, "titer": 0.04}
SENSOR_NOISE = (0.05, 2.0, 0.02)  # °C, %, pH of a two-hourly mean
DAYS, SPREAD = 14, 0.6


def variant(batches: int, seed: int) -> History:
    """Draw plans, and what becomes of them where only temperature and pH act."""
    rng = np.random.default_rng(seed)
    settings = np.tile([PLATFORM[name] for name in KNOWN_LEVERS], (batches, 1))
    for i, name in enumerate(KNOWN_LEVERS):
        low, high = OPERATING_RANGES[name]
        if name != "harvest_day":
            half = SPREAD * (high - low) / 2
            settings[:, i] = np.clip(settings[:, i] + rng.uniform(-half, half, batches), low, high)
    held = [{name: settings[b, KNOWN_LEVERS.index(name)] for name in ACTING} for b in range(batches)]
    hours = np.tile(24.0 * np.arange(DAYS + 1), (batches, 1))
    values = np.stack([_sampled(run.trajectory, hours[0], rng) for run in true_runs(held)])
    planned = lay_out(KNOWN_LEVERS, settings, DAYS)
    noise = rng.normal(0, 1, planned.climate.shape) * SENSOR_NOISE
    recorded = lay_out(KNOWN_LEVERS, settings, DAYS, initial=planned.initial)
    recorded.climate[:] += noise
    samples = Samples(tuple(MEASURED), hours, values)
    ids = tuple(f"B{b:03d}" for b in range(batches))
    return History(ids, KNOWN_LEVERS, settings, planned, recorded, samples, simulated=True, feeds_known=False)


def _sampled(course: object, hours: Floats, rng: np.random.Generator) -> Floats:
    columns = [np.interp(hours, course.hours, course.column(name)) for name in MEASURED]  # type: ignore[attr-defined]
    exact = np.stack(columns, axis=1)
    return np.asarray(exact * (1 + rng.normal(0, 1, exact.shape) * list(MEASURED.values())))


def main() -> None:
    """Print the rankings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--explained", type=int, default=12)
    parser.add_argument("--prior", default=OFF)
    chosen = parser.parse_args()
    options = ProcessOptions(prior=chosen.prior, members=chosen.members, quick=True)
    for seed in chosen.seeds:
        history, start = variant(chosen.batches, seed), time.perf_counter()
        model = make_process(history, (), options, seed, SILENT)
        found = unfold(model, history, "titer", history.ids[: chosen.explained], 0.01, SILENT)
        setpoints = np.abs(found.by_lever).mean(axis=0)
        sensors = np.abs(found.by_day.sum(axis=2)).mean(axis=0)
        print(f"seed {seed}: {time.perf_counter() - start:.0f} s, networks' share {float(model.shares[0]):.2f}")
        _print(KNOWN_LEVERS, setpoints)
        _print(SENSORS, sensors)


def _print(names: tuple[str, ...], sizes: Floats) -> None:
    order = np.argsort(-sizes)
    # A temperature before or after the shift, and pH: which of both temperatures matters more is the plant's affair.
    lead = {names[i].removesuffix("_after_shift") for i in order[:2]} == {"temperature", "ph"}
    shares = ", ".join(f"{names[i]} {100 * sizes[i] / sizes.sum():.0f} %" for i in order)
    print(f"  {'lead' if lead else 'do NOT lead'}: {shares}", flush=True)


if __name__ == "__main__":
    main()
