"""The queue of long work: what runs, waits, stops and ends, and what happens when the worker process is killed."""

import functools
import os
import signal
import threading
import time

import pytest

from mabdesk.errors import MabdeskError, OptionsError, WorkerError
from mabdesk.gui.jobs import Jobs, Task, pace
from mabdesk.job import Job

TRUE_RUN = Job("simulate-run", options={"setpoints": {}, "line": "A", "scale_l": 200.0})
WRONG = Job("simulate-run", options={"setpoints": {"temperture": 36.0}, "line": "A", "scale_l": 200.0})


def task(job: Job, title: str = "Work") -> Task:
    return Task(job.step, title, functools.partial(_run, job))


def _run(job, worker, progress):
    return worker.run(job, progress)


def long_work(folder) -> Task:
    return task(Job("simulate-campaign", options={"output": str(folder / "c.xlsx"), "batches": 400}, seed=1), "Long")


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    yield made
    made.close()


def test_that_work_runs_on_another_thread_and_its_value_comes_back_to_this_one(jobs, qtbot):
    threads = []
    jobs.finished.connect(lambda *_: threads.append(threading.current_thread()))
    with qtbot.waitSignal(jobs.finished, timeout=30_000) as came:
        jobs.submit(task(TRUE_RUN))
    assert came.args[1].titer > 0
    assert threads == [threading.main_thread()]
    assert not jobs.busy


def test_that_work_waits_for_its_turn_and_can_be_forgotten(jobs, qtbot, tmp_path):
    heard = []
    jobs.finished.connect(lambda done, _: heard.append(done.title))
    with qtbot.waitSignal(jobs.started, timeout=30_000):
        jobs.submit(long_work(tmp_path))
    jobs.submit(task(TRUE_RUN, "second"))
    jobs.submit(task(TRUE_RUN, "third"))
    assert [one.title for one in jobs.waiting] == ["second", "third"]
    jobs.forget_waiting()
    jobs.submit(task(TRUE_RUN, "fourth"))
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.stop()
    assert heard == ["fourth"]


def test_that_an_error_for_the_user_arrives_whole(jobs, qtbot):
    with qtbot.waitSignal(jobs.failed, timeout=30_000) as came:
        jobs.submit(task(WRONG))
    assert isinstance(came.args[1], OptionsError)
    assert "temperture" in str(came.args[1])


def test_that_a_bug_in_the_work_ends_the_work_and_not_the_thread(jobs, qtbot):
    with qtbot.waitSignal(jobs.failed, timeout=30_000) as came:
        jobs.submit(Task("bug", "Bug", _bug))
    assert isinstance(came.args[1], ZeroDivisionError)
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.submit(task(TRUE_RUN))


def _bug(worker, progress):
    return 1 / 0


def test_fault_49_that_stop_answers_within_two_seconds_and_the_next_work_runs(jobs, qtbot, tmp_path):
    with qtbot.waitSignal(jobs.progressed, timeout=30_000):
        jobs.submit(long_work(tmp_path))
    asked = time.monotonic()
    with qtbot.waitSignal(jobs.stopped, timeout=5_000):
        jobs.stop()
    assert time.monotonic() - asked < 2
    assert not jobs.busy
    assert not list(tmp_path.iterdir())
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.submit(task(TRUE_RUN))


def test_that_stop_with_nothing_to_stop_changes_nothing(jobs, qtbot):
    jobs.start()
    jobs.stop()
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.submit(task(TRUE_RUN))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_fault_5_that_a_worker_that_dies_is_told_and_the_next_one_warms(how, jobs, qtbot, tmp_path):
    with qtbot.waitSignal(jobs.progressed, timeout=30_000):
        jobs.submit(long_work(tmp_path))
    dead = jobs.worker_pid
    with qtbot.waitSignal(jobs.failed, timeout=10_000) as came:
        os.kill(dead, how)
    assert isinstance(came.args[1], WorkerError)
    assert how.name in str(came.args[1])
    assert "mabdesk.log" in str(came.args[1])
    qtbot.waitUntil(lambda: jobs.worker_pid not in {None, dead}, timeout=5_000)
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.submit(task(TRUE_RUN))


def test_that_an_idle_worker_that_dies_is_told_and_replaced(jobs, qtbot):
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        jobs.submit(task(TRUE_RUN))
    dead = jobs.worker_pid
    with qtbot.waitSignal(jobs.worker_lost, timeout=10_000):
        os.kill(dead, signal.SIGKILL)
    qtbot.waitUntil(lambda: jobs.worker_pid not in {None, dead}, timeout=5_000)


def test_that_closing_while_work_runs_leaves_no_process(qtbot, tmp_path):
    jobs = Jobs()
    with qtbot.waitSignal(jobs.started, timeout=30_000):
        jobs.submit(long_work(tmp_path))
    begun = time.monotonic()
    jobs.close()
    assert time.monotonic() - begun < 2
    assert jobs.worker_pid is None


@pytest.mark.parametrize(("fraction", "elapsed", "left"), [(0.25, 10.0, 30.0), (0.0, 10.0, None), (0.5, 1.0, None)])
def test_that_the_time_left_follows_from_the_pace(fraction, elapsed, left):
    assert pace(fraction, "", elapsed).left == left


def test_that_work_that_is_stopped_while_it_keeps_is_either_kept_or_not_begun(jobs, qtbot):
    ends = []
    jobs.finished.connect(lambda *_: ends.append("finished"))
    jobs.stopped.connect(lambda *_: ends.append("stopped"))
    jobs.failed.connect(lambda _, error: ends.append(repr(error)))
    for wait_ms in range(0, 60, 12):
        jobs.submit(task(TRUE_RUN))
        qtbot.wait(wait_ms)
        jobs.stop()
        qtbot.waitUntil(lambda: not jobs.busy, timeout=30_000)
    qtbot.wait(50)
    assert set(ends) <= {"finished", "stopped"}
    assert issubclass(WorkerError, MabdeskError)
