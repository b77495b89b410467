"""The sheets that frame a report: cover, summary, environment, glossary."""

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Evaluation, Training
from mabdesk.project.results import Result
from mabdesk.reports.plan import ReportPlan
from mabdesk.reports.sheets import heading, note, pairs, table, title, warning

SIMULATED = "SIMULATED DATA: these batches come from mabdesk's virtual plant, not from a bioreactor."
_LIMITS = (
    "The figures hold for batches like those in this report: the same process, cell lines, scales and assays.",
    "Models are judged on whole batches that took no part in fitting; a batch unlike these may be predicted worse.",
    "Estimates support a decision; they do not replace a measurement.",
)
_TERMS = (
    ("Batch", "One run of one bioreactor. Batches are split whole: no batch is in training and test at once."),
    ("Culture day", "Time since inoculation in days."),
    ("VCD, IVCD", "Viable cell density (1e6 cells/mL) and its integral over time."),
    ("Soft sensor", "Model of the titer now, from everything measured so far but titer."),
    ("Forecast", "Model of the titer ahead, from everything measured so far, titer included."),
    ("RMSE, MAE", "Root mean square error and mean absolute error, in the unit of the target; smaller is better."),
    ("R2", "Share of the spread that is explained. Titer rises every day, so a value above 0.9 is easily reached."),
    ("DTS", "Mean cosine similarity of predicted and measured trajectories over 24 h; near 1 for any model."),
    ("DTS*", "Agreement of predicted and measured deviations from the mean trajectory; 0 for no skill, 1 for perfect."),
    ("Final-day RMSE", "RMSE at the last sample of each batch."),
    ("Fold", "A group of batches held out together; all that is fitted for it comes from the other groups."),
    ("Locked batches", "Set aside before anything was fitted, opened for the final test alone."),
    ("Content hash", "SHA-256 over a result, its settings, its seed and its parents' hashes."),
)


def fill_cover(sheet: Worksheet, plan: ReportPlan) -> None:
    """Write the cover: what this is, which results, lines for signatures."""
    title(sheet, "mabdesk report", "Models of titer from CHO fed-batch records")
    if plan.simulated:
        warning(sheet, SIMULATED, 3)
    pairs(
        sheet,
        (
            ("Report", plan.report_id),
            ("Project", plan.project),
            ("Written", plan.created),
            ("By", plan.user),
            ("mabdesk", plan.version),
            ("Audit chain head", plan.head),
        ),
        5,
    )
    heading(sheet, "Results in this report")
    table(
        sheet,
        ("Result", "Step", "Made from", "Seed", "Created (UTC)", "By", "Content hash (start)"),
        map(_lineage, plan.results),
    )
    heading(sheet, "Limits of use")
    for sentence in _LIMITS:
        note(sheet, sentence)
    heading(sheet, "Signatures")
    roles = [(role, "", "", "") for role in ("Author", "Reviewer", "Approver")]
    table(sheet, ("Role", "Name", "Date", "Meaning of the signature"), roles)


def fill_summary(sheet: Worksheet, plan: ReportPlan) -> None:
    """Write the verdicts in sentences."""
    title(sheet, "Summary", "What was found, in sentences; the other sheets hold the numbers.")
    if plan.simulated:
        warning(sheet, SIMULATED)
    for result in plan.results:
        if isinstance(result.value, Training | Evaluation):
            heading(sheet, f"{result.id}: {_about(result)}")
            for sentence in _sentences(result):
                note(sheet, sentence)


def fill_environment(sheet: Worksheet, plan: ReportPlan) -> None:
    """Write with what each result was made."""
    title(
        sheet,
        "Environment",
        "Versions and machine that made each result; the same input and seed give the same output.",
    )
    names = sorted({name for result in plan.results for name in result.environment})
    rows = [(name, *(str(result.environment.get(name, "")) for result in plan.results)) for name in names]
    table(sheet, ("", *(result.id for result in plan.results)), rows, row=4)
    heading(sheet, "Content hashes")
    table(sheet, ("Result", "SHA-256"), [(result.id, result.content_hash) for result in plan.results])


def fill_glossary(sheet: Worksheet) -> None:
    """Write what the words mean."""
    title(sheet, "Glossary")
    table(sheet, ("Term", "Meaning"), _TERMS, row=3)


def _lineage(result: Result) -> tuple[str, str, str, int | None, str, str, str]:
    return (
        result.id,
        result.step,
        ", ".join(result.parents) or "files",
        result.seed,
        result.created[:19],
        result.user,
        result.content_hash[:16],
    )


def _about(result: Result) -> str:
    evaluation = result.value.evaluation if isinstance(result.value, Training) else result.value
    preset = evaluation.preset.replace("_", " ")
    how = {"train": "one model on the test batches", "final-test": "one model on the locked batches"}
    return f"{preset}, {how.get(result.step, f'{evaluation.folds} folds of whole batches')}"


def _sentences(result: Result) -> tuple[str, ...]:
    evaluation: Evaluation = result.value.evaluation if isinstance(result.value, Training) else result.value
    best = evaluation.score(evaluation.models[0]) if result.step != "compare" else None
    if best is None:
        return (evaluation.verdict, *evaluation.notes)
    unit = evaluation.units[0]
    figures = (
        f"{best.label}: RMSE {best.rmse:.3f} {unit}, final-day RMSE {best.final_day_rmse:.3f} {unit}, "
        f"on {best.n} samples of {best.batches} batches."
    )
    return (figures, evaluation.verdict, *evaluation.notes)
