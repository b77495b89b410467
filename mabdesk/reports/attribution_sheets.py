"""The sheets of an attribution: whether to believe it, how it was computed, the ranking (Table 6), contributions."""

import math
from collections.abc import Iterable

import numpy as np
from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution, Importance
from mabdesk.data.batch import Dataset
from mabdesk.project.results import Result
from mabdesk.reports.attribution_maps import fill_maps, with_unit
from mabdesk.reports.charts import BLUE, GREY, add_error_bars, as_bars, bars, column, sized
from mabdesk.reports.evaluation_sheets import fill_settings, quick_warning
from mabdesk.reports.sheets import heading, note, pairs, table, title, warning

MOST_ROWS = 5000
_METHODS = {"integrated_gradients": "Integrated gradients", "tree": "TreeExplainer (shap)"}
_PASSED = {True: "yes", False: "no", None: "could not be said"}
_ROWS_A_BAR, _ROWS_BESIDE = 1.2, 7  # of a sheet, that a bar and a chart's title and axis take
_CM_A_ROW = 0.53


def fill_attribution(sheet: Worksheet, result: Result, quick: bool = False, dataset: Dataset | None = None) -> None:
    """Write what moved a model's predictions, when, and whether to believe it; `dataset` names lines and scales."""
    found: Attribution = result.value
    title(sheet, f"What moved the {found.target} predicted: {result.id}", _what(found))
    if quick:
        warning(sheet, quick_warning([result.id]))
    if found.reliable:
        note(sheet, f"Verdict: {found.verdict}")
    else:
        warning(sheet, f"{_sentence(found.verdict)} Everything drawn is grey.")
    for text in (NOT_CAUSE, *found.notes):
        note(sheet, text)
    heading(sheet, "How it was computed")
    pairs(
        sheet, [("Explained result", ", ".join(p for p in result.parents if p.startswith("model-"))), *_computed(found)]
    )
    _trust(sheet, found)
    _ranking(sheet, found)
    _checks(sheet, found)
    fill_maps(sheet, found, dataset)
    fill_settings(sheet, result)


def fill_contributions(sheet: Worksheet, result: Result) -> None:
    """Write the contribution of every variable to every explained window, by batch and culture day."""
    found: Attribution = result.value
    title(sheet, f"Contributions: {result.id}", _what(found))
    if not found.reliable:
        warning(sheet, _sentence(found.verdict))
    note(sheet, NOT_CAUSE)
    unit = f", all in {found.unit}" if found.unit else ""
    note(sheet, f"A row's contributions add up to predicted less typical, but for the completeness error{unit}.")
    count = len(found.hours)
    if count > MOST_ROWS:
        note(sheet, f"{MOST_ROWS} of {count} rows: `mabdesk explain --output` writes all of them.")
    headers = ("Batch", "Culture day", "Learned from", "Predicted", "Typical", *found.variables)
    rows = [
        (
            str(found.batch_ids[n]),
            float(found.hours[n]) / 24,
            "yes" if found.learned[n] else "no",
            *map(float, (found.predicted[n], found.typical[n], *found.contributions[n])),
        )
        for n in range(min(count, MOST_ROWS))
    ]
    table(sheet, headers, rows, row=sheet.max_row + 2, filters=True)


def unreliable_warning(ids: Iterable[str]) -> str:
    """Return the sentence that stands wherever attributions that failed a trust test are listed."""
    return f"NOT RELIABLE, their maps and rankings are not for use: {', '.join(ids)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _what(found: Attribution) -> str:
    preset = found.preset.replace("_", " ").capitalize()
    return f"{preset}, {found.label}: contributions to predicted {with_unit(found.target, found.unit)}."


def _computed(found: Attribution) -> list[tuple[str, object]]:
    batches = {str(name): bool(own) for name, own in zip(found.batch_ids, found.learned, strict=True)}
    of_parts = f"{len(found.parts)}: {', '.join(found.parts)}" if found.parts else "1"
    known = [
        ("Model", f"{found.label} ({found.kind}), {found.preset.replace('_', ' ')}"),
        ("Parts of the model", of_parts),
        ("Method", _METHODS.get(found.method, found.method.replace("_", " "))),
        ("Compared with", found.baseline_sentence),
        ("Temporal rescaling", "yes" if found.rescaled else "no"),
        ("Interpolation steps", found.interpolation_steps),
        ("Completeness error", _percent(found.completeness_error)),
        ("Windows", len(found.hours)),
        ("Batches", f"{len(batches)}, of which the model learned from {sum(batches.values())}"),
    ]
    return [row for row in known if row[0] != "Interpolation steps" or found.interpolation_steps]


def _percent(share: float) -> str:
    return f"{100 * share:.2g} % of the mean departure from the baseline" if math.isfinite(share) else "not known"


def _trust(sheet: Worksheet, found: Attribution) -> None:
    heading(sheet, "Trust tests")
    if not found.trust:
        note(sheet, "None was run.")
        return
    rows = [(one.label, _PASSED[one.passed], one.value, one.limit, one.sentence) for one in found.trust]
    table(sheet, ("Test", "Passed", "Measured", "Limit", "In words"), rows)


def _ranking(sheet: Worksheet, found: Attribution) -> None:
    """Write the ranking in the form of the paper's Table 6, and draw it with its interval."""
    heading(sheet, "Ranking of variables")
    note(sheet, "Relative importance: a variable's share of the mean |contribution|, summed over all variables.")
    note(sheet, "95 %: whole batches drawn anew. Refits: least and largest share in models of half the batches.")
    note(
        sheet,
        "Direction: correlation of a variable's departure from usual with its contribution; +1: more gives more.",
    )
    note(sheet, "Floor: what models of shuffled targets give it anyway, the physics that every model is told included.")
    headers = (
        "Variable", "Relative importance", "95 %, low", "95 %, high", "Refits, low", "Refits, high",
        with_unit("Mean |contribution|", found.unit), with_unit("Parts disagree by", found.unit), "Direction",
        with_unit("Floor", found.unit), "Above floor", "95 %, up", "95 %, down",
    )  # fmt: skip
    placed = table(sheet, headers, [_ranked(found, one) for one in found.ranking])
    _chart(sheet, found, placed, len(headers) - 1)


def _ranked(found: Attribution, one: Importance) -> tuple[object, ...]:
    above = "" if math.isnan(one.floor) else "yes" if one.above_floor else "no"
    apart = float(np.mean(found.disagreement[:, found.variables.index(one.variable)])) if len(found.parts) > 1 else None
    return (
        one.variable, one.relative, one.low, one.high, one.refit_low, one.refit_high, one.mean_abs, apart,
        one.direction, one.floor, above, _length(one.high - one.relative), _length(one.relative - one.low),
    )  # fmt: skip


def _length(value: float) -> float:
    return max(value, 0.0) if math.isfinite(value) else 0.0


def _chart(sheet: Worksheet, found: Attribution, placed: tuple[int, int], up: int) -> None:
    if not found.ranking:
        return
    flaw = "" if found.reliable else ", not reliable"
    chart = bars(f"What moved predicted {found.target}{flaw}", "Relative importance")
    series = Series(column(sheet, 2, placed), title="relative importance, 95 % interval")
    as_bars(series, BLUE if found.reliable else GREY)
    add_error_bars(series, column(sheet, up, placed), column(sheet, up + 1, placed), along=True)
    chart.series.append(series)
    chart.set_categories(column(sheet, 1, placed))
    chart.y_axis.scaling.min = 0
    rows = math.ceil(_ROWS_A_BAR * len(found.ranking)) + _ROWS_BESIDE
    sized(chart, 20.0, rows * _CM_A_ROW)
    row = sheet.max_row + 2
    sheet.add_chart(chart, f"A{row}")
    note(sheet, NOT_CAUSE, row + rows + 1)


def _checks(sheet: Worksheet, found: Attribution) -> None:
    """Write how other ways rank the variables; 1 is the largest."""
    heading(sheet, "Cross-checks")
    if not found.checks:
        note(sheet, "None was asked for.")
        return
    note(sheet, "Spearman: rank correlation over variables with the ranking above; 1 is the same order.")
    rows = [(one.label, one.spearman, one.windows, one.sentence) for one in found.checks]
    table(sheet, ("Way", "Spearman", "Windows", "In words"), rows)
    known = [one for one in found.checks if len(one.mean_abs) == len(found.variables)]
    if not known:
        return
    heading(sheet, "Ranks by each way")
    ranks = [dict(zip(found.variables, _ranks(one.mean_abs), strict=True)) for one in known]
    table(
        sheet,
        ("Variable", "Here", *(one.label for one in known)),
        [(one.variable, place, *(r[one.variable] for r in ranks)) for place, one in enumerate(found.ranking, start=1)],
    )


def _ranks(values: tuple[float, ...]) -> list[int | None]:
    """Return the rank of every value, 1 for the largest; None for what is no number."""
    known = sorted((value for value in values if math.isfinite(value)), reverse=True)
    return [known.index(value) + 1 if math.isfinite(value) else None for value in values]
