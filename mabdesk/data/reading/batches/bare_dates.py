"""Dates without a time of day beside stamps with one: nothing says at what hour of that day it was."""

from collections.abc import Mapping, Sequence

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.data.reading.batches.rows import Table
from mabdesk.data.reading.journal import Journal
from mabdesk.data.settings import ReadingOptions

_DAY_S = 86400
_OFFER = "Where midnight is right, choose --dates-without-time midnight."


def check_bare_dates(
    tables: Sequence[Table],
    starts: Mapping[str, float],
    cells: Mapping[str, str],
    options: ReadingOptions,
    journal: Journal,
) -> None:
    """Ask where hour 0 is, when the inoculation or the samples are dates alone and the others have a time of day.

    `cells` name the places of those `starts` that stand in the files.
    """
    if options.time_zone:  # midnight there is no midnight of the fixed clock
        return
    found = [*_bare_starts(tables, starts, cells), *_bare_samples(tables, starts, cells)]
    asked = options.dates_without_time == "refuse"
    if found and asked:
        journal.offer(_OFFER)
    for where, text in found:
        journal.say("error" if asked else "warning", where, text)


def _bare_starts(
    tables: Sequence[Table], starts: Mapping[str, float], cells: Mapping[str, str]
) -> list[tuple[str, str]]:
    timed = {batch for table in tables for batch in table.ids if not _bare(table.clock.values[table.of_batch(batch)])}
    bare = [batch for batch in cells if batch in timed and starts[batch] % _DAY_S == 0]
    if not bare:
        return []
    more = f" (and of {len(bare) - 1} more)" if len(bare) > 1 else ""
    which = f"the start of batch {bare[0]}{more}"
    text = f"{which} is a date without a time of day, its rows have one: hour 0 would be midnight"
    return [(cells[bare[0]], text)]


def _bare_samples(
    tables: Sequence[Table], starts: Mapping[str, float], cells: Mapping[str, str]
) -> list[tuple[str, str]]:
    found = []
    for table in tables:
        timed = any(batch in cells and starts[batch] % _DAY_S for batch in table.ids)
        if timed and len(table.rows) and _bare(table.clock.values) and table.clock.heading is not None:
            text = "these dates have no time of day, the inoculation has one: their hours would count from midnight"
            found.append((table.block.where(table.clock.heading), text))
    return found


def _bare(stamps: Floats) -> bool:
    there = stamps[np.isfinite(stamps)]
    return bool((there % _DAY_S == 0).all())
