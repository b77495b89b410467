"""The room's front door: files, or their stored bytes, into a Dataset with all that was noticed on the way."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mabdesk.data.batch import Source
from mabdesk.data.imported import ColumnReading, Reading
from mabdesk.data.mapping import FileMapping, from_toml, to_toml
from mabdesk.data.reading.batches.assembly import assemble
from mabdesk.data.reading.batches.checks import check_values
from mabdesk.data.reading.batches.origins import origins_of
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.layout.coverage import outside
from mabdesk.data.reading.layout.find import find_blocks
from mabdesk.data.reading.mapping.confirmed import plan_of, written
from mabdesk.data.reading.mapping.identity import settle_batches
from mabdesk.data.reading.mapping.plans import BlockPlan
from mabdesk.data.reading.sources.child import parser
from mabdesk.data.reading.sources.content import kind_of, load
from mabdesk.data.reading.sources.scan import scan_workbook
from mabdesk.data.reading.sources.text import read_text
from mabdesk.data.reading.sources.workbook import parse_workbook
from mabdesk.data.reading.values.cells import Grid
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import Problem, ReadingError
from mabdesk.options import check, from_plain, to_plain
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
        OptionsError: an option or the mapping in the options is wrong.
    """
    journal = Journal()
    found = find_tables(files, options, journal, progress.part(0.0, 0.7))
    return assemble_tables(found, journal, progress.part(0.7, 1.0))


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in files before a value is read: grids, blocks, plans, and the options that count.

    `asked` are plans of tables whose batch the user must tell.
    """

    sources: tuple[Source, ...]
    grids: tuple[Grid, ...]
    blocks: tuple[Block, ...]
    plans: tuple[BlockPlan, ...]
    asked: tuple[BlockPlan, ...]
    options: ReadingOptions
    mapping: FileMapping

    def written(self) -> FileMapping:
        """Return the mapping that says all that is planned."""
        planned = {plan.block.fingerprint for plan in self.plans}
        left = [block for block in self.blocks if block.fingerprint not in planned]
        chosen = {
            name: value
            for name, value in to_plain(self.options).items()
            if value != getattr(PLAIN, name) and name != "mapping"
        }
        return written(self.plans, left, chosen, self.mapping)


def find_tables(
    files: Sequence[tuple[str, bytes]], options: ReadingOptions, journal: Journal, progress: Progress = SILENT
) -> Found:
    """Find the tables of files and plan what their columns become."""
    check(options)
    if not files:
        raise ReadingError("No file was received.", "Give at least one workbook (.xlsx) or text table (.csv).")
    mapping = from_toml(options.mapping) if options.mapping else FileMapping()
    options = _with_told(options, mapping)
    kept = _without_repeats(files, journal)
    grids = _grids(kept, journal, progress.part(0.0, 0.85, "reading cells"))
    progress.update(0.85, "finding tables and columns")
    blocks = [block for grid in grids for block in find_blocks(grid, mapping)]
    plans, asked = settle_batches(_plans(grids, blocks, mapping, journal), options, journal)
    sources = tuple(Source(name, hashlib.sha256(data).hexdigest()) for name, data in kept)
    return Found(sources, tuple(grids), tuple(blocks), tuple(plans), tuple(asked), options, mapping)


def assemble_tables(found: Found, journal: Journal, progress: Progress = SILENT) -> Reading:
    """Read the values of planned tables and put batches together."""
    progress.update(0.0, "putting batches together")
    dataset, tables = assemble(found.plans, found.sources, found.options, journal)
    progress.update(0.8, "checking values")
    check_values(dataset, tables, journal, found.options)
    journal.stop_on_errors(source.name for source in found.sources)
    progress.update(1.0, "read")
    return Reading(
        dataset,
        tuple(journal.changes),
        tuple(journal.problems),
        _columns(found.plans, tables),
        origins_of(tables),
        to_toml(found.written()),
    )


def _with_told(options: ReadingOptions, mapping: FileMapping) -> ReadingOptions:
    """Let options of the mapping count where none was chosen."""
    told = {
        name: value
        for name, value in mapping.options.items()
        if getattr(options, name, None) == getattr(PLAIN, name, None)
    }
    return from_plain(ReadingOptions, {**to_plain(options), **told})


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
        grids += _each(read, lambda name, data, part: _text_grid(name, data, journal, part), faults, progress)
    else:
        with parser(parse_workbook) as ask:
            read = {name: data for name, data in files if name in kinds}

            def one(name: str, data: bytes, part: Progress) -> list[Grid]:
                if kinds[name] == "text":
                    return _text_grid(name, data, journal, part)
                return _workbook_grids(name, data, ask, journal)

            grids += _each(read, one, faults, progress)
    _raise_together(faults)
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


def _plans(grids: Sequence[Grid], blocks: Sequence[Block], mapping: FileMapping, journal: Journal) -> list[BlockPlan]:
    plans = []
    for grid in grids:
        if grid.rows and not any(block.grid.file == grid.file and block.grid.sheet == grid.sheet for block in blocks):
            journal.say("note", grid.where(), "holds no table of batches; not read")
    for grid in grids:
        own = [block for block in blocks if block.grid.file == grid.file and block.grid.sheet == grid.sheet]
        journal.problems.extend(outside(grid, own))
    _note_repeated_headers(blocks, journal)
    for block in blocks:
        plan, problems = plan_of(block, mapping)
        journal.problems.extend(problems)
        if plan is not None:
            plans.append(plan)
    return plans


def _note_repeated_headers(blocks: Sequence[Block], journal: Journal) -> None:
    first: dict[tuple[str, str, str], Block] = {}
    for block in blocks:
        before = first.setdefault((block.grid.file, block.grid.sheet, block.fingerprint), block)
        if before is not block and before.grid is block.grid and before.header_row < block.header_row:
            text = f"the header of row {before.header_row + 1} stands here again: read as another table of its kind"
            journal.say("note", block.grid.where(block.header_row), text)


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
                    column.conversion.factor, column.conversion.offset, column.reason, column.confidence,
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
