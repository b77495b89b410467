"""What the window remembers between starts: recent projects, light or dark, and work that was cut off."""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mabdesk.gui.look import CHOICES
from mabdesk.paths import preferences_file

MOST_RECENT = 8


@dataclass(frozen=True)
class Preferences:
    """`recent` are paths of projects, newest first; `theme` one of look.CHOICES; `unfinished` the running step.

    A running step is noted as {"project", "title", "pid"}: still there at the next start, it was cut off. `backend` is
    the user's choice of mabdesk.backends, only kept here.
    """

    recent: tuple[str, ...] = ()
    theme: str = "system"
    unfinished: Mapping[str, Any] = field(default_factory=dict)
    backend: str = ""


def load() -> Preferences:
    """Read the preferences; what is missing or damaged takes its default."""
    try:
        plain = json.loads(preferences_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Preferences()
    if not isinstance(plain, dict):
        return Preferences()
    recent, theme, unfinished = plain.get("recent"), plain.get("theme"), plain.get("unfinished")
    backend = plain.get("backend")
    return Preferences(
        recent=tuple(path for path in recent if isinstance(path, str)) if isinstance(recent, list) else (),
        theme=theme if theme in CHOICES else "system",
        unfinished=unfinished if isinstance(unfinished, dict) else {},
        backend=backend if isinstance(backend, str) else "",
    )


def save(preferences: Preferences) -> None:
    """Write the preferences whole or not at all; where that is impossible they are forgotten, nothing else."""
    path = preferences_file()
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(asdict(preferences), ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def remember(path: Path) -> Preferences:
    """Put a project at the top of the recent ones."""
    before, now = load(), str(path.absolute())
    changed = replace(before, recent=(now, *(other for other in before.recent if other != now))[:MOST_RECENT])
    save(changed)
    return changed


def choose_theme(theme: str) -> None:
    """Remember light, dark or as the system."""
    save(replace(load(), theme=theme))


def note_running(project: Path, title: str) -> None:
    """Note that work has begun: if mabdesk is killed now, the next start can say so."""
    save(replace(load(), unfinished={"project": str(project.absolute()), "title": title, "pid": os.getpid()}))


def note_idle() -> None:
    """Note that no work of this window is unfinished."""
    before = load()
    if before.unfinished.get("pid") == os.getpid():
        save(replace(before, unfinished={}))


def cut_off(project: Path) -> str:
    """Return what ran on this project when mabdesk was ended from outside, and forget it; "" when nothing did."""
    before = load()
    found = before.unfinished
    if found.get("project") != str(project.absolute()) or found.get("pid") == os.getpid() or _runs(found.get("pid")):
        return ""
    save(replace(before, unfinished={}))
    return str(found.get("title", ""))


def _runs(pid: object) -> bool:
    if not isinstance(pid, int) or os.name == "nt":  # on Windows signal 0 would end the process
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OverflowError:  # no process has such a number
        return False
    except OSError:
        return True
    return True
