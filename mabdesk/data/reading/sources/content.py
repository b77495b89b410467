"""What a file really is, by its first bytes; a wrong kind is refused with what it is and how to mend it."""

from pathlib import Path
from typing import Literal

from mabdesk.data.reading.sources.encoding import wide_encoding
from mabdesk.errors import ReadingError

Content = Literal["workbook", "text"]
LARGEST_FILE = 200 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "Open it in Excel and save it as an Excel workbook (.xlsx)."
_FOREIGN = (
    (b"%PDF", "is a PDF document", "Export the table itself as .xlsx or .csv."),
    (b"\x89PNG", "is a picture", "Give the table itself as .xlsx or .csv."),
    (b"\xff\xd8\xff", "is a picture", "Give the table itself as .xlsx or .csv."),
    (b"SQLite format 3\x00", "is a project or another database", "Open a project with `mabdesk show`."),
    (b"\x1f\x8b", "is a compressed archive", "Unpack it and give the workbook inside."),
    (b"7z\xbc\xaf", "is a compressed archive", "Unpack it and give the workbook inside."),
    (b"Rar!", "is a compressed archive", "Unpack it and give the workbook inside."),
    (b"{\\rtf", "is a text document (RTF)", "Export the table itself as .xlsx or .csv."),
    (b"PAR1", "is a Parquet file", "Export the table as .xlsx or .csv."),
    (b"\x89HDF", "is an HDF5 file", "Export the table as .xlsx or .csv."),
)


def load(path: Path) -> bytes:
    """Read a file's bytes.

    Raises:
        ReadingError: it is missing, a folder, too large, or cannot be opened.
    """
    if path.is_dir():
        raise ReadingError(f"{path} is a folder.", "Give the workbook or the text file itself.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ReadingError(*_too_large(str(path), path.stat().st_size))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadingError(f"{path} does not exist.", "Check the folder and the spelling of the name.") from error
    except PermissionError as error:
        raise ReadingError(
            f"{path} may not be read: it is locked or belongs to somebody else.",
            "Close it in other programs, or ask for the right to read it.",
        ) from error
    except OSError as error:
        raise ReadingError(
            f"{path} cannot be read ({error.strerror or error}).", "Copy the file to this computer and try again."
        ) from error


def kind_of(name: str, data: bytes) -> Content:
    """Tell a workbook from a text file by content.

    Raises:
        ReadingError: it is neither, or empty, or protected.
    """
    if len(data) > LARGEST_FILE:
        raise ReadingError(*_too_large(name, len(data)))
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):  # blanks and byte order marks
        raise ReadingError(f"{name} is empty ({len(data)} bytes).", "Export or copy it again.")
    if data.startswith(_OLE):
        raise ReadingError(*_ole(name, data))
    for start, what, hint in _FOREIGN:
        if data.startswith(start):
            raise ReadingError(f"{name} {what}, not a workbook or a text table.", hint)
    if data.startswith(b"PK"):
        return "workbook"
    _refuse_markup_and_binary(name, data)
    return "text"


def _too_large(name: str, size: int) -> tuple[str, str]:
    return (
        f"{name} is too large: {size / 2**20:.0f} MB, the most that is read is {LARGEST_FILE // 2**20} MB.",
        "Split it, or leave out sheets that hold no batch records.",
    )


def _ole(name: str, data: bytes) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        return (
            f"{name} is protected with a password.",
            "Remove the password in Excel (File, Info, Protect) and save it.",
        )
    return f"{name} is a workbook in the old Excel format (.xls) or another old Office file.", _SAVE_AS


def _refuse_markup_and_binary(name: str, data: bytes) -> None:
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        raise ReadingError(f"{name} is an HTML page with a table, not a workbook.", _SAVE_AS)
    if start.startswith(b"<"):
        raise ReadingError(f"{name} is an XML file, not a workbook or a text table.", _SAVE_AS)
    if start.startswith((b"{", b"[")) and name.lower().endswith(".json"):
        raise ReadingError(f"{name} is a JSON file, not a table.", "Export the table as .xlsx or .csv.")
    if b"\x00" in data[:4096] and not wide_encoding(data):
        raise ReadingError(
            f"{name} is neither a workbook nor a text table: it holds binary data.",
            "Give an Excel workbook (.xlsx) or a text table (.csv).",
        )
