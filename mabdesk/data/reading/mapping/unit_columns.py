"""A column of units beside a column of values: it says the unit that the header does not."""

from dataclasses import replace

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.layout.block import Block
from mabdesk.data.reading.values.cells import EMPTY
from mabdesk.data.units import is_unit, tidy
from mabdesk.data.variables import recognize
from mabdesk.errors import Problem


def with_unit_columns(block: Block) -> tuple[Block, list[Problem]]:
    """Give the column left of a column of units its unit; several units in one such column are asked."""
    headings = list(block.headings)
    problems: list[Problem] = []
    for place, found in enumerate(block.headings):
        if not meanings.names(found, "unit") or not place:
            continue
        target = next((i for i in range(place - 1, -1, -1) if _lacks_unit(headings[i])), None)
        texts = _texts(block, found)
        if target is None or not texts or not all(is_unit(text) for text in texts.values()):
            continue
        if len(texts) > 1:
            units = " and ".join(dict.fromkeys(texts.values()))
            name = headings[target].text
            text = f"gives {name!r} in several units ({units}); write each unit's values into its own column"
            problems.append(Problem(block.where(found), text))
            continue
        headings[target] = replace(headings[target], unit=next(iter(texts.values())))
    return replace(block, headings=tuple(headings), known_by=block.known_by or _known_by(block)), problems


def _known_by(block: Block) -> tuple[str, ...]:
    return tuple(found.text for found in block.headings)


def _lacks_unit(found: Heading) -> bool:
    return not found.unit and recognize(found.name) is not None


def _texts(block: Block, found: Heading) -> dict[str, str]:
    """Return the different units of a column, by their plain form."""
    column = block.grid.columns[found.column]
    shown = (column.shown(row).strip("()[]{} ") for row in block.rows.tolist() if column.kind[row] != EMPTY)
    return {tidy(text): text for text in dict.fromkeys(shown)}
