"""Events: from tables of events, and from columns of kinds, marks and remarks beside measurements."""

from collections.abc import Mapping, Sequence

import numpy as np

from mabdesk.data.batch import Event, Floats
from mabdesk.data.reading.batches.rows import Table, text_at
from mabdesk.data.reading.headers.headings import Heading
from mabdesk.data.reading.headers.meanings import kind_of_event
from mabdesk.data.reading.mapping.plans import ColumnPlan
from mabdesk.data.words import words

REMARK = "remark"


def events_of(table: Table, hours: Floats) -> Mapping[str, list[Event]]:
    """Return by batch the events of a table, in the order of its rows."""
    found: dict[str, list[Event]] = {batch: [] for batch in table.ids}
    kinds, marks, remarks = table.plan.headings("event"), table.plan.of("mark"), table.plan.headings("remark")
    if not (kinds or marks or remarks):
        return found
    for place, code in enumerate(table.codes.tolist()):
        if np.isfinite(hours[place]):
            found[table.ids[code]] += _at(table, place, float(hours[place]), kinds, marks, remarks)
    return found


def _at(
    table: Table,
    place: int,
    hour: float,
    kinds: Sequence[Heading],
    marks: Sequence[ColumnPlan],
    remarks: Sequence[Heading],
) -> list[Event]:
    happened = [text for found in kinds if (text := text_at(table, found.column, place))]
    named = [kind_of_event(text) for text in happened]
    named += [plan.tag for plan in marks if text_at(table, plan.heading.column, place).casefold() in words("mark")]
    text = _beside(table, place, remarks)
    if not named:
        # A row of a table of events without a kind still tells of something; so does a remark beside a sample.
        return [Event(hour, REMARK if table.plan.kind == "measurements" else "", text)] if text else []
    return [Event(hour, kind, text) for kind in dict.fromkeys(named)]


def _beside(table: Table, place: int, remarks: Sequence[Heading]) -> str:
    filled = [(found.text, text) for found in remarks if (text := text_at(table, found.column, place))]
    named = len(remarks) > 1
    return "; ".join(f"{name}: {text}" if named else text for name, text in filled)
