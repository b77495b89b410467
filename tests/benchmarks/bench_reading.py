"""Reading the 50-batch workbook, checks included, beside pandas.read_excel with openpyxl on the same file.

Run: python tests/benchmarks/bench_reading.py [rounds]
Every round times both, one after the other; the scan, the start of the reader's process and all checks count.
"""

import datetime as dt
import statistics
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    # Not in the reader's own process, which imports this script as every spawned process does: in the program it starts
    # from a light main module.
    import numpy as np
    import openpyxl
    import pandas as pd

    from mabdesk.data.reading.files import read_files

BATCHES, ONLINE_ROWS, OFFLINE_ROWS = 50, 1345, 15
ONLINE = ("Temperature (°C)", "pH", "DO (%)", "Agitation (rpm)", "Backpressure (mbar)")
ONLINE_MEANS, ONLINE_SD = [36.5, 7.0, 40.0, 120.0, 60.0], [0.05, 0.01, 2.0, 1.2, 5.0]
OFFLINE = (
    "VCD (1e6 cells/mL)", "Viability (%)", "Glucose (mM)", "Lactate (mM)", "Glutamine (mM)", "Ammonia (mM)",
    "Osmolality (mOsm/kg)", "Volume (L)", "Titer (g/L)", "Aggregates (%)", "Galactosylation (%)",
)  # fmt: skip
OFFLINE_MEANS = [10.0, 90.0, 30.0, 15.0, 2.0, 3.0, 320.0, 150.0, 2.0, 1.5, 40.0]


def build(path: Path) -> None:
    """Write Batches (50 rows), Online (67,250 x 7), Offline (750 x 13) and Events, with date-time cells."""
    random = np.random.default_rng(1)
    book = openpyxl.Workbook(write_only=True)
    sheets = {name: book.create_sheet(name) for name in ("Batches", "Online", "Offline", "Events")}
    sheets["Batches"].append(["Batch", "Cell line", "Scale (L)", "Temperature (°C)", "pH"])
    sheets["Online"].append(["Batch", "Time", *ONLINE])
    sheets["Offline"].append(["Batch", "Time", *OFFLINE])
    sheets["Events"].append(["Batch", "Time", "Event", "Text"])
    for number in range(BATCHES):
        batch, start = (
            f"B{number + 1:03}",
            dt.datetime.fromisoformat("2025-01-06T09:00") + dt.timedelta(days=10 * number),
        )
        sheets["Batches"].append([batch, "A", 200, 36.5, 7.0])
        sheets["Events"].append([batch, start, "Inoculation", ""])
        sheets["Events"].append([batch, start + dt.timedelta(days=5), "Temperature shift", "to 34.5 °C"])
        values = np.array(ONLINE_MEANS) + ONLINE_SD * random.standard_normal((ONLINE_ROWS, len(ONLINE)))
        for row, measured in enumerate(values.tolist()):
            sheets["Online"].append([batch, start + dt.timedelta(minutes=15 * row), *measured])
        values = np.array(OFFLINE_MEANS) * (1 + 0.05 * random.standard_normal((OFFLINE_ROWS, len(OFFLINE))))
        for row, measured in enumerate(values.tolist()):
            sheets["Offline"].append([batch, start + dt.timedelta(days=row), *measured])
    book.save(path)


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print both times of each round, their ratio, and the middle ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaign.xlsx"
        build(path)
        ratios = []
        for number in range(rounds):
            start = time.perf_counter()
            reading = read_files([path])
            ours = time.perf_counter() - start
            start = time.perf_counter()
            pd.read_excel(path, sheet_name=None, engine="openpyxl")
            theirs = time.perf_counter() - start
            ratios.append(ours / theirs)
            say(f"round {number + 1}: mabdesk {ours:.2f} s, pandas {theirs:.2f} s, ratio {ratios[-1]:.3f}")
        say(f"{len(reading.dataset.batches)} batches read; middle ratio {statistics.median(ratios):.3f} (goal: <= 0.2)")


if __name__ == "__main__":
    main()
