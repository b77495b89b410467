"""A text table of a million rows, read in the worker process: seconds, memory, rows a second, seconds to a stop.

Run: python tests/benchmarks/bench_million.py [rows] [columns] [stops]
The bytes' way into the worker and the dataset's way back count too.
"""

import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from mabdesk.errors import StoppedError
from mabdesk.job import Job
from mabdesk.progress import Progress
from mabdesk.worker import Worker

BATCHES = 20
STEP_H = 0.01
COLUMNS = {
    "Temperature (°C)": (36.5, 0.2), "pH": (7.0, 0.02), "DO (%)": (40.0, 2.0), "Agitation (rpm)": (120.0, 1.0),
    "Backpressure (mbar)": (60.0, 5.0), "Volume (L)": (150.0, 0.5), "CO2 flow (L/min)": (0.5, 0.05),
    "O2 flow (L/min)": (1.0, 0.1), "Air flow (L/min)": (2.0, 0.1), "Base (mL)": (100.0, 2.0),
}  # fmt: skip


def build(path: Path, rows: int, columns: int) -> None:
    """Write a table of `rows` rows, in `columns` columns with batch and time, a value every 36 seconds."""
    draw = random.Random(1)
    measured = list(COLUMNS.items())[: columns - 2]
    each = -(-rows // BATCHES)
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write(",".join(["Batch", "Time (h)", *(name for name, _ in measured)]) + "\n")
        for row in range(rows):
            values = (f"{draw.gauss(mean, spread):.3f}" for _, (mean, spread) in measured)
            file.write(f"B{row // each + 1:03},{STEP_H * (row % each):.2f},{','.join(values)}\n")


def peak_gb(pid: int) -> float:
    """Return the most memory that a process ever held (Linux; elsewhere NaN)."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan")
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024**2


def read(job: Job, rows: int) -> None:
    """Read the table once and print what it took."""
    heard: list[tuple[float, str]] = []
    with Worker() as worker:
        worker.run(Job("import", files=(("small.csv", b"Batch,Time (h),pH\nB1,0,7\nB1,1,7\n"),)))
        before = peak_gb(worker.pid or 0)
        start = time.perf_counter()
        reading = worker.run(job, Progress(lambda fraction, text: heard.append((fraction, text))))
        seconds = time.perf_counter() - start
        peak = peak_gb(worker.pid or 0)
    counted = sum(len(batch.online.hours) for batch in reading.dataset.batches)
    said = sum("rows" in text for _, text in heard)
    print(
        f"{rows:,} rows ({len(reading.dataset.batches)} batches, {counted:,} times) in {seconds:.1f} s (goal: <= 30), "
        f"{rows / seconds:,.0f} rows/s, peak {peak:.2f} GB (goal: <= 1.5 GB; {before:.2f} GB at the start); "
        f"{len(heard)} messages of progress, {said} of them count rows",
        flush=True,
    )


def stop(job: Job, count: int) -> None:
    """Stop the reading at random moments and print how long that took."""
    draw, times, in_time = random.Random(1), [], 0
    for _ in range(count):
        with Worker() as worker:
            begun = threading.Event()
            timer = Stopper(worker, begun, draw.uniform(0.0, 5.0))
            timer.start()
            try:
                worker.run(job, Progress(lambda _fraction, _text, begun=begun: begun.set()))
            except StoppedError:
                times.append(time.perf_counter() - timer.asked)
                in_time += 1
            timer.join()
    print(
        f"{in_time} of {count} stops: longest {max(times):.2f} s, median {statistics.median(times):.3f} s (goal: < 2 s)"
    )


class Stopper(threading.Thread):
    """Stops a worker some seconds after it said that it works."""

    def __init__(self, worker: Worker, begun: threading.Event, seconds: float) -> None:
        super().__init__(daemon=True)
        self.worker, self.begun, self.seconds, self.asked = worker, begun, seconds, 0.0

    def run(self) -> None:
        """Wait, and stop it."""
        self.begun.wait()
        time.sleep(self.seconds)
        self.asked = time.perf_counter()
        self.worker.stop()


def main() -> None:
    """Build the table, read it, stop it."""
    rows, columns, stops = (int(given) for given in (*sys.argv[1:4], *("1000000", "12", "10")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        build(path, rows, columns)
        job = Job("import", files=((path.name, path.read_bytes()),))
        print(f"{columns} columns, {path.stat().st_size / 1e6:.0f} MB", flush=True)
        read(job, rows)
        stop(job, stops)


if __name__ == "__main__":
    main()
