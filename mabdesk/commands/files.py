"""Files that the user names: read whole, written whole or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

from mabdesk.errors import ProjectError, ReadingError
from mabdesk.project.project import create

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".txt", ".tsv"})
MOST_FILES = 500
_SQLITE = b"SQLite format 3\0"


def tables_of(paths: Sequence[Path]) -> list[Path]:
    """Put the tables that lie in a folder, or in folders of it, in its place; an unreadable folder stays as it is.

    Raises:
        ReadingError: a folder holds more than 500 tables.
    """
    return [file for path in paths for file in (_tables(path) if path.is_dir() else (path,))]


def _tables(folder: Path) -> Sequence[Path]:
    try:
        found = sorted(path for path in folder.rglob("*") if _is_table(path))
    except OSError:
        return (folder,)
    if len(found) > MOST_FILES:
        raise ReadingError(
            f"{folder} holds {len(found):,} tables; at most {MOST_FILES} are read together.", "Name a smaller folder."
        )
    return found or (folder,)


def _is_table(path: Path) -> bool:
    """Hidden files, and those that Excel keeps beside an open workbook ("~$a.xlsx"), are none."""
    return path.suffix.lower() in WORKBOOKS and not path.name.startswith((".", "~$")) and path.is_file()


def read_sources(files: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    """Read the raw bytes of files the user named.

    Raises:
        ReadingError: one is missing, is a folder, or cannot be read.
    """
    return tuple((path.name, _bytes(path)) for path in files)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadingError(f"There is no file {path}.", "Check the name and the folder.") from error
    except IsADirectoryError as error:
        raise ReadingError(
            f"{path} is a folder without a workbook or a text table in it.", "Name the files that hold batch records."
        ) from error
    except OSError as error:
        raise ReadingError(
            f"{path} cannot be read: {error.strerror}.", "Close it in other programs, or check your rights to it."
        ) from error


def new_project(path: Path) -> Path:
    """Make an empty project file and return its path, with the ending .mabdesk added where it lacks one.

    Raises:
        ProjectError: something is there already, or the folder cannot be written to.
    """
    if path.suffix not in {"", ".mabdesk"}:
        raise ProjectError(f"Received {path.name!r} as the name of a project.", "Let it end in .mabdesk.")
    whole = path.with_suffix(".mabdesk")
    create(whole).close()
    return whole


def check_output(path: Path, ending: str, overwrite: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuse to write where something would be lost, before any work is done.

    Raises:
        ProjectError: another ending, a missing folder, a file that is there already (unless `overwrite`), and always a
            project or one of the `inputs`.
    """
    if path.suffix.lower() != ending:
        raise ProjectError(f"Received {path.name!r} as the name of the file to write.", f"Let it end in {ending}.")
    if not path.parent.is_dir():
        raise ProjectError(f"The folder {path.parent} is missing.", "Make it first, or choose another one.")
    if not path.exists():
        return
    if path.is_dir() or _is_project(path) or any(other.exists() and path.samefile(other) for other in inputs):
        what = "a folder" if path.is_dir() else "a project, or the file that is being read"
        raise ProjectError(f"{path} is {what}; nothing is written over it.", "Choose another name.")
    if not overwrite:
        raise ProjectError(f"{path} exists already and is not overwritten.", "Choose another name, or add --overwrite.")


def _is_project(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all. Where it is held open by another program, write beside it under a new name.

    Raises:
        ProjectError: the folder is missing or cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        try:
            part.replace(path)
        except PermissionError:  # Windows: the old one is open in Excel
            path = next(p for p in (path.with_stem(f"{path.stem} ({n})") for n in range(2, 100)) if not p.exists())
            part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ProjectError(
            f"{path} cannot be written: {error.strerror}.", "Choose another folder, or check your rights to this one."
        ) from error
    return path


def fresh_folder(folder: Path) -> Path:
    """Make a folder that holds nothing yet, under another number where one is taken: nothing is ever overwritten.

    Raises:
        ProjectError: no such folder can be made.
    """
    candidates = [folder, *(folder.with_name(f"{folder.name}-{number}") for number in range(2, 1000))]
    chosen = next((one for one in candidates if not one.exists() or (one.is_dir() and not any(one.iterdir()))), None)
    if chosen is None:
        raise ProjectError(f"{folder} and all names like it are taken.", "Name another folder.")
    try:
        chosen.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"The folder {chosen} cannot be made: {error.strerror}.", "Name a folder that you may write to."
        ) from error
    return chosen.resolve()
