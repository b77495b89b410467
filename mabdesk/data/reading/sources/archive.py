"""The limits of an archive that comes from outside: names, sizes, real bytes. Streams; nothing is unpacked to disk."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from mabdesk.errors import ReadingError

MOST_MEMBERS = 2_000
MOST_BYTES = 1024**3
HIGHEST_RATIO = 100
LONGEST_PIECE = 16 * 1024 * 1024
_CHUNK = 4 * 1024 * 1024
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_COPY_AGAIN = "Copy or export it again; if Excel can open it, save it there once more."
_DISTRUST = "Do not open it; ask where it comes from, or export the data again."


def open_archive(name: str, data: bytes) -> zipfile.ZipFile:
    """Open a zip archive and check its list of members.

    Raises:
        ReadingError: it is incomplete, protected, or its members are unsafe or too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ReadingError(f"{name} is incomplete or damaged (no readable zip directory).", _COPY_AGAIN) from error
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ReadingError(
            f"{name} is refused: it has {len(members)} parts, at most {MOST_MEMBERS} are read.", _DISTRUST
        )
    if any(member.flag_bits & 1 for member in members):
        raise ReadingError(f"{name} is protected with a password.", "Remove the password and save it again.")
    for member in members:
        _check_name(name, member)
    if len({member.filename.casefold() for member in members}) < len(members):
        raise ReadingError(f"{name} is refused: two of its parts have the same name.", _DISTRUST)
    _check_sizes(name, members)
    return archive


def pieces(name: str, archive: zipfile.ZipFile, member: str, end: bytes) -> Iterator[bytes]:
    """Give a part's bytes in pieces that stop behind the last `end`, so that nothing is cut within a row.

    Raises:
        ReadingError: the part is damaged, not UTF-8, holds forbidden XML or one row of many megabytes.
    """
    rest, first = b"", True
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                _check_text(name, member, rest[-16:] + chunk, first)
                first = False
                rest += chunk
                cut = rest.rfind(end) + len(end)
                if cut >= len(end):
                    yield rest[:cut]
                    rest = rest[cut:]
                if len(rest) > LONGEST_PIECE:
                    raise ReadingError(f"{name} is refused: {member} has a row or a text of many megabytes.", _DISTRUST)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise ReadingError(f"{name} is incomplete or damaged in its part {member}.", _COPY_AGAIN) from error
    yield rest


def _check_name(name: str, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    symlink = stat.S_ISLNK(member.external_attr >> 16)
    odd = path.is_absolute() or ".." in path.parts or "\\" in member.orig_filename or ":" in member.filename
    if odd or symlink or any(_RESERVED.match(part) for part in path.parts):
        raise ReadingError(f"{name} is refused: unsafe name of a part, {member.orig_filename[:80]!r}.", _DISTRUST)


def _check_sizes(name: str, members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        raise ReadingError(
            f"{name} is refused: it unpacks to {total / 2**20:,.0f} MB, at most {MOST_BYTES // 2**20} MB are read.",
            _DISTRUST,
        )
    for member in members:
        # Sheets may be very regular; anything else that shrinks a hundredfold is a bomb.
        bomb = member.file_size > 1024**2 and member.file_size > HIGHEST_RATIO * max(member.compress_size, 1)
        if bomb and "/worksheets/" not in f"/{member.filename}":
            raise ReadingError(f"{name} is refused: its part {member.filename} is a zip bomb.", _DISTRUST)


def _check_text(name: str, member: str, data: bytes, first: bool) -> None:
    if first and (data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:64]):
        raise ReadingError(f"{name} is refused: its part {member} is not written in UTF-8.", "Save it again in Excel.")
    if b"<!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
        raise ReadingError(
            f"{name} is refused: its part {member} contains forbidden XML (DOCTYPE or ENTITY).", _DISTRUST
        )
