"""`mabdesk device`: what will train, why, and how long; with a worker that has found what the test says."""

import json
from types import SimpleNamespace

import pytest

from mabdesk import backends
from mabdesk.cli import verbs
from mabdesk.cli.main import main
from mabdesk.commands import new_project
from mabdesk.models.device import Device, Extent

CPU = Device("CPU", "x86_64, 2 cores", "No NVIDIA graphics card was found.", 2, speed=3e10)
CARD = Device("GPU", "NVIDIA T1000", "TensorFlow found this graphics card.", 8, 8.0, "535.1", 3e11)
NONE = Device("CPU", "x86_64, 2 cores", "Simple models need no more.", 2, problem="This processor lacks AVX.")


@pytest.fixture
def found(monkeypatch):
    """Set what the worker finds; the real one would load TensorFlow."""

    class FakeWorker:
        device = CPU

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def run(self, job, progress):
            assert job.step == "device"
            return self.device

    monkeypatch.setattr(verbs, "Worker", FakeWorker)
    return FakeWorker


def said(capsys, *arguments):
    assert main(["device", "--quiet", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_that_the_reason_for_the_processor_and_its_rules_are_said(found, capsys):
    text = said(capsys)
    for words in ("CPU: x86_64, 2 cores.", "No NVIDIA graphics card was found.", "TF32 is off"):
        assert words in text
    assert "memory is taken" not in text


def test_that_a_graphics_card_is_said_with_its_driver_and_memory(found, capsys):
    found.device = CARD
    text = said(capsys)
    for words in ("NVIDIA T1000, 8.0 GB, driver 535.1", "GPU memory is taken as it is needed"):
        assert words in text


def test_that_the_json_holds_all_of_it(found, capsys):
    found.device = CARD
    answer = json.loads(said(capsys, "--json"))
    assert (answer["kind"], answer["tf32"], answer["memory_growth"]) == ("GPU", False, True)
    assert answer["why"] == CARD.why
    assert answer["seconds"] == {}


def test_that_training_on_a_projects_data_gets_an_estimate(found, capsys, monkeypatch, tmp_path):
    newest = SimpleNamespace(value=SimpleNamespace(dataset=None))
    monkeypatch.setattr(verbs, "extent_of", lambda dataset: Extent(50, 336.0, 14.0, 40))
    monkeypatch.setattr("mabdesk.project.store.Project.latest", lambda project, kind: newest)
    new_project(tmp_path / "p.mabdesk")
    text = said(capsys, tmp_path / "p.mabdesk")
    assert "train with default settings: about " in text
    answer = json.loads(said(capsys, tmp_path / "p.mabdesk", "--json"))
    assert 0 < answer["seconds"]["train"] < answer["seconds"]["compare"]
    found.device = NONE
    answer = json.loads(said(capsys, tmp_path / "p.mabdesk", "--json"))
    assert answer["seconds"] == {}
    assert answer["problem"] == "This processor lacks AVX."


def test_that_a_project_without_batches_is_told_to_import(found, capsys, tmp_path):
    new_project(tmp_path / "p.mabdesk")
    assert main(["device", str(tmp_path / "p.mabdesk")]) == 2
    assert "mabdesk import" in capsys.readouterr().err


def test_that_another_backend_is_kept_and_where_the_environment_wins_that_is_said(found, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv(backends.VARIABLE, "tensorflow")
    monkeypatch.setattr(backends, "_GIVEN", "")
    monkeypatch.setattr(backends, "problem", lambda name: "")
    for name in backends.BACKENDS["torch"].environment:
        monkeypatch.setenv(name, "")
    assert "Kept: PyTorch computes networks from now on" in said(capsys, "--backend", "torch")
    monkeypatch.setattr(backends, "_GIVEN", "tensorflow")
    assert "asks for tensorflow, and wins" in said(capsys, "--backend", "torch")
