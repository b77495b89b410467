"""What a header can mean beside a variable: batch, time, start, end, kind of event, remark, tag."""

import functools
import re

from mabdesk.data.reading.headers.headings import Heading, is_time_unit
from mabdesk.data.variables import recognize, slug
from mabdesk.data.words import words

_KINDS = {
    "inoculation": "inoculation inoc inoculated inoculate seeding seed start_of_culture t0",
    "feed": "feed feeding bolus bolus_feed feed_addition feed_added fed",
    "temperature shift": "temperature_shift temp_shift t_shift shift temperature_shifted temp_shifted ts",
    "sample": "sample sampling sampled sample_taken",
    "harvest": "harvest harvested end_of_culture end harvesting",
    "deviation": "deviation dev excursion incident alarm fault",
}
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_OTHERS = ("batch", "start", "end", "event", "remark", "cell_line", "scale", "tag", "parameter", "value")


def key(name: str) -> str:
    """Bring a name into the form of the lists of words."""
    return slug(name).replace("_", "")


def names(found: Heading, *kinds: str) -> bool:
    """Tell whether a header is one of the words of these kinds."""
    name = key(found.name)
    return any(name in words(kind) for kind in kinds)


def is_time(found: Heading) -> bool:
    """Tell whether a header names a point or a span of time for each row."""
    return names(found, "date", "hours", "days") or (
        names(found, "elapsed") and (not found.unit or found.odd_unit or is_time_unit(found.unit))
    )


def is_day_word(word: str) -> bool:
    """Tell whether a word before a number says that it counts days ("Day 3", "D3")."""
    return key(word) in words("days") or key(word) in {"t", "jour", "j"}


def is_hour_word(word: str) -> bool:
    """Tell whether a word before a number says that it counts hours ("h 48")."""
    return key(word) in words("hours")


@functools.lru_cache(maxsize=65536)
def is_summary(text: str) -> bool:
    """Tell whether a label says that what it labels sums others up ("Mean", "Grand total")."""
    plain = text.casefold().strip(":. ")
    parts = set(re.findall(r"[^\W\d_]+", plain))
    return "_".join(plain.split()) in words("summary") or bool(parts & set(words("summary_part")))


def tag_name(found: Heading) -> str:
    """Return the name of the tag that a header means, "" when it is none that is known."""
    for tag in ("cell_line", "scale"):
        if names(found, tag):
            return tag
    return slug(found.name) if names(found, "tag") else ""


def is_meaningful(found: Heading) -> bool:
    """Tell whether a header names anything that a batch record has."""
    unit = "" if found.odd_unit else found.unit
    return names(found, *_OTHERS) or is_time(found) or recognize(found.name, unit) is not None


def kind_of_event(text: str) -> str:
    """Return the field's word for an event ("Inoc." is an inoculation); other texts stay as they are."""
    return _BY_WORD.get(slug(text), text.strip())


def is_event_kind(kind: str) -> bool:
    """Tell whether this is one of the kinds of events that the field names."""
    return kind in _KINDS
