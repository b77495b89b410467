"""What became of the columns of a sheet, as words and tables: tags, tones, the list of columns, what was noticed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mabdesk.data.mapping import ColumnMapping, FileMapping, TableMapping
from mabdesk.data.places import column_index, split_places
from mabdesk.data.preview import Area, Preview, SheetPreview
from mabdesk.data.units import SAME, conversion
from mabdesk.data.variables import known
from mabdesk.errors import Problem
from mabdesk.gui.mapping_draft import BECOMES, SETPOINT, becomes, doubtful, label_of
from mabdesk.gui.sheet import Sheet

HEADERS = ("Cell", "Header", "Becomes", "Name", "Unit", "Role", "Confidence", "Reason")
NOTICED = ("Severity", "Where", "Message")
_MOST_UNIT_ROWS = 2
_ORDER = {"error": 0, "warning": 1, "note": 2}
_SPOT = re.compile(r"(?:column |row )?([A-Z]{1,3})?(\d+)?")
TONES: Mapping[str, str] = {
    "batch": "Batch id", "time": "Time", "online": "Online", "offline": "Offline", "target": "Target",
    "quality": "Quality", SETPOINT: "Setpoint", "tag": "Tag", "event": "Event, remark", "left": "Not read",
}  # fmt: skip
_TONE_OF = {"start": "time", "end": "time", "remark": "event", "mark": "event"}
Place = tuple[int, int]  # a table and a column of it; -1 for no column


@dataclass(frozen=True)
class Cell:
    """What became of one cell: the tone of its ground, the words under a header, and whose it is."""

    tone: str
    place: Place
    header: bool = False
    doubtful: bool = False
    tag: str = ""
    tip: str = ""


def tone_of(column: ColumnMapping) -> str:
    """Return the key of TONES."""
    if column.use == "variable":
        return column.role or "offline"
    return _TONE_OF.get(column.use, column.use)


def tag_of(column: ColumnMapping) -> str:
    """Say in a few words what a column became: "Glucose, offline, mM → g/L"."""
    words = BECOMES[becomes(column)]
    if column.use == "variable":
        words = ", ".join(filter(None, (label_of(column), column.role, _units(column))))
    elif column.use in {"tag", "mark", "event"} and column.name:
        words = f"{words}: {column.name}"
    elif column.use == "time" and column.unit:
        words = f"{words}, {column.unit}"
    return f"? {words}" if doubtful(column) else words


def tip_of(column: ColumnMapping) -> str:
    """Say what a column became, how sure that is, and why."""
    reason = f": {column.reason}" if column.reason else ""
    return f"{column.header or 'no header'} becomes {tag_of(column).removeprefix('? ')}\n{certainty(column)}{reason}"


def sure(column: ColumnMapping) -> int:
    """Return the confidence in percent."""
    return round(100 * column.confidence)


def certainty(column: ColumnMapping) -> str:
    """Say the confidence in percent, with a ? where the user should look."""
    return f"{sure(column)} %{' ?' if doubtful(column) else ''}"


def tables_of(preview: Preview, shown: FileMapping, sheet: int) -> tuple[int, ...]:
    """Return the tables that lie on a sheet."""
    where = preview.sheets[sheet]
    return tuple(n for n, table in enumerate(shown.tables) if (table.file, table.sheet) == (where.file, where.sheet))


def cells_of(preview: Preview, shown: FileMapping, sheet: int) -> dict[tuple[int, int], Cell]:
    """Say of every cell in sight (row, column) what it became; cells that belong to no table are not in it."""
    found: dict[tuple[int, int], Cell] = {}
    there = preview.sheets[sheet].cells
    rows, columns = len(there), max(map(len, there), default=0)
    for table in tables_of(preview, shown, sheet):
        for area in sorted(preview.tables[table].areas, key=lambda one: one.header):
            cell = _cell(area, table, shown.tables[table])
            within = range(area.left, min(area.right + 1, columns))
            found |= {(row, column): cell for row in range(area.top, min(area.bottom + 1, rows)) for column in within}
        found |= _unit_rows(found, there) | _group_rows(found, there, shown)
    return found


def _unit_rows(found: Mapping[tuple[int, int], Cell], there: Sequence[Sequence[str]]) -> dict[tuple[int, int], Cell]:
    """Take rows between headers and their values (of units) as parts of the headers; blank rows are none."""
    headers = {at: cell for at, cell in found.items() if cell.header}
    below = {at: _first_below(at, found) for at in headers}
    rows = {row: set(range(row + 1, first)) for (row, _), first in below.items() if first}
    filled = {
        n for (row, column) in headers for n in rows.get(row, ()) if "".join(there[n][column : column + 1]).strip()
    }
    return {
        (n, column): replace(cell, tag="", doubtful=False)
        for (row, column), cell in headers.items()
        for n in range(row + 1, below[row, column])
        if n in filled
    }


def _group_rows(
    found: Mapping[tuple[int, int], Cell], there: Sequence[Sequence[str]], shown: FileMapping
) -> dict[tuple[int, int], Cell]:
    """Take cells above a header whose words are part of its name (a group's, a merged cell's) as parts of it."""
    more: dict[tuple[int, int], Cell] = {}
    for (row, column), cell in found.items():
        if not cell.header or cell.place[1] < 0:
            continue
        name = _plain(shown.tables[cell.place[0]].columns[cell.place[1]].header)
        for above in range(row - 1, max(row - 1 - _MOST_UNIT_ROWS, -1), -1):
            words = next(filter(None, map(_plain, reversed(there[above][: column + 1]))), "")
            if not words or f" {words} " not in f" {name} " or (above, column) in found:
                break
            more[above, column] = replace(cell, tag="", doubtful=False)
    return more


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _first_below(at: tuple[int, int], found: Mapping[tuple[int, int], Cell]) -> int:
    """Return the row of a header's first value right below it, 0 where none is near."""
    row, column = at
    near = (n for n in range(row + 1, row + 2 + _MOST_UNIT_ROWS) if (n, column) in found)
    first = next(near, 0)
    return first if first and found[first, column].place == found[at].place else 0


def columns_sheet(shown: FileMapping, tables: Sequence[int]) -> tuple[Sheet, tuple[Place, ...]]:
    """List the columns of some tables, and say which table and column each row is."""
    places = tuple((table, column) for table in tables for column in range(len(shown.tables[table].columns)))
    rows = tuple(_row(shown.tables[table].columns[column]) for table, column in places)
    return Sheet("Columns of the file", HEADERS, rows), places


def noticed(preview: Preview) -> tuple[Problem, ...]:
    """Return what was noticed, errors first."""
    return tuple(sorted(preview.problems, key=lambda problem: _ORDER[problem.severity]))


def noticed_sheet(problems: Sequence[Problem]) -> Sheet:
    """List what was noticed."""
    rows = tuple((problem.severity, problem.where, problem.message) for problem in problems)
    return Sheet("Noticed in the files", NOTICED, rows)


def place_of(problem: Problem, sheets: Sequence[SheetPreview]) -> tuple[int, int, int] | None:
    """Return the sheet, the row and the column that a problem names first, None where it names none of them."""
    for named in split_places(problem.where, [sheet.file for sheet in sheets]):
        at = next((n for n, sheet in enumerate(sheets) if (sheet.file, sheet.sheet) == (named.file, named.sheet)), None)
        spot = _SPOT.fullmatch(named.cell)
        if at is not None and spot:
            return at, int(spot[2]) - 1 if spot[2] else 0, column_index(spot[1]) if spot[1] else 0
    return None


def sheet_name(sheet: SheetPreview) -> str:
    """Name a sheet with its file; say why it is not read."""
    name = " > ".join(filter(None, (sheet.file, sheet.sheet)))
    return f"{name} (not read: {sheet.said.rstrip('.')})" if sheet.said else name


def about(preview: Preview, known_before: int) -> str:
    """Say what a reading would give, and how many tables are read as the user confirmed before."""
    read = sum(table.layout != "none" for table in preview.mapping().tables)
    if preview.refused:
        return "1 table: it cannot be read as it is" if read == 1 else f"{read} tables: they cannot be read as they are"
    counts = [
        f"{n} {one if n == 1 else many}"
        for n, one, many in (
            (len(preview.batches), "batch", "batches"), (len(preview.variables), "variable", "variables"),
            (read, "table", "tables"),
        )
    ]  # fmt: skip
    which = f"{known_before} of them" if known_before < len(preview.tables) else "read"
    remembered = f", {which} as you confirmed them before" if known_before else ""
    return f"{counts[0]}, {counts[1]} in {counts[2]}{remembered}"


def _units(column: ColumnMapping) -> str:
    found = known(column.name, (column.role,)) if column.role else known(column.name)
    if found is None or not column.unit or conversion(column.unit, found.unit) == SAME:
        return column.unit
    return f"{column.unit} → {found.unit}"


def _cell(area: Area, table: int, mapping: TableMapping) -> Cell:
    if not 0 <= area.column < len(mapping.columns) or mapping.layout == "none":
        tone = "left" if mapping.layout == "none" else _TONE_OF.get(area.use, area.use)
        return Cell(tone if tone in TONES else "left", (table, -1), area.header)
    column = mapping.columns[area.column]
    place, named = (table, area.column), area.header
    return Cell(
        tone_of(column), place, named, named and doubtful(column), tag_of(column) if named else "", tip_of(column)
    )


def _row(column: ColumnMapping) -> tuple[object, ...]:
    name = label_of(column) if column.use == "variable" else column.name
    words, certain = BECOMES[becomes(column)], certainty(column).rjust(5 if not doubtful(column) else 7)
    return (column.cell, column.header, words, name, column.unit, column.role, certain, column.reason)
