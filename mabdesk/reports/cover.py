"""The sheets that frame a report: cover, summary, environment, glossary."""

from collections.abc import Sequence

from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.data.imported import Reading
from mabdesk.project.results import Result
from mabdesk.reports.attribution_sheets import unreliable_warning
from mabdesk.reports.evaluation_sheets import quick_warning
from mabdesk.reports.plan import ReportPlan
from mabdesk.reports.result_sentences import about, sentences
from mabdesk.reports.sheets import heading, links, note, pairs, signatures, table, title, warning

SIMULATED = "SIMULATED DATA: these batches come from mabdesk's virtual plant, not from a bioreactor."
MOST_WARNINGS = 10
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
    (
        "Phase",
        "Inoculation, growth, stationary, decline: told by the rule on growth rate and viability that is stated.",
    ),
    (
        "Best simple model",
        "The one with the least error among those that are no networks and see no more than they do.",
    ),
    ("Difference", "RMSE of the best simple model less the model's; its interval comes from whole batches drawn anew."),
    ("Random windows", "A split that puts one batch into training and test. It leaks: what it claims is no skill."),
    ("Claim", "What random windows would have claimed of a model; it stands beside the truth on whole batches."),
    (
        "Conformal band",
        "Band whose width comes from errors on whole batches held out; it promises its level on average.",
    ),
    (
        "Coverage",
        "Share of real samples of batches that took no part that lay inside the band; beside the level asked.",
    ),
    ("Dropout band", "Spread of predictions with random masks, as in the paper; not calibrated, mostly too narrow."),
    ("Trial", "One choice of settings, measured on folds of whole batches at a fixed, cheap budget."),
    ("Nested folds", "A search anew inside each outer fold, judged on batches that it never saw: an honest verdict."),
    ("Transfer", "A model of a new cell line or scale that learns from other batches too; local: from its own alone."),
    (
        "Attribution",
        "What each variable contributed to a prediction, beside that of a usual course. Association, no cause.",
    ),
    (
        "Integrated gradients",
        "Contributions summed along the straight line from the usual course to the batch's own (Sundararajan 2017).",
    ),
    ("Completeness", "Contributions add up to the prediction less the usual one; the error of that sum is stated."),
    (
        "Shapley value, shap",
        "A variable's mean effect over all orders of telling a model its inputs; shap is the library for it.",
    ),
    ("Occlusion", "A variable is set to its usual course; how far the prediction moves is its importance."),
    ("Permutation importance", "A variable's values are swapped between windows; how much worse predictions get."),
    ("Trust tests", "Tests that an attribution must pass to be believed; where one fails, it is drawn in grey."),
    ("Shuffled targets", "Every batch is given the target of another one: what models then show is what chance shows."),
    ("Floor", "What 95 % of models of shuffled targets give a variable at most, as mean |contribution|."),
    ("Deletion", "Variables are set to the usual course in the order of the map, and in random orders for comparison."),
    ("Inert variable", "A copy of a sensor from another batch: it tells nothing, so a map should give it nothing."),
    ("Temporal rescaling", "Steps of a window weighed by what leaving them out changes (Ismail et al. 2020)."),
    ("Process model", "Model of a whole batch from its plan: what it becomes at other setpoints."),
    ("Plan", "Setpoints of a whole batch, from inoculation to harvest."),
    (
        "Prior",
        "What the process model's networks start from; the one that is shipped was learned from simulated plants.",
    ),
    ("Experience", "What the batches in training had; outside of it a prediction is not supported by any batch."),
    ("Locked batches", "Set aside before anything was fitted, opened for the final test alone."),
    ("Content hash", "SHA-256 over a result, its settings, its seed and its parents' hashes."),
)


def fill_cover(sheet: Worksheet, plan: ReportPlan, contents: Sequence[tuple[str, str]] = ()) -> None:
    """Write the cover: what this is, which results, `contents` as sheet names with sentences, lines for signatures."""
    title(sheet, "mabdesk report", "Models of titer from CHO fed-batch records")
    _warnings(sheet, plan)
    known = (
        ("Report", plan.report_id),
        ("Project", plan.project),
        ("Written", plan.created),
        ("By", plan.user),
        ("mabdesk", plan.version),
        ("Audit chain head", plan.head),
    )
    pairs(sheet, (*known, *_openings(plan)), sheet.max_row + 2)
    heading(sheet, "Results in this report")
    table(
        sheet,
        ("Result", "Step", "Made from", "Seed", "Created (UTC)", "By", "Content hash (start)"),
        map(_lineage, plan.results),
    )
    if contents:
        heading(sheet, "Contents")
        first, last = table(sheet, ("Sheet", "What it shows"), contents)
        links(sheet, range(first, last + 1))
    heading(sheet, "Limits of use")
    for sentence in _LIMITS:
        note(sheet, sentence)
    heading(sheet, "Signatures")
    signatures(sheet, ("Author", "Reviewer", "Approver"), ("Role", "Name", "Date", "Meaning of the signature"))


def fill_summary(sheet: Worksheet, plan: ReportPlan) -> None:
    """Write what import warned of, then the verdicts in sentences: of every result that says something."""
    title(sheet, "Summary", "What was found, in sentences; the other sheets hold the numbers.")
    _warnings(sheet, plan)
    noticed = _noticed(plan)
    if noticed:
        heading(sheet, "Open warnings from import")
    for line in noticed:
        note(sheet, line)
    for result in plan.in_order:
        heading(sheet, f"{result.id}: {about(result)}")
        for sentence in sentences(result):
            note(sheet, sentence)


def fill_environment(sheet: Worksheet, plan: ReportPlan) -> None:
    """Write with what each result was made; results made alike share a column."""
    title(
        sheet,
        "Environment",
        "Versions and machine that made each result; the same input and seed give the same output.",
    )
    names = sorted({name for result in plan.results for name in result.environment})
    alike: dict[tuple[str, ...], list[str]] = {}
    for result in plan.results:
        alike.setdefault(tuple(str(result.environment.get(name, "")) for name in names), []).append(result.id)
    rows = [(name, *values) for name, *values in zip(names, *alike, strict=True)]
    table(sheet, ("", *(", ".join(ids) for ids in alike.values())), rows, row=4)
    heading(sheet, "Content hashes")
    table(sheet, ("Result", "SHA-256"), [(result.id, result.content_hash) for result in plan.results])


def _warnings(sheet: Worksheet, plan: ReportPlan) -> None:
    if plan.simulated:
        warning(sheet, SIMULATED)
    if plan.quick:
        warning(sheet, quick_warning(plan.quick))
    if plan.unreliable:
        warning(sheet, unreliable_warning(plan.unreliable))


def _openings(plan: ReportPlan) -> list[tuple[str, str]]:
    """Say how often the locked batches were opened; tests in the report count where the caller told of none."""
    tests = [result.id for result in plan.results if result.kind == "final-test"]
    told = plan.openings or tuple(f"For {name}" for name in tests)
    if not told and not any(result.kind == "split" for result in plan.results):
        return []
    times = f"{len(told)} time{'s' * (len(told) != 1)}" if told else "never"
    return [("Locked batches opened", times), *(("", sentence) for sentence in told)]


def _noticed(plan: ReportPlan) -> list[str]:
    """Return at most 10 lines on warnings and errors that stand since import."""
    found = [
        f"{result.id}, {problem.severity}: {problem}"
        for result in plan.results
        if isinstance(result.value, Reading)
        for problem in result.value.problems
        if problem.severity in {"warning", "error"}
    ]
    if len(found) <= MOST_WARNINGS:
        return found
    shown = MOST_WARNINGS - 1
    return [*found[:shown], f"{len(found) - shown} more are on the sheet Import log."]


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
