"""What came of reading files; apart from the readers, so that the window and the project file need none of them."""

from dataclasses import dataclass

from mabdesk.data.batch import Change, Dataset, Role
from mabdesk.errors import Problem


@dataclass(frozen=True)
class ColumnReading:
    """What one column became. Canonical value = value in the file * factor + offset; `cell` is the header's."""

    file: str
    sheet: str
    cell: str
    header: str
    use: str
    variable: str = ""
    role: Role | None = None
    unit_given: str = ""
    unit: str = ""
    factor: float = 1.0
    offset: float = 0.0
    reason: str = ""

    @property
    def source(self) -> str:
        """Name the header's place."""
        return ", ".join(filter(None, (self.file, f"sheet {self.sheet}" if self.sheet else "", f"cell {self.cell}")))


@dataclass(frozen=True, eq=False)
class Reading:
    """The dataset, the changes that reading made to values, warnings and notes, and what each column became."""

    dataset: Dataset
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    columns: tuple[ColumnReading, ...]
