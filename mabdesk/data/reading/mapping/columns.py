"""Proposes what one column becomes, from its header and the kinds of its cells."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Role, Variable
from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.mapping.plans import ColumnPlan
from mabdesk.data.reading.values.cells import EMPTY, TEXT
from mabdesk.data.reading.values.numbers import looks_like_numbers
from mabdesk.data.units import SAME, conversion, is_absolute
from mabdesk.data.variables import MEASURED, Known, known, recognize, says, slug
from mabdesk.data.words import words
from mabdesk.errors import Problem

Proposal = tuple[ColumnPlan, list[Problem]]
_OFFLINE_WORDS = ("offline", "bga", "bgas", "lab", "external", "nova", "atline")
_SETPOINT: tuple[Role, ...] = ("setpoint",)
_SURE, _LIKELY, _GUESS = 0.98, 0.8, 0.6
_FEW_ROWS = 4


def measured(found: Heading) -> Known | None:
    """Return the measured variable that a header names."""
    return recognize(found.name, "" if found.odd_unit else found.unit, MEASURED)


def filled(block: Block, found: Heading) -> bool:
    """Tell whether a column holds anything."""
    return bool((block.grid.columns[found.column].kind[block.rows] != EMPTY).any())


def measured_column(block: Block, found: Heading) -> Proposal:
    """Propose what a column of a table of measurements becomes."""
    special = _event_column(block, found)
    if special is not None:
        return special, []
    row = measured(found)
    if row is not None:
        return known_column(block, found, row)
    setpoint = recognize(found.name, "" if found.odd_unit else found.unit, _SETPOINT)
    if setpoint is not None and _numeric(block, found):
        plan, problems = known_column(block, found, setpoint)
        return replace(plan, confidence=min(plan.confidence, 0.9)), problems
    misfit = _misfit(block, found, MEASURED) or _unclear(block, found)
    if misfit:
        return ColumnPlan(found, "left", "its unit or its name is not clear", confidence=_GUESS), misfit
    if meanings.tag_name(found) in {"cell_line", "scale"} or not _numeric(block, found):
        return _text_column(found)
    if found.asked:
        return _asked(block, found)
    if found.unit and (not found.odd_unit or set("/%°^") & set(found.unit)):
        return _own_variable(block, found, "setpoint" if says(found.text, "sp", "setpoint") else "offline")
    if meanings.names(found, "vessel"):
        return _text_column(found)
    if says(found.text, "sp", "setpoint"):
        reason = "a record of what was set, under a name that is not known"
    else:
        reason = "neither its name is known nor has it a unit"
    note = Problem(block.where(found), f"column {found.text!r} is not read: {reason}", "warning")
    return ColumnPlan(found, "left", reason, confidence=_LIKELY), [note]


def _event_column(block: Block, found: Heading) -> ColumnPlan | None:
    """Return the plan of a column of events: their kinds, marks of one kind, or remarks."""
    if not _numeric(block, found):
        if meanings.names(found, "event"):
            return ColumnPlan(found, "event", "its header names events", confidence=0.95)
        if meanings.names(found, "remark"):
            return ColumnPlan(found, "remark", "its header names remarks", confidence=0.9)
    kind = meanings.kind_of_event(found.name)
    if meanings.is_event_kind(kind) and not found.unit and _marked(block, found):
        return ColumnPlan(found, "mark", f"marks of the event {kind}", tag=kind, confidence=0.9)
    return None


def _marked(block: Block, found: Heading) -> bool:
    """Tell whether a column holds marks ("x", "yes", 1) and nothing else."""
    column = block.grid.columns[found.column]
    texts = {column.shown(row).casefold() for row in block.rows.tolist() if column.kind[row] != EMPTY}
    return bool(texts) and texts <= set(words("mark")) | {"0", "no", "nein", "non", "false", "-"} and texts != {"0"}


def batch_column(block: Block, found: Heading) -> Proposal:
    """Propose what a column of a table of batches becomes."""
    if meanings.names(found, "start", "date"):
        return ColumnPlan(found, "start", "its header names the start", confidence=0.9), []
    if meanings.names(found, "end"):
        return ColumnPlan(found, "end", "its header names the end", confidence=0.9), []
    tag = meanings.tag_name(found)
    if tag:
        return ColumnPlan(found, "tag", "its header names a tag", tag=tag, confidence=0.95), []
    numbers = _numeric(block, found)
    row = recognize(found.name, "" if found.odd_unit else found.unit, ("setpoint", "target", "quality"))
    if row is not None and (numbers or row.role == "setpoint"):
        return known_column(block, found, row)
    misfit = _misfit(block, found, ("setpoint", "target", "quality")) if numbers else []
    if misfit:
        return ColumnPlan(found, "left", "its unit does not fit", confidence=_GUESS), misfit
    if numbers and found.asked:
        return _asked(block, found)
    outcome = says(found.text, *words("outcome")) or measured(found) is not None
    if numbers and found.unit and not outcome:
        return _own_variable(block, found, "setpoint")
    reason = "text, or a number without a known name and unit"
    plan = ColumnPlan(found, "tag", reason, tag=slug(found.text), confidence=_LIKELY)
    if not (numbers and found.unit):
        return plan, []
    text = f"column {found.text!r} may be a result of the batch: kept as a tag, not as a setpoint"
    return replace(plan, confidence=_GUESS), [Problem(block.where(found), text, "warning")]


def _text_column(found: Heading) -> Proposal:
    # Whether the text is the same for all rows of a batch, and so a tag, is seen once the rows are known by batch.
    name = meanings.tag_name(found)
    return ColumnPlan(found, "tag", "text", tag=name or slug(found.text), confidence=0.95 if name else _LIKELY), []


def known_column(block: Block, found: Heading, row: Known) -> Proposal:
    """Propose a variable of the catalog, with the way from the column's unit to its own."""
    if found.asked:
        return _asked(block, found)
    if found.odd_unit:
        text = (
            f"{found.text!r}: the unit {found.unit!r} is not known; {row.label} can be given in {row.unit or 'no unit'}"
        )
        return ColumnPlan(found, "left", "its unit is not known", confidence=_GUESS), [
            Problem(block.where(found), text)
        ]
    unclear = _unclear(block, found)
    if unclear:
        return ColumnPlan(found, "left", "its name can mean two things", confidence=_GUESS), unclear
    variable = row.variable()
    if row.role == "online" and says(found.text, *_OFFLINE_WORDS):
        variable = offline_twin(variable)
    reason = f"{found.name!r} is a name of {row.label}"
    way = conversion(found.unit, row.unit, row.molar_mass) or SAME
    plan = ColumnPlan(found, "variable", reason, variable, way, confidence=_SURE)
    if found.unit in {"", "-"}:
        told = row.unit in {"", "pH", "%"}
        plan = replace(plan, conversion=SAME, confidence=0.9 if told else 0.75)
        return _set_once(block, plan, _no_unit(block, found, row))
    return _set_once(block, plan, [])


def _asked(block: Block, found: Heading) -> Proposal:
    """Leave a column whose header does not say clearly what unit its values are in."""
    plan = ColumnPlan(found, "left", "its unit is not clear", confidence=_GUESS)
    return plan, [Problem(block.where(found), found.asked)]


def _unclear(block: Block, found: Heading) -> list[Problem]:
    """Ask what "Glu" is, where nothing beside it tells: analyzers mean glutamate, many people glucose."""
    if slug(found.name) != "glu":
        return []
    others = {other.name for one in block.headings if one is not found and (other := measured(one)) is not None}
    if others & {"glucose", "glutamine", "glutamate"}:
        return []
    text = f"{found.text!r} may be glucose or glutamate; write its name in full, or say in a mapping which one it is"
    return [Problem(block.where(found), text)]


def _set_once(block: Block, plan: ColumnPlan, problems: list[Problem]) -> Proposal:
    """Take a sensor's variable that stands in one row of many, as what was set and not what was measured."""
    variable, found = plan.variable, plan.heading
    row = known(variable.name, _SETPOINT) if variable is not None and variable.role == "online" else None
    there = int((block.grid.columns[found.column].kind[block.rows] != EMPTY).sum())
    # Seldom enough to be one a batch, before the batches are counted: in a long table that takes a while.
    seldom = _FEW_ROWS * there <= len(block.rows) and _first_row_filled(block, found)
    batches = max(1, _different(block, "batch")) if row is not None and seldom else 1
    if row is None or not seldom or there > batches or len(block.rows) < _FEW_ROWS * batches:
        return plan, problems
    reason = "stands once a batch, in its first row: a setpoint"
    text = f"column {found.text!r} holds one value a batch, in its first row: read as the setpoint of {row.label}"
    made = replace(plan, variable=row.variable(), reason=reason, confidence=_GUESS)
    return made, [*problems, Problem(block.where(found), text, "warning")]


def _first_row_filled(block: Block, found: Heading) -> bool:
    return bool(len(block.rows)) and block.grid.columns[found.column].kind[block.rows[0]] != EMPTY


def _different(block: Block, word: str) -> int:
    found = next((one for one in block.headings if meanings.names(one, word)), None)
    if found is None:
        return 1
    column = block.grid.columns[found.column]
    numbers = column.number[block.rows]
    texts = set(column.texts_at(block.rows[column.kind[block.rows] == TEXT]))
    return len(texts) + len(np.unique(numbers[np.isfinite(numbers)]))


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
    if is_absolute(found.unit):
        text += (
            "; it counts from vacuum, the other from the pressure of the air: write the values above that of the air"
        )
    return [Problem(block.where(found), text)]


def _own_variable(block: Block, found: Heading, role: Role) -> Proposal:
    variable = Variable(slug(found.name), found.unit, role, label=found.name)
    text = f"{found.text!r} is not a known name: kept as a variable of its own, in {found.unit}"
    plan = ColumnPlan(found, "variable", "a name of its own with a unit", variable, confidence=0.7)
    return plan, [Problem(block.where(found), text, "note")]


def _numeric(block: Block, found: Heading) -> bool:
    return looks_like_numbers(block.grid.columns[found.column], block.rows)
