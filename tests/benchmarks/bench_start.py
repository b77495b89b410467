"""Start to first painted window against a bare PySide6 + pyqtgraph window with one plot: ratio of medians, one run.

python tests/benchmarks/bench_start.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys

BARE = """
import time; begun = time.perf_counter()
import sys
from PySide6.QtWidgets import QApplication
import pyqtgraph
application = QApplication(["bare"])
window = pyqtgraph.PlotWidget()
window.plot([1, 2, 3])
window.show()
application.processEvents(); window.grab()
print(time.perf_counter() - begun, flush=True)
"""
OURS = """
import time; begun = time.perf_counter()
import sys
from mabdesk.gui.main import keep_log, make_application
from mabdesk.gui.main_window import MainWindow
keep_log()
application = make_application()
window = MainWindow()
window.show()
application.processEvents(); window.grab()
took = time.perf_counter() - begun
heavy = {"pandas", "sklearn", "tensorflow", "keras", "scipy", "shap", "openpyxl"} & set(sys.modules)
assert not heavy, heavy
print(took, flush=True)
window.session.close()
"""


def seconds(code: str) -> float:
    """Run a start in a fresh process and return what it measured."""
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Alternate the two, after one warm-up of each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds(BARE), seconds(OURS)
    pairs = [(seconds(BARE), seconds(OURS)) for _ in range(rounds)]
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"bare window {bare:.3f} s, mabdesk {ours:.3f} s, ratio {ours / bare:.2f} (medians of {rounds})")


if __name__ == "__main__":
    main()
