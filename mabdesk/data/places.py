"""The places that changes and problems name, as "file, sheet S, cell D7", taken apart again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SPOT = re.compile(r"(?:cell (?P<cell>[A-Z]{1,3}[1-9]\d{0,6})|(?P<whole>row [1-9]\d*|column [A-Z]{1,3}))(?= and |$)")
_AND = " and "
_SHEET = "sheet "


@dataclass(frozen=True)
class Place:
    """A cell ("D7"), a "row 7" or a "column D" of a sheet; `sheet` is "" for a text table, `cell` "" for all of it."""

    file: str
    sheet: str = ""
    cell: str = ""


def split_places(text: str, files: Sequence[str] = ()) -> tuple[Place, ...]:
    """Take a text such as "a.xlsx, sheet S, cell D7 and b.csv, cell C2" apart.

    Names of files and sheets may hold commas and the words "sheet", "cell" and "and": knowing the names of the `files`
    tells them apart. A text that names no place gives none.
    """
    found: list[Place] = []
    known = sorted(files, key=len, reverse=True)
    rest = text
    while rest:
        file = next((name for name in known if rest == name or rest.startswith(f"{name}, ")), None)
        if file is None:
            return (*found, *_of_unknown(rest))
        place, rest = _first(file, rest[len(file) + 2 :], known)
        found.append(place)
    return tuple(found)


def _first(file: str, tail: str, files: Sequence[str]) -> tuple[Place, str]:
    """Return the first place in what stands behind the file's name, and what follows its " and "."""
    for spot in _SPOT.finditer(tail):
        after = tail[spot.end() :]
        before = tail[: spot.start()]
        follows = after.removeprefix(_AND)
        ends = not after or any(follows == name or follows.startswith(f"{name}, ") for name in files)
        if ends and (not before or (before.startswith(_SHEET) and before.endswith(", "))):
            sheet = before.removeprefix(_SHEET).removesuffix(", ")
            return Place(file, sheet, spot["cell"] or spot["whole"]), follows
    return Place(file, tail.removeprefix(_SHEET) if tail.startswith(_SHEET) else ""), ""


def _of_unknown(text: str) -> tuple[Place, ...]:
    """Take apart what names one place in a file that is not among the known ones."""
    spots = [spot for spot in _SPOT.finditer(text) if spot.end() == len(text) and text[: spot.start()].endswith(", ")]
    if not spots:
        return ()
    file, _, sheet = text[: spots[0].start() - 2].partition(f", {_SHEET}")
    return (Place(file, sheet, spots[0]["cell"] or spots[0]["whole"]),)


def letters(column: int) -> str:
    """Name a column as a workbook does: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_index(name: str) -> int:
    """Return the index of a column's letters: A is 0."""
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - 64
    return index - 1
