import random
import sqlite3
from contextlib import closing

import pytest

from mabdesk.errors import ProjectError
from mabdesk.project.canonical import sha256
from mabdesk.project.project import open_project
from mabdesk.project.verify import verify, verify_report

TABLES = ("audit", "results", "blobs", "head")


def tamper(path, *statements):
    """Do what an attacker would: take the guards away, change, put the guards back."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;")
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            connection.execute(statement, values)
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()


def failed(path):
    return {check.name: check.sentence for check in verify(path).checks if not check.passed}


def test_that_an_untouched_project_passes_every_check(project_path):
    verification = verify(project_path)
    assert verification.ok
    assert [check.name for check in verification.checks] == [
        "file", "opening", "schema", "pages", "tables", "audit trail", "results", "lineage", "blobs", "references",
    ]  # fmt: skip


def test_that_a_change_behind_its_back_is_found_by_verify_and_on_opening_with_its_place(project_path):
    tamper(project_path, ("UPDATE audit SET user = 'eve' WHERE seq = 4", ()))
    assert "Audit chain breaks at entry 4" in failed(project_path)["audit trail"]
    with pytest.raises(ProjectError, match="Audit chain breaks at entry 4"):
        open_project(project_path, "w")
    with open_project(project_path, "auto") as project:
        assert "Audit chain breaks at entry 4" in project.refusal
        assert project.get("model-1").seed == 5
        with pytest.raises(ProjectError, match="Audit chain breaks at entry 4"):
            project.archive("model-1")
    with open_project(project_path) as project:
        assert project.notes == ("Audit chain breaks at entry 4: its content differs from its hash.",)


def test_that_a_removed_guard_is_found(project_path):
    with closing(sqlite3.connect(project_path)) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
    assert "trigger audit_no_update were removed" in failed(project_path)["schema"]
    with pytest.raises(ProjectError, match="audit_no_update"):
        open_project(project_path, "w")
    with open_project(project_path) as project:
        assert "audit_no_update" in project.notes[0]


def test_that_every_cell_of_every_table_is_guarded(project_path):
    whole = project_path.read_bytes()
    unseen = []
    for table, row, column, value in cells(project_path):
        project_path.write_bytes(whole)
        changed = other(value)
        tamper(project_path, (f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, row)))
        if verify(project_path).ok:
            unseen.append((table, row, column, value, changed))
    assert unseen == []


def cells(path):
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            columns = [line[1] for line in connection.execute(f"PRAGMA table_info({table})")]
            for row in connection.execute(f"SELECT rowid, * FROM {table}").fetchall():
                for column, value in zip(columns, row[1:], strict=True):
                    if (table, column) != ("head", "one"):
                        yield table, row[0], column, value


def other(value):
    draw = random.Random(str(value))
    if value is None:
        return 1
    if isinstance(value, bytes):
        place = draw.randrange(2, len(value))  # the first two bytes only say how hard zlib tried
        return value[:place] + bytes([value[place] ^ (1 << draw.randrange(8))]) + value[place + 1 :]
    if isinstance(value, str):
        place = draw.randrange(len(value) + 1)
        return value[:place] + "x" + value[place:]
    return value + 1000


def test_that_every_removed_row_is_found(project_path):
    whole = project_path.read_bytes()
    with closing(sqlite3.connect(project_path)) as connection:
        rows = [(table, n) for table in TABLES for (n,) in connection.execute(f"SELECT rowid FROM {table}").fetchall()]
    assert len(rows) > 15
    for table, row in rows:
        project_path.write_bytes(whole)
        tamper(project_path, (f"DELETE FROM {table} WHERE rowid = ?", (row,)))
        assert not verify(project_path).ok, (table, row)


def test_that_changes_of_results_and_data_are_named(project_path):
    whole = project_path.read_bytes()
    cases = (
        ("UPDATE results SET seed = 6 WHERE id = 'model-1'", "results", "Result model-1 was changed"),
        ("UPDATE results SET seed = 6 WHERE id = 'model-1'", "lineage", "Result model-1: its content differs"),
        ("UPDATE results SET seconds = 9e999 WHERE id = 'model-1'", "results", "Result model-1 was changed"),
        ("UPDATE results SET options = '{' WHERE id = 'model-1'", "lineage", "Result model-1 cannot be read"),
        ("DELETE FROM results WHERE id = 'dataset-1'", "lineage", "Result model-1: its parent dataset-1 is missing"),
        ("UPDATE results SET id = 'model-7' WHERE id = 'model-1'", "results", "model-7 was not added by mabdesk"),
        ("UPDATE results SET label = CAST(x'ff' AS TEXT) WHERE id = 'model-1'", "results", "model-1 was changed"),
        ("UPDATE audit SET details = CAST(x'ff' AS TEXT) WHERE seq = 4", "audit trail", "breaks at entry 4"),
        ("INSERT INTO blobs VALUES ('00', 0, 'raw', x'')", "references", "belong to no result"),
        ("DELETE FROM blobs WHERE sha256 = (SELECT value FROM results LIMIT 1)", "references", "of result dataset-1"),
    )
    for statement, name, sentence in cases:
        project_path.write_bytes(whole)
        tamper(project_path, (statement, ()))
        assert sentence in failed(project_path)[name], statement


def test_that_a_changed_result_also_stops_writing_and_damaged_data_stop_reading(project_path):
    tamper(project_path, ("UPDATE results SET label = 'forged' WHERE id = 'model-1'", ()))
    with pytest.raises(ProjectError, match="Result model-1 was changed after it was kept"):
        open_project(project_path, "w")
    tamper(project_path, ("UPDATE blobs SET data = zeroblob(9)", ()))
    with open_project(project_path) as project, pytest.raises(ProjectError, match="are damaged"):
        project.get("model-1")


def test_that_files_that_are_no_projects_fail_with_a_check_or_a_sentence(tmp_path):
    with pytest.raises(ProjectError, match="There is no project"):
        verify(tmp_path / "none.mabdesk")
    (tmp_path / "p.mabdesk").write_bytes(b"PK\x03\x04")
    assert "Excel workbook" in failed(tmp_path / "p.mabdesk")["file"]


def test_that_a_report_is_told_from_another_and_from_a_changed_one(project_path, tmp_path):
    report = tmp_path / "report.xlsx"
    report.write_bytes(b"figures")
    with open_project(project_path, "w") as project:
        project.record_report(report, sha256(b"figures"), ("model-1", "dataset-1"))
        good = verify_report(project, report)
        assert good.passed
        assert "is byte for byte the report written on" in good.sentence
        assert "from model-1, dataset-1" in good.sentence
        copy = tmp_path / "renamed.xlsx"
        copy.write_bytes(b"figures")
        assert verify_report(project, copy).passed
        report.write_bytes(b"Figures")
        assert "report.xlsx differs from the report of this name written on" in verify_report(project, report).sentence
        copy.write_bytes(b"strange")
        assert "is no report that" in verify_report(project, copy).sentence
        with pytest.raises(ProjectError, match="could not be read"):
            verify_report(project, tmp_path / "none.xlsx")
        assert [record.name for record in project.reports()] == ["R.xlsx", "report.xlsx"]
    assert verify(project_path).ok
