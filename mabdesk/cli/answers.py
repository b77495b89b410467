"""What `--json` prints for each kind of result; the keys are a contract."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mabdesk import commands
from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.results import Evaluation, Predictions, Training
from mabdesk.analysis.searched import Search
from mabdesk.analysis.transferred import Transfer
from mabdesk.cli import comparing, explaining, planned_rows, processing, search_words, transferring
from mabdesk.cli.tables import six_figures
from mabdesk.data.batch import Split
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.imported import Reading
from mabdesk.project.results import Result, ResultInfo
from mabdesk.virtual_plant.truth import TrueRun

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of(result: Result) -> dict[str, Any]:
    """Return the answer for a result of any kind."""
    value = result.value
    if isinstance(value, Reading):
        return imported(value, result.id)
    if isinstance(value, Split):
        uses = {"train": value.train, "validation": value.validation, "test": value.test, "locked": value.locked}
        return {**uses, "result": result.id}
    if isinstance(value, Cleaned):
        return {"changes": counts(value), "total": sum(c.count for c in value.changes), "result": result.id}
    if isinstance(value, Training):
        return trained(value, result)
    if isinstance(value, Evaluation):
        return comparing.answer(value, result.id)
    if isinstance(value, Search):
        return search_words.answer(value, result.id)
    if isinstance(value, Transfer):
        return transferring.answer(value, result.id)
    if isinstance(value, Attribution):
        return explaining.answer(value, result.id)
    if isinstance(value, processing.VALUES):
        return planned_rows.answer(result)
    return {
        "predictions": predictions(value),
        "level": value.level,
        "coverage": value.coverage,
        "notes": value.notes,
        "result": result.id,
    }


def imported(reading: Reading, result: str) -> dict[str, Any]:
    """Return what an import found."""
    sources: dict[str, str] = {}
    for column in reading.columns:
        if column.variable:
            sources.setdefault(column.variable, column.source)
    variables = [
        {"name": v.name, "unit": v.unit, "role": v.role, "source": sources.get(v.name, "")}
        for v in reading.dataset.variables
    ]
    return {
        "batches": list(reading.dataset.ids),
        "variables": variables,
        "problems": reading.problems,
        "simulated": reading.dataset.simulated,
        "result": result,
    }


def trained(training: Training, result: Result) -> dict[str, Any]:
    """Return what training gave."""
    score = training.evaluation.scores[0]
    return {
        "result": result.id,
        "model": training.model.kind,
        "preset": training.model.window_plan.preset,
        "metrics": score,
        "epochs": training.epochs,
        "parameters": training.model.parameters,
        "seconds": round(result.seconds, 1),
        "notes": training.model.notes,
        "verdict": training.evaluation.verdict,
        "evaluation_notes": training.evaluation.notes,
        "level": training.evaluation.level,
        "coverage": [row for row in training.evaluation.coverage if row.model == training.model.kind],
    }


def counts(cleaned: Cleaned) -> list[dict[str, Any]]:
    """Return how many values each rule touched in each variable."""
    found: dict[tuple[str, str], int] = {}
    for change in cleaned.changes:
        found[change.rule, change.variable] = found.get((change.rule, change.variable), 0) + change.count
    return [{"rule": rule, "variable": name, "count": count} for (rule, name), count in sorted(found.items())]


def predictions(found: Predictions) -> list[dict[str, Any]]:
    """Return one row a batch, hour and target: its band where there is one, `measured` where there was a sample."""
    drawn = (found.predicted, found.low, found.high, None)
    sampled = (found.at_samples, found.sample_low, found.sample_high, found.measured)
    rows = []
    for j, (target, unit) in enumerate(zip(found.targets, found.units, strict=True)):
        rows += [
            _row(batch, hours[i], target, unit, [None if table is None else table[i, j] for table in tables])
            for batch_ids, hours, tables in (
                (found.batch_ids, found.hours, drawn),
                (found.sample_batch_ids, found.sample_hours, sampled),
            )
            for i, batch in enumerate(batch_ids)
        ]
    return sorted(rows, key=lambda row: (row["batch"], row["target"], row["hour"]))


def listing(results: Sequence[ResultInfo]) -> dict[str, Any]:
    """Return what a project holds."""
    keys = ("id", "kind", "step", "label", "parents", "options", "seed", "created", "user", "seconds", "content_hash")
    return {"results": [{key: getattr(info, key) for key in keys} for info in results]}


def whole(result: Result) -> dict[str, Any]:
    """Return all that is known of one result."""
    (info,) = listing([result])["results"]
    return {**info, "environment": result.environment, "answer": of(result)}


def true_run(run: TrueRun) -> dict[str, Any]:
    """Return what setpoints truly give; the trajectory is hourly."""
    course = run.trajectory
    columns = {name: course.column(name) for name in course.names}
    return {
        "simulated": True,
        "titer": run.titer,
        "quality": run.quality,
        "setpoints": run.setpoints,
        "trajectory": {"hour": course.hours, **columns},
    }


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    rows = list(rows)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(rows[0] if rows else ())
    for row in rows:
        writer.writerow([_harmless(value) for value in row.values()])
    commands.write_whole(path, stream.getvalue().encode("utf-8-sig"))


def _row(batch: Any, hour: float, target: str, unit: str, values: Sequence[float | None]) -> dict[str, Any]:
    names = ("predicted", "low", "high", "measured")
    return {
        "batch": str(batch),
        "hour": round(float(hour), 4),
        "culture_day": round(float(hour) / 24, 4),
        "target": target,
        "unit": unit,
        **{name: six_figures(value) for name, value in zip(names, values, strict=True)},
    }


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
