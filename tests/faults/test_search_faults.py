"""A search that is cut off, refused or fed with nonsense: finished trials stay, and a sentence says what to do.

Numbers in names are those of the fault table in the design notes: 3, 4, 37, 41, 49.
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mabdesk import commands, workflow
from mabdesk.analysis import searching
from mabdesk.analysis.searched import SPACE
from mabdesk.data.imported import Reading
from mabdesk.errors import ProjectError, StoppedError, TrainingError, WorkerError
from mabdesk.job import Job
from mabdesk.models import factory
from mabdesk.models.model import Prediction
from mabdesk.progress import SILENT, Progress
from mabdesk.project.project import Draft, create, open_project
from mabdesk.project.verify import verify
from mabdesk.virtual_plant.campaign import campaign

QUICK = {"trials": 4, "folds": 2, "top": 1, "epochs": 1, "label_stride_h": 0.0}
# A stand-in for a network that fits in milliseconds, in the command line's process and in its worker alike.
CLI = """
import sys, time
import numpy as np
from mabdesk.models import factory
from mabdesk.models.model import Prediction
class Quick:
    def __init__(self, settings): self.level = settings["dropout"]
    def fit(self, training, validation, seed, progress): time.sleep(0.05)
    def predict(self, windows): return Prediction(np.full((len(windows), len(windows.targets)), self.level))
factory.create = lambda kind, settings, plan: Quick(settings)
from mabdesk.cli.main import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


class Quick:
    """A model in closed form that fails where its settings say so."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.level = settings["dropout"] + settings["filters"] / 100

    def fit(self, *_: Any) -> None:
        if self.level > 1:
            raise TrainingError("Loss not finite in epoch 1.")

    def predict(self, windows: Any) -> Prediction:
        return Prediction(np.full((len(windows), len(windows.targets)), self.level))


class Here:
    """A worker in this process, that can be stopped after some trials or be found dead."""

    def __init__(self, stop_after: int = 99, end: type[Exception] = StoppedError) -> None:
        self.stop_after, self.end, self.stopped, self.jobs = stop_after, end, False, []

    def run(self, job: Job, progress: Progress = SILENT) -> Any:
        self.jobs.append(job)
        heard = []

        def listen(kind: str, value: Any) -> None:
            progress.partial(kind, value)
            heard.append(value)
            if self.stopped or len(heard) == self.stop_after:
                raise self.end("The worker process ended unexpectedly.", "Run the step again.")

        return workflow.run(job, Progress(listen_partial=listen))

    def stop(self) -> None:
        self.stopped = True

    def resume(self) -> None:
        self.stopped = False

    def check(self) -> None:
        pass


@pytest.fixture(scope="module")
def dataset():
    return campaign(8, 1).dataset


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, dataset):
    path = tmp_path_factory.mktemp("prepared") / "p.mabdesk"
    with create(path) as project:
        project.add(Draft("dataset", "import", Reading(dataset, (), (), ())))
        commands.prepare(project, Here(), "search")
    return path


@pytest.fixture
def path(tmp_path, prepared, monkeypatch):
    monkeypatch.setattr(factory, "create", lambda _kind, settings, _plan: Quick(settings))
    monkeypatch.setattr(searching, "ALL_FOLDS", 2)  # cutting windows is what takes time here
    return Path(shutil.copy(prepared, tmp_path / "p.mabdesk"))


@pytest.fixture
def project(path):
    with open_project(path, "w") as project:
        yield project


def search(project, worker=None, **changed):
    return commands.run_step(project, worker or Here(), "search", {**QUICK, **changed})


def kept(project) -> list[dict[str, Any]]:
    return [dict(entry.details) for entry in project.audit_trail("trial")]


def test_that_every_finished_trial_is_kept_before_the_result_is(project):
    with pytest.raises(StoppedError) as stopped:
        search(project, Here(stop_after=3))
    assert stopped.value.hint == "3 of 4 trials are kept; searching again goes on."
    assert [one["number"] for one in kept(project)] == [1, 2, 3]
    assert not project.results("search")
    assert verify(project.path).ok


def test_that_searching_again_goes_on_and_gives_what_an_uninterrupted_search_would_3(project):
    with pytest.raises(StoppedError):
        search(project, Here(stop_after=2))
    went_on = search(project)
    assert [one["number"] for one in kept(project)] == [1, 2, 3, 4]
    assert commands.rerun(project, Here(), went_on.id).same  # without the kept trials
    assert "kept" not in went_on.options


def test_that_asking_for_more_trials_goes_on_and_other_settings_start_anew(project):
    search(project)
    more = search(project, trials=6)
    assert [one["number"] for one in kept(project)] == [1, 2, 3, 4, 5, 6]
    assert len(more.value.trials) == 6
    search(project, trials=2, epochs=2)
    assert len(kept(project)) == 8
    search(project, trials=2)
    assert len(kept(project)) == 8  # of six that are kept the first two


def test_that_a_worker_that_dies_leaves_the_trials_and_says_so(project):
    with pytest.raises(WorkerError, match="2 of 4 trials are kept"):
        search(project, Here(stop_after=2, end=WorkerError))
    assert len(search(project).value.trials) == 4


def test_that_kept_trials_that_make_no_sense_are_passed_over_4(project):
    with pytest.raises(StoppedError):
        search(project, Here(stop_after=1))
    key = project.audit_trail("trial")[0].subject
    again = {"number": 1, "settings": dict(kept(project)[0]["settings"]), "loss": 0.1, "fault": "", "outer": ""}
    for details in ({}, again, {**again, "settings": {"filters": 7}}):
        project.record("trial", key, details=details)
    assert len(search(project).value.trials) == 4


def test_that_a_project_that_can_no_longer_be_written_ends_the_search_in_a_sentence(project, monkeypatch):
    worker, record, count = Here(), project.record, []

    def full(action, *given, **named):
        count.append(action)
        if action == "trial" and len(count) > 1:
            raise ProjectError("No room on the disk.", "Make room.")
        return record(action, *given, **named)

    monkeypatch.setattr(project, "record", full)
    with pytest.raises(ProjectError, match="No room on the disk"):
        search(project, worker)
    assert not worker.stopped  # the next job may run
    assert len(kept(project)) == 1


def test_that_a_read_only_project_is_refused_before_any_work(path):
    worker = Here()
    with open_project(path, "r") as project, pytest.raises(ProjectError) as refused:
        search(project, worker)
    assert refused.value.hint
    assert not worker.jobs


def test_that_failed_trials_stay_failed_and_are_counted_41(project):
    found = search(project, trials=6).value
    assert found.failures
    assert {one["fault"] for one in kept(project) if one["loss"] is None} == {"Loss not finite in epoch 1."}
    assert search(project, trials=6).value.trials == found.trials


def test_that_a_search_with_one_point_is_one_trial_and_then_exhausted(project, monkeypatch):
    monkeypatch.setattr(workflow, "SPACE", {name: choices[:1] for name, choices in SPACE.items()})
    found = search(project).value
    assert len(found.trials) == 1
    assert found.exhausted
    assert found.duplicates == 0


def test_that_too_few_batches_are_a_sentence_37(tmp_path, dataset):
    with create(tmp_path / "few.mabdesk") as project:
        project.add(Draft("dataset", "import", Reading(dataset.only(dataset.ids[:3]), (), (), ())))
        with pytest.raises(Exception, match="5 batches are needed, received 3"):
            commands.prepare(project, Here(), "search")


def test_that_more_folds_than_batches_are_a_sentence(project):
    with pytest.raises(Exception, match="10 folds need at least"):
        search(project, folds=10)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"settings_from": "search-9"}, "has no result 'search-9'"),
        ({"settings_from": "split-1"}, "split-1 is no search"),
        ({"settings_from": "search-1", "model": "pls"}, "searched the settings of CNN-LSTM, which is not among"),
    ],
)
def test_that_settings_from_something_else_are_refused(project, options, said):
    search(project, trials=1)
    for step in ("train", "compare"):
        given = {**options, "models": (options.get("model", "cnn_lstm"),)} if step == "compare" else options
        given = {name: value for name, value in given.items() if name != "model"} if step == "compare" else given
        with pytest.raises(ProjectError, match=said):
            commands.run_step(project, Here(), step, given)


def test_that_training_takes_the_settings_that_were_found(project, monkeypatch):
    found, made = search(project), []

    def train(*given, **_named):
        made.append(given[5])
        raise TrainingError("enough")

    monkeypatch.setattr(workflow.training, "train", train)
    with pytest.raises(TrainingError, match="enough"):
        commands.run_step(project, Here(), "train", {"settings_from": found.id})
    assert made[0] | dict(found.value.best) == made[0]
    assert project.info(found.id).options["model"] == "cnn_lstm"


def test_that_test_batches_and_locked_ones_take_no_part(project):
    split = project.latest("split").value
    assert set(search(project).value.batch_ids) == {*split.train, *split.validation}


def test_that_a_kill_costs_the_running_trial_only_3(path, tmp_path):
    script = tmp_path / "quick_cli.py"
    script.write_text(CLI, encoding="utf-8")
    options = ["--folds", "2", "--top", "1", "--trials", "60", "--label-stride-h", "0"]
    command = [sys.executable, str(script), "search", str(path), *options]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told: list[str] = []
    assert child.stderr is not None
    for line in child.stderr:
        told += [line] if line.startswith("trial ") else []
        if len(told) == 3:
            break
    child.send_signal(signal.SIGKILL)
    told += [line for line in child.communicate()[1].splitlines() if line.startswith("trial ")]
    with open_project(path, "w") as project:
        found = kept(project)
    assert len(found) >= len(told) >= 3
    assert verify(path).ok
    assert not Path(f"{path}-journal").exists()
