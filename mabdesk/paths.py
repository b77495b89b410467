"""Where things lie: bundled resources, logs, preferences. The same from a checkout, installed, or frozen."""

import sys
from pathlib import Path

import platformdirs

RESOURCES = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent)) / "resources"


def resource(name: str) -> Path:
    """Return the path of a bundled file, for example `resource("variables.csv")`."""
    return RESOURCES / name


def log_file() -> Path:
    """Return the path of the program's log; its folder is made when needed."""
    return Path(platformdirs.user_log_dir("mabdesk", appauthor=False, ensure_exists=True)) / "mabdesk.log"
