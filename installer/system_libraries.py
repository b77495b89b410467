"""The system libraries that Qt needs on Linux: which are missing, and how to get them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# What the Qt wheels link to and do not bring along, by the Debian package that holds it.
PACKAGE_OF = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
SCREEN_PROGRAM, SCREEN_PACKAGE = "Xvfb", "xvfb"
FONTS = "fonts-dejavu-core"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")


def complete() -> bool:
    """Install what is missing when that is possible, say what to do when it is not; return whether all is there."""
    if not sys.platform.startswith("linux"):
        return True
    missing = missing_packages(known_libraries(), has_fonts(FONT_FOLDERS))
    if missing and can_install():
        print(f"Installing system libraries for the window: {' '.join(missing)}", file=sys.stderr, flush=True)
        apt_install(missing)
        missing = missing_packages(known_libraries(), has_fonts(FONT_FOLDERS))
    if missing:
        print(advice(missing), file=sys.stderr, flush=True)
    return not missing


def provide_screen() -> bool:
    """Install an X server without a screen, for the tests that take pictures; say whether there is one."""
    there = bool(shutil.which(SCREEN_PROGRAM))
    if there or not sys.platform.startswith("linux") or not can_install():
        return there
    print(f"Installing {SCREEN_PACKAGE}: the tests take pictures of the window.", file=sys.stderr, flush=True)
    return apt_install([SCREEN_PACKAGE])


def known_libraries() -> str:
    """List the libraries that the system's loader knows, as `ldconfig -p` prints them ("" when it cannot be asked)."""
    ldconfig = shutil.which("ldconfig", path=os.pathsep.join((os.environ.get("PATH", ""), "/sbin", "/usr/sbin")))
    if not ldconfig:
        return ""
    return subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout


def missing_packages(listing: str, fonts: bool) -> list[str]:
    """Name the Debian packages to add, from ldconfig's listing; an empty listing means that nothing is known."""
    if not listing:
        return []
    present = {line.split()[0] for line in listing.splitlines() if "=>" in line}
    missing = [package for library, package in PACKAGE_OF.items() if library not in present]
    return sorted(missing if fonts else [*missing, FONTS])


def has_fonts(folders: Iterable[Path]) -> bool:
    """Say whether there is any font to write with."""
    files = (name for folder in folders for _, _, names in os.walk(folder) for name in names)
    return any(name.lower().endswith((".ttf", ".otf", ".ttc")) for name in files)


def can_install() -> bool:
    """Say whether this is root on a Debian or one of its children."""
    return (
        os.name == "posix"
        and os.geteuid() == 0
        and Path("/etc/debian_version").exists()
        and bool(shutil.which("apt-get"))
    )


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; a fresh container has no package lists, so they are fetched when the first try fails."""
    return _apt([*INSTALL, *packages]) or (_apt(["apt-get", "update"]) and _apt([*INSTALL, *packages]))


def advice(packages: list[str]) -> str:
    """Say how to add the packages by hand."""
    command = f"sudo apt-get install {' '.join(packages)}"
    if shutil.which("apt-get"):
        return f"Warning: the window may not open, system libraries are missing. Mend it with: {command}"
    return (
        "Warning: the window may not open, system libraries are missing. "
        f"Install with this system's package manager what Debian calls: {' '.join(packages)}"
    )


def _apt(command: list[str]) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ended = subprocess.run(
            command, env=quiet, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return False
    if ended.returncode:
        last = (ended.stderr.strip() or ended.stdout.strip()).splitlines()[-2:]
        print(f"{' '.join(command[:2])} failed: {' '.join(last)}", file=sys.stderr)
    return ended.returncode == 0
