"""Real files and the simulated campaign: read right, or refused with the right sentence, never read wrong."""

from pathlib import Path

import numpy as np
import pytest

from mabdesk.data.reading.files import read_files
from mabdesk.data.settings import WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.errors import DataError, ReadingError
from mabdesk.reports.workbooks import write_campaign
from mabdesk.virtual_plant.campaign import campaign

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
COUNTS = sorted(SHARED.glob("nistcho/*.csv"))
LONG = sorted(SHARED.glob("layout_seed_train/*.csv"))


def test_that_a_simulated_campaign_comes_back_from_its_workbook_as_it_was(tmp_path):
    written = campaign(5, 1).dataset
    reading = read_files([write_campaign(written, tmp_path / "campaign.xlsx")])
    read = reading.dataset
    described = [{(v.name, v.unit, v.role) for v in data.variables} for data in (written, read)]
    assert described[0] == described[1]
    assert read.ids == written.ids
    assert not [problem for problem in reading.problems if problem.severity != "note"]
    for before, after in zip(written.batches, read.batches, strict=True):
        assert (before.setpoints, before.tags) == (after.setpoints, after.tags)
        assert [(e.kind, e.text) for e in before.events] == [(e.kind, e.text) for e in after.events]
        for old, new in ((before.online, after.online), (before.offline, after.offline)):
            kept = np.isfinite(old.values).any(axis=1)
            np.testing.assert_allclose(new.hours, old.hours[kept], atol=2e-4)
            for name in old.names:
                np.testing.assert_allclose(new.column(name), old.column(name)[kept], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("path", COUNTS, ids=lambda path: path.name)
def test_that_every_vessel_of_the_counts_is_a_batch_named_by_the_columns_that_tell_it_apart(path):
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    parts = [header.index(name) for name in ("Batch", "Condition", "Replicate")]
    vessels = ["_".join(row[part] for part in parts) for row in rows]
    reading = read_files([path])
    data = reading.dataset
    assert set(data.ids) == set(vessels)
    warned = [str(problem) for problem in reading.problems if problem.severity == "warning"]
    assert any("Condition" in text and "Replicate" in text for text in warned)
    assert set(data.names()) == {"vcd", "viability", "diameter"}
    assert data.names("target") == ()
    assert any("no titer" in text for text in warned)
    measured = {"vcd": "Total_VCD", "viability": "Viability", "diameter": "Average_diameter"}
    for batch in data.batches:
        mine = [row for row, vessel in zip(rows, vessels, strict=True) if vessel == batch.id]
        for name, column in measured.items():
            right = [
                (float(row[header.index("Hours")]), float(row[header.index(column)]))
                for row in mine
                if row[header.index(column)]
            ]
            np.testing.assert_allclose(np.transpose(batch.offline.measured(name)), np.array(sorted(right)), atol=1e-6)


@pytest.mark.parametrize("path", COUNTS, ids=lambda path: path.name)
def test_that_training_on_counts_without_titer_is_refused_with_the_reason(path):
    with pytest.raises(DataError, match=r"(?i)titer"):
        plan_for(read_files([path]).dataset, WindowPlan())


@pytest.mark.parametrize("path", LONG, ids=lambda path: path.name)
def test_that_a_seed_train_without_batches_is_refused(path):
    with pytest.raises(ReadingError, match="no batch column"):
        read_files([path])
