"""The sheets on data: sources and batches, what reading changed, the split, what cleaning changed."""

import math
from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.batch import Batch, Change, Dataset, Split
from mabdesk.data.imported import Reading
from mabdesk.project.results import Result
from mabdesk.reports.setting_rows import named
from mabdesk.reports.sheets import heading, note, pairs, table, title

MOST_ROWS = 5_000
_STAND_FOR_MORE = (
    'Where "Values" is above 1, the row stands for a whole column: batch, hour, cell, before and after are an example.'
)


def fill_data(sheet: Worksheet, result: Result) -> None:
    """Write sources with hashes, variables and batches of an imported dataset."""
    dataset: Dataset = result.value.dataset
    title(sheet, f"Data: {result.id}", "What was imported; the raw bytes of every file are kept in the project.")
    table(sheet, ("File", "SHA-256"), [(source.name, source.sha256) for source in dataset.sources], row=4)
    heading(sheet, "Variables")
    table(sheet, ("Variable", "Unit", "Role"), [(v.name, v.unit, v.role) for v in dataset.variables])


def fill_batches(sheet: Worksheet, result: Result) -> None:
    """Write one row a batch: length, measurements, tags and setpoints."""
    dataset: Dataset = result.value.dataset
    title(sheet, f"Batches: {result.id}", "What each batch holds, as it was imported.")
    tags = sorted({tag for batch in dataset.batches for tag in batch.tags})
    setpoints = sorted({name for batch in dataset.batches for name in batch.setpoints})
    headers = ("Batch", "Days", "Sensor rows", "Samples", "Last titer (g/L)", "Events", *tags)
    rows = [_batch(batch, tags, setpoints) for batch in dataset.batches]
    table(sheet, (*headers, *(f"Setpoint {name.replace('_', ' ')}" for name in setpoints)), rows, row=4, filters=True)


def fill_import_log(sheet: Worksheet, result: Result) -> None:
    """Write what every column became, what was noticed, and what was converted or left out."""
    reading: Reading = result.value
    title(sheet, f"Import log: {result.id}", "What each column became, what was noticed, and every change to a value.")
    heading(sheet, "Settings")
    pairs(sheet, named(result.options))
    heading(sheet, "Columns")
    columns = [
        (
            c.sheet,
            c.header,
            c.cell,
            c.variable or c.use,
            c.unit_given,
            c.unit,
            c.factor if c.variable else None,
            f"{c.confidence:.0%}",
            c.reason,
        )
        for c in reading.columns
    ]
    table(
        sheet,
        ("Sheet", "Header", "Cell", "Became", "Unit given", "Unit", "Factor", "Sure", "Reason"),
        columns,
        number_format="General",
    )
    heading(sheet, "Noticed")
    table(sheet, ("Severity", "Where", "What"), [(p.severity, p.where, p.message) for p in reading.problems])
    heading(sheet, "Changes")
    _changes(sheet, reading.changes, "After")


def fill_split(sheet: Worksheet, result: Result) -> None:
    """Write which batch serves for what."""
    chosen: Split = result.value
    title(sheet, f"Split: {result.id}", "Whole batches by use. Locked ones are opened for the final test alone.")
    pairs(sheet, named(result.options), 4)
    uses = (
        ("training", chosen.train),
        ("validation", chosen.validation),
        ("test", chosen.test),
        ("locked", chosen.locked),
    )
    table(
        sheet,
        ("Batch", "Use"),
        [(name, use) for use, names in uses for name in names],
        row=sheet.max_row + 2,
        filters=True,
    )


def fill_cleaning_log(sheet: Worksheet, result: Result) -> None:
    """Write counts by rule and variable, then every change."""
    changes: tuple[Change, ...] = result.value.changes
    title(
        sheet, f"Cleaning log: {result.id}", "Rules are fitted on training batches; every change to a value is listed."
    )
    pairs(sheet, named(result.options), 4)
    heading(sheet, "Counts")
    table(sheet, ("Rule", "Variable", "Values"), counts(changes))
    heading(sheet, "Changes")
    _changes(sheet, changes, "After (as used for looking)")


def counts(changes: Sequence[Change]) -> list[tuple[str, str, int]]:
    """Return how many values each rule touched in each variable."""
    found: dict[tuple[str, str], int] = {}
    for change in changes:
        found[change.rule, change.variable] = found.get((change.rule, change.variable), 0) + change.count
    return [(rule, variable, count) for (rule, variable), count in sorted(found.items())]


def _changes(sheet: Worksheet, changes: Sequence[Change], after: str) -> None:
    if any(_stands_for_column(change) for change in changes):
        note(sheet, _STAND_FOR_MORE)
    headers = ("Rule", "Variable", "Batch", "Culture hour", "Cell", "Before", after, "Values", "In the cell")
    table(sheet, headers, map(_change, changes[:MOST_ROWS]), number_format="General", filters=True)
    if len(changes) > MOST_ROWS:
        note(sheet, f"{len(changes) - MOST_ROWS} more rows are kept in the project: mabdesk show PROJECT ID --changes")


def _stands_for_column(change: Change) -> bool:
    """Tell whether a change is an example of many; a row of a sheet that was left out stands for itself."""
    return change.count > 1 and not change.rule.startswith(("row ", "duplicate row"))


def _change(change: Change) -> tuple[Any, ...]:
    batch = f"e.g. {change.batch}" if change.batch and _stands_for_column(change) else change.batch
    values = (_number(change.before), _number(change.after))
    return (change.rule, change.variable, batch, change.hour, change.cell, *values, change.count, change.given)


def _number(text: str) -> float | str:
    """Return the number that a text writes in full, else the text."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


def _batch(batch: Batch, tags: Sequence[str], setpoints: Sequence[str]) -> tuple[Any, ...]:
    _, titer = batch.offline.measured("titer")
    head = (batch.id, batch.duration / 24, len(batch.online.hours), len(batch.offline.hours))
    last = float(titer[-1]) if len(titer) else None
    return (
        *head,
        last,
        len(batch.events),
        *(batch.tags.get(tag, "") for tag in tags),
        *(batch.setpoints.get(name) for name in setpoints),
    )
