"""Faults 1, 9-12, 15-18, 44, 47, 48 at the project file: nothing is lost, and the user gets a sentence."""

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from mabdesk.errors import ProjectError
from mabdesk.project import identity
from mabdesk.project.project import Draft, create, open_project
from mabdesk.project.verify import verify

COMMITS = """
import sys
import numpy as np
from mabdesk.project.project import Draft, open_project
rng = np.random.default_rng(int(sys.argv[2]))
with open_project(sys.argv[1], "w") as project:
    print("ready", flush=True)
    while True:
        added = project.add(Draft("model", "train", rng.normal(size=60_000)))
        print(added.id, added.content_hash, flush=True)
"""


def numbers(count=3000, seed=1):
    return Draft("model", "train", np.random.default_rng(seed).normal(size=count))


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "p.mabdesk"
    with create(file) as project:
        project.add(numbers(seed=0))
    return file


def state(path):
    with open_project(path) as project:
        return [(info.id, info.content_hash) for info in project.results()], project.head()


def failed_checks(path):
    return {check.name for check in verify(path).checks if not check.passed}


def kill_while_committing(path, seed, delay):
    child = subprocess.Popen(
        [sys.executable, "-c", COMMITS, str(path), str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    told, _ = child.communicate()
    return [tuple(line.split()) for line in told.splitlines(keepends=True) if line.endswith("\n")]


def test_fault_1_that_killing_while_saving_loses_nothing_that_was_acknowledged(path):
    draw = random.Random(7)
    known = state(path)[0]
    for seed in range(6):
        known += kill_while_committing(path, seed, draw.uniform(0.0, 0.25))
        with open_project(path, "w") as project:
            assert any("which has ended, was cleared" in note for note in project.notes)
        found = state(path)[0]
        assert found[: len(known)] == known
        assert len(found) <= len(known) + 1  # one may have been kept without its word having come out
        assert verify(path).ok
        known = found
    assert len(known) > 6


def leave_hot_journal(path):
    """Stop a writer in the middle of its commit: pages are in the file, the journal lies beside it."""
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size=1'); c.execute('PRAGMA cache_spill=1'); c.execute('BEGIN IMMEDIATE');"
        "c.executemany('INSERT INTO blobs VALUES (?, 1, ?, ?)', [(str(n), 'raw', b'x' * 3000) for n in range(200)]);"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.with_name(path.name + "-journal").stat().st_size > 0


def test_fault_1_that_an_interrupted_save_is_undone_and_told(path):
    before = state(path)
    leave_hot_journal(path)
    with open_project(path, "w") as project:
        assert "was closed unexpectedly while saving. It is back at its last complete state of" in project.notes[0]
    assert state(path) == before
    assert verify(path).ok
    assert list(path.parent.iterdir()) == [path]


def test_fault_1_that_an_interrupted_save_can_be_read_without_touching_it(path):
    before = state(path)
    leave_hot_journal(path)
    files = {file: file.read_bytes() for file in path.parent.iterdir()}
    assert state(path) == before
    assert verify(path).ok
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == files


@contextmanager
def files_limited_to(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_fault_9_that_a_disk_that_fills_at_any_byte_leaves_the_project_as_it_was(path):
    before, size = state(path), path.stat().st_size
    told = r"Not saved to p.mabdesk: .+ \(.+ MB are free there, about 0\.0 MB are needed\)\. The project is as it was"
    with open_project(path, "w") as project:
        for limit in range(0, size + 20_000, 4096):
            with files_limited_to(limit), pytest.raises(ProjectError, match=told):
                project.add(numbers(seed=limit + 1))
            assert state(path) == before
        added = project.add(numbers(seed=99))
        assert np.array_equal(project.get(added.id).value, numbers(seed=99).value)
    assert verify(path).ok


def test_fault_9_that_a_full_file_is_refused_and_a_copy_elsewhere_takes_the_result(path, tmp_path):
    with open_project(path, "w") as project:
        pages = project._connection.execute("PRAGMA page_count").fetchone()[0]
        project._connection.execute(f"PRAGMA max_page_count={pages + 1}")
        with pytest.raises(ProjectError, match=r"Not saved .*full"):
            project.add(numbers())
        project.copy_to(tmp_path / "elsewhere.mabdesk")
    with open_project(tmp_path / "elsewhere.mabdesk", "w") as copy:
        assert copy.add(numbers()).id == "model-2"
    assert len(state(path)[0]) == 1
    assert verify(path).ok


def test_fault_10_that_making_a_project_on_a_full_disk_leaves_nothing(tmp_path):
    with files_limited_to(8192), pytest.raises(ProjectError, match=r"p\.mabdesk"):
        create(tmp_path / "p.mabdesk")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def ordinary_user():
    """Leave root's powers, for which no file is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_path(path):
    """The project in a folder that everyone may enter, writable for everyone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / path.name
        shutil.copyfile(path, file)
        folder.chmod(0o777)
        file.chmod(0o666)
        yield file
        folder.chmod(0o777)


@pytest.mark.parametrize(
    ("what", "mode", "sentence"),
    [("file", 0o444, "is read-only (Permission denied)"), ("folder", 0o555, "cannot be written in the folder")],
)
def test_fault_11_that_a_read_only_file_or_folder_opens_for_reading_only(public_path, what, mode, sentence):
    (public_path if what == "file" else public_path.parent).chmod(mode)
    before = public_path.read_bytes()
    with ordinary_user():
        with pytest.raises(ProjectError) as caught:
            open_project(public_path, "w")
        with open_project(public_path, "auto") as project:
            assert project.read_only
            assert project.get("model-1").value.shape == (3000,)
            with pytest.raises(ProjectError) as refused:
                project.add(numbers())
        assert verify(public_path).ok
    assert sentence in caught.value.message
    assert sentence in refused.value.message
    assert public_path.read_bytes() == before
    assert list(public_path.parent.iterdir()) == [public_path]


def test_fault_11_that_a_project_cannot_be_made_in_a_read_only_folder(public_path):
    public_path.parent.chmod(0o555)
    with ordinary_user(), pytest.raises(ProjectError, match="cannot be written in the folder"):
        create(public_path.with_name("new.mabdesk"))


def test_fault_12_that_the_second_opens_for_reading_and_is_told_who_writes(path):
    with open_project(path, "w") as first, open_project(path, "auto") as second:
        assert "is open by" in second.refusal
        first.add(numbers())
        assert len(second.results()) == 2


def test_fault_15_that_a_damaged_project_is_never_written(path):
    draw = random.Random(3)
    whole = path.read_bytes()
    for _ in range(40):
        data = bytearray(whole)
        place = draw.randrange(100, len(data) - 64)
        data[place : place + 64] = draw.randbytes(64)
        path.write_bytes(data)
        healthy = verify(path).ok
        with contextlib.suppress(ProjectError):
            open_project(path, "w").close()
            # What opening does not look at, the stored data, is checked whenever it is read.
            assert healthy or failed_checks(path) <= {"blobs", "references"}
        assert path.read_bytes() == data
        assert list(path.parent.iterdir()) == [path]


def test_fault_16_that_a_newer_project_is_not_written(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=2")
    with pytest.raises(ProjectError, match="made by a newer mabdesk"):
        open_project(path, "auto")


def test_fault_18_that_a_trigger_from_elsewhere_never_runs(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE loot (x)")
        connection.execute("CREATE TRIGGER audit_evil AFTER INSERT ON audit BEGIN INSERT INTO loot VALUES (1); END")
        connection.commit()
    before = path.read_bytes()
    for mode in ("r", "w", "auto"):
        with pytest.raises(ProjectError, match="unexpected table loot, trigger audit_evil"):
            open_project(path, mode)
    assert path.read_bytes() == before


def test_fault_44_that_impossible_names_leave_nothing(tmp_path):
    for name in ("x" * 300, "no/such/folder"):
        with pytest.raises(ProjectError):
            create(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_fault_47_that_a_clock_set_back_and_a_changed_zone_are_noted_and_the_order_kept(path, monkeypatch):
    times = iter([("2030-05-01T10:00:00.000+00:00", "+02:00"), ("2030-05-01T09:58:20.000+00:00", "-05:00")])
    with open_project(path, "w") as project:
        monkeypatch.setattr("mabdesk.project.audit.now", lambda: next(times))
        project.record("note", "a")
        later = project.record("note", "b")
        assert later.seq == 4
        assert later.details["clock"] == "The clock was set back by 100 s since entry 3."
        assert later.details["zone"] == "The time zone changed from +02:00 to -05:00 since entry 3."
    monkeypatch.setattr("mabdesk.project.audit.now", identity.now)
    assert verify(path).ok


def test_fault_48_that_an_edited_trail_is_read_only_with_the_place_of_the_break(path):
    with closing(sqlite3.connect(path)) as connection:
        guard = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_no_update'").fetchone()[0]
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET utc = '2020-01-01' WHERE seq = 2")
        connection.execute(guard)
        connection.commit()
    with open_project(path, "auto") as project:
        assert project.read_only
        assert "Audit chain breaks at entry 2" in project.notes[0]
    assert failed_checks(path) == {"audit trail"}
