"""What stands around a table: title rows above it that name the batch, the cell line or the variable."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mabdesk.data.batch import Role
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.block import Region, is_number
from mabdesk.data.reading.values.cells import EMPTY, Grid
from mabdesk.data.units import is_unit
from mabdesk.data.variables import MEASURED, recognize

_COLON = re.compile(r"\s*([^:=]{1,40}?)\s*[:=]\s*(\S.*)")
_NAMED = re.compile(r"([^\W\d_]{2,20})\s+#?(\S*\d\S*)")
_SEVERAL = re.compile(r"\s{2,}|[;|\t]")
_LOOKED_ABOVE = 30


@dataclass(frozen=True)
class Title:
    """The batch named above a table, "" when none is; other words of it by tag; the variable it is about."""

    batch: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    variable: Heading | None = None
    text: str = ""
    unit: str = ""
    said: tuple[tuple[str, str, int, int], ...] = ()


def title_above(grid: Grid, region: Region, row: int) -> Title:
    """Read the rows of a region above a header, the nearest first."""
    batch, text, unit = "", "", ""
    facts: dict[str, str] = {}
    said: list[tuple[str, str, int, int]] = []
    variable: Heading | None = None
    for above in range(row - 1, max(region.top, row - _LOOKED_ABOVE) - 1, -1):
        columns = [i for i in range(region.left, region.right) if grid.columns[i].kind[above] != EMPTY]
        cells = [grid.columns[index].shown(above) for index in columns]
        for name, value, place in _pairs(cells):
            found = heading(0, name)
            if meanings.names(found, "batch") and not batch:
                batch = value
            elif meanings.tag_name(found):
                facts.setdefault(meanings.tag_name(found), value)
            elif meanings.names(found, "unit") and is_unit(value.strip("()[]{} ")):
                unit = unit or value.strip("()[]{} ")
            said.append((name, value, above, columns[place]))
        for cell in cells[:1]:
            text = text or cell
            variable = variable or about(cell)
            own = heading(0, cell)
            unit = unit or ("" if own.odd_unit or len(cells) > 1 else own.unit)
    return Title(batch, facts, variable, text, unit, tuple(said))


def about(text: str) -> Heading | None:
    """Return the variable that a title or a sheet's name is about, with its unit; None when it names none."""
    found = heading(0, text)
    if recognize(found.name, "" if found.odd_unit else found.unit, MEASURED) is not None:
        return found
    return None


def label_above(grid: Grid, region: Region, row: int) -> str:
    """Return the only text in the row above a header, among the columns of its table; "" when there is none."""
    if row <= region.top and row == 0:
        return ""
    texts = dict.fromkeys(
        grid.columns[index].shown(row - 1)
        for index in range(region.left, region.right)
        if grid.columns[index].kind[row - 1] != EMPTY
    )
    only = next(iter(texts), "") if len(texts) == 1 else ""
    return "" if not only or about(only) is not None else only


def bare_batch(text: str) -> str:
    """Take the id out of "Batch B01" or "Batch: B01"."""
    first, _, rest = text.replace(":", " ").partition(" ")
    return rest.strip() if rest.strip() and meanings.names(heading(0, first), "batch") else text


def _pairs(cells: list[str]) -> list[tuple[str, str, int]]:
    """Find "Batch: B01" in one cell, "Batch" and "B01" in two, and "Batch B01"; with the place of the value's cell."""
    pairs = []
    split = [(part.strip(), at) for at, cell in enumerate(cells) for part in _SEVERAL.split(cell) if part.strip()]
    for place, (cell, at) in enumerate(split):
        colon = _COLON.fullmatch(cell)
        named = _NAMED.fullmatch(cell)
        if colon and (not is_unit(colon[2]) or meanings.names(heading(0, colon[1]), "unit")):
            pairs.append((colon[1], colon[2].strip(), at))
        elif place + 1 < len(split) and _is_name(cell) and not _several(split[place + 1 :]):
            pairs.append((cell.rstrip(": "), *split[place + 1]))
        elif named and meanings.names(heading(0, named[1]), "batch"):
            pairs.append((named[1], named[2], at))
    return pairs


def _several(after: list[tuple[str, int]]) -> bool:
    """Tell whether more than one value stands behind a name: then they belong to columns, and not to the table."""
    return len(after) > 1 and is_number(after[1][0])


def _is_name(text: str) -> bool:
    found = heading(0, text.rstrip(": "))
    setpoint = recognize(found.name, "" if found.odd_unit else found.unit, _SETPOINT) is not None
    return meanings.names(found, *_TELLING) or (setpoint and not found.odd_unit)


_TELLING = ("batch", "cell_line", "scale", "start", "tag", "unit")
_SETPOINT: tuple[Role, ...] = ("setpoint",)
