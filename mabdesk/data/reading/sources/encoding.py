"""The characters of a text file: found out from its bytes, given as UTF-8."""

import codecs
import re
import unicodedata

from mabdesk.errors import Problem, ReadingError

_LOOKED_AT = 4096
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ACCENT = re.compile(rb"\xcc[\x80-\xbf]|\xcd[\x80-\xaf]")
_BEYOND_ASCII = bytes(range(128, 256))
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def wide_encoding(data: bytes) -> str:
    """Name the encoding of a text of two bytes a character (with or without a byte order mark), "" for other files."""
    if data.startswith(_WIDE_MARKS):
        return "utf-16"
    head = data[:_LOOKED_AT]
    first, second = head[0::2].count(0), head[1::2].count(0)
    many, few = len(head) // 8, len(head) // 100
    if second > many and first <= few:
        return _proved(head, "utf-16-le")
    return _proved(head, "utf-16-be") if first > many and second <= few else ""


def _proved(head: bytes, encoding: str) -> str:
    """Give the encoding back where it makes text of the bytes: numbers of two bytes have zeros as well."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    return encoding if text.translate(dict.fromkeys(map(ord, "\r\n\t"))).isprintable() else ""


def as_utf8(name: str, data: bytes) -> tuple[bytes, list[Problem]]:
    """Return a text file's bytes in UTF-8 without a byte order mark.

    Raises:
        ReadingError: the file is cut off, or holds bytes that no text has.
    """
    wide, problems = wide_encoding(data), []
    if wide:
        data = _narrowed(name, data, wide)
    elif not data.isascii():
        marked, data = data.startswith(codecs.BOM_UTF8), data.removeprefix(codecs.BOM_UTF8)
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if marked or _is_mostly_utf8(data):
                raise _odd_byte(name, data, error.start) from error
            data = data.decode("cp1252", errors="replace").encode()
            note = "is not UTF-8; read as Western European text (Windows-1252)"
            problems = [Problem(name, note, "note")]
    hole = data.find(b"\x00")
    if hole >= 0:
        line = data.count(b"\n", 0, hole) + 1
        raise ReadingError(f"{name} holds binary data in line {line}: it is damaged.", "Copy or export it again.")
    if _ACCENT.search(data):
        data = unicodedata.normalize("NFC", data.decode()).encode()
        problems.append(Problem(name, "writes letters and their accents apart (NFD); joined (NFC)", "note"))
    return data, problems


def _is_mostly_utf8(data: bytes) -> bool:
    """Tell whether most letters beyond ASCII are UTF-8: of Western European texts hardly any are, by chance."""
    rest, good = _SEQUENCE.subn(b"", data)
    bad = len(rest) - len(rest.translate(None, _BEYOND_ASCII))
    return good >= bad


def _odd_byte(name: str, data: bytes, place: int) -> ReadingError:
    line = data.count(b"\n", 0, place) + 1
    start = data.rfind(b"\n", 0, place) + 1
    before = data[max(start, place - 12) : place].decode(errors="replace")
    return ReadingError(
        f"{name} is UTF-8, but line {line} holds a byte that is none, 0x{data[place]:02X} (behind {before!r}).",
        "Write that letter again and save the file as UTF-8; parts of two files may have been joined.",
    )


def _narrowed(name: str, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise ReadingError(f"{name} is cut off in the middle of a character.", "Copy or export it again.") from error
