"""Files of the import corpus from tables written as text: cells between bars, one row a line."""

import csv as text_tables
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

File = tuple[str, bytes]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its table as text, its merged cells, and whether it is hidden."""

    text: str
    merged: Sequence[str] = ()
    hidden: bool = False


def cells(text: str) -> list[list[str]]:
    r"""Take a table apart; "\n" in a cell is a line break, lines that hold nothing but a point are empty rows."""
    lines = [line.strip() for line in text.strip("\n").splitlines() if line.strip()]
    return [[] if line == "." else [cell.strip().replace("\\n", "\n") for cell in line.split("|")] for line in lines]


def csv(text: str, name: str = "data.csv", separator: str = ",", encoding: str = "utf-8", first: str = "") -> File:
    """Write a text table; cells with separators, quotes or line breaks are quoted."""
    stream = io.StringIO(newline="")
    stream.write(first)
    writer = text_tables.writer(stream, delimiter=separator)
    rows = cells(text)
    width = max(map(len, rows))
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return name, stream.getvalue().encode(encoding)


def workbook(sheets: Mapping[str, str | Sheet], name: str = "data.xlsx", epoch_1904: bool = False) -> File:
    """Write a workbook. In its cells: 'text, @date time, ~hours:minutes, 98.5% (a percent cell), =formula, numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for title, given in sheets.items():
        content = given if isinstance(given, Sheet) else Sheet(given)
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if content.hidden else "visible"
        for row, texts in enumerate(cells(content.text), start=1):
            for column, text in enumerate(texts, start=1):
                value, form = _value(text)
                if value is not None:
                    sheet.cell(row, column, value).number_format = form
        for area in content.merged:
            sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return name, stream.getvalue()


def _value(text: str) -> tuple[Any, str]:
    if text.startswith("@"):
        return dt.datetime.fromisoformat(text[1:]), "yyyy-mm-dd hh:mm"
    if text.startswith("~"):
        hours, minutes = text[1:].split(":")
        return dt.timedelta(hours=int(hours), minutes=int(minutes)), "[h]:mm"
    if text.startswith("'"):
        return text[1:], "@"
    if text.endswith("%") and _number(text[:-1]) is not None:
        return (_number(text[:-1]) or 0) / 100, "0.0%"
    number = _number(text)
    return (text or None, "General") if number is None else (number, "General")


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text) if text.casefold() not in {"nan", "inf", "infinity"} else None
    except ValueError:
        return None
