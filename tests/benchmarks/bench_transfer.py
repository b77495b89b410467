"""Ways to a model of a new cell line or scale on simulated campaigns, and whether what is recommended is right.

The truth: the same models, of the same draws, on many fresh batches of that line or scale from another campaign.

.venv/bin/python tests/benchmarks/bench_transfer.py --seeds 11 12 13 --by cell_line scale --quick
"""

import argparse
import time
from collections import Counter
from dataclasses import replace

import pytest

from mabdesk.analysis import transferring
from mabdesk.analysis.settings import TRANSFERRED, TransferOptions
from mabdesk.analysis.transfer_gains import Draw, gains_of, scores_of
from mabdesk.analysis.transferred import Transfer
from mabdesk.cli.transferring import words
from mabdesk.data.batch import Dataset
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.models import factory
from mabdesk.virtual_plant.campaign import campaign

FRESH_SEEDS_APART = 5000


def studied(
    dataset: Dataset, fresh: Dataset, plan: WindowPlan, options: TransferOptions, seed: int
) -> tuple[Transfer, list[Draw]]:
    """Return the study, and its draws on the fresh batches of the same group, which are renamed."""
    truth: list[Draw] = []
    measured = transferring._measured

    def both(study, tested, size, fitted, known):
        batches = study.batches
        there = [replace(b, id=f"fresh {b.id}") for b in fresh.batches if b.tags[batches.tag] == batches.group]
        ids = tuple(b.id for b in there)
        instead = replace(study, dataset=replace(fresh, batches=tuple(there)))
        truth.append(measured(instead, ids, size, fitted, known))
        return measured(study, tested, size, fitted, known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transferring, "_measured", both)
        found = transferring.study_transfer(
            dataset, CleaningPlan(), plan, options, seed, factory.create, factory.fine_tune
        )
    return found, truth


def compare(found: Transfer, truth: list[Draw], counts: Counter[str]) -> None:
    """Print what was said beside what is true, and count."""
    true_gains = {(g.method, g.batches): g for g in gains_of(truth, found.sizes)}
    scores = [score for score in scores_of(truth, found.targets) if score.target == found.targets[0]]
    errors = {(score.method, score.batches): score.rmse for score in scores}
    fresh = len(set(truth[0].samples.batch_ids.tolist()))
    for s in scores:
        figures = f"RMSE {s.rmse:.3f} MAE {s.mae:.3f} R2 {s.r2:.3f} DTS {s.dts:.3f} DTS* {s.dts_centered:.3f}"
        print(f"  truth on {fresh} fresh batches: {s.method:14s} {s.batches} local {figures}")
    for gain in found.gains:
        true = errors[gain.rival, gain.batches] - errors[gain.method, gain.batches]
        best = true_gains[gain.method, gain.batches].gain
        case = f"recommended {gain.recommended}, true gain {'above' if best > 0 else 'not above'} 0"
        counts[case] += 1
        print(
            f"  {gain.method:14s} {gain.batches} local: said {gain.gain:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), "
            f"true {true:+.3f} over {gain.rival}, {best:+.3f} over the truly best local; {case}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11])
    parser.add_argument("--by", nargs="+", default=["cell_line", "scale"])
    parser.add_argument("--group", default="")
    parser.add_argument("--presets", nargs="+", default=["soft_sensor", "forecast"])
    parser.add_argument("--model", default="cnn_lstm", choices=TRANSFERRED)
    parser.add_argument("--sizes", nargs="+", default=list(TransferOptions().sizes))
    parser.add_argument("--repeats", type=int, default=TransferOptions().repeats)
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--fresh", type=int, default=400, help="batches of the fresh campaign, of all lines")
    parser.add_argument("--step-h", type=float, default=1.0)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in asked.seeds:
        dataset = campaign(asked.batches, seed).dataset
        fresh = campaign(asked.fresh, seed + FRESH_SEEDS_APART).dataset
        for preset in asked.presets:
            for by in asked.by:
                options = TransferOptions(by, asked.group, asked.model, tuple(asked.sizes), asked.repeats, asked.quick)
                started, used = time.monotonic(), time.process_time()
                found, truth = studied(dataset, fresh, WindowPlan(preset=preset, step_h=asked.step_h), options, seed)
                print(f"campaign {seed}\n{words(found)}")
                compare(found, truth, counts)
                took = time.monotonic() - started, time.process_time() - used
                print(f"  {took[0]:.0f} s, {took[1]:.0f} s of processor, the truth included", flush=True)
    print(*(f"{case}: {count}" for case, count in counts.items()), sep="\n")


if __name__ == "__main__":
    main()
