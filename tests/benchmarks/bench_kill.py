"""Kill a process at random moments while it saves into a project, and fill its disk: is anything ever lost?

    python tests/benchmarks/bench_kill.py [--kills 200] [--seed 1]

Prints one JSON object: kills, acknowledged results, results lost, files damaged, chains broken, hot journals undone;
and, where a small file system can be mounted (root on Linux), what became of a project on a full 2 MB disk.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mabdesk.errors import ProjectError
from mabdesk.project.project import Draft, create, open_project
from mabdesk.project.verify import verify

COMMITS = """
import sys
import numpy as np
from mabdesk.project.project import Draft, open_project
rng = np.random.default_rng(int(sys.argv[2]))
with open_project(sys.argv[1], "w") as project:
    print("ready", flush=True)
    while True:
        # Sizes from a settings change to a data set: small saves, and ones that spill into the file before they end.
        added = project.add(Draft("model", "train", rng.normal(size=int(10 ** rng.uniform(1, 5.7)))))
        print(added.id, added.content_hash, flush=True)
"""


def main() -> None:
    """Run both trials and print what was counted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = kills(Path(folder), arguments.kills, random.Random(arguments.seed))
    sys.stdout.write(json.dumps(counted | {"full_disk": full_disk()}, indent=2) + "\n")


def kills(folder: Path, count: int, draw: random.Random) -> dict[str, float]:
    """Kill `count` times; a fresh project every 20 times keeps the files small."""
    told = {"kills": 0, "acknowledged": 0, "lost": 0, "damaged": 0, "chain_broken": 0, "unacknowledged_but_kept": 0}
    told |= {"journals_undone": 0}
    started = time.monotonic()
    known: list[tuple[str, ...]] = []
    for number in range(count):
        path = folder / f"{number // 20}.mabdesk"
        if number % 20 == 0:
            create(path).close()
            known = []
        known += one_kill(path, number, draw.uniform(0.0, 0.4), told)
        known = look(path, known, told)
    return told | {"seconds": round(time.monotonic() - started, 1)}


def one_kill(path: Path, seed: int, delay: float, told: dict[str, int]) -> list[tuple[str, ...]]:
    """Let a child save and kill it after `delay` seconds; return what it said it had saved."""
    child = subprocess.Popen([sys.executable, "-c", COMMITS, path, str(seed)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    lines = child.communicate()[0].splitlines(keepends=True)
    acknowledged = [tuple(line.split()) for line in lines if line.endswith("\n")]
    told["kills"] += 1
    told["acknowledged"] += len(acknowledged)
    return acknowledged


def look(path: Path, known: list[tuple[str, ...]], told: dict[str, int]) -> list[tuple[str, ...]]:
    """Open what the killed process left, and count what is wrong with it."""
    try:
        with open_project(path, "w") as project:
            told["journals_undone"] += any("closed unexpectedly" in note for note in project.notes)
            found: list[tuple[str, ...]] = [(info.id, info.content_hash) for info in project.results()]
    except ProjectError:
        told["damaged"] += 1
        return known
    checks = {check.name: check.passed for check in verify(path).checks}
    told["chain_broken"] += not checks["audit trail"]
    told["damaged"] += not all(checks.values())
    told["lost"] += len(set(known) - set(found))
    told["unacknowledged_but_kept"] += len(found) - len(known)
    return found


def full_disk() -> dict[str, object]:
    """Save into a project on a 2 MB file system until it is full, then once more."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False)
        if mounted.returncode:
            return {"mounted": False}
        try:
            return fill(Path(folder) / "p.mabdesk")
        finally:
            subprocess.run(["umount", folder], check=True)


def fill(path: Path) -> dict[str, object]:
    """Add results of 200 kB until one does not fit."""
    rng = np.random.default_rng(1)
    saved = 0
    with create(path) as project:
        try:
            for _ in range(100):
                project.add(Draft("model", "train", rng.normal(size=25_000)))
                saved += 1
        except ProjectError as error:
            refusal = error.message
        small = project.add(Draft("model", "train", 1)).id
        kept = len(project.results())
    files = [file.name for file in path.parent.iterdir()]
    return {"mounted": True, "saved": saved, "refusal": refusal, "small_one_after": small, "kept": kept,
            "verified": verify(path).ok, "files": files}  # fmt: skip


if __name__ == "__main__":
    main()
