"""A workbook goes to disk whole or not at all, and the same content gives the same bytes."""

import contextlib
import datetime as dt
import io
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from mabdesk.errors import OptionsError

_STAMP = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a workbook's own times know no zone
SUFFIX = ".xlsx"


class _SteadyZip(zipfile.ZipFile):
    """A zip file whose members carry no clock time."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(_member(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(_member(str(arcname)), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def save(path: Path, make: Callable[[], Workbook]) -> Path:
    """Make a workbook, write it beside `path`, and put it in its place; nothing is left behind on a fault.

    The place is looked at before the work, so that an impossible path costs no time. The part beside it lives for an
    instant only: whoever ends the process while the workbook is made leaves nothing in the folder.

    Raises:
        OptionsError: the name has another ending, the folder is missing, or it or the file cannot be written.
    """
    _check(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        data = packed(make())
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise OptionsError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Close it in Excel if it is open there, or choose a folder with space where you may write.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def packed(book: Workbook) -> bytes:
    """Return a workbook's bytes, free of the time at which it was packed."""
    book.properties.created = book.properties.modified = _STAMP
    stream = io.BytesIO()
    with _SteadyZip(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).write_data()
    return stream.getvalue()


def _check(path: Path) -> None:
    if path.suffix.lower() != SUFFIX:
        raise OptionsError(f"Received {path.name!r} as the name of a workbook.", f"Let it end in {SUFFIX}.")
    if path.is_dir():
        raise OptionsError(f"{path} is a folder.", f"Give the name of a file that ends in {SUFFIX}.")
    if not path.parent.is_dir():
        raise OptionsError(f"The folder {path.parent} does not exist.", "Make it first, or choose another one.")
    if not os.access(path.parent, os.W_OK):
        raise OptionsError(f"The folder {path.parent} cannot be written to.", "Choose a folder where you may write.")
