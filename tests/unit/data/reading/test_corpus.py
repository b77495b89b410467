"""The import corpus: files as sites have them, each read to the dataset that is in it, or refused with what to do."""

import cases_arrangements
import cases_batches
import cases_clocks
import cases_files
import cases_layouts
import cases_marks
import cases_tables
import cases_times
import cases_trials
import cases_values
import pytest
from corpus_case import (
    Case,
    change_lines,
    is_right,
    lacking,
    right_columns,
    silent_changes,
    wrong_values,
)

from mabdesk.data.reading.files import read_bytes
from mabdesk.errors import ReadingError

MODULES = (
    cases_layouts,
    cases_arrangements,
    cases_batches,
    cases_clocks,
    cases_files,
    cases_times,
    cases_values,
    cases_trials,
    cases_tables,
    cases_marks,
)
CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)


@pytest.mark.parametrize("case", [case for case in CASES if not case.sentence], ids=lambda case: case.name)
def test_that_the_dataset_in_the_files_is_read(case: Case):
    reading = read_bytes(case.files, case.options)
    assert not wrong_values(reading, case.expected)
    by_id = {batch.id: batch for batch in reading.dataset.batches}
    for batch, setpoints in (case.setpoints or {}).items():
        assert by_id[batch].setpoints == pytest.approx(setpoints)
    for batch, tags in (case.tags or {}).items():
        assert tags.items() <= by_id[batch].tags.items()
    for batch, events in (case.events or {}).items():
        assert [(round(event.hour, 3), event.kind) for event in by_id[batch].events] == list(events)
    assert not lacking(case.changes, change_lines(reading))
    assert not lacking(case.said, [str(problem) for problem in reading.problems])
    became = right_columns(reading, case.columns)
    assert {header: got for header, got in became.items() if not is_right(got, case.columns[header])} == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.sentence], ids=lambda case: case.name)
def test_that_what_cannot_be_read_is_refused_with_its_place(case: Case):
    with pytest.raises(ReadingError) as caught:
        read_bytes(case.files, case.options)
    assert not lacking([case.sentence], [str(caught.value).replace("\n", " ")])


def test_that_the_corpus_is_large_and_every_case_has_a_name_of_its_own():
    assert len(CASES) >= 50
    assert len({case.name for case in CASES}) == len(CASES)


def test_that_a_wrong_value_is_silent_unless_its_cell_or_column_is_named():
    case = next(case for case in CASES if case.name == "one plain table")
    reading = read_bytes(case.files)
    assert not silent_changes(reading, case.expected)
    other = {**case.expected, "B01": {**case.expected["B01"], "titer": [(0.0, 0.0), (24.0, 100.0), (48.0, 0.35)]}}
    assert silent_changes(reading, other) == ["B01 titer: 0.1 instead of 100 at 24 h"]
