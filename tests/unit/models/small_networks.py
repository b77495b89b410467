"""Small networks on the little plant, trained once for all tests that only look at them."""

from functools import cache

from little_plant import fake_windows

from mabdesk.data.settings import WindowPlan
from mabdesk.models import factory
from mabdesk.progress import SILENT

_PAPER = {"epochs": 3, "minibatch": 32}
SETTINGS = {
    "cnn_lstm": {
        "filters": 8, "lstm_1": 8, "lstm_2": 8, "dense": 4, "epochs": 2, "warm_up": 1, "members": 2, "minibatch": 32,
    },
    "feed_forward": _PAPER | {"dense_1": 8, "dense_2": 4},
    "lstm": _PAPER | {"lstm_1": 8, "lstm_2": 8, "dense": 4},
    "cnn": _PAPER | {"filters": 8, "dense": 4},
    "cnn_lstm_paper": _PAPER | {"filters": 8, "lstm_1": 8, "lstm_2": 8, "dense": 4},
}  # fmt: skip
PAPER = tuple(SETTINGS)[1:]


def parts(windows):
    names = sorted(set(windows.batch_ids))
    return windows.of(names[:-4]), windows.of(names[-4:-2]), windows.of(names[-2:])


def fitted(kind, settings, windows, preset="soft_sensor", progress=SILENT, seed=1, inputs=()):
    training, validation, _ = parts(windows)
    model = factory.create(kind, settings, WindowPlan(preset=preset, inputs=inputs))
    model.fit(training, validation, seed, progress)
    return model


@cache
def reference(kind, preset="soft_sensor"):
    """One trained model for all tests that only look at it."""
    return fitted(kind, SETTINGS[kind], fake_windows(), preset)
