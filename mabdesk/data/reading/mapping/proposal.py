"""Proposes what a table and its columns become, each with the reason and how sure it is."""

from collections import Counter
from collections.abc import Iterable

from mabdesk.data.mapping import TableKind
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.layout.qualifiers import is_joined
from mabdesk.data.reading.mapping.columns import batch_column, filled, measured, measured_column
from mabdesk.data.reading.mapping.plans import BlockPlan, ColumnPlan
from mabdesk.data.reading.mapping.unit_columns import with_unit_columns
from mabdesk.data.reading.values.cells import EMPTY
from mabdesk.data.words import words
from mabdesk.errors import Problem

_SURE_BATCH = 6  # the first words of the list name nothing else than a batch


def propose(block: Block) -> tuple[BlockPlan | None, list[Problem]]:
    """Propose a mapping of a table; None with the problems when it is no table of ours or lacks times."""
    block, unit_problems = with_unit_columns(block)
    problems = _header_problems(block) + unit_problems
    batch = _batch_heading(block)
    kind = _block_kind(block, batch)
    missing = _missing(block, batch, kind)
    if kind == "none" or missing:
        return None, [*problems, *missing] if missing else missing
    plans = [_plan(block, found, batch, kind) for found in block.headings]
    columns = tuple(plan for plan, _ in plans)
    problems += [problem for _, more in plans for problem in more]
    return BlockPlan(block, kind, columns), problems + twice(block, columns)


def propose_without_time(block: Block) -> tuple[ColumnPlan, ...]:
    """Propose the columns of a table that is refused for want of a time, for the user to name it; () for any other."""
    batch = _batch_heading(block)
    if all(problem.severity != "error" for problem in _missing(block, batch, _block_kind(block, batch))):
        return ()
    return tuple(_plan(block, found, batch, "measurements")[0] for found in block.headings)


def _batch_heading(block: Block) -> Heading | None:
    ranked = [
        (words("batch")[meanings.key(found.name)], found) for found in block.headings if meanings.names(found, "batch")
    ]
    there = [(rank, found) for rank, found in ranked if filled(block, found)] or ranked
    return min(there, key=lambda item: item[0])[1] if there else None


def _block_kind(block: Block, batch: Heading | None) -> TableKind:
    """Tell a table of batches (a row each), of events, and of measurements apart; "none": no table of ours."""
    times = [found for found in block.headings if meanings.is_time(found) and filled(block, found)]
    kinds = any(meanings.names(found, "event") for found in block.headings)
    samples = [found for found in block.headings if measured(found) is not None]
    if times and kinds and not samples:
        return "events"
    if batch is not None and not (times and samples):
        dated = all(meanings.names(found, "date") for found in times)
        if dated and _one_row_each(block, batch):
            return "batches"
    if batch is None and not (times and samples):
        return "none"
    return "measurements" if samples or times else "none"


def _missing(block: Block, batch: Heading | None, kind: TableKind) -> list[Problem]:
    where, headers = block.grid.where(), ", ".join(found.text for found in block.headings[:12])
    if kind == "none" and batch is None:
        return [Problem(where, f"holds no table of batches (headers: {headers}); not read", "note")]
    timed = any(meanings.is_time(found) and filled(block, found) for found in block.headings)
    if kind == "none" or (kind == "measurements" and not timed):
        again = _again(block, batch) if batch is not None else []
        if again:
            return again
        return [Problem(where, f'no time column (headers: {headers}); name it "Time (h)", "Day" or "Date"')]
    return []


def _again(block: Block, batch: Heading) -> list[Problem]:
    """Name the batches that stand twice in what is a table of batches but for them: most have one row."""
    column = block.grid.columns[batch.column]
    rows: dict[str, list[int]] = {}
    for row in block.rows.tolist():
        if column.kind[row] != EMPTY:
            rows.setdefault(column.shown(row), []).append(row)
    twice_there = {text: places for text, places in rows.items() if len(places) > 1}
    if 2 * len(rows) < sum(map(len, rows.values())):
        return []
    return [
        Problem(
            block.where(batch, places[1]),
            f"batch {text} stands twice, here and in {block.where(batch, places[0])}; keep one row, or, if these are "
            'samples, there is no time column: name it "Time (h)", "Day" or "Date"',
        )
        for text, places in twice_there.items()
    ]


def _one_row_each(block: Block, batch: Heading) -> bool:
    column = block.grid.columns[batch.column]
    ids = [column.shown(row) for row in block.rows.tolist() if column.kind[row] != EMPTY]
    return len(ids) == len(set(ids))


def _plan(block: Block, found: Heading, batch: Heading | None, kind: TableKind) -> tuple[ColumnPlan, list[Problem]]:
    if found is batch:
        rank = words("batch").get(meanings.key(found.name), 0)
        return ColumnPlan(
            found, "batch", "its header names the batch", confidence=0.98 if rank < _SURE_BATCH else 0.9
        ), []
    if not filled(block, found):
        note = Problem(block.where(found), f"column {found.text!r} is empty; dropped", "note")
        return ColumnPlan(found, "left", "empty"), [note]
    if is_joined(found):
        return ColumnPlan(found, "left", "its signs are read with the values beside it"), []
    if kind == "batches":
        return batch_column(block, found)
    if meanings.is_time(found):
        return ColumnPlan(found, "time", "its header names the time", confidence=0.95), []
    if kind == "events":
        if meanings.names(found, "event"):
            return ColumnPlan(found, "event", "its header names the event", confidence=0.95), []
        return ColumnPlan(found, "remark", "describes the event", confidence=0.9), []
    return measured_column(block, found)


def _header_problems(block: Block) -> list[Problem]:
    """Name columns without a header and headers that stand twice."""
    nameless = "the column has values but no header; not read"
    problems = [Problem(block.grid.where(block.header_row, c), nameless, "warning") for c in block.unheaded]
    counts = Counter(found.text.casefold() for found in block.headings if filled(block, found))
    again = "stands more than once; rename or delete one of the columns"
    repeated = [found for found in block.headings if counts[found.text.casefold()] > 1]
    return problems + [Problem(block.where(found), f"the header {found.text!r} {again}") for found in repeated]


def twice(block: Block, columns: Iterable[ColumnPlan]) -> list[Problem]:
    """Refuse two columns of one table that would become the same variable."""
    by_name: dict[tuple[str, bool], list[ColumnPlan]] = {}
    for plan in columns:
        if plan.use == "variable" and plan.variable is not None:
            by_name.setdefault((plan.variable.name, plan.variable.role == "setpoint"), []).append(plan)
    problems = []
    for (name, _), plans in by_name.items():
        if len({plan.heading.text.casefold() for plan in plans}) > 1:
            headers = " and ".join(repr(plan.heading.text) for plan in plans)
            problems.append(
                Problem(
                    block.where(plans[1].heading),
                    f"the columns {headers} both read as {name}; rename or delete one of them",
                )
            )
    return problems
