"""Finds the tables of a sheet, whatever their layout, and gives each as rows of samples."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.mapping import BatchFrom, FileMapping, TableMapping
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.batches_across import batches_across
from mabdesk.data.reading.layout.block import Block, Header, Region, filled_rows, rows_of
from mabdesk.data.reading.layout.days_across import days_across
from mabdesk.data.reading.layout.headers import find_header
from mabdesk.data.reading.layout.long_form import unfolded
from mabdesk.data.reading.layout.named_columns import with_batches_in_names
from mabdesk.data.reading.layout.qualifiers import with_signs
from mabdesk.data.reading.layout.rearranged import transpose
from mabdesk.data.reading.layout.regions import bare_text, columns_apart, columns_repeated, rows_apart
from mabdesk.data.reading.layout.time_labels import find_labels
from mabdesk.data.reading.layout.titles import about, bare_batch, label_above, title_above
from mabdesk.data.reading.values.cells import EMPTY, TEXT, Grid

_MOST_TURNED = 600
_MOST_ROWS = 20_000
_MOST_TABLES = 2_000
_NOTHING = FileMapping()


def find_blocks(grid: Grid, mapping: FileMapping = _NOTHING) -> list[Block]:
    """Find every table of a sheet, from left to right and from top to bottom; none when no row reads like a header.

    A table that `mapping` knows by its fingerprint, and gives another layout or header row, is looked for anew.
    """
    if not grid.rows or not grid.columns:
        return []
    found: list[Block] = []
    for block in _everywhere(grid):
        block = with_signs(block)
        for one in unfolded(block) or (block,):
            known = mapping.table(one.fingerprint)
            found += [one] if known is None else _as_told(grid, one, known)
    return found


def _whole(grid: Grid) -> Region:
    return Region(0, grid.rows, 0, len(grid.columns))


def _everywhere(grid: Grid) -> list[Block]:
    """Look through a sheet, then through what lies above and below the tables that were found."""
    waiting: list[Region] = [_whole(grid)]
    found: list[Block] = []
    while waiting and len(found) < _MOST_TABLES:
        region = waiting.pop()
        here = list(_found(grid, region))
        found += here
        if here:
            top = min(rows_of(block)[0] for block in here)
            bottom = max(rows_of(block)[1] for block in here) + 1
            rest = (replace(region, bottom=top), replace(region, top=bottom))
            waiting += [part for part in rest if part.top < part.bottom and len(filled_rows(grid, part))]
    return sorted(found, key=lambda block: (rows_of(block)[0], block.headings[0].column))


def _found(grid: Grid, region: Region) -> Iterator[Block]:
    turned = _turned(grid, region)
    parts = columns_apart(grid, region)
    crossed = [list(_days_across(grid, part)) for part in parts]
    if turned is not None and not (any(crossed) and not any(meanings.is_time(found) for found in turned.headings)):
        yield turned
        return
    yield from _titled([block for blocks in crossed for block in blocks])
    for part, blocks in zip(parts, crossed, strict=True):
        if not blocks:
            yield from _in_region(grid, part, apart=len(parts) > 1)


def _in_region(grid: Grid, region: Region, *, apart: bool) -> Iterator[Block]:
    crossed = batches_across(grid, region)
    if crossed is not None:
        yield crossed
        return
    header = find_header(grid, region)
    if header is None:
        return
    header = with_batches_in_names(header)
    parts = columns_repeated(header, region)
    if len(parts) == 1:
        shared = _sharing_times(grid, region, header)
        if shared:
            yield from shared
            return
    for part in parts:
        own = header if part == region else _within(header, part)
        pieces = rows_apart(grid, part, own)
        for piece in pieces:
            head = own if piece.top <= own.row < piece.bottom else find_header(grid, piece)
            if head is not None:
                several = apart or len(parts) > 1 or len(pieces) > 1
                label = label_above(grid, piece, head.row) if several else ""
                yield _regular(grid, piece, head, label or (_only_group(head) if len(parts) > 1 else ""))


def _within(header: Header, part: Region) -> Header:
    """Return the header of some of the columns."""
    inside = range(part.left, part.right)
    groups = {column: text for column, text in header.groups.items() if column in inside}
    return replace(header, headings=tuple(h for h in header.headings if h.column in inside), groups=groups)


def _only_group(header: Header) -> str:
    groups = set(filter(None, header.groups.values()))
    return next(iter(groups)) if len(groups) == 1 else ""


def _sharing_times(grid: Grid, region: Region, header: Header) -> list[Block]:
    """Return one table a group of columns, where groups name batches and share the columns before them."""
    groups: dict[str, list[Heading]] = {}
    shared = []
    for found in header.headings:
        group = header.groups.get(found.column, "")
        if group:
            groups.setdefault(group, []).append(found)
        else:
            shared.append(found)
    groups = {group: own for group, own in groups.items() if not meanings.is_summary(group)}
    bare = {group: [bare_text(found, header) for found in own] for group, own in groups.items()}
    single = all(len(set(names)) == len(names) for names in bare.values())
    again = len({name for names in bare.values() for name in names}) < sum(map(len, bare.values()))
    if len(groups) < 2 or not single or not again or not any(meanings.is_time(found) for found in shared):
        return []
    if any(meanings.names(found, "batch") for found in shared) or any(about(group) for group in groups):
        return []
    whole = _regular(grid, region, header, "")
    return [
        replace(
            whole,
            headings=(*shared, *_without_group(own, group)),
            unheaded=(),
            batch=bare_batch(group),
            batch_from="header",
        )
        for group, own in groups.items()
    ]


def _without_group(headings: Sequence[Heading], group: str) -> tuple[Heading, ...]:
    plain = [(found, heading(found.column, found.text.removeprefix(f"{group} "))) for found in headings]
    return tuple(new if new.unit else replace(new, unit=old.unit, odd_unit=old.odd_unit) for old, new in plain)


def _regular(grid: Grid, region: Region, header: Header, label: str) -> Block:
    """Return the table below a header; `label` is the text above it that may name its batch."""
    kinds = np.array([grid.columns[i].kind[header.first : region.bottom] for i in range(region.left, region.right)])
    rows = header.first + np.flatnonzero((kinds != EMPTY).any(axis=0)) if kinds.size else np.zeros(0, dtype=np.intp)
    headed = {found.column for found in header.headings}
    inside = range(region.left, region.right)
    unheaded = [i for i in inside if i not in headed and kinds.size and bool((kinds[i - region.left] != EMPTY).any())]
    title = title_above(grid, region, header.top)
    headings = header.headings
    if label:
        headings = _without_group(headings, label) if any(header.groups.values()) else headings
    batch = title.batch or bare_batch(label)
    source: BatchFrom = "title" if title.batch else "header" if label else "column"
    return Block(
        grid,
        header.row,
        headings,
        rows,
        tuple(unheaded),
        "rows",
        batch,
        source,
        title.facts,
        (),
        title.text,
        title.said,
        top=header.top,
    )


def _turned(grid: Grid, region: Region) -> Block | None:
    """Return a region's table when its headers stand in a column, one below another."""
    if region.bottom - region.top > _MOST_TURNED or grid.rows > _MOST_ROWS or region.right - region.left < 2:
        return None
    plain = find_header(grid, region)
    if plain is not None and any(meanings.is_time(found) for found in plain.headings):
        return None
    turned = transpose(grid)
    lying_region = Region(region.left, region.right, region.top, region.bottom)
    header = find_header(turned, lying_region)
    if header is None or header.row > region.left + 3:
        return None
    texts = [bare_text(found, header) for found in header.headings]
    if len(set(texts)) < len(texts):
        return None
    upright = 0 if plain is None else sum(meanings.is_meaningful(found) for found in plain.headings)
    lying = sum(meanings.is_meaningful(found) for found in header.headings)
    if lying <= upright or lying < 2:
        return None
    return _of_turned(turned, lying_region, header)


def _of_turned(turned: Grid, region: Region, header: Header) -> Block | None:
    block = _regular(turned, region, header, "")
    timed = any(meanings.is_time(found) for found in block.headings)
    named = any(meanings.names(found, "batch") for found in block.headings)
    headings = block.headings
    if not timed and not named:
        # The corner of a sheet of setpoints: whatever it says, the cells beside it are the batches.
        corner = headings[0]
        above = turned.columns[corner.column]
        beside = [above.shown(row) for row in block.rows.tolist()]
        told = meanings.is_meaningful(corner) and not meanings.names(corner, "parameter")
        if told or len(set(filter(None, beside))) < len(beside) or not beside:
            return None
        headings = (replace(corner, name="Batch"), *headings[1:])
    return replace(block, headings=headings, layout="transposed")


def _days_across(grid: Grid, whole: Region) -> Iterator[Block]:
    found = list(find_labels(grid, whole)) if len(grid.columns) > 2 else []
    for place, labels in enumerate(found):
        bottom = found[place + 1].row if place + 1 < len(found) else whole.bottom
        while bottom > labels.row + 1 and place + 1 < len(found) and _ends(grid, whole, bottom - 1):
            bottom -= 1
        top = found[place - 1].row + 1 if place else whole.top
        block = days_across(grid, replace(whole, top=top), labels, bottom)
        if block is not None:
            yield block


def _titled(blocks: list[Block]) -> list[Block]:
    """Let bare titles of several tables of one kind name their batches."""
    nameless = [
        block for block in blocks if not block.batch and not any(meanings.names(h, "batch") for h in block.headings)
    ]
    titles = [bare_batch(block.title) for block in nameless]
    if len(set(titles)) < max(2, len(nameless)) or not all(titles) or any(about(title) for title in titles):
        return blocks
    named = {id(block): title for block, title in zip(nameless, titles, strict=True)}
    return [replace(b, batch=named[id(b)], batch_from="title") if id(b) in named else b for b in blocks]


def _ends(grid: Grid, region: Region, row: int) -> bool:
    """Tell whether a row is blank or a title: what stands between two tables."""
    held = [i for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY]
    return not held or (len(held) == 1 and grid.columns[held[0]].kind[row] == TEXT)


def _as_told(grid: Grid, block: Block, known: TableMapping) -> list[Block]:
    """Look for a table again, in the layout and with the header row that the user chose."""
    if known.layout in {block.layout, "none"} and known.header_row == shown_header_row(block):
        return [block]
    source = transpose(grid) if known.layout == "transposed" else grid
    header = find_header(source, _whole(source), min(max(known.header_row - 1, 0), source.rows - 1))
    if header is None:
        return [block]
    made = _regular(source, _whole(source), header, "")
    if known.layout == "transposed":
        made = replace(made, layout="transposed")
    if known.layout == "long":
        return [replace(one, told=block.fingerprint) for one in unfolded(made, forced=True)] or [block]
    return [replace(made, told=block.fingerprint)]


def shown_header_row(block: Block) -> int:
    """Return the header's row as a user counts it, from 1; of a transposed table its column."""
    row, column = block.grid.place(block.header_row, block.headings[0].column)
    found = column if block.layout == "transposed" else row
    return 1 + (found or 0)
