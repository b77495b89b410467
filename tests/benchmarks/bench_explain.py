"""Attribution on simulated campaigns: does it agree, what does it cost, and is it flagged where it must be?

    python tests/benchmarks/bench_explain.py agreement --seeds 1 2 3 [--model cnn_lstm] [--preset soft_sensor]
    python tests/benchmarks/bench_explain.py speed [--seed 1]
    python tests/benchmarks/bench_explain.py trust --seeds 1 2 3 4 5 [--model cnn_lstm] [--preset soft_sensor]

`agreement`: Spearman of the ranking with shap.GradientExplainer and with permutation importance of the whole
prediction. `speed`: 64 steps on a window a day of 50 batches beside the bare gradients of as many rows, and beside
GradientExplainer with as many samples as make its ranking as stable over repeats. `trust`: the verdict on the campaign
as it is, and with every batch's titer and quality exchanged for another batch's; and the plant's inert sensor.
"""

import argparse
import time
from dataclasses import replace
from typing import Any

import numpy as np

from mabdesk.analysis import cross_checks
from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.correlations import spearman
from mabdesk.analysis.cross_checks import Explainers, cross_check
from mabdesk.analysis.explained import Explained, mean_abs
from mabdesk.analysis.explaining import explain
from mabdesk.analysis.grouping import grouping_of
from mabdesk.analysis.integrated import aligned, contribute
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.analysis.training import train
from mabdesk.analysis.typical_windows import typical_windows
from mabdesk.data.batch import Batch, Dataset
from mabdesk.data.settings import CleaningPlan, SplitOptions, WindowPlan
from mabdesk.data.splitting import split
from mabdesk.data.windowing import regular_windows
from mabdesk.models import factory
from mabdesk.models.settings import settings_for
from mabdesk.progress import SILENT
from mabdesk.virtual_plant.campaign import campaign

INERT = "backpressure"


def exchanged(dataset: Dataset, seed: int) -> Dataset:
    """Give every batch the titer and quality of another: the columns stay, what they depend on goes."""
    mixed = np.random.default_rng(seed).permutation(len(dataset.batches))
    partner = dict(zip(mixed, np.roll(mixed, 1), strict=True))
    names = set(dataset.names("target", "quality"))

    def one(place: int) -> Batch:
        batch, other = dataset.batches[place], dataset.batches[partner[place]]
        values = batch.offline.values.copy()
        for column, name in enumerate(batch.offline.names):
            if name in names:
                hours, known = other.offline.measured(name)
                there = np.isfinite(values[:, column])
                values[there, column] = np.interp(batch.offline.hours[there], hours, known)
        return replace(batch, offline=replace(batch.offline, values=values))

    return replace(dataset, batches=tuple(one(place) for place in range(len(dataset.batches))))


def trained_on(dataset: Dataset, asked: argparse.Namespace, seed: int) -> Any:
    """Train as the train step does, and return the model, its plain form and the split."""
    chosen = split(dataset, SplitOptions(), seed)
    plan = WindowPlan(preset=asked.preset, step_h=asked.step_h)
    found = train(
        dataset, CleaningPlan(), plan, chosen, asked.model, settings_for(asked.model, asked.quick), seed,
        factory.create, 12.0, SILENT,
    )  # fmt: skip
    return found.model, factory.load(found.model), chosen


def explained(dataset: Dataset, asked: argparse.Namespace, seed: int) -> tuple[Attribution, float]:
    """Train and explain; return the attribution and the seconds that explaining took."""
    trained, model, chosen = trained_on(dataset, asked, seed)
    begun = time.monotonic()
    shap = Explainers(factory.gradient_shap, factory.linear_shap)
    found = explain(trained, model, dataset, chosen, ExplainOptions(), seed, factory.create, shap, factory.tree_shap)
    return found, time.monotonic() - begun


def explained_by(dataset: Dataset, asked: argparse.Namespace, seed: int) -> Explained:
    """Train, and share the predictions of the titer out, without the trust tests."""
    trained, model, chosen = trained_on(dataset, asked, seed)
    windows = regular_windows(
        dataset.only(set(dataset.ids) - set(chosen.locked)), trained.window_plan, trained.cleaning, 24.0
    )
    known = windows.of([*chosen.train, *chosen.validation])
    typical = typical_windows(windows, known, "mean_trajectory")
    baseline = aligned(typical.windows, typical.baseline)
    given = contribute(model, typical.windows, baseline, 0, 0.01, SILENT, None)
    grouping = grouping_of(typical.windows, trained.window_plan.inputs, given.last)
    return Explained(model, typical.windows, baseline, known, 0, grouping, given)


def agreement(asked: argparse.Namespace) -> None:
    for seed in asked.seeds:
        found = explained_by(campaign(asked.batches, seed).dataset, asked, seed)
        cross_checks.WINDOWS, cross_checks.SAMPLES, cross_checks.DONORS = asked.windows, asked.samples, asked.donors
        checks = cross_check(found, asked.model, Explainers(factory.gradient_shap, factory.linear_shap), seed, SILENT)
        told = ", ".join(f"{check.method} {check.spearman:.3f}" for check in checks)
        given = found.contributions
        error = f"completeness error {100 * given.error:.2f} % in {given.interpolation_steps} steps"
        print(f"campaign {seed}, {asked.model}, {asked.preset}: {told}; {error}", flush=True)
        sizes = mean_abs(found.by_variable)
        best = np.argsort(-sizes)[:6]
        print("  ", *(f"{found.grouping.variables[v]} {sizes[v] / sizes.sum():.3f}" for v in best))


def trust(asked: argparse.Namespace) -> None:
    counts = {"reliable as it is": 0, "flagged when exchanged": 0, "inert within": 0}
    for seed in asked.seeds:
        dataset = campaign(asked.batches, seed).dataset
        for name, data in (("as it is", dataset), ("exchanged", exchanged(dataset, seed + 500))):
            found, seconds = explained(data, asked, seed)
            inert = next(one for one in found.ranking if one.variable == INERT)
            print(f"campaign {seed}, {asked.model}, {asked.preset}, {name}: {found.verdict} ({seconds:.0f} s)")
            print(f"  {INERT} {inert.mean_abs:.4f}, floor {inert.floor:.4f}; worst {found.ranking[-1].variable}")
            for test in found.trust:
                print(f"    {test.test}: {test.passed} {test.value:.3f} ({test.limit:.3f})", flush=True)
            if name == "as it is":
                counts["reliable as it is"] += found.reliable
                counts["inert within"] += not inert.above_floor
            else:
                counts["flagged when exchanged"] += not found.reliable
    print(f"{asked.model}, {asked.preset}:", ", ".join(f"{k} {v} of {len(asked.seeds)}" for k, v in counts.items()))


def speed(asked: argparse.Namespace) -> None:
    seed = asked.seeds[0]
    dataset = campaign(asked.batches, seed).dataset
    trained, model, chosen = trained_on(dataset, asked, seed)
    windows = regular_windows(dataset, trained.window_plan, trained.cleaning, 24.0)
    known = windows.of([*chosen.train, *chosen.validation])
    typical = typical_windows(windows, known, "mean_trajectory")
    windows, baseline = typical.windows, aligned(typical.windows, typical.baseline)
    steps, rows = 64, 1024
    many = np.resize(np.arange(len(windows)), len(windows) * steps)
    blocks = [windows.take(many[start : start + rows]) for start in range(0, len(many), rows)]
    model.gradients(blocks[0], 0)  # traced now
    bare, own = [], []
    for _ in range(3):  # in turns, so that a busy machine disturbs both alike
        begun = time.process_time()
        for block in blocks:
            model.gradients(block, 0)
        bare.append(time.process_time() - begun)
        begun = time.process_time()
        found = contribute(model, windows, baseline, 0, 1.0, SILENT, None, steps)
        own.append(time.process_time() - begun)
    ratio = np.median(own) / np.median(bare)
    times = f"bare {np.median(bare):.1f} s of processor, ours {np.median(own):.1f} s, ratio {ratio:.3f}"
    print(f"{len(windows)} windows x {steps} steps: {times}")
    print(f"completeness error {100 * found.error:.2f} %", flush=True)
    beside_shap(model, windows, baseline, known, asked, found, trained)


def beside_shap(model: Any, windows: Any, baseline: Any, known: Any, asked: Any, found: Any, trained: Any) -> None:
    """Time both on the same windows, and tell how stable their rankings are over repeats."""
    few = windows.take(np.linspace(0, len(windows) - 1, 70).round().astype(int))
    start = baseline.take(np.linspace(0, len(windows) - 1, 70).round().astype(int))
    begun = time.process_time()
    ours = contribute(model, few, start, 0, 0.01, SILENT, None)
    own = time.process_time() - begun
    grouping = grouping_of(few, trained.window_plan.inputs, ours.last)
    hours, group = np.unique(few.hours, return_inverse=True)
    background = [known.take(np.isclose(known.hours, hour)) for hour in hours]
    sizes = mean_abs(grouping.by_variable(ours.by_channel))
    for samples in (10, 50, 200):
        rankings, seconds = [], []
        for repeat in range(3):
            begun = time.process_time()
            by_step, last = factory.gradient_shap(model, few, background, group, 0, samples, repeat)
            seconds.append(time.process_time() - begun)
            rankings.append(mean_abs(grouping.by_variable(np.concatenate([by_step.sum(axis=1), last], axis=1))))
        moving = sizes > 0
        stable = np.mean([spearman(rankings[i][moving], rankings[j][moving]) for i in range(3) for j in range(i)])
        alike = np.mean([spearman(one[moving], sizes[moving]) for one in rankings])
        print(
            f"GradientExplainer, {samples} samples: {np.median(seconds):.1f} s of processor, ours {own:.1f} s "
            f"({np.median(seconds) / own:.1f} times); Spearman over repeats {stable:.4f}, with ours {alike:.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("agreement", "speed", "trust"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--model", default="cnn_lstm")
    parser.add_argument("--preset", default="soft_sensor")
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--step-h", type=float, default=1.0)
    parser.add_argument("--windows", type=int, default=cross_checks.WINDOWS, help="that cross-checks look at")
    parser.add_argument("--samples", type=int, default=cross_checks.SAMPLES, help="of GradientExplainer, a window")
    parser.add_argument(
        "--donors", type=int, default=cross_checks.DONORS, help="batches that a variable is swapped with"
    )
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    {"agreement": agreement, "speed": speed, "trust": trust}[asked.what](asked)


if __name__ == "__main__":
    main()
