from dataclasses import dataclass

import pytest

from mabdesk.errors import ProjectError
from mabdesk.lineage import find_parents, what_first
from mabdesk.steps import STEPS


@dataclass(frozen=True)
class Kept:
    id: str
    kind: str
    parents: tuple[str, ...] = ()


OLD = [
    Kept("dataset-1", "dataset"),
    Kept("split-1", "split", ("dataset-1",)),
    Kept("cleaned-1", "cleaned", ("dataset-1", "split-1")),
    Kept("model-1", "model", ("dataset-1", "split-1", "cleaned-1")),
]
NEW = [*OLD, Kept("dataset-2", "dataset")]


def test_that_the_newest_results_that_belong_together_are_found():
    assert find_parents(STEPS["train"], OLD, {}).found == {
        "dataset": "dataset-1",
        "split": "split-1",
        "cleaned": "cleaned-1",
    }


def test_that_a_split_of_an_older_dataset_never_meets_a_newer_one():
    assert find_parents(STEPS["train"], NEW, {}).missing == "split"


def test_that_a_named_parent_brings_its_own_ancestors():
    assert find_parents(STEPS["train"], NEW, {"cleaned": "cleaned-1"}).found["dataset"] == "dataset-1"


def test_that_a_model_meets_new_data_that_it_does_not_stem_from():
    results = [*NEW, Kept("new-data-1", "new-data")]
    assert find_parents(STEPS["predict"], results, {}).found == {"new-data": "new-data-1", "model": "model-1"}


def test_that_models_of_other_data_are_named_instead_of_denied():
    missing = find_parents(STEPS["explain"], [*NEW, Kept("split-2", "split", ("dataset-2",))], {}).missing
    error = what_first(STEPS["explain"], missing, NEW)
    assert "model-1" in error.message
    assert "other data" in error.message


def test_that_a_missing_parent_is_named_with_the_step_that_makes_it():
    error = what_first(STEPS["train"], find_parents(STEPS["train"], [], {}).missing)
    assert isinstance(error, ProjectError)
    assert "mabdesk import" in error.hint


def test_that_every_step_but_reading_has_parents_that_some_step_makes():
    made = {step.result for step in STEPS.values()}
    for step in STEPS.values():
        assert step.reads_files or step.parents
        assert set(step.parents) <= made


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_that_no_two_settings_of_a_step_share_a_name(step):
    names = [name for group in step.settings for name in group.__dataclass_fields__]
    assert len(names) == len(set(names))
