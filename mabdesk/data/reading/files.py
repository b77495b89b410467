"""The room's front door: files, or their stored bytes, into a Dataset with all that was noticed on the way."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mabdesk.data.batch import Source
from mabdesk.data.imported import Reading
from mabdesk.data.mapping import FileMapping, from_toml, to_toml
from mabdesk.data.reading.batches.assembly import NO_MEASUREMENTS, assemble
from mabdesk.data.reading.batches.checks import check_values
from mabdesk.data.reading.batches.column_readings import column_readings
from mabdesk.data.reading.batches.origins import origins_of
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.layout.coverage import merged_values, outside, repeated_headers
from mabdesk.data.reading.layout.find import find_blocks
from mabdesk.data.reading.layout.nearest import nearest
from mabdesk.data.reading.mapping.confirmed import plan_of, written
from mabdesk.data.reading.mapping.identity import settle_batches
from mabdesk.data.reading.mapping.plans import BlockPlan
from mabdesk.data.reading.sources.content import load
from mabdesk.data.reading.sources.grids import grids_of, raise_together, without_repeats
from mabdesk.data.reading.values.cells import Grid
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import ReadingError
from mabdesk.options import check, from_plain, to_plain
from mabdesk.progress import SILENT, Progress

_MOST_TOLD = 4
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
    raise_together(faults)
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
    kept = without_repeats(files, journal)
    grids = grids_of(kept, journal, progress.part(0.0, 0.85, "reading cells"))
    progress.update(0.85, "finding tables and columns")
    blocks = [block for grid in grids for block in find_blocks(grid, mapping)]
    _tell_unused(blocks, mapping, journal)
    plans, asked = settle_batches(_plans(grids, blocks, mapping, journal), options, journal)
    if not asked and not any(plan.kind == "measurements" for plan in plans):
        _tell_nearest(grids, journal)
    sources = tuple(Source(name, hashlib.sha256(data).hexdigest()) for name, data in kept)
    return Found(sources, tuple(grids), tuple(blocks), tuple(plans), tuple(asked), options, mapping)


def _tell_unused(blocks: Sequence[Block], mapping: FileMapping, journal: Journal) -> None:
    """Say which tables of the mapping are not in these files."""
    here = {block.fingerprint for block in blocks}
    for table in mapping.tables:
        if table.fingerprint not in here:
            headers = ", ".join(column.header for column in table.columns[:_MOST_TOLD])
            where = f"sheet {table.sheet}, " if table.sheet else ""
            text = f"the mapping's table ({where}{headers} ...) is not in these files: it is known by its headers"
            journal.say("warning", "", text)


def _tell_nearest(grids: Sequence[Grid], journal: Journal) -> None:
    """Say what the sheets have most like a table of measurements; of several those alone that have anything like it."""
    found = [(grid, near) for grid in grids if (near := nearest(grid)) is not None]
    likely = [(grid, near) for grid, near in found if near.likeness > 1] or found
    if len(likely) == 1:
        grid, near = likely[0]
        journal.say("error", grid.where(near.row), f"{NO_MEASUREMENTS}; {near.sentence}")
    elif likely:
        files = ", ".join(dict.fromkeys(grid.file for grid, _ in likely))
        told = "; ".join(
            f"{grid.sheet or grid.file}, row {near.row + 1}: {near.sentence}" for grid, near in likely[:_MOST_TOLD]
        )
        journal.say("error", files, f"{NO_MEASUREMENTS}; {told}")


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
        column_readings(found.plans, tables),
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


def _plans(grids: Sequence[Grid], blocks: Sequence[Block], mapping: FileMapping, journal: Journal) -> list[BlockPlan]:
    plans = []
    for grid in grids:
        if grid.rows and not any(block.grid.file == grid.file and block.grid.sheet == grid.sheet for block in blocks):
            journal.say("note", grid.where(), "holds no table of batches; not read")
    for grid in grids:
        own = [block for block in blocks if block.grid.file == grid.file and block.grid.sheet == grid.sheet]
        journal.problems.extend(outside(grid, own))
    journal.problems.extend([*repeated_headers(blocks), *merged_values(blocks)])
    for block in blocks:
        plan, problems = plan_of(block, mapping)
        journal.problems.extend(problems)
        if plan is not None:
            plans.append(plan)
    return plans
