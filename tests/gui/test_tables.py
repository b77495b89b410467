"""Tables: sorted as numbers, searched, checked, copied in a fixed form, and exported without formulas."""

import math
import time

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication

from mabdesk.gui.csv_text import csv_bytes
from mabdesk.gui.numbers import figures
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable

SHEET = Sheet(
    "Batches",
    ("Batch", "Titer (g/L)", "Line"),
    (("B10", 2.5, "A"), ("B2", math.nan, "B"), ("B3", 10.123456, None), ("B4", -1.0, "A")),
)


@pytest.fixture
def table(qtbot):
    made = DataTable("Batches", checkable=True, find=True)
    qtbot.addWidget(made)
    made.show_sheet(SHEET, {0})
    return made


def column(table, number):
    return [table.model.index(row, number).data() for row in range(table.model.rowCount())]


def test_that_rows_are_checked_together(table):
    actions = {action.text(): action for action in table.button.menu().actions()}
    actions["Check all"].trigger()
    assert table.checked() == (0, 1, 2, 3)
    actions["Check none"].trigger()
    assert table.checked() == ()
    table.view.selectRow(2)
    actions["Check the selected rows alone"].trigger()
    assert table.checked() == (2,)


def test_that_the_selected_row_stays_selected_when_the_table_is_sorted(table):
    table.view.selectRow(2)
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert table.current() == 2


def test_that_numbers_sort_as_numbers_and_what_is_missing_comes_last(table):
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert column(table, 0) == ["B4", "B10", "B3", "B2"]
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert column(table, 0) == ["B3", "B10", "B4", "B2"]


def test_that_a_selected_row_is_named_by_its_place_in_the_sheet(table, qtbot):
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    with qtbot.waitSignal(table.row_selected) as came:
        table.view.selectRow(0)
    assert came.args == [3]
    table.select(1)
    assert table.current() == 1


def test_that_search_shows_only_rows_that_hold_the_text(table, qtbot):
    qtbot.keyClicks(table.search, "b3")
    assert column(table, 0) == ["B3"]
    table.search.clear()
    assert table.model.rowCount() == 4


def test_that_a_check_box_is_clicked_by_key_or_mouse_and_told(table, qtbot):
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    with qtbot.waitSignal(table.checks_changed):
        table.model.setData(table.model.index(0, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert table.checked() == (0, 3)


def test_that_screen_has_three_figures_and_the_copy_all(table):
    assert column(table, 1)[2] == "10.1"
    table.copy()
    assert "B3\t10.123456\t" in QGuiApplication.clipboard().text()


def test_that_numbers_follow_the_users_locale_on_screen_and_a_fixed_form_in_files(table):
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        assert figures(2.5) == "2,50"
        assert b"B10,2.5,A" in csv_bytes(SHEET)
    finally:
        QLocale.setDefault(before)


def test_that_text_like_a_formula_is_written_as_text_and_numbers_as_they_are():
    written = csv_bytes(Sheet("", ("=A1",), (("=1+1",), (-2.0,), ("@x",)))).decode("utf-8-sig").splitlines()
    assert written == ["'=A1", "'=1+1", "-2.0", "'@x"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1234567.0, "1.23e+06"), (0.00012345, "0.000123"), (math.nan, "\u2013")]
)
def test_that_any_number_is_said_with_three_figures(value, text):
    QLocale.setDefault(QLocale.c())
    assert figures(value) == text


def test_that_a_hundred_thousand_rows_are_shown_sorted_and_searched_in_a_moment(qtbot):
    table = DataTable("Large")
    qtbot.addWidget(table)
    rows = tuple((f"B{n % 500}", float(n * 7919 % 100_003), "note") for n in range(100_000))
    began = time.monotonic()
    table.show_sheet(Sheet("", ("Batch", "Value", "Text"), rows))
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    table.filter("B499")
    assert time.monotonic() - began < 10  # about 1 s here: a guard against one widget a row, not a time
    assert table.model.rowCount() == 200
