"""The sheets of batch records, Batches, Online, Offline and Events: their columns and how cells are written."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from mabdesk.data.batch import Batch, Dataset, Measurements, Variable
from mabdesk.data.units import Conversion, conversion
from mabdesk.data.variables import known

BATCH_ID = "Batch ID"
TIME_TITLES = {"Online": "Time stamp", "Offline": "Sample time", "Events": "Event time"}
ELAPSED_TITLE = "Time (h)"
TAG_TITLES = {"cell_line": "Cell line", "scale": "Scale"}
START_TITLE = "Start time"
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_BOLD = Font(bold=True)
_LONGEST_TEXT = 32_767  # Excel's limit for one cell
_SURE = re.compile(r"[A-Za-z0-9][^\x00-\x1f]{0,200}")  # nothing that openpyxl takes for a formula or an error


@dataclass(frozen=True)
class Column:
    """A column of values: its header, the variable in it, and how the cell's value becomes the canonical one."""

    title: str
    name: str
    way: Conversion = field(default_factory=lambda: Conversion(1.0))

    def cell_value(self, value: float) -> float | None:
        """Return a canonical value as the sheet has it; not measured is an empty cell."""
        if not math.isfinite(value):
            return None
        if self.way == Conversion(1.0):
            return value
        return float(f"{(value - self.way.offset) / self.way.factor:.9g}")  # no tails such as 17.300000000000004


def column(variable: Variable, units: Mapping[str, str]) -> Column:
    """Return a variable's column, in another unit than its canonical one where `units` names one that it can have."""
    label = variable.label or variable.name.replace("_", " ").capitalize()
    row = known(variable.name, (variable.role,))
    wanted = units.get(variable.name, variable.unit)
    way = conversion(wanted, variable.unit, row.molar_mass if row else None)
    unit, way = (wanted, way) if way else (variable.unit, Conversion(1.0))
    bare = not unit or unit == label
    return Column(label if bare else f"{label} ({unit})", variable.name, way)


def columns(dataset: Dataset, sheet: str, units: Mapping[str, str]) -> list[Column]:
    """Return the columns that a dataset fills on the sheet Batches (setpoints), Online or Offline."""
    if sheet == "Batches":
        return [column(v, {}) for v in dataset.variables if v.role == "setpoint"]
    online = sheet == "Online"
    return [column(v, units) for v in dataset.variables if v.role != "setpoint" and (v.role == "online") == online]


def text_cell(sheet: Any, text: str, bold: bool = False) -> Cell | str:
    """Return text as a cell that stays text, even where it looks like a formula or an error."""
    if not bold and _SURE.fullmatch(text):
        return text
    cell: Cell = WriteOnlyCell(sheet, "")
    # "text" is set after the value, as openpyxl would make a formula of it.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:_LONGEST_TEXT]
    cell.data_type = "s"
    # Every such cell has a style: openpyxl puts the row's next value into a cell that has none.
    if bold:
        cell.font = _BOLD
    else:
        cell.quotePrefix = True
    return cell


def headers(sheet: Any, titles: Sequence[str]) -> list[Cell | str]:
    """Return the header row; to be called before the first row is appended, as it also sets widths and the freeze."""
    sheet.freeze_panes = "C2"
    for index, title in enumerate(titles):
        sheet.column_dimensions[_letter(index)].width = max(len(title) + 2, 20 if index < 2 else 10)
    return [text_cell(sheet, title, bold=True) for title in titles]


def _letter(index: int) -> str:
    return chr(65 + index) if index < 26 else _letter(index // 26 - 1) + chr(65 + index % 26)


@dataclass(frozen=True)
class Starts:
    """When the batches were inoculated; where one of them is unknown, all times are hours since inoculation."""

    by_batch: Mapping[str, dt.datetime]
    stamped: bool

    def moment(self, batch: str, hour: float) -> dt.datetime | float:
        """Return a time stamp to the second, or the hour."""
        if not self.stamped:
            return hour
        return self.by_batch[batch] + dt.timedelta(seconds=round(hour * 3600))

    def title(self, sheet: str) -> str:
        """Return the header of a sheet's column of times."""
        return TIME_TITLES[sheet] if self.stamped else ELAPSED_TITLE


def starts(dataset: Dataset) -> Starts:
    """Read the tag "start" (ISO text) of every batch."""
    found = {batch.id: when for batch in dataset.batches if (when := _moment(batch.tags.get("start", "")))}
    return Starts(found, len(found) == len(dataset.batches) > 0)


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def batch_rows(sheet: Any, dataset: Dataset, when: Starts) -> Iterator[list[Any]]:
    """Give the rows of the sheet Batches, header first: id, tags, start, setpoints."""
    tags = list(dict.fromkeys([*TAG_TITLES, *(tag for batch in dataset.batches for tag in batch.tags)]))
    tags = [tag for tag in tags if tag != "start" or not when.stamped]
    own = columns(dataset, "Batches", {})
    titles = [BATCH_ID, *(TAG_TITLES.get(tag, tag.replace("_", " ").capitalize()) for tag in tags)]
    titles += [START_TITLE] if when.stamped else []
    yield headers(sheet, [*titles, *(c.title for c in own)])
    for batch in dataset.batches:
        row: list[Any] = [text_cell(sheet, batch.id)]
        row += [text_cell(sheet, batch.tags[tag]) if batch.tags.get(tag) else None for tag in tags]
        row += [when.moment(batch.id, 0.0)] if when.stamped else []
        yield row + [c.cell_value(batch.setpoints.get(c.name, math.nan)) for c in own]


def measured_rows(
    sheet: Any, name: str, dataset: Dataset, when: Starts, units: Mapping[str, str]
) -> Iterator[list[Any]]:
    """Give the rows of the sheet Online or Offline, header first: id, time, values."""
    own = columns(dataset, name, units)
    yield headers(sheet, [BATCH_ID, when.title(name), *(c.title for c in own)])
    for batch in dataset.batches:
        table = batch.online if name == "Online" else batch.offline
        batch_id = text_cell(sheet, batch.id)
        for hour, values in zip(table.hours.tolist(), _values(table, own), strict=True):
            yield [batch_id, when.moment(batch.id, hour), *values]


def _values(table: Measurements, own: Sequence[Column]) -> Iterable[Sequence[float | None]]:
    if not own:
        return [()] * len(table.hours)
    return zip(*([c.cell_value(value) for value in table.column(c.name).tolist()] for c in own), strict=True)


def event_rows(sheet: Any, batches: Sequence[Batch], when: Starts) -> Iterator[list[Any]]:
    """Give the rows of the sheet Events, header first: id, time, kind, comment."""
    yield headers(sheet, [BATCH_ID, when.title("Events"), "Event", "Comment"])
    for batch in batches:
        for event in batch.events:
            texts = [text_cell(sheet, event.kind), text_cell(sheet, event.text) if event.text else None]
            yield [text_cell(sheet, batch.id), when.moment(batch.id, event.hour), *texts]
