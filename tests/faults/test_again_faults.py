"""The same data again (fault 36 of the fault table): recognised by its hash, changed files compared, never mixed."""

import pytest

from mabdesk import commands
from mabdesk.errors import ReadingError
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

HEAD = "Batch,Time (h),VCD (1e6 cells/mL),Titer (g/L)\n"
FIRST = HEAD + "B1,0,1,0\nB1,24,2,0.5\n"
CHANGED = HEAD + "B1,0,1,0\nB1,24,2,0.7\n"


@pytest.fixture
def project(tmp_path):
    with open_project(commands.new_project(tmp_path / "p.mabdesk"), "w") as opened:
        yield opened


@pytest.fixture(scope="module")
def worker():
    with Worker() as made:
        made.warm()
        yield made


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(FIRST, encoding="utf-8")
    return path


@pytest.fixture
def again(project, worker):
    """Import a file again, as chosen."""

    def again(path, choice="ask", **options):
        return commands.import_again(project, worker, [path], options, choice)

    return again


def test_fault_36_that_the_same_bytes_are_recognised_under_any_name(project, again, file):
    assert again(file).result.id == "dataset-1"
    for name in ("a.csv", "renamed.csv"):
        path = file.rename(file.with_name(name))
        for choice in ("ask", "leave", "replace", "add"):
            done = again(path, choice)
            assert (done.again.kind, done.existing.id, done.result) == ("identical", "dataset-1", None)
        file = path
    assert [info.id for info in project.results()] == ["dataset-1"]


def test_fault_36_that_a_changed_file_of_the_same_name_is_never_taken_for_the_old_one(project, again, file):
    again(file)
    file.write_text(CHANGED, encoding="utf-8")
    done = again(file)
    assert done.again.kind == "changed"
    assert done.result is None
    assert "1 cell differs, in batch B1" in str(done.refusal)
    assert [info.id for info in project.results()] == ["dataset-1"]


def test_fault_36_that_a_file_that_only_looks_changed_says_so(again, file):
    again(file)
    file.write_text(FIRST + "\n", encoding="utf-8")
    done = again(file)
    assert done.differences.none
    assert "only the file itself differs" in str(done.refusal)


def test_fault_36_that_adding_never_changes_batches_that_are_there(again, file):
    again(file)
    file.write_text(CHANGED + "B2,0,1,0\nB2,24,2,0.6\n", encoding="utf-8")
    reading = again(file, "add").result.value
    titers = {batch.id: batch.offline.measured("titer")[1].tolist() for batch in reading.dataset.batches}
    assert titers == {"B1": [0, 0.5], "B2": [0, 0.6]}
    assert any("those of a.csv are kept" in str(problem) for problem in reading.problems)
    assert any(change.rule == "batch held by two files, kept from a.csv" for change in reading.changes)


def test_fault_36_that_the_newest_version_is_the_one_that_is_compared_with(project, again, file):
    again(file)
    file.write_text(CHANGED, encoding="utf-8")
    again(file, "replace")
    file.write_text(CHANGED.replace("0.7", "0.8"), encoding="utf-8")
    done = again(file)
    assert done.again.known == "dataset-2"
    assert done.differences.values[0].before == 0.7
    file.write_text(FIRST, encoding="utf-8")
    assert again(file).existing.id == "dataset-1"
    back = again(file, "replace")
    assert back.result.id == "dataset-3"
    assert back.result.value_hash == project.get("dataset-1").value_hash


def test_fault_36_that_a_file_added_twice_stands_once(project, again, file, tmp_path):
    again(file)
    other = tmp_path / "b.csv"
    other.write_text(HEAD + "B2,0,1,0\nB2,24,2,0.6\n", encoding="utf-8")
    assert again(other, "add").result.id == "dataset-2"
    third = again(other, "add")
    assert third.result is None
    assert [source.name for source in third.existing.value.dataset.sources] == ["a.csv", "b.csv"]


def test_fault_36_that_a_file_of_a_larger_dataset_is_recognised_and_takes_nothing_away(project, again, file, tmp_path):
    again(file)
    other = tmp_path / "b.csv"
    other.write_text(HEAD + "B2,0,1,0\nB2,24,2,0.6\n", encoding="utf-8")
    again(other, "add")
    for choice in ("ask", "replace", "leave"):
        assert again(other, choice).existing.id == "dataset-2"


def test_fault_36_that_an_archived_dataset_is_not_what_is_meant(project, again, file):
    again(file)
    project.archive("dataset-1")
    assert again(file).result.id == "dataset-2"


def test_fault_36_that_a_changed_file_that_cannot_be_read_is_refused_by_cell(project, again, file):
    again(file)
    file.write_text(HEAD + "B1,0,1,0\nB1,24,2,lost\n", encoding="utf-8")
    for choice in ("ask", "replace"):
        with pytest.raises(ReadingError, match=r"a\.csv, cell D3"):
            again(file, choice)
    assert [info.id for info in project.results()] == ["dataset-1"]


def test_fault_36_that_a_mapping_that_was_kept_holds_for_what_is_added(project, again, file, tmp_path):
    reading = again(file).result.value
    assert reading.mapping
    done = again(file, mapping=reading.mapping)
    assert done.again.kind == "identical"
    other = tmp_path / "b.csv"
    other.write_text(FIRST.replace("B1", "B2"), encoding="utf-8")
    assert again(other, "add", mapping=reading.mapping).result.value.dataset.ids == ("B1", "B2")
    assert again(other, "new").result.id == "dataset-3"
