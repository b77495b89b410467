"""Opens the real window on a project and takes a picture of every page, as a user would have set it.

python tests/gui/take_pictures.py PROJECT FOLDER [light|dark] [WIDTHxHEIGHT]
"""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from PySide6.QtWidgets import QApplication

from mabdesk.gui import preferences
from mabdesk.gui.main import make_application
from mabdesk.gui.main_window import MainWindow
from mabdesk.gui.views.courses import LEAST_BATCHES
from mabdesk.gui.views.surface import FINE

PATIENCE_S = 60.0


def wait(done: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        QApplication.processEvents()
        time.sleep(0.01)


class Photographer:
    """Takes pictures of a window, one after the other."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window, self.folder = window, folder

    def show(self, name: str) -> None:
        """Show a page with all its values."""
        self.window.show_page(name)
        self.settle()

    def settle(self) -> None:
        """Wait until all that was asked for is read and drawn."""
        for _ in range(5):
            QApplication.processEvents()
            wait(lambda: not self.window.session.reading and not self.window.jobs.busy)

    def take(self, name: str) -> None:
        """Write what is seen."""
        self.settle()
        self.window.grab().save(str(self.folder / f"{name}.png"))


def run_sheet(folder: Path) -> Path:
    """Write a workbook as sites have them: titles, a header of two rows, and names that nobody else uses. Simulated."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Runs 2026"
    sheet.append(["Simulated runs"])
    sheet.append(["Site", "Basel", "", "Analyst", "M. M."])
    sheet.append([])
    sheet.append(["Batch", "Culture day", "Cells", "", "", "Metabolites", "", "Reactor", "", "Product", "", "By"])
    names = "Xv", "Viability", "Growth index", "Glc", "Lac", "pH", "Temp SP", "Titer", "Monomer"
    sheet.append(["", "", *names])
    sheet.append(["", "d", "1e6/mL", "%", "1/d", "mM", "mM", "", "°C", "g/L", "%", ""])
    for cells in ("A4:A5", "B4:B5", "C4:E4", "F4:G4", "H4:I4", "J4:K4", "L4:L5"):
        sheet.merge_cells(cells)
    for batch in ("CHO-101", "CHO-102"):
        for day in range(0, 15, 2):
            cells = round(22 / (1 + 60 * math.exp(-0.75 * day)) + 0.3, 2)
            row = [cells, 98 - day, round(0.6 - 0.04 * day, 2), 33 - 1.4 * day, 1 + 0.9 * day, 7.1 - 0.01 * day]
            sheet.append(
                [batch, day, *row, 36.5 if day < 6 else 33, round(0.02 * day**2, 2), round(99 - 0.2 * day, 1), "MM"]
            )
    book.create_sheet("Notes").append(["Feed changed on day 4"])
    path = folder / "Runs 2026.xlsx"
    book.save(path)
    return path


def import_page(taken: Photographer, folder: Path) -> None:
    """Show the sheet of a workbook with what its columns become, one of them doubtful."""
    taken.window.take([run_sheet(folder)])
    draft = taken.window.page.draft
    wait(lambda: not draft.looking)
    taken.take("import")
    draft.clear()


def data_page(taken: Photographer, session) -> None:
    """Show one batch above the others, with the envelope of all, its events and its phases."""
    taken.show("Data")
    drawing = taken.window.page.drawing
    drawing.golden.setCurrentIndex(drawing.golden.findData("drawn"))
    drawing.phases.setChecked(True)
    ids = session.value("dataset").dataset.ids
    session.highlight(ids[min(LEAST_BATCHES, len(ids) - 1)])
    taken.take("data")
    session.highlight("")


def clean_page(taken: Photographer) -> None:
    """Show the first sample that was removed, or whatever else was changed."""
    taken.show("Clean")
    page = taken.window.page
    rules = [(str(row[0]), str(row[1])) for row in page.counts.sheet.rows]
    if rules:
        row = next((n for n, (rule, name) in enumerate(rules) if "outlier" in rule and name == "vcd"), 0)
        page.counts.select(row)
        page._rule_selected(row)
        page.tabs.setCurrentWidget(page.all)
        page.all.select(0)
        page._change_selected(0)
    taken.take("clean")


def train_page(taken: Photographer) -> None:
    """Show how the network learned, what it is, and how it did."""
    taken.show("Train")
    for tab, name in ((0, "train"), (2, "network"), (1, "scores")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def compare_page(taken: Photographer, session) -> None:
    """Show the comparison: courses, and predicted over measured values."""
    newest = [info.id for info in session.infos if info.kind == "evaluation"]
    if newest:
        session.select(newest[-1])
    taken.show("Compare")
    for tab, name in ((0, "compare"), (1, "parity")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def search_page(taken: Photographer) -> None:
    """Show the newest search: every trial, and what is known of it."""
    taken.show("Search")
    for tab, name in ((0, "search"), (2, "search-notes")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def transfer_page(taken: Photographer) -> None:
    """Show the newest study of transfer: learning curves, and all scores of the methods."""
    taken.show("Transfer")
    for tab, name in ((0, "transfer"), (1, "transfer-scores")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def explain_page(taken: Photographer) -> None:
    """Show the newest explanation: how variables rank, when they matter, and one prediction."""
    taken.show("Explain")
    for tab, name in ((0, "explain-ranking"), (1, "explain"), (2, "explain-prediction"), (5, "explain-checks")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def process_page(taken: Photographer) -> None:
    """Show the newest process model: how good it is, what moves it, and a forecast."""
    taken.show("Process model")
    for tab, name in ((0, "process"), (1, "process-courses"), (4, "process-moved"), (5, "process-forecast")):
        taken.window.page.tabs.setCurrentIndex(tab)
        taken.take(name)


def what_if_page(taken: Photographer) -> None:
    """Show a plan beside a pinned one."""
    taken.show("What if")
    page = taken.window.page
    if page.desk.model is None:
        return
    page.desk.pin()
    first = page.sliders.rows[0]
    first.number.setValue(first.span.run_low)
    wait(lambda: not page._timer.isActive())
    taken.take("what-if")


def surface_page(taken: Photographer) -> None:
    """Show titer over the first two setpoints."""
    taken.show("Surface")
    page = taken.window.page
    if page.desk.model is not None:
        wait(lambda: page.views.map is not None and len(page.views.map.x) == FINE)
        wait(lambda: page.views.solid is not None or bool(page.no_3d.text()))
        taken.take("surface")


def report_page(taken: Photographer) -> None:
    """Show the preview of the scores."""
    taken.show("Report")
    taken.window.page.show_preview()
    wait(lambda: taken.window.page.sheets.count() > 1)
    taken.settle()
    taken.window.page.sheets.setCurrentIndex(max(taken.window.page.sheets.findText("Scores"), 0))
    taken.take("report")


def main(project: Path, folder: Path, theme: str, size: tuple[int, int]) -> None:
    """Take all pictures."""
    application = make_application()
    preferences.choose_theme(theme)  # before the window is made: as at any start
    window = MainWindow()
    window.resize(*size)
    window.show()
    taken = Photographer(window, folder)
    try:
        window.begin()
        wait(lambda: window.session.device is not None)
        taken.take("start")
        window.session.open(project)
        wait(lambda: window.session.project is not None)
        taken.show("Project")
        taken.take("project")
        import_page(taken, folder)
        data_page(taken, window.session)
        clean_page(taken)
        train_page(taken)
        compare_page(taken, window.session)
        search_page(taken)
        transfer_page(taken)
        explain_page(taken)
        process_page(taken)
        what_if_page(taken)
        surface_page(taken)
        report_page(taken)
    finally:
        window.close_surely()
        application.processEvents()


if __name__ == "__main__":
    given = [*sys.argv[1:], *["light", "1366x740"][len(sys.argv) - 3 :]]
    width, _, height = given[3].partition("x")
    main(Path(given[0]), Path(given[1]), given[2], (int(width), int(height)))
