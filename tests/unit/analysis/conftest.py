import pytest
from little_batches import VARIABLES, batch

from mabdesk.data.batch import Dataset


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return Dataset(VARIABLES, tuple(batch(number) for number in range(12)))
