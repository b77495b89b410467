"""The command line's entry: arguments in, exit code out. 0 done, 2 the user can mend it, 1 a bug."""

import argparse
import logging
import sys
from collections.abc import Sequence

from mabdesk import __version__
from mabdesk.cli.arguments import build
from mabdesk.cli.tables import to_json
from mabdesk.errors import MabdeskError
from mabdesk.paths import log_file

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    parser = build()
    try:
        given = parser.parse_args(list(arguments))
    except MabdeskError as error:
        return _mendable(error, argparse.Namespace(json="--json" in arguments))
    if not hasattr(given, "verb"):
        parser.print_help()
        return 2
    try:
        answer = given.verb(given)
    except MabdeskError as error:
        return _mendable(error, given)
    except KeyboardInterrupt:
        print("Stopped; nothing half-made was left.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # a bug: say so in a sentence, keep the story in the log
        return _bug(error)
    if given.json:
        print(to_json(answer))
    return 2 if getattr(given, "failed", False) else 0


def _mendable(error: MabdeskError, given: argparse.Namespace) -> int:
    print(error, file=sys.stderr)
    if given.json:
        print(to_json({"error": error.message, "hint": error.hint, "problems": error.problems}))
    return 2


def _bug(error: Exception) -> int:
    logging.basicConfig(filename=log_file(), format="%(asctime)s %(levelname)s %(message)s", encoding="utf-8")
    logging.getLogger("mabdesk").critical("mabdesk %s", __version__, exc_info=error)
    print(
        f"mabdesk met an error of its own ({type(error).__name__}: {error}). The project is as it was.\n"
        f"Hint: please report it with the log, {log_file()}",
        file=sys.stderr,
    )
    return 1
