"""The process model on the standard plant, whose structure no prior saw: final titer, courses, bands, running batches.

    python tests/benchmarks/bench_process_campaign.py --seeds 1 2 3 4 5 --spreads 0.6 1.2

Each set: a campaign of 50 batches (4 lines, 3 scales, incidents) and 200 fresh ones of the same site, all simulated.
"""

import argparse
import time
from dataclasses import replace

import numpy as np

from mabdesk.analysis.process.forecast import forecast
from mabdesk.data.batch import Dataset, Measurements
from mabdesk.data.history.histories import read_history
from mabdesk.data.history.plans import History
from mabdesk.data.history.running import running_batch
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.models.process.ensemble import at_hours
from mabdesk.models.process.making import make_process_model
from mabdesk.models.process.prior import chosen_prior
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import Planner, ProcessModel
from mabdesk.models.response_surface import fit_surface
from mabdesk.progress import SILENT
from mabdesk.virtual_plant.campaign import Campaign, campaign

FRESH = 200
RIVALS = ("gaussian_process", "gaussian_process_quadratic", "quadratic", "mean")
DAYS = (5, 7, 9)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--spreads", type=float, nargs="+", default=[0.6, 1.2])
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--prior", default="shipped")
    parser.add_argument("--members", type=int, default=10)
    given = parser.parse_args()
    for seed in given.seeds:
        for spread in given.spreads:
            print(f"campaign {seed}, spread {spread}", flush=True)
            measure(seed, spread, given)


def measure(seed: int, spread: float, given: argparse.Namespace) -> None:
    known, fresh = campaign(given.batches, seed, spread), campaign(FRESH, 5000 + seed, spread)
    history = read_history(known.dataset, HistoryOptions())
    test = read_history(fresh.dataset, HistoryOptions())
    begun = time.monotonic()
    options = ProcessOptions(prior=given.prior, members=given.members)
    model = make_process_model(history, known.dataset.variables, options, chosen_prior(given.prior), seed, SILENT)
    print(f"  fitted in {time.monotonic() - begun:.0f} s, network's share {np.round(model.shares, 2)}")
    at_harvest(model, history, test)
    courses(model, history, test, fresh)
    running(model, test, fresh)


def at_harvest(model: ProcessModel, history: History, test: History) -> None:
    said = Planner(model).plan(test.settings, test.planned.tags)
    for j, output in enumerate(model.outputs):
        measured = test.samples.final(output)
        found = {"process": said.final[:, j], "network": said.network[:, j]}
        for kind in RIVALS:
            told = (history.levers, history.settings, history.tags, history.planned.tags, history.samples.final(output))
            found[kind] = fit_surface(kind, *told, 1).predict(test.settings, test.planned.tags)[0]
        inside = (measured >= said.final_low[:, j]) & (measured <= said.final_high[:, j])
        errors = "  ".join(f"{name} {rmse(value - measured):.3f}" for name, value in found.items())
        covered = inside[np.isfinite(measured)].mean()
        print(f"  {output}: {errors}  covered {covered:.3f}", flush=True)


def courses(model: ProcessModel, history: History, test: History, fresh: Campaign) -> None:
    said = Planner(model).run(test.planned, test.settings)
    days = np.arange(test.planned.days + 1.0)
    for j, name in enumerate(model.names):
        measured = test.samples.column(name)
        typical = _typical(history, name, days)
        error = at_hours(np.nan_to_num(said.mean), test.samples.hours)[:, :, j] - measured
        usual = np.interp(np.nan_to_num(test.samples.hours) / 24, days, typical) - measured
        low, high = (at_hours(np.nan_to_num(edge), test.samples.hours)[:, :, j] for edge in (said.low, said.high))
        there = np.isfinite(measured)
        true = _true_errors(said.mean[:, :, j], fresh, name, test)
        covered = ((measured >= low) & (measured <= high))[there].mean()
        spread = float(np.nanstd(measured))
        print(
            f"  {name}: error/sd {rmse(error) / spread:.3f}, without noise {true / spread:.3f}, "
            f"mean trajectory {rmse(usual) / spread:.3f}, covered {covered:.3f}",
            flush=True,
        )


def _true_errors(said: np.ndarray, fresh: Campaign, name: str, test: History) -> float:
    found = []
    for i, batch in enumerate(test.ids):
        days = np.arange(1, int(test.planned.harvest_h[i] / 24) + 1)
        true = fresh.true_values(batch, name, 24.0 * days)
        if name == "volume":
            true = true / fresh.true_values(batch, name, np.zeros(1))
        found.append(said[i, days] - true)
    return rmse(np.concatenate(found))


def _typical(history: History, name: str, days: np.ndarray) -> np.ndarray:
    at = np.round(np.nan_to_num(history.samples.hours, nan=-24.0) / 24)
    column = history.samples.column(name)
    means = np.array(
        [np.nanmean(column[at == day]) if np.isfinite(column[at == day]).any() else np.nan for day in days]
    )
    there = np.isfinite(means)
    return np.interp(days, days[there], means[there])


def running(model: ProcessModel, test: History, fresh: Campaign) -> None:
    planner = Planner(model)
    plan = planner.plan(test.settings, test.planned.tags).final[:, 0]
    measured = test.samples.final("titer")
    print(f"  running batches: plan {rmse(plan - measured):.3f}")
    for day in DAYS:
        history = running_batch(cut(fresh, day), model.levers, HistoryOptions())
        found = forecast(planner, history, 0.95).said
        last = np.array([_last_rate(history, i, test.planned.harvest_h[i]) for i in range(len(history))])
        inside = (measured >= found.final_low[:, 0]) & (measured <= found.final_high[:, 0])
        print(
            f"  day {day}: forecast {rmse(found.final[:, 0] - measured):.3f}, last rate {rmse(last - measured):.3f}, "
            f"covered {inside[np.isfinite(measured)].mean():.3f}",
            flush=True,
        )


def cut(fresh: Campaign, day: int) -> Dataset:
    """Return the batches as they were known on a day."""

    def until(table: Measurements) -> Measurements:
        rows = table.hours <= 24.0 * day + 3.0
        return Measurements(table.names, table.hours[rows], table.values[rows])

    batches = tuple(
        replace(
            batch,
            online=until(batch.online),
            offline=until(batch.offline),
            events=tuple(event for event in batch.events if event.hour <= 24.0 * day),
        )
        for batch in fresh.dataset.batches
    )
    return replace(fresh.dataset, batches=batches)


def _last_rate(history: History, i: int, harvest_h: float) -> float:
    titer, hours = history.samples.column("titer")[i], history.samples.hours[i]
    there = np.isfinite(titer)
    if there.sum() < 2:
        return float("nan")
    (a, b), (t, u) = titer[there][-2:], hours[there][-2:]
    return float(b + max(b - a, 0.0) / (u - t) * (harvest_h - u))


def rmse(errors: np.ndarray) -> float:
    return float(np.sqrt(np.nanmean(errors**2)))


if __name__ == "__main__":
    main()
