import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mabdesk import worker as worker_module
from mabdesk.errors import OptionsError, StoppedError, WorkerError
from mabdesk.job import Job
from mabdesk.progress import Progress
from mabdesk.worker import Worker

RUN = Job("simulate-run", options={"setpoints": {}, "line": "A", "scale_l": 200.0})
PARENT = """
import sys, tempfile
from mabdesk.job import Job
from mabdesk.progress import Progress
from mabdesk.worker import Worker
if __name__ == "__main__":
    worker = Worker()
    worker.warm()
    told = []
    def tell(fraction, text):
        if not told:
            told.append(print(worker.pid, flush=True))
    options = {"output": tempfile.gettempdir() + "/never-written.xlsx", "batches": 400}
    worker.run(Job("simulate-campaign", options=options, seed=1), Progress(tell))
"""


@pytest.fixture(scope="module")
def worker():
    with Worker() as worker:
        worker.run(RUN)
        yield worker


def campaign(folder: Path, batches: int = 400) -> Job:
    """A job of many seconds."""
    return Job("simulate-campaign", options={"output": str(folder / "c.xlsx"), "batches": batches}, seed=1)


def test_that_a_job_gives_its_value_and_the_process_stays_warm(worker):
    first = worker._process.pid
    assert worker.run(RUN).titer > 0
    assert worker._process.pid == first


def test_that_progress_reaches_the_caller(worker, tmp_path):
    heard = []
    worker.run(campaign(tmp_path, 2), Progress(lambda fraction, text: heard.append((fraction, text))))
    assert heard
    assert all(0 <= fraction <= 1 for fraction, _ in heard)


def test_that_an_error_for_the_user_arrives_as_it_was_raised(worker):
    job = Job("simulate-run", options={"setpoints": {"temperture": 36.0}, "line": "A", "scale_l": 200.0})
    with pytest.raises(OptionsError, match="temperture"):
        worker.run(job)
    assert worker.run(RUN).titer > 0


def test_that_a_bug_is_told_with_the_log_and_the_next_job_runs(worker):
    with pytest.raises(WorkerError, match="met an error in mabdesk itself") as caught:
        worker.run(Job("simulate-run", options={}))
    assert "mabdesk.log" in caught.value.hint
    assert worker.run(RUN).titer > 0


def test_that_stop_ends_the_job_within_two_seconds_and_leaves_nothing(tmp_path):
    with Worker() as worker:
        worker.run(RUN)
        started = []
        timer = threading.Timer(0.5, lambda: (started.append(time.monotonic()), worker.stop()))
        timer.start()
        with pytest.raises(WorkerError, match="Stopped; nothing changed"):
            worker.run(campaign(tmp_path))
        assert time.monotonic() - started[0] < 2
        timer.join()
        assert not worker.alive
        with pytest.raises(StoppedError):
            worker.run(RUN)  # work made of several jobs ends as a whole
        worker.resume()
        assert worker.run(RUN).titer > 0
    assert not list(tmp_path.iterdir())


def test_that_a_killed_worker_is_told_and_the_next_job_gets_a_new_one(tmp_path):
    with Worker() as worker:
        worker.run(RUN)
        timer = threading.Timer(0.3, os.kill, (worker._process.pid, signal.SIGKILL))
        timer.start()
        with pytest.raises(WorkerError, match="ended unexpectedly"):
            worker.run(campaign(tmp_path))
        timer.join()
        assert worker.run(RUN).titer > 0


def test_that_a_listener_that_fails_ends_the_job_and_the_next_one_has_its_own_answer(tmp_path):
    def fail(_fraction, _text):
        raise OSError("no room to keep it")

    with Worker() as worker:
        with pytest.raises(OSError, match="no room to keep it"):
            worker.run(campaign(tmp_path, 2), Progress(fail))
        assert worker.run(RUN).titer > 0
    assert not list(tmp_path.iterdir())


def test_fault_52_that_the_worker_ends_with_its_parent_in_the_middle_of_a_job():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_fault_10_that_a_log_on_a_full_disk_stops_no_work(monkeypatch):
    monkeypatch.setattr(worker_module, "log_file", lambda: Path("/dev/full"))
    with Worker() as worker:
        with pytest.raises(WorkerError, match="met an error in mabdesk itself"):
            worker.run(Job("simulate-run", options={}))  # writes its story to the log
        assert worker.run(RUN).titer > 0


def test_that_what_the_worker_prints_reaches_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_module, "log_file", lambda: tmp_path / "mabdesk.log")
    with Worker() as worker, pytest.raises(WorkerError):
        worker.run(Job("simulate-run", options={}))
    assert "Traceback" in (tmp_path / "mabdesk.log").read_text(encoding="utf-8")
