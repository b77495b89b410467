"""How the window behaves while work runs: event-loop stalls, opening pages and projects, and a hundred random stops.

python tests/benchmarks/bench_window.py stalls|pages|open|stops|preview [N]
"""

import functools
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from mabdesk import commands
from mabdesk.gui import errands
from mabdesk.gui.main import make_application
from mabdesk.gui.main_window import MainWindow
from mabdesk.gui.pages.entries import PAGES
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

TICK_MS = 5


def wait(done: Callable[[], object], seconds: float = 1200.0) -> float:
    """Let the event loop run until something is so; return the seconds it took."""
    begun = time.perf_counter()
    while not done():
        QApplication.processEvents()
        time.sleep(0.0005)
        if time.perf_counter() - begun > seconds:
            raise TimeoutError
    return time.perf_counter() - begun


def campaign(folder: Path, batches: int) -> Path:
    """Write the workbook of a simulated campaign."""
    path = folder / "campaign.xlsx"
    with Worker() as worker:
        worker.run(Job("simulate-campaign", options={"output": str(path), "batches": batches}, seed=1))
    return path


def project(folder: Path, batches: int) -> Path:
    """Import and clean a campaign in a new project."""
    path = commands.new_project(folder / "study.mabdesk")
    with Worker() as worker, open_project(path, "w") as made:
        commands.run_step(made, worker, "import", {}, files=[campaign(folder, batches)])
        commands.prepare(made, worker, "train")
    return path


class Stalls:
    """How late a timer of 5 ms is: the event loop stood still for so long."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.last = time.perf_counter()
        self.timer = QTimer()
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self) -> None:
        """Note how late this tick is."""
        now = time.perf_counter()
        self.late.append(1000 * (now - self.last) - TICK_MS)
        self.last = now

    def report(self, name: str) -> None:
        """Print and forget."""
        ordered = sorted(self.late)
        p99 = ordered[int(0.99 * len(ordered))]
        print(f"{name}: longest stall {ordered[-1]:.0f} ms, p99 {p99:.1f} ms, {len(ordered)} ticks", flush=True)
        self.late.clear()


def stalls(window: MainWindow, folder: Path, _count: int) -> None:
    """Import, train and report 50 batches on a page that stays."""
    source = campaign(folder, 50)
    window.session.new(folder / "study.mabdesk")
    wait(lambda: window.session.project is not None)
    window.show_page("Project")
    session = window.session
    session.said.connect(lambda message: print("  said:", message))
    session.added.disconnect(window._added)  # a finished import shows the Data page: changing pages is measured apart
    report = functools.partial(_report, folder / "report.xlsx")
    for name, begin in (
        ("import", functools.partial(session.run_step, "import", {}, files=[source])),
        ("clean", functools.partial(session.run_step, "clean", {}, prepare=True)),
        ("train", functools.partial(session.run_step, "train", {"quick": True})),
        ("report", functools.partial(report, session)),
    ):
        window.show_page("Project" if name != "train" else "Train")
        wait(lambda: not session.reading)
        for _ in range(50):
            QApplication.processEvents()
            time.sleep(0.005)
        begin()
        watch = Stalls()
        shown = session.jobs
        _loop_until(lambda shown=shown: not shown.busy)
        watch.timer.stop()
        watch.report(name)


def preview(window: MainWindow, folder: Path, count: int) -> None:
    """Show a campaign on the Import page, then every sheet, a correction and its answer; nothing is imported."""
    source = campaign(folder, count)
    window.session.new(folder / "study.mabdesk")
    wait(lambda: window.session.project is not None)
    window.show_page("Import")
    page = window.page
    for name, begin in (
        ("look at the files and show them", functools.partial(window.look_at, [source], {})),
        ("show every sheet", functools.partial(_each_sheet, page)),
        ("confirm a column", functools.partial(_confirm, page)),
    ):
        for _ in range(50):
            QApplication.processEvents()
            time.sleep(0.005)
        watch, begun = Stalls(), time.perf_counter()
        begin()
        _loop_until(lambda: not page.draft.looking and not window.jobs.busy)
        watch.timer.stop()
        watch.report(f"{name} ({time.perf_counter() - begun:.2f} s)")
    print(page.about.text())


def _each_sheet(page) -> None:
    for row in range(page.sheets.count()):
        QTimer.singleShot(200 * row, functools.partial(page.sheets.setCurrentIndex, row))
    _loop_until(lambda: page.sheets.currentIndex() == page.sheets.count() - 1)


def _confirm(page) -> None:
    page.sheets.setCurrentIndex(
        next(row for row in range(page.sheets.count()) if "(not read" not in page.sheets.itemText(row))
    )
    page.select(page._places[-1])
    page.controls._confirm()


def _loop_until(done: Callable[[], object]) -> None:
    """Run the real event loop, so that the timer measures what a user would feel."""
    loop = QEventLoop()  # not the application's: its quit would close the window
    timer = QTimer()
    timer.setInterval(50)
    timer.timeout.connect(lambda: loop.quit() if done() else None)
    timer.start()
    loop.exec()
    timer.stop()


def _report(path: Path, session) -> None:
    session.run("report", "Report", functools.partial(_write, session.project, path))


def _write(made, path: Path, worker, progress):
    return commands.write_report(made, worker, path, (), progress)


def pages(window: MainWindow, folder: Path, _count: int) -> None:
    """Open the Data page of 50 batches, values read already."""
    window.session.open(project(folder, 50))
    wait(lambda: window.session.project is not None)
    for kind in ("dataset", "split", "cleaned"):
        wait(functools.partial(window.session.value, kind))
    for entry in PAGES:  # as the window does once it has painted
        entry.load()
    times = []
    for _ in range(5):
        page = window.pages.pop("Data", None)
        window.show_page("Project")
        QApplication.processEvents()
        if page is not None:
            window.stack.removeWidget(page)
            page.deleteLater()
        begun = time.perf_counter()
        window.show_page("Data")
        QApplication.processEvents()
        window.grab()
        times.append(time.perf_counter() - begun)
    print(
        f"Data page of 50 batches, made anew: {1000 * statistics.median(times):.0f} ms (median of 5), "
        f"the very first {1000 * times[0]:.0f} ms"
    )


def opening(window: MainWindow, folder: Path, count: int) -> None:
    """Open a project of many batches and see its table."""
    path = project(folder, count)
    times = []
    for number in range(5):
        copy = folder / f"copy-{number}.mabdesk"
        copy.write_bytes(path.read_bytes())
        window.show_page("Data")
        begun = time.perf_counter()
        window.session.open(copy)
        wait(lambda copy=copy: window.session.path == copy)
        opened = time.perf_counter() - begun
        wait(lambda: len(window.page.table.sheet.rows) == count and window.session.value("dataset") is not None)
        QApplication.processEvents()
        times.append((opened, time.perf_counter() - begun))
    opened, drawn = (statistics.median(column) for column in zip(*times, strict=True))
    size = path.stat().st_size / 1e6
    print(
        f"{count} batches, {size:.0f} MB: open after {opened:.2f} s, table and plots after {drawn:.2f} s (medians of 5)"
    )


def stops(window: MainWindow, folder: Path, count: int) -> None:
    """Stop work of every kind at random times."""
    path = project(folder, 12)
    session, drawn = window.session, random.Random(1)
    session.open(path)
    wait(lambda: session.project is not None)
    before = [info.content_hash for info in session.all_infos]
    kinds = ("import", "clean", "train", "compare", "report", "demo")
    times, kept = [], 0
    told: list[object] = []
    session.jobs.progressed.connect(lambda *news: told.append(news))
    for number in range(count):
        kind = kinds[number % len(kinds)]
        told.clear()
        _begin(session, kind, folder, number)
        wait(lambda: session.jobs.running is not None)
        if number // len(kinds) % 2:  # every other round: a warm worker, in the middle of what it does
            wait(lambda: told or not session.jobs.busy)
        begun = time.perf_counter() + drawn.uniform(0.0, 6.0 if kind in {"train", "compare"} else 1.5)
        wait(lambda begun=begun: time.perf_counter() >= begun or not session.jobs.busy)
        in_time = session.jobs.busy
        asked = time.perf_counter()
        window.job_bar.ask_stop()
        wait(lambda: not session.jobs.busy)
        times.append(time.perf_counter() - asked)
        wait(lambda: not session.reading)
        QApplication.processEvents()
        now = [info.content_hash for info in session.all_infos]
        kept += now != before
        if in_time and now != before:
            print(f"  {kind} was being kept when it was stopped: kept whole")
        before = now
    session.close_project()
    times.sort()
    print(
        f"{count} stops: longest {times[-1]:.2f} s, median {statistics.median(times):.3f} s; {kept} had ended before; "
        f"project verifies: {commands.verify(path).ok}"
    )


def _begin(session, kind: str, folder: Path, number: int) -> None:
    if kind == "report":
        _report(folder / f"report-{number}.xlsx", session)
    elif kind == "demo":
        session.run("demo", "Demo", functools.partial(errands.demo, folder / f"demo-{number}", 50, 1))
    elif kind == "import":
        session.run_step("import", {}, files=[folder / "campaign.xlsx"])
    else:
        session.run_step(kind, {"outliers": "none"} if kind == "clean" else {})


def main() -> None:
    """Run one of the measurements."""
    which = {"stalls": stalls, "pages": pages, "open": opening, "stops": stops, "preview": preview}[sys.argv[1]]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else {"open": 500, "stops": 100, "preview": 50}.get(sys.argv[1], 0)
    _application = make_application()
    with tempfile.TemporaryDirectory() as name:
        for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[variable] = name
        window = MainWindow()
        window.resize(1366, 740)
        window.show()
        try:
            which(window, Path(name), count)
        finally:
            window.close_surely()


if __name__ == "__main__":
    main()
