"""Real files and the simulated campaign: read right, or refused with the right sentence, never read wrong."""

from pathlib import Path

import numpy as np
import pytest

from mabdesk.data.reading.files import read_bytes, read_files
from mabdesk.errors import ReadingError
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
def test_that_vessels_under_one_batch_id_are_refused_with_the_columns_that_tell_them_apart(path):
    with pytest.raises(ReadingError, match="differ in Condition and Replicate"):
        read_files([path])


@pytest.mark.parametrize("path", COUNTS, ids=lambda path: path.name)
def test_that_the_counts_are_read_once_each_vessel_has_an_id(path):
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    batch, condition, replicate = (header.index(name) for name in ("Batch", "Condition", "Replicate"))
    for row in rows:
        row[batch] = f"{row[batch]}_{row[condition]}_{row[replicate]}"
    text = "\n".join(",".join(row) for row in [header, *rows])
    data = read_bytes([("counts.csv", text.encode())]).dataset
    assert len(data.batches) == len({row[batch] for row in rows})
    assert set(data.names()) == {"vcd", "viability", "diameter"}
    assert data.names("target") == ()
    measured = sum(len(one.offline.measured("vcd")[0]) for one in data.batches)
    assert measured == sum(bool(row[header.index("Total_VCD")]) for row in rows)
    first = data.batches[0]
    mine = [row for row in rows if row[batch] == first.id]
    np.testing.assert_allclose(first.offline.column("vcd"), [float(row[header.index("Total_VCD")]) for row in mine])


@pytest.mark.parametrize("path", LONG, ids=lambda path: path.name)
def test_that_a_seed_train_without_batches_is_refused(path):
    with pytest.raises(ReadingError, match="no batch column"):
        read_files([path])
