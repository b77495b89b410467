"""The sheet of errors in parts of the samples: by phase, culture day, cell line and scale."""

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.parts import PARTED_BY
from mabdesk.analysis.results import Evaluation
from mabdesk.project.results import Result
from mabdesk.reports.evaluation_sheets import how
from mabdesk.reports.sheets import note, table, title


def fill_parts(sheet: Worksheet, result: Result, evaluation: Evaluation) -> None:
    """Write one row a part, model and target: errors, samples, batches."""
    title(sheet, f"Errors by part: {result.id}", how(result, evaluation))
    note(sheet, phases_in_words(evaluation))
    note(sheet, "Bias: mean of predicted less measured.")
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    units = dict(zip(evaluation.targets, evaluation.units, strict=True))
    rows = [
        (
            PARTED_BY.get(p.by, p.by), number_or_text(p.part), labels.get(p.model, p.model), p.target,
            units.get(p.target, ""), p.rmse, p.mae, p.bias, p.n, p.batches,
        )
        for p in evaluation.parts
    ]  # fmt: skip
    headers = ("By", "Part", "Model", "Target", "Unit", "RMSE", "MAE", "Bias", "Samples", "Batches")
    table(sheet, headers, rows, row=sheet.max_row + 2, filters=True)


def phases_in_words(evaluation: Evaluation) -> str:
    """Say by which rule the phases were told."""
    return f"Phases: {evaluation.phase_rule}" if evaluation.phase_rule else "No rule of phases was kept."


def number_or_text(part: str) -> int | str:
    """Return a culture day as a number, so that a filter sorts days by size; all else stays text."""
    return int(part) if part.isdigit() else part
