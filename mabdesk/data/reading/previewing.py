"""Shows what would be read from files: every sheet as it is, every table with its proposed mapping, nothing kept."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.imported import Reading
from mabdesk.data.mapping import ColumnMapping, TableMapping
from mabdesk.data.preview import SHOWN_COLUMNS, SHOWN_ROWS, Area, Preview, SheetPreview, TablePreview
from mabdesk.data.reading.files import Found, assemble_tables, find_tables
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.mapping.confirmed import left_out, table_mapping
from mabdesk.data.reading.mapping.plans import BlockPlan
from mabdesk.data.reading.mapping.proposal import propose_without_time
from mabdesk.data.reading.values.cells import EMPTY, NUMBER, Column, Grid
from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import Problem, ReadingError
from mabdesk.progress import SILENT, Progress

_NO_TABLE = "no table of batches was found in it"


def preview(files: Sequence[tuple[str, bytes]], options: ReadingOptions, progress: Progress = SILENT) -> Preview:
    """Read files and tell what would come of it; what a reading would refuse is among the problems.

    Raises:
        ReadingError: a file is no table at all, so that there is nothing to show.
        OptionsError: an option or the mapping in the options is wrong.
    """
    journal = Journal()
    found = find_tables(files, options, journal, progress.part(0.0, 0.6))
    reading, hint, problems = _tried(found, journal, progress.part(0.6, 1.0))
    tables = tuple(_tables(found))
    return Preview(
        found.sources,
        tuple(_sheet(grid, found.blocks) for grid in found.grids),
        tables,
        problems,
        reading.dataset.ids if reading is not None else (),
        reading.dataset.variables if reading is not None else (),
        hint,
    )


def _tried(found: Found, journal: Journal, progress: Progress) -> tuple[Reading | None, str, tuple[Problem, ...]]:
    try:
        reading = assemble_tables(found, journal, progress)
    except ReadingError as error:
        others = [problem for problem in journal.problems if problem.severity != "error"]
        return None, error.hint, (*error.problems, *others)
    return reading, "", reading.problems


def _tables(found: Found) -> list[TablePreview]:
    made = []
    for block in found.blocks:
        plan = next((one for one in (*found.plans, *found.asked) if _same(one, block)), None)
        if plan is not None:
            made.append(_table(plan.block, table_mapping(plan), plan.remembered))
        else:
            told = found.mapping.table(block.fingerprint)
            columns = propose_without_time(block) if told is None else ()
            mapping = table_mapping(BlockPlan(block, "measurements", columns)) if columns else left_out(block)
            if told is not None and told.layout == "none":
                mapping = replace(mapping, columns=_as_before(mapping.columns, told.columns))
            made.append(_table(block, mapping, told is not None))
    return made


def _as_before(columns: tuple[ColumnMapping, ...], told: tuple[ColumnMapping, ...]) -> tuple[ColumnMapping, ...]:
    by_text = {column.header: column for column in told}
    return tuple(replace(by_text.get(column.header, column), cell=column.cell) for column in columns)


def _same(plan: BlockPlan, block: Block) -> bool:
    """Tell whether a plan is of this block: planning may change headings and the batch, never the place."""
    mine = plan.block
    return mine.grid is block.grid and mine.header_row == block.header_row and _first(mine) == _first(block)


def _first(block: Block) -> int:
    return block.headings[0].column if block.headings else -1


def _table(block: Block, mapping: TableMapping, remembered: bool) -> TablePreview:
    order = {(column.header, column.cell): place for place, column in enumerate(mapping.columns)}
    areas: list[Area] = []
    for found in block.headings:
        cell = block.where(found).rpartition("cell ")[2]
        place = order.get((found.text, cell), -1)
        if place < 0:
            continue
        use = mapping.columns[place].use
        header = block.grid.place(block.header_row, found.column)
        if header[0] is not None and header[1] is not None:
            areas.append(Area(header[0], header[1], header[0], header[1], use, place, header=True))
        areas += [Area(*box, use, place) for box in _boxes(block, found.column)]
    return TablePreview(mapping, tuple(areas), len(block.rows), remembered)


def _boxes(block: Block, column: int) -> list[tuple[int, int, int, int]]:
    """Return the rectangles (top, left, bottom, right) that the cells of a column fill, within what is shown."""
    grid = block.grid
    if grid.places is None:
        rows = block.rows[block.rows < SHOWN_ROWS]
        return [(int(rows[0]), column, int(rows[-1]), column)] if len(rows) and column < SHOWN_COLUMNS else []
    places = grid.places[block.rows, column]
    inside = (places[:, 0] >= 0) & (places[:, 0] < SHOWN_ROWS) & (places[:, 1] < SHOWN_COLUMNS)
    places = np.unique(places[inside], axis=0)
    boxes: list[tuple[int, int, int, int]] = []
    for row, index in places.tolist():
        if boxes and boxes[-1][0] == row == boxes[-1][2] and boxes[-1][3] == index - 1:
            boxes[-1] = (row, boxes[-1][1], row, index)
        else:
            boxes.append((row, index, row, index))
    return _stacked(boxes)


def _stacked(boxes: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Join rectangles that lie right below one another with the same edges."""
    made: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
    for top, left, bottom, right in boxes:
        pile = made.setdefault((left, right), [])
        if pile and pile[-1][2] == top - 1:
            pile[-1] = (pile[-1][0], left, bottom, right)
        else:
            pile.append((top, left, bottom, right))
    return [box for pile in made.values() for box in pile]


def _shown(column: Column, row: int) -> str:
    """Write a cell as a workbook shows it: of a sum of decimals the last two digits are noise."""
    return f"{column.number[row]:.15g}" if column.kind[row] == NUMBER else column.shown(row)


def _sheet(grid: Grid, blocks: Sequence[Block]) -> SheetPreview:
    height, width = min(grid.rows, SHOWN_ROWS), min(len(grid.columns), SHOWN_COLUMNS)
    columns = [
        [_shown(column, row) if row < len(column) and column.kind[row] != EMPTY else "" for row in range(height)]
        for column in grid.columns[:width]
    ]
    held = any(block.grid.file == grid.file and block.grid.sheet == grid.sheet for block in blocks)
    cells = tuple(tuple(column[row] for column in columns) for row in range(height))
    return SheetPreview(grid.file, grid.sheet, cells, grid.rows, len(grid.columns), "" if held else _NO_TABLE)
