"""The virtual environment `.venv`: is it whole, and if not, make it anew from the lock file with hashes."""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from one_at_a_time import one_at_a_time
from packages import install_packages
from pythons import facts
from setup_error import SetupError
from system_libraries import apt_install, can_install
from system_libraries import complete as complete_system_libraries

STAMP = "mabdesk-setup.json"
LEAST_FREE_BYTES = 5 * 2**30  # the environment takes 3.4 GB on Linux, the downloads pass through a temporary folder


@dataclass(frozen=True)
class Place:
    """Where everything lies in one checkout."""

    root: Path

    @property
    def folder(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def lock(self) -> Path:
        """The list of libraries with their hashes."""
        return self.root / "installer" / "requirements.lock"

    @property
    def scripts(self) -> Path:
        """Where the environment keeps its programs."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")


def ensure(place: Place) -> None:
    """Make sure that the environment is whole; raises SetupError with a sentence when it cannot be made."""
    stamp = read_stamp(place)
    if not is_whole(place, stamp):
        with one_at_a_time(place.root / ".venv.lock"):
            if not is_whole(place, read_stamp(place)):  # another start may have made it while this one waited
                make(place)
    elif not stamp.get("libraries"):
        write_stamp(place, complete_system_libraries())


def is_whole(place: Place, stamp: dict[str, object]) -> bool:
    """Say whether a finished set-up from this lock file stands here, and its Python still runs as the same one."""
    if stamp.get("lock") != lock_hash(place) or stamp.get("root") != str(place.root):
        return False
    return stamp.get("python") == python_version(place.python)


def read_stamp(place: Place) -> dict[str, object]:
    """Read what the last finished set-up left ({} when there is none)."""
    try:
        return dict(json.loads((place.folder / STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write_stamp(place: Place, libraries: bool) -> None:
    """Say that the set-up is finished; last of all, and at once, so that a half-made one is never taken for whole."""
    stamp = {
        "lock": lock_hash(place),
        "python": python_version(place.python),
        "root": str(place.root),
        "libraries": libraries,
    }
    fresh = place.folder / f"{STAMP}.{os.getpid()}"
    with contextlib.suppress(PermissionError):  # a whole environment of someone else's: only the next look is dearer
        fresh.write_text(json.dumps(stamp), encoding="utf-8")
        fresh.replace(place.folder / STAMP)


def lock_hash(place: Place) -> str:
    """Hash the lock file, whatever line ends the checkout gave it."""
    return hashlib.sha256(place.lock.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def python_version(python: Path) -> str:
    """Ask a Python for its version, feature release only ("" when it does not run)."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        asked = subprocess.run([str(python), "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def make(place: Place) -> None:
    """Make the environment from nothing: a half-made one cannot be trusted, and pip keeps what it downloaded."""
    check_room(place)
    require_ensurepip()
    print(f"Setting up mabdesk in {place.folder} (once, a few minutes).", file=sys.stderr, flush=True)
    remove_old(place)
    place.folder.mkdir()
    (place.folder / STAMP).write_text("{}", encoding="utf-8")  # begun: the next start may remove it
    made = subprocess.run(
        [str(facts()["executable"]), "-m", "venv", str(place.folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupError(f"The virtual environment could not be made: {made.stdout.strip()} {made.stderr.strip()}")
    install_packages(place.python, place.lock)
    link_program(place)
    write_stamp(place, complete_system_libraries())


def check_room(place: Place) -> None:
    """Refuse early when the folder cannot be written, the disk is full, or `.venv` is somebody's own."""
    if not os.access(place.root, os.W_OK):
        raise SetupError(f"The folder {place.root} cannot be written. Copy mabdesk to one of your own.")
    free = shutil.disk_usage(place.root).free
    if free < LEAST_FREE_BYTES and not place.folder.exists():  # an old one makes room as it goes
        raise SetupError(f"{place.root} has {free / 2**30:.1f} GB free; the set-up needs 5 GB. Make room.")
    if place.folder.exists() and not is_ours(place):
        raise SetupError(
            f"{place.folder} was not made by this set-up, so it is left alone. Move it away and start again."
        )


def is_ours(place: Place) -> bool:
    """Say whether `.venv` may be removed: it bears our mark, or it is empty."""
    return (place.folder / STAMP).exists() or not any(place.folder.glob("*"))


def remove_old(place: Place) -> None:
    """Remove what an earlier set-up left. It is renamed first, so that no half-removed one is ever seen."""
    if place.folder.exists():
        try:
            place.folder.rename(place.root / f".venv.old-{os.getpid()}")
        except OSError as error:
            raise SetupError(f"{place.folder} is in use ({error.strerror}). Close mabdesk and start again.") from error
    for leftover in place.root.glob(".venv.old-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def require_ensurepip() -> None:
    """Debian ships Python without the part that makes environments: add it as root, else say how."""
    if importlib.util.find_spec("ensurepip"):
        return
    package = f"python3.{sys.version_info[1]}-venv"
    if can_install() and apt_install([package]):
        importlib.invalidate_caches()
        if importlib.util.find_spec("ensurepip"):
            return
    raise SetupError(
        f"This Python lacks the module ensurepip. Install it with: sudo apt-get install {package} (then start again)."
    )


def link_program(place: Place) -> None:
    """Make `python -m mabdesk` and `.venv/bin/mabdesk` run this checkout from any working directory."""
    site_packages = next(place.folder.glob("[Ll]ib/python3.*/site-packages"), place.folder / "Lib" / "site-packages")
    # Relative, so that no file system's encoding of the path matters.
    (site_packages / "mabdesk.pth").write_text(os.path.relpath(place.root, site_packages) + "\n", encoding="ascii")
    if os.name == "nt":
        (place.scripts / "mabdesk.cmd").write_text('@"%~dp0python.exe" -P -m mabdesk %*\n', encoding="ascii")
        return
    launcher = place.scripts / "mabdesk"
    launcher.write_text(
        '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -P -m mabdesk "$@"\n', encoding="ascii"
    )
    launcher.chmod(0o755)
