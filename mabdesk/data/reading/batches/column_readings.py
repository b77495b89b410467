"""What each column became, for the user and for the list that is kept."""

from collections.abc import Sequence

from mabdesk.data.imported import ColumnReading
from mabdesk.data.reading.batches.roles import Dated
from mabdesk.data.reading.mapping.plans import BlockPlan, ColumnPlan


def column_readings(plans: Sequence[BlockPlan], tables: Sequence[Dated]) -> tuple[ColumnReading, ...]:
    """Return one entry a column, with the variable that it is in the end."""
    final: dict[int, dict[int, ColumnPlan]] = {id(s.table.plan): {} for item in tables for s in item.series}
    for item in tables:
        for series in item.series:
            final[id(series.table.plan)][series.plan.heading.column] = series.plan
    found = []
    for plan in plans:
        for first in plan.columns:
            column = final.get(id(plan), {}).get(first.heading.column, first)
            variable, heading = column.variable, column.heading
            place = plan.block.grid
            cell = place.where(plan.block.header_row, heading.column).rpartition("cell ")[2]
            found.append(
                ColumnReading(
                    place.file, place.sheet, cell, heading.text, column.use,
                    variable.name if variable else column.tag, variable.role if variable else None,
                    heading.unit, variable.unit if variable else "",
                    column.conversion.factor, column.conversion.offset, column.reason, column.confidence,
                )
            )  # fmt: skip
    return tuple(found)
