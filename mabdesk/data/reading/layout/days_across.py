"""Tables with days across: each value's time stands in the header above it, its batch left of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading, named
from mabdesk.data.reading.layout.block import Block, Region, filled_rows
from mabdesk.data.reading.layout.pivot import Entries, pivot, pivoted
from mabdesk.data.reading.layout.rearranged import NOWHERE, NewColumn, place_array
from mabdesk.data.reading.layout.time_labels import Labels
from mabdesk.data.reading.layout.titles import Title, about, title_above
from mabdesk.data.reading.values.cells import EMPTY, Grid
from mabdesk.data.units import is_unit
from mabdesk.data.variables import recognize

WITHIN = "Replicate"


@dataclass(frozen=True)
class Naming:
    """What a row's values are: the variable named in its `column`, with a unit beside it, or `variable` in all rows."""

    variable: str = ""
    column: int | None = None
    unit: int | None = None
    below: int | None = None  # the row of names below the days

    def of(self, grid: Grid, row: int, column: int) -> str:
        """Return the name and unit of a value."""
        if self.below is not None:
            return grid.columns[column].shown(self.below)
        text = self.variable if self.column is None else grid.columns[self.column].text.get(row, "")
        given = grid.columns[self.unit].shown(row) if self.unit is not None else ""
        return named(text, given) if text else ""


def days_across(grid: Grid, region: Region, labels: Labels, bottom: int) -> Block | None:
    """Return a table with times across as one row a sample; None when nothing tells what its values are."""
    left = [index for index in range(region.left, min(labels.times)) if _holds(grid, index, labels.row, bottom)]
    title = title_above(grid, region, labels.row)
    head = labels.row if labels.within is None else labels.within
    names = {
        index: heading(index, grid.columns[index].shown(labels.row) or grid.columns[index].shown(head))
        for index in left
    }
    rows = list(filled_rows(grid, Region(head + 1, bottom, region.left, region.right)).tolist())
    parameter = next((i for i in left if _share_of_variables(grid, i, rows) > 0.5), None)
    unit = next((i for i in left if i != parameter and _are_units(grid, i, rows)), None)
    variable = _variable(grid, title, names, left) if parameter is None else None
    below = _variables_below(grid, labels)
    if parameter is None and variable is None and below is None:
        return None
    keys = [index for index in left if index not in {parameter, unit}]
    named = variable.text if variable else ""
    if variable is not None and not variable.unit and unit is None and title.unit:
        named = f"{variable.text} [{title.unit}]"
    apart = replace(labels, within=None) if below is not None else labels
    entries = _melted(grid, apart, rows, keys, names, Naming(named, parameter, unit, below))
    if entries is None:
        return None
    made = pivot(grid, entries)
    known_by = [names[index].text for index in left]
    within = apart.within is not None
    headings = _key_headings(keys, names, labels, within)
    return pivoted(made, len(keys) + within, headings, "days across", title, known_by)


def _variables_below(grid: Grid, labels: Labels) -> int | None:
    """Return the row below the days where it names variables, and not replicates."""
    if labels.within is None:
        return None
    texts = [grid.columns[index].shown(labels.within) for index in labels.times]
    return labels.within if all(about(text) is not None for text in texts) else None


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
    naming: Naming,
) -> Entries | None:
    """Give every value with the labels left of it, the time above it and the name of its variable."""
    cells = [(row, column) for row in rows for column in labels.times if grid.columns[column].kind[row] != EMPTY]
    seen: dict[str, int] = {}
    found: list[tuple[str, int, int]] = []
    codes, kept = [], []
    for row, column in cells:
        text, at = naming.of(grid, row, column), (labels.row, column) if naming.column is None else (row, naming.column)
        if not text:
            continue
        code = seen.setdefault(text, len(found))
        if code == len(found):
            found.append((text, *at))
        codes.append(code)
        kept.append((row, column))
    if not kept:
        return None
    above = _label_rows(grid, rows, keys)
    columns = [
        NewColumn(names[key].text, (labels.row, key), place_array([(above[row][key], key) for row, _ in kept]))
        for key in keys
    ]
    times = [labels.times[column] for _, column in kept]
    places = place_array([(labels.row, column) for _, column in kept])
    if labels.within is not None:
        below = place_array([(labels.within, column) for _, column in kept])
        columns.append(NewColumn(WITHIN, (labels.within, min(labels.times)), below))
    head = "Date" if labels.dated else f"Time ({labels.unit})"
    time = NewColumn(head, (labels.row, min(labels.times)), places, None if labels.dated else times)
    return Entries((*columns, time), tuple(found), np.array(codes, dtype=np.intp), place_array(kept))


def _label_rows(grid: Grid, rows: Sequence[int], keys: Sequence[int]) -> dict[int, dict[int, int]]:
    """Return by row where its labels stand: a label counts for the rows below it that have none."""
    last = dict.fromkeys(keys, NOWHERE)
    found = {}
    for row in rows:
        last |= {key: row for key in keys if grid.columns[key].kind[row] != EMPTY}
        found[row] = dict(last)
    return found


def _key_headings(keys: Sequence[int], names: Mapping[int, Heading], labels: Labels, within: bool) -> list[Heading]:
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
    if within:
        made.append(Heading(len(found), WITHIN, "Batch" if not found else WITHIN))
    time = (
        Heading(len(made), "Date", "Date")
        if labels.dated
        else Heading(len(made), f"Time ({labels.unit})", "Time", labels.unit)
    )
    return [*made, time]
