"""What is dropped on the window, or named at the start: folders give the tables in them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".txt", ".tsv"})
MOST_FILES = 500


def opened_folders(paths: Sequence[Path]) -> list[Path]:
    """Put the tables that lie in a folder, or in folders of it, in its place; an unreadable folder stays as it is."""
    return [file for path in paths for file in (_tables(path) if path.is_dir() else (path,))]


def _tables(folder: Path) -> Iterable[Path]:
    try:
        found = sorted(path for path in folder.rglob("*") if _is_table(path))[:MOST_FILES]
    except OSError:
        return (folder,)
    return found or (folder,)


def _is_table(path: Path) -> bool:
    """Hidden files, and those that Excel keeps beside an open workbook ("~$a.xlsx"), are none."""
    return path.suffix.lower() in WORKBOOKS and not path.name.startswith((".", "~$")) and path.is_file()
