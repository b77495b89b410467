"""Installs the locked libraries with pip: a visible progress line, and a sentence instead of a traceback."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from setup_error import SetupError

KEPT_LINES = 12
NO_NETWORK = (
    "connection broken by", "NewConnectionError", "Failed to establish a new connection", "getaddrinfo failed",
    "Name or service not known", "Temporary failure in name resolution", "Network is unreachable", "ReadTimeoutError",
    "ConnectTimeoutError", "Cannot connect to proxy", "No route to host",
)  # fmt: skip
OFFLINE = (
    "The libraries could not be downloaded: the package index cannot be reached. Connect to the network (or set pip's "
    "proxy or index) and start again; what was downloaded is kept. Without a network: set PIP_NO_INDEX=1 and "
    "PIP_FIND_LINKS to a folder that holds the wheels."
)


def install_packages(python: Path, lock: Path) -> None:
    """Install exactly what the lock file names, wheels only, each checked against its hash; raises SetupError."""
    command = [
        str(python), "-I", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-deps",
        "--no-user", "--no-input", "--progress-bar", "off", "--no-warn-script-location", "-r", str(lock),
    ]  # fmt: skip
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        close_fds=False,  # pip keeps the set-up's lock should this process be killed
    ) as pip:  # fmt: skip
        try:
            said = follow(pip.stdout or (), count_of(lock), Line())
            code = pip.wait()
        except KeyboardInterrupt:
            pip.wait()  # it got the Ctrl-C as well
            raise
    if code:
        raise SetupError(reason(said))


def count_of(lock: Path) -> int:
    """Count the libraries that the lock file names (for all platforms)."""
    return sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line and line[:1].isalnum())


class Line:
    """One line of progress on a terminal, rewritten in place; elsewhere a new line now and then."""

    def __init__(self) -> None:
        self.start = self.shown = time.monotonic()
        self.live = sys.stderr.isatty()

    def show(self, text: str, now: bool = False) -> None:
        """Show how far it is; thinned out where lines cannot be rewritten."""
        if self.live:
            sys.stderr.write(f"\r\033[K  {text[:100]}")
        elif now or time.monotonic() - self.shown > 15:
            sys.stderr.write(f"  {text} ({time.monotonic() - self.start:.0f} s)\n")
            self.shown = time.monotonic()
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self.live:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def follow(lines: Iterable[str], total: int, line: Line) -> list[str]:
    """Turn pip's lines into progress; return its last lines, with the ones about the network first."""
    network: deque[str] = deque(maxlen=3)
    last: deque[str] = deque(maxlen=KEPT_LINES)
    collected = 0
    for text in lines:
        last.append(text.rstrip())
        if any(sign in text for sign in NO_NETWORK):
            network.append(text.rstrip())
        if text.startswith("Ignoring "):  # of another platform
            total -= 1
        elif text.startswith(("Collecting ", "Processing ")):
            collected += 1
            line.show(f"Fetching library {collected} of {total}: {Path(text.split()[1]).name}", now=collected == 1)
        elif text.strip().startswith("Downloading "):
            line.show(f"Fetching library {collected} of {total}: {' '.join(text.split()[1:])}")
        elif text.startswith("Installing collected"):
            line.show(f"Unpacking {collected} libraries (the longest part, about a minute or two)", now=True)
    line.end()
    return [*network, *last]


def reason(said: list[str]) -> str:
    """Say why pip failed, from its last lines."""
    text = "\n".join(said)
    if any(sign in text for sign in NO_NETWORK):
        return OFFLINE
    if "No space left" in text or "not enough space" in text:
        return "The disk is full: the libraries need 5 GB. Make room and start again."
    if "HASHES" in text:
        return "A downloaded library is not the one that the lock file names; nothing was installed.\n" + text
    return f"pip could not install the libraries. Its last words:\n{text}"
