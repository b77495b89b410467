"""Graphics cards: too little memory, an old driver, a TensorFlow that cannot be loaded. No card is needed here."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

from mabdesk.models import backend, backend_tensorflow, devices
from mabdesk.models.device import Device, details, line
from mabdesk.models.devices import Card, find_device, has_avx, nvidia_card, why_cpu
from mabdesk.models.layers import Architecture
from mabdesk.models.settings import KINDS
from mabdesk.models.training import Course, Optimizer, compiled, train_network
from mabdesk.progress import SILENT

SHAPE = Architecture(8, 2, 1, 4, 4, 4, 2)
CARD = Card("NVIDIA T1000", "535.1", 8.0, 7.5)


@pytest.fixture
def sample():
    drawn = np.random.default_rng(1)
    x = drawn.normal(size=(32, 8, 2)).astype(np.float32)
    return x, np.concatenate([x[:, -1, :1], np.ones((32, 1))], axis=1).astype(np.float32)


@pytest.fixture
def small_card(monkeypatch):
    """A graphics card that lacks memory a number of times; what was tried is noted."""
    tried = []
    compiled.cache_clear()
    model = type(compiled(SHAPE, Optimizer()))
    real = model.fit
    state = {"failures": 0}

    def fit(self, *given, batch_size, **named):
        tried.append((batch_size, compiled.cache_info().currsize))
        if len(tried) <= state["failures"]:
            raise backend.OutOfMemoryError(None, None, "OOM when allocating")
        return real(self, *given, batch_size=batch_size, **named)

    monkeypatch.setattr(model, "fit", fit)
    monkeypatch.setattr(backend, "device_name", lambda: "GPU (1)")
    yield state, tried
    compiled.cache_clear()


def train(sample):
    return train_network(SHAPE, Optimizer(), Course(2, 16), sample, None, 1, SILENT)


def test_fault_6_that_too_little_memory_halves_the_minibatch_once_and_says_so(sample, small_card):
    state, tried = small_card
    state["failures"] = 1
    trained = train(sample)
    assert [minibatch for minibatch, _ in tried] == [16, 8]
    said = "The GPU's memory was not enough for minibatches of 16: started again with minibatches of 8."
    assert trained.notes == (said,)
    assert np.isfinite(trained.history["loss"]).all()


def test_fault_6_that_then_the_processor_trains_and_the_result_says_so(sample, small_card):
    state, tried = small_card
    state["failures"] = 2
    trained = train(sample)
    assert [minibatch for minibatch, _ in tried] == [16, 8, 8]
    assert "the CPU" in trained.notes[-1]


def test_fault_6_that_a_computer_without_enough_memory_is_an_error(sample, small_card):
    state, _ = small_card
    state["failures"] = 3
    with pytest.raises(MemoryError):
        train(sample)


def test_fault_6_that_a_minibatch_of_one_is_not_halved(sample, small_card):
    state, tried = small_card
    state["failures"] = 1
    trained = train_network(SHAPE, Optimizer(), Course(1, 1), sample, None, 1, SILENT)
    assert [minibatch for minibatch, _ in tried] == [1, 1]
    assert trained.notes[0].endswith("started again with the CPU.")


def test_fault_6_that_on_a_processor_nothing_is_tried_again(sample, small_card, monkeypatch):
    state, tried = small_card
    state["failures"] = 1
    monkeypatch.setattr(backend, "device_name", lambda: "CPU")
    with pytest.raises(MemoryError):
        train(sample)
    assert len(tried) == 1


def test_that_starting_again_gives_what_a_smaller_minibatch_gives_at_once(sample, small_card):
    state, tried = small_card
    state["failures"] = 1
    again = train(sample)
    tried.clear()
    state["failures"] = 0
    at_once = train_network(SHAPE, Optimizer(), Course(2, 8), sample, None, 1, SILENT)
    assert all(np.array_equal(a, b) for a, b in zip(again.weights, at_once.weights, strict=True))


@pytest.mark.parametrize(
    ("card", "system", "release", "says"),
    [
        (None, "linux", "6.1", "No NVIDIA graphics card was found"),
        (CARD, "win32", "10", "no GPU support on Windows itself"),
        (Card("NVIDIA K80", "470.82", 12, 11), "linux", "6.1", "driver 470.82 of the NVIDIA K80 is older than 525"),
        (Card("NVIDIA T400", "550", 4, 0.4), "linux", "6.1", "0.4 GB free"),
        (CARD, "linux", "6.1", "extra [gpu]"),
        (CARD, "linux", "5.15-microsoft-standard-WSL2", "under WSL 2"),
    ],
)
def test_fault_7_that_the_reason_for_the_processor_is_said(card, system, release, says):
    assert says in why_cpu(card, system, release)


@pytest.mark.parametrize("answer", ["", "nonsense", "NVIDIA T1000, 535.1, [N/A], [N/A]\n"])
def test_fault_7_that_a_broken_nvidia_tool_is_survived(answer, tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{answer}'\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert nvidia_card() is None


def test_that_nvidias_tool_is_read(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA T1000, 535.1, 8192, 7680'\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert nvidia_card() == CARD


def test_fault_8_that_a_processor_without_avx_is_told_and_nothing_is_loaded(tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nflags : fpu sse sse2\n", encoding="utf-8")
    assert not has_avx(info)
    assert has_avx(tmp_path / "absent")
    monkeypatch.setattr(devices, "has_avx", lambda: False)
    monkeypatch.setattr(importlib, "import_module", lambda name: pytest.fail("loaded"))
    found = find_device()
    assert "AVX" in found.problem
    assert line(found) == "Device: no networks (why?)"


def test_fault_8_that_a_tensorflow_that_cannot_be_loaded_is_told_with_its_cause(monkeypatch):
    def refuse(name: str):
        raise ImportError("DLL load failed while importing _pywrap_tensorflow_internal")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(importlib, "import_module", refuse)
    assert "vc_redist" in devices.why_no_networks()


def test_fault_8_that_only_networks_are_refused_where_tensorflow_cannot_be_loaded():
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from mabdesk import workflow\n"
        "from mabdesk.data.settings import WindowPlan\n"
        "from mabdesk.errors import TrainingError\n"
        "from mabdesk.job import Job\n"
        "from mabdesk.models.factory import KINDS, create\n"
        "from mabdesk.progress import SILENT\n"
        "for kind in KINDS:\n"
        "    try:\n"
        "        create(kind, {}, WindowPlan())\n"
        "    except TrainingError as error:\n"
        "        print(kind, 'tensorflow' in error.message, bool(error.hint))\n"
        "print(workflow.run(Job('device'), SILENT).problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()
    networks = [kind for kind, known in KINDS.items() if not known.simple]
    assert said[:-1] == [f"{kind} True True" for kind in networks]
    assert said[-1].startswith("TensorFlow cannot be loaded")


def test_fault_7_that_a_card_that_other_programs_have_filled_is_left_to_them(monkeypatch):
    hidden = []
    monkeypatch.setattr(backend, "nvidia_card", lambda: Card("NVIDIA T400", "550", 4, 0.4))
    monkeypatch.setattr(backend_tensorflow.tf.config, "list_physical_devices", lambda kind: ["card"])
    monkeypatch.setattr(backend_tensorflow.tf.config.experimental, "set_memory_growth", lambda card, on: None)
    monkeypatch.setattr(
        backend_tensorflow.tf.config, "set_visible_devices", lambda cards, kind: hidden.append((cards, kind))
    )
    backend.prepare()
    assert hidden == [([], "GPU")]


def test_that_memory_grows_and_tf32_is_off(monkeypatch):
    grown, precise = [], []
    experimental = backend_tensorflow.tf.config.experimental
    monkeypatch.setattr(backend_tensorflow.tf.config, "list_physical_devices", lambda kind: ["card 1", "card 2"])
    monkeypatch.setattr(experimental, "set_memory_growth", lambda card, on: grown.append((card, on)))
    monkeypatch.setattr(experimental, "enable_tensor_float_32_execution", precise.append)
    backend.prepare()
    assert grown == [("card 1", True), ("card 2", True)]
    assert precise == [False]


def test_that_a_card_that_is_in_use_already_is_survived(monkeypatch):
    def refuse(card, on):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(backend_tensorflow.tf.config, "list_physical_devices", lambda kind: ["card"])
    monkeypatch.setattr(backend_tensorflow.tf.config.experimental, "set_memory_growth", refuse)
    backend.prepare()


def test_that_the_device_is_said_whole():
    said = details(Device("GPU", "NVIDIA T1000", "TensorFlow found this graphics card.", 8, 8.0, "535.1", 1e10))
    for words in ("8.0 GB", "driver 535.1", "TF32 is off", "half the minibatch"):
        assert words in said
