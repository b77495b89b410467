"""The header of a table: the row of names, groups above it, units below it, merged cells among them."""

from collections.abc import Mapping, Sequence

from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.headers.meanings import is_meaningful, is_time
from mabdesk.data.reading.layout.block import Header, Region, is_number, texts_of
from mabdesk.data.reading.layout.named_columns import parted
from mabdesk.data.reading.values.cells import EMPTY, TEXT, Grid
from mabdesk.data.units import is_unit

_LOOKED_AT = 120
_MOST_GROUP_ROWS = 2


def find_header(grid: Grid, region: Region, row: int | None = None) -> Header | None:
    """Find the header of the first table in a region; `row` where the user named it. None: no row reads like one."""
    if row is None:
        rows = range(region.top, min(region.bottom, region.top + _LOOKED_AT))
        scores = {index: score(grid, region, index) for index in rows}
        best = max(scores.values(), default=0)
        if best < 2:
            return None
        row = next(index for index in rows if scores[index] == best)
    return _header(grid, region, row)


def score(grid: Grid, region: Region, row: int) -> int:
    """Count the cells of a row that name something; a row with numbers in it is no header."""
    texts = texts_of(grid, row, range(region.left, region.right))
    if texts is None or len(texts) < 2:
        return 0
    found = [heading(index, text) for index, text in texts.items()]
    names = [one for one in found if is_meaningful(one)]
    if not names or (len(names) == 1 and is_time(names[0])):
        names += [one for one in found if parted(one) is not None]
    # "Day" and "h" are names of times and units of time: a row of nothing but units is no header.
    return len(names) if any(not is_unit(found.text.strip("()[]{} ")) for found in names) else 0


def _header(grid: Grid, region: Region, row: int) -> Header:
    columns = range(region.left, region.right)
    names = spread(grid, row, columns)
    groups = _groups(grid, region, row)
    first = row + 1
    below: dict[int, str] = {}
    units: dict[int, str] = {}
    if first < region.bottom and not units:
        units = unit_row(grid, first, columns)
        if not units:
            below = _sub_names(grid, region, row, names)
            first += bool(below)
            units = unit_row(grid, first, columns) if below and first < region.bottom else {}
        first += bool(units)
    headings = []
    for index in columns:
        text = names.get(index, "")
        sub = below.get(index, "")
        if text or sub or groups.get(index):
            headings.append(_heading(index, text, sub, groups.get(index, ""), units.get(index, "")))
    own = tuple(found for found in headings if found is not None)
    return Header(row, first, own, groups, row - (1 if groups else 0))


def _heading(index: int, text: str, sub: str, group: str, unit: str) -> Heading | None:
    """Put the texts above one another together; the most telling one of them is the column's name."""
    if not (text or sub):  # a name that stands a row higher than the others'
        return heading(index, group, unit) if group else None
    name = text or sub
    if text and sub and text != sub:
        together = heading(index, f"{text} {sub}", unit)
        plain = next((found for part in (text, sub) if is_meaningful(found := heading(index, part, unit))), together)
        found = Heading(index, together.text, plain.name, plain.unit or together.unit, plain.odd_unit)
    else:
        found = heading(index, name, unit)
    if not group or group.casefold() == name.casefold():
        return found
    if is_meaningful(found):
        return Heading(index, f"{group} {found.text}", found.name, found.unit, found.odd_unit)
    above = heading(index, group, unit)
    if is_meaningful(above):
        return Heading(index, f"{group} {found.text}", above.name, above.unit or found.unit, above.odd_unit)
    return Heading(index, f"{group} {found.text}", found.name, found.unit, found.odd_unit)


def unit_row(grid: Grid, row: int, columns: Sequence[int]) -> dict[int, str]:
    """Return column -> text of a row when it holds units and nothing else."""
    if row >= grid.rows:
        return {}
    cells = {index: grid.columns[index].shown(row) for index in columns if grid.columns[index].kind[row] != EMPTY}
    units = [text for text in cells.values() if is_unit(text.strip("()[]{} "))]
    if any(grid.columns[index].kind[row] != TEXT for index in cells):
        return {}
    if any(is_number(text) and text not in units for text in cells.values()):
        return {}
    return cells if units and 2 * len(units) >= len(cells) else {}


def spread(grid: Grid, row: int, columns: Sequence[int]) -> dict[int, str]:
    """Return column -> text of the text cells of a row; a merged cell's text stands in all its columns."""
    inside = set(columns)
    texts = {index: grid.columns[index].text[row] for index in columns if grid.columns[index].kind[row] == TEXT}
    for top, left, bottom, right in grid.merged:
        if top <= row <= bottom and left in inside and grid.columns[left].kind[top] == TEXT:
            text = grid.columns[left].text[top]
            texts |= {index: text for index in range(left, right + 1) if index in inside}
    return texts


def _groups(grid: Grid, region: Region, row: int) -> dict[int, str]:
    """Return column -> what stands in the rows right above the names: groups of columns, and no title."""
    columns = range(region.left, region.right)
    found: dict[int, str] = {}
    for above in range(row - 1, max(region.top, row - _MOST_GROUP_ROWS) - 1, -1):
        texts = texts_of(grid, above, columns)
        if not texts or (above == row - 2 and not found):
            break
        named = spread(grid, above, columns)
        wide = any(top <= above <= bottom and right > left for top, left, bottom, right in grid.merged)
        if not _are_groups(region, texts, named, wide):
            break
        if len(named) == len(texts):
            named = _filled_right(named, grid, row, columns)
        names = spread(grid, row, columns)
        found = {
            index: " ".join(dict.fromkeys(filter(None, (named.get(index, ""), found.get(index, "")))))
            for index in columns
            if index in named or index in found
        }
        found = {index: text for index, text in found.items() if text != names.get(index)}
    return found


def _are_groups(region: Region, texts: Mapping[int, str], named: Mapping[int, str], merged: bool) -> bool:
    if len(texts) >= 2:
        return True
    only = next(iter(texts))
    if only == region.left:  # a title begins at the left edge, also where it is merged across the table
        return merged and 1 < len(named) < region.right - region.left
    return True


def _filled_right(named: Mapping[int, str], grid: Grid, row: int, columns: Sequence[int]) -> dict[int, str]:
    """Let a group's text count up to the next one, where cells are not merged."""
    found, last = {}, ""
    for index in columns:
        last = named.get(index, last)
        if last and (grid.columns[index].kind[row] == TEXT or index in named):
            found[index] = last
    return found


def _sub_names(grid: Grid, region: Region, row: int, names: Mapping[int, str]) -> dict[int, str]:
    """Return the texts of a second row of names: below merged cells, or below columns that have no name yet."""
    columns = range(region.left, region.right)
    texts = texts_of(grid, row + 1, columns)
    if not texts or len(texts) < 1 or row + 2 >= region.bottom:
        return {}
    merged = {
        index
        for top, left, bottom, right in grid.merged
        if top <= row <= bottom and right > left
        for index in range(left, right + 1)
    }
    nameless = {index for index in texts if index not in names}
    told = [index for index in texts if is_meaningful(heading(index, texts[index]))]
    if nameless or (merged & set(texts) and len(texts) >= len(merged)):
        return texts if told or merged or nameless else {}
    return {}
