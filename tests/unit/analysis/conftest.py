import pytest
from little_batches import VARIABLES, batch
from process_study import Study, trained_study

from mabdesk.data.batch import Dataset


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return Dataset(VARIABLES, tuple(batch(number) for number in range(12)))


@pytest.fixture(scope="session")
def process_study() -> Study:
    """One small process model, really trained: other tests ask it."""
    return trained_study()
