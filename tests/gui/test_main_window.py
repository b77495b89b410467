"""The real main window: how it starts, the whole journey by clicks, keys, themes, sizes, drops, and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QTableView,
)

from mabdesk.errors import MabdeskError
from mabdesk.gui import crash, dialogs, saving
from mabdesk.gui.display import require_display
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.main import make_application
from mabdesk.gui.main_window import MainWindow
from mabdesk.gui.messages import Action, Message
from mabdesk.gui.pages import report as report_page
from mabdesk.gui.pages.entries import PAGES
from mabdesk.project.project import open_project

NAMES = [page.name for page in PAGES]
SIZES = [(1366, 740), (900, 500), (683, 364)]  # a small laptop at 100 %, 150 % and 200 %, less the task bar


@pytest.fixture
def window(qtbot, user_folders):
    make_application()
    made = MainWindow()
    made.choose_theme("light")
    made.resize(1366, 740)
    made.show()
    yield made
    made.close_surely()
    made.deleteLater()


@pytest.fixture
def opened(window, qtbot, project_copy):
    with qtbot.waitSignal(window.session.opened):
        window.session.open(project_copy)
    return window


@pytest.fixture
def studied(window, qtbot, study, tmp_path):
    path = tmp_path / "study.mabdesk"
    path.write_bytes(study.project.read_bytes())
    with qtbot.waitSignal(window.session.opened):
        window.session.open(path)
    return window


def settled(window, qtbot):
    """Wait until all that the page asked for is read."""
    qtbot.waitUntil(lambda: not window.session.reading, timeout=20_000)
    QApplication.processEvents()


def press(window, qtbot, text: str) -> None:
    found = [b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    assert found, f"no button {text!r} in sight"
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_that_the_empty_window_says_how_to_begin(window):
    texts = [button.text() for button in window.page.findChildren(QPushButton) if button.isVisible()]
    assert texts[:3] == ["Open the demo", "New project...", "Open a project..."]
    assert "Empty workbook..." in texts


def test_that_an_empty_page_says_what_to_do_first_and_its_button_goes_there(window, qtbot):
    for name in NAMES[1:]:
        window.show_page(name)
        press(window, qtbot, "Go to Project")
        assert window.page.entry.name == "Project"


def test_that_a_page_of_an_empty_project_leads_to_the_data(window, qtbot, tmp_path):
    with qtbot.waitSignal(window.session.opened):
        window.session.new(tmp_path / "empty.mabdesk")
    for name in ("Clean", "Train", "Compare", "Report"):
        window.show_page(name)
        press(window, qtbot, "Go to Data")
        assert window.page.entry.name == "Data"


class _Windows(QObject):
    """Notes every window that is shown."""

    def __init__(self, parent):
        super().__init__(parent)
        self.seen = []

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


def test_that_no_part_of_a_page_flashes_up_as_a_window_of_its_own(studied, qtbot):
    watch = _Windows(studied)
    QApplication.instance().installEventFilter(watch)
    for name in NAMES:
        studied.show_page(name)
        settled(studied, qtbot)
    QApplication.instance().removeEventFilter(watch)
    assert watch.seen == []


@pytest.mark.parametrize("size", SIZES)
def test_that_nothing_is_cut_and_everything_has_a_name(size, studied, qtbot):
    studied.resize(*size)
    for name in NAMES:
        studied.show_page(name)
        settled(studied, qtbot)
        assert (studied.width(), studied.height()) == size
        _check_page(studied)


def _check_page(studied) -> None:
    deadline = time.monotonic() + 2  # a layout may be on its way
    while cut_buttons(studied) and time.monotonic() < deadline:
        QApplication.processEvents()
    assert cut_buttons(studied) == []
    for label in studied.findChildren(QLabel):
        if label.isVisible() and label.wordWrap() and label.text():
            assert label.height() >= label.heightForWidth(label.width()) - 2, label.text()
    kinds = (QPushButton, QComboBox, QLineEdit, QListWidget, QTableView)
    nameless = [w for kind in kinds for w in studied.findChildren(kind) if w.isVisible() and not w.accessibleName()]
    assert not [w for w in nameless if w.focusPolicy() & Qt.FocusPolicy.TabFocus and not _of_qt(w)]


def cut_buttons(studied) -> list[str]:
    shown = [b for b in studied.findChildren(QAbstractButton) if b.isVisible() and b.text()]
    return [button.text() for button in shown if button.width() < button.minimumSizeHint().width() - 2]


def _of_qt(widget) -> bool:
    """Parts that Qt makes inside its own widgets."""
    return widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox)


def test_that_every_page_is_drawn_in_both_themes(studied, qtbot):
    for choice, theme, name in [(c, t, n) for c, t in (("dark", DARK), ("light", LIGHT)) for n in NAMES]:
        studied.choose_theme(choice)
        studied.show_page(name)
        settled(studied, qtbot)
        picture = studied.grab().toImage()
        colors = {picture.pixelColor(x, y).name() for x in range(0, 1366, 7) for y in range(0, 740, 7)}
        assert theme.surface.lower() in colors
        assert ({LIGHT.surface.lower(), DARK.surface.lower()} - {theme.surface.lower()}).isdisjoint(colors)
        assert len(colors) > 12


def test_that_pages_show_a_new_result_without_being_opened_again(opened, qtbot):
    for name in NAMES:
        opened.show_page(name)
        settled(opened, qtbot)
    opened.show_page("Clean")
    with qtbot.waitSignal(opened.session.added, timeout=60_000):
        opened.session.run_step("clean", {"outliers": "none"})
    settled(opened, qtbot)
    assert opened.header.selector.currentText().startswith("Cleaned 2")
    opened.show_page("Project")
    assert len(opened.page.table.sheet.rows) == 4
    opened.show_page("Report")
    assert len(opened.page.table.sheet.rows) == 3


def test_that_errors_are_shown_with_their_hint_and_can_be_dismissed(window, qtbot):
    window.session.say(Message("danger", "The file is cut off.", "Copy it again."))
    assert window.messages.isVisible()
    assert "cut off" in window.messages.accessibleDescription()
    window.messages.clear()
    assert not window.messages.isVisible()


def test_that_what_was_said_of_earlier_work_goes_when_work_starts_unless_it_offers_something(opened, qtbot):
    for actions, stays in (((), False), ((Action("Try again", opened.close),), True)):
        opened.session.say(Message("danger", "The file is cut off.", actions=actions))
        with qtbot.waitSignal(opened.jobs.finished, timeout=60_000):
            opened.session.run("look", "Looking", lambda worker, progress: None)
        assert (opened.messages.message is not None) == stays


def test_that_every_page_has_its_row_in_the_list_at_the_first_painting(qtbot, user_folders):
    make_application()
    made = MainWindow()
    made.show()
    heights = [made.list.visualItemRect(made.list.item(row)).height() for row in range(len(NAMES))]
    assert min(heights) >= made.list.fontMetrics().height() + 12
    made.close_surely()
    made.deleteLater()


def test_that_keys_change_pages_run_and_stop(opened, qtbot):
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    for number, name in enumerate(NAMES, start=1):
        held = Qt.KeyboardModifier.ControlModifier if number <= 10 else Qt.KeyboardModifier.AltModifier
        qtbot.keyClick(opened, getattr(Qt.Key, f"Key_{number % 10}"), held)
        assert opened.page.entry.name == name
    opened.show_page("Train")
    settled(opened, qtbot)
    opened.page.form.set_values({"quick": True, "epochs": 900})
    assert (opened.page.can_run(), opened.page.primary.isEnabled()) == ("", True)
    with qtbot.waitSignal(opened.jobs.progressed, timeout=40_000):
        qtbot.keyClick(opened, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(opened.jobs.stopped, timeout=5_000):
        qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert "Stopped" in opened.messages.message.text
    assert [info.id for info in opened.session.infos] == ["dataset-1", "split-1", "cleaned-1"]


def test_that_finish_now_keeps_the_best_so_far(opened, qtbot):
    opened.show_page("Train")
    settled(opened, qtbot)
    opened.page.form.set_values({"quick": True, "epochs": 900, "members": 2})
    with qtbot.waitSignal(opened.jobs.partial, timeout=90_000):
        opened.page.run()
    assert opened.job_bar.finish.isVisible()
    with qtbot.waitSignal(opened.session.added, timeout=60_000):
        qtbot.mouseClick(opened.job_bar.finish, Qt.MouseButton.LeftButton)
    settled(opened, qtbot)
    training = opened.session.value("model")
    assert any("Finished early on request" in note for note in training.model.notes)
    assert "FINISHED EARLY" in opened.page.verdict.flags.text()
    opened.show_page("Project")
    opened.page.table.view.selectRow(3)
    with qtbot.waitSignal(opened.session.said, timeout=20_000):
        press(opened, qtbot, "Run it again")
    assert "at a moment that cannot be repeated" in opened.messages.message.text


def test_that_a_workbook_that_is_dropped_makes_a_project_and_is_looked_at_before_it_is_imported(
    window, qtbot, small_campaign, tmp_path, monkeypatch
):
    monkeypatch.setattr(dialogs, "ask_where", lambda *_: tmp_path / "dropped.mabdesk")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(small_campaign))])
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        window.dropEvent(
            QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
        )
    qtbot.waitUntil(lambda: window.page.entry.name == "Import")
    qtbot.waitUntil(lambda: not window.page.draft.looking, timeout=60_000)
    assert window.session.infos == ()
    with qtbot.waitSignal(window.session.added, timeout=60_000):
        press(window, qtbot, "Import")
    assert window.page.entry.name == "Data"
    settled(window, qtbot)
    assert len(window.page.table.sheet.rows) == 8


def test_that_every_way_to_import_leads_to_the_import_page_and_keeps_nothing(
    opened, qtbot, tmp_path, small_campaign, monkeypatch
):
    kept = opened.session.infos
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.csv").write_text("Batch,Time (h),Titer (g/L)\nB1,0,0\nB1,24,0.1\n", encoding="utf-8")
    (folder / "plan.docx").write_bytes(b"no table")
    monkeypatch.setattr(dialogs, "ask_files", lambda *_: [small_campaign])

    def menu():
        next(action for action in opened.menus.file.actions() if action.text() == "&Import batch records...").trigger()

    def data():
        opened.show_page("Data")
        settled(opened, qtbot)
        press(opened, qtbot, "Import batch records...")

    def others():
        opened.show_page("Import")
        opened.page.controls.others.click()  # it may be scrolled out of sight

    for way, files in (
        (lambda: opened.take([folder]), ["a.csv"]),
        (menu, ["campaign.xlsx"]),
        (lambda: opened.take([folder]), ["a.csv"]),
        (data, ["campaign.xlsx"]),
        (lambda: opened.take([folder]), ["a.csv"]),
        (others, ["campaign.xlsx"]),
    ):
        way()
        qtbot.waitUntil(lambda: opened.page.entry.name == "Import")
        qtbot.waitUntil(lambda files=files: [path.name for path in opened.page.draft.paths] == files)
        qtbot.waitUntil(lambda: not opened.page.draft.looking, timeout=60_000)
        assert opened.page.draft.preview is not None
        opened.show_page("Project")
    assert opened.session.infos == kept


def test_that_a_file_that_is_neither_is_refused_with_a_sentence(window, tmp_path):
    window.take([tmp_path / "picture.png"])
    assert "neither a project nor a table" in window.messages.message.text


def test_that_a_workbook_that_cannot_be_read_names_its_cells_and_keeps_nothing(opened, qtbot, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("Batch,Time (h),Titer (g/L)\nB1,0,0.1\nB1,24,oops\n", encoding="utf-8")
    with qtbot.waitSignal(opened.session.said, timeout=60_000):
        opened.session.run_step("import", {}, files=[wrong])
    assert "cell C3" in str(opened.messages.message)
    assert [info.id for info in opened.session.infos][-1] == "cleaned-1"


def test_that_the_journey_from_the_demo_to_the_report_goes_by_clicks(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(dialogs, "documents", lambda: tmp_path)
    monkeypatch.setattr(dialogs, "DEMO_BATCHES", 8)
    with qtbot.waitSignal(window.session.opened, timeout=90_000):
        press(window, qtbot, "Open the demo")
    assert window.session.selection.keys() == {"dataset", "split", "cleaned"}
    for name in ("Data", "Clean"):
        qtbot.mouseClick(
            window.list.viewport(), Qt.MouseButton.LeftButton,
            pos=window.list.visualItemRect(window.list.item(NAMES.index(name))).center(),
        )  # fmt: skip
        settled(window, qtbot)
        assert window.page.entry.name == name
        assert window.page.plot.figure.simulated
    window.show_page("Train")
    settled(window, qtbot)
    window.page.form.set_values({"quick": True, "epochs": 1, "members": 2})
    with qtbot.waitSignal(window.session.added, timeout=120_000):
        press(window, qtbot, "Train")
    window.show_page("Compare")
    settled(window, qtbot)
    window.page.form.set_values({"models": ("mean_trajectory", "ridge"), "folds": 2})
    with qtbot.waitSignal(window.session.added, timeout=120_000):
        press(window, qtbot, "Compare")
    window.show_page("Report")
    target = tmp_path / "report.xlsx"
    monkeypatch.setattr(report_page, "ask_where", lambda *_: target)
    with qtbot.waitSignal(window.jobs.finished, timeout=60_000):
        press(window, qtbot, "Preview")
    qtbot.waitUntil(lambda: window.page.sheets.count() > 5)
    with qtbot.waitSignal(window.session.said, timeout=60_000):
        press(window, qtbot, "Write the report...")
    assert target.exists()
    assert [action.text for action in window.messages.message.actions] == ["Open", "Open folder"]


def test_fault_14_that_a_report_that_is_open_in_excel_is_written_beside_it(studied, qtbot, tmp_path, monkeypatch):
    target = tmp_path / "report.xlsx"
    target.write_bytes(b"held open")
    real = Path.replace

    def replace(self, other):
        if Path(other) == target:
            raise PermissionError(13, "held by another program")
        return real(self, other)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(report_page, "ask_where", lambda *_: target)
    studied.show_page("Report")
    with qtbot.waitSignal(studied.session.said, timeout=60_000):
        press(studied, qtbot, "Write the report...")
    assert "report (2).xlsx" in studied.messages.message.text
    assert target.read_bytes() == b"held open"
    assert (tmp_path / "report (2).xlsx").stat().st_size > 10_000


def test_that_a_plot_and_a_table_are_exported(studied, qtbot, tmp_path, monkeypatch):
    studied.show_page("Data")
    settled(studied, qtbot)
    for kind in ("png", "svg", "csv", "xlsx"):
        path = tmp_path / f"out.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(studied.session.said, timeout=60_000):
            studied.page.plot.export_requested.emit(kind)
        assert path.stat().st_size > 5_000
    assert "SIMULATED DATA" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_that_closing_while_work_runs_asks_and_ends_everything(opened, qtbot, monkeypatch, project_copy):
    asked = []
    monkeypatch.setattr(
        QMessageBox, "question", lambda *given: asked.append(given[2]) or QMessageBox.StandardButton.Cancel
    )
    with qtbot.waitSignal(opened.jobs.progressed, timeout=90_000):
        opened.session.run_step("train", {"quick": True, "epochs": 900})
    opened.close()
    assert opened.isVisible()
    assert "still running" in asked[0]
    monkeypatch.setattr(QMessageBox, "question", lambda *given: QMessageBox.StandardButton.Close)
    pid = opened.jobs.worker_pid
    begun = time.monotonic()
    opened.close()
    assert time.monotonic() - begun < 2
    assert not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()
    with open_project(project_copy, "w") as project:
        assert [info.id for info in project.results()][-1] == "cleaned-1"


def test_fault_5_that_the_window_tells_of_a_killed_worker_and_goes_on(opened, qtbot):
    with qtbot.waitSignal(opened.jobs.progressed, timeout=90_000):
        opened.session.run_step("train", {"quick": True, "epochs": 900})
    with qtbot.waitSignal(opened.jobs.failed, timeout=10_000):
        os.kill(opened.jobs.worker_pid, signal.SIGSEGV)
    assert "SIGSEGV" in opened.messages.message.text
    assert opened.isVisible()
    with qtbot.waitSignal(opened.session.added, timeout=60_000):
        opened.session.run_step("clean", {"outliers": "none"})


def test_fault_12_that_a_second_window_is_read_only_and_a_copy_goes_on(opened, qtbot, project_copy, tmp_path):
    second = MainWindow()
    second.show()
    with qtbot.waitSignal(second.session.opened):
        second.session.open(project_copy)
    assert "is open by" in second.messages.message.text
    second.show_page("Train")
    assert not second.page.primary.isEnabled()
    assert "(read-only)" in second.header.project.text()
    with qtbot.waitSignal(second.session.opened):
        second.session.keep_elsewhere(tmp_path / "copy.mabdesk")
    assert second.session.writable
    second.close_surely()


def test_that_a_bug_is_told_with_the_log_and_the_window_goes_on(window, qtbot):
    reporter = crash.CrashReporter(window)
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        reporter.report(type(error), error, error.__traceback__)
        reporter.report(type(error), error, error.__traceback__)
    assert reporter.box.isVisible()
    assert "project is safe" in reporter.box.text()
    assert "a bug" in reporter.box.detailedText()
    reporter.box.close()


def test_that_the_device_line_says_what_trains(window, qtbot):
    with qtbot.waitSignal(window.dialogs.device_known, timeout=60_000):
        window.begin()
    assert window.header.device.text().startswith("Device: ")
    assert "TF32" in window.header.device.toolTip()


START = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from mabdesk.gui.main import make_application
from mabdesk.gui.main_window import MainWindow
application = make_application()
window = MainWindow()
window.show()
application.processEvents()
assert not window.grab().isNull()
libraries = "pyqtgraph pandas sklearn tensorflow keras scipy shap openpyxl OpenGL mabdesk.workflow"
print(sorted(set(libraries.split()) & set(sys.modules)))
window.take([Path(name) for name in sys.argv[1:]])
def check():
    if window.session.project is not None or not sys.argv[1:]:
        print(window.session.path.name if window.session.path else "none")
        window.close_surely()
        application.quit()
timer = QTimer()
timer.timeout.connect(check)
timer.start(50)
sys.exit(application.exec())
"""


def start(*arguments: str, **environment: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", START, *arguments], env={**os.environ, **environment}, capture_output=True, text=True,
        check=False, timeout=90,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_that_the_window_paints_before_any_heavy_library_is_loaded():
    assert start() == ["[]", "none"]


def test_fault_46_that_nothing_needs_opengl_to_be_drawn():
    assert start(LIBGL_ALWAYS_SOFTWARE="0", QT_OPENGL="none")[0] == "[]"


def test_fault_50_that_it_starts_without_a_home_with_odd_names_and_at_150_percent(tmp_path, project_copy):
    odd = tmp_path / "Jürgen Müßig" / "Läufe 日本 2026.mabdesk"
    odd.parent.mkdir()
    odd.write_bytes(project_copy.read_bytes())
    nowhere = dict.fromkeys(
        ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), "/proc/none"
    )
    said = start(str(odd), QT_SCALE_FACTOR="1.5", USER="Jürgen", LOGNAME="Jürgen", **nowhere)
    assert said[-1] == odd.name


@pytest.mark.parametrize(("environment", "system"), [({"DISPLAY": ":0"}, "linux"), ({}, "win32")])
def test_that_a_display_lets_the_window_open(environment, system):
    require_display(environment, system)


def test_that_a_session_without_display_is_told():
    with pytest.raises(MabdeskError, match="needs a display"):
        require_display({"DISPLAY": ""}, "linux")
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    ended = subprocess.run([sys.executable, "-m", "mabdesk"], env=bare, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "command line" in ended.stderr
