"""What a sheet without a table has most like one: so that a refusal says what is lacking, and where."""

from dataclasses import dataclass

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import heading
from mabdesk.data.reading.values.cells import TEXT, Grid
from mabdesk.data.variables import recognize

_LOOKED_AT = 120
_SHOWN = 8


@dataclass(frozen=True)
class Nearest:
    """The row that is most like a header, how many of its texts mean something, and what it lacks."""

    row: int
    likeness: int
    sentence: str


def nearest(grid: Grid) -> Nearest | None:
    """Return what a sheet has most like a header; None for a sheet without texts."""
    rows = range(min(grid.rows, _LOOKED_AT))
    texts = {row: [c.text[row] for c in grid.columns if row < len(c) and c.kind[row] == TEXT] for row in rows}
    texts = {row: found for row, found in texts.items() if found}
    if not texts:
        return None
    likeness = {row: sum(meanings.is_meaningful(heading(0, text)) for text in found) for row, found in texts.items()}
    row = max(texts, key=lambda one: (likeness[one], len(texts[one])))
    found = [heading(0, text) for text in texts[row]]
    lacking = []
    if not any(meanings.names(one, "batch") for one in found):
        lacking.append("batch")
    if not any(meanings.is_time(one) for one in found):
        lacking.append("time")
    if not any(recognize(one.name, "" if one.odd_unit else one.unit) for one in found):
        lacking.append("known variable")
    shown = ", ".join(texts[row][:_SHOWN]) + (" ..." if len(texts[row]) > _SHOWN else "")
    what = f"names no {' and no '.join(lacking)}" if lacking else "has no rows of values below it"
    return Nearest(row, likeness[row], f"the row most like a header ({shown}) {what}")
