"""The set-up is a folder of plain programs, no package: tests find its files the way `start.py` does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "installer"))
