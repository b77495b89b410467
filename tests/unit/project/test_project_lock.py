import json
import os
import subprocess
import sys

import pytest

from mabdesk.errors import ProjectError
from mabdesk.project import lock
from mabdesk.project.project import open_project

HOLDS = """
import sys
from mabdesk.project.project import open_project
project = open_project(sys.argv[1], "w")
print("open", flush=True)
sys.stdin.readline()
project.close()
"""


def leave(path, **changes):
    holder = {"pid": 4711, "host": lock.host_name(), "user": "anna", "since": "2026-01-02T09:14:00.000+00:00"}
    lock.lock_path(path).write_text(json.dumps(holder | changes))


def let_go(child):
    if child.poll() is None:
        child.communicate("\n")
    child.stdin.close()
    child.stdout.close()


@pytest.fixture
def other_process(project_path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(project_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "open\n"
    yield child
    let_go(child)


def test_that_a_second_writer_is_told_who_has_it_open_since_when(project_path, other_process):
    with pytest.raises(ProjectError, match=r"is open by .+ on .+ since \d\d:\d\d") as caught:
        open_project(project_path, "w")
    assert lock.holder_of(project_path).pid == other_process.pid
    assert "read-only" in caught.value.hint


def test_that_the_second_may_read_meanwhile_and_write_afterwards(project_path, other_process):
    with open_project(project_path, "auto") as project:
        assert project.read_only
        assert "is open by" in project.refusal
        assert project.notes == (project.refusal,)
        assert project.get("model-1").seed == 5
        with pytest.raises(ProjectError, match="is open by"):
            project.archive("model-1")
    let_go(other_process)
    open_project(project_path, "w").close()


def test_that_the_lock_of_a_killed_process_is_cleared_and_told(project_path, other_process):
    other_process.kill()
    other_process.wait()
    assert lock.lock_path(project_path).exists()
    with open_project(project_path, "w") as project:
        assert any("which has ended, was cleared" in note for note in project.notes)
    assert not lock.lock_path(project_path).exists()


def test_that_the_lock_of_another_computer_is_respected_and_the_way_out_named(project_path):
    leave(project_path, host="PC-12")
    with pytest.raises(ProjectError, match="is open by anna on PC-12 since 2026-01-02") as caught:
        open_project(project_path, "w")
    assert f"delete the file {project_path.name}.lock" in caught.value.hint
    assert lock.lock_path(project_path).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', "null", '{"pid": null}'])
def test_that_an_unreadable_lock_file_that_nobody_holds_does_not_keep_out(project_path, content):
    lock.lock_path(project_path).write_text(content)
    open_project(project_path, "w").close()


def test_that_the_same_process_cannot_write_twice(project_path):
    with open_project(project_path, "w"), pytest.raises(ProjectError, match="is open by"):
        open_project(project_path, "w")


def test_that_a_lock_file_removed_while_waiting_does_not_admit_two(project_path, monkeypatch):
    real, calls = lock._system_lock, []

    def removed_just_now(descriptor):
        real(descriptor)
        calls.append(descriptor)
        if len(calls) == 1:
            lock.lock_path(project_path).unlink()

    monkeypatch.setattr(lock, "_system_lock", removed_just_now)
    held = lock.acquire(project_path)
    assert len(calls) == 2
    assert os.path.samestat(os.fstat(held.descriptor), lock.lock_path(project_path).stat())
    held.release()
