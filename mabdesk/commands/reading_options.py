"""With which options a dataset was read, beside the ones that are given now: the same, or joined."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from mabdesk.commands.running import complete_options
from mabdesk.data.imported import Reading
from mabdesk.data.mapping import FileMapping, from_toml, to_toml
from mabdesk.data.settings import ReadingOptions
from mabdesk.options import to_plain
from mabdesk.project.results import Result, ResultInfo
from mabdesk.steps import STEPS

_STEP, _MAPPING = STEPS["import"], "mapping"


def same_options(known: Result, options: Mapping[str, Any]) -> bool:
    """Tell whether a dataset was read with these options; no mapping given fits the one that it was read with."""
    was, now = complete_options(_STEP, _readable(known)), complete_options(_STEP, options)
    mappings = was.pop(_MAPPING, ""), now.pop(_MAPPING, "")
    return was == now and _same_mapping(known.value, *mappings)


def joined(known: ResultInfo, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a dataset, with those that the user chose (that differ from their defaults) over them.

    Of two mappings both hold, the newer one where they tell of the same table.
    """
    usual = to_plain(ReadingOptions())
    was = _readable(known)
    chosen = {name: value for name, value in options.items() if usual.get(name) != value}
    return {**was, **chosen, _MAPPING: _joined(was.get(_MAPPING, ""), chosen.get(_MAPPING, ""))}


def _readable(info: ResultInfo) -> dict[str, Any]:
    """Return the options of a result that the reader knows today."""
    known = {field.name for field in fields(ReadingOptions)}
    return {name: value for name, value in info.options.items() if name in known}


def _same_mapping(reading: Reading, was: str, now: str) -> bool:
    return not now or now == was or _meaning(now) in {_meaning(text) for text in (was, reading.mapping) if text}


def _meaning(text: str) -> str:
    """Return a mapping without what only tells how it came about."""
    mapping = from_toml(text)
    tables = [
        replace(table, file="", columns=tuple(replace(c, reason="", confidence=1.0, cell="") for c in table.columns))
        for table in mapping.tables
    ]
    return to_toml(replace(mapping, tables=tuple(sorted(tables, key=lambda table: table.fingerprint))))


def _joined(was: str, now: str) -> str:
    if not (was and now):
        return was or now
    old, new = from_toml(was), from_toml(now)
    others = tuple(table for table in old.tables if new.table(table.fingerprint) is None)
    return to_toml(FileMapping((*new.tables, *others), {**old.options, **new.options}, {**old.units, **new.units}))
