"""What is marked in a copy of the user's workbook, and in which color. Light: the window uses the same colors.

All colors are tints of Okabe and Ito's palette, made for color-blind people too; black text is readable on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mabdesk.data.batch import Change
from mabdesk.data.imported import ColumnReading

# What happened to a value: name -> (color, what it means); the gravest first, which colors a cell with several changes.
CHANGE_COLORS: Mapping[str, tuple[str, str]] = {
    "dropped": ("#EEBF99", "taken as not measured, removed or left out"),
    "censored": ("#BBE1F6", "below or above what can be measured, or marked as not measured"),
    "duplicate": ("#E9C7DA", "given more than once"),
    "suspicious": ("#F9F4B4", "suspicious, kept as it is"),
    "filled": ("#99C7E0", "a gap that was filled; the first of the values"),
    "converted": ("#99D8C7", "converted: the first of the column's values as an example"),
    "other": ("#D6D3D1", "another change"),
}
# What a column became: name -> (color, what it means).
COLUMN_COLORS: Mapping[str, tuple[str, str]] = {
    "batch": ("#8CC0DD", "batch id"),
    "time": ("#C7E6F8", "time, or start of the batch"),
    "setpoint": ("#E6BCD3", "setpoint"),
    "online": ("#8CD3BF", "online variable"),
    "offline": ("#F7F1A1", "offline variable"),
    "target": ("#ECB48A", "target"),
    "quality": ("#F7DBA0", "quality attribute"),
    "event": ("#C4C0BD", "events and remarks"),
    "tag": ("#DEDBD8", "property of the batch"),
    "left": ("#F1F0EE", "left out"),
}
_USES = {"start": "time", "end": "time", "remark": "event", "mark": "event"}
_WORDS = (  # what a rule's words say; the first that fits counts
    ("duplicate", ("duplicate", "repeat", "overlap")),
    ("converted", ("convert", "decimal comma", "thousands mark", "kept as text", "percent", "scale", "time zone")),
    ("suspicious", ("suspicious",)),
    ("filled", ("gap", "interpolated", "filled")),
    ("censored", ("censored", "marked as not measured", "detection", "quantitation", "below", "above")),
    ("dropped", ("not measured", "removed", "left out", "dropped", "excluded", "outside", "before inoculation")),
)


@dataclass(frozen=True, eq=False)
class Marking:
    """What a copy of one file has to show: what became of its columns and values in the result of this id.

    `files` are the names of all files of the result, by which the cells that changes name are taken apart.
    """

    file: str
    sha256: str
    result: str
    changes: tuple[Change, ...]
    columns: tuple[ColumnReading, ...]
    files: tuple[str, ...]
    simulated: bool = False


def change_kind(rule: str) -> str:
    """Return the kind of a change by its rule: a key of CHANGE_COLORS."""
    said = rule.casefold()
    return next((kind for kind, words in _WORDS if any(word in said for word in words)), "other")


def column_kind(column: ColumnReading) -> str:
    """Return what a column became: a key of COLUMN_COLORS."""
    if column.use == "variable":
        return column.role or "left"
    use = _USES.get(column.use, column.use)
    return use if use in COLUMN_COLORS else "left"
