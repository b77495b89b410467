"""The program's door: the window without arguments, the command line with them."""

import contextlib
import faulthandler
import importlib
import io
import multiprocessing
import os
import sys


def main() -> int:
    """Start what the arguments ask for and return the exit code."""
    multiprocessing.freeze_support()
    # A windowed build has no streams at all; libraries that print would otherwise end the program.
    if sys.stdout is None:
        sys.stdout = io.StringIO()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    with contextlib.suppress(io.UnsupportedOperation, AttributeError):
        faulthandler.enable()
    try:
        # Each door loads only what is behind it: commands need no Qt, the window no parser.
        arguments = sys.argv[1:]
        files = bool(arguments) and all(argument.endswith(".mabdesk") for argument in arguments)  # a double click
        door = importlib.import_module("mabdesk.gui.main" if files or not arguments else "mabdesk.cli.main")
        return int(door.main(arguments))
    except BrokenPipeError:  # the reader of our output went away (`mabdesk show P | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
