"""The same small network on each of Keras's backends: seconds an epoch, RMSE, and how far predictions are apart.

python tests/benchmarks/bench_backends.py --backends tensorflow torch jax

Each backend trains in a process of its own; then each predicts with the weights that the first one trained.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mabdesk.models import backend
from mabdesk.models.dropout import sampled_outputs
from mabdesk.models.network import Architecture
from mabdesk.models.training import Course, Optimizer, pack, predict_network, train_network
from mabdesk.progress import Progress

HERE = Path(__file__).resolve()
SHAPE = {"filters": 32, "lstm_1": 32, "lstm_2": 16, "dense": 16}
STEPS, CHANNELS, MASKS = 24, 10, 8


def data(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make windows whose target is a smooth function of two channels' means, with noise of sd 0.1."""
    drawn = np.random.default_rng(seed)
    x = drawn.normal(size=(rows, STEPS, CHANNELS)) + drawn.normal(size=(rows, 1, CHANNELS))
    y = np.tanh(x[:, :, :1].mean(axis=1)) + 0.5 * x[:, :, 1:2].mean(axis=1)
    return x.astype(np.float32), y + drawn.normal(0, 0.1, y.shape)


def work(asked: argparse.Namespace) -> None:
    """Train (and keep the weights), or predict with kept ones; runs in the process of one backend."""
    shape, optimizer = Architecture(STEPS, CHANNELS, 1, **SHAPE), Optimizer()
    (x, y), (test_x, test_y) = data(asked.windows, 1), data(500, 2)
    weights_at, out = Path(asked.weights), Path(asked.out)
    said: dict[str, object] = {"device": backend.device_name()}
    if not asked.kept:
        digests = []
        for _ in range(2):
            marks = []
            progress = Progress(listen=lambda *_, marks=marks: marks.append(time.perf_counter()))
            trained = train_network(
                shape, optimizer, Course(asked.epochs), (x, pack(y, np.ones_like(y))), None, 1, progress
            )
            digests.append(b"".join(array.tobytes() for array in trained.weights))
        said |= {"epoch": float(np.median(np.diff(marks))), "same": digests[0] == digests[1]}
        np.savez(weights_at, *trained.weights)
    with np.load(weights_at) as kept:
        weights = [kept[name] for name in kept.files]
    predicted = predict_network(shape, optimizer, weights, test_x)
    begun = time.perf_counter()
    spread = sampled_outputs(shape, weights, test_x, MASKS, 1).std(axis=0)
    said |= {"rmse": float(np.sqrt(np.mean((predicted - test_y) ** 2))), "sampling": time.perf_counter() - begun}
    np.savez(out, predicted=predicted, spread=spread)
    print(json.dumps(said))


def run(name: str, asked: argparse.Namespace, weights: Path, out: Path, kept: bool) -> dict[str, object]:
    """Do the work with one backend, in its own process."""
    command = [sys.executable, str(HERE), "--work", "--weights", str(weights), "--out", str(out)]
    command += ["--windows", str(asked.windows), "--epochs", str(asked.epochs), *(["--kept"] if kept else [])]
    done = subprocess.run(
        command, env={**os.environ, "KERAS_BACKEND": name}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backends", nargs="+", default=["tensorflow", "torch", "jax"])
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=8)
    for name in ("--work", "--kept"):
        parser.add_argument(name, action="store_true", help=argparse.SUPPRESS)
    for name in ("--weights", "--out"):
        parser.add_argument(name, default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked)
        return
    with tempfile.TemporaryDirectory() as folder:
        first: dict[str, np.ndarray] = {}
        for name in asked.backends:
            trained = run(name, asked, Path(folder) / f"{name}.npz", Path(folder) / "own.npz", kept=False)
            run(name, asked, Path(folder) / f"{asked.backends[0]}.npz", Path(folder) / f"{name}_said.npz", kept=True)
            with np.load(Path(folder) / f"{name}_said.npz") as found:
                said = dict(found)
            first = first or said
            apart = {part: float(np.abs(said[part] - first[part]).max()) for part in said}
            print(
                f"{name} ({trained['device']}): {trained['epoch']:.2f} s an epoch of {asked.windows} windows, RMSE "
                f"{trained['rmse']:.4f}, {MASKS} masks of 500 windows {trained['sampling']:.2f} s, twice alike: "
                f"{trained['same']}; same weights as {asked.backends[0]}: predictions at most {apart['predicted']:.1e} "
                f"apart, spreads {apart['spread']:.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
