"""Frames a second while panning and zooming four linked plots of 50 batches x 1,345 points, drawn offscreen.

python tests/benchmarks/bench_plots.py [BATCHES]
"""

import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from mabdesk.gui.look import LIGHT, apply_look
from mabdesk.gui.plots.series import Course, Figure, Panel
from mabdesk.gui.plots.trajectories import TrajectoryGrid

POINTS, FRAMES, ROUNDS = 1345, 30, 5
GROUPS = ("A", "B", "C", "D")


def figure(batches: int) -> Figure:
    """Make four panels of noisy sensors."""
    drawn = np.random.default_rng(1)
    hours = np.arange(POINTS) / 4

    def course(number: int) -> Course:
        values = np.sin(hours / 40 + number) + drawn.normal(0, 0.1, POINTS)
        return Course(f"B{number}", hours, values, None, GROUPS[number % len(GROUPS)])

    panels = (Panel(f"Sensor {n}", "-", tuple(map(course, range(batches)))) for n in range(4))
    return Figure(tuple(panels), GROUPS)


def frames(grid: TrajectoryGrid, zoom: bool) -> float:
    """Return frames a second of one sweep."""
    begun = time.perf_counter()
    for step in range(FRAMES):
        width = 14 - 0.4 * step if zoom else 10
        start = 0.1 * step
        grid.plots[0].setXRange(start, start + width, padding=0)
        grid.view.grab()
    return FRAMES / (time.perf_counter() - begun)


def main() -> None:
    """Print medians."""
    application = QApplication([])
    apply_look(application, LIGHT)
    grid = TrajectoryGrid("benchmark")
    grid.resize(1000, 640)
    grid.apply_theme(LIGHT)
    begun = time.perf_counter()
    shown = figure(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
    made = time.perf_counter()
    grid.show_figure(shown)
    grid.show()
    application.processEvents()
    print(f"show_figure and first frame: {time.perf_counter() - made:.3f} s (data made in {made - begun:.2f} s)")
    frames(grid, zoom=False)
    for zoom, word in ((False, "pan"), (True, "zoom")):
        rates = [frames(grid, zoom) for _ in range(ROUNDS)]
        print(f"{word}: {statistics.median(rates):.0f} frames/s (median of {ROUNDS}, least {min(rates):.0f})")


if __name__ == "__main__":
    main()
