"""Commands as users type them, on the one finished study."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mabdesk.cli.main import main


@pytest.fixture
def run(capsys) -> Callable[..., tuple[int, Any, str]]:
    """Run a command in this process; return exit code, what --json printed, and what stood on stderr."""

    def run(*arguments: object) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = main([*map(str, arguments), "--json"])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else None, printed.err

    return run
