"""Times that stand across a sheet, as the headers of columns of values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import heading, is_time_unit
from mabdesk.data.reading.layout.block import Region, filled_rows
from mabdesk.data.reading.values.cells import DATE, EMPTY, NUMBER, TEXT, Grid

_LEAST = 3
_LOOKED_AT = 400
DATED = "date"
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_LABEL = re.compile(
    r"(?P<word>[^\W\d_]*)[\s_.\-]*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>h|hr|hrs|hours?|d|days?|min|std|tage?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Labels:
    """Times across: the row they stand in, by column the time as a number, and their unit ("" where not said).

    Of dates (`dated`) the cells themselves count and the numbers only tell their order.
    """

    row: int
    times: Mapping[int, float]
    unit: str
    within: int | None = None  # the row below whose labels tell columns of one time apart (replicates)
    dated: bool = False


def find_labels(grid: Grid, region: Region) -> list[Labels]:
    """Find the rows whose cells are the times of the columns below them.

    A long sheet is looked through to its end only where its beginning has such a row.
    """
    found: list[Labels] = []
    for row in filled_rows(grid, region).tolist():
        if row >= region.top + _LOOKED_AT and not found:
            break
        labels = _labels(grid, region, row)
        if labels is not None:
            found.append(labels)
    return found


def _labels(grid: Grid, region: Region, row: int) -> Labels | None:
    times: dict[int, float] = {}
    units: dict[str, None] = {}
    said = ""
    dates = 0
    for index in range(region.left, region.right):
        column = grid.columns[index]
        kind = int(column.kind[row])
        if kind == EMPTY:
            continue
        label = _of_cell(grid, row, index)
        if label is None and times:
            break  # a total or a remark behind the last day: no part of the table
        if label is None:
            said = column.shown(row)
            continue
        times[index] = label[0]
        dates += label[1] == DATED
        if label[1]:
            units[label[1]] = None
    least = _LEAST - bool(units)  # "Day 0" and "Day 1" are telling; two bare numbers are not
    if len(times) < least or len(units) > 1 or (np.diff(list(times.values())) <= 0).any():
        return None
    if dates:
        return Labels(row, times, "", dated=True) if dates == len(times) and said else None
    unit = next(iter(units), "") or _unit_said(said) or _unit_said(_above(grid, region, row))
    return _with_groups(grid, region, Labels(row, times, unit)) if unit else None


def _of_cell(grid: Grid, row: int, index: int) -> tuple[float, str] | None:
    column = grid.columns[index]
    kind = int(column.kind[row])
    if kind == DATE:
        return float(column.number[row]), DATED
    if kind == TEXT and (found := _ISO_DATE.fullmatch(column.text[row])):
        return float("".join(found.groups(""))), DATED
    return _label(column.shown(row)) if kind in {NUMBER, TEXT} else None


def _with_groups(grid: Grid, region: Region, labels: Labels) -> Labels:
    """Let a time count for the columns right of it that have none, where labels below tell them apart."""
    below = labels.row + 1
    first, last = min(labels.times), max(labels.times)
    if below >= region.bottom:
        return labels
    spread: dict[int, float] = {}
    current = labels.times[first]
    step = max(b - a for a, b in zip(labels.times, [*list(labels.times)[1:], last + 1], strict=True))
    for index in range(first, min(region.right, last + step)):
        current = labels.times.get(index, current)
        if grid.columns[index].kind[below] != EMPTY:
            spread[index] = current
    names = [grid.columns[index].shown(below) for index in spread]
    apart = {(time, name) for time, name in zip(spread.values(), names, strict=True)}
    repeated = len(set(names)) < len(names)
    if len(spread) <= len(labels.times) or len(apart) < len(spread) or not repeated:
        return labels
    return Labels(labels.row, spread, labels.unit, below)


def _label(text: str) -> tuple[float, str] | None:
    found = _LABEL.fullmatch(text.strip())
    if found is None:
        return None
    word, unit = found["word"], (found["unit"] or "").lower()
    if word and not (meanings.is_day_word(word) or meanings.is_hour_word(word)):
        return None
    number = float(found["number"].replace(",", "."))
    given = unit[:1].replace("s", "h").replace("t", "d") if unit else ""
    given = "min" if unit == "min" else given
    return number, given or ("d" if meanings.is_day_word(word) else "h" if word else "")


def _unit_said(text: str) -> str:
    """Return the unit of time that a corner such as "Batch / Day" or "Time (h)" says."""
    for part in [text, *re.split(r"[\\/|;]+", text)]:
        found = heading(0, part.strip())
        if meanings.names(found, "days"):
            return "d"
        if meanings.names(found, "hours"):
            return "h"
        if meanings.is_time(found) and found.unit and is_time_unit(found.unit):
            return found.unit
    return ""


def _above(grid: Grid, region: Region, row: int) -> str:
    """Return the only text of the row above: a heading over all times."""
    if row <= region.top:
        return ""
    cells = [shown for i in range(region.left, region.right) if (shown := grid.columns[i].shown(row - 1))]
    return cells[0] if len(cells) == 1 else ""
