"""A small project with one of everything."""

from pathlib import Path

import numpy as np
import pytest

from mabdesk.data.batch import Batch, Dataset, Event, Measurements, Source, Variable
from mabdesk.project.project import Draft, create


def small_dataset(batches=3):
    hours = np.arange(0.0, 48.0, 0.5)
    rng = np.random.default_rng(3)
    online = [Measurements(("ph", "do"), hours, rng.normal(size=(96, 2))) for _ in range(batches)]
    offline = Measurements(("titer",), hours[::48], [[0.1], [np.nan]])
    return Dataset(
        (Variable("ph", "", "online", 6.5, 7.5), Variable("do", "%", "online"), Variable("titer", "g/L", "target")),
        tuple(
            Batch(f"B{n}", table, offline, (Event(0.0, "inoculation"),), {"temperature": 36.5}, {"line": "A"})
            for n, table in enumerate(online)
        ),
        (Source("run µ.xlsx", "ab" * 32),),
    )


def model_draft(parent="dataset-1", seed=5, shift=0.0):
    value = {"weights": np.arange(300, dtype=np.float32) + shift, "names": np.array(["ph", "do"])}
    return Draft("model", "train", value, (parent,), {"epochs": 3, "inputs": ["ph"]}, seed, {"python": "3.11"}, "", 1.5)


@pytest.fixture
def draft():
    """Makes drafts of a model from dataset-1; `shift` changes its weights."""
    return model_draft


@pytest.fixture
def project_path(tmp_path) -> Path:
    """A closed project: a source, a dataset, a model made from it, renamed, and a report."""
    path = tmp_path / "små.mabdesk"
    with create(path) as project:
        project.add(Draft("dataset", "import", small_dataset()), sources=[("run µ.xlsx", b"raw bytes" * 100)])
        project.add(model_draft())
        project.rename("model-1", "the good one", reason="clearer")
        project.record_report(path.with_name("R.xlsx"), "cd" * 32, ("model-1",))
    return path
