"""Events: their kinds in the field's words, their hour and what is written beside them."""

from collections.abc import Mapping

import numpy as np

from mabdesk.data.batch import Event, Floats
from mabdesk.data.reading.tables import Table, text_at
from mabdesk.data.variables import slug

_KINDS = {
    "inoculation": "inoculation inoc inoculated inoculate seeding seed start_of_culture t0",
    "feed": "feed feeding bolus bolus_feed feed_addition feed_added fed",
    "temperature shift": "temperature_shift temp_shift t_shift shift temperature_shifted temp_shifted ts",
    "sample": "sample sampling sampled sample_taken",
    "harvest": "harvest harvested end_of_culture end harvesting",
    "deviation": "deviation dev excursion incident alarm fault",
}
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words.split()}


def kind_of_event(text: str) -> str:
    """Return the field's word for an event ("Inoc." is an inoculation); other texts stay as they are."""
    return _BY_WORD.get(slug(text), text.strip())


def events_of(table: Table, hours: Floats) -> Mapping[str, list[Event]]:
    """Return by batch the events of a table, in the order of its rows."""
    kind = table.plan.headings("event")[0].column
    texts = table.plan.headings("remark")
    found: dict[str, list[Event]] = {batch: [] for batch in table.ids}
    for place, code in enumerate(table.codes.tolist()):
        if np.isfinite(hours[place]):
            beside = [(heading.text, text_at(table, heading.column, place)) for heading in texts]
            filled = [(name, text) for name, text in beside if text]
            named = len(texts) > 1
            text = "; ".join(f"{name}: {text}" if named else text for name, text in filled)
            found[table.ids[code]].append(Event(float(hours[place]), kind_of_event(text_at(table, kind, place)), text))
    return found
