"""A workbook's cells, by calamine. Runs in the reader's own process: imports little, gives compact columns."""

import gc
import io
from dataclasses import dataclass

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from mabdesk.data.reading.values.cells import Column, column_of


@dataclass(frozen=True, eq=False)
class RawSheet:
    """One sheet: its columns from A on, each from row 1 on; `merged` as in Grid."""

    name: str
    visible: bool
    columns: tuple[Column, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def parse_workbook(data: bytes) -> list[RawSheet]:
    """Read every worksheet of an .xlsx file."""
    gc.disable()  # millions of cells and no cycles among them: the collector would only look at each again and again
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return [
            _sheet(book.get_sheet_by_name(sheet.name), sheet.visible == SheetVisibleEnum.Visible)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]


def _sheet(sheet: CalamineSheet, visible: bool) -> RawSheet:
    merged = tuple((*start, *end) for start, end in sheet.merged_cell_ranges or ())
    return RawSheet(sheet.name, visible, _columns(sheet), merged)


def _columns(sheet: CalamineSheet) -> tuple[Column, ...]:
    rows = sheet.to_python(skip_empty_area=False)
    return tuple(column_of(values) for values in zip(*rows, strict=True))
