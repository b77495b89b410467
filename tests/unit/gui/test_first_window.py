"""The first window: it paints, says where to start, follows the system's light or dark, and closes by key."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from mabdesk import __version__
from mabdesk.errors import MabdeskError
from mabdesk.gui.display import require_display
from mabdesk.gui.look import DARK, LIGHT, apply_look, palette
from mabdesk.gui.main import main_window


@pytest.fixture(scope="module")
def application() -> QApplication:
    found = QApplication.instance() or QApplication(["mabdesk"])
    assert isinstance(found, QApplication)
    apply_look(found)
    return found


@pytest.fixture
def window(application: QApplication) -> Iterator[QMainWindow]:
    shown = main_window()
    shown.show()
    application.processEvents()
    yield shown
    shown.close()
    shown.deleteLater()
    application.processEvents()


def test_that_the_window_paints_text_on_its_surface(window: QMainWindow) -> None:
    picture = window.grab().toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(0, 400, 2) for y in range(0, 300, 2)}
    assert LIGHT["surface"].lower() in colors
    assert len(colors) > 5


def test_that_the_window_says_version_demo_and_commands(window: QMainWindow) -> None:
    texts = "\n".join(label.text() for label in window.findChildren(QLabel))
    for words in (f"mabdesk {__version__}", "mabdesk demo --quick", "mabdesk import", "mabdesk --help"):
        assert words in texts


def test_that_every_text_has_an_accessible_name(window: QMainWindow) -> None:
    assert window.accessibleName()
    assert all(label.accessibleName() for label in window.findChildren(QLabel))


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Escape,), (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)])
def test_that_a_key_closes_the_window(keys, window: QMainWindow, application: QApplication) -> None:
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, *keys)
    application.processEvents()
    assert not window.isVisible()


@pytest.mark.parametrize(("colors", "system_is"), [(LIGHT, "light"), (DARK, "dark")])
def test_that_the_look_follows_the_system(colors: dict[str, str], system_is: str, application: QApplication) -> None:
    before = application.palette()
    application.setPalette(palette(colors))
    apply_look(application)
    assert application.palette().color(QPalette.ColorRole.Window).name() == colors["surface"].lower(), system_is
    application.setPalette(before)


@pytest.mark.parametrize(("environment", "system"), [({"DISPLAY": ":0"}, "linux"), ({}, "win32")])
def test_that_a_display_lets_the_window_open(environment: dict[str, str], system: str) -> None:
    require_display(environment, system)


def test_that_a_session_without_display_is_told() -> None:
    with pytest.raises(MabdeskError, match="needs a display"):
        require_display({"DISPLAY": ""}, "linux")


def test_that_the_program_without_display_ends_with_a_sentence_and_code_2() -> None:
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    ended = subprocess.run([sys.executable, "-m", "mabdesk"], env=bare, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "command line" in ended.stderr
