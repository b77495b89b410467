"""What would be read from files, before anything is kept: sheets, tables found in them, what each column becomes."""

from dataclasses import dataclass

from mabdesk.data.batch import Source, Variable
from mabdesk.data.mapping import FileMapping, TableMapping, Use
from mabdesk.errors import Problem

SHOWN_ROWS = 200
SHOWN_COLUMNS = 200


@dataclass(frozen=True)
class Area:
    """A rectangle of cells (rows and columns from 0, both ends included) and what it became.

    `column` is the index among the table's columns; -1 for cells that belong to none (a title, a group's header).
    `header` marks the cells that name it.
    """

    top: int
    left: int
    bottom: int
    right: int
    use: Use
    column: int
    header: bool = False


@dataclass(frozen=True)
class TablePreview:
    """One table: its proposed mapping and where its columns lie in the sheet."""

    mapping: TableMapping
    areas: tuple[Area, ...]
    rows: int = 0
    remembered: bool = False  # the mapping was confirmed for an earlier file of this layout


@dataclass(frozen=True)
class SheetPreview:
    """The upper left part of a sheet as texts, and how large the sheet is; `said` tells why it is not read."""

    file: str
    sheet: str
    cells: tuple[tuple[str, ...], ...]
    rows: int
    columns: int
    said: str = ""


@dataclass(frozen=True)
class Preview:
    """All sheets and tables, and what a reading would give: batches and variables, or the errors among `problems`."""

    sources: tuple[Source, ...]
    sheets: tuple[SheetPreview, ...]
    tables: tuple[TablePreview, ...]
    problems: tuple[Problem, ...] = ()
    batches: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    hint: str = ""

    @property
    def refused(self) -> bool:
        """Whether reading the files like this would be refused."""
        return any(problem.severity == "error" for problem in self.problems)

    def mapping(self) -> FileMapping:
        """Return the proposed mapping of all tables."""
        return FileMapping(tuple(table.mapping for table in self.tables))
