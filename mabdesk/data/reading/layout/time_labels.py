"""Times that stand across a sheet, as the headers of columns of values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mabdesk.data.reading import meanings
from mabdesk.data.reading.cells import EMPTY, NUMBER, TEXT, Grid
from mabdesk.data.reading.headings import heading, is_time_unit
from mabdesk.data.reading.layout.block import Region, filled_rows

_LEAST = 3
_LABEL = re.compile(
    r"(?P<word>[^\W\d_]*)[\s_.\-]*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>h|hr|hrs|hours?|d|days?|min|std|tage?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Labels:
    """Times across: the row they stand in, by column the time as a number, and their unit ("" where not said)."""

    row: int
    times: Mapping[int, float]
    unit: str


def find_labels(grid: Grid, region: Region) -> list[Labels]:
    """Find the rows whose cells are the times of the columns below them."""
    found = []
    for row in filled_rows(
        grid, Region(region.top, min(region.bottom, region.top + 400), region.left, region.right)
    ).tolist():
        labels = _labels(grid, region, row)
        if labels is not None:
            found.append(labels)
    return found


def _labels(grid: Grid, region: Region, row: int) -> Labels | None:
    times: dict[int, float] = {}
    units: dict[str, None] = {}
    said = ""
    for index in range(region.left, region.right):
        column = grid.columns[index]
        kind = int(column.kind[row])
        if kind == EMPTY:
            continue
        label = _label(column.shown(row)) if kind in {NUMBER, TEXT} else None
        if label is None:
            if times:
                return None
            said = column.shown(row)
            continue
        times[index] = label[0]
        if label[1]:
            units[label[1]] = None
    least = _LEAST - bool(units)  # "Day 0" and "Day 1" are telling; two bare numbers are not
    if len(times) < least or len(units) > 1 or (np.diff(list(times.values())) <= 0).any():
        return None
    unit = next(iter(units), "") or _unit_said(said) or _unit_said(_above(grid, region, row))
    return Labels(row, times, unit) if unit else None


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
