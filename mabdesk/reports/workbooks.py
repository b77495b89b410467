"""The workbooks of batch records that mabdesk writes: a simulated campaign, and the empty template."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.batch import Dataset, Role
from mabdesk.data.variables import Known, catalog
from mabdesk.progress import SILENT, Progress
from mabdesk.reports.batch_sheets import (
    BATCH_ID,
    DATE_FORMAT,
    START_TITLE,
    TAG_TITLES,
    TIME_TITLES,
    batch_rows,
    column,
    event_rows,
    measured_rows,
    starts,
    text_cell,
)
from mabdesk.reports.saving import save

# A site's own habits: units other than the canonical ones, which reading has to convert.
SITE_UNITS = {"vcd": "1e6 cells/mL", "lactate": "mM", "glutamine": "mM", "titer": "mg/L"}
SIMULATED = "SIMULATED DATA: no batch in this workbook was ever run."
_ABOUT = (
    SIMULATED,
    "They were computed by the virtual plant of mabdesk, with simulated noise, gaps, outliers and one upset batch.",
    "Backpressure has no effect on anything: it is there to show whether an attribution can be trusted.",
    "Do not use these numbers to decide about a real process.",
)
_TEMPLATE_NAMES: dict[str, tuple[str, ...]] = {
    "Online": ("temperature", "ph", "dissolved_oxygen", "agitation", "backpressure"),
    "Offline": (
        "vcd", "viability", "glucose", "lactate", "glutamine", "ammonia", "osmolality", "volume", "feed_volume",
        "titer", "aggregates", "galactosylation", "acidic_variants",
    ),
    "Batches": (
        "temperature", "temperature_after_shift", "temperature_shift_day", "ph", "dissolved_oxygen",
        "glucose_feed_rate", "feed_volume_rate", "feed_start_day", "seeding_density", "harvest_day",
    ),
}  # fmt: skip
_ROLES: dict[str, tuple[Role, ...]] = {
    "Online": ("online",),
    "Offline": ("offline", "target", "quality"),
    "Batches": ("setpoint",),
}
EVENT_KINDS = ("inoculation", "feed", "temperature shift", "sample", "harvest", "deviation")
_GUIDE = (
    "Fill in the other sheets: one row for each batch on Batches, one row for each time on Online and Offline.",
    "Write the same batch id on every sheet. It may be any text, also 001.",
    "Times are dates with a time of day. Instead, a column Time (h) or Day counted from inoculation will do.",
    "Without a start time, an inoculation on the sheet Events, or else the batch's first row, is hour 0.",
    "Leave a cell empty where nothing was measured; a zero is a measurement.",
    "Change a unit in its header, for example Glucose (mM) or Titer (mg/L): values are converted as the header says.",
    "Delete columns that you do not have; add columns with a name and a unit of your own.",
    "Rows need not be sorted. Online values may come every minute or every hour.",
    "At least one column must be the titer for training, with samples of 5 batches or more.",
)
_FILLED_ROWS = 5000


def write_campaign(dataset: Dataset, path: Path, progress: Progress = SILENT) -> Path:
    """Write simulated batches as the workbook that a site would send; whole or not at all.

    Sheets About, Batches, Online, Offline, Events. Times are time stamps where every batch has its tag "start".

    Raises:
        OptionsError: `path` is no workbook's name or cannot be written.
    """
    return save(Path(path), lambda: _campaign_book(dataset, progress))


def write_template(path: Path) -> Path:
    """Write the empty workbook to fill in: headers with units, checks of plausible values, and a guide.

    Raises:
        OptionsError: `path` is no workbook's name or cannot be written.
    """
    return save(Path(path), _template_book)


def _campaign_book(dataset: Dataset, progress: Progress) -> Workbook:
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = "Simulated campaign", "mabdesk"
    book.properties.description = SIMULATED
    try:
        _fill_campaign(book, dataset, progress)
    except BaseException:
        # Sheets of a stopped work hold open files.
        for sheet in book.worksheets:
            with contextlib.suppress(Exception):
                sheet.close()
        raise
    return book


def _fill_campaign(book: Workbook, dataset: Dataset, progress: Progress) -> None:
    about = book.create_sheet("About")
    about.column_dimensions["A"].width = 110
    for index, sentence in enumerate(_ABOUT):
        about.append([text_cell(about, sentence, bold=index == 0)])
    when = starts(dataset)
    sheets = {name: book.create_sheet(name) for name in ("Batches", "Online", "Offline", "Events")}
    for row in batch_rows(sheets["Batches"], dataset, when):
        sheets["Batches"].append(row)
    total = 1 + sum(len(batch.online.hours) + len(batch.offline.hours) for batch in dataset.batches)
    done = 0
    for name in ("Online", "Offline"):
        for row in measured_rows(sheets[name], name, dataset, when, SITE_UNITS):
            sheets[name].append(row)
            done += 1
            if done % 2000 == 0:
                progress.update(done / total, f"sheet {name}")
    for row in event_rows(sheets["Events"], dataset.batches, when):
        sheets["Events"].append(row)


def _template_book() -> Workbook:
    book = Workbook()
    book.properties.title, book.properties.creator = "Batch records to fill in", "mabdesk"
    guide = book.worksheets[0]
    guide.title = "How to fill in"
    for name in ("Batches", "Online", "Offline"):
        found = _known_rows(name)
        sheet: Worksheet = book.create_sheet(name)
        before = [BATCH_ID, *TAG_TITLES.values(), START_TITLE] if name == "Batches" else [BATCH_ID, TIME_TITLES[name]]
        _head(sheet, [*before, *(column(row.variable(), {}).title for row in found)], date_column=len(before))
        for index, row in enumerate(found, start=len(before) + 1):
            sheet.add_data_validation(_plausible(row, get_column_letter(index)))
    events: Worksheet = book.create_sheet("Events")
    _head(events, [BATCH_ID, TIME_TITLES["Events"], "Event", "Comment"], date_column=2)
    kinds = DataValidation("list", formula1=f'"{",".join(EVENT_KINDS)}"', allow_blank=True, showErrorMessage=False)
    kinds.add(f"C2:C{_FILLED_ROWS}")
    events.add_data_validation(kinds)
    _explain(guide)
    return book


def _known_rows(sheet: str) -> list[Known]:
    found = {row.name: row for row in catalog() if row.role in _ROLES[sheet]}
    return [found[name] for name in _TEMPLATE_NAMES[sheet] if name in found]


def _head(sheet: Worksheet, titles: Sequence[str], date_column: int) -> None:
    for index, title in enumerate(titles, start=1):
        cell = sheet.cell(1, index, title)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(index)].width = max(14, len(title) + 2)
    sheet.column_dimensions[get_column_letter(date_column)].number_format = DATE_FORMAT
    sheet.column_dimensions["A"].number_format = "@"  # an id such as 001 stays as it is
    sheet.freeze_panes = "C2"


def _plausible(row: Known, letter: str) -> DataValidation:
    """Ask again when a number is far from what the field has; a warning, as the user may know better."""
    check = DataValidation(
        "decimal", operator="between", formula1=f"{row.low:g}", formula2=f"{row.high:g}", allow_blank=True
    )
    check.errorStyle, check.errorTitle = "warning", row.label
    check.error = f"{row.label} is mostly {row.low:g} to {row.high:g} {row.unit}. Is the unit as in the header?"
    check.add(f"{letter}2:{letter}{_FILLED_ROWS}")
    return check


def _explain(guide: Worksheet) -> None:
    # One column only: a row of several texts could be taken for the header of a table when the file is read.
    lines = [("How to fill in this workbook", True), *((text, False) for text in _GUIDE), ("", False)]
    lines.append(("The columns", True))
    for sheet in ("Batches", "Online", "Offline"):
        lines += [(_column_line(sheet, row), False) for row in _known_rows(sheet)]
    for index, (text, bold) in enumerate(lines, start=1):
        cell = guide.cell(index, 1, text or None)
        cell.font, cell.alignment = Font(bold=bold), Alignment(wrap_text=True, vertical="top")
    guide.column_dimensions["A"].width = 110


def _column_line(sheet: str, row: Known) -> str:
    also = ", ".join(row.synonyms[:4])
    unit = f" in {row.unit}" if row.unit else ""
    line = f"Sheet {sheet}, {row.label}{unit}: plausible {row.low:g} to {row.high:g}"
    return f"{line}; also read as {also}" if also else line
