"""What the user corrects of a proposed mapping: each correction gives a new mapping. No Qt here."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from mabdesk.data.batch import Role
from mabdesk.data.mapping import ColumnMapping, FileMapping, TableMapping, Use
from mabdesk.data.variables import Known, catalog, fits, recognize, slug

CHOSEN, CONFIRMED = "chosen by the user", "confirmed by the user"
DOUBTFUL = 0.8  # a proposal less sure than this is marked
SETPOINT: Final = "setpoint"
TYPED: Final = "title"  # a batch id that the user types takes the place of a title's
BECOMES: Mapping[str, str] = {
    "batch": "Batch id", "time": "Time", "variable": "Variable", SETPOINT: "Setpoint", "tag": "Tag", "event": "Event",
    "remark": "Remark", "mark": "Event mark", "start": "Start", "end": "End", "left": "Not read",
}  # fmt: skip
LAYOUT_WORDS: Mapping[str, str] = {
    "rows": "A row a time",
    "transposed": "A column a time",
    "long": "A row a value",
    "days across": "Days side by side",
    "batches across": "Batches side by side",
    "none": "Not read",
}
BATCH_WORDS: Mapping[str, str] = {
    "column": "A column",
    "sheet": "The sheet's name",
    "file": "The file's name",
    "title": "A title, or typed here",
    "header": "The headers",
}
_MEASURED: tuple[Role, ...] = ("online", "offline", "target", "quality")
_TIMES = ("h", "d", "min", "s")
_MORE_UNITS = (
    "mg/L", "mg/dL", "µg/mL", "mmol/L", "µM", "cells/mL", "1e5/mL", "1e6/L", "°F", "K", "fraction", "mL", "L", "mL/min",
    "L/h", "L/d", "mL/d", "g/L/d", "1/h", "bar", "kPa", "psi", "g", "kg", "h", "d", "min",
)  # fmt: skip


def becomes(column: ColumnMapping) -> str:
    """Return the key of BECOMES: a variable with the role of a setpoint is called one."""
    return SETPOINT if column.use == "variable" and column.role == SETPOINT else column.use


def doubtful(column: ColumnMapping) -> bool:
    """Whether the proposal should be looked at."""
    return column.use != "left" and column.confidence < DOUBTFUL


def change_column(mapping: FileMapping, table: int, column: int, **values: Any) -> FileMapping:
    """Change a column of a table, and of every table with the same headers."""
    of_layout = mapping.tables[table].fingerprint

    def changed(one: TableMapping) -> TableMapping:
        if one.fingerprint != of_layout or column >= len(one.columns):
            return one
        new = replace(one.columns[column], **{"confidence": 1.0, "reason": CHOSEN, **values})
        return replace(one, columns=(*one.columns[:column], new, *one.columns[column + 1 :]))

    return replace(mapping, tables=tuple(map(changed, mapping.tables)))


def confirm(mapping: FileMapping, table: int, column: int) -> FileMapping:
    """Say that a proposal is right."""
    return change_column(mapping, table, column, reason=CONFIRMED)


def become(mapping: FileMapping, table: int, column: int, key: str) -> FileMapping:
    """Let a column become something else (a key of BECOMES); name, unit and role follow where they must."""
    before = mapping.tables[table].columns[column]
    if key == SETPOINT or key == "variable":
        roles: tuple[Role, ...] = (SETPOINT,) if key == SETPOINT else _MEASURED
        found = recognize(before.header, before.unit, roles)
        role: Role = SETPOINT if key == SETPOINT else found.role if found else "offline"
        name = found.name if found else before.name or slug(before.header)
        return change_column(mapping, table, column, use="variable", role=role, name=name)
    use: Use = key  # type: ignore[assignment]
    name = before.header if key in {"tag", "mark"} else ""
    return change_column(mapping, table, column, use=use, role="", name=name)


def name_variable(mapping: FileMapping, table: int, column: int, text: str) -> FileMapping:
    """Let a column be the catalog's variable of this label or name, else a variable of the user's own."""
    before = mapping.tables[table].columns[column]
    if before.use != "variable":
        return change_column(mapping, table, column, name=text.strip())
    found = labeled(text, before.role == SETPOINT)
    role = found.role if found else before.role or "offline"
    return change_column(mapping, table, column, name=found.name if found else slug(text), role=role)


def change_table(mapping: FileMapping, table: int, **values: Any) -> FileMapping:
    """Change a table, and every one with the same headers; a batch's id is the table's own."""
    of_layout = mapping.tables[table].fingerprint
    shared = {key: value for key, value in values.items() if key != "batch"}
    tables = [replace(one, **shared) if one.fingerprint == of_layout else one for one in mapping.tables]
    tables[table] = replace(tables[table], **values)
    return replace(mapping, tables=tuple(tables))


def answered(shown: FileMapping, touched: Iterable[str], found: FileMapping) -> FileMapping:
    """Return what the reader answered; of it what it cannot say stays: typed batch ids, tables that it has not."""
    before = {fingerprint: shown.table(fingerprint) for fingerprint in touched}
    prints = [table.fingerprint for table in found.tables]
    typed = {fp: one for fp, one in before.items() if one and one.batch_from == TYPED and prints.count(fp) == 1}
    tables = [
        replace(table, batch_from=TYPED, batch=typed[table.fingerprint].batch) if table.fingerprint in typed else table
        for table in found.tables
    ]
    gone = [table for fingerprint, table in before.items() if table and fingerprint not in prints]
    return replace(shown, tables=(*tables, *gone))


@functools.cache
def offered(setpoint: bool) -> tuple[Known, ...]:
    """Return the catalog's variables of a kind, in its order."""
    return tuple(row for row in catalog() if (row.role == SETPOINT) == setpoint)


def labeled(text: str, setpoint: bool) -> Known | None:
    """Return the catalog's variable of this label or name."""
    plain = " ".join(text.casefold().split())
    return next((row for row in offered(setpoint) if plain in {row.label.casefold(), row.name}), None)


def label_of(column: ColumnMapping) -> str:
    """Say a column's variable as the catalog does; else its own name."""
    rows = offered(column.role == SETPOINT) if column.use == "variable" else ()
    return next((row.label for row in rows if row.name == column.name), column.name)


def units_for(column: ColumnMapping) -> tuple[str, ...]:
    """Return units that a column's values can have, the catalog's own first."""
    if column.use == "time":
        return _TIMES
    if column.use != "variable":
        return ()
    found = labeled(column.name, column.role == SETPOINT)
    every = tuple(dict.fromkeys((*(row.unit for row in catalog() if row.unit), *_MORE_UNITS)))
    return tuple(dict.fromkeys((found.unit, *(unit for unit in every if fits(found, unit))))) if found else every


def told(mapping: FileMapping, touched: Iterable[str], options: Mapping[str, Any]) -> FileMapping:
    """Return what is told to the reader: the tables of these fingerprints; the rest it proposes itself."""
    return replace(mapping.only(touched), options=dict(options))
