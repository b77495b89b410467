"""Looks through a workbook's XML before any reader does: bounded, streaming; finds what a reader would hide.

A reader turns an error (#DIV/0!) and a formula without a stored value into an empty cell, allocates a dense table up to
a stray cell in the far corner, and takes an entity bomb for an empty sheet. All of that is settled here.
"""

import html
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mabdesk.data.places import column_index, letters
from mabdesk.data.reading.sources.archive import open_archive, pieces
from mabdesk.data.reading.sources.styles import cells_of_styles, percent_styles
from mabdesk.errors import ReadingError

MOST_CELLS = 20_000_000
LONGEST_TEXT = 32_767
_BLOCK = 16_384
_MOST_XML = 8 * 1024 * 1024
# Literal beginnings make these fast; files written in another way (r='A1', a line break before r) take the general one.
_COLUMNS, _ANY_COLUMNS = re.compile(rb' r="([A-Z]{1,3})\d'), re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})\d")
_ROWS, _ANY_ROWS = re.compile(rb'row r="(\d{1,9})"'), re.compile(rb"row\s[^>]*?\br\s*=\s*[\"'](\d{1,9})")
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s>]")
_BLANK_CELL = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?(?:/>|></(?:\w+:)?c>)")
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_REFERENCES = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_HOLDS = re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s>/]")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ERROR_TYPE = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_TEXT_TYPE = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_LONG_TEXT = re.compile(rb">([^<]{%d,})" % (LONGEST_TEXT + 1))
NEVER_CALCULATED = "a formula that was never calculated (open the workbook in Excel, let it calculate, save it)"


@dataclass
class SheetScan:
    """What one sheet holds: extent of its cells and the cells (row, column; from 0) without a usable value.

    `percent` has by column the rows of cells that are shown as percent.
    """

    columns: set[bytes] = field(default_factory=set)
    rows: tuple[int, int] = (2**31, 0)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    percent: dict[int, set[int]] = field(default_factory=dict)


def scan_workbook(name: str, data: bytes) -> Mapping[str, SheetScan]:
    """Check a workbook's parts; return by sheet name the cells that hold an error or a formula without a value.

    Raises:
        ReadingError: the file is damaged, no .xlsx workbook, or hostile.
    """
    with open_archive(name, data) as archive:
        members = set(archive.namelist())
        _refuse_other_kinds(name, members)
        sheets = _sheet_parts(name, archive)
        percent = percent_styles(name, archive)
        found = {}
        for member in sorted(members):
            if member in sheets:
                found[sheets[member]] = _scan_sheet(name, archive, member, sheets[member], percent)
            elif member.endswith((".xml", ".rels", ".vml")):
                for piece in pieces(name, archive, member, b">"):
                    _check_texts(name, member, piece)
    return found


def _refuse_other_kinds(name: str, members: set[str]) -> None:
    if "xl/workbook.xml" in members:
        return
    kinds = (
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
        ("content.xml", "an OpenDocument file"),
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a PowerPoint presentation"),
    )
    what = next((text for part, text in kinds if part in members), "a zip archive without a workbook in it")
    raise ReadingError(f"{name} is {what}, not an Excel workbook (.xlsx).", "Save the table as .xlsx or .csv.")


def _sheet_parts(name: str, archive: zipfile.ZipFile) -> dict[str, str]:
    """Map each sheet's part to the sheet's name."""
    targets = {}
    for relation in _xml(name, archive, "xl/_rels/workbook.xml.rels"):
        target = relation.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        targets[relation.get("Id", "")] = path
    sheets = {}
    for element in _xml(name, archive, "xl/workbook.xml").iter():
        if element.tag.rpartition("}")[2] == "sheet":
            link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            sheets[targets.get(link, link)] = element.get("name", "")
    return sheets


def _xml(name: str, archive: zipfile.ZipFile, member: str) -> Element:
    try:
        if archive.getinfo(member).file_size > _MOST_XML:
            raise ReadingError(f"{name} is refused: its part {member} is far too large.", "Save it again in Excel.")
        text = b"".join(pieces(name, archive, member, b">"))
        root: Element = fromstring(text, forbid_dtd=True)
    except (KeyError, ParseError, DefusedXmlException, ValueError) as error:
        raise ReadingError(
            f"{name} is incomplete or damaged in its part {member}.", "Copy or export it again."
        ) from error
    return root


def _scan_sheet(
    name: str, archive: zipfile.ZipFile, member: str, sheet: str, percent: frozenset[int], blanks: bool = True
) -> SheetScan:
    """Scan one sheet; where blank formatted cells make it too large, once more without them."""
    found = SheetScan()
    unplaced = 0
    for piece in pieces(name, archive, member, b"row>"):
        _check_texts(name, f"sheet {sheet}", piece)
        odd = b'"e"' in piece or b"'e'" in piece
        if not odd and not _HOLDS.search(piece):
            continue  # blank formatted rows, hundreds of thousands of them in some workbooks
        if blanks:
            _note_extent(piece, found)
        else:
            _note_values(piece, found)
        if _extent(found) > MOST_CELLS:
            if blanks:
                return _scan_sheet(name, archive, member, sheet, percent, blanks=False)
            raise _too_large(name, sheet, found)
        if odd or b"<f" in piece or b":f" in piece:
            unplaced += _note_faults(piece, found.faults)
        for row, column in cells_of_styles(piece, percent):
            found.percent.setdefault(column, set()).add(row)
    if unplaced:
        raise ReadingError(
            f"{name}, sheet {sheet}: {unplaced} cells hold errors or formulas that were never calculated.",
            "Open it in Excel, let it calculate, mend the errors, save, and read it again.",
        )
    return found


def _note_extent(piece: bytes, found: SheetScan) -> None:
    usual = piece.count(b'row r="') >= piece.count(b"row>") - 1 and b"r='" not in piece and b"\nr" not in piece
    columns, rows = (_COLUMNS, _ROWS) if usual else (_ANY_COLUMNS, _ANY_ROWS)
    _widen(found, columns.findall(piece), [int(row) for row in rows.findall(piece)])


def _note_values(piece: bytes, found: SheetScan) -> None:
    """Note the extent of the cells that hold something: slower, as each cell is looked at."""
    places = _REFERENCES.findall(_BLANK_CELL.sub(b"", piece))
    _widen(found, [column for column, _ in places], [int(row) for _, row in places])


def _widen(found: SheetScan, columns: list[bytes], rows: list[int]) -> None:
    found.columns.update(columns)
    if rows:
        found.rows = min(*rows, found.rows[0]), max(*rows, found.rows[1])


def _extent(found: SheetScan) -> int:
    """Return how many cells a reader makes room for."""
    indices = [column_index(column.decode()) for column in found.columns]
    return (max(indices) - min(indices) + 1) * (found.rows[1] - found.rows[0] + 1) if indices else 0


def _too_large(name: str, sheet: str, found: SheetScan) -> ReadingError:
    column = max(column_index(column.decode()) for column in found.columns)
    return ReadingError(
        f"{name}, sheet {sheet} reaches to cell {letters(column)}{found.rows[1]}, "
        f"{_extent(found):,} cells in all; at most {MOST_CELLS:,} are read.",
        "Delete the stray cells (or the empty rows and columns) below and to the right of the table, and save it.",
    )


def _check_texts(name: str, part: str, piece: bytes) -> None:
    # A run longer than two blocks fills one of them whole: most pieces are done after one short look a block.
    if all(piece.find(b"<", start, start + _BLOCK) >= 0 for start in range(0, len(piece) - _BLOCK, _BLOCK)):
        return
    for run in _LONG_TEXT.finditer(piece):
        if len(html.unescape(run[1].decode(errors="replace"))) > LONGEST_TEXT:
            raise ReadingError(
                f"{name}, {part} has a text of more than {LONGEST_TEXT:,} characters in one cell.",
                "Shorten or delete that cell, and save the workbook again.",
            )


def _note_faults(piece: bytes, faults: dict[tuple[int, int], str]) -> int:
    """Note cells with errors or formulas without a value; return how many of them name no place."""
    unplaced = 0
    for part in _CELL_START.split(piece)[1:]:
        head, _, body = part.partition(b">")
        fault = _fault(head, body)
        if fault:
            place = _REFERENCE.search(head)
            if place is None:
                unplaced += 1
            else:
                faults[int(place[2]) - 1, column_index(place[1].decode())] = fault
    return unplaced


def _fault(head: bytes, body: bytes) -> str:
    value = _VALUE.search(body)
    if _ERROR_TYPE.search(head):
        return value[1].decode(errors="replace") if value else "#ERROR"
    if _FORMULA.search(body) and value is None and not _TEXT_TYPE.search(head):
        return NEVER_CALCULATED
    return ""
