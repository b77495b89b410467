"""Batch records stay on the desk: nothing that mabdesk does speaks to another machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Loaded by every Python that starts below here, spawned workers included; it writes down what a socket is used for.
WATCH = """
import json, os, sys
def _watch(event, arguments):
    if event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostby", "socket.send")):
        address = arguments[0] if event.startswith("socket.get") else arguments[1]
        if isinstance(address, (str, bytes)) and not event.startswith("socket.get"):
            return  # a socket of the file system
        host = address[0] if isinstance(address, tuple) else address
        with open(os.environ["SOCKET_LOG"], "a", encoding="utf-8") as log:
            log.write(json.dumps([event, str(host), sys.argv[:3]]) + "\\n")
    elif event == "import" and arguments[0] == "mabdesk":
        with open(os.environ["SOCKET_LOG"] + ".watched", "a", encoding="utf-8") as log:
            log.write(f"{os.getpid()}\\n")
sys.addaudithook(_watch)
"""
LOOPBACK = ("127.", "localhost", "::1")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which every Python writes its sockets' addresses to SOCKET_LOG."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    paths = os.pathsep.join((str(folder), str(ROOT)))
    return {**os.environ, "PYTHONPATH": paths, "SOCKET_LOG": str(folder / "sockets"), "QT_QPA_PLATFORM": "offscreen"}


def strangers(environment: dict[str, str]) -> list[str]:
    log = Path(environment["SOCKET_LOG"])
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [line for line in lines if not json.loads(line)[1].startswith(LOOPBACK)]


def mabdesk(environment: dict[str, str], folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "mabdesk", *arguments]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{arguments}: {ended.stderr}"
    return ended.stdout


def test_that_the_watch_sees_a_stranger_even_in_a_spawned_child(watched: dict[str, str], tmp_path: Path) -> None:
    seen = {**watched, "SOCKET_LOG": str(tmp_path / "sockets")}
    speak = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9)); s.close()"
    )
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {speak!r}])"
    subprocess.run([sys.executable, "-c", child], env=seen, check=True)
    assert "192.0.2.1" in strangers(seen)[0]


def test_that_a_journey_from_workbook_to_checked_project_speaks_to_no_other_machine(
    watched: dict[str, str], tmp_path: Path
) -> None:
    assert "import" in mabdesk(watched, tmp_path, "--help")
    mabdesk(watched, tmp_path, "simulate", "campaign", "--batches", "6", "-o", "W.xlsx")
    mabdesk(watched, tmp_path, "new", "P.mabdesk")
    mabdesk(watched, tmp_path, "import", "P.mabdesk", "W.xlsx")
    mabdesk(watched, tmp_path, "clean", "P.mabdesk")
    mabdesk(watched, tmp_path, "show", "P.mabdesk")
    mabdesk(watched, tmp_path, "verify", "P.mabdesk")
    processes = Path(watched["SOCKET_LOG"] + ".watched").read_text(encoding="utf-8").split()
    assert len(set(processes)) > 7, "the worker processes were not watched"
    assert strangers(watched) == []
