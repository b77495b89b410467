import sqlite3
from contextlib import closing

import pytest

from mabdesk.errors import ProjectError
from mabdesk.project import migrations, schema
from mabdesk.project.project import open_project
from mabdesk.project.verify import verify

NOTES = "CREATE TABLE notes (text TEXT NOT NULL) STRICT;"


@pytest.fixture
def version_2(monkeypatch):
    """A mabdesk of the future, whose files have one table more."""
    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setitem(schema.SCHEMAS, 2, schema.SCHEMAS[1] + NOTES)
    monkeypatch.setattr(migrations, "STEPS", {1: lambda connection: connection.execute(NOTES)})


def test_that_an_older_project_is_upgraded_on_a_copy_and_the_original_kept(project_path, version_2):
    before = project_path.read_bytes()
    with open_project(project_path, "w") as project:
        assert project.notes == (
            "små.mabdesk was upgraded from project version 1 to 2; the original is kept as små (version 1).mabdesk.",
        )
        assert project.get("model-1").label == "the good one"
        assert project.audit_trail()[-1].action == "upgrade"
        assert project.audit_trail()[-1].subject == "små.mabdesk"
    kept = project_path.with_name("små (version 1).mabdesk")
    assert sorted(project_path.parent.iterdir()) == sorted([kept, project_path])
    assert kept.read_bytes() == before
    assert verify(project_path).ok
    assert open_project(project_path, "w").notes == ()


def test_that_reading_an_older_project_upgrades_only_a_copy_elsewhere(project_path, version_2):
    before = project_path.read_bytes()
    with open_project(project_path) as project:
        assert project.get("model-1").seed == 5
        project._connection.execute("SELECT count(*) FROM notes")
    assert project_path.read_bytes() == before
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_a_kept_original_is_never_overwritten(project_path, version_2):
    other = project_path.with_name("små (version 1).mabdesk")
    other.write_text("mine")
    open_project(project_path, "w").close()
    assert other.read_text() == "mine"
    assert project_path.with_name("små (version 1, 2).mabdesk").exists()


def test_that_a_failed_upgrade_leaves_the_file_as_it_was(project_path, version_2, monkeypatch):
    before = project_path.read_bytes()

    def fails(connection):
        connection.execute(NOTES)
        raise sqlite3.OperationalError("no such function: future")

    monkeypatch.setattr(migrations, "STEPS", {1: fails})
    with pytest.raises(ProjectError, match="no such function"):
        open_project(project_path, "w")
    assert project_path.read_bytes() == before
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_an_older_project_with_foreign_parts_is_refused_before_the_upgrade(project_path, version_2):
    with closing(sqlite3.connect(project_path)) as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON audit BEGIN SELECT 1; END")
    for mode in ("r", "w", "auto"):
        with pytest.raises(ProjectError, match="unexpected trigger evil"):
            open_project(project_path, mode)
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_an_upgrade_that_gives_something_else_is_refused(project_path, version_2, monkeypatch):
    monkeypatch.setattr(migrations, "STEPS", {1: lambda connection: None})
    with pytest.raises(ProjectError, match="without table notes"):
        open_project(project_path, "w")
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_every_version_up_to_now_has_its_schema_and_its_step():
    assert set(schema.SCHEMAS) == set(range(1, schema.VERSION + 1))
    assert set(migrations.STEPS) == set(range(1, schema.VERSION))
