"""Tables with days or batches across: a value's time or batch stands in the header above it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.reading import meanings
from mabdesk.data.reading.cells import DURATION, EMPTY, NUMBER, TEXT, Grid
from mabdesk.data.reading.headings import Heading, heading, is_time_unit
from mabdesk.data.reading.layout.block import Block, Region, filled_rows
from mabdesk.data.reading.layout.pivot import Entries, pivot
from mabdesk.data.reading.layout.rearranged import NOWHERE, NewColumn, Places
from mabdesk.data.reading.layout.titles import Title, about, title_above
from mabdesk.data.units import is_unit
from mabdesk.data.variables import recognize

_LOOKED_AT = 40
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


def days_across(grid: Grid, region: Region, labels: Labels, bottom: int) -> Block | None:
    """Return a table with times across as one row a sample; None when nothing tells what its values are."""
    left = [index for index in range(region.left, min(labels.times)) if _holds(grid, index, labels.row, bottom)]
    title = title_above(grid, region, labels.row)
    names = {index: heading(index, grid.columns[index].shown(labels.row)) for index in left}
    rows = list(filled_rows(grid, Region(labels.row + 1, bottom, region.left, region.right)).tolist())
    parameter = next((i for i in left if _share_of_variables(grid, i, rows) > 0.5), None)
    unit = (
        next((i for i in left if i != parameter and _are_units(grid, i, rows)), None) if parameter is not None else None
    )
    variable = _variable(grid, title, names, left) if parameter is None else None
    if parameter is None and variable is None:
        return None
    keys = [index for index in left if index not in {parameter, unit}]
    entries = _melted(grid, labels, rows, keys, names, parameter, unit, variable)
    if entries is None:
        return None
    made = pivot(grid, entries)
    known_by = [names[index].text for index in left]
    return _block(made, len(keys), _key_headings(keys, names, labels.unit), "days across", title, known_by)


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


def _holds(grid: Grid, index: int, top: int, bottom: int) -> bool:
    return bool((grid.columns[index].kind[top:bottom] != EMPTY).any())


def _share_of_variables(grid: Grid, index: int, rows: Sequence[int]) -> float:
    texts = dict.fromkeys(grid.columns[index].text.get(row, "") for row in rows)
    texts.pop("", None)
    known = [text for text in texts if (h := heading(0, text)) and recognize(h.name, "" if h.odd_unit else h.unit)]
    return len(known) / len(texts) if texts else 0.0


def _are_units(grid: Grid, index: int, rows: Sequence[int]) -> bool:
    texts = dict.fromkeys(filter(None, (grid.columns[index].text.get(row, "") for row in rows)))
    return bool(texts) and sum(is_unit(text.strip("()[]{} ")) for text in texts) >= 0.5 * len(texts)


def _variable(grid: Grid, title: Title, names: Mapping[int, Heading], left: Sequence[int]) -> Heading | None:
    corner = names[left[0]].text if left else ""
    return about(corner) or title.variable or about(grid.sheet)


def _melted(
    grid: Grid,
    labels: Labels,
    rows: Sequence[int],
    keys: Sequence[int],
    names: Mapping[int, Heading],
    parameter: int | None,
    unit: int | None,
    variable: Heading | None,
) -> Entries | None:
    cells = [(row, column) for row in rows for column in labels.times if grid.columns[column].kind[row] != EMPTY]
    seen: dict[str, int] = {}
    found: list[tuple[str, int, int]] = []
    codes, kept = [], []
    last = dict.fromkeys(keys, NOWHERE)
    above: dict[int, dict[int, int]] = {}
    for row in rows:  # a label that stands once for the rows below it
        for key in keys:
            if grid.columns[key].kind[row] != EMPTY:
                last[key] = row
        above[row] = dict(last)
    for row, column in cells:
        if parameter is None:
            text, at = (variable.text if variable else ""), (labels.row, column)
        else:
            text, at = _parameter(grid, row, parameter, unit), (row, parameter)
        if not text:
            continue
        code = seen.setdefault(text, len(found))
        if code == len(found):
            found.append((text, *at))
        codes.append(code)
        kept.append((row, column))
    if not kept:
        return None
    columns = [
        NewColumn(names[key].text, (labels.row, key), _array([(above[row][key], key) for row, _ in kept]))
        for key in keys
    ]
    time = NewColumn(
        f"Time ({labels.unit})", (labels.row, min(labels.times)), _array([(labels.row, column) for _, column in kept]),
        [labels.times[column] for _, column in kept],
    )  # fmt: skip
    return Entries((*columns, time), tuple(found), np.array(codes, dtype=np.intp), _array(kept))


def _parameter(grid: Grid, row: int, parameter: int, unit: int | None) -> str:
    text = grid.columns[parameter].text.get(row, "")
    given = grid.columns[unit].shown(row).strip("()[]{} ") if unit is not None else ""
    return f"{text} [{given}]" if text and given and is_unit(given) and not heading(0, text).unit else text


def _key_headings(keys: Sequence[int], names: Mapping[int, Heading], unit: str) -> list[Heading]:
    """Name the columns of labels; the only one, or the first that says nothing else, names the batch."""
    found = [names[key] for key in keys]
    named = [h for h in found if meanings.names(h, "batch", "vessel")]
    made = []
    for place, one in enumerate(found):
        name = one.name
        unknown = not named and place == 0
        if unknown or (len(named) == 1 and one is named[0]):
            name = "Batch"
        made.append(Heading(place, one.text or "Batch", name))
    return [*made, Heading(len(found), f"Time ({unit})", "Time", unit)]


def _block(grid: Grid, keys: int, first: list[Heading], layout: str, title: Title, known_by: Sequence[str]) -> Block:
    rest = [heading(index, grid.columns[index].text[0]) for index in range(keys + 1, len(grid.columns))]
    return Block(
        grid, 0, (*first, *rest), np.arange(1, grid.rows), (), layout,  # type: ignore[arg-type]
        title.batch, "title" if title.batch else "column", title.facts, tuple(known_by), title.text,
    )  # fmt: skip


def batches_across(grid: Grid, region: Region) -> Block | None:
    """Return a table with one column a batch, for one variable or several, as one row a sample."""
    for row in range(region.top, min(region.bottom, region.top + _LOOKED_AT)):
        found = _batch_columns(grid, region, row)
        if found is not None:
            return found
    return None


def _batch_columns(grid: Grid, region: Region, row: int) -> Block | None:
    cells = {
        i: grid.columns[i].shown(row) for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY
    }
    if len(cells) < _LEAST or grid.columns[min(cells)].kind[row] != TEXT:
        return None
    first = heading(min(cells), cells.pop(min(cells)))
    if not meanings.is_time(first):
        return None
    if not all(_may_be_batch(text) for text in cells.values()):
        return None
    title = title_above(grid, region, row)
    variables = _groups_of_variables(grid, region, row, list(cells))
    whole = title.variable or about(grid.sheet)
    if not variables and whole is not None:
        variables = dict.fromkeys(cells, whole)
    if set(variables) != set(cells):
        return None
    rows = filled_rows(grid, Region(row + 1, region.bottom, region.left, region.right))
    kept = [(r, c) for r in rows.tolist() for c in cells if grid.columns[c].kind[r] != EMPTY]
    if not kept or not _numeric(grid, kept):
        return None
    names: dict[str, int] = {}
    codes = [names.setdefault(variables[column].text, len(names)) for _, column in kept]
    heads = [(text, row, next(c for c in cells if variables[c].text == text)) for text in names]
    batch = NewColumn("Batch", (row, min(cells)), _array([(row, c) for _, c in kept]), [cells[c] for _, c in kept])
    time = NewColumn(first.text, (row, first.column), _array([(r, first.column) for r, _ in kept]))
    made = pivot(grid, Entries((batch, time), tuple(heads), np.array(codes, dtype=np.intp), _array(kept)))
    keys = [Heading(0, "Batch", "Batch"), Heading(1, first.text, first.name, first.unit, first.odd_unit)]
    return _block(made, 1, keys, "batches across", Title(text=title.text), [first.text, *names])


def _may_be_batch(text: str) -> bool:
    found = heading(0, text)
    return not found.unit and not meanings.is_meaningful(found) and not is_unit(text.strip("()[] "))


def _groups_of_variables(grid: Grid, region: Region, row: int, columns: Sequence[int]) -> dict[int, Heading]:
    """Return by column the variable that a merged or left-most cell above names."""
    if row == region.top:
        return {}
    found: dict[int, Heading] = {}
    current: Heading | None = None
    for index in columns:
        text = grid.columns[index].text.get(row - 1, "")
        current = about(text) if text else current
        if current is not None:
            found[index] = current
    return found if len({one.text for one in found.values()}) > 1 or len(found) == len(columns) else {}


def _numeric(grid: Grid, cells: Sequence[tuple[int, int]]) -> bool:
    kinds = [int(grid.columns[column].kind[row]) for row, column in cells]
    texts = sum(
        kind == TEXT and not grid.columns[column].text[row][:1].isdigit()
        for kind, (row, column) in zip(kinds, cells, strict=True)
    )
    return 2 * texts < len(cells) and DURATION not in kinds


def _array(places: Sequence[tuple[int, int]]) -> Places:
    return np.array(places, dtype=np.int32).reshape(len(places), 2)


Rows = NDArray[np.intp]
