"""Accuracy of all titer models on simulated campaigns, beside the noise-free truth.

.venv/bin/python tests/benchmarks/bench_accuracy.py --seeds 1 2 --presets soft_sensor --models ridge cnn_lstm
"""

import argparse
import time

import numpy as np

from mabdesk.analysis.comparison import Extras, cross_validate
from mabdesk.analysis.results import Evaluation
from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.splitting import folds_of
from mabdesk.models import factory
from mabdesk.models.settings import KINDS, settings_for
from mabdesk.virtual_plant.campaign import Campaign, campaign


def truth_rmse(plant: Campaign, found: Evaluation, target: int) -> float:
    """Score the noise-free truth against the measured samples: the floor that noise sets."""
    s = found.samples
    rows = zip(s.batch_ids, s.hours, strict=True)
    truth = np.array([plant.true_values(name, found.targets[target], np.array([hour]))[0] for name, hour in rows])
    return float(np.sqrt(np.nanmean((truth - s.measured[:, target]) ** 2)))


def show(plant: Campaign, found: Evaluation, seconds: float) -> None:
    for t, target in enumerate(found.targets):
        print(f"  {target}: truth itself {truth_rmse(plant, found, t):.3f}")
        for model, label in zip(found.models, found.labels, strict=True):
            s = found.score(model, target)
            print(
                f"    {label:32s} RMSE {s.rmse:.3f} MAE {s.mae:.3f} R2 {s.r2:.3f} DTS {s.dts:.4f}"
                f" DTS* {s.dts_centered:.2f} final {s.final_day_rmse:.3f} n {s.n}"
            )
    for one in found.differences:
        print(f"    {one.target}: {one.model} against {one.rival} {one.gain:+.4f} ({one.low:+.4f} to {one.high:+.4f})")
    for claim in found.claims:
        true = found.score(claim.model, claim.target)
        print(
            f"    {claim.target}: random windows claim {claim.rmse:.3f} of {claim.model}, whole batches {true.rmse:.3f}"
        )
    print(f"  {found.verdict} ({seconds:.0f} s)", *found.notes, sep="\n  ", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--presets", nargs="+", default=["soft_sensor", "forecast"])
    parser.add_argument("--models", nargs="+", default=CompareOptions().models)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--step-h", type=float, default=1.0)
    parser.add_argument("--folds-by", default="batch", choices=("batch", "cell_line", "scale"))
    parser.add_argument("--window-split", action="store_true")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    settings = {kind: settings_for(kind, quick=asked.quick) for kind in KINDS}
    for seed in asked.seeds:
        plant = campaign(asked.batches, seed)
        for preset in asked.presets:
            started = time.monotonic()
            plan = WindowPlan(preset=preset, step_h=asked.step_h)
            folds = folds_of(plant.dataset, asked.folds_by, asked.folds, seed)
            extras = Extras(folds_by=asked.folds_by, fold_names=folds.names, window_split=asked.window_split)
            found = cross_validate(
                plant.dataset, CleaningPlan(), plan, folds.splits, asked.models, settings, seed, factory.create,
                extras=extras,
            )  # fmt: skip
            print(f"campaign {seed}, {preset}, {found.folds} folds by {asked.folds_by}")
            show(plant, found, time.monotonic() - started)


if __name__ == "__main__":
    main()
