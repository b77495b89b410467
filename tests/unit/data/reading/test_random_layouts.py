"""Random data come back from random layouts as they were; what cannot be read is refused, never changed silently."""

from corpus_case import silent_changes, wrong_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layouts import LAYOUTS, random_layout

from mabdesk.data.reading.files import read_bytes


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_that_data_come_back_from_any_layout_locale_and_units(seed):
    layout = random_layout(seed)
    reading = read_bytes(layout.files)
    wrong = wrong_values(reading, layout.truth)
    assert not wrong, (
        f"{layout.name} ({layout.style}): {wrong[:5]}, silent: {len(silent_changes(reading, layout.truth))}"
    )


def test_that_the_same_seed_writes_the_same_truth_and_that_every_layout_occurs():
    assert random_layout(7).truth == random_layout(7).truth
    assert {random_layout(seed).name for seed in range(200)} == set(LAYOUTS)
