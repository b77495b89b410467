"""Coverage of bands on fresh campaigns that nothing was fitted on, by model, preset, day, cell line and scale.

A model is trained on all batches of one campaign (networks that stop early keep a fifth of them for that) and applied
to 200 batches of another: the same plant, other draws. Raw Monte Carlo dropout stands beside.

.venv/bin/python tests/benchmarks/bench_coverage.py --seeds 31 32 --presets soft_sensor --models ridge cnn_lstm
"""

import argparse
import time

import numpy as np

from mabdesk.analysis.fitting import band_notes, fit_models, measure
from mabdesk.analysis.results import Coverage
from mabdesk.analysis.uncertainty import coverages
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.models import factory
from mabdesk.models.settings import settings_for
from mabdesk.progress import SILENT
from mabdesk.virtual_plant.campaign import campaign

STOPPED = ("feed_forward", "lstm", "cnn", "cnn_lstm_paper")
FRESH = 1000  # added to the seed of a campaign: its fresh campaign


def covered(seed: int, preset: str, kind: str, asked: argparse.Namespace) -> tuple[Coverage, ...]:
    """Train on one campaign, measure the bands on another, and say what it cost."""
    known, fresh = campaign(asked.batches, seed).dataset, campaign(asked.fresh, FRESH + seed).dataset
    plan = plan_for(known, WindowPlan(preset=preset))
    kept = len(known.ids) // 5 if kind in STOPPED else 0
    chosen = np.random.default_rng(seed).permutation(known.ids).tolist()
    settings = {kind: settings_for(kind, quick=asked.quick)}
    started = time.monotonic()
    fitted = fit_models(
        known, CleaningPlan(), plan, chosen[kept:], chosen[:kept], (kind,), settings, seed, factory.create, 12.0, SILENT
    )
    trained = time.monotonic()
    samples, _ = measure(fitted, fresh, fresh.ids, level=asked.level)
    print(f"{kind}: trained {trained - started:.1f} s, measured {time.monotonic() - trained:.1f} s", end="")
    for calibration in fitted.calibrations:
        if calibration is not None:
            parts = (calibration.floor, calibration.relative, calibration.stretch)
            print(f"; {calibration.batches} held out, floor, relative, stretch", *(np.round(p, 3) for p in parts))
    print(*band_notes(fitted, asked.level), sep="\n", end="")
    groups = {batch.id: batch.tags for batch in fresh.batches}
    return coverages((kind,), plan.targets, samples, groups, asked.level)


def show(rows: tuple[Coverage, ...]) -> None:
    """Print one line a target and band: all samples, then the parts."""
    for row in rows:
        if row.by == "all":
            print(f"\n  {row.target}, {row.band}: {100 * row.covered:.1f} %, width {row.width:.3f}, n {row.n}", end="")
        else:
            print(f"  {row.by if row.by != 'day' else 'd'} {row.part} {100 * row.covered:.0f}", end="")
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[31])
    parser.add_argument("--presets", nargs="+", default=["soft_sensor", "forecast"])
    parser.add_argument("--models", nargs="+", default=["ridge_svr", "gaussian_process", "cnn_lstm", "cnn_lstm_paper"])
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--fresh", type=int, default=200)
    parser.add_argument("--level", type=float, default=0.95)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for seed in asked.seeds:
        for preset in asked.presets:
            for kind in asked.models:
                print(f"campaign {seed}, {preset}, ", end="")
                rows = covered(seed, preset, kind, asked)
                show(rows)
                for row in rows:
                    if row.by == "all":
                        found.setdefault((preset, kind, row.target, row.band), []).append(row.covered)
    for key, values in found.items():
        texts = ", ".join(f"{100 * value:.1f}" for value in values)
        print(*key, f"mean {100 * np.mean(values):.1f} % of {len(values)}: {texts}")


if __name__ == "__main__":
    main()
