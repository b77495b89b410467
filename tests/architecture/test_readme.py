"""README tells of every command, and every command in README can be typed as it stands."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from mabdesk.cli.arguments import build
from mabdesk.models.settings import KINDS

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
TYPED = re.findall(r"^ {4}(?:mabdesk|python3 installer/start\.py) ((?!test\b).+)$", README, re.MULTILINE)


def commands(parser: argparse.ArgumentParser, before: str = "") -> list[str]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                found += commands(sub, f"{before} {name}".strip()) or [f"{before} {name}".strip()]
    return found


@pytest.mark.parametrize("line", TYPED)
def test_that_a_command_in_the_readme_can_be_typed(line):
    assert build().parse_args(shlex.split(line)).verb


@pytest.mark.parametrize("name", commands(build()))
def test_that_the_readme_shows_every_command(name):
    assert any(line.startswith(name) for line in TYPED), f"README shows no `mabdesk {name}`"


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_readme_names_every_model(kind):
    assert f"`{kind.replace('_', '-')}`" in README
