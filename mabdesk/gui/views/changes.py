"""What was done to the data, as tables: every change, and counts by rule and variable."""

import math
from collections import Counter
from collections.abc import Sequence

from mabdesk.data.batch import Change
from mabdesk.gui.sheet import Sheet

HEADERS = ("Rule", "Variable", "Batch", "Culture day", "Before", "After", "Values", "Cell", "In the cell")


def changes_sheet(changes: Sequence[Change], title: str) -> Sheet:
    """List every change."""
    return Sheet(title, HEADERS, tuple(_row(change) for change in changes))


def counts_sheet(changes: Sequence[Change]) -> Sheet:
    """Count values by rule and variable."""
    found: Counter[tuple[str, str]] = Counter()
    for change in changes:
        found[change.rule, change.variable] += change.count
    rows = tuple((rule, variable, count) for (rule, variable), count in found.items())
    return Sheet("Changes by rule", ("Rule", "Variable", "Values"), rows)


def of_rule(changes: Sequence[Change], rule: str, variable: str) -> tuple[Change, ...]:
    """Return the changes of one rule to one variable."""
    return tuple(change for change in changes if change.rule == rule and change.variable == variable)


def _row(change: Change) -> tuple[object, ...]:
    day = None if math.isnan(change.hour) else change.hour / 24
    return (
        change.rule, change.variable, change.batch, day, _number(change.before), _number(change.after), change.count,
        change.cell, change.given,
    )  # fmt: skip


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text
