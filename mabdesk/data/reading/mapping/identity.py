"""Which batch a table's rows belong to, where no column alone says it: the sheet, the file, several columns joined."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.mapping import BatchFrom
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.journal import Journal
from mabdesk.data.reading.mapping.plans import BlockPlan
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.words import words

_ASK_SHEET = "To take the names of the sheets as batch ids, choose --batch-from sheet."
_ASK_FILE = "To take the names of the files as batch ids, choose --batch-from file."


def settle_batches(
    plans: Sequence[BlockPlan], options: ReadingOptions, journal: Journal
) -> tuple[list[BlockPlan], list[BlockPlan]]:
    """Give every table without a batch column its one batch; also return the tables for which that must be asked."""
    nameless = [plan for plan in plans if not plan.headings("batch") and not plan.block.batch]
    settled, asked = [], []
    for plan in plans:
        if any(plan is one for one in nameless):
            if _is_no_batch(plan):
                text = "is left out: its name says that it sums batches up, or is a template"
                journal.say("warning", plan.block.grid.where(), text)
                continue
            source = _source(plan, nameless, options)
            if source is None:
                _ask(plan, journal)
                asked.append(plan)
                continue
            settled.append(_named(plan, source, journal))
        else:
            settled.append(plan)
    return join_vessels(settled, journal), asked


def _is_no_batch(plan: BlockPlan) -> bool:
    sheet = plan.block.grid.sheet
    return bool(sheet) and (meanings.is_summary(sheet) or meanings.key(sheet) in words("template"))


def _source(plan: BlockPlan, nameless: Sequence[BlockPlan], options: ReadingOptions) -> BatchFrom | None:
    """Choose the sheet's or the file's name: where several have a table of this layout, each of them is a batch."""
    told = plan.block.batch_from
    if told in {"sheet", "file"}:
        return told
    grid = plan.block.grid
    if options.batch_from == "sheet":
        return "sheet" if grid.sheet else "file"
    if options.batch_from == "file":
        return "file"
    alike = [one.block.grid for one in nameless if _signature(one) == _signature(plan) and not _is_no_batch(one)]
    here = Counter(one.sheet for one in alike if one.file == grid.file)
    if here[grid.sheet] > 1:
        return None  # several such tables in one sheet are not one batch
    if len(here) > 1:
        return "sheet"
    return "file" if len({one.file for one in alike}) > 1 else None


def _signature(plan: BlockPlan) -> tuple[str, ...]:
    """Return what a table's columns are, whatever their units: sheets of one kind may differ in these."""
    return tuple(sorted(f"{c.use} {c.variable.name if c.variable else c.heading.name}" for c in plan.columns))


def _named(plan: BlockPlan, source: BatchFrom, journal: Journal) -> BlockPlan:
    grid = plan.block.grid
    batch = batch_of_name(grid.sheet if source == "sheet" else PurePath(grid.file).stem)
    what = "sheet's" if source == "sheet" else "file's"
    journal.say("note", grid.where(), f"has no batch column: its batch is {batch!r}, the {what} name")
    return replace(plan, block=replace(plan.block, batch=batch, batch_from=source))


def batch_of_name(name: str) -> str:
    """Take words such as online, offline or samples off a name: "B01_online" and "B01 offline" are one batch."""
    parts = re.split(r"([\s_\-.]+)", name)
    words_left = [
        (mark, part)
        for mark, part in zip(["", *parts[1::2]], parts[0::2], strict=True)
        if part.casefold() not in words("part")
    ]
    kept = "".join(part if place == 0 else f"{mark}{part}" for place, (mark, part) in enumerate(words_left))
    return kept.strip() or name


def _ask(plan: BlockPlan, journal: Journal) -> None:
    grid = plan.block.grid
    headers = ", ".join(found.text for found in plan.block.headings[:12])
    text = f'no batch column (headers: {headers}); name the column that tells the batches apart "Batch"'
    journal.say("error", grid.where(), text)
    if grid.sheet:
        journal.offer(_ASK_SHEET)
    journal.offer(_ASK_FILE)


def join_vessels(plans: Sequence[BlockPlan], journal: Journal) -> list[BlockPlan]:
    """Join the batch's id with a replicate, condition or vessel, where rows of one batch and time differ in them."""
    joined: dict[str, None] = {}
    for plan in plans:
        found = _telling(plan)
        if found:
            names = [plan.headings("batch")[0].text, *(one.text for one in found)]
            text = f"batch ids are {', '.join(names[:-1])} and {names[-1]} joined: rows of one time differ in them"
            journal.say("warning", plan.block.where(found[0]), text)
            joined |= dict.fromkeys(one.text.casefold() for one in found)
    return [_with_joined(plan, set(joined)) for plan in plans]


def _with_joined(plan: BlockPlan, names: set[str]) -> BlockPlan:
    if not names or len(plan.headings("batch")) != 1:
        return plan
    batch = plan.of("batch")[0]
    others = [c for c in plan.columns if c.use in {"tag", "left"} and c.heading.text.casefold() in names]
    reason = "joined to the batch id: rows of one batch and time differ in it"
    made = {id(c): replace(c, use="batch", tag="", reason=reason, confidence=0.8) for c in others}
    rest = tuple(made.get(id(c), c) for c in plan.columns if c is not batch)
    return replace(plan, columns=(batch, *rest))


def _telling(plan: BlockPlan) -> list[Heading]:
    """Return the columns of vessels that tell rows of one batch and time apart; none where they are not needed."""
    candidates = [c for c in plan.columns if c.use in {"tag", "left"} and meanings.names(c.heading, "vessel")]
    candidates = [c for c in candidates if plan.block.filled(c.heading)]
    if plan.kind != "measurements" or not candidates or len(plan.headings("batch")) != 1:
        return []
    batch = _codes(plan, plan.headings("batch")[0])
    time = np.stack([_codes(plan, found) for found in plan.headings("time")], axis=1)
    if not _repeats(batch[:, None], time):
        return []
    keys = np.stack([batch, *(_codes(plan, c.heading) for c in candidates)], axis=1)
    return [c.heading for c in candidates] if not _repeats(keys, time) else []


def _codes(plan: BlockPlan, found: Heading) -> NDArray[np.intp]:
    column = plan.block.grid.columns[found.column]
    seen: dict[str, int] = {}
    texts = column.shown_at(plan.block.rows)
    return np.array([seen.setdefault(text, len(seen)) for text in texts], dtype=np.intp)


def _repeats(keys: NDArray[np.intp], time: NDArray[np.intp]) -> bool:
    rows = np.concatenate([keys, time], axis=1)
    return len(np.unique(rows, axis=0)) < len(rows)
