import dataclasses
import typing

import pytest

from mabdesk.project import codec
from mabdesk.project.known import register_known

register_known()


def parts(hint):
    yield hint
    for inner in typing.get_args(hint):
        yield from parts(inner)


@pytest.mark.parametrize("name", sorted(codec._REGISTERED))
def test_that_a_known_type_holds_only_what_can_be_stored(name):
    for field, hint in typing.get_type_hints(codec._REGISTERED[name]).items():
        for part in parts(hint):
            if isinstance(part, type) and dataclasses.is_dataclass(part):
                assert codec._REGISTERED.get(part.__name__) is part, (name, field)
            assert not hasattr(part, "_fields"), (name, field)


def test_that_the_types_of_the_main_job_are_known():
    wanted = {"Dataset", "Split", "Cleaned", "FittedCleaning", "TrainedModel", "Evaluation", "Predictions", "Problem"}
    assert wanted <= set(codec._REGISTERED)
