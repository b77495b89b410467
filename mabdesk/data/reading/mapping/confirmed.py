"""Applies what the user confirmed or corrected to what is proposed, and writes down what came of it."""

import difflib
from collections.abc import Sequence
from dataclasses import replace

from mabdesk.data.batch import Role, Variable
from mabdesk.data.mapping import ColumnMapping, FileMapping, TableMapping
from mabdesk.data.reading.headers.header_units import contradicting
from mabdesk.data.reading.headers.headings import Heading, is_time_unit
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.layout.find import shown_header_row
from mabdesk.data.reading.mapping.columns import offline_twin
from mabdesk.data.reading.mapping.plans import BlockPlan, ColumnPlan
from mabdesk.data.reading.mapping.proposal import propose, twice
from mabdesk.data.reading.mapping.surplus import surplus_numbers
from mabdesk.data.reading.mapping.unit_columns import with_unit_columns
from mabdesk.data.units import SAME, Conversion, conversion, is_unit
from mabdesk.data.variables import MEASURED, catalog, known, slug
from mabdesk.errors import Problem

CHOSEN = "chosen by the user"


def plan_of(block: Block, mapping: FileMapping) -> tuple[BlockPlan | None, list[Problem]]:
    """Plan a table: as it is confirmed in `mapping`, what that does not tell as it is proposed."""
    told = mapping.table(block.fingerprint)
    if told is not None and told.layout == "none":
        return None, [Problem(block.grid.where(), "is left out, as chosen", "note")]
    block = _with_units(block, mapping)
    plan, problems = propose(block)
    if told is not None:
        plan, problems = _as_told(block, told, plan, problems)
    if plan is not None:
        plan, more = _with_batch_units(plan, mapping)
        asked = [Problem(block.where(found), found.asked) for found in plan.headings("time") if found.asked]
        problems = [*problems, *more, *asked, *surplus_numbers(block)]
    return plan, problems


def _with_units(block: Block, mapping: FileMapping) -> Block:
    """Take the units that the user gave by header; the header's own count no more."""
    given = {_plain(header): unit for header, unit in mapping.units.items()}
    if not any(_plain(found.text) in given or _plain(found.name) in given for found in block.headings):
        return block
    headings = [
        replace(found, unit=unit, odd_unit=not is_unit(unit), asked="", chosen=True)
        if (unit := given.get(_plain(found.text), given.get(_plain(found.name), "")))
        else found
        for found in block.headings
    ]
    return replace(block, headings=tuple(headings))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _as_told(
    block: Block, told: TableMapping, plan: BlockPlan | None, problems: list[Problem]
) -> tuple[BlockPlan | None, list[Problem]]:
    if told.batch or told.batch_from in {"sheet", "file"}:
        block = replace(block, batch=told.batch or block.batch, batch_from=told.batch_from)
        if told.batch_from in {"sheet", "file"}:
            block = replace(block, batch="")
    measured, units = with_unit_columns(block)
    beside = {id(old): new.unit for old, new in zip(block.headings, measured.headings, strict=True)}
    proposed = {c.heading.column: c for c in plan.columns} if plan is not None else {}
    by_text: dict[str, list[ColumnMapping]] = {}
    for column in told.columns:
        by_text.setdefault(_plain(column.header), []).append(column)
    columns, faults = [], []
    for found in block.headings:
        waiting = by_text.get(_plain(found.text), [])
        if waiting:
            own = waiting.pop(0)
            made, fault = _column(block, found, own, proposed.get(found.column))
            columns.append(made)
            faults += fault or _beside(block, found, own, beside[id(found)])
        else:
            columns.append(proposed.get(found.column) or ColumnPlan(found, "left", "new in this file, and not known"))
    faults += _not_there(block, [one for waiting in by_text.values() for one in waiting])
    kind = told.kind if told.kind != "none" else (plan.kind if plan is not None else "measurements")
    made_plan = BlockPlan(block, kind, tuple(columns), remembered=True)
    about = {
        block.where(c.heading) for c in columns if any(_plain(c.heading.text) == _plain(t.header) for t in told.columns)
    }
    kept = [p for p in problems if p.where not in about and (plan is not None or p.severity != "error")]
    kept += [p for p in units if p not in kept]
    again = twice(block, columns)
    return made_plan, [*kept, *faults, *[p for p in again if p not in kept], *_no_time(made_plan)]


def _beside(block: Block, found: Heading, told: ColumnMapping, unit: str) -> list[Problem]:
    """Refuse a unit that was confirmed once where the column of units beside the values has another one now."""
    if told.use != "variable" or found.unit or found.chosen or not contradicting(told.unit, unit):
        return []
    text = f"{found.text!r} was confirmed in {told.unit}, and the column of units beside it says {unit}"
    say = f'; choose the unit, as in --unit "{found.name}={unit}"'
    return [Problem(block.where(found), text + say)]


def _not_there(block: Block, told: Sequence[ColumnMapping]) -> list[Problem]:
    """Refuse what the mapping says of columns that the table does not have; in long form they come and go."""
    if block.told or (block.known_by and block.known_by != tuple(found.text for found in block.headings)):
        return []
    known = {_plain(found.text): found.text for found in block.headings}
    problems = []
    for one in told:
        again = _plain(one.header) in known
        near = difflib.get_close_matches(_plain(one.header), known, 3, 0.4) or list(known)[:5]
        has = ", ".join(repr(known[name]) for name in near)
        text = f"the mapping names the column {one.header!r} " + (
            "twice; keep one of the entries" if again else f"that this table does not have; it has {has}"
        )
        problems.append(Problem(block.grid.where(), text))
    return problems


def _no_time(plan: BlockPlan) -> list[Problem]:
    if plan.kind == "batches" or plan.headings("time"):
        return []
    return [Problem(plan.block.grid.where(), "no column is chosen to be the time of this table")]


def _column(
    block: Block, found: Heading, told: ColumnMapping, proposed: ColumnPlan | None
) -> tuple[ColumnPlan, list[Problem]]:
    if proposed is None or _corrected(told, proposed):
        base = ColumnPlan(found, told.use, CHOSEN)
    else:
        base = ColumnPlan(found, told.use, told.reason or proposed.reason, confidence=told.confidence)
    if told.use in {"tag", "mark"}:
        return replace(base, tag=told.name or (proposed.tag if proposed else "") or slug(found.text)), []
    if told.use == "time" and told.unit and told.unit != found.unit:
        if not is_time_unit(told.unit):
            return base, [
                Problem(block.where(found), f"{found.text!r}: {told.unit!r} is no unit of time; write h or d")
            ]
        return replace(base, heading=replace(found, unit=told.unit, odd_unit=False, asked="")), []
    if told.use != "variable":
        return base, []
    unit = told.unit or found.unit
    heading = replace(found, unit=unit, odd_unit=bool(unit) and not is_unit(unit), asked="")
    variable, molar_mass = _variable(told, heading, proposed)
    way = SAME if unit in {"", "-"} else conversion(unit, variable.unit, molar_mass)
    if way is None:
        name, own = variable.label or variable.name, variable.unit or "no unit"
        text = f"{found.text!r}: {unit!r} is no unit of {name}, which is in {own}"
        return replace(base, use="left"), [Problem(block.where(found), text)]
    return replace(base, heading=heading, variable=variable, conversion=way), _maybe_misspelt(
        block, found, told, proposed
    )


def _corrected(told: ColumnMapping, proposed: ColumnPlan) -> bool:
    """Tell whether a user's entry says something else than what is proposed."""
    own = proposed.variable if proposed.use == "variable" else None
    name = own.name if own is not None else proposed.tag
    as_proposed = told.use == proposed.use and told.name in {"", name} and told.unit in {"", proposed.heading.unit}
    return not as_proposed or (own is not None and told.role not in {"", own.role})


def _maybe_misspelt(block: Block, found: Heading, told: ColumnMapping, proposed: ColumnPlan | None) -> list[Problem]:
    """Warn of a variable's name that is in no catalog but looks like one of it."""
    own = proposed.variable if proposed is not None else None
    names = [row.name for row in catalog()]
    if not told.name or slug(told.name) in names or (own is not None and own.name == slug(told.name)):
        return []
    near = difflib.get_close_matches(slug(told.name), names, 1, 0.8)
    if not near:
        return []
    text = f"{told.name!r} is a variable of its own and not {near[0]!r}, which it looks like; check the name"
    return [Problem(block.where(found), text, "warning")]


def _variable(told: ColumnMapping, found: Heading, proposed: ColumnPlan | None) -> tuple[Variable, float | None]:
    own = proposed.variable if proposed is not None else None
    name = slug(told.name) if told.name else (own.name if own is not None else slug(found.name))
    roles: tuple[Role, ...] = ("setpoint",) if told.role == "setpoint" else MEASURED
    row = known(name, roles)
    if row is not None:
        variable = row.variable()
        return (replace(variable, role=told.role) if told.role else variable), row.molar_mass
    twin = known(name.removesuffix("_offline"), MEASURED) if name.endswith("_offline") else None
    if twin is not None:
        return offline_twin(twin.variable()), twin.molar_mass
    if own is not None and own.name == name:
        return (replace(own, role=told.role) if told.role else own), None
    return Variable(name, found.unit, told.role or "offline", label=found.name), None


def _with_batch_units(plan: BlockPlan, mapping: FileMapping) -> tuple[BlockPlan, list[Problem]]:
    """Give single batches the unit that the user said for them ("B12: Titer")."""
    given = {pair: unit for key, unit in mapping.units.items() for pair in batch_and_header(key)}
    columns, problems = [], []
    for column in plan.columns:
        ways: dict[str, Conversion] = {}
        for (batch, header), unit in given.items():
            if column.variable is None or header not in names_of(column):
                continue
            row = known(column.variable.name)
            way = conversion(unit, column.variable.unit, row.molar_mass if row else None)
            if way is None:
                text = f"{unit!r}, given for batch {batch}, is no unit of {column.variable.label}"
                problems.append(Problem(plan.block.where(column.heading), text))
            else:
                ways[batch] = way
        columns.append(replace(column, by_batch=ways) if ways else column)
    return replace(plan, columns=tuple(columns)), problems


def batch_and_header(key: str) -> list[tuple[str, str]]:
    """Return how "B12: Titer" can be parted into a batch and a header in plain form: ids may hold colons as well."""
    places = [place for place, letter in enumerate(key) if letter == ":"]
    return [(key[:place].strip(), _plain(key[place + 1 :])) for place in reversed(places)]


def names_of(column: ColumnPlan) -> set[str]:
    """Return the texts, in plain form, by which a user may name a column."""
    own = column.variable
    names = {column.heading.text, column.heading.name}
    return {_plain(name) for name in names | ({own.name, own.label} if own is not None else set())}


def written(
    plans: Sequence[BlockPlan], left: Sequence[Block], options: dict[str, object], mapping: FileMapping
) -> FileMapping:
    """Return the mapping that says all that the plans do."""
    tables = [table_mapping(plan) for plan in plans]
    tables += [left_out(block) for block in left]
    return FileMapping(tuple(tables), options, mapping.units)


def table_mapping(plan: BlockPlan) -> TableMapping:
    """Return what a plan says, as a user reads and corrects it."""
    block = plan.block
    return TableMapping(
        block.fingerprint, tuple(_column_mapping(block, column) for column in plan.columns), block.grid.file,
        block.grid.sheet, block.layout, shown_header_row(block), plan.kind, block.batch_from,
    )  # fmt: skip


def left_out(block: Block) -> TableMapping:
    """Return the mapping of a table that is not read."""
    columns = tuple(
        _column_mapping(block, ColumnPlan(found, "left", "the table is not read")) for found in block.headings
    )
    return TableMapping(
        block.fingerprint, columns, block.grid.file, block.grid.sheet, "none", shown_header_row(block), "none"
    )


def _column_mapping(block: Block, column: ColumnPlan) -> ColumnMapping:
    variable = column.variable if column.use == "variable" else None
    name = variable.name if variable is not None else column.tag
    cell = block.where(column.heading).rpartition("cell ")[2]
    return ColumnMapping(
        column.heading.text, column.use, name, column.heading.unit, variable.role if variable is not None else "",
        column.reason, column.confidence, cell,
    )  # fmt: skip
