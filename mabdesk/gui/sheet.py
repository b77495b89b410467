"""A table of plain values: what stands behind a plot or in a list, to be shown, copied and exported."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """`rows` hold texts, numbers, booleans or None (nothing there); `notes` are sentences that belong to it."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[str, ...] = ()
