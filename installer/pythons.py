"""Which Python mabdesk runs on, and where to find one.

Any Python since 3.6 can run this file (hence the quoted types). As a program it prints what kind of Python runs it: so
other Pythons are asked.
"""

import json
import platform
import shutil
import subprocess
import sys
import sysconfig
from typing import Any

LOWEST, HIGHEST = (3, 11), (3, 13)
# 3.12 first: it needs the fewest libraries.
SEARCHED = ("python3.12", "python3.13", "python3.11", "python3", "python")
SEARCHED_ON_WINDOWS = (["py", "-3.12"], ["py", "-3.13"], ["py", "-3.11"])
PROBE_SECONDS = 30
LEAST_GLIBC = (2, 34)


def facts() -> "dict[str, Any]":
    """Describe the Python that runs this."""
    library, library_version = platform.libc_ver()
    return {
        "version": list(sys.version_info[:3]),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "implementation": platform.python_implementation(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "executable": str(getattr(sys, "_base_executable", None) or sys.executable),
        "system": platform.system(),
        "machine": platform.machine(),
        "glibc": library_version if library == "glibc" else "",
    }


def is_right(known: "dict[str, Any]") -> bool:
    """Say whether mabdesk's libraries exist for this kind of Python."""
    plain = known["implementation"] == "CPython" and not known["free_threaded"]
    return plain and known["bits"] == 64 and LOWEST <= tuple(known["version"][:2]) <= HIGHEST


def describe(known: "dict[str, Any]") -> str:
    """Name a Python: "Python 3.8.18 (64-bit)"."""
    name = "Python" if known["implementation"] == "CPython" else known["implementation"]
    threads = ", free-threaded" if known["free_threaded"] else ""
    return "{} {} ({}-bit{})".format(name, ".".join(map(str, known["version"])), known["bits"], threads)


def wrong_python(known: "dict[str, Any]") -> str:
    """Say which Python is needed, which one this is, and what to install on this system."""
    return (
        "mabdesk needs Python 3.11, 3.12 or 3.13 (64-bit); this is {}, and no right one was found beside it.\n{}"
    ).format(describe(known), what_to_install(known["system"]))


def what_to_install(system: str) -> str:
    """Say how to get a right Python."""
    again = "then start this again."
    if system == "Windows":
        return "Install Python 3.12 with the 64-bit installer of python.org or the Microsoft Store, " + again
    if system == "Darwin":
        return "Install Python 3.12 with the installer of python.org, " + again
    return (
        "On Debian 12 or 13 and Ubuntu 24.04: sudo apt-get install python3 python3-venv. "
        "On Red Hat 9: sudo dnf install python3.12. With uv anywhere: uv python install 3.12. Install one, " + again
    )


def wrong_machine(known: "dict[str, Any]") -> str:
    """Say why the libraries cannot run on this machine ("" when they can)."""
    system, machine = known["system"], known["machine"].lower()
    if system == "Darwin" and machine == "x86_64":
        return "mabdesk needs an Apple silicon Mac: TensorFlow is no longer made for Intel Macs."
    if system == "Windows" and machine == "arm64":
        return "TensorFlow is not made for Windows on ARM; install the 64-bit (x64) Python 3.12 and start this with it."
    if system == "Linux" and not known["glibc"]:
        return "mabdesk needs a Linux with glibc; the libraries are not made for others (Alpine)."
    if known["glibc"] and tuple(map(int, known["glibc"].split(".")[:2])) < LEAST_GLIBC:
        return "This Linux has glibc {}; Qt needs 2.34 or newer (Debian 12, Ubuntu 22.04, Red Hat 9).".format(
            known["glibc"]
        )
    return ""


def find_right() -> str:
    """Look for a right Python on this machine; return its path ("" when there is none)."""
    on_path = [[path] for path in map(shutil.which, SEARCHED) if path]
    by_launcher = list(SEARCHED_ON_WINDOWS) if shutil.which("py") else []
    for command in on_path + by_launcher:
        known = ask(command)
        if known and is_right(known):
            return str(known["executable"])
    return ""


def ask(command: "list[str]") -> "dict[str, Any]":
    """Ask another Python what it is ({} when it cannot be run: a broken link, a version manager's empty shim)."""
    try:
        answer = subprocess.run(
            [*command, __file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PROBE_SECONDS, check=True
        )
        return dict(json.loads(answer.stdout.decode()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}


if __name__ == "__main__":
    print(json.dumps(facts()))
