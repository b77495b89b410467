"""What an epoch of ours costs beside a bare keras.Model.fit of the same network on the same arrays, in one run.

.venv/bin/python tests/benchmarks/bench_epoch.py --windows 1100 --steps 24 --channels 30 --rounds 10
"""

import argparse
import time

import numpy as np

from mabdesk.models.network import Architecture, build_network
from mabdesk.models.training import Course, Optimizer, masked_loss, pack, train_network
from mabdesk.progress import Progress

import keras  # isort: skip  # after our own import, which sets the environment


class Clock(keras.callbacks.Callback):
    """Times the epochs of a bare fit, from one end to the next, by the wall and by the processor."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[tuple[float, float]] = []

    def on_epoch_end(self, epoch, logs=None):
        self.marks.append(mark())


def mark() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def epochs(marks, count):
    """Return (rounds x (count - 1), 2) seconds from one epoch's end to the next, inside each round."""
    rounds = np.array(marks).reshape(-1, count, 2)
    return np.diff(rounds, axis=1).reshape(-1, 2)


def bare(shape, optimizer, asked, x, y):
    keras.utils.set_random_seed(1)
    model = build_network(shape)
    rule = keras.optimizers.AdamW(
        optimizer.learning_rate, weight_decay=optimizer.weight_decay, global_clipnorm=optimizer.clip_norm
    )
    model.compile(optimizer=rule, loss=masked_loss, jit_compile=False)
    clock = Clock()
    return lambda: model.fit(x, y, epochs=asked.epochs, batch_size=64, verbose=0, callbacks=[clock]), clock


def ours(shape, optimizer, asked, x, y):
    marks: list[tuple[float, float]] = []
    course = Course(asked.epochs, 64, warm_up=3, cosine=True)

    def run():
        train_network(shape, optimizer, course, (x, y), None, 1, Progress(listen=lambda *_: marks.append(mark())))

    return run, marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("windows", 1100), ("steps", 24), ("channels", 30), ("epochs", 3), ("rounds", 10)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(asked.windows, asked.steps, asked.channels)).astype(np.float32)
    y = pack(rng.normal(size=(asked.windows, 2)), np.ones((asked.windows, 2)))
    shape, optimizer = Architecture(asked.steps, asked.channels, jitter=0.3), Optimizer(1e-3, 1e-4, 1.0)
    run_bare, clock = bare(shape, optimizer, asked, x, y)
    run_ours, marks = ours(shape, optimizer, asked, x, y)
    run_bare(), run_ours()  # both have traced now
    clock.marks.clear(), marks.clear()
    for _ in range(asked.rounds):  # in turns, so that a busy machine disturbs both alike
        run_bare(), run_ours()
    plain, own = (np.median(epochs(found, asked.epochs), axis=0) for found in (clock.marks, marks))
    for name, a, b in zip(("wall", "processor"), plain, own, strict=True):
        print(f"{name}: bare {a:.3f} s, ours {b:.3f} s an epoch, ratio {b / a:.3f}")


if __name__ == "__main__":
    main()
