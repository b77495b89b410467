"""Where things lie: bundled resources, logs, preferences. The same from a checkout, installed, or frozen."""

import os
import sys
import tempfile
from pathlib import Path

import platformdirs

RESOURCES = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent)) / "resources"


def resource(name: str) -> Path:
    """Return the path of a bundled file, for example `resource("variables.csv")`."""
    return RESOURCES / name


def log_file() -> Path:
    """Return the path of the program's log; its folder is made when needed."""
    return _folder(platformdirs.user_log_dir("mabdesk", appauthor=False)) / "mabdesk.log"


def preferences_file(make: bool = True) -> Path:
    """Return the path of what the user chose and the window remembers; its folder is made, unless one only reads."""
    wanted = platformdirs.user_config_dir("mabdesk", appauthor=False)
    name = "preferences.json"
    if make:
        return _folder(wanted) / name
    return next((place / name for place in (Path(wanted), _instead()) if (place / name).is_file()), Path(wanted) / name)


def mappings_folder() -> Path:
    """Return the folder of remembered mappings; it is made when needed."""
    return _folder(str(Path(platformdirs.user_config_dir("mabdesk", appauthor=False)) / "mappings"))


def documents() -> Path:
    """Return where users keep their own files: the documents folder, else the home, else a temporary folder."""
    for place in (platformdirs.user_documents_dir(), Path.home):
        try:
            found = Path(place) if isinstance(place, str) else place()
        except RuntimeError:  # an account without a home
            continue
        if found.is_dir() and os.access(found, os.W_OK):
            return found
    return Path(tempfile.gettempdir())


def _folder(wanted: str) -> Path:
    """Make a folder; an account without a home, or with a full or read-only one, gets a temporary folder."""
    try:
        Path(wanted).mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return Path(wanted)
    except OSError:
        pass
    instead = _instead()
    instead.mkdir(parents=True, exist_ok=True)
    return instead


def _instead() -> Path:
    return Path(tempfile.gettempdir()) / f"mabdesk-{_account()}"


def _account() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
