"""What the columns of a table become: proposed, or confirmed by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mabdesk.data.batch import Variable
from mabdesk.data.mapping import TableKind, Use
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.units import SAME, Conversion


@dataclass(frozen=True)
class ColumnPlan:
    """What one column becomes. A variable's canonical value is the cell's value through `conversion`.

    `tag` is the tag's name, or the kind of event that a mark stands for. `by_batch` holds other conversions of single
    batches, where the user said that their values are in another unit.
    """

    heading: Heading
    use: Use
    reason: str = ""
    variable: Variable | None = None
    conversion: Conversion = SAME
    tag: str = ""
    confidence: float = 1.0
    by_batch: Mapping[str, Conversion] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class BlockPlan:
    """What a table becomes."""

    block: Block
    kind: TableKind
    columns: tuple[ColumnPlan, ...]
    remembered: bool = False

    def headings(self, use: Use) -> tuple[Heading, ...]:
        """Return the headings of the columns with this use."""
        return tuple(plan.heading for plan in self.columns if plan.use == use)

    def of(self, use: Use) -> tuple[ColumnPlan, ...]:
        """Return the columns with this use."""
        return tuple(plan for plan in self.columns if plan.use == use)
