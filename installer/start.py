"""mabdesk in one command: `python3 installer/start.py [test | demo | any mabdesk command]`; alone it opens the window.

Sets up `.venv` beside this folder when needed, then runs. This file, `pythons.py` and `programs.py` run on any Python
since 3.6, so that an old one gets a sentence; the rest is written for the Pythons that mabdesk supports.
"""

import importlib
import sys
from pathlib import Path

from programs import hand_over
from pythons import facts, find_right, is_right, wrong_machine, wrong_python

USERS_FAULT, INTERRUPTED = 2, 130


def main(arguments: "list[str]") -> int:
    """Set up and run with a right Python; return the exit code."""
    known = facts()
    if is_right(known):
        fault = wrong_machine(known)
        if not fault:
            return int(importlib.import_module("launch").main(arguments))
    else:
        other = find_right()
        if other:
            return hand_over([other, str(Path(__file__).resolve()), *arguments])
        fault = wrong_python(known)
    sys.stderr.write(fault + "\n")
    return USERS_FAULT


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Nothing is broken: the next start does what is missing.\n")
        sys.exit(INTERRUPTED)
