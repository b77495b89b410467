"""Beside the scores: every model against the best simple one, and what a split that leaks would have claimed."""

import math

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Difference, Evaluation
from mabdesk.reports.sheets import heading, note, table

LEAK = "A random split of windows puts the same batch into training and test: it leaks, and claims too little error."


def fill_rivals(sheet: Worksheet, evaluation: Evaluation) -> None:
    """Write the differences to the best simple model, and the claims beside the truth; nothing that was not kept."""
    labels = dict(zip(evaluation.models, evaluation.labels, strict=True))
    if evaluation.differences:
        _differences(sheet, evaluation, labels)
    if evaluation.claims:
        _claims(sheet, evaluation, labels)


def _differences(sheet: Worksheet, evaluation: Evaluation, labels: dict[str, str]) -> None:
    heading(sheet, "Difference to the best simple model")
    note(sheet, "RMSE of the simple model less the model's: above 0 the model is better.")
    note(sheet, "Intervals of 95 %: whole batches are drawn anew, the same ones for both models.")
    rows = [
        (labels.get(d.model, d.model), d.target, labels.get(d.rival, d.rival), d.gain, d.low, d.high, said(d))
        for d in evaluation.differences
    ]
    headers = (
        "Model",
        "Target",
        "Best simple model",
        "Difference to best simple",
        "95 %, low",
        "95 %, high",
        "Verdict",
    )
    table(sheet, headers, rows)


def said(difference: Difference) -> str:
    """Say what an interval shows."""
    if not math.isfinite(difference.low):
        return "too few batches to say"
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "not shown to differ"


def _claims(sheet: Worksheet, evaluation: Evaluation, labels: dict[str, str]) -> None:
    heading(sheet, "Random windows would claim")
    note(sheet, LEAK)
    truth = {(score.model, score.target): score for score in evaluation.scores}
    rows = []
    for claim in evaluation.claims:
        true = truth.get((claim.model, claim.target))
        known = (true.rmse, true.r2) if true else (None, None)
        rows.append(
            (labels.get(claim.model, claim.model), claim.target, claim.rmse, known[0], claim.r2, known[1], claim.n)
        )
    headers = (
        "Model", "Target", "RMSE, random windows would claim", "RMSE, whole batches", "R2, random windows would claim",
        "R2, whole batches", "Samples of the claim",
    )  # fmt: skip
    table(sheet, headers, rows)
