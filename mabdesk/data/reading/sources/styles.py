"""Number formats of a workbook: which styles show a number as percent, and which cells have such a style."""

import functools
import html
import re
import zipfile
from collections.abc import Iterator

from mabdesk.data.places import column_index
from mabdesk.data.reading.sources.archive import pieces

_PART = "xl/styles.xml"
_BUILT_IN = frozenset({9, 10})  # 0% and 0.00%
_TAG = re.compile(rb"<(/?)(?:\w+:)?(numFmt|cellXfs|xf)\b([^>]*)>")
_ID = re.compile(rb"\bnumFmtId\s*=\s*[\"'](\d{1,9})[\"']")
_CODE = re.compile(rb"\bformatCode\s*=\s*(\"[^\"]*\"|'[^']*')")
_PLACE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_NO_NUMBER = re.compile(rb"\bt\s*=\s*[\"'](?:s|str|inlineStr|b|e|d)[\"']")
# What a format writes as it is: "texts", escaped characters, blanks as wide as a character, filling ones, [conditions].
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def percent_styles(name: str, archive: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the cell styles that show 0.985 as 98.5 %; none in most workbooks.

    Raises:
        ReadingError: the part with the styles is damaged or hostile.
    """
    if _PART not in archive.namelist():
        return frozenset()
    formats, styles = set(_BUILT_IN), set()
    inside, number = False, 0
    for piece in pieces(name, archive, _PART, b">"):
        for closing, kind, attributes in _TAG.findall(piece):
            found = _ID.search(attributes)
            if kind == b"cellXfs":
                inside = not closing
            elif kind == b"numFmt" and found and _is_percent(attributes):
                formats.add(int(found[1]))
            elif kind == b"xf" and inside and not closing:
                if found and int(found[1]) in formats:
                    styles.add(number)
                number += 1
    return frozenset(styles)


def _is_percent(attributes: bytes) -> bool:
    code = _CODE.search(attributes)
    text = html.unescape(code[1][1:-1].decode(errors="replace")) if code else ""
    return "%" in _LITERAL.sub("", text).partition(";")[0]


def cells_of_styles(piece: bytes, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Give row and column (from 0) of the number cells of these styles in a piece of a sheet."""
    if not styles:
        return
    for head in _cells_with(styles).findall(piece):
        place = _PLACE.search(head)
        if place is not None and not _NO_NUMBER.search(head):
            yield int(place[2]) - 1, column_index(place[1].decode())


@functools.cache
def _cells_with(styles: frozenset[int]) -> re.Pattern[bytes]:
    """Return what finds the start of a cell of one of these styles that is not blank."""
    numbers = "|".join(str(style) for style in sorted(styles))
    return re.compile(rf"<(?:\w+:)?c(\s(?:[^<>]*\s)?s\s*=\s*[\"'](?:{numbers})[\"'][^<>]*)(?<!/)>".encode())
