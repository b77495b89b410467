"""Headers that name the batch and the variable at once: "B01 VCD", "Titer_B02"."""

import re
from dataclasses import replace

from mabdesk.data.reading.headers import meanings
from mabdesk.data.reading.headers.headings import Heading, heading
from mabdesk.data.reading.layout.block import Header
from mabdesk.data.variables import MEASURED, recognize

_PARTS = re.compile(r"[\s_:|/.\-]+")


def with_batches_in_names(header: Header) -> Header:
    """Take the batches out of headers as groups, where all but the time have one and there are several."""
    if any(header.groups.values()) or any(meanings.names(found, "batch") for found in header.headings):
        return header
    others = [found for found in header.headings if not meanings.is_time(found)]
    split = {found.column: parts for found in others if (parts := parted(found)) is not None}
    timed = any(meanings.is_time(rest) for _, rest in split.values())
    without_time = len(others) == len(header.headings) and not timed
    if len(split) < len(others) or len({batch for batch, _ in split.values()}) < 2 or without_time:
        return header
    groups = {column: batch for column, (batch, _) in split.items()}
    headings = [_renamed(found, split.get(found.column)) for found in header.headings]
    return replace(header, groups=groups, headings=tuple(headings))


def _renamed(found: Heading, parts: tuple[str, Heading] | None) -> Heading:
    if parts is None:
        return found
    batch, rest = parts
    return Heading(found.column, f"{batch} {rest.text}", rest.name, rest.unit or found.unit, rest.odd_unit)


def parted(found: Heading) -> tuple[str, Heading] | None:
    """Return the batch and the rest of "B01 VCD (1e6/mL)"; None where no part names a variable, or all of it does."""
    if recognize(found.name, "" if found.odd_unit else found.unit, MEASURED) is not None:
        return None
    for gap in _PARTS.finditer(found.text):
        before, after = found.text[: gap.start()], found.text[gap.end() :]
        for batch, rest in ((before, after), (after, before)):
            own = heading(found.column, rest, found.unit)
            known = meanings.is_time(own) or recognize(own.name, "" if own.odd_unit else own.unit, MEASURED)
            if known and any(letter.isdigit() for letter in batch) and not heading(0, batch).unit:
                return batch, own
    return None
