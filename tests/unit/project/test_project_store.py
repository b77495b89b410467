import re
import sqlite3
import threading
import time

import numpy as np
import pytest

from mabdesk.data.batch import Batch, Dataset, Measurements, Variable
from mabdesk.errors import ProjectError
from mabdesk.project.project import Draft, create, open_project
from mabdesk.project.verify import verify


def test_that_a_result_comes_back_with_all_that_is_known_of_it(project_path):
    with open_project(project_path) as project:
        model = project.get("model-1")
        data = project.get("dataset-1")
    assert (model.kind, model.step, model.parents, model.seed) == ("model", "train", ("dataset-1",), 5)
    assert (model.options, model.environment) == ({"epochs": 3, "inputs": ["ph"]}, {"python": "3.11"})
    assert (model.seconds, model.label) == (1.5, "the good one")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", model.created)
    assert np.array_equal(model.value["weights"], np.arange(300, dtype=np.float32))
    assert model.value["weights"].dtype == np.float32
    assert data.value.ids == ("B0", "B1", "B2")
    assert np.isnan(data.value.batches[0].offline.column("titer")[1])
    assert data.value.sources[0].name == "run µ.xlsx"


def test_that_adding_returns_what_getting_returns(project_path, draft):
    with open_project(project_path, "w") as project:
        added = project.add(draft(shift=1.0))
        got = project.get(added.id)
    names = [name for name in added.__dataclass_fields__ if name != "value"]
    assert [getattr(added, name) for name in names] == [getattr(got, name) for name in names]
    assert added.id == "model-2"


def test_that_a_rerun_has_the_same_content_hash_and_any_change_of_inputs_another(project_path, draft):
    def variant(**changes):
        return Draft(**{**vars(draft()), **changes})

    with open_project(project_path, "w") as project:
        first = project.get("model-1")
        again = project.add(variant(environment={"python": "3.13"}, label="other", seconds=9.0))
        other_data = project.add(Draft("dataset", "import", (1, 2)))
        others = [
            project.add(variant(**change)).content_hash
            for change in (
                {"seed": 6},
                {"seed": None},
                {"options": {"epochs": 4}},
                {"step": "search"},
                {"kind": "other"},
                {"parents": (other_data.id,)},
                {"parents": ()},
                {"value": 3},
            )
        ]
    assert again.content_hash == first.content_hash
    assert len({first.content_hash, *others}) == 1 + len(others)


def test_that_listing_shows_kinds_and_labels_and_hides_archived_results(project_path, draft):
    with open_project(project_path, "w") as project:
        project.add(draft(shift=2.0))
        project.archive("model-2", reason="worse")
        assert [info.id for info in project.results("model")] == ["model-1"]
        assert [(info.id, info.archived) for info in project.results(archived=True)][-1] == ("model-2", True)
        assert project.latest("model").id == "model-1"
        project.restore("model-2")
        assert project.latest("model").id == "model-2"
        assert project.latest("report") is None
        assert [info.label for info in project.results("model")] == ["the good one", ""]


def test_that_equal_data_are_stored_once(project_path, draft):
    before = project_path.stat().st_size
    big = Draft("model", "train", np.random.default_rng(1).normal(size=50_000))
    with open_project(project_path, "w") as project:
        project.add(big)
        once = project_path.stat().st_size
        project.add(big)
    assert once - before > 300_000
    assert project_path.stat().st_size - once < 20_000


def test_that_source_bytes_are_kept_as_they_were_and_once(project_path):
    with open_project(project_path, "w") as project:
        digest = project.add_source("run µ.xlsx", b"raw bytes" * 100)
        assert project.source_bytes(digest) == b"raw bytes" * 100
        assert len(project.sources()) == 1
        project.add_source("copy.xlsx", b"raw bytes" * 100)
        assert [source.name for source in project.sources()] == ["run µ.xlsx", "copy.xlsx"]
        assert {source.size for source in project.sources()} == {900}


def test_that_every_command_leaves_its_audit_row(project_path):
    with open_project(project_path, "w") as project:
        project.archive("model-1", reason="old")
        project.record("sign", "model-1", "reviewed", {"meaning": "approved"})
        trail = project.audit_trail()
    assert [entry.action for entry in trail] == [
        "create", "source", "add", "add", "rename", "report", "archive", "sign",
    ]  # fmt: skip
    assert trail[4].details == {"before": "", "after": "the good one"}
    assert (trail[4].reason, trail[6].reason) == ("clearer", "old")
    assert trail[3].details["content_hash"]
    assert all(entry.user and entry.host and entry.offset for entry in trail)


def test_that_unknown_ids_are_refused_with_those_that_exist(project_path, draft):
    with open_project(project_path, "w") as project:
        for ask in (project.get, project.info, project.archive, lambda name: project.rename(name, "x")):
            with pytest.raises(ProjectError, match="no result 'model-9'") as caught:
                ask("model-9")
            assert "dataset-1, model-1" in caught.value.hint
        with pytest.raises(ProjectError, match="no result 'model-9'"):
            project.add(draft(parent="model-9"))
        with pytest.raises(ProjectError, match="no result 'model-9'"):
            project.record_report(project_path, "00", ("model-9",))
        assert len(project.audit_trail()) == 6


def test_that_a_value_which_cannot_be_stored_leaves_nothing_behind(project_path):
    with open_project(project_path, "w") as project:
        for bad in (Draft("x", "s", object()), Draft("x", "s", 1, options={"a": object()}), Draft("x 1", "s", 1)):
            with pytest.raises(TypeError):
                project.add(bad)
        assert len(project.audit_trail()) == 6
    assert verify(project_path).ok


def test_that_other_threads_may_read_and_write_the_same_open_project(project_path, draft):
    with open_project(project_path, "w") as project:
        failures = []

        def work(number):
            try:
                project.add(draft(shift=float(number)))
                project.results()
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(project.results("model")) == 5
    assert verify(project_path).ok


def test_that_a_reader_sees_what_the_writer_adds(project_path, draft):
    with open_project(project_path, "w") as writer, open_project(project_path) as reader:
        writer.add(draft(shift=1.0))
        assert reader.latest("model").id == "model-2"


def test_that_the_triggers_refuse_changes_even_by_another_program(project_path):
    connection = sqlite3.connect(project_path)
    for statement in (
        "UPDATE audit SET user = 'eve' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 6",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        "UPDATE results SET seed = 1",
        "DELETE FROM results",
        "INSERT OR REPLACE INTO results SELECT * FROM results WHERE seq = 1",
        "UPDATE blobs SET size = 1",
        "DELETE FROM blobs",
        "INSERT OR REPLACE INTO blobs SELECT sha256, 0, packing, data FROM blobs",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"never|only appended"):
            connection.execute(statement)
    connection.close()
    assert verify(project_path).ok


def test_that_a_copy_is_complete_and_never_overwrites(project_path, tmp_path):
    with open_project(project_path) as project:
        project.copy_to(tmp_path / "backup.mabdesk")
        with pytest.raises(ProjectError, match="exists already"):
            project.copy_to(tmp_path / "backup.mabdesk")
        with pytest.raises(ProjectError, match="could not be written"):
            project.copy_to(tmp_path / "no folder" / "backup.mabdesk")
        head = project.head()
    assert verify(tmp_path / "backup.mabdesk").ok
    with open_project(tmp_path / "backup.mabdesk", "w") as copy:
        assert copy.head() == head
        assert copy.get("model-1").label == "the good one"


def test_that_nothing_lies_beside_a_closed_project(project_path):
    assert list(project_path.parent.iterdir()) == [project_path]


def test_that_fifty_batches_are_kept_in_under_two_seconds_and_a_few_megabytes(tmp_path):
    rng = np.random.default_rng(2)
    hours = np.arange(0, 336.25, 0.25)
    tables = [
        Measurements(tuple("abcde"), hours, np.round(np.cumsum(rng.normal(0, 0.05, (len(hours), 5)), axis=0), 3))
        for _ in range(50)
    ]
    offline = Measurements(("titer",), hours[::96], rng.normal(size=(15, 1)))
    data = Dataset((Variable("a", "", "online"),), tuple(Batch(f"B{n}", t, offline) for n, t in enumerate(tables)))
    with create(tmp_path / "large.mabdesk") as project:
        started = time.perf_counter()
        project.add(Draft("dataset", "import", data))
        assert time.perf_counter() - started < 2.0
        assert (tmp_path / "large.mabdesk").stat().st_size < 3_500_000
        assert np.array_equal(project.get("dataset-1").value.batches[7].online.values, tables[7].values)
