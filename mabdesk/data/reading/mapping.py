"""Proposes what each column of a table becomes, with the reason. Looks at headings and kinds of cells, not at values.

This is the seam for the messy world: a saved or hand-corrected mapping only has to give the same `BlockPlan`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mabdesk.data.batch import Role, Variable
from mabdesk.data.mapping import Use
from mabdesk.data.reading import meanings
from mabdesk.data.reading.cells import EMPTY
from mabdesk.data.reading.headings import Heading
from mabdesk.data.reading.numbers import looks_like_numbers
from mabdesk.data.reading.preview import Block
from mabdesk.data.units import SAME, Conversion, conversion
from mabdesk.data.variables import MEASURED, Known, recognize, says, slug
from mabdesk.data.words import words
from mabdesk.errors import Problem

BlockKind = Literal["measurements", "batches", "events"]
_OFFLINE_WORDS = ("offline", "bga", "bgas", "lab", "external", "nova", "atline")


@dataclass(frozen=True)
class ColumnPlan:
    """What one column becomes. A variable's canonical value is the cell's value through `conversion`."""

    heading: Heading
    use: Use
    reason: str = ""
    variable: Variable | None = None
    conversion: Conversion = SAME
    tag: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, eq=False)
class BlockPlan:
    """What a table becomes."""

    block: Block
    kind: BlockKind
    columns: tuple[ColumnPlan, ...]

    def headings(self, use: Use) -> tuple[Heading, ...]:
        """Return the headings of the columns with this use."""
        return tuple(plan.heading for plan in self.columns if plan.use == use)

    def of(self, use: Use) -> tuple[ColumnPlan, ...]:
        """Return the columns with this use."""
        return tuple(plan for plan in self.columns if plan.use == use)


def propose(block: Block) -> tuple[BlockPlan | None, list[Problem]]:
    """Propose a mapping of a table; None with the problems when it has no batch or no time column."""
    problems = _header_problems(block)
    batch = _batch_heading(block)
    kind = _block_kind(block, batch)
    missing = _missing(block, batch, kind)
    if kind is None or batch is None or missing:
        return None, [*problems, *missing]
    plans = [_plan(block, found, batch, kind) for found in block.headings]
    columns = tuple(plan for plan, _ in plans)
    problems += [problem for _, more in plans for problem in more]
    return BlockPlan(block, kind, columns), problems + _twice(block, columns)


def _batch_heading(block: Block) -> Heading | None:
    ranked = [
        (words("batch")[meanings.key(found.name)], found) for found in block.headings if meanings.names(found, "batch")
    ]
    filled = [(rank, found) for rank, found in ranked if _filled(block, found)] or ranked
    return min(filled, key=lambda item: item[0])[1] if filled else None


def _block_kind(block: Block, batch: Heading | None) -> BlockKind | None:
    """Tell a table of batches (a row each), of events, and of measurements apart; None: no table of ours."""
    times = [found for found in block.headings if meanings.is_time(found) and _filled(block, found)]
    kinds = any(meanings.names(found, "event") for found in block.headings)
    measured = [found for found in block.headings if _measured(found) is not None]
    if times and kinds and not measured:
        return "events"
    if batch is not None and not (times and measured):
        dated = all(meanings.names(found, "date") for found in times)
        if dated and _one_row_each(block, batch):
            return "batches"
    if batch is None and not (times and measured):
        return None
    return "measurements" if measured or times else None


def _missing(block: Block, batch: Heading | None, kind: BlockKind | None) -> list[Problem]:
    where, headers = block.grid.where(), ", ".join(found.text for found in block.headings[:12])
    if kind is None and batch is None:
        return [Problem(where, "holds no table of batches; not read", "note")]
    if batch is None:
        return [
            Problem(
                where, f'no batch column (headers: {headers}); name the column that tells the batches apart "Batch"'
            )
        ]
    timed = any(meanings.is_time(found) and _filled(block, found) for found in block.headings)
    if kind is None or (kind == "measurements" and not timed):
        return [Problem(where, f'no time column (headers: {headers}); name it "Time (h)", "Day" or "Date"')]
    return []


def _one_row_each(block: Block, batch: Heading) -> bool:
    column = block.grid.columns[batch.column]
    ids = [column.shown(row) for row in block.rows.tolist() if column.kind[row] != EMPTY]
    return len(ids) == len(set(ids))


def _measured(found: Heading) -> Known | None:
    return recognize(found.name, "" if found.odd_unit else found.unit, MEASURED)


def _filled(block: Block, found: Heading) -> bool:
    return bool((block.grid.columns[found.column].kind[block.rows] != EMPTY).any())


def _plan(block: Block, found: Heading, batch: Heading, kind: BlockKind) -> tuple[ColumnPlan, list[Problem]]:
    if found is batch:
        return ColumnPlan(found, "batch", "its header names the batch"), []
    if not _filled(block, found):
        note = Problem(block.where(found), f"column {found.text!r} is empty; dropped", "note")
        return ColumnPlan(found, "left", "empty"), [note]
    use = _special_use(found, kind)
    if use is not None:
        return ColumnPlan(found, use, f"its header names the {use}"), []
    if kind == "events":
        return ColumnPlan(found, "remark", "describes the event"), []
    return _batch_column(block, found) if kind == "batches" else _measured_column(block, found)


def _special_use(found: Heading, kind: BlockKind) -> Use | None:
    if kind == "batches":
        if meanings.names(found, "start", "date"):
            return "start"
        return "end" if meanings.names(found, "end") else None
    if meanings.is_time(found):
        return "time"
    return "event" if kind == "events" and meanings.names(found, "event") else None


def _measured_column(block: Block, found: Heading) -> tuple[ColumnPlan, list[Problem]]:
    row = _measured(found)
    if row is not None:
        return _known_column(block, found, row)
    misfit = _misfit(block, found, MEASURED)
    if misfit:
        return ColumnPlan(found, "left", "its unit does not fit"), misfit
    if not looks_like_numbers(block.grid.columns[found.column], block.rows):
        return _text_column(found)
    if found.unit and (not found.odd_unit or set("/%°^") & set(found.unit)):
        return _own_variable(block, found, "offline")
    if says(found.text, "sp", "setpoint"):
        reason = "a record of what was set, not of what was measured"
    else:
        reason = "neither its name is known nor has it a unit"
    note = Problem(block.where(found), f"column {found.text!r} is not read: {reason}", "warning")
    return ColumnPlan(found, "left", reason), [note]


def _batch_column(block: Block, found: Heading) -> tuple[ColumnPlan, list[Problem]]:
    tag = meanings.tag_name(found)
    if tag:
        return ColumnPlan(found, "tag", "its header names a tag", tag=tag), []
    numbers = looks_like_numbers(block.grid.columns[found.column], block.rows)
    row = recognize(found.name, "" if found.odd_unit else found.unit, ("setpoint", "target", "quality"))
    if row is not None and (numbers or row.role == "setpoint"):
        return _known_column(block, found, row)
    misfit = _misfit(block, found, ("setpoint", "target", "quality")) if numbers else []
    if misfit:
        return ColumnPlan(found, "left", "its unit does not fit"), misfit
    outcome = says(found.text, *words("outcome")) or _measured(found) is not None
    if numbers and found.unit and not outcome:
        return _own_variable(block, found, "setpoint")
    plan = ColumnPlan(found, "tag", "text, or a number without a known name and unit", tag=slug(found.text))
    if not (numbers and found.unit):
        return plan, []
    text = f"column {found.text!r} may be a result of the batch: kept as a tag, not as a setpoint"
    return plan, [Problem(block.where(found), text, "warning")]


def _text_column(found: Heading) -> tuple[ColumnPlan, list[Problem]]:
    # Whether the text is the same for all rows of a batch, and so a tag, is seen once the rows are known by batch.
    return ColumnPlan(found, "tag", "text", tag=meanings.tag_name(found) or slug(found.text)), []


def _known_column(block: Block, found: Heading, row: Known) -> tuple[ColumnPlan, list[Problem]]:
    if found.odd_unit:
        text = (
            f"{found.text!r}: the unit {found.unit!r} is not known; {row.label} can be given in {row.unit or 'no unit'}"
        )
        return ColumnPlan(found, "left", "its unit is not known"), [Problem(block.where(found), text)]
    variable = row.variable()
    if row.role == "online" and says(found.text, *_OFFLINE_WORDS):
        variable = offline_twin(variable)
    plan = ColumnPlan(found, "variable", f"{found.name!r} is a name of {row.label}", variable)
    if found.unit in {"", "-"}:
        return plan, _no_unit(block, found, row)
    way = conversion(found.unit, row.unit, row.molar_mass) or SAME
    return replace(plan, conversion=way), []


def offline_twin(variable: Variable) -> Variable:
    """Return the offline sibling of a sensor's variable (pH of a blood gas analyzer beside the probe's)."""
    return replace(variable, name=f"{variable.name}_offline", role="offline", label=f"{variable.label} (offline)")


def _no_unit(block: Block, found: Heading, row: Known) -> list[Problem]:
    if row.unit in {"", "pH"}:
        return []
    text = f"{found.text!r} says no unit: read as {row.label} in {row.unit}"
    return [Problem(block.where(found), text, "note" if row.unit == "%" else "warning")]


def _misfit(block: Block, found: Heading, roles: Sequence[Role]) -> list[Problem]:
    row = recognize(found.name, "", roles)
    if row is None or not found.unit or found.odd_unit:
        return []
    text = f"{found.text!r}: {found.unit!r} is no unit of {row.label}, which can be given in {row.unit or 'no unit'}"
    return [Problem(block.where(found), text)]


def _own_variable(block: Block, found: Heading, role: Role) -> tuple[ColumnPlan, list[Problem]]:
    variable = Variable(slug(found.name), found.unit, role, label=found.name)
    text = f"{found.text!r} is not a known name: kept as a variable of its own, in {found.unit}"
    plan = ColumnPlan(found, "variable", "a name of its own with a unit", variable)
    return plan, [Problem(block.where(found), text, "note")]


def _header_problems(block: Block) -> list[Problem]:
    """Name columns without a header and headers that stand twice."""
    nameless = "the column has values but no header; not read"
    problems = [Problem(block.grid.where(block.header_row, c), nameless, "warning") for c in block.unheaded]
    counts = Counter(found.text.casefold() for found in block.headings if _filled(block, found))
    twice = "stands more than once; rename or delete one of the columns"
    repeated = [found for found in block.headings if counts[found.text.casefold()] > 1]
    return problems + [Problem(block.where(found), f"the header {found.text!r} {twice}") for found in repeated]


def _twice(block: Block, columns: Iterable[ColumnPlan]) -> list[Problem]:
    """Refuse two columns of one table that would become the same variable or tag."""
    by_name: dict[str, list[ColumnPlan]] = {}
    for plan in columns:
        if plan.variable is not None:
            by_name.setdefault(plan.variable.name, []).append(plan)
    problems = []
    for name, plans in by_name.items():
        if len({plan.heading.text.casefold() for plan in plans}) > 1:
            headers = " and ".join(repr(plan.heading.text) for plan in plans)
            problems.append(
                Problem(
                    block.where(plans[1].heading),
                    f"the columns {headers} both read as {name}; rename or delete one of them",
                )
            )
    return problems
