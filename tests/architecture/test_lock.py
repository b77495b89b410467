"""The lock file installs what pyproject.toml asks for, checked by hash, from whatever index the user has."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mabdesk

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "installer" / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENTRIES = re.split(r"\n(?=\S)", LOCK.strip())
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = (("linux", "x86_64"), ("win32", "AMD64"), ("darwin", "arm64"))


def locked() -> list[Requirement]:
    return [Requirement(entry.split("\\\n")[0].strip()) for entry in ENTRIES]


def wanted() -> list[Requirement]:
    return [Requirement(text) for text in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]]


def test_that_the_lock_holds_a_fitting_version_of_all_that_is_wanted_for_every_python_and_system() -> None:
    pinned = locked()
    for python in PYTHONS:
        for system, machine in SYSTEMS:
            marks = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": system}
            marks |= {"platform_machine": machine, "platform_system": system, "os_name": "posix"}
            here = {
                canonicalize_name(r.name): next(iter(r.specifier)).version
                for r in pinned
                if r.marker is None or r.marker.evaluate(marks)
            }
            for requirement in wanted():
                version = here.get(canonicalize_name(requirement.name))
                assert version, f"{requirement} has no entry for {python} on {system}"
                assert requirement.specifier.contains(version), f"{requirement}: locked {version}"


def test_that_every_entry_is_pinned_and_hashed() -> None:
    for entry in ENTRIES:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_that_the_lock_names_no_index() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|--index|--extra-index|--find-links|--trusted-host|-e|-f)", LOCK, re.MULTILINE)


def test_that_the_version_is_told_alike_everywhere() -> None:
    assert mabdesk.__version__ == PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{mabdesk.__version__}]" in changelog
