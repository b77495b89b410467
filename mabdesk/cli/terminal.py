"""What the command line shows: while it works, a line on a terminal, one now and then in a log; then the answer."""

import argparse
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from mabdesk.progress import Progress
from mabdesk.project.project import open_project
from mabdesk.project.store import Project
from mabdesk.wording import time_text, without_estimate

Answer = Mapping[str, Any]
_WIDTH = 24
_SECONDS_BETWEEN_LINES = 20.0
_SECONDS_BEFORE_ESTIMATE = 3.0


class ProgressLine:
    """Draws progress with the time left. Use as a context manager; the line is gone when the work is."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._tty = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._drawn = 0

    def __enter__(self) -> Progress:
        return Progress(listen=self._listen)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()

    def _listen(self, fraction: float, text: str) -> None:
        if self._quiet:
            return
        now = time.monotonic()
        line = describe(fraction, text, now - self._start)
        if self._tty:
            self._draw(line)
        elif now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    def _draw(self, line: str) -> None:
        filled = line[:118]
        sys.stderr.write("\r" + filled.ljust(self._drawn))
        sys.stderr.flush()
        self._drawn = len(filled)


def describe(fraction: float, text: str, elapsed: float) -> str:
    """Say how far the work is: a bar, percent, time left (from the pace so far), and what is being done.

    Args:
        fraction: share done, 0 to 1.
        text: what is being done.
        elapsed: seconds since the start.
    """
    full = round(fraction * _WIDTH)
    bar = "=" * full + " " * (_WIDTH - full)
    left = ""
    if fraction > 0 and elapsed >= _SECONDS_BEFORE_ESTIMATE:
        left = f", {time_text(elapsed / fraction * (1 - fraction))} left"
        text = without_estimate(text)  # one time left is enough
    return f"[{bar}] {fraction:4.0%}{left}  {text}"


def opened(given: argparse.Namespace, mode: Literal["w", "auto"] = "w") -> Project:
    """Open the project that was named, and say on stderr what the user should know of it."""
    project = open_project(given.project, mode)
    for sentence in project.notes:
        print(sentence, file=sys.stderr)
    return project


def say(given: argparse.Namespace, answer: Answer, text: str) -> Answer:
    """Say the answer in words, unless it is wanted as JSON."""
    if not given.json:
        print(text)
    return answer
