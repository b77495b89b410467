import getpass
import sqlite3
from dataclasses import astuple

import pytest

from mabdesk.project import audit, identity
from mabdesk.project.canonical import digest
from mabdesk.project.project import open_project


@pytest.fixture
def rows(project_path):
    connection = sqlite3.connect(project_path)
    yield audit.rows_of(connection), audit.head_of(connection)
    connection.close()


def test_that_an_untouched_trail_holds(rows):
    assert audit.first_break(*rows) is None


@pytest.mark.parametrize("column", range(1, 11))
@pytest.mark.parametrize("place", [0, 2, 5])
def test_that_a_change_of_any_cell_is_found_at_its_entry(rows, column, place):
    trail, head = rows
    changed = [*trail]
    changed[place] = (*trail[place][:column], trail[place][column] + " ", *trail[place][column + 1 :])
    assert audit.first_break(changed, head).seq == place + 1


@pytest.mark.parametrize("place", range(6))
def test_that_a_missing_entry_is_found_even_the_last(rows, place):
    trail, head = rows
    broken = audit.first_break(trail[:place] + trail[place + 1 :], head)
    assert broken.seq == place + 1
    assert f"Audit chain breaks at entry {place + 1}" in broken.sentence


def test_that_a_change_with_its_hash_made_new_is_found_one_later(rows):
    trail, head = rows
    forged = (*trail[2][:3], "eve", *trail[2][4:10])
    trail[2] = (*forged, digest(forged))
    assert audit.first_break(trail, head).seq == 4


def test_that_swapped_and_added_entries_are_found(rows):
    trail, head = rows
    assert audit.first_break([trail[0], trail[2], trail[1], *trail[3:]], head).seq == 2
    more = (7, *trail[5][1:9], trail[5][10])
    assert audit.first_break([*trail, (*more, digest(more))], head).seq == 7
    assert audit.first_break([], head).seq == 1


def test_that_every_entry_shows_the_hash_of_the_one_before(project_path):
    with open_project(project_path) as project:
        trail = project.audit_trail()
        assert project.head() == trail[-1].hash
    assert [entry.previous for entry in trail] == ["", *(entry.hash for entry in trail[:-1])]
    assert len(set(map(len, (entry.hash for entry in trail)))) == 1
    assert all(astuple(entry)[0] == number for number, entry in enumerate(trail, 1))


def test_that_an_account_without_a_name_is_a_number_and_odd_names_are_kept_readable(monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert identity.user_name().startswith("uid ")
    monkeypatch.setattr(getpass, "getuser", lambda: "Jürgen\udcff")
    assert identity.user_name() == "Jürgen?"
