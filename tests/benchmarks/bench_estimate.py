"""How long training takes beside what was estimated, on simulated batches.

.venv/bin/python tests/benchmarks/bench_estimate.py --batches 12 50
"""

import argparse
import tempfile
from pathlib import Path

from mabdesk import commands
from mabdesk.job import Job
from mabdesk.models.device import estimate_seconds, extent_of
from mabdesk.project.project import open_project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

NETWORK = {"model": "cnn_lstm", "preset": "soft_sensor"}
CASES = (
    ("train", {**NETWORK, "quick": True}),
    ("train", NETWORK),
    ("train", {**NETWORK, "preset": "forecast"}),
    ("train", {"model": "cnn_lstm_paper", "preset": "soft_sensor"}),
    ("train", {"model": "gaussian_process", "preset": "forecast"}),
    ("compare", {"quick": True, "folds": 3, "preset": "soft_sensor"}),
    ("compare", {"preset": "forecast"}),
)


def study(worker, folder, batches):
    """Return an open project with the imported, split and cleaned batches of a simulated campaign."""
    path = folder / f"{batches}.mabdesk"
    commands.new_project(path)
    workbook = folder / f"{batches}.xlsx"
    worker.run(Job("simulate-campaign", options={"output": str(workbook), "batches": batches}, seed=1))
    project = open_project(path, "w")
    commands.run_step(project, worker, "import", {}, files=[workbook])
    commands.prepare(project, worker, "train")
    return project


def report(project, worker, device, batches, cases):
    extent = extent_of(project.latest("dataset").value.dataset)
    for step, options in cases:
        whole = commands.complete_options(STEPS[step], options)
        expected = estimate_seconds(whole, extent, device)
        taken = commands.run_step(project, worker, step, options).seconds
        said = " ".join(str(value) for value in options.values())
        print(f"{batches:4d} batches {step:8s}{said:32s}{taken:8.1f} s, estimated {expected:7.1f} s, "
              f"ratio {expected / taken:5.2f}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=[12, 50])
    parser.add_argument("--cases", type=int, nargs="+", default=range(len(CASES)), help="by number, from 0")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Worker() as worker:
        device = worker.run(Job("device"))
        print(f"{device.kind}, {device.cores} cores, {device.speed / 1e9:.1f} G multiply-adds/s")
        for batches in asked.batches:
            with study(worker, Path(name), batches) as project:
                report(project, worker, device, batches, [CASES[number] for number in asked.cases])


if __name__ == "__main__":
    main()
