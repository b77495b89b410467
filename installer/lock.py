"""Remakes requirements.lock from pyproject.toml with uv: all platforms, with hashes. `python installer/lock.py`."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "installer" / "requirements.lock"
EXPORT = ("export", "--quiet", "--frozen", "--format", "requirements-txt", "--all-groups", "--no-emit-project")
PLAIN = ("--no-annotate", "--no-header")


def main() -> int:
    """Resolve in a temporary folder, so that nothing of uv's stays here."""
    uv = shutil.which("uv")
    if not uv:
        print("uv is not on the PATH. Install it (pip install uv) and run this again.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "README.md").write_text("", encoding="utf-8")
        for command in ([uv, "lock", "--quiet"], [uv, *EXPORT, *PLAIN, "--output-file", "requirements.lock"]):
            if subprocess.call(command, cwd=folder):
                return 1
        LOCK.write_bytes((folder / "requirements.lock").read_bytes())
    print(f"{LOCK} is remade; look at its changes, then run the tests.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
