"""What a header can mean beside a variable: batch, time, start, end, kind of event, remark, tag."""

from mabdesk.data.reading.headings import Heading, is_time_unit
from mabdesk.data.variables import recognize, slug
from mabdesk.data.words import words

_OTHERS = ("batch", "start", "end", "event", "remark", "cell_line", "scale", "tag")


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
        names(found, "elapsed") and (not found.unit or is_time_unit(found.unit))
    )


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
