"""Running another program in place of this one. Any Python since 3.6 can run this file."""

import os
import subprocess
import sys


def hand_over(command: "list[str]") -> int:
    """Become another program where the system can; else wait for it. Its Ctrl-C and exit code are ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - a fixed program, no shell
    return wait_for(command)


def wait_for(command: "list[str]") -> int:
    """Run a program to its end and return its exit code."""
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it as well and ends in its own way
            continue
