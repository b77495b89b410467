"""The room's front door: files, or their stored bytes, into a Dataset with all that was noticed on the way."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mabdesk.data.batch import Source
from mabdesk.data.imported import ColumnReading, Reading
from mabdesk.data.reading.assembly import assemble
from mabdesk.data.reading.cells import Grid
from mabdesk.data.reading.checks import check_values
from mabdesk.data.reading.child import parser
from mabdesk.data.reading.content import kind_of, load
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping import BlockPlan, propose
from mabdesk.data.reading.origins import origins_of
from mabdesk.data.reading.preview import find_block
from mabdesk.data.reading.roles import Dated
from mabdesk.data.reading.scan import scan_workbook
from mabdesk.data.reading.text import read_text
from mabdesk.data.reading.workbook import parse_workbook
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import Problem, ReadingError
from mabdesk.options import check
from mabdesk.progress import SILENT, Progress

PLAIN = ReadingOptions()


def read_files(paths: Sequence[Path], options: ReadingOptions = PLAIN, progress: Progress = SILENT) -> Reading:
    """Read batch records from files; see `read_bytes`.

    Raises:
        ReadingError: also when a file is missing, a folder, or locked; all such faults together.
    """
    files, faults = [], []
    for path in paths:
        try:
            files.append((path.name, load(path)))
        except ReadingError as error:
            faults.append(error)
    _raise_together(faults)
    return read_bytes(files, options, progress)


def read_bytes(
    files: Sequence[tuple[str, bytes]], options: ReadingOptions = PLAIN, progress: Progress = SILENT
) -> Reading:
    """Read batch records from (name, raw bytes) of workbooks (.xlsx) and text tables (.csv), into one dataset.

    Raises:
        ReadingError: the data cannot be read without a guess; every problem of all files is in it.
    """
    check(options)
    if not files:
        raise ReadingError("No file was received.", "Give at least one workbook (.xlsx) or text table (.csv).")
    journal = Journal()
    kept = _without_repeats(files, journal)
    grids = _grids(kept, journal, progress.part(0.0, 0.6, "reading cells"))
    progress.update(0.6, "finding tables and columns")
    plans = _plans(grids, journal)
    sources = tuple(Source(name, hashlib.sha256(data).hexdigest()) for name, data in kept)
    progress.update(0.7, "putting batches together")
    dataset, tables = assemble(plans, sources, options, journal)
    progress.update(0.95, "checking values")
    check_values(dataset, tables, journal)
    progress.update(1.0, "read")
    return Reading(
        dataset, tuple(journal.changes), tuple(journal.problems), _columns(plans, tables), origins_of(tables)
    )


def _without_repeats(files: Sequence[tuple[str, bytes]], journal: Journal) -> list[tuple[str, bytes]]:
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


def _grids(files: Sequence[tuple[str, bytes]], journal: Journal, progress: Progress) -> list[Grid]:
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
        grids += _each(read, lambda name, data: _text_grid(name, data, journal), faults, progress)
    else:
        with parser(parse_workbook) as ask:
            read = {name: data for name, data in files if name in kinds}

            def one(name: str, data: bytes) -> list[Grid]:
                if kinds[name] == "text":
                    return _text_grid(name, data, journal)
                return _workbook_grids(name, data, ask, journal)

            grids += _each(read, one, faults, progress)
    _raise_together(faults)
    return grids


def _each(
    files: dict[str, bytes],
    read: Callable[[str, bytes], list[Grid]],
    faults: list[ReadingError],
    progress: Progress,
) -> list[Grid]:
    grids: list[Grid] = []
    for number, (name, data) in enumerate(files.items()):
        progress.update(number / len(files), name)
        try:
            grids += read(name, data)
        except ReadingError as error:
            faults.append(error)
    return grids


def _text_grid(name: str, data: bytes, journal: Journal) -> list[Grid]:
    grid, problems = read_text(name, data)
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
        grid = Grid(name, sheet.name, sheet.columns)
        if not sheet.visible:
            journal.say("note", grid.where(), "is hidden; not read")
            continue
        found = scanned.get(sheet.name)
        grids.append(grid.with_errors(found.faults if found else {}))
    return grids


def _plans(grids: Sequence[Grid], journal: Journal) -> list[BlockPlan]:
    plans = []
    for grid in grids:
        block = find_block(grid)
        if block is None:
            if grid.rows:
                journal.say("note", grid.where(), "holds no table of batches; not read")
            continue
        plan, problems = propose(block)
        journal.problems.extend(problems)
        if plan is not None:
            plans.append(plan)
    return plans


def _columns(plans: Sequence[BlockPlan], tables: Sequence[Dated]) -> tuple[ColumnReading, ...]:
    final = {id(s.table.plan): {} for item in tables for s in item.series}  # type: dict[int, dict[int, Any]]
    for item in tables:
        for series in item.series:
            final[id(series.table.plan)][series.plan.heading.column] = series.plan
    found = []
    for plan in plans:
        for first in plan.columns:
            column = final.get(id(plan), {}).get(first.heading.column, first)
            variable, heading = column.variable, column.heading
            place = plan.block.grid
            cell = place.where(plan.block.header_row, heading.column).rpartition("cell ")[2]
            found.append(
                ColumnReading(
                    place.file, place.sheet, cell, heading.text, column.use,
                    variable.name if variable else column.tag, variable.role if variable else None,
                    heading.unit, variable.unit if variable else "",
                    column.conversion.factor, column.conversion.offset, column.reason,
                )
            )  # fmt: skip
    return tuple(found)


def _raise_together(faults: Sequence[ReadingError]) -> None:
    if len(faults) == 1:
        raise faults[0]
    if faults:
        hint = " ".join(dict.fromkeys(fault.hint for fault in faults if fault.hint))
        problems = [Problem("", fault.message) for fault in faults]
        raise ReadingError(f"{len(faults)} files cannot be read.", hint, problems)
