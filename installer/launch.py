"""What start.py does once a right Python runs it: make the environment whole, then run the program or its tests."""

import os
import subprocess
import sys
from pathlib import Path

from environment import Place, ensure
from programs import hand_over, wait_for
from setup_error import SetupError
from system_libraries import provide_screen

PLACE = Place(Path(__file__).resolve().parent.parent)
USERS_FAULT = 2
CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])")),
)


def main(arguments: list[str]) -> int:
    """Run `test`, or hand every other word to mabdesk; return the exit code."""
    try:
        ensure(PLACE)
    except SetupError as error:
        print(error, file=sys.stderr)
        return USERS_FAULT
    use_own_libraries()
    if arguments[:1] == ["test"]:
        return run_tests(arguments[1:])
    # -P: a file called numpy.py beside the user's batch records must not be taken for the library.
    return hand_over([str(PLACE.python), "-P", "-m", "mabdesk", *arguments])


def use_own_libraries() -> None:
    """Keep other Pythons' settings out: mabdesk runs on its locked libraries alone."""
    for name in ("PYTHONHOME", "PYTHONPATH"):
        os.environ.pop(name, None)


def run_tests(arguments: list[str]) -> int:
    """Run the linters, then pytest, whose closing line comes last. Not 0 when anything failed."""
    os.chdir(PLACE.root)
    os.environ.update({"QT_QPA_PLATFORM": "offscreen", "TF_CPP_MIN_LOG_LEVEL": "3"})
    provide_screen()  # where it cannot, the pictures are taken without one
    failed = [name for name, command in CHECKS if not passes(name, command)]
    if failed:
        print(f"FAILED before the tests: {', '.join(failed)} (see above).", flush=True)
    code = wait_for([str(PLACE.python), "-m", "pytest", *arguments])
    return code or (1 if failed else 0)


def passes(name: str, command: tuple[str, ...]) -> bool:
    """Run one check; its words are shown only when it fails."""
    ended = subprocess.run([str(PLACE.python), *command], capture_output=True, text=True, check=False)
    print(f"{name}: {'FAILED' if ended.returncode else 'ok'}", flush=True)
    if ended.returncode:
        print(ended.stdout, ended.stderr, flush=True)
    return ended.returncode == 0
