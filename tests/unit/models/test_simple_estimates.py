import pytest

from mabdesk.models.device import Device, Extent, estimate_seconds
from mabdesk.models.settings import KINDS

EXTENT = Extent(50, 336.0, 14.0, 40, 15)
CPU = Device("CPU", "two cores", "", 2, speed=3e10)


def seconds(kind, **options):
    return estimate_seconds({"models": (kind,), "folds": 5, **options}, EXTENT, CPU)


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_kind_has_an_estimate(kind):
    assert 0 < seconds(kind) < 3600
    assert seconds(kind, quick=True) <= seconds(kind)


def test_that_fewer_trees_and_no_random_windows_take_less_time():
    assert seconds("random_forest", quick=True) < seconds("random_forest")
    assert seconds("random_forest", window_split=False) < seconds("random_forest")
