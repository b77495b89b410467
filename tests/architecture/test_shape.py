"""Small files, small functions, imports in sight, no pickle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "mabdesk").rglob("*.py")) + sorted((ROOT / "installer").glob("*.py"))
MOST_FILE_LINES, MOST_FUNCTION_LINES = 300, 40
FACTORY = ROOT / "mabdesk" / "models" / "factory.py"  # the one door to Keras may open late
WORDLESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
CODE_LOADERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or ""}
    return set()


@pytest.fixture(params=SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def source(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_that_a_file_stays_short(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= MOST_FILE_LINES


def test_that_a_function_stays_short(source: Path) -> None:
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions(source) if f.end_lineno}
    assert not {name: lines for name, lines in long.items() if lines > MOST_FUNCTION_LINES}


def test_that_no_own_import_hides_in_a_function(source: Path) -> None:
    hidden = {name for f in functions(source) for node in ast.walk(f) for name in imported(node)}
    own = {name for name in hidden if name.split(".")[0] == "mabdesk"}
    assert not own or source == FACTORY


def test_that_nothing_loads_code_from_data(source: Path) -> None:
    names = {name.split(".")[0] for node in ast.walk(tree(source)) for name in imported(node)}
    assert not names & CODE_LOADERS


def test_that_a_name_says_what_is_inside(source: Path) -> None:
    parts = source.relative_to(ROOT).with_suffix("").parts
    assert not WORDLESS_NAMES & set(parts)
