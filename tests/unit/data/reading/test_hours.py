"""No measurement is ever put at an hour that is none, whatever the readers of times let pass."""

import numpy as np
import pytest

from mabdesk.data.reading.batches import assembly
from mabdesk.data.reading.files import read_bytes
from mabdesk.errors import ReadingError

TABLE = ("data.csv", b"Batch,Day,Titer (g/L)\nB01,0,1\nB01,1,2\nB01,2,3\n")


@pytest.mark.parametrize("hour", [np.nan, np.inf])
def test_that_a_row_whose_hour_is_no_number_is_refused_with_its_cell(monkeypatch, hour):
    monkeypatch.setattr(assembly, "hours_of", lambda *_: np.array([0.0, 24.0, hour]))
    with pytest.raises(ReadingError, match=r"data\.csv, cell C4: batch B01: no hour is known for this row"):
        read_bytes([TABLE])
