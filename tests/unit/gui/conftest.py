"""Lets the tests of views use the made-up results of the window's tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "gui"))
