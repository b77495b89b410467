"""The walls between the rooms."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo', '--no-cache'])"
HEAVY = ("tensorflow", "keras", "keras_tuner", "pandas", "sklearn", "shap", "scipy", "torch", "jax", "matplotlib")
SHOW_WINDOW = """
from mabdesk.gui.main import make_application
from mabdesk.gui.main_window import MainWindow
application = make_application()
window = MainWindow()
window.show()
application.processEvents()
assert window.isVisible()
window.close_surely()
"""


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def loaded_after(code: str) -> set[str]:
    ended = run(f"{code}\nimport sys; print('LOADED', *sys.modules)", QT_QPA_PLATFORM="offscreen")
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.rpartition("LOADED")[2].split())


def test_that_imports_keep_to_the_contracts() -> None:
    ended = run(LINT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


def test_that_the_command_line_starts_without_heavy_libraries() -> None:
    loaded = loaded_after("import mabdesk.cli.main")
    assert "mabdesk.steps" in loaded
    assert not loaded & {*HEAVY, "PySide6", "openpyxl"}


def test_that_the_table_of_steps_needs_only_light_settings() -> None:
    loaded = loaded_after("import mabdesk.steps")
    assert not loaded & {*HEAVY, "PySide6", "openpyxl", "sqlite3", "mabdesk.workflow"}


def test_that_the_window_shows_without_heavy_libraries() -> None:
    loaded = loaded_after(SHOW_WINDOW)
    assert "PySide6.QtWidgets" in loaded
    assert not loaded & {*HEAVY, "openpyxl", "mabdesk.workflow"}
