"""What an epoch of ours costs beside a bare keras.Model.fit of the same network on the same arrays, in one run.

    .venv/bin/python tests/benchmarks/bench_epoch.py --windows 1100 --steps 24 --channels 30 --epochs 8
"""

import argparse
import time

import numpy as np

from mabdesk.models.network import Architecture, build_network
from mabdesk.models.training import Course, Optimizer, masked_loss, pack, train_network
from mabdesk.progress import Progress

import keras  # isort: skip  # after our own import, which sets the environment


class Clock(keras.callbacks.Callback):
    """Times the epochs of a bare fit."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.started)


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
    seconds, last = [], [0.0]

    def listen(fraction, text):
        now = time.perf_counter()
        seconds.append(now - last[0])
        last[0] = now

    course = Course(asked.epochs, 64, warm_up=3, cosine=True)

    def run():
        last[0] = time.perf_counter()
        train_network(shape, optimizer, course, (x, y), None, 1, Progress(listen=listen))

    return run, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("windows", 1100), ("steps", 24), ("channels", 30), ("epochs", 6), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(asked.windows, asked.steps, asked.channels)).astype(np.float32)
    y = pack(rng.normal(size=(asked.windows, 2)), np.ones((asked.windows, 2)))
    shape, optimizer = Architecture(asked.steps, asked.channels, jitter=0.3), Optimizer(1e-3, 1e-4, 1.0)
    run_bare, clock = bare(shape, optimizer, asked, x, y)
    run_ours, seconds = ours(shape, optimizer, asked, x, y)
    run_bare(), run_ours()  # both have traced now
    clock.seconds.clear(), seconds.clear()
    for _ in range(asked.rounds):  # in turns, so that a busy machine disturbs both alike
        run_bare(), run_ours()
    # An epoch of ours lasts from one report to the next: the callback and all between epochs are in it; the first one
    # of a round also holds the fresh weights and is left out on both sides.
    own = [s for i, s in enumerate(seconds) if i % asked.epochs]
    plain = [s for i, s in enumerate(clock.seconds) if i % asked.epochs]
    print(f"bare {np.median(plain):.3f} s, ours {np.median(own):.3f} s, ratio {np.median(own) / np.median(plain):.3f}")


if __name__ == "__main__":
    main()
