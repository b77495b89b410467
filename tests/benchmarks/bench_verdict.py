"""Whether the verdict of a comparison agrees with the truth: both models fitted on all batches, on fresh ones.

For each campaign and preset: compare on 50 batches, fit the candidate and its rival on all 50, and measure both on 200
fresh batches of the same plant. "Better" agrees where the candidate is truly better; anything else agrees where it is
not truly better by more than the interval's upper end. The sign alone is printed beside.

.venv/bin/python tests/benchmarks/bench_verdict.py --seeds 1 2 3 --presets soft_sensor forecast
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np

from mabdesk.analysis.comparison import cross_validate
from mabdesk.analysis.contest import contest, resampled
from mabdesk.analysis.fitting import fit_models, measure
from mabdesk.analysis.results import Evaluation
from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.batch import Dataset
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.splitting import folds_of
from mabdesk.data.windowing import plan_for
from mabdesk.models import factory
from mabdesk.models.settings import settings_for
from mabdesk.progress import SILENT
from mabdesk.virtual_plant.campaign import campaign

FRESH, FRESH_SEED = 200, 10_000  # campaign n is judged on campaign 10,000 + n
VALIDATION = 8  # batches that early stopping may look at where all 50 are fitted


@dataclass(frozen=True)
class Judged:
    """What was said of a candidate and its rival, and what is true of them on fresh batches."""

    verdict: str
    gain: float
    low: float
    high: float
    true_gain: float
    true_low: float
    true_high: float

    @property
    def agrees(self) -> bool:
        """Whether the verdict holds on fresh batches."""
        return self.true_gain > 0 if self.low > 0 else self.true_gain <= self.high

    @property
    def same_sign(self) -> bool:
        """Whether the model that did better in the comparison does so on fresh batches: harder than the verdict."""
        return (self.gain > 0) == (self.true_gain > 0)


def judge(found: Evaluation, data: Dataset, fresh: Dataset, plan: WindowPlan, seed: int, quick: bool) -> Judged:
    """Fit candidate and rival on all batches, and hold their errors on fresh ones against the verdict."""
    place, rivals = contest(found.models, found.preset, False, found.samples)
    candidate = found.models[place]
    said = next(d for d in found.differences if d.model == candidate and d.target == found.targets[0])
    assert said.rival in [found.models[i] for i in rivals]
    kinds = (candidate, said.rival)
    ids = np.random.default_rng(seed).permutation(data.ids).tolist()
    fitted = fit_models(
        data, CleaningPlan(), plan_for(data, plan), ids[VALIDATION:], ids[:VALIDATION], kinds,
        {kind: settings_for(kind, quick) for kind in kinds}, seed, factory.create, 12.0, SILENT, False,
    )  # fmt: skip
    samples, _ = measure(fitted, fresh, fresh.ids)
    there = np.isfinite(samples.measured[:, 0])
    errors = samples.predicted[:, there, 0] - samples.measured[there, 0]
    truth = resampled(errors, samples.batch_ids[there], seed)
    low, high = np.quantile(truth.drawn[:, 1] - truth.drawn[:, 0], [0.025, 0.975])
    return Judged(
        found.verdict,
        said.gain,
        said.low,
        said.high,
        float(truth.overall[1] - truth.overall[0]),
        float(low),
        float(high),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--presets", nargs="+", default=["soft_sensor", "forecast"])
    parser.add_argument("--models", nargs="+", default=CompareOptions().models)
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--fresh", type=int, default=FRESH)
    parser.add_argument("--step-h", type=float, default=1.0)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    settings = {kind: settings_for(kind, asked.quick) for kind in asked.models}
    judged: list[Judged] = []
    for seed in asked.seeds:
        data, fresh = campaign(asked.batches, seed).dataset, campaign(asked.fresh, FRESH_SEED + seed).dataset
        for preset in asked.presets:
            started = time.monotonic()
            plan = WindowPlan(preset=preset, step_h=asked.step_h)
            splits = folds_of(data, "batch", 5, seed).splits
            found = cross_validate(data, CleaningPlan(), plan, splits, asked.models, settings, seed, factory.create)
            one = judge(found, data, fresh, plan, seed, asked.quick)
            judged.append(one)
            print(
                f"campaign {seed}, {preset}: {one.verdict}\n"
                f"  said {one.gain:+.4f} ({one.low:+.4f} to {one.high:+.4f}), on {asked.fresh} fresh batches "
                f"{one.true_gain:+.4f} ({one.true_low:+.4f} to {one.true_high:+.4f}): "
                f"{'agrees' if one.agrees else 'DISAGREES'}, sign {'same' if one.same_sign else 'other'}, "
                f"truth {'inside' if one.low <= one.true_gain <= one.high else 'outside'} the interval "
                f"({time.monotonic() - started:.0f} s)",
                flush=True,
            )
    agree, sign = sum(one.agrees for one in judged), sum(one.same_sign for one in judged)
    inside = sum(one.low <= one.true_gain <= one.high for one in judged)
    print(f"{len(judged)} verdicts: {agree} agree, {sign} have the true sign, {inside} intervals hold the truth")


if __name__ == "__main__":
    main()
