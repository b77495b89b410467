"""Files into grids of cells, workbooks and text tables alike; what cannot be read is refused, all of it together."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.sources.child import parser
from mabdesk.data.reading.sources.content import kind_of
from mabdesk.data.reading.sources.scan import scan_workbook
from mabdesk.data.reading.sources.text import read_text
from mabdesk.data.reading.sources.workbook import parse_workbook
from mabdesk.data.reading.values.cells import Grid
from mabdesk.errors import Problem, ReadingError
from mabdesk.progress import SILENT, Progress


def without_repeats(files: Sequence[tuple[str, bytes]], journal: Journal) -> list[tuple[str, bytes]]:
    """Leave out files of the same contents, with a warning; give files of one name different ones."""
    kept: dict[bytes, tuple[str, bytes]] = {}
    for name, data in files:
        first = kept.setdefault(hashlib.sha256(data).digest(), (name, data))
        if first[1] is not data or first[0] != name:
            journal.say("warning", name, f"has the same contents as {first[0]}; read once")
    names = [name for name, _ in kept.values()]
    return [
        (name if names.count(name) == 1 else f"{name} ({index + 1})", data)
        for index, (name, data) in enumerate(kept.values())
    ]


def grids_of(files: Sequence[tuple[str, bytes]], journal: Journal, progress: Progress) -> list[Grid]:
    """Turn files into grids of cells; a file that is none is a fault, all faults come together."""
    grids: list[Grid] = []
    faults: list[ReadingError] = []
    kinds = {}
    for name, data in files:
        try:
            kinds[name] = kind_of(name, data)
        except ReadingError as error:
            faults.append(error)
    if "workbook" not in kinds.values():
        read = {name: data for name, data in files if name in kinds}
        grids += _each(read, lambda name, data, part: _text_grid(name, data, journal, part), faults, progress)
    else:
        with parser(parse_workbook) as ask:
            read = {name: data for name, data in files if name in kinds}

            def one(name: str, data: bytes, part: Progress) -> list[Grid]:
                if kinds[name] == "text":
                    return _text_grid(name, data, journal, part)
                return _workbook_grids(name, data, ask, journal)

            grids += _each(read, one, faults, progress)
    raise_together(faults)
    return grids


def _each(
    files: dict[str, bytes],
    read: Callable[[str, bytes, Progress], list[Grid]],
    faults: list[ReadingError],
    progress: Progress,
) -> list[Grid]:
    grids: list[Grid] = []
    for number, (name, data) in enumerate(files.items()):
        progress.update(number / len(files), name)
        try:
            grids += read(name, data, progress.part(number / len(files), (number + 1) / len(files)))
        except ReadingError as error:
            faults.append(error)
    return grids


def _text_grid(name: str, data: bytes, journal: Journal, progress: Progress = SILENT) -> list[Grid]:
    grid, problems = read_text(name, data, progress)
    journal.problems.extend(problems)
    if name.lower().endswith((".xlsx", ".xls", ".xlsm")):
        journal.say("note", name, "is a text table by its contents, not a workbook; read as such")
    return [grid]


def _workbook_grids(
    name: str, data: bytes, ask: Callable[[str, bytes], Callable[[], Any]], journal: Journal
) -> list[Grid]:
    answer = ask(name, data)
    scanned = scan_workbook(name, data)
    grids = []
    for sheet in answer():
        grid = Grid(name, sheet.name, sheet.columns, merged=sheet.merged)
        if not sheet.visible:
            journal.say("note", grid.where(), "is hidden; not read")
            continue
        found = scanned.get(sheet.name)
        grids.append(grid.with_errors(found.faults).with_percent(found.percent) if found else grid)
    return grids


def raise_together(faults: Sequence[ReadingError]) -> None:
    """Raise one refusal for all of them."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        hint = " ".join(dict.fromkeys(fault.hint for fault in faults if fault.hint))
        problems = [Problem("", fault.message) for fault in faults]
        raise ReadingError(f"{len(faults)} files cannot be read.", hint, problems)
