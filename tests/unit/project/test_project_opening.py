import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from mabdesk import __version__
from mabdesk.errors import ProjectError
from mabdesk.project import opening
from mabdesk.project.project import create, open_project
from mabdesk.project.verify import verify

MODES = ("r", "w", "auto")


def refused(path, mode):
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(ProjectError) as caught:
        open_project(path, mode)
    assert caught.value.hint
    if path.is_file():
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]
    return caught.value.message


def changed(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("mode", MODES)
def test_that_missing_files_and_folders_are_refused(tmp_path, mode):
    assert "There is no project at" in refused(tmp_path / "none.mabdesk", mode)
    assert "is a folder" in refused(tmp_path, mode)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty (0 bytes)"),
        (b"Batch;Day;Titer\n" * 50, "is not a mabdesk project: it begins with b'Batch;Day;Ti'"),
        (b"PK\x03\x04" + b"x" * 500, "it is a zip file or an Excel workbook"),
        (b"SQLite format 3\0", "cut off within its first 100 bytes"),
        (b"SQLite format 3\0" + b"\0" * 500, "SQLite file of another program"),
    ],
)
def test_that_other_files_are_refused_by_what_they_are(tmp_path, mode, content, sentence):
    path = tmp_path / "p.mabdesk"
    path.write_bytes(content)
    assert sentence in refused(path, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_that_a_cut_off_project_is_refused_with_both_sizes(project_path, mode, share):
    data = project_path.read_bytes()
    project_path.write_bytes(data[: int(len(data) * share)])
    assert f"is cut off: {int(len(data) * share)} of {len(data)} bytes" in refused(project_path, mode)


@pytest.mark.parametrize("mode", MODES)
def test_that_a_newer_project_is_refused_with_both_versions(project_path, mode):
    changed(project_path, "PRAGMA user_version=3")
    sentence = refused(project_path, mode)
    assert "was made by a newer mabdesk (project version 3)" in sentence
    assert f"this is mabdesk {__version__} (project version 1)" in sentence


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON audit BEGIN SELECT 1; END", "unexpected trigger evil"),
        ("CREATE VIEW evil AS SELECT 1", "unexpected view evil"),
        ("CREATE TABLE evil (x)", "unexpected table evil"),
        ("CREATE INDEX evil ON audit (user)", "unexpected index evil"),
        ("ALTER TABLE results ADD COLUMN evil TEXT", "unexpected table results"),
        ("DROP TABLE head", "without table head"),
        ("PRAGMA user_version=0", "its version 0 never existed"),
        ("PRAGMA application_id=7", "SQLite file of another program"),
    ],
)
def test_that_a_project_with_anything_foreign_is_refused(project_path, mode, statement, sentence):
    changed(project_path, statement)
    assert f"is not a mabdesk project: {sentence}" in refused(project_path, mode) or sentence in refused(
        project_path, mode
    )


@pytest.mark.parametrize("mode", MODES)
def test_that_damaged_pages_are_refused_and_named(project_path, mode):
    data = bytearray(project_path.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    project_path.write_bytes(data)
    assert "is damaged" in refused(project_path, mode)


def test_that_any_single_broken_page_is_refused_or_found_by_verify(project_path):
    whole = project_path.read_bytes()
    for page in range(1, len(whole) // 4096):
        data = bytearray(whole)
        data[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
        project_path.write_bytes(data)
        assert not verify(project_path).ok


def test_that_reading_changes_no_byte_and_leaves_nothing(project_path):
    before, stamp = project_path.read_bytes(), project_path.stat().st_mtime_ns
    with open_project(project_path) as project:
        project.results()
        project.get("model-1")
        verify(project_path)
        assert list(project_path.parent.iterdir()) == [project_path]
    assert project_path.read_bytes() == before
    assert project_path.stat().st_mtime_ns == stamp


def test_that_opening_for_writing_without_a_change_changes_no_byte(project_path):
    before = project_path.read_bytes()
    open_project(project_path, "w").close()
    assert project_path.read_bytes() == before


def test_that_a_project_for_reading_refuses_every_change_with_a_sentence(project_path, draft):
    with open_project(project_path) as project:
        assert project.read_only
        for change in (
            lambda: project.add(draft()),
            lambda: project.add_source("a.xlsx", b"a"),
            lambda: project.archive("model-1"),
            lambda: project.rename("model-1", "x"),
            lambda: project.record("sign", "model-1"),
        ):
            with pytest.raises(ProjectError, match="was opened for reading only"):
                change()


def test_that_a_project_that_another_program_switched_to_wal_is_read_and_switched_back(project_path):
    changed(project_path, "PRAGMA journal_mode=WAL")
    before = project_path.read_bytes()
    with open_project(project_path) as project:
        assert project.get("model-1").seed == 5
    assert project_path.read_bytes() == before
    assert list(project_path.parent.iterdir()) == [project_path]
    with open_project(project_path, "w") as project:
        project.record("note", "x")
    assert not opening.read_header(project_path).wal
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_writing_is_synchronous_with_a_rollback_journal_and_no_trust_in_the_schema(project_path):
    with open_project(project_path, "w") as project:
        found = {
            name: project._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "trusted_schema", "application_id", "user_version")
        }
    assert found == {
        "journal_mode": "delete", "synchronous": 2, "trusted_schema": 0, "application_id": 1296122436,
        "user_version": 1,
    }  # fmt: skip


def test_that_creating_never_overwrites_and_needs_a_folder(tmp_path):
    (tmp_path / "p.mabdesk").write_text("mine")
    with pytest.raises(ProjectError, match="exists already"):
        create(tmp_path / "p.mabdesk")
    assert (tmp_path / "p.mabdesk").read_text() == "mine"
    with pytest.raises(ProjectError, match="There is no folder"):
        create(tmp_path / "no" / "p.mabdesk")
    with pytest.raises(ProjectError, match="File name too long"):
        create(tmp_path / ("x" * 300 + ".mabdesk"))
    assert list(tmp_path.iterdir()) == [tmp_path / "p.mabdesk"]


def test_that_creating_half_way_leaves_nothing(tmp_path, monkeypatch):
    def fails(*_arguments):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("mabdesk.project.audit.append", fails)
    with pytest.raises(ProjectError, match="could not be made: disk I/O error"):
        create(tmp_path / "p.mabdesk")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b.mabdesk", "ü%20?#&mode=rw.mabdesk", "no ending", "'; DROP TABLE audit; --"])
def test_that_any_file_name_works(tmp_path, name):
    with create(tmp_path / name) as project:
        project.record("note", name)
    shutil.move(tmp_path / name, tmp_path / ("moved " + name))
    with open_project(tmp_path / ("moved " + name), "w") as project:
        assert project.audit_trail()[-1].subject == name
    assert os.listdir(tmp_path) == ["moved " + name]  # noqa: PTH208


def test_that_a_relative_path_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    create("p.mabdesk").close()
    open_project("p.mabdesk", "w").close()
    assert verify("p.mabdesk").ok
