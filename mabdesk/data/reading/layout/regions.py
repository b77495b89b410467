"""Several tables in one sheet: side by side, or one below another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.batches_across import batches_across
from mabdesk.data.reading.layout.block import Header, Region, filled_rows
from mabdesk.data.reading.layout.headers import find_header, score
from mabdesk.data.reading.layout.time_labels import find_labels
from mabdesk.data.reading.values.cells import EMPTY, TEXT, Grid

_MOST_STARTS = 3000


def columns_apart(grid: Grid, region: Region) -> list[Region]:
    """Split a region at empty columns, where what lies on both sides is a table of its own."""
    empty = [
        not bool((grid.columns[i].kind[region.top : region.bottom] != EMPTY).any())
        for i in range(region.left, region.right)
    ]
    edges = [i for i in range(1, len(empty)) if empty[i] and not empty[i - 1]]
    if not edges:
        return [region]
    parts, left = [], region.left
    for edge in [*edges, len(empty)]:
        right = region.left + edge
        while left < right and empty[left - region.left]:
            left += 1
        if left < right:
            parts.append(replace(region, left=left, right=right))
        left = right
    own = [_own_table(grid, part) for part in parts]
    if sum(own) < 2:
        return [region]
    joined: list[Region] = []
    for part, alone in zip(parts, own, strict=True):
        if alone or not joined:
            joined.append(part)
        else:
            joined[-1] = replace(joined[-1], right=part.right)
    return joined


def columns_repeated(header: Header, region: Region) -> list[Region]:
    """Split a region where its headers come again, each time from the same one on."""
    keys = [bare_text(found, header) for found in header.headings]
    starts = [i for i, found in enumerate(header.headings) if meanings.is_time(found) or meanings.names(found, "batch")]
    if not starts or starts[0] > 1:
        return [region]
    first = keys[starts[0]]
    again = [i for i in range(starts[0], len(keys)) if keys[i] == first]
    if len(again) < 2:
        return [region]
    period = keys[again[0] : again[1]]
    if any(keys[a : a + len(period)][: len(keys) - a] != period[: len(keys) - a] for a in again):
        return [region]
    edges = [header.headings[i].column for i in again]
    edges[0] = region.left
    return [replace(region, left=a, right=b) for a, b in zip(edges, [*edges[1:], region.right], strict=True)]


def bare_text(found: Heading, header: Header) -> str:
    """Return a header's text without its group's."""
    text = found.text
    group = header.groups.get(found.column, "")
    return (text[len(group) :] if group and text.startswith(f"{group} ") else text).strip().casefold()


def rows_apart(grid: Grid, region: Region, header: Header) -> list[Region]:
    """Split a region into its tables one below another; each part begins with the title rows of its table."""
    starts = _starts(grid, region, header)
    if not starts:
        return [region]
    filled = filled_rows(grid, region)
    tops = [region.top]
    for start in starts:
        top, before = start, set(filled.tolist())
        while top - 1 in before and _is_title(grid, region, top - 1):
            top -= 1
        gap = top - 1
        while gap > tops[-1] and gap not in before:  # a title may be followed by a blank row
            gap -= 1
        if gap < top - 1 and _is_title(grid, region, gap) and gap - 1 not in before:
            top = gap
        tops.append(top)
    return [replace(region, top=a, bottom=b) for a, b in zip(tops, [*tops[1:], region.bottom], strict=True)]


def _starts(grid: Grid, region: Region, header: Header) -> list[int]:
    """Return the rows of further headers: the same texts again, or a header behind a blank row."""
    first = header.headings[0].column
    telling = next((h.column for h in header.headings if meanings.is_time(h) or meanings.names(h, "batch")), first)
    text = grid.columns[telling].text.get(header.row, "")
    same = [row for row, other in grid.columns[telling].text.items() if row > header.row and other == text and text]
    same = [row for row in same[:_MOST_STARTS] if row < region.bottom and score(grid, region, row) >= 2]
    filled = filled_rows(grid, replace(region, top=header.row))
    behind = filled[1:][np.diff(filled) > 1]
    near = [row + more for row in behind.tolist()[:_MOST_STARTS] for more in range(4) if row + more < region.bottom]
    other = [
        row for row in near if row > header.first and score(grid, region, row) >= 2 and _has_place(grid, region, row)
    ]
    found: list[int] = []
    for row in sorted({*same, *other}):
        if not found or row - found[-1] > 1:
            found.append(row)
    return found


def _has_place(grid: Grid, region: Region, row: int) -> bool:
    """Tell whether a row names a batch or a time: the header of a table, not a line of text."""
    texts = [grid.columns[i].text[row] for i in range(region.left, region.right) if grid.columns[i].kind[row] == TEXT]
    found = [heading(0, text) for text in texts]
    return any(meanings.is_time(one) or meanings.names(one, "batch") for one in found)


def _is_title(grid: Grid, region: Region, row: int) -> bool:
    held = [i for i in range(region.left, region.right) if grid.columns[i].kind[row] != EMPTY]
    return 0 < len(held) <= 2 and grid.columns[held[0]].kind[row] == TEXT and not _numbers_after(grid, row, held)


def _numbers_after(grid: Grid, row: int, held: Sequence[int]) -> bool:
    first = grid.columns[held[0]].text.get(row, "")
    return len(held) == 2 and not meanings.names(
        heading(0, first.rstrip(": ")), "batch", "cell_line", "scale", "start", "tag"
    )


def _own_table(grid: Grid, region: Region) -> bool:
    if find_labels(grid, region) or batches_across(grid, region) is not None:
        return True
    found = find_header(grid, region)
    if found is None:
        return False
    return any(meanings.is_time(one) or meanings.names(one, "batch") for one in found.headings)
