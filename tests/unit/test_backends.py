"""Which of Keras's backends is chosen, and that the choice is kept, told and passed on."""

import json
import os
import subprocess
import sys

import pytest

from mabdesk import backends
from mabdesk.cli.main import main
from mabdesk.commands.running import environment
from mabdesk.errors import OptionsError
from mabdesk.gui import preferences
from mabdesk.models.device import Device, details
from mabdesk.models.devices import Card, why_cpu, why_no_networks
from mabdesk.paths import preferences_file


@pytest.fixture
def nothing_given(monkeypatch, tmp_path):
    """No backend in the environment, no preferences, and all three packages installed."""
    monkeypatch.setattr(backends, "_GIVEN", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for variable in (backends.VARIABLE, *(v for known in backends.BACKENDS.values() for v in known.environment)):
        monkeypatch.setenv(variable, "before")
        monkeypatch.delenv(variable)
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: name)
    return tmp_path


def test_that_the_environment_wins_over_the_users_choice_and_that_over_tensorflow(nothing_given, monkeypatch):
    assert backends.chosen() == "tensorflow"
    backends.keep("torch")
    assert backends.chosen() == "torch"
    monkeypatch.setattr(backends, "_GIVEN", "jax")
    assert backends.chosen() == "jax"


def test_that_a_kept_choice_is_in_the_environment_of_the_next_worker(nothing_given):
    backends.keep("jax")
    assert os.environ[backends.VARIABLE] == "jax"
    assert os.environ["PJRT_NPROC"] == "2"
    assert environment()["keras backend"].startswith("jax")


def test_that_reading_the_choice_makes_no_folder(nothing_given):
    backends.chosen()
    assert not list(nothing_given.iterdir())


@pytest.mark.parametrize("text", ["", "[]", '{"backend": 3}', '{"backend": "numpy"}', "\udcff"])
def test_that_damaged_preferences_mean_tensorflow(text, nothing_given):
    preferences_file().write_bytes(text.encode("utf-8", "surrogateescape"))
    assert backends.chosen() == "tensorflow"


def test_that_the_window_and_the_choice_keep_each_others_preferences(nothing_given):
    preferences.choose_theme("dark")
    backends.keep("torch")
    preferences.choose_theme("light")
    assert json.loads(preferences_file().read_text(encoding="utf-8"))["backend"] == "torch"
    backends.keep("jax")
    assert preferences.load().theme == "light"


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_that_a_backend_that_is_not_installed_is_refused_with_the_extra_that_installs_it(
    name, nothing_given, monkeypatch, capsys
):
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None)
    assert main(["device", "--backend", name]) == 2
    said = capsys.readouterr().err
    assert f"[{backends.BACKENDS[name].extra}]" in said
    assert "nothing was changed" in said
    assert not preferences_file().exists()


def test_that_a_choice_that_cannot_be_written_is_an_error_with_a_way_out(nothing_given, monkeypatch):
    monkeypatch.setattr(backends, "preferences_file", lambda make=True: nothing_given / "absent" / "preferences.json")
    with pytest.raises(OptionsError, match="cannot be kept") as caught:
        backends.keep("jax")
    assert backends.VARIABLE in caught.value.hint


def test_that_networks_of_a_backend_that_cannot_be_used_are_refused_with_a_way_back(nothing_given, monkeypatch):
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(backends, "_GIVEN", "torch")
    assert "PyTorch is not installed" in why_no_networks()
    assert "mabdesk device --backend tensorflow" in why_no_networks()
    monkeypatch.setattr(backends, "_GIVEN", "numpy")
    assert "There is no backend 'numpy'" in why_no_networks()


@pytest.mark.parametrize(
    ("backend", "system", "says"),
    [
        ("torch", "win32", "PyTorch finds no CUDA libraries"),
        ("jax", "win32", "JAX has no GPU support on Windows itself"),
        ("tensorflow", "win32", "or use PyTorch"),
        ("jax", "linux", "JAX finds no CUDA libraries"),
    ],
)
def test_that_the_reason_for_the_processor_is_that_of_the_backend(backend, system, says):
    assert says in why_cpu(Card("NVIDIA T1000", "535.1", 8.0, 7.5), system, "6.1", backend)


def test_that_the_device_is_told_with_the_backend():
    device = Device("CPU", "two cores", "No card.", backend="Keras 3.15.1 with torch 2.13.0")
    assert "Networks are computed by Keras 3.15.1 with torch 2.13.0." in details(device)


def test_that_a_fresh_process_reads_the_choice_before_keras_is_imported(nothing_given):
    preferences_file().write_text('{"backend": "jax"}', encoding="utf-8")
    code = "import os, sys, mabdesk.models; print(os.environ['KERAS_BACKEND'], 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jax", "False"]
