"""What each command says to people: the figures of a result, in sentences and small tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.results import Evaluation, Predictions, Training
from mabdesk.analysis.searched import Search
from mabdesk.analysis.transferred import Transfer
from mabdesk.cli import answers, explaining, processing, transferring
from mabdesk.cli.comparing import evaluation
from mabdesk.cli.search_words import searched
from mabdesk.cli.tables import table
from mabdesk.data.batch import Split
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.imported import Reading
from mabdesk.project.audit import AuditEntry
from mabdesk.project.results import Result, ResultInfo
from mabdesk.project.verify import Verification
from mabdesk.virtual_plant.truth import TrueRun
from mabdesk.wording import significant, time_text

_MOST_LINES, _LONGEST = 12, 60
SIMULATED = "SIMULATED DATA"


def of(result: Result) -> str:
    """Say what a result is."""
    value = result.value
    if isinstance(value, Reading):
        return imported(value)
    if isinstance(value, Split):
        return split(value)
    if isinstance(value, Cleaned):
        return cleaned(value)
    if isinstance(value, Training):
        return trained(value, result.seconds)
    if isinstance(value, Evaluation):
        return evaluation(value)
    if isinstance(value, Search):
        return searched(value)
    if isinstance(value, Transfer):
        return transferring.words(value)
    if isinstance(value, Attribution):
        return explaining.words(value)
    if isinstance(value, processing.VALUES):
        return processing.words(result)
    return predicted(value)


def imported(reading: Reading) -> str:
    """Say what was read and what was noticed."""
    dataset = reading.dataset
    sensors = sum(len(batch.online.hours) for batch in dataset.batches)
    samples = sum(len(batch.offline.hours) for batch in dataset.batches)
    head = f"Read {len(dataset.batches)} batches: {sensors} rows of sensors, {samples} samples."
    names = {role: dataset.names(role) for role in ("online", "offline", "target", "quality", "setpoint")}
    lines = [f"{SIMULATED}. {head}" if dataset.simulated else head]
    lines += [f"  {role}: {', '.join(found)}" for role, found in names.items() if found]
    return "\n".join([*lines, *noticed(reading)])


def noticed(reading: Reading) -> list[str]:
    """List what was noticed about a file, the gravest first."""
    graded = sorted(reading.problems, key=lambda problem: ("error", "warning", "note").index(problem.severity))
    lines = [f"  {problem.severity}: {problem}" for problem in graded]
    return ["Noticed:", *shortened(lines, "more; all of them with --json or in the report")] if lines else []


def split(chosen: Split) -> str:
    """Say which batches serve for what."""
    uses = (
        ("training", chosen.train),
        ("validation", chosen.validation),
        ("test", chosen.test),
        ("locked", chosen.locked),
    )
    return "\n".join(f"{use}, {len(ids)} batches: {', '.join(ids)}" for use, ids in uses)


def cleaned(value: Cleaned) -> str:
    """Say how many values each rule touched."""
    rows = [(row["rule"], row["variable"], row["count"]) for row in answers.counts(value)]
    return table(("Rule", "Variable", "Values"), rows) if rows else "Nothing had to be changed."


def trained(training: Training, seconds: float) -> str:
    """Say what training gave."""
    lines = [
        f"Trained in {time_text(seconds)}: {training.evaluation.labels[0]}, "
        f"{training.model.window_plan.preset.replace('_', ' ')}"
        + (f", {training.model.parameters:,} parameters." if training.model.parameters else "."),
        evaluation(training.evaluation),
    ]
    return "\n".join(lines)


def predicted(found: Predictions) -> str:
    """Say the newest prediction of each batch, and what share of the file's own samples the bands held."""
    rows = []
    for batch in dict.fromkeys(found.batch_ids.tolist()):
        there = np.flatnonzero(found.batch_ids == batch)
        last = there[np.argmax(found.hours[there])]
        columns = [(float(found.predicted[last, j]), _band(found, last, j)) for j in range(len(found.targets))]
        rows.append((batch, float(found.hours[last]) / 24, *(cell for column in columns for cell in column)))
    named = [(f"{t} ({u})", f"{100 * found.level:g} % band") for t, u in zip(found.targets, found.units, strict=True)]
    headers = ("Batch", "Culture day", *(header for pair in named for header in pair))
    head = f"{found.label}, {found.preset.replace('_', ' ')}:"
    return "\n".join([head, table(headers, rows), *_held(found), *found.notes])


def _band(found: Predictions, row: int, target: int) -> str | None:
    """Say the band of one value, None where there is none."""
    if found.low is None or found.high is None or not np.isfinite(found.high[row, target]):
        return None
    return f"{significant(found.low[row, target])} to {significant(found.high[row, target])}"


def _held(found: Predictions) -> list[str]:
    """Say how many of the file's own samples lay inside the bands."""
    units = dict(zip(found.targets, found.units, strict=True))
    return [
        f"The {100 * row.level:g} % band of {row.target} holds {100 * row.covered:.1f} % of the file's {row.n} samples "
        f"from {row.batches} batches that the model had not seen "
        f"(mean width {significant(row.width)} {units[row.target]})."
        for row in found.coverage
        if row.by == "all"
    ]


def true_run(run: TrueRun) -> str:
    """Say what setpoints truly give."""
    quality = ", ".join(f"{name} {significant(value)} %" for name, value in run.quality.items())
    setpoints = table(("Setpoint", "Value"), [(name, float(value)) for name, value in run.setpoints.items()])
    return (
        f"Simulated truth, cell line {run.line} at {run.scale_l:g} L: titer {significant(run.titer)} g/L on day "
        f"{run.setpoints['harvest_day']:g}; {quality}\n{setpoints}"
    )


def listing(results: Sequence[ResultInfo]) -> str:
    """List what a project holds."""
    if not results:
        return "The project holds no result yet. Next: mabdesk import PROJECT WORKBOOK.xlsx"
    rows = [
        (
            info.id,
            info.step,
            ", ".join(info.parents),
            _options(info),
            time_text(info.seconds),
            info.created[:19],
            info.user,
        )
        for info in results
    ]
    return table(("Result", "Step", "Made from", "Settings", "Took", "Created (UTC)", "By"), rows)


def whole(result: Result, changes: bool) -> str:
    """Say all that is known of one result."""
    about = [
        ("Result", result.id),
        ("Step", result.step),
        ("Made from", ", ".join(result.parents) or "files"),
        ("Seed", result.seed),
        ("Created (UTC)", result.created),
        ("By", result.user),
        ("Content hash", result.content_hash),
        *((name, _shown(value)) for name, value in result.options.items()),
    ]
    parts = [table(("", ""), about), of(result)]
    if changes:
        parts.append(_changes(result.value.changes))
    return "\n\n".join(parts)


def verification(found: Verification) -> str:
    """Say what was checked."""
    lines = [f"{'ok    ' if check.passed else 'FAILED'}  {check.name}: {check.sentence}" for check in found.checks]
    return "\n".join([*lines, "Nothing was altered." if found.ok else "Something is not as it was written."])


def audit(entries: Sequence[AuditEntry], of_all: int) -> str:
    """List audit entries."""
    rows = [(e.seq, e.utc[:19], e.user, e.action, e.subject[:24], e.reason, e.hash[:12]) for e in entries]
    shown = table(("Entry", "UTC", "By", "Action", "Subject", "Reason", "Hash"), rows)
    return f"{shown}\n{len(entries)} of {of_all} entries."


def _changes(changes: Sequence[Any]) -> str:
    rows = [(c.rule, c.variable, c.batch, c.hour, c.cell, c.before, c.after, c.count, c.given) for c in changes]
    return table(("Rule", "Variable", "Batch", "Hour", "Cell", "Before", "After", "Values", "In the cell"), rows)


def _options(info: ResultInfo) -> str:
    by_group = info.options.get("folds_by", "batch") != "batch"  # then the number of folds says nothing
    telling = ("model", "preset", "folds_by" if by_group else "folds", "prior", "scenarios", "output", "quick")
    said = {name: info.options[name] for name in telling if info.options.get(name)}
    return ", ".join(f"{name} {_listed(value)}" for name, value in said.items())


def _listed(value: Any) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _shown(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, str) and "\n" in value:
        return "as confirmed: all of it with --json"
    return ", ".join(map(str, value)) or "all that fit" if isinstance(value, list | tuple) else str(value)


def shortened(lines: Sequence[str], rest: str) -> list[str]:
    """Return the first lines, and how many more there are."""
    if len(lines) <= _MOST_LINES:
        return list(lines)
    return [*lines[:_MOST_LINES], f"  ... and {len(lines) - _MOST_LINES} {rest}"]
