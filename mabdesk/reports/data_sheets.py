"""The sheets on data: sources and batches, what reading changed, the split, what cleaning changed."""

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.batch import Batch, Change, Dataset, Split
from mabdesk.data.imported import Reading
from mabdesk.project.results import Result
from mabdesk.reports.sheets import heading, note, pairs, table, title

MOST_ROWS = 5_000
_CHANGE = ("Rule", "Variable", "Batch", "Culture hour", "Cell", "Before", "After", "Values")


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
    pairs(sheet, _settings(result))
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
            c.reason,
        )
        for c in reading.columns
    ]
    table(
        sheet,
        ("Sheet", "Header", "Cell", "Became", "Unit given", "Unit", "Factor", "Reason"),
        columns,
        number_format="General",
    )
    heading(sheet, "Noticed")
    table(sheet, ("Severity", "Where", "What"), [(p.severity, p.where, p.message) for p in reading.problems])
    heading(sheet, "Changes")
    _changes(sheet, reading.changes)


def fill_split(sheet: Worksheet, result: Result) -> None:
    """Write which batch serves for what."""
    chosen: Split = result.value
    title(sheet, f"Split: {result.id}", "Whole batches by use. Locked ones are opened for the final test alone.")
    pairs(sheet, _settings(result), 4)
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
    pairs(sheet, _settings(result), 4)
    heading(sheet, "Counts")
    table(sheet, ("Rule", "Variable", "Values"), counts(changes))
    heading(sheet, "Changes")
    _changes(sheet, changes)


def counts(changes: Sequence[Change]) -> list[tuple[str, str, int]]:
    """Return how many values each rule touched in each variable."""
    found: dict[tuple[str, str], int] = {}
    for change in changes:
        found[change.rule, change.variable] = found.get((change.rule, change.variable), 0) + change.count
    return [(rule, variable, count) for (rule, variable), count in sorted(found.items())]


def _changes(sheet: Worksheet, changes: Sequence[Change]) -> None:
    rows = [(c.rule, c.variable, c.batch, c.hour, c.cell, c.before, c.after, c.count) for c in changes[:MOST_ROWS]]
    table(sheet, _CHANGE, rows, number_format="0.00", filters=True)
    if len(changes) > MOST_ROWS:
        note(sheet, f"{len(changes) - MOST_ROWS} more rows are kept in the project: mabdesk show PROJECT ID --changes")


def _settings(result: Result) -> list[tuple[str, Any]]:
    return [(name.replace("_", " "), _shown(value)) for name, value in result.options.items()]


def _shown(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


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
