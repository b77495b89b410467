"""What each column of each table becomes: proposed by the reader, confirmed or corrected by the user, kept as TOML.

A table is found again by the fingerprint of its headers, so that the next file of the same layout is read the same way.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from mabdesk.data.batch import Role
from mabdesk.errors import OptionsError, Problem

Use = Literal["batch", "time", "start", "end", "event", "remark", "mark", "variable", "tag", "left"]
Layout = Literal["rows", "transposed", "long", "days across", "batches across", "none"]
BatchFrom = Literal["column", "sheet", "file", "title", "header"]
TableKind = Literal["measurements", "batches", "events", "none"]
VERSION = 1
USES: tuple[Use, ...] = get_args(Use)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
BATCH_FROM: tuple[BatchFrom, ...] = get_args(BatchFrom)
KINDS: tuple[TableKind, ...] = get_args(TableKind)
ROLES: tuple[Role, ...] = get_args(Role)
_HEAD = (
    "# A mabdesk mapping: what each column of each table becomes. A table is found again by its fingerprint.\n"
    "# use: batch, time, start, end, event, remark, mark, variable, tag, left (not read)\n"
    "# role of a variable: online, offline, target, quality, setpoint\n"
    '# layout "none" leaves a table out; several columns with the use batch are joined to one id.\n'
)
_HINT = "Mend the file, or write a new one: mabdesk import PROJECT FILE --dry-run --save-mapping MAPPING.toml"


@dataclass(frozen=True)
class ColumnMapping:
    """What one column becomes.

    `header` is its text in the file, `name` of the variable, the tag or the kind of event (marks), `unit` as the values
    in the file have it, `cell` where the header stands ("C4"), `confidence` 0 to 1 that the proposal is right.
    """

    header: str
    use: Use
    name: str = ""
    unit: str = ""
    role: Role | Literal[""] = ""
    reason: str = ""
    confidence: float = 1.0
    cell: str = ""


@dataclass(frozen=True)
class TableMapping:
    """What one table becomes. `header_row` counts from 1 (of a transposed table: the header's column)."""

    fingerprint: str
    columns: tuple[ColumnMapping, ...]
    file: str = ""
    sheet: str = ""
    layout: Layout = "rows"
    header_row: int = 1
    kind: TableKind = "measurements"
    batch_from: BatchFrom = "column"
    batch: str = ""  # its id, where the whole table is one batch


@dataclass(frozen=True)
class FileMapping:
    """All tables of the files read together.

    `options` are the reading options that differ from their defaults; `units` are units that the user gave, by header
    ("Titer") or by batch and header ("B12: Titer").
    """

    tables: tuple[TableMapping, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def table(self, fingerprint: str) -> TableMapping | None:
        """Return what is known of a table."""
        return next((table for table in self.tables if table.fingerprint == fingerprint), None)

    def only(self, fingerprints: Iterable[str]) -> "FileMapping":
        """Return the same mapping with these tables alone, each once."""
        wanted = dict.fromkeys(fingerprints)
        found = (self.table(fingerprint) for fingerprint in wanted)
        return replace(self, tables=tuple(table for table in found if table is not None))


def fingerprint(layout: str, headers: Sequence[str]) -> str:
    """Return what a table of this layout is known by: its headers in order, without regard to case and blanks."""
    plain = [layout, *(" ".join(header.casefold().split()) for header in headers)]
    return hashlib.sha256("\x1f".join(plain).encode()).hexdigest()[:16]


def to_toml(mapping: FileMapping) -> str:
    """Write a mapping as TOML, the same text for the same mapping."""
    lines = [_HEAD, f"version = {VERSION}"]
    for name, values in (("reading", mapping.options), ("units", mapping.units)):
        if values:
            lines += ["", f"[{name}]", *(f"{_text(key)} = {_plain(value)}" for key, value in values.items())]
    for table in mapping.tables:
        lines += ["", "[[table]]", *_entries(table, "columns")]
        for column in table.columns:
            lines += ["", "[[table.column]]", *_entries(column)]
    return "\n".join(lines) + "\n"


def from_toml(text: str, name: str = "The mapping") -> FileMapping:
    """Read a mapping.

    Raises:
        OptionsError: it is no TOML, of another version, or holds words that mean nothing; every fault at once.
    """
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionsError(f"{name} is not readable as TOML: {error}.", _HINT) from error
    problems: list[Problem] = []
    if plain.get("version") != VERSION:
        problems.append(Problem("version", f"received {plain.get('version')!r}; this mabdesk reads version {VERSION}"))
    unknown = sorted(set(plain) - {"version", "reading", "units", "table"})
    problems += [Problem(key, "is no part of a mapping") for key in unknown]
    tables = []
    for number, given in enumerate(_list(plain, "table", problems), start=1):
        where = f"table {number}"
        columns = [
            _build(ColumnMapping, column, f"{where}, column {place}", problems)
            for place, column in enumerate(_list(given, "column", problems), start=1)
        ]
        rest = {key: value for key, value in given.items() if key != "column"}
        table = _build(TableMapping, {**rest, "columns": ()}, where, problems)
        if table is not None:
            tables.append(replace(table, columns=tuple(column for column in columns if column is not None)))
    units = _texts(plain, "units", problems)
    options = plain.get("reading", {})
    if problems:
        raise OptionsError(f"{name} cannot be used: {len(problems)} problems.", _HINT, problems)
    return FileMapping(tuple(tables), {key: _tupled(value) for key, value in options.items()}, units)


_WORDS: Mapping[str, tuple[str, ...]] = {
    "use": USES,
    "layout": LAYOUTS,
    "batch_from": BATCH_FROM,
    "kind": KINDS,
    "role": (*ROLES, ""),
}


def _build(cls: type[Any], given: Any, where: str, problems: list[Problem]) -> Any:
    if not isinstance(given, dict):
        problems.append(Problem(where, "is no table of entries"))
        return None
    known = {one.name: one for one in fields(cls)}
    before = len(problems)
    for key, value in given.items():
        if key not in known:
            problems.append(Problem(where, f"{key!r} is not known; known are {', '.join(known)}"))
        elif key in _WORDS and value not in _WORDS[key]:
            problems.append(Problem(where, f"{key} = {value!r}: choose from {', '.join(filter(None, _WORDS[key]))}"))
        elif key != "columns" and not isinstance(value, _type_of(key)):
            problems.append(Problem(where, f"{key} = {value!r} is of the wrong kind"))
    missing = [key for key in ("header", "use", "fingerprint") if key in known and key not in given]
    problems += [Problem(where, f"{key!r} is missing") for key in missing]
    return cls(**given) if len(problems) == before else None


def _type_of(key: str) -> tuple[type[Any], ...]:
    return {"header_row": (int,), "confidence": (int, float)}.get(key, (str,))


def _list(plain: Mapping[str, Any], key: str, problems: list[Problem]) -> list[dict[str, Any]]:
    found = plain.get(key, []) if isinstance(plain, dict) else []
    if not isinstance(found, list):
        problems.append(Problem(key, f"write it as [[{key}]]"))
        return []
    return found


def _texts(plain: Mapping[str, Any], key: str, problems: list[Problem]) -> dict[str, str]:
    found = plain.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        problems.append(Problem(key, "holds something else than texts"))
        return {}
    return found


def _entries(value: Any, *left_out: str) -> list[str]:
    shown = [one for one in fields(value) if one.name not in left_out]
    return [
        f"{one.name} = {_plain(getattr(value, one.name))}"
        for one in shown
        if one.default != getattr(value, one.name) or one.name in {"use", "layout", "kind"}
    ]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    return _text(str(value))


def _text(value: str) -> str:
    # JSON's escapes are TOML's too, but for the slash and DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
